/// Seeing with another's eyes (X-16): nothing that changes anything is reachable, by any route of the table.
#include "tests/unit/http/api_fixture.hpp"

#include <gmock/gmock.h>

#include <set>

namespace talon::http::test {
namespace {

using ::testing::HasSubstr;

class ViewAs : public ApiTest {
 protected:
  ViewAs() {
    root_ = add_user("root@talon.test");
    ann_ = add_user("ann@talon.test");
    allow(root_, "view_as", "user", "id is not " + id_text("usr", root_));
    for (const int64_t user : {root_, ann_}) {
      for (const char* type : {"party", "invoice", "receipt"}) allow_all(user, type);
      allow(user, "view", "audit_entry");
    }
    for (const char* action : {"view", "create", "edit"}) allow(root_, action, "user");
    token_ = sign_in("root@talon.test");
    sign_in("ann@talon.test");
    const Answer made = call(token_, "POST", "/api/v1/parties", R"({"name":"Acme"})");
    EXPECT_EQ(made.status, 201) << made.text;
    party_ = made.body["id"].string();
  }
  Answer as_ann(const std::string& method, const std::string& target, const std::string& body = {}) {
    return call(token_, method, target, body,
                {{"Talon-View-As", id_text("usr", ann_)}, {"If-Match", "\"v1\""}});
  }
  std::string all_records() {
    std::string text;
    for (const char* plural : {"parties", "invoices", "receipts"})
      text += call(token_, "GET", std::string("/api/v1/") + plural).text;
    return text;
  }

  int64_t root_ = 0;
  int64_t ann_ = 0;
  std::string token_;
  std::string party_;
};

TEST_F(ViewAs, NoRouteThatIsNoGetIsReachable) {
  const std::string before = all_records();
  std::set<std::string> tried;
  for (const Route& route : api_->router()->routes()) {
    if (route.method == "GET") continue;
    std::string target = route.pattern;
    for (std::size_t at = target.find('{'); at != std::string::npos; at = target.find('{'))
      target.replace(at, target.find('}') - at + 1, route.type == "party" ? party_ : "x");
    const Answer answer = as_ann(route.method, target, R"({"name":"Bolt"})");
    EXPECT_EQ(answer.status, 403) << route.method << " " << route.pattern << " " << answer.text;
    EXPECT_THAT(answer.text, HasSubstr("(the header Talon-View-As) out")) << route.pattern;
    tried.insert(route.pattern);
  }
  EXPECT_TRUE(tried.contains("/api/v1/session") && tried.contains("/api/v1/me/tokens") &&
              tried.contains("/api/v1/session/proof") && tried.contains("/api/v1/access/check") &&
              tried.contains("/api/v1/plugins/{name}/commands/{command}"));
  EXPECT_GE(tried.size(), 30U);
  EXPECT_EQ(all_records(), before);
}

TEST_F(ViewAs, OfTheGetRoutesOnlyThoseThatLookAreReachable) {
  for (const Route& route : api_->router()->routes()) {
    if (route.method != "GET") continue;
    std::string target = route.pattern;
    for (std::size_t at = target.find('{'); at != std::string::npos; at = target.find('{'))
      target.replace(at, target.find('}') - at + 1, "x");
    const bool is_stream = route.operation == Operation::Events;
    const bool is_sign_in = route.pattern.find("/session/") != std::string::npos;
    const Answer answer = as_ann("GET", target);
    const bool is_refused =
        answer.status == 403 && answer.text.find("(the header Talon-View-As) out") != std::string::npos;
    EXPECT_EQ(is_refused, is_stream || is_sign_in) << route.pattern << " " << answer.text;
  }
}

TEST_F(ViewAs, TheDoorItselfWritesNothingForWhoOnlyLooks) {
  gate::Call looking;
  looking.principal.kind = gate::Principal::Kind::User;
  looking.principal.user = ann_;
  looking.principal.simulated_by = root_;
  EXPECT_EQ(records_->create(looking, "party", Json::object({{"name", "Bolt"}})).error().code,
            Code::PermissionDenied);
  EXPECT_EQ(records_->change(looking, "party", party_, 1, Json::object({{"name", "Bolt"}})).error().code,
            Code::PermissionDenied);
  EXPECT_EQ(records_->remove(looking, "party", party_, 1).error().code, Code::PermissionDenied);
  const Json create =
      Json::object({{"op", "create"}, {"type", "party"}, {"set", Json::object({{"name", "B"}})}});
  const Json changes =
      Json::object({{"operations", Json::array({create})}, {"events", Json::array()}, {"answer", Json()}});
  EXPECT_EQ(records_->apply(looking, changes).error().code, Code::PermissionDenied);
  looking.principal.simulated_by = 0;
  EXPECT_TRUE(records_->create(looking, "party", Json::object({{"name", "Bolt"}})));
}

TEST_F(ViewAs, TakesTheRightOnThatPerson) {
  const auto look = [&](const std::string& token, const std::string& whom) {
    return call(token, "GET", "/api/v1/parties", {}, {{"Talon-View-As", whom}});
  };
  EXPECT_EQ(look(token_, id_text("usr", ann_)).status, 200);
  EXPECT_EQ(look(token_, id_text("usr", root_)).status, 403) << "oneself: the rule says no";
  EXPECT_EQ(look(token_, id_text("usr", 4711)).status, 403) << "nobody";
  EXPECT_EQ(look(token_, "ann").status, 400);
  EXPECT_EQ(look(sign_in("ann@talon.test"), id_text("usr", root_)).status, 403);
  EXPECT_EQ(call("", "GET", "/api/v1/parties", {}, {{"Talon-View-As", id_text("usr", ann_)}}).status, 401);
}

TEST_F(ViewAs, HasTheRightsOfThePersonAlone) {
  const int64_t bob = add_user("bob@talon.test");
  allow(bob, "view", "party", "name is \"Bolt\"", R"([{"field":"iban","level":"hidden","where":""}])");
  call(token_, "POST", "/api/v1/parties", R"({"name":"Bolt","iban":"LT12"})");
  const std::string own = sign_in("bob@talon.test");
  const Pairs as_bob = {{"Talon-View-As", id_text("usr", bob)}};
  const Answer real = call(own, "GET", "/api/v1/parties?limit=1");
  EXPECT_EQ(real.body["items"].items().size(), 1U);
  EXPECT_EQ(call(token_, "GET", "/api/v1/parties?limit=1", {}, as_bob).text, real.text);
  EXPECT_EQ(call(token_, "GET", "/api/v1/parties/" + party_, {}, as_bob).status, 404);
}

}  // namespace
}  // namespace talon::http::test
