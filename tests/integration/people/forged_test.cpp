/// Tokens that a provider should not have made, at the running daemon: refused, in the log, others
/// unaffected.
#include "tests/integration/people/outside.hpp"

#include "plugins/oidc/codec.hpp"

#include <ctime>

namespace talon::people {
namespace {

class Forged : public Outside {
 protected:
  Forged() : Outside("forger.mjs", "makes_people: yes") {}
  /// A visit whose code makes the provider answer as the test says. @return where it ends.
  Answer visit(Json code, std::string* cookie = nullptr, std::string* path = nullptr) const {
    Browser browser;
    const std::string there = browser.get(here(kOidc)).location;
    const auto in_query = [&](const std::string& name) {
      const std::size_t at = there.find("&" + name + "=");
      return at == std::string::npos
                 ? std::string()
                 : there.substr(at + name.size() + 2, there.find('&', at + 1) - at - name.size() - 2);
    };
    const int64_t now = std::time(nullptr);
    Json claims = Json::object({{"iss", peer->url()},
                                {"aud", "talon"},
                                {"sub", "ann"},
                                {"iat", now},
                                {"exp", now + 300},
                                {"nonce", in_query("nonce")},
                                {"email", "ann@talon.test"},
                                {"email_verified", true},
                                {"groups", Json::array({"billing"})}});
    for (const auto& [name, value] : code["claims"].members()) claims.set(name, value);
    code.set("claims", claims);
    const std::string back =
        std::string(kReturn) + "?code=" + oidc::base64url(code.to_string()) + "&state=" + in_query("state");
    const std::string sealed = browser.cookie("talon_visit");
    if (cookie != nullptr) *cookie = sealed;
    if (path != nullptr) *path = back;
    ApiClient anybody(talon.port());
    return anybody.call("GET", back, {}, "Cookie: talon_visit=" + sealed + "\r\n");
  }
  static Json claims(const char* name, Json value) {
    return Json::object({{"claims", Json::object({{name, std::move(value)}})}});
  }
};

TEST_F(Forged, TheyAreRefusedAndInTheLogAndOthersAreUnaffected) {
  const std::vector<std::pair<Json, std::string>> cases = {
      {Json::object({{"alg", "none"}}), "token_algorithm"},
      {Json::object({{"alg", "HS256"}}), "token_algorithm"},
      {Json::object({{"key", "stranger"}, {"kid", "first"}}), "token_signature"},
      {claims("iss", "https://login.example.com"), "token_issuer"},
      {claims("aud", "another"), "token_audience"},
      {claims("nonce", "of another visit"), "token_nonce"},
      {claims("exp", std::time(nullptr) - 3600), "token_expired"}};
  for (const auto& [code, why] : cases) {
    const int64_t before = refusals(why);
    const Answer answer = visit(code);
    EXPECT_EQ(answer.status, 401) << code.to_string();
    EXPECT_EQ(answer.text.find(why), std::string::npos) << "the answer does not say why";
    EXPECT_EQ(refusals(why), before + 1) << code.to_string();
    EXPECT_EQ(sign_in(std::string(RunningTalon::kAdminEmail), RunningTalon::kPassword).status, 201);
  }
  EXPECT_EQ(admin->get("/api/v1/users").json["items"].items().size(), 1U) << "nobody was made of them";
  EXPECT_EQ(visit(Json::object()).status, 303) << "and a good one is taken";
}

TEST_F(Forged, AVisitMakesOneSessionEvenAcrossARestart) {
  std::string cookie;
  std::string path;
  ASSERT_EQ(visit(Json::object(), &cookie, &path).status, 303);
  const auto again = [&] {
    ApiClient anybody(talon.port());
    return anybody.call("GET", path, {}, "Cookie: talon_visit=" + cookie + "\r\n").status;
  };
  EXPECT_EQ(again(), 401);
  talon.stop();  // what was in memory is gone; this provider takes a code twice
  open();
  EXPECT_EQ(again(), 401);
  EXPECT_EQ(refusals("state_replayed"), 2);
  EXPECT_EQ(admin->get("/api/v1/sessions?where=" + support::percent_encoded("via is oidc"))
                .json["items"]
                .items()
                .size(),
            1U);
}

TEST_F(Forged, AnAddressThatChangedHandsDoesNotLeadToItsFormerOwner) {
  ASSERT_EQ(visit(Json::object()).status, 303);
  EXPECT_EQ(visit(claims("sub", "eve")).status, 401);
  EXPECT_EQ(refusals("not_linked"), 1);
  EXPECT_EQ(visit(claims("email", "new@talon.test")).status, 303) << "the same person with another address";
  EXPECT_EQ(admin->get("/api/v1/users").json["items"].items().size(), 2U);
}

}  // namespace
}  // namespace talon::people
