/// Sign-in with a directory's password at the running daemon: roles by groups, refusals in the log, and what
/// goes on while the directory is down.
#include "tests/integration/people/house.hpp"
#include "tests/support/directory_server.hpp"

namespace talon::people {
namespace {

using support::DirectoryServer;
using ::testing::UnorderedElementsAre;

class Ldap : public People {
 protected:
  Ldap() : Ldap(std::make_unique<DirectoryServer>()) {}

  Answer enter(const std::string& name, const std::string& address = "127.0.0.1") const {
    return sign_in(name + "@talon.test", DirectoryServer::password_of(name), address);
  }
  std::vector<std::string> roles_of(const Answer& signed_in) const {
    ApiClient who(talon.port(), std::string(signed_in.json["token"].string()));
    return People::roles_of(who);
  }

  std::unique_ptr<DirectoryServer> directory;

 private:
  explicit Ldap(std::unique_ptr<DirectoryServer> started)
      : People(
            {.settings = "  settings:\n    ldap: {server: \"" + started->url() + "\", authority: " +
                         started->certificate() + ", bind_dn: \"" + DirectoryServer::service() +
                         "\", bind_password: !secret directory, base: \"ou=people,dc=talon,dc=test\", "
                         "group_base: \"ou=groups,dc=talon,dc=test\", roles: [billing -> accountant, selling "
                         "-> sales]}\n"}),
        directory(std::move(started)) {
    keep_secret("directory", DirectoryServer::service_password());
  }
};

TEST_F(Ldap, SomebodyInvitedComesInWithTheRolesOfTheirGroupsAndLosesThemWithTheGroup) {
  const std::string id = invited("bob", "time_only");
  EXPECT_THAT(roles_of(enter("bob")),
              UnorderedElementsAre("accountant", "viewer", "employee", "sales", "time_only"));
  EXPECT_EQ(admin->get("/api/v1/users/" + id).json["state"].string(), "active");
  directory->change(
      "dn: cn=Billing,ou=groups,dc=talon,dc=test\nchangetype: modify\ndelete: member\n"
      "member: uid=bob,ou=people,dc=talon,dc=test\n");
  EXPECT_THAT(roles_of(enter("bob")), UnorderedElementsAre("employee", "sales", "time_only"));
  EXPECT_EQ(enter("ann").status, 401) << "nobody invited her";
  EXPECT_EQ(refusals("no_such_user"), 1);
  ASSERT_EQ(admin->post("/api/v1/users/" + id + "/disable", Json::object()).status, 200);
  EXPECT_EQ(enter("bob").status, 401);
  EXPECT_EQ(refusals("not_active"), 1);
}

TEST_F(Ldap, WrongEmptyAndCunningOnesAreRefusedLoggedAndSlowedDown) {
  invited("bob", "time_only");
  ASSERT_EQ(enter("bob").status, 201);
  for (const char* password : {"", "wrong", "*"}) {
    const Answer answer = sign_in("bob@talon.test", password, "127.0.0.9");
    EXPECT_EQ(answer.status, 401) << password;
    EXPECT_EQ(answer.text.find("directory"), std::string::npos) << "the answer does not tell who said no";
  }
  for (const char* login : {"*", "*)(uid=*", "bob*", "bob@talon.test)(uid=bob"}) {
    EXPECT_EQ(sign_in(login, DirectoryServer::password_of("bob"), "127.0.0.10").status, 401) << login;
  }
  EXPECT_GE(logged("kind is access and action is sign_in_refused"), 7);
  EXPECT_EQ(sign_in("bob@talon.test", "wrong", "127.0.0.9").status, 401);
  EXPECT_EQ(sign_in("bob@talon.test", "wrong", "127.0.0.9").status, 401);
  EXPECT_EQ(enter("bob", "127.0.0.9").status, 429) << "not even the right one";
  EXPECT_EQ(enter("bob", "127.0.0.11").status, 201) << "the owner, from elsewhere";
}

TEST_F(Ldap, WhileTheDirectoryIsDownPasswordsOfOursWork) {
  invited("bob", "time_only");
  const Answer before = enter("bob");
  ASSERT_EQ(before.status, 201);
  directory->stop();
  EXPECT_EQ(enter("bob").status, 503) << "told from a wrong password";
  EXPECT_EQ(sign_in(std::string(RunningTalon::kAdminEmail), RunningTalon::kPassword).status, 201);
  ApiClient bob(talon.port(), std::string(before.json["token"].string()));
  EXPECT_EQ(bob.get("/api/v1/me").status, 200);
  directory->start();
  EXPECT_EQ(enter("bob").status, 201);
}

}  // namespace
}  // namespace talon::people
