/// Removing somebody at the running daemon: out at once and for ever, and nothing tells any more who they
/// were.
#include "tests/integration/people/house.hpp"

namespace talon::people {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Removal : public People {
 protected:
  int64_t rows(const std::string& sql) const {
    const auto done = support::run_program({"sqlite3", talon.data("talon.db"), sql});
    EXPECT_TRUE(done && done->code == 0) << sql;
    return done ? std::atoll(done->output.c_str()) : -1;
  }
};

TEST_F(Removal, TheyAreOutForEverAndTheirIdStays) {
  const std::string id = person("ann", "accountant");
  const auto ann = as("ann");
  const auto other = as("ann");
  const Answer issued = ann->post("/api/v1/me/tokens", Json::object({{"name", "build"}}));
  ASSERT_EQ(issued.status, 201) << issued.text;
  ApiClient by_token(talon.port(), std::string(issued.json["token"].string()));
  ASSERT_EQ(ann->post("/api/v1/me/second_factor", Json::object()).status, 201);
  const Answer party = ann->post("/api/v1/parties", Json::object({{"name", "Acme"}, {"is_client", true}}));
  ASSERT_EQ(party.status, 201) << party.text;

  EXPECT_EQ(ann->post("/api/v1/users/" + id + "/remove", Json::object()).status, 403)
      << "not for accountants";
  const Answer removed = admin->post("/api/v1/users/" + id + "/remove", Json::object());
  ASSERT_EQ(removed.status, 200) << removed.text;
  for (ApiClient* who : {ann.get(), other.get(), &by_token}) EXPECT_EQ(who->get("/api/v1/me").status, 401);
  EXPECT_EQ(sign_in("ann@talon.test", RunningTalon::kPassword).status, 401);
  const Answer user = admin->get("/api/v1/users/" + id);
  EXPECT_EQ(user.json["state"].string(), "removed") << user.text;
  EXPECT_THAT(user.text, Not(HasSubstr("ann@talon.test")));
  EXPECT_TRUE(user.json["roles"].items().empty());
  EXPECT_EQ(admin->post("/api/v1/users/" + id + "/enable", Json::object()).status / 100, 4) << "for ever";
  EXPECT_EQ(admin->post("/api/v1/users/" + id + "/remove", Json::object()).status / 100, 4) << "once";
  EXPECT_EQ(
      admin->get("/api/v1/parties/" + std::string(party.json["id"].string())).json["created_by"].string(), id)
      << "what names them keeps the id";
  // The address is free for somebody else.
  EXPECT_NE(person("ann", "viewer"), id);
  EXPECT_EQ(admin
                ->post("/api/v1/users/" + std::string(admin->get("/api/v1/me").json["user"]["id"].string()) +
                           "/remove",
                       Json::object())
                .status,
            403)
      << "nobody removes themselves";
}

TEST_F(Removal, WithTheErasureNothingTellsWhoTheyWere) {
  const std::string id = person("ann", "accountant");
  ASSERT_FALSE(as("ann")->token().empty());
  const std::string users = "select count(*) from users where email = 'ann@talon.test'";
  const std::string values = "select count(*) from audit_values where value like '%ann@talon.test%'";
  EXPECT_EQ(rows(users), 1);
  ASSERT_GT(rows(values), 0);
  ASSERT_EQ(admin->post("/api/v1/users/" + id + "/remove", Json::object()).status, 200);
  const Answer erased =
      admin->post("/api/v1/plugins/audit/commands/erase",
                  Json::object({{"subject", "user/" + id}, {"why", "asked by the person"}}));
  ASSERT_EQ(erased.status, 200) << erased.text;
  EXPECT_EQ(rows(users), 0);
  EXPECT_EQ(rows(values), 0) << erased.text;
  EXPECT_EQ(rows("select count(*) from sessions where ended_at is not null and address is not null"), 0);
  const Answer verified = admin->post("/api/v1/plugins/audit/commands/verify", Json::object());
  EXPECT_EQ(verified.status, 200) << verified.text;
}

}  // namespace
}  // namespace talon::people
