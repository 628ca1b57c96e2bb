/// Queries through the gate: filters, masks, hidden fields, links, pages, views, the read log.
#include "host/storage/outbox.hpp"
#include "tests/unit/records/fixture.hpp"

#include <talon/id_list.hpp>

#include <talon/id.hpp>

#include <gmock/gmock.h>

namespace talon::records {
namespace {

class ReadingRows : public RecordsTest {
 protected:
  ReadingRows() {
    for (const char* type : {"party", "invoice", "user"}) allow_all(kAnn, type);
    acme_ = create(kAnn, "party", R"({"name":"Acme","iban":"DE89370400440532013000"})");
    bolt_ = create(kAnn, "party", R"({"name":"Bolt"})");
    for (int i = 1; i <= 5; ++i) {
      const std::string client = i % 2 == 1 ? acme_ : bolt_;
      invoices_.push_back(create(kAnn, "invoice",
                                 R"({"client":")" + client + R"(","net_total":")" + std::to_string(i * 10) +
                                     R"(.50","cost":"1.00","lines":[{"text":"work","quantity":"1.5"}]})"));
    }
    read_log_.entries.clear();
    allow(kCarl, "view", "invoice", "client is " + acme_,
          R"([{"field":"cost","level":"hidden","where":""}])");
    allow(kCarl, "view", "party", "id is " + acme_,
          R"([{"field":"iban","level":"masked","as":"last 4","where":""}])");
    allow(kCarl, "view", "turnover", "client is " + acme_);
  }

  std::string acme_;
  std::string bolt_;
  std::vector<std::string> invoices_;
};

TEST_F(ReadingRows, TheFilterOfTheRulesIsInsideTheQuery) {
  QueryRequest request;
  request.type = "invoice";
  request.fields = {"net_total"};
  request.wants_total = true;
  PageEnd end;
  const auto listed = rows(as(kCarl), request, &end);
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_THAT(*listed, ElementsAre(R"({"net_total":{"amount":"10.50","currency":"EUR"}})",
                                   R"({"net_total":{"amount":"30.50","currency":"EUR"}})",
                                   R"({"net_total":{"amount":"50.50","currency":"EUR"}})"));
  EXPECT_EQ(end.total, 3);
}

TEST_F(ReadingRows, AKeptStatementIsNotUsedOnceARuleHasChanged) {
  QueryRequest request;
  request.type = "invoice";
  request.fields = {"client.name"};
  request.where = "id is " + invoices_[0];
  const auto before = rows(as(kCarl), request);
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_THAT(*before, ElementsAre(R"({"client.name":"Acme"})"));
  EXPECT_EQ(*rows(as(kCarl), request), *before);
  // Only the rule on the type that the link leads into.
  allow(kCarl, "view", "party", "id is " + bolt_);
  EXPECT_THAT(*rows(as(kCarl), request), ElementsAre(R"({"client.name":null})"));
  // The same, when a plan ends by itself and no other does.
  constexpr int64_t kMinute = 60'000'000;
  authorizer_->allow(kCarl, "view", "party", "id is " + acme_, "[]", now_us_ + kMinute);
  gate_->invalidate();
  EXPECT_EQ(*rows(as(kCarl), request), *before);
  authorizer_->allow(kCarl, "view", "party", "id is " + bolt_, "[]");
  EXPECT_EQ(*rows(as(kCarl), request), *before);
  now_us_ += 2 * kMinute;
  EXPECT_THAT(*rows(as(kCarl), request), ElementsAre(R"({"client.name":null})"));
  // The same words by somebody else, and the same caller with other rules.
  EXPECT_THAT(*rows(as(kAnn), request), ElementsAre(R"({"client.name":"Acme"})"));
  allow(kCarl, "view", "invoice", "client is " + bolt_);
  EXPECT_THAT(*rows(as(kCarl), request), ElementsAre());
  request.where = "id is " + invoices_[1];
  EXPECT_THAT(*rows(as(kCarl), request), ElementsAre(R"({"client.name":"Bolt"})"));
}

TEST_F(ReadingRows, NobodyWithoutARuleSeesAnything) {
  QueryRequest request;
  request.type = "invoice";
  EXPECT_EQ(rows(as(99), request).error().code, Code::PermissionDenied);
  EXPECT_EQ(rows(Call{}, request).error().code, Code::PermissionDenied);
  EXPECT_EQ(records_->get(as(99), "invoice", invoices_[0], {}).error().code, Code::NotFound);
}

TEST_F(ReadingRows, AHiddenFieldCannotBeReadFilteredSortedOrGrouped) {
  QueryRequest request;
  request.type = "invoice";
  request.fields = {"cost"};
  EXPECT_THAT(rows(as(kCarl), request).error().message, HasSubstr("no field \"cost\""));
  request.fields = {"id"};
  request.where = "cost > 0 EUR";
  EXPECT_EQ(rows(as(kCarl), request).error().code, Code::InvalidArgument);
  request.where = "";
  request.order = {"cost"};
  EXPECT_EQ(rows(as(kCarl), request).error().code, Code::InvalidArgument);
  request.order = {};
  request.group = {"cost"};
  EXPECT_EQ(rows(as(kCarl), request).error().code, Code::InvalidArgument);
  const auto record = records_->get(as(kCarl), "invoice", invoices_[0], {});
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->find("cost"), nullptr);
  EXPECT_EQ((*record)["lines"].items().size(), 1U);
}

