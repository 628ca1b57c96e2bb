/// A refusal by a rule says as data what `talon policy explain` is to be asked, and no more than its words
/// say.
#include "tests/unit/records/fixture.hpp"

namespace talon::records {
namespace {

struct Denials : RecordsTest {
  static constexpr int64_t kMakes = 11;
  static constexpr int64_t kAsks = 12;

  Denials() {
    for (const char* type : {"party", "invoice"}) allow_all(kMakes, type);
    acme_ = create(kMakes, "party", R"({"name":"Acme"})");
  }
  std::string draft() { return create(kMakes, "invoice", R"({"client":")" + acme_ + "\"}"); }
  /// The question in a refusal; null: it has none.
  static Json asked(const Error& error) {
    EXPECT_EQ(error.code, Code::PermissionDenied) << error.message;
    const auto details = Json::parse(error.details);
    return details ? (*details)["explain"] : Json();
  }
  static Json question(const std::string& action, const std::string& record = {},
                       const std::string& field = {}) {
    Json json = Json::object({{"action", action}, {"type", "invoice"}});
    if (!record.empty()) json.set("record", record);
    if (!field.empty()) json.set("field", field);
    return json;
  }
  Error change(const std::string& id, const std::string& body) {
    return records_->change(as(kAsks), "invoice", id, 1, *Json::parse(body)).error();
  }
  Error list() {
    QueryRequest request;
    request.type = "invoice";
    request.fields = {"id"};
    return rows(as(kAsks), request).error();
  }
  Error create_one(const std::string& client) {
    return records_->create(as(kAsks), "invoice", *Json::parse(R"({"client":")" + client + R"("})")).error();
  }

  std::string acme_;
};

TEST_F(Denials, OfAWriteNameTheActionAndTheRecordThatIsThere) {
  const std::string bolt = create(kMakes, "party", R"({"name":"Bolt"})");
  const std::string id = draft();
  EXPECT_EQ(asked(create_one(acme_)), question("create")) << "no rule at all";
  allow(kAsks, "view", "party");
  allow(kAsks, "view", "invoice");
  EXPECT_EQ(asked(change(id, R"({"note":"x"})")), question("edit", id)) << "seen, and not to be changed";
  for (const char* action : {"edit", "create"}) allow(kAsks, action, "invoice", "client is " + acme_);
  EXPECT_EQ(asked(create_one(bolt)), question("create")) << "a record that is not there has no name";
  EXPECT_EQ(asked(change(id, R"({"client":")" + bolt + R"("})")), question("edit", id));
  EXPECT_EQ(asked(records_->remove(as(kAsks), "invoice", id, 1).error()), question("delete", id));
}

TEST_F(Denials, WhatIsOutOfSightIsNotRemovedByARuleAboutRemoving) {
  const std::string id = draft();
  const auto remove = [&](const std::string& record, int64_t version) {
    const Error error = records_->remove(as(kAsks), "invoice", record, version).error();
    EXPECT_EQ(error.code, Code::NotFound) << error.message;
    return error.message + error.details;
  };
  allow(kAsks, "view", "invoice", "note is Elsewhere");
  allow(kAsks, "delete", "invoice");
  EXPECT_EQ(remove(id, 1), remove(id, 7)) << "its version is not told";
  EXPECT_EQ(remove(id, 1), remove("inv_0000000000001", 1));
  const Question asked{"delete", "invoice", id};
  EXPECT_FALSE(*records_->check(as(kAsks), asked));
  allow(kAsks, "view", "invoice");
  EXPECT_TRUE(*records_->check(as(kAsks), asked));
  EXPECT_TRUE(records_->remove(as(kAsks), "invoice", id, 1));
}

TEST_F(Denials, OfAFieldNameItBesideItsPlace) {
  const std::string id = draft();
  allow(kAsks, "view", "invoice");
  allow(kAsks, "edit", "invoice", "", R"([{"field":"note","level":"read_only","where":""}])");
  const Error refused = change(id, R"({"note":"x"})");
  EXPECT_EQ(asked(refused), question("edit", id, "note"));
  const Json errors = (*Json::parse(refused.details))["errors"];
  ASSERT_EQ(errors.items().size(), 1U);
  EXPECT_EQ(errors.items()[0]["pointer"].string(), "/note");
  allow(kAsks, "view", "party");
  allow(kAsks, "create", "invoice", "", R"([{"field":"client","level":"read_only","where":""}])");
  EXPECT_EQ(asked(create_one(acme_)), question("create", "", "client"));
}

TEST_F(Denials, OfAnActionAndAListToo) {
  const std::string id = draft();
  const auto issue = [&] { return records_->act(as(kAsks), "invoice", id, "issue", -1, Json()).error(); };
  EXPECT_EQ(asked(list()), question("view"));
  allow(kAsks, "view", "invoice");
  EXPECT_EQ(asked(issue()), question("issue", id));
  int runs = 0;
  actions_.code = [&](std::string_view record, const Json&) -> Result<std::string> {
    ++runs;
    return R"({"operations":[{"op":"change","type":"invoice","id":")" + std::string(record) +
           R"(","set":{"note":"x"}}],"answer":null})";
  };
  allow(kAsks, "issue", "invoice", "state is issued");
  EXPECT_EQ(asked(issue()), question("issue", id)) << "judged on the record";
  EXPECT_EQ(runs, 0) << "code runs for nobody who may not";
}

TEST_F(Denials, OfWhatIsNotSeenAreWordForWordThoseOfWhatIsNotThere) {
  const std::string id = draft();
  const std::string missing = id_text("inv", 4711);
  for (const char* action : {"view", "edit", "delete", "issue"})
    allow(kAsks, action, "invoice", "note is mine");
  const auto same = [](const Error& hidden, const Error& none) {
    EXPECT_EQ(hidden.code, Code::NotFound) << hidden.message;
    EXPECT_EQ(hidden.message, none.message);
    EXPECT_EQ(hidden.details, none.details);
    EXPECT_EQ(hidden.details, "");
  };
  same(change(id, R"({"note":"x"})"), change(missing, R"({"note":"x"})"));
  same(records_->remove(as(kAsks), "invoice", id, 1).error(),
       records_->remove(as(kAsks), "invoice", missing, 1).error());
  same(records_->act(as(kAsks), "invoice", id, "issue", -1, Json()).error(),
       records_->act(as(kAsks), "invoice", missing, "issue", -1, Json()).error());
}

TEST_F(Denials, ByNoRuleHaveNoQuestion) {
  Call viewing = as(kMakes);
  viewing.principal.simulated_by = kAsks;
  const auto refused = records_->create(viewing, "party", *Json::parse(R"({"name":"X"})"));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(asked(refused.error()).is_null()) << refused.error().details;
}

}  // namespace
}  // namespace talon::records
