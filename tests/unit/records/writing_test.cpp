/// Writes through the gate: rights, versions, frozen records, numbers, keys, the journal.
#include "tests/unit/records/fixture.hpp"

#include <gmock/gmock.h>

namespace talon::records {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kAnn = 1;
constexpr int64_t kBob = 2;

class Writing : public RecordsTest {
 protected:
  Writing() {
    for (const char* type : {"party", "invoice", "user"}) allow_all(kAnn, type);
    acme_ = create(kAnn, "party", R"({"name":"Acme"})");
    auto series =
        records_->apply(system(), *Json::parse(R"({"operations":[{"op":"create","type":"series","as":"s",
        "set":{"code":"INV"}}],"events":[],"answer":{"id":"@s"}})"));
    EXPECT_TRUE(series) << (series ? "" : series.error().message);
    series_ = (*series)["id"].string();
    actions_.code = [this](std::string_view id, const Json&) -> Result<std::string> {
      return R"({"operations":[{"op":"next","type":"series","id":")" + series_ +
             R"(","field":"next","as":"n"},
        {"op":"change","type":"invoice","id":")" +
             std::string(id) + R"(","set":{"state":"issued",
         "number":{"$text":"INV-%{n:4}"}}}],
        "events":[{"event":"invoice.issued","type":"invoice","record":")" +
             std::string(id) + R"(","data":{}}],"answer":null})";
    };
  }

  std::string draft() {
    return create(kAnn, "invoice", R"({"client":")" + acme_ + R"(","net_total":"10.00"})");
  }
  int64_t count(const std::string& sql) {
    int64_t value = -1;
    EXPECT_TRUE(database_->read([&](storage::Reader& reader) {
      return reader.rows({sql, {}}, [&](Row row) -> Result<void> {
        value = row[0].integer();
        return {};
      });
    }));
    return value;
  }

  std::string acme_;
  std::string series_;
};

TEST_F(Writing, MistakesInABodyComeAllAtOnceWithPointers) {
  const auto refused = records_->create(
      as(kAnn), "invoice",
      *Json::parse(R"({"cliente":"x","number":"1","net_total":12,"lines":[{"quantity":"a"}]})"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::InvalidArgument);
  EXPECT_THAT(refused.error().details, HasSubstr("Did you mean \\\"client\\\"?"));
  EXPECT_THAT(refused.error().details, HasSubstr("/number"));
  EXPECT_THAT(refused.error().details, HasSubstr("/lines/0/quantity"));
}

TEST_F(Writing, AStaleVersionIsToldWithBaseTheirsAndMine) {
  const std::string id = draft();
  ASSERT_TRUE(records_->change(as(kAnn), "invoice", id, 1, *Json::parse(R"({"note":"first"})")));
  const auto stale = records_->change(as(kAnn), "invoice", id, 1, *Json::parse(R"({"note":"second"})"));
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, Code::Aborted);
  const auto details = Json::parse(stale.error().details);
  ASSERT_TRUE(details);
  EXPECT_TRUE((*details)["base"]["note"].is_null());
  EXPECT_EQ((*details)["theirs"]["note"].string(), "first");
  EXPECT_EQ((*details)["mine"]["note"].string(), "second");
  EXPECT_EQ((*details)["version"].integer(), 2);
}

TEST_F(Writing, NobodyMovesARecordOutOfTheirScope) {
  const std::string bolt = create(kAnn, "party", R"({"name":"Bolt"})");
  const std::string id = draft();
  for (const char* action : {"view", "edit", "create"}) allow(kBob, action, "invoice", "client is " + acme_);
  allow(kBob, "view", "party");
  EXPECT_EQ(records_->change(as(kBob), "invoice", id, 1, *Json::parse(R"({"client":")" + bolt + R"("})"))
                .error()
                .code,
            Code::PermissionDenied);
  EXPECT_EQ(
      records_->create(as(kBob), "invoice", *Json::parse(R"({"client":")" + bolt + R"("})")).error().code,
      Code::PermissionDenied);
  EXPECT_TRUE(records_->change(as(kBob), "invoice", id, 1, *Json::parse(R"({"note":"mine"})")));
}