TEST_F(ReadingRows, AMaskedFieldIsMaskedAndCannotBeFiltered) {
  QueryRequest request;
  request.type = "party";
  request.fields = {"iban"};
  const auto listed = rows(as(kCarl), request);
  ASSERT_TRUE(listed) << listed.error().message;
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_THAT(listed->front(), HasSubstr("3000"));
  EXPECT_THAT(listed->front(), ::testing::Not(HasSubstr("DE89")));
  request.where = "iban starts with DE";
  EXPECT_EQ(rows(as(kCarl), request).error().code, Code::InvalidArgument);
}

TEST_F(ReadingRows, AnotherPartysRecordAnswersAsAMissingOne) {
  const auto foreign = records_->get(as(kCarl), "invoice", invoices_[1], {});
  const auto missing = records_->get(as(kCarl), "invoice", id_text("inv", 4711), {});
  ASSERT_FALSE(foreign);
  ASSERT_FALSE(missing);
  EXPECT_EQ(foreign.error().message, missing.error().message);
  EXPECT_EQ(foreign.error().code, missing.error().code);
}

TEST_F(ReadingRows, ALinkGoesThroughTheLinkedTypesOwnRules) {
  allow(kCarl, "view", "invoice");  // all invoices, but only one party
  QueryRequest request;
  request.type = "invoice";
  request.fields = {"client.name"};
  request.limit = 2;
  const auto listed = rows(as(kCarl), request);
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_THAT(*listed, ElementsAre(R"({"client.name":"Acme"})", R"({"client.name":null})"));
  request.where = "client.name is Bolt";
  EXPECT_THAT(*rows(as(kCarl), request), ElementsAre());
}

TEST_F(ReadingRows, PagesContinueExactlyAndCursorsBelongToTheirQuery) {
  QueryRequest request;
  request.type = "invoice";
  request.fields = {"net_total"};
  request.order = {"-net_total"};
  request.limit = 2;
  std::vector<std::string> all;
  for (int page = 0; page < 5; ++page) {
    PageEnd end;
    const auto listed = rows(as(kAnn), request, &end);
    ASSERT_TRUE(listed) << listed.error().message;
    all.insert(all.end(), listed->begin(), listed->end());
    if (end.next_cursor.empty()) break;
    request.cursor = end.next_cursor;
  }
  ASSERT_EQ(all.size(), 5U);
  EXPECT_THAT(all.front(), HasSubstr("50.50"));
  EXPECT_THAT(all.back(), HasSubstr("10.50"));
  EXPECT_EQ(rows(as(kCarl), request).error().code, Code::InvalidArgument) << "another's cursor";
  request.where = "state is draft";
  EXPECT_EQ(rows(as(kAnn), request).error().code, Code::InvalidArgument) << "another query's cursor";
}

TEST_F(ReadingRows, GroupsAddUpWithinTheScope) {
  QueryRequest request;
  request.type = "invoice";
  request.group = {"currency"};
  request.aggregates = {"count", "sum net_total"};
  const auto groups = rows(as(kCarl), request);
  ASSERT_TRUE(groups) << groups.error().message;
  EXPECT_THAT(
      *groups,
      ElementsAre(R"({"currency":"EUR","count":3,"sum net_total":{"amount":"91.50","currency":"EUR"}})"));
  request.group = {};
  EXPECT_THAT(rows(as(kCarl), request).error().message, HasSubstr("group by \"currency\""));
}

