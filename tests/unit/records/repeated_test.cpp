/// The same request again under its idempotency key: one effect, and the answer as far as it may be shown
/// today.
#include "tests/unit/records/fixture.hpp"

namespace talon::records {
namespace {

class Repeated : public RecordsTest {
 protected:
  Repeated() {
    for (const char* type : {"party", "user"}) allow_all(kAnn, type);
  }
};

TEST_F(Repeated, TheSameKeyTwiceHasOneEffectAndOneAnswer) {
  Call call = as(kAnn);
  call.idempotency_key = "k1";
  const Json body = *Json::parse(R"({"name":"Once"})");
  const auto first = records_->create(call, "party", body);
  const auto second = records_->create(call, "party", body);
  ASSERT_TRUE(first);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(first->record.to_string(), second->record.to_string());
  EXPECT_TRUE(second->is_replay);
  EXPECT_EQ(count("select count(*) from parties where name = 'Once'"), 1);
  const auto other = records_->create(call, "party", *Json::parse(R"({"name":"Other"})"));
  EXPECT_THAT(other.error().details, HasSubstr("key_reused"));
}

TEST_F(Repeated, AnAnswerOfAnotherMaskIsNotGivenAgain) {
  const auto masked = [&](const char* mask) {
    allow(kAnn, "view", "party", "",
          std::string(R"([{"field":"iban","level":"masked","as":")") + mask + R"(","where":""}])");
    gate_->invalidate();
  };
  masked("last 4");
  Call call = as(kAnn);
  call.idempotency_key = "masked";
  const Json body = *Json::parse(R"({"name":"Once","iban":"FR7630006000011234567890189"})");
  const auto first = records_->create(call, "party", body);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_THAT(first->record.to_string(), HasSubstr("0189"));
  EXPECT_EQ(records_->create(call, "party", body)->record.to_string(), first->record.to_string());
  masked("last 2");
  const auto second = records_->create(call, "party", body);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_TRUE(second->is_replay);
  EXPECT_EQ(second->record["id"].string(), first->record["id"].string());
  EXPECT_THAT(second->record.to_string(), Not(HasSubstr("0189")));
}

TEST_F(Repeated, AnAnswerUnderOtherDeniesIsNotGivenAgainHoweverManyThereAre) {
  const auto denied = [&](const std::string& last) {
    Json denies = Json::array();
    for (int i = 0; i < 100; ++i) {
      const std::string name = i < 99 ? "n" + std::to_string(i) : last;
      denies.push(Json::object({{"rule", "d"}, {"place", "test:1"}, {"where", "name is \"" + name + "\""}}));
    }
    const Json all = Json::object({{"rule", "r"}, {"place", "test:2"}, {"where", ""}});
    authorizer_->set_plan(kAnn, "view", "party",
                          Json::object({{"policy_set", "test"},
                                        {"deny", std::move(denies)},
                                        {"allow", Json::array({all})},
                                        {"fields", Json::array()}})
                              .to_string());
    gate_->invalidate();
  };
  denied("one");
  Call call = as(kAnn);
  call.idempotency_key = "denied";
  const Json body = *Json::parse(R"({"name":"Once"})");
  const auto first = records_->create(call, "party", body);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(records_->create(call, "party", body)->record.to_string(), first->record.to_string());
  denied("other");
  const auto second = records_->create(call, "party", body);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->record["id"].string(), first->record["id"].string());
  EXPECT_TRUE(second->record["name"].is_null());
}

TEST_F(Repeated, AStoredAnswerHasNoPersonalValueAndIsGivenAgainWithThatOfToday) {
  allow_all(kAnn, "user");
  Call call = as(kAnn);
  call.idempotency_key = "person";
  const Json body = *Json::parse(R"({"name":"Olga","email":"olga@example.com"})");
  const auto first = records_->create(call, "user", body);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->record["email"].string(), "olga@example.com");
  EXPECT_EQ(count("select count(*) from idempotency_keys where answer like '%olga@%'"), 0);
  EXPECT_EQ(count("select count(*) from idempotency_keys where answer like '%Olga%'"), 1);
  const auto second = records_->create(call, "user", body);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_TRUE(second->is_replay);
  EXPECT_EQ(second->record.to_string(Json::Keys::Sorted), first->record.to_string(Json::Keys::Sorted));
  const std::string id(first->record["id"].string());
  ASSERT_TRUE(records_->change(as(kAnn), "user", id, first->version,
                               *Json::parse(R"({"email":"gone@example.com"})")));
  const auto third = records_->create(call, "user", body);
  ASSERT_TRUE(third) << third.error().message;
  EXPECT_EQ(third->record["email"].string(), "gone@example.com");
}

}  // namespace
}  // namespace talon::records