TEST_F(Writing, AReferenceToWhatTheCallerCannotSeeIsRefusedLikeAMissingOne) {
  allow(kBob, "create", "invoice");
  const std::string body = R"({"client":")" + acme_ + R"("})";
  const auto unseen = records_->create(as(kBob), "invoice", *Json::parse(body));
  const auto missing =
      records_->create(as(kBob), "invoice", *Json::parse(R"({"client":")" + id_text("pty", 4711) + R"("})"));
  ASSERT_FALSE(unseen);
  ASSERT_FALSE(missing);
  EXPECT_EQ(unseen.error().message, missing.error().message);
}

TEST_F(Writing, ALockedFieldCannotBeSet) {
  const std::string id = draft();
  allow(kBob, "view", "invoice");
  allow(kBob, "edit", "invoice", "", R"([{"field":"note","level":"read_only","where":""}])");
  const auto refused = records_->change(as(kBob), "invoice", id, 1, *Json::parse(R"({"note":"x"})"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::PermissionDenied);
  EXPECT_THAT(refused.error().details, HasSubstr("/note"));
}

TEST_F(Writing, AKeptChildRowKeepsWhatTheCallerDidNotSend) {
  const auto made = records_->create(
      as(kAnn), "invoice",
      *Json::parse(R"({"client":")" + acme_ + R"(","lines":[{"text":"work","quantity":"2.5","item":")" +
                   acme_ + R"("}]})"));
  ASSERT_TRUE(made) << made.error().message;
  const std::string id(made->record["id"].string());
  const std::string line(made->record["lines"].items().at(0)["id"].string());
  // Bob edits invoices and sees no party: the row's old reference is none of his business.
  for (const char* action : {"view", "edit"}) allow(kBob, action, "invoice");
  const auto kept = records_->change(
      as(kBob), "invoice", id, 1, *Json::parse(R"({"lines":[{"id":")" + line + R"(","text":"more work"}]})"));
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(
      count("select count(*) from invoice_lines where text = 'more work' and quantity = 25000 and item > 0"),
      1);
  const std::string foreign = R"({"lines":[{"id":")" + id_text("inl", 4711) + R"(","text":"x"}]})";
  EXPECT_EQ(records_->change(as(kBob), "invoice", id, 2, *Json::parse(foreign)).error().code,
            Code::InvalidArgument);
}

TEST_F(Writing, AnActionIsJudgedOnItsRecordEvenIfItLeavesItAlone) {
  const std::string id = draft();
  actions_.code = [](std::string_view record, const Json&) -> Result<std::string> {
    return R"({"operations":[],"events":[{"event":"invoice.noted","type":"invoice","record":")" +
           std::string(record) + R"(","data":{}}],"answer":{"ok":true}})";
  };
  EXPECT_TRUE(records_->act(as(kAnn), "invoice", id, "issue", -1, Json()));
  allow(kAnn, "issue", "invoice", "state is issued");
  const auto refused = records_->act(as(kAnn), "invoice", id, "issue", -1, Json());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::PermissionDenied);
}

TEST_F(Writing, AnIssuedInvoiceNeverChanges) {
  const std::string id = draft();
  ASSERT_TRUE(records_->act(as(kAnn), "invoice", id, "issue", -1, Json()));
  const auto edit = records_->change(as(kAnn), "invoice", id, 2, *Json::parse(R"({"note":"x"})"));
  EXPECT_EQ(edit.error().code, Code::FailedPrecondition);
  EXPECT_EQ(records_->change(as(kAnn), "invoice", id, 2, *Json::parse(R"({"lines":[]})")).error().code,
            Code::FailedPrecondition);
  EXPECT_EQ(records_->remove(as(kAnn), "invoice", id, 2).error().code, Code::FailedPrecondition);
  const std::string change = R"({"operations":[{"op":"change","type":"invoice","id":")" + id + R"(","set":)";
  EXPECT_EQ(records_->apply(system(), *Json::parse(change + R"({"note":"x"}}]})")).error().code,
            Code::FailedPrecondition);
  EXPECT_TRUE(records_->apply(system(), *Json::parse(change + R"({"paid":1}}]})"))) << "excepted fields move";
  const auto sql =
      database_->write(storage::Lane::Interactive, "", [&](storage::Transaction& tx) -> Result<void> {
        TALON_TRY(const int64_t n, tx.run({"update invoices set note = 'x'", {}}));
        static_cast<void>(n);
        return {};
      });
  EXPECT_FALSE(sql) << "the trigger is the second line";
}