TEST_F(ReadingRows, AViewShowsTotalsWithoutARightToTheRecords) {
  for (const std::string& id : {invoices_[0], invoices_[1]}) {
    ASSERT_TRUE(records_->act(as(kAnn), "invoice", id, "post", -1, Json()));
  }
  authorizer_->forbid(kCarl, "view", "invoice");
  gate_->invalidate();
  QueryRequest request;
  request.type = "turnover";
  const auto listed = rows(as(kCarl), request);
  ASSERT_TRUE(listed) << listed.error().message;
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_THAT(listed->front(), HasSubstr(R"("net":{"amount":"10.50","currency":"EUR"},"count":1)"));
}

TEST_F(ReadingRows, WhatIsShownIsInTheReadLogFirst) {
  QueryRequest request;
  request.type = "invoice";
  ASSERT_TRUE(rows(as(kCarl), request));
  ASSERT_EQ(read_log_.entries.size(), 1U);
  EXPECT_EQ(parse_ids(read_log_.entries[0]["records"].string())->ids.size(), 3U);
  read_log_.is_broken = true;
  EXPECT_EQ(rows(as(kCarl), request).error().code, Code::Unavailable);
  EXPECT_EQ(records_->get(as(kCarl), "invoice", invoices_[0], {}).error().code, Code::Unavailable);
}

TEST_F(ReadingRows, TheFeedShowsOnlyWhatTheCallerMaySee) {
  const auto start = records_->changes(as(kCarl), "", {}, 100);
  ASSERT_TRUE(start) << start.error().message;
  const std::string token((*start)["next"].string());
  ASSERT_TRUE(records_->act(as(kAnn), "invoice", invoices_[0], "post", -1, Json()));
  ASSERT_TRUE(records_->act(as(kAnn), "invoice", invoices_[1], "post", -1, Json()));
  const auto changes = records_->changes(as(kCarl), token, {}, 100);
  ASSERT_TRUE(changes) << changes.error().message;
  for (const Json& change : (*changes)["changes"].items()) EXPECT_EQ(change["id"].string(), invoices_[0]);
  EXPECT_EQ((*changes)["changes"].items().size(), 2U);  // changed, issued
  EXPECT_EQ(records_->changes(as(kAnn), token, {}, 100).error().code, Code::InvalidArgument)
      << "another's token";
}

TEST_F(ReadingRows, AFeedTokenFromBeforeWhatIsGoneIsReset) {
  const auto start = records_->changes(as(kAnn), "", {}, 100);
  ASSERT_TRUE(start) << start.error().message;
  const std::string token((*start)["next"].string());
  for (const std::string& invoice : invoices_) {
    ASSERT_TRUE(records_->act(as(kAnn), "invoice", invoice, "post", -1, Json()));
  }
  const auto known = records_->changes(as(kAnn), token, {}, 4);
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_FALSE((*known)["reset"].boolean());
  ASSERT_TRUE(
      database_->write(storage::Lane::Batch, "", [&](storage::Transaction& transaction) -> Result<void> {
        int64_t third = 0;
        TALON_DO(
            transaction.rows({"select id from outbox where event = 'invoice.issued' order by id limit 1", {}},
                             [&](Row row) -> Result<void> {
                               third = row[0].integer();
                               return {};
                             }));
        TALON_DO(transaction.run({"delete from outbox where id <= ?", {third}}));
        return storage::note_trimmed(transaction, {0, third});
      }));
  const auto expired = records_->changes(as(kAnn), token, {}, 100);
  ASSERT_TRUE(expired) << expired.error().message;
  EXPECT_TRUE((*expired)["reset"].boolean());
  EXPECT_EQ((*expired)["changes"].items().size(), 0U);
  // Who stands behind it goes on; who was reset goes on from the end.
  const auto rest = records_->changes(as(kAnn), (*known)["next"].string(), {}, 100);
  EXPECT_FALSE((*rest)["reset"].boolean());
  EXPECT_EQ((*rest)["changes"].items().size(), 6U);
  const auto after = records_->changes(as(kAnn), (*expired)["next"].string(), {}, 100);
  EXPECT_FALSE((*after)["reset"].boolean());
  EXPECT_EQ((*after)["changes"].items().size(), 0U);
}

/// Counts the snapshots that are open.
class WatchedDatabase : public storage::Database {
 public:
  explicit WatchedDatabase(storage::Database& inner) : inner_(inner) {}
  storage::Dialect dialect() const override { return inner_.dialect(); }
  Result<void> read(const storage::ReadWork& work) override {
    ++open;
    auto done = inner_.read(work);
    --open;
    return done;
  }
  Result<void> write(storage::Lane lane, std::string_view group, const storage::WriteWork& work) override {
    return inner_.write(lane, group, work);
  }
  int open = 0;

 private:
  storage::Database& inner_;
};

