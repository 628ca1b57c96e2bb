/// Sign-in by LDAP against a real directory: right, wrong, empty and cunning passwords and names; TLS;
/// groups.
#include "plugins/ldap/settings.hpp"
#include "tests/support/directory_server.hpp"
#include "tests/support/login_offer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <talon/testing/plugin_under_test.hpp>

namespace talon::ldap {
namespace {

using support::DirectoryServer;
using ::testing::HasSubstr;

Json settings_for(const DirectoryServer& server) {
  return Json::object({{"server", server.url()},
                       {"security", "starttls"},
                       {"authority", server.certificate()},
                       {"bind_dn", DirectoryServer::service()},
                       {"bind_password", "directory"},
                       {"base", "ou=people,dc=talon,dc=test"},
                       {"filter", "(&(objectClass=inetOrgPerson)(mail={login}))"},
                       {"subject", "entryUUID"},
                       {"email", "mail"},
                       {"name", "cn"},
                       {"group_base", "ou=groups,dc=talon,dc=test"},
                       {"group_filter", "(&(objectClass=groupOfNames)(member={dn}))"},
                       {"group_name", "cn"},
                       {"member_of", "memberOf"},
                       {"roles", Json::array({"billing -> accountant", "selling -> sales"})},
                       {"link", "invited"},
                       {"session_minutes", 480},
                       {"renew_seconds", 900}});
}

class Ldap : public ::testing::Test {
 protected:
  Ldap() : plugin(host) {
    host.settings = settings_for(server());
    host.secrets["directory"] = DirectoryServer::service_password();
  }
  static DirectoryServer& server() {
    static DirectoryServer directory;
    return directory;
  }
  void set(const char* name, Json value) { host.settings.set(name, std::move(value)); }
  Result<Json> verify(const Json& request) {
    if (!is_started_) {
      EXPECT_TRUE(plugin.start());
    }
    is_started_ = true;
    return support::verify(plugin, request);
  }
  Result<Json> sign_in(const std::string& login, const std::string& password) {
    return verify(Json::object({{"email", login}, {"password", password}}));
  }
  static std::string why(const Result<Json>& result) {
    if (result) return "taken: " + result->to_string();
    if (result.error().code != Code::Unauthenticated) return "error: " + result.error().message;
    if (result.error().details.empty()) return "not asked";
    return std::string((*Json::parse(result.error().details))["why"].string());
  }

  talon::testing::FakeHost host;
  talon::testing::PluginUnderTest plugin;

