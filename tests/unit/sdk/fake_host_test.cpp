/// The fake host keeps the promises that plugin tests lean on.
#include <talon/testing/plugin_under_test.hpp>
#include <talon/testing/sha256.hpp>

#include <gtest/gtest.h>

namespace talon::testing {
namespace {

model::Model shop() {
  model::RecordType party;
  party.name = "party";
  party.plural = "parties";
  party.prefix = "pty";
  model::Field country;
  country.name = "country";
  party.fields = {country};

  model::RecordType invoice;
  invoice.name = "invoice";
  invoice.plural = "invoices";
  invoice.prefix = "inv";
  model::Field client;
  client.name = "client";
  client.type = model::FieldType::Ref;
  client.to = "party";
  model::Field due;
  due.name = "due_date";
  due.type = model::FieldType::Date;
  model::Field currency;
  currency.name = "currency";
  currency.initial = "EUR";
  model::Field total;
  total.name = "net_total";
  total.type = model::FieldType::Money;
  total.currency = "currency";
  model::Field number;
  number.name = "number";
  model::Field hash;
  hash.name = "hash";
  invoice.fields = {client, due, currency, total, number, hash};
  return {{party, invoice}, {}, {}, {}};
}

Records records_of(FakeHost& host) {
  return {boundary::host_table<talon_records_v1>(host.raw(), TALON_RECORDS_V1), host.call()};
}

TEST(FakeHostTest, TextsGetTheirFieldsTypeFromTheModel) {
  FakeHost host(shop());
  const int64_t client = host.add("party", {{"country", "FR"}});
  const int64_t invoice = host.add(
      "invoice", {{"client", host.id("party", client)}, {"due_date", "2026-11-20"}, {"net_total", "12.30"}});
  EXPECT_EQ(host.value("invoice", invoice, "client"), Value(client));
  EXPECT_EQ(host.value("invoice", invoice, "due_date"), Value(20261120));
  EXPECT_EQ(host.value("invoice", invoice, "net_total"), Value(1230));
  EXPECT_EQ(host.value("invoice", invoice, "currency"), Value("EUR"));
}

TEST(FakeHostTest, QueriesUseTheConditionLanguageAcrossLinks) {
  FakeHost host(shop());
  const int64_t client = host.add("party", {{"country", "FR"}});
  host.add("invoice", {{"client", client}, {"due_date", "2026-11-20"}, {"net_total", "12.30"}});
  host.add("invoice", {{"client", client}, {"due_date", "2026-12-20"}, {"net_total", "1.00"}});
  const Query overdue{"invoice", {"net_total"}, "due_date before today and client.country in [FR, BE]"};
  const Result<std::vector<Record>> found = records_of(host).query(overdue);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().integer("net_total"), 1230);
  const Result<Record> one = records_of(host).get("party", client, {"country"});
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->text("country"), "FR");
}

TEST(FakeHostTest, GroupsAndSums) {
  FakeHost host(shop());
  const int64_t client = host.add("party", {});
  for (const char* amount : {"1.00", "2.00", "3.50"})
    host.add("invoice", {{"client", client}, {"net_total", amount}});
  const auto found = records_of(host).query({"invoice", {}, "", {}, {"client"}, {"count", "sum net_total"}});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().integer("count"), 3);
  EXPECT_EQ(found->front().integer("sum net_total"), 650);
}

TEST(FakeHostTest, AMistypedFieldIsRefused) {
  FakeHost host(shop());
  ChangeSet changes;
  changes.create("invoice", {{"net_totl", "1.00"}});
  EXPECT_FALSE(records_of(host).apply(changes));
  EXPECT_FALSE(records_of(host).query({"invoice", {"id"}, "net_totl > 1 EUR"}));
}

TEST(FakeHostTest, NumbersTextsAndDigestsAreFilledInLast) {
  FakeHost host(shop());
  const int64_t series = host.store().put({"number_series", {{"next_number", Value(7)}}});
  ChangeSet changes;
  Json& invoice = changes.create("invoice", {}, "new");
  ChangeSet::defer(invoice, "hash", ChangeSet::deferred_sha256("number"));
  ChangeSet::defer(invoice, "number", ChangeSet::deferred_text("INV-%{n:5}"));
  changes.next("number_series", series, "next_number", "n");
  changes.event("invoice.issued", "invoice", "@new");
  changes.answer(Json::object({{"invoice", "@new"}}));
  const Result<Json> answer = records_of(host).apply(changes);
  ASSERT_TRUE(answer) << answer.error().message;
  const int64_t id = host.ids("invoice").at(0);
  EXPECT_EQ((*answer)["invoice"].string(), host.id("invoice", id));
  EXPECT_EQ(host.text("invoice", id, "number"), "INV-00007");
  EXPECT_EQ(host.text("invoice", id, "hash"), sha256_hex("INV-00007"));
  EXPECT_EQ(host.value("number_series", series, "next_number"), Value(8));
  EXPECT_EQ(host.events().at(0)["record"].string(), host.id("invoice", id));
}

TEST(FakeHostTest, ManyRecordsAreMadeOfTheValuesBesideTheSet) {
  FakeHost host(shop());
  ChangeSet changes;
  changes.create_all({"invoice", {"number", "due_date"}, {"A", 20260101, "B", Value()}});
  changes.create_all({"party", {"country"}, {"FR"}});
  ASSERT_TRUE(records_of(host).apply(changes));
  ASSERT_EQ(host.ids("invoice").size(), 2U);
  EXPECT_EQ(host.text("invoice", host.ids("invoice")[0], "number"), "A");
  EXPECT_EQ(host.value("invoice", host.ids("invoice")[0], "due_date"), Value(20260101));
  EXPECT_EQ(host.text("invoice", host.ids("invoice")[1], "number"), "B");
  EXPECT_TRUE(host.value("invoice", host.ids("invoice")[1], "due_date").is_null());
  EXPECT_EQ(host.text("party", host.ids("party").at(0), "country"), "FR");
}

TEST(FakeHostTest, AStaleVersionOrGuardChangesNothing) {
  FakeHost host(shop());
  const int64_t invoice = host.add("invoice", {{"number", "A"}});
  host.change("invoice", invoice, {{"number", "B"}});
  ChangeSet stale;
  stale.create("party", {{"country", "FR"}});
  stale.change("invoice", invoice, 1, {{"number", "C"}});
  Result<Json> answer = records_of(host).apply(stale);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::Aborted);
  ChangeSet guarded;
  guarded.guard("invoice", invoice, "number is A");
  guarded.create("party", {{"country", "FR"}});
  answer = records_of(host).apply(guarded);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::Aborted);
  EXPECT_TRUE(host.ids("party").empty());
  EXPECT_EQ(host.text("invoice", invoice, "number"), "B");
}

TEST(FakeHostTest, AnUpsertFindsByItsKey) {
  FakeHost host(shop());
  for (const char* date : {"2026-01-01", "2026-02-02"}) {
    ChangeSet changes;
    changes.upsert("invoice", {"number"}, {{"number", "A"}, {"due_date", date}});
    ASSERT_TRUE(records_of(host).apply(changes));
  }
  ASSERT_EQ(host.ids("invoice").size(), 1U);
  EXPECT_EQ(host.value("invoice", host.ids("invoice")[0], "due_date"), Value(20260202));
}

TEST(FakeHostTest, TheDigestMatchesThePublishedOnes) {
  // FIPS 180-4 examples.
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

}  // namespace
}  // namespace talon::testing