TEST_F(ReadingRows, TheAuthorizerIsNeverAskedWhileASnapshotIsOpen) {
  WatchedDatabase watched(*database_);
  Records::Parts parts;
  parts.model = model_;
  parts.database = &watched;
  parts.gate = gate_.get();
  parts.read_log = &read_log_;
  parts.now_us = [this] { return ++now_us_; };
  parts.today = [] { return int64_t{20261121}; };
  parts.signing_key = "test key";
  Records records(std::move(parts));
  int asked = 0;
  authorizer_->before_plan = [&] {
    ++asked;
    EXPECT_EQ(watched.open, 0) << "a plan was asked for inside a snapshot";
  };
  const auto start = records.changes(as(kCarl), "", {}, 100);
  ASSERT_TRUE(start) << start.error().message;
  ASSERT_TRUE(records_->act(as(kAnn), "invoice", invoices_[0], "post", -1, Json()));
  gate_->invalidate();
  const auto changes = records.changes(as(kCarl), (*start)["next"].string(), {}, 100);
  ASSERT_TRUE(changes) << changes.error().message;
  EXPECT_EQ((*changes)["changes"].items().size(), 2U);
  EXPECT_GT(asked, 0);
  gate_->invalidate();
  asked = 0;
  const std::vector<Question> questions = {
      {"view", "invoice", invoices_[0]}, {"view", "invoice", invoices_[1]}, {"edit", "party"}};
  const auto answers = records.check(as(kCarl), questions);
  ASSERT_TRUE(answers) << answers.error().message;
  EXPECT_EQ(*answers, std::vector<bool>({true, false, false}));
  EXPECT_EQ(asked, 2);
}

TEST_F(ReadingRows, AQueryAsksForEachFieldOnceAndForNoMoreThanItMay) {
  const auto refused = [&](const std::function<void(QueryRequest&)>& change) {
    QueryRequest request;
    request.type = "invoice";
    change(request);
    const auto listed = rows(as(kAnn), request);
    EXPECT_FALSE(listed);
    return listed ? std::string() : listed.error().message;
  };
  EXPECT_EQ(refused([](auto& r) {
              r.fields = {"note", "id", "note"};
            }),
            R"(fields: "note" stands twice; name it once)");
  EXPECT_EQ(refused([](auto& r) {
              r.order = {"note", "-note"};
            }),
            R"(order: "note" stands twice; name it once)");
  EXPECT_EQ(refused([](auto& r) {
              r.group = {"client", "client"};
            }),
            R"(group: "client" stands twice; name it once)");
  EXPECT_EQ(refused([](auto& r) {
              r.aggregates = {"count", "count"};
            }),
            R"(aggregates: "count" stands twice; name it once)");
  EXPECT_THAT(refused([](auto& r) {
                for (int i = 0; i < 9; ++i) r.order.push_back("f" + std::to_string(i));
              }),
              HasSubstr("order has 9 entries; at most 8"));
  EXPECT_THAT(refused([](auto& r) {
                for (int i = 0; i < 201; ++i) r.fields.push_back("f" + std::to_string(i));
              }),
              HasSubstr("at most 200"));
  EXPECT_THAT(refused([](auto& r) {
                r.where = "note is a";
                for (int i = 0; i < 500; ++i) r.where += " or note is a";
              }),
              HasSubstr("501 comparisons; at most 500"));
  EXPECT_THAT(refused([](auto& r) {
                r.where = "client.owner.name is a";
                for (int i = 0; i < 50; ++i) r.where += " or client.owner.name is a";
              }),
              HasSubstr("102 links; at most 100"));
  QueryRequest most;
  most.type = "invoice";
  most.fields = {"id", "client.name", "client.owner.name"};
  most.order = {"note", "-net_total"};
  most.where = "note is empty";
  for (int i = 0; i < 499; ++i) most.where += " or note is a";
  EXPECT_TRUE(rows(as(kAnn), most));
}

TEST_F(ReadingRows, ASumBeyond64BitsIsRefusedAndNotBroken) {
  for (const char* left : {"a", "b"}) {
    ASSERT_TRUE(records_->apply(
        system(), *Json::parse(R"({"operations":[{"op":"create","type":"pair","set":{"left":")" +
                               std::string(left) + R"(","weight":9223372036854775807}}]})")));
  }
  QueryRequest request;
  request.type = "pair";
  request.aggregates = {"sum weight"};
  const auto sum = rows(system(), request);
  ASSERT_FALSE(sum);
  EXPECT_EQ(sum.error().code, Code::OutOfRange);
  request.group = {"left"};
  EXPECT_TRUE(rows(system(), request));
}

}  // namespace
}  // namespace talon::records