 private:
  bool is_started_ = false;
};

const std::string kAnn = DirectoryServer::password_of("ann");

TEST_F(Ldap, TheRightPasswordIsAClaimWithTheRolesOfTheGroups) {
  const auto ann = sign_in("ann@talon.test", kAnn);
  ASSERT_TRUE(ann) << why(ann);
  EXPECT_EQ((*ann)["subject"].string().size(), 36U) << "an entryUUID";
  EXPECT_EQ((*ann)["issuer"].string(), "ou=people,dc=talon,dc=test") << "the same when the server moves";
  EXPECT_EQ((*ann)["email"].string(), "ann@talon.test");
  EXPECT_EQ((*ann)["name"].string(), "Ann Example");
  EXPECT_EQ((*ann)["roles"].to_string(), R"(["accountant"])");
  EXPECT_EQ((*ann)["proved_us"].integer(), host.clock.now_us());
  EXPECT_EQ((*ann)["kept"].string().find(kAnn), std::string_view::npos) << "the password is not kept";
  const auto bob = sign_in("bob@talon.test", DirectoryServer::password_of("bob"));
  ASSERT_TRUE(bob);
  EXPECT_EQ((*bob)["roles"].to_string(), R"(["accountant","sales"])");
}

TEST_F(Ldap, OverLdapsTheSame) {
  set("server", server().tls_url());
  EXPECT_TRUE(sign_in("ann@talon.test", kAnn));
}

TEST_F(Ldap, AWrongPasswordIsRefused) {
  EXPECT_EQ(why(sign_in("ann@talon.test", "wrong")), "password");
  EXPECT_EQ(why(sign_in("ann@talon.test", DirectoryServer::password_of("bob"))), "password");
  EXPECT_EQ(why(sign_in("zoe@talon.test", kAnn)), "no_such_person");
}

TEST_F(Ldap, AnEmptyPasswordIsRefusedThoughTheDirectoryWouldTakeIt) {
  EXPECT_EQ(why(sign_in("ann@talon.test", "")), "password_empty");
  EXPECT_EQ(why(verify(Json::object({{"email", "ann@talon.test"}}))), "password_empty");
}

TEST_F(Ldap, ANameIsComparedAndMeansNothing) {
  for (const char* login :
       {"*", "*)(uid=*", "ann*", "ann@talon.test)(uid=ann", "a\\6en@talon.test", "*)(|(mail=*", "(", "\\"}) {
    EXPECT_EQ(why(sign_in(login, kAnn)), "no_such_person") << login;
  }
  EXPECT_EQ(why(sign_in(std::string("ann@talon.test\0", 15), kAnn)), "not asked");
}

TEST_F(Ldap, WhereSeveralPeopleFitNobodyComesIn) {
  set("filter", "(|(mail={login})(sn=Example))");
  EXPECT_EQ(why(sign_in("ann@talon.test", kAnn)), "several_people");
}

TEST_F(Ldap, AGroupThatIsTakenAwayIsGoneAtTheNextRenewalAndAPersonToo) {
  const auto before = sign_in("bob@talon.test", DirectoryServer::password_of("bob"));
  ASSERT_TRUE(before);
  const auto renew = [&] { return verify(Json::object({{"step", "renew"}, {"kept", (*before)["kept"]}})); };
  const std::string member = "dn: cn=Billing,ou=groups,dc=talon,dc=test\nchangetype: modify\n";
  server().change(member + "delete: member\nmember: uid=bob,ou=people,dc=talon,dc=test\n");
  const auto after = renew();
  server().change(member + "add: member\nmember: uid=bob,ou=people,dc=talon,dc=test\n");
  ASSERT_TRUE(after) << why(after);
  EXPECT_EQ((*after)["roles"].to_string(), R"(["sales"])");
  EXPECT_EQ((*after)["subject"], (*before)["subject"]);
  EXPECT_TRUE((*after)["proved_us"].is_null()) << "a renewal is no proof";
  const std::string person =
      "dn: uid=bob,ou=people,dc=talon,dc=test\nchangetype: modify\nreplace: mail\nmail: ";
  server().change(person + "robert@talon.test\n");
  EXPECT_EQ(why(renew()), "no_such_person");
  server().change(
      "dn: uid=ann,ou=people,dc=talon,dc=test\nchangetype: modify\nreplace: mail\nmail: bob@talon.test\n");
  EXPECT_EQ(why(renew()), "another_person");
  server().change(
      "dn: uid=ann,ou=people,dc=talon,dc=test\nchangetype: modify\nreplace: mail\nmail: ann@talon.test\n");
  server().change(person + "bob@talon.test\n");
}

TEST_F(Ldap, WithoutATrustedCertificateNoPasswordGoesOut) {
  set("authority", "");
  const auto answer = sign_in("ann@talon.test", kAnn);
  EXPECT_THAT(why(answer), HasSubstr("error: " + server().url() + ": TLS"));
}

TEST_F(Ldap, ADirectoryWithoutTlsIsNotAsked) {
  DirectoryServer plain(DirectoryServer::Tls::Absent);
  set("server", plain.url());
  set("authority", "");
  EXPECT_THAT(why(sign_in("ann@talon.test", kAnn)), HasSubstr("TLS"));
}

TEST_F(Ldap, OnThisMachineAloneClearTextIsPossible) {
  DirectoryServer plain(DirectoryServer::Tls::Absent);
  set("server", plain.url());
  set("authority", "");
  set("security", "none");
  EXPECT_TRUE(sign_in("ann@talon.test", kAnn));
}

TEST_F(Ldap, ADirectoryThatIsDownIsToldFromAWrongPassword) {
  DirectoryServer other;
  host.settings = settings_for(other);
  ASSERT_TRUE(sign_in("ann@talon.test", kAnn));
  other.stop();
  const auto answer = sign_in("ann@talon.test", kAnn);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::Unavailable) << answer.error().message;
  other.start();
  EXPECT_TRUE(sign_in("ann@talon.test", kAnn));
}

TEST_F(Ldap, AWrongPasswordOfTheServiceNamesItsPlace) {
  host.secrets["directory"] = "wrong";
  EXPECT_THAT(why(sign_in("ann@talon.test", kAnn)), HasSubstr("plugins.settings.ldap.bind_password"));
}

TEST_F(Ldap, PasswordsOfOtherDomainsAndInvitationsAreNotShownToIt) {
  set("domains", Json::array({"Talon.test"}));
  EXPECT_TRUE(sign_in("ann@TALON.test", kAnn));
  EXPECT_EQ(why(sign_in("ann@example.com", kAnn)), "not asked");
  EXPECT_EQ(why(sign_in("ann", kAnn)), "not asked");
  EXPECT_EQ(why(verify(Json::object({{"email", "ann@talon.test"}, {"password", kAnn}, {"code", "x"}}))),
            "not asked");
  EXPECT_EQ(why(verify(Json::object({{"step", "begin"}}))), "not asked");
}

TEST(LdapSettings, MistakesAreNamedAllAtOnceAndWithoutAServerThereAreNone) {
  EXPECT_TRUE(read_settings(Json::object()));
  const auto read = [](const char* server, const char* security) {
    return read_settings(Json::object({{"server", server},
                                       {"security", security},
                                       {"bind_dn", "cn=talon"},
                                       {"filter", "(mail=ann)"},
                                       {"roles", Json::array({"billing"})}}));
  };
  const auto clear = read("ldap://directory.example.com", "none");
  ASSERT_FALSE(clear);
  for (const char* part :
       {"ldap.security: none sends passwords in clear text", "ldap.bind_password", "ldap.base: missing",
        "ldap.filter", "entry 1, \"billing\": write GROUP -> ROLE"}) {
    EXPECT_THAT(clear.error().message, HasSubstr(part));
  }
  for (const char* server :
       {"ldap://localhost.evil.test", "ldap://127.0.0.1.evil.test", "ldap://evil.test/localhost",
        "ldap://localhost@evil.test", "ldap://localhost:389@evil.test", "ldap://[::1]evil.test"}) {
    EXPECT_THAT(read(server, "none").error().message, HasSubstr("clear text")) << server;
  }
  for (const char* server : {"http://localhost", "ldaps://a ldap://b", "localhost"}) {
    EXPECT_THAT(read(server, "starttls").error().message, HasSubstr("ldap.server")) << server;
  }
}

TEST(Filters, TakeValuesEscaped) {
  EXPECT_EQ(escaped("*)(uid=*"), "\\2a\\29\\28uid=\\2a");
  EXPECT_EQ(escaped(std::string("a\\\0 é", 6)), "a\\5c\\00\\20\\c3\\a9");
  EXPECT_EQ(filled("(|(mail={login})(uid={login}))", "{login}", "a*"), "(|(mail=a\\2a)(uid=a\\2a))");
  EXPECT_EQ(filled("(mail={login})", "{login}", "{login}"), "(mail={login})") << "filled once";
}

}  // namespace
}  // namespace talon::ldap
