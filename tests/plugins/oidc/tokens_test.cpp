/// Tokens that nobody should take, from a provider that says whatever the test wants; and those to take.
#include "plugins/oidc/codec.hpp"
#include "plugins/oidc/sign_in.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/login_offer.hpp"
#include "tests/support/peers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <talon/testing/plugin_under_test.hpp>

namespace talon::oidc {
namespace {

using support::ApiClient;
using support::NodePeer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Tokens : public ::testing::Test {
 protected:
  Tokens() : plugin(host), control(static_cast<uint16_t>(provider().port())) {
    host.settings = Json::object({{"issuer", provider().url()},
                                  {"client_id", "talon"},
                                  {"client_secret", "oidc"},
                                  {"client_auth", "basic"},
                                  {"address", "https://billing.talon.test/"},
                                  {"scopes", "openid profile email"},
                                  {"groups_claim", "groups"},
                                  {"roles", Json::array({"billing -> accountant", "billing -> viewer",
                                                         "cn=a -> b -> sales", "staff -> viewer"})},
                                  {"link", "invited"},
                                  {"session_minutes", 480},
                                  {"renew_seconds", 900}});
    host.secrets["oidc"] = "shh";
    publish(Json::array({"first", "ec"}));
  }
  static NodePeer& provider() {
    static NodePeer peer("forger.mjs");
    return peer;
  }
  void publish(const Json& keys) { EXPECT_EQ(control.post("/publish", keys).status, 200); }
  int64_t requests(const char* path) { return control.get("/requests").json[path].integer(); }

  Result<Json> verify(const Json& request) { return support::verify(plugin, request); }
  /// Starts the plugin and begins a visit.
  void begin() {
    ASSERT_TRUE(plugin.start());
    const auto begun = verify(Json::object({{"step", "begin"},
                                            {"origin", "http://evil.test"},
                                            {"return", "/back"},
                                            {"state", "the-state"},
                                            {"again", false},
                                            {"language", "en"}}));
    ASSERT_TRUE(begun) << begun.error().message;
    go_to = begun->operator[]("go_to").string();
    secret = (*begun)["secret"];
  }
  /// Claims that are to be taken.
  Json good() {
    const int64_t now = host.clock.now_us() / 1'000'000;
    return Json::object({{"iss", provider().url()},
                         {"aud", "talon"},
                         {"sub", "ann"},
                         {"iat", now},
                         {"exp", now + 300},
                         {"nonce", secret["nonce"]},
                         {"email", "ann@talon.test"},
                         {"email_verified", true},
                         {"groups", Json::array({"billing"})}});
  }
  static Json with(Json claims, const char* name, Json value) { return claims.set(name, std::move(value)); }
  Result<Json> finish(const Json& code, Json parameters = Json::object()) {
    parameters.set("code", base64url(code.to_string())).set("state", "the-state");
    return verify(Json::object({{"step", "finish"}, {"parameters", parameters}, {"secret", secret}}));
  }
  Result<Json> finish_with(const Json& claims) { return finish(Json::object({{"claims", claims}})); }
  /// Why it was refused, from the details for the audit log.
  static std::string why(const Result<Json>& result) {
    if (result) return "taken: " + result->to_string();
    if (result.error().code != Code::Unauthenticated) return "error: " + result.error().message;
    return std::string((*Json::parse(result.error().details))["why"].string());
  }

  talon::testing::FakeHost host;
  talon::testing::PluginUnderTest plugin;
  ApiClient control;
  std::string go_to;
  Json secret;
};

TEST_F(Tokens, TheWayThereAsksForACodeWithANonceAndAChallenge) {
  begin();
  EXPECT_TRUE(go_to.starts_with(provider().url() + "/authorize?response_type=code&client_id=talon&"))
      << go_to;
  EXPECT_THAT(go_to, HasSubstr("redirect_uri=https%3A%2F%2Fbilling.talon.test%2Fback&"));
  EXPECT_THAT(go_to, HasSubstr("state=the-state&nonce=" + std::string(secret["nonce"].string()) + "&"));
  const std::string challenge = base64url(sha256(secret["verifier"].string()));
  EXPECT_THAT(go_to, HasSubstr("code_challenge=" + challenge + "&code_challenge_method=S256"));
  EXPECT_EQ(secret["verifier"].string().size(), 43U);
}

TEST_F(Tokens, AGoodOneIsAClaimWithTheRolesOfItsGroups) {
  begin();
  const auto claim = finish_with(with(good(), "auth_time", 1795255000));
  ASSERT_TRUE(claim) << why(claim);
  EXPECT_EQ((*claim)["subject"].string(), "ann");
  EXPECT_EQ((*claim)["issuer"].string(), provider().url());
  EXPECT_EQ((*claim)["roles"].to_string(), R"(["accountant","viewer"])");
  EXPECT_TRUE((*claim)["email_verified"].boolean());
  EXPECT_EQ((*claim)["proved_us"].integer(), 1795255000000000);
  EXPECT_EQ((*claim)["session_s"].integer(), 480 * 60);
  EXPECT_TRUE((*claim)["kept"].is_null()) << "there was no refresh token";
  EXPECT_TRUE(finish(Json::object({{"claims", good()}, {"alg", "PS256"}})));
  EXPECT_TRUE(finish(Json::object({{"claims", good()}, {"alg", "ES256"}, {"key", "ec"}})));
  EXPECT_TRUE(finish(Json::object({{"claims", good()}, {"kid", ""}}))) << "a token may name no key";
}

TEST_F(Tokens, OneWithoutASignatureIsRefused) {
  begin();
  EXPECT_EQ(why(finish(Json::object({{"claims", good()}, {"alg", "none"}}))), "token_algorithm");
}

TEST_F(Tokens, OneSignedWithThePublicKeyAsASharedSecretIsRefused) {
  begin();
  EXPECT_EQ(why(finish(Json::object({{"claims", good()}, {"alg", "HS256"}}))), "token_algorithm");
}

TEST_F(Tokens, OneOfAStrangersKeyIsRefused) {
  begin();
  const Json forged = Json::object({{"claims", good()}, {"key", "stranger"}, {"kid", "first"}});
  EXPECT_EQ(why(finish(forged)), "token_signature");
  EXPECT_EQ(why(finish(Json::object({{"claims", good()}, {"key", "stranger"}}))), "token_key");
  EXPECT_EQ(why(finish(Json::object({{"claims", good()}, {"key", "stranger"}, {"kid", ""}}))), "token_key");
}

TEST_F(Tokens, OneOfAnotherIssuerIsRefused) {
  begin();
  EXPECT_EQ(why(finish_with(with(good(), "iss", "https://login.example.com"))), "token_issuer");
  EXPECT_EQ(why(finish_with(with(good(), "iss", provider().url() + "/"))), "token_issuer");
}

TEST_F(Tokens, OneForSomebodyElseIsRefused) {
  begin();
  EXPECT_EQ(why(finish_with(with(good(), "aud", "another"))), "token_audience");
  const Json both = Json::array({"talon", "another"});
  EXPECT_EQ(why(finish_with(with(good(), "aud", both))), "token_party");
  EXPECT_EQ(why(finish_with(with(with(good(), "aud", both), "azp", "another"))), "token_party");
  EXPECT_TRUE(finish_with(with(with(good(), "aud", both), "azp", "talon")));
}

TEST_F(Tokens, OneWithAnotherNonceIsRefused) {
  begin();
  EXPECT_EQ(why(finish_with(with(good(), "nonce", "of another visit"))), "token_nonce");
  EXPECT_EQ(why(finish_with(with(good(), "nonce", Json()))), "token_nonce");
}

TEST_F(Tokens, OneOutOfItsTimeIsRefused) {
  begin();
  const int64_t now = host.clock.now_us() / 1'000'000;
  EXPECT_EQ(why(finish_with(with(good(), "exp", now - 61))), "token_expired");
  EXPECT_TRUE(finish_with(with(good(), "exp", now - 30))) << "clocks differ by a little";
  EXPECT_EQ(why(finish_with(with(good(), "exp", Json()))), "token_expired");
  EXPECT_EQ(why(finish_with(with(good(), "exp", INT64_MIN))), "token_expired");
  EXPECT_EQ(why(finish_with(with(good(), "iat", now + 120))), "token_not_yet");
  EXPECT_EQ(why(finish_with(with(good(), "nbf", now + 120))), "token_not_yet");
}

TEST_F(Tokens, AChangedKeyIsFetchedAndMadeUpOnesDoNotMakeUsAsk) {
  begin();
  ASSERT_TRUE(finish_with(good()));
  publish(Json::array({"second"}));
  const int64_t before = requests("/keys");
  EXPECT_TRUE(finish(Json::object({{"claims", good()}, {"key", "second"}})));
  EXPECT_EQ(requests("/keys"), before + 1);
  EXPECT_EQ(why(finish_with(good())), "token_key") << "the old one is gone";
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(why(finish(Json::object({{"claims", good()}, {"key", "stranger"}}))), "token_key");
  }
  EXPECT_EQ(requests("/keys"), before + 1);
  host.clock.advance(std::chrono::seconds(11));
  EXPECT_EQ(why(finish(Json::object({{"claims", good()}, {"key", "stranger"}}))), "token_key");
  EXPECT_EQ(requests("/keys"), before + 2);
}

TEST_F(Tokens, ACodeThatTheProviderRefusesIsRefused) {
  begin();
  EXPECT_EQ(why(finish(Json::object({{"error", "invalid_grant"}}))), "code_refused");
  EXPECT_THAT(why(finish(Json::object({{"error", "invalid_client"}}))), HasSubstr("plugins.settings.oidc"));
  EXPECT_EQ(why(finish(Json::object({{"claims", good()}}), Json::object({{"error", "access_denied"}}))),
            "provider_refused");
  EXPECT_EQ(
      why(finish(Json::object({{"claims", good()}}), Json::object({{"iss", "https://login.example.com"}}))),
      "answer_issuer");
}

TEST_F(Tokens, WhatTheTokenLeavesOutUserinfoSaysOfTheSamePersonAlone) {
  begin();
  Json bare = good();
  auto& members = bare.mutable_members();
  std::erase_if(members, [](const auto& member) { return member.first == "groups"; });
  const auto told = [&](const char* subject) {
    return Json::object({{"sub", subject}, {"groups", Json::array({"staff"})}, {"email", "x@y.test"}});
  };
  const auto claim = finish(Json::object({{"claims", bare}, {"userinfo", told("ann")}}));
  ASSERT_TRUE(claim) << why(claim);
  EXPECT_EQ((*claim)["roles"].to_string(), R"(["viewer"])");
  EXPECT_EQ((*claim)["email"].string(), "ann@talon.test") << "what is signed goes before";
  EXPECT_EQ(why(finish(Json::object({{"claims", bare}, {"userinfo", told("bob")}}))), "userinfo_subject");
}

TEST_F(Tokens, ARenewalIsOfTheSamePersonAndSaysWhatTheyAreNow) {
  begin();
  const auto claim = finish(Json::object({{"claims", good()}, {"refresh", "r1"}}));
  ASSERT_TRUE(claim);
  EXPECT_EQ((*claim)["renew_s"].integer(), 900);
  const auto renew = [&](const Json& answer) {
    const Json kept = Json::object(
        {{"refresh", base64url(answer.to_string())}, {"subject", "ann"}, {"issuer", provider().url()}});
    return verify(Json::object({{"step", "renew"}, {"kept", kept.to_string()}}));
  };
  const auto now = renew(Json::object({{"claims", with(good(), "groups", Json::array({"staff"}))}}));
  ASSERT_TRUE(now) << why(now);
  EXPECT_EQ((*now)["roles"].to_string(), R"(["viewer"])");
  EXPECT_FALSE((*now)["kept"].string().empty()) << "the token that was there goes on";
  EXPECT_EQ(why(renew(Json::object({{"claims", with(good(), "sub", "bob")}}))), "token_subject");
  EXPECT_EQ(why(renew(Json::object({{"error", "invalid_grant"}}))), "code_refused");
}

TEST_F(Tokens, AProviderThatNamesAnotherIssuerIsNotAsked) {
  host.settings.set("issuer", provider().url() + "/liar");
  ASSERT_TRUE(plugin.start());
  const auto begun = verify(Json::object({{"step", "begin"}, {"return", "/back"}, {"state", "s"}}));
  ASSERT_FALSE(begun);
  EXPECT_THAT(begun.error().message, HasSubstr("names the issuer \"https://login.example.com\""));
}

TEST_F(Tokens, WithoutAnAddressOfOursOnlyThisMachineIsSentAnywhere) {
  host.settings.set("address", "");
  ASSERT_TRUE(plugin.start());
  const auto from = [&](const char* origin) {
    return verify(Json::object({{"step", "begin"}, {"origin", origin}, {"return", "/back"}, {"state", "s"}}));
  };
  EXPECT_TRUE(from("http://127.0.0.1:8080"));
  for (const char* origin : {"http://evil.test", "http://127.0.0.1.evil.test", "http://127.0.0.1@evil.test",
                             "http://localhost.evil.test:80", ""}) {
    EXPECT_FALSE(from(origin)) << origin;
  }
}

TEST(Settings, MistakesAreNamedAllAtOnceAndWithoutAnIssuerThereAreNone) {
  EXPECT_TRUE(read_settings(Json::object()));
  const auto read = read_settings(Json::object({{"issuer", "http://login.example.com"},
                                                {"client_auth", "basic"},
                                                {"scopes", "profile"},
                                                {"roles", Json::array({"staff: viewer"})}}));
  ASSERT_FALSE(read);
  for (const char* part : {"plugins.settings.oidc.issuer", "client_id", "client_secret", "openid",
                           "entry 1, \"staff: viewer\": write GROUP -> ROLE"}) {
    EXPECT_THAT(read.error().message, HasSubstr(part));
  }
}

TEST(Groups, StandWhereTheSettingSays) {
  const auto claims = Json::parse(R"({"realm_access":{"roles":["a","b"]},"a.b":"c","n":3})");
  EXPECT_THAT(groups_of(*claims, "realm_access.roles"), ElementsAre("a", "b"));
  EXPECT_THAT(groups_of(*claims, "a.b"), ElementsAre("c"));
  EXPECT_THAT(groups_of(*claims, "n"), IsEmpty());
  EXPECT_THAT(groups_of(*claims, "realm_access.roles.deeper"), IsEmpty());
}

TEST(Codec, WritesWhatItReadsAndRefusesTheRest) {
  for (const char* text : {"", "a", "ab", "abc", "\xff\xfe~?"})
    EXPECT_EQ(*from_base64url(base64url(text)), text);
  for (const char* text : {"a", "ab=", "a+b/", "YR"}) EXPECT_FALSE(from_base64url(text)) << text;
  EXPECT_EQ(base64("ab"), "YWI=");
  EXPECT_EQ(form_encoded({{"a", "1 2"}, {"b", "x&y"}}), "a=1%202&b=x%26y");
}

}  // namespace
}  // namespace talon::oidc
