/// Queries and events of a form that says nothing, or something else than was meant, are refused.
#include "tests/unit/records/fixture.hpp"

namespace talon::records {
namespace {

using Form = RecordsTest;

TEST_F(Form, AQuerysWordOfAnotherKindIsNotTakenForNone) {
  EXPECT_TRUE(read_query(*Json::parse(R"({"type":"invoice","where":"","limit":0,"total":true})")));
  EXPECT_EQ(read_query(*Json::parse(R"({"type":"invoice","where":null})"))->limit, 0);
  for (const char* wrong : {R"("where":{"state":"draft"})", R"("where":["state is draft"])", R"("cursor":7)",
                            R"("action":["export"])", R"("total":"yes")", R"("limit":"10")", R"("limit":1.5)",
                            R"("limit":-1)", R"("limit":9223372036854775807)"}) {
    const auto query = read_query(*Json::parse(R"({"type":"invoice",)" + std::string(wrong) + "}"));
    ASSERT_FALSE(query) << wrong;
    EXPECT_EQ(query.error().code, Code::InvalidArgument) << wrong;
  }
}

TEST_F(Form, AChangeSetsWordOfAnotherKindIsNotTakenForNone) {
  allow_all(kAnn, "party");
  const std::string acme = create(kAnn, "party", R"({"name":"Acme"})");
  const std::string stale = R"({"op":"change","type":"party","id":")" + acme + R"(","set":{"name":"Bolt"},)";
  EXPECT_EQ(records_->apply(system(), *Json::parse(R"({"operations":[)" + stale + R"("version":7}]})"))
                .error()
                .code,
            Code::Aborted);
  for (const std::string& wrong :
       {std::string(R"([])"), std::string(R"({"operation":[]})"), std::string(R"({"operations":{}})"),
        std::string(R"({"operations":[],"events":{}})"), R"({"operations":[)" + stale + R"("version":"7"}]})",
        R"({"operations":[)" + stale + R"("versoin":7}]})"}) {
    const auto applied = records_->apply(system(), *Json::parse(wrong));
    ASSERT_FALSE(applied) << wrong;
    EXPECT_EQ(applied.error().code, Code::InvalidArgument) << wrong;
  }
  EXPECT_EQ((*records_->get(as(kAnn), "party", acme, {"name"}))["name"].string(), "Acme");
}

TEST_F(Form, ANameThatSomebodyMadeUpIsOnePartOfItsPlace) {
  allow_all(kAnn, "party");
  const auto made = records_->create(as(kAnn), "party", *Json::parse(R"({"name":"Acme","a/b~c":1})"));
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().details, HasSubstr(R"("pointer":"/a~1b~0c")"));
}

TEST_F(Form, WhatACallerSendsIsJudgedByPluginsBeforeItIsWritten) {
  allow_all(kAnn, "party");
  std::vector<std::string> asked;
  actions_.judge = [&](const model::RecordType& type, std::string_view id, const Json& body) -> Result<void> {
    asked.push_back(type.name + " " + std::string(id) + body.to_string());
    if (body["name"].string() == "Amce") return invalid("there is no Amce");
    return {};
  };
  const std::string acme = create(kAnn, "party", R"({"name":"Acme"})");
  EXPECT_EQ(asked.back(), R"(party {"name":"Acme"})");
  const auto refused = records_->create(as(kAnn), "party", *Json::parse(R"({"name":"Amce"})"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "there is no Amce");
  EXPECT_FALSE(records_->change(as(kAnn), "party", acme, 1, *Json::parse(R"({"name":"Amce"})")));
  EXPECT_EQ(asked.back(), "party " + acme + R"({"name":"Amce"})");
  EXPECT_EQ(count("select count(*) from parties"), 1);
  EXPECT_EQ((*records_->get(as(kAnn), "party", acme, {"name"}))["name"].string(), "Acme");
  // What code writes is not judged; nor is what the caller may not write in any case.
  const std::size_t so_far = asked.size();
  EXPECT_TRUE(records_->apply(
      system(), *Json::parse(R"({"operations":[{"op":"create","type":"party","set":{"name":"Amce"}}]})")));
  allow(kCarl, "view", "party");
  allow(kCarl, "edit", "party", "", R"([{"field":"name","level":"read_only","where":"","place":"t:1"}])");
  const auto locked = records_->change(as(kCarl), "party", acme, 1, *Json::parse(R"({"name":"Amce"})"));
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, Code::PermissionDenied) << locked.error().message;
  EXPECT_EQ(asked.size(), so_far);
}

TEST_F(Form, AnEventIsAboutARecordOrTheFeedWouldEndAtIt) {
  for (const char* type : {"party", "turnover"}) allow_all(kAnn, type);
  const auto start = records_->changes(as(kAnn), "", {}, 100);
  for (const char* type : {"turnover", "invoice_line"}) {
    const Json event =
        Json::object({{"event", "said"}, {"type", type}, {"record", Json()}, {"data", Json::object()}});
    const auto applied = records_->apply(
        system(), Json::object({{"operations", Json::array()}, {"events", Json::array({event})}}));
    ASSERT_FALSE(applied) << type;
    EXPECT_THAT(applied.error().message, HasSubstr(type));
  }
  const std::string acme = create(kAnn, "party", R"({"name":"Acme"})");
  const std::string bolt = create(kAnn, "party", R"({"name":"Bolt"})");
  // Of a type that had records when it was written, and is a view by now.
  ASSERT_TRUE(database_->write(storage::Lane::Interactive, "", [&](storage::Transaction& transaction) {
    return transaction.post({"update outbox set type = 'turnover' where record = ?", {*parse_id(acme)}});
  }));
  const auto changes = records_->changes(as(kAnn), (*start)["next"].string(), {}, 100);
  ASSERT_TRUE(changes) << changes.error().message;
  ASSERT_EQ((*changes)["changes"].items().size(), 1U);
  EXPECT_EQ((*changes)["changes"].items()[0]["id"].string(), bolt);
}

}  // namespace
}  // namespace talon::records
