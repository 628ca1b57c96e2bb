/// Writes through the gate: rights, versions, frozen records, numbers, keys, the journal.
#include "tests/unit/records/fixture.hpp"

#include <talon/id.hpp>

#include <gmock/gmock.h>

namespace talon::records {
namespace {

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

TEST_F(Writing, AnActionsInputNamesOnlyWhatItsCallerSees) {
  const std::string bolt = create(kAnn, "party", R"({"name":"Bolt"})");
  const std::string of_acme =
      create(kAnn, "invoice", R"({"client":")" + acme_ + R"(","lines":[{"text":"a"}]})");
  const std::string of_bolt =
      create(kAnn, "invoice", R"({"client":")" + bolt + R"(","lines":[{"text":"b"}]})");
  const auto line_of = [&](const std::string& invoice) {
    return std::string(
        (*records_->get(as(kAnn), "invoice", invoice, {}))["lines"].items().front()["id"].string());
  };
  allow(kBob, "cite", "invoice");
  allow(kBob, "view", "party", "name is Acme");
  allow(kBob, "view", "invoice", "client is " + acme_);
  actions_.code = [](std::string_view, const Json&) -> Result<std::string> {
    return std::string(R"({"operations":[],"events":[],"answer":{"ok":true}})");
  };
  const auto cite = [&](const std::string& input) {
    return records_->act(as(kBob), "invoice", "", "cite", -1, *Json::parse(input));
  };
  EXPECT_TRUE(cite(R"({"about":")" + acme_ + R"(","sources":[{"invoice":")" + of_acme + R"(","line":")" +
                   line_of(of_acme) + R"("}],"words":")" + bolt + R"("})"));
  struct Case {
    std::string before;  // the input up to the id
    std::string hidden;
    std::string missing;
    std::string after;
    std::string pointer;
  };
  const std::vector<Case> cases = {
      {R"({"about":")", bolt, id_text("pty", 4711), R"("})", "/about"},
      {R"({"sources":")", of_bolt, id_text("inv", 4711), R"("})", "/sources"},
      {R"({"sources":{"rows":[{"invoice":")", of_bolt, id_text("inv", 4711), R"("}]}})",
       "/sources/rows/0/invoice"},
      {R"({"sources":[")" + of_acme + R"(",")", line_of(of_bolt), id_text("inl", 4711), R"("]})",
       "/sources/1"},
      {R"({"sources":")", id_text("usr", kAnn), id_text("usr", 4711), R"("})", "/sources"},
  };
  const int runs = actions_.runs;
  for (const Case& one : cases) {
    const auto hidden = cite(one.before + one.hidden + one.after);
    const auto missing = cite(one.before + one.missing + one.after);
    ASSERT_FALSE(hidden) << one.pointer;
    ASSERT_FALSE(missing) << one.pointer;
    EXPECT_EQ(hidden.error().code, Code::InvalidArgument);
    EXPECT_EQ(hidden.error().message, missing.error().message);
    EXPECT_EQ(hidden.error().details, missing.error().details);
    EXPECT_THAT(hidden.error().details, HasSubstr("\"" + one.pointer + "\""));
  }
  EXPECT_EQ(actions_.runs, runs) << "no code saw such an input";
}

TEST_F(Writing, ARowWithALockedValueIsNotTakenOutAndPutBackWithoutIt) {
  const auto made = records_->create(
      as(kAnn), "invoice",
      *Json::parse(R"({"client":")" + acme_ +
                   R"(","lines":[{"text":"priced","net":"80.00"},{"text":"open"},{"text":"last"}]})"));
  ASSERT_TRUE(made) << made.error().message;
  const std::string id(made->record["id"].string());
  const auto line = [&](std::size_t i) {
    return std::string(made->record["lines"].items().at(i)["id"].string());
  };
  allow(kBob, "view", "invoice");
  allow(kBob, "edit", "invoice", "", R"([{"field":"lines.net","level":"read_only","where":""}])");
  const auto change = [&](int64_t version, const std::string& lines) {
    return records_->change(as(kBob), "invoice", id, version, *Json::parse(R"({"lines":[)" + lines + "]}"));
  };
  const auto dropped = change(1, R"({"text":"priced"})");
  ASSERT_FALSE(dropped);
  EXPECT_EQ(dropped.error().code, Code::PermissionDenied);
  EXPECT_THAT(dropped.error().message, HasSubstr(line(0)));
  EXPECT_THAT(dropped.error().details, HasSubstr("\"/lines\""));
  EXPECT_THAT(dropped.error().details, ::testing::Not(HasSubstr("lines.net"))) << "it may be hidden";
  // A row that holds nothing locked may go; a new one comes without.
  const auto kept = change(1, R"({"text":"new"},{"id":")" + line(0) + R"(","text":"priced"})");
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(count("select count(*) from invoice_lines where text = 'priced' and net = 8000"), 1);
  EXPECT_EQ(count("select count(*) from invoice_lines"), 2);
  const auto set = change(2, R"({"id":")" + line(0) + R"(","text":"priced"},{"text":"x","net":"1.00"})");
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().details, HasSubstr("/lines/1/net"));
  EXPECT_TRUE(records_->change(as(kAnn), "invoice", id, 2, *Json::parse(R"({"lines":[]})")));
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