TEST_F(Writing, NumbersAreTakenLastAndARefusalLeavesNoGap) {
  const std::string first = draft();
  const std::string second = draft();
  ASSERT_TRUE(records_->act(as(kAnn), "invoice", first, "issue", -1, Json()));
  EXPECT_EQ(records_->act(as(kAnn), "invoice", first, "issue", -1, Json()).error().code,
            Code::FailedPrecondition);
  const auto issued = records_->act(as(kAnn), "invoice", second, "issue", -1, Json());
  ASSERT_TRUE(issued) << issued.error().message;
  EXPECT_EQ(issued->record["number"].string(), "INV-0002");
}

TEST_F(Writing, AnActionRunsAgainWhenWhatItReadHasChanged) {
  const std::string id = draft();
  const auto honest = actions_.code;
  actions_.code = [&](std::string_view record, const Json& input) -> Result<std::string> {
    if (actions_.runs > 1) return honest(record, input);
    return R"({"operations":[{"op":"change","type":"invoice","id":")" + std::string(record) +
           R"(","version":77,"set":{"note":"stale"}}]})";
  };
  ASSERT_TRUE(records_->act(as(kAnn), "invoice", id, "issue", -1, Json()));
  EXPECT_EQ(actions_.runs, 2);
}

TEST_F(Writing, ARightOfTheActionIsNotTheCallers) {
  const std::string change =
      R"({"operations":[{"op":"change","type":"series","id":")" + series_ + R"(","set":{"next":99}}]})";
  EXPECT_FALSE(records_->apply(as(kAnn), *Json::parse(change)));
  allow(kAnn, "issue", "invoice", "state is issued");
  EXPECT_EQ(records_->act(as(kAnn), "invoice", draft(), "issue", -1, Json()).error().code,
            Code::PermissionDenied);
}

TEST_F(Writing, TheSameKeyTwiceHasOneEffectAndOneAnswer) {
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

TEST_F(Writing, EveryWriteLeavesItsEntryAndItsEventOrNothing) {
  const int64_t entries = count("select count(*) from audit_entries");
  const int64_t events = count("select count(*) from outbox");
  ASSERT_FALSE(records_->create(as(kAnn), "party",
                                *Json::parse(R"({"name":"A","owner":")" + id_text("usr", 9) + R"("})")));
  EXPECT_EQ(count("select count(*) from audit_entries"), entries);
  create(kAnn, "party", R"({"name":"B"})");
  EXPECT_EQ(count("select count(*) from audit_entries"), entries + 1);
  EXPECT_EQ(count("select count(*) from outbox"), events + 1);
}

TEST_F(Writing, AnEntryNamesTheRightThatWasLentForIt) {
  Call call = as(kAnn);
  call.principal.elevates = {"party.create", "party.edit", "series.edit"};
  ASSERT_TRUE(records_->create(call, "party", *Json::parse(R"({"name":"Lent"})")));
  create(kAnn, "party", R"({"name":"Own"})");
  const std::string of = "select count(*) from audit_entries where content like '%\"elevated\":";
  EXPECT_EQ(count(of + "[\"party.create\"]%' and content like '%Lent%'"), 1);
  EXPECT_EQ(count(of + "%' and content like '%Own%'"), 0);
}

TEST_F(Writing, EveryFailingCallOfTheDatabaseLeavesAllOrNothing) {
  Records::Parts parts;
  for (int64_t n = 1; n < 100; ++n) {
    auto failing = storage::failing_nth(*database_, n);
    parts = {model_,
             failing.get(),
             gate_.get(),
             &actions_,
             &read_log_,
             [this] { return ++now_us_; },
             [] { return int64_t{20261121}; },
             "key",
             1};
    Records records(parts);
    const int64_t before = count("select count(*) from parties");
    const int64_t entries = count("select count(*) from audit_entries");
    Call call = as(kAnn);
    call.idempotency_key = "nth" + std::to_string(n);
    const auto written = records.create(call, "party", *Json::parse(R"({"name":"N"})"));
    const int64_t made = count("select count(*) from parties") - before;
    EXPECT_EQ(made, count("select count(*) from audit_entries") - entries);
    const auto again = records_->create(call, "party", *Json::parse(R"({"name":"N"})"));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(count("select count(*) from parties"), before + 1)
        << "a retry has exactly one effect, n = " << n;
    if (written) return;
  }
  FAIL() << "the loop never reached a call without a failure";
}

}  // namespace
}  // namespace talon::records