TEST_F(Writing, ATakenKeyIsToldByItsFields) {
  const std::string make = R"({"operations":[{"op":"create","type":"series","set":{"code":"INV"}}]})";
  const auto taken = records_->apply(system(), *Json::parse(make));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Code::AlreadyExists);
  EXPECT_EQ(taken.error().message, "code is already taken");
  EXPECT_THAT(taken.error().details, HasSubstr(R"("pointer":"/code")"));
  EXPECT_THAT(taken.error().details, ::testing::Not(HasSubstr("_key")));
  const auto twice = records_->apply(system(), *Json::parse(R"({"operations":[{"op":"create","type":"pair",
      "set":{"left":"a","right":"b"}},{"op":"create","type":"pair","set":{"left":"a","right":"b"}}]})"));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().message, "(left, right) is already taken, all together");
  EXPECT_THAT(twice.error().details, HasSubstr(R"("pointer":"/right")"));
}

TEST_F(Writing, AnUpsertNamesTheRecordThatItMet) {
  const auto upsert = [&](const std::string& more) {
    return records_->apply(
        system(),
        *Json::parse(R"({"operations":[{"op":"upsert","type":"pair","key":["left","right"],"as":"p",
          "set":{"left":"a","right":"b","note":"x"}})" +
                     more +
                     R"(],"events":[{"event":"pair.met","type":"pair","record":"@p","data":{"is":"@p"}}],
          "answer":{"id":"@p","all":["@p"]}})"));
  };
  const auto made = upsert("");
  ASSERT_TRUE(made) << made.error().message;
  const std::string id((*made)["id"].string());
  ASSERT_TRUE(records_->get(system(), "pair", id, {}));
  const auto met = upsert(R"(,{"op":"create","type":"pair","set":{"left":"c","right":"d","other":"@p"}},
      {"op":"change","type":"pair","id":"@p","set":{"note":"changed"}})");
  ASSERT_TRUE(met) << met.error().message << met.error().details;
  EXPECT_EQ((*met)["id"].string(), id);
  EXPECT_EQ((*met)["all"].items().at(0).string(), id);
  EXPECT_EQ(count("select count(*) from pairs as t where t.left = 'c' and other = (select id from pairs as o "
                  "where o.left = 'a' and o.note = 'changed')"),
            1);
  EXPECT_EQ(count("select count(distinct record) from outbox where event = 'pair.met'"), 1);
  EXPECT_EQ(count("select count(distinct data) from outbox where event = 'pair.met'"), 1);
  // Without an answer of its own the set answers with its first record.
  const auto plain = records_->apply(
      system(), *Json::parse(R"({"operations":[{"op":"upsert","type":"pair","key":["left","right"],
        "set":{"left":"a","right":"b","note":"y"}}]})"));
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ((*plain)["id"].string(), id);
  EXPECT_EQ((*plain)["version"].integer(), 3);
}

TEST_F(Writing, ARightOfTheActionIsNotTheCallers) {
  const std::string change =
      R"({"operations":[{"op":"change","type":"series","id":")" + series_ + R"(","set":{"next":99}}]})";
  EXPECT_FALSE(records_->apply(as(kAnn), *Json::parse(change)));
  allow(kAnn, "issue", "invoice", "state is issued");
  EXPECT_EQ(records_->act(as(kAnn), "invoice", draft(), "issue", -1, Json()).error().code,
            Code::PermissionDenied);
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
