/// Many new records of a type at once: what as many `create`s would have done, or nothing.
#include "host/records/inside.hpp"
#include "host/records/writer.hpp"
#include "tests/unit/records/fixture.hpp"

#include <talon/changeset.hpp>
#include <talon/utf8.hpp>

namespace talon::records {
namespace {

constexpr int64_t kBob = 2;

class CreateAll : public RecordsTest {
 protected:
  CreateAll() {
    for (const char* type : {"party", "invoice"}) allow_all(kAnn, type);
    acme_ = create(kAnn, "party", R"({"name":"Acme"})");
    bolt_ = create(kAnn, "party", R"({"name":"Bolt"})");
  }

  static int64_t number(const std::string& id) { return *parse_id(id); }

  Result<Json> apply(const Call& call, const ChangeSet& changes) {
    std::vector<Cell> cells;
    for (const Value& value : changes.values()) cells.push_back(value.cell());
    return records_->apply(call, changes.json(), storage::Lane::Batch, cells);
  }
  Result<Json> apply(const Call& call, NewRecords records) {
    ChangeSet changes;
    changes.create_all(std::move(records));
    return apply(call, changes);
  }

  /// All columns of a table but ids and times, as one text a row.
  std::vector<std::string> content(const std::string& select) {
    std::vector<std::string> rows;
    EXPECT_TRUE(database_->read([&](storage::Reader& reader) {
      return reader.rows({select, {}}, [&](Row row) -> Result<void> {
        std::string text;
        for (const Cell& cell : row) text += to_json(Value(cell)).to_string() + "|";
        rows.push_back(std::move(text));
        return {};
      });
    }));
    return rows;
  }

  std::string acme_;
  std::string bolt_;
};

TEST_F(CreateAll, IsWhatAsManyCreatesAre) {
  const std::vector<std::vector<Value>> invoices = {{number(acme_), 1250, "one", "USD"},
                                                    {bolt_, -3, "\xC3\xA9t\xC3\xA9", Value()},
                                                    {number(bolt_), Value(), "", "EUR"}};
  const std::vector<std::string> fields = {"client", "net_total", "note", "currency"};
  ChangeSet one_by_one;
  NewRecords at_once{"invoice", fields, {}};
  for (const std::vector<Value>& values : invoices) {
    ChangeSet::Fields set;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      set.emplace_back(fields[i], values[i]);
      at_once.values.push_back(values[i]);
    }
    one_by_one.create("invoice", set);
  }
  const std::string rows =
      "select client, net_total, note, currency, state, version, created_by from invoices order by id";
  const std::string journal =
      "select kind, type, action, content, principal from audit_entries where type = 'invoice' order by id";
  const std::string events = "select event, type, version from outbox where type = 'invoice' order by id";
  allow_all(kBob, "invoice");
  ASSERT_TRUE(apply(as(kBob), one_by_one));
  const auto rows_one = content(rows);
  const auto journal_one = content(journal);
  const auto events_one = content(events);
  const auto made = apply(as(kBob), at_once);
  ASSERT_TRUE(made) << made.error().message;
  const auto twice = [](std::vector<std::string> list) {
    list.reserve(list.size() * 2);
    list.insert(list.end(), list.begin(), list.begin() + static_cast<std::ptrdiff_t>(list.size()));
    return list;
  };
  ASSERT_EQ(rows_one.size(), 3U);
  EXPECT_EQ(content(rows), twice(rows_one));
  ASSERT_EQ(journal_one.size(), 3U);
  EXPECT_EQ(content(journal), twice(journal_one));
  ASSERT_EQ(events_one.size(), 3U);
  EXPECT_EQ(content(events), twice(events_one));
}

TEST_F(CreateAll, OneRecordOutsideTheRightsLeavesNone) {
  allow(kBob, "create", "invoice", "client is " + acme_);
  for (const char* type : {"invoice", "party"}) allow(kBob, "view", type);
  EXPECT_TRUE(apply(as(kBob), {"invoice", {"client"}, {number(acme_), number(acme_)}}));
  EXPECT_EQ(count("select count(*) from invoices"), 2);
  const auto refused =
      apply(as(kBob), {"invoice", {"client"}, {number(acme_), number(bolt_), number(acme_)}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::PermissionDenied);
  EXPECT_EQ(count("select count(*) from invoices"), 2);
  EXPECT_EQ(apply(as(3), {"invoice", {"client"}, {number(acme_)}}).error().code, Code::PermissionDenied);
}

TEST_F(CreateAll, WhatCannotBeReadIsToldAndNothingIsWritten) {
  const int64_t acme = number(acme_);
  const struct {
    NewRecords records;
    std::string words;
  } cases[] = {
      {{"invoice", {"cliente"}, {acme}}, "Did you mean \"client\"?"},
      {{"invoice", {"client", "note", "client"}, {acme, "a", acme}}, "stands twice"},
      {{"invoice", {"client", "version"}, {acme, 7}}, "\"version\" cannot be set"},
      {{"invoice", {"client", "net_total"}, {acme, "12.30"}}, "minor units"},
      {{"invoice", {"client", "note"}, {acme, "a\x01"}}, "note: the text has control characters"},
      {{"invoice", {"client", "note"}, {acme, 7}}, "takes text, no number"},
      {{"invoice", {"client", "note"}, {acme, Value(Value::Bytes{"a"})}}, "takes a raw integer or a text"},
      {{"invoice", {"note"}, {"no client"}}, "needs \"client\""},
      {{"invoice", {"client"}, {acme, acme + 1}}, "names no party"},
      {{"invoice_line", {"text"}, {"a"}}, "cannot be written by itself"}};
  for (const auto& one : cases) {
    const auto refused = apply(system(), one.records);
    ASSERT_FALSE(refused) << one.words;
    EXPECT_EQ(refused.error().code, Code::InvalidArgument) << one.words;
    EXPECT_THAT(refused.error().message, HasSubstr(one.words));
    EXPECT_FALSE(find_bad_utf8(refused.error().details));
    EXPECT_EQ(count("select count(*) from invoices"), 0) << one.words;
  }
}

TEST_F(CreateAll, WithoutFieldsOrWithPartOfARecordItIsRefused) {
  const int64_t before = count("select count(*) from parties");
  const auto no_fields = apply(system(), {"party", {}, {"Dora"}});
  ASSERT_FALSE(no_fields);
  EXPECT_EQ(no_fields.error().code, Code::InvalidArgument);
  EXPECT_THAT(no_fields.error().message, HasSubstr("\"fields\""));
  EXPECT_FALSE(apply(system(), {"party", {}, {}})) << "nor does it pass where there is nothing to lose";
  EXPECT_FALSE(apply(system(), {"party", {"name", "iban"}, {"Dora", "DE1", "Emil"}}));
  ChangeSet shifted;  // the second would begin with what is left of the first
  shifted.create_all({"party", {"name", "iban"}, {"Dora", "DE1", "Emil"}});
  shifted.create_all({"party", {"name"}, {"Finn"}});
  EXPECT_FALSE(apply(system(), shifted));
  EXPECT_EQ(count("select count(*) from parties"), before);
  EXPECT_TRUE(apply(system(), {"party", {"name"}, {}}));
}

TEST_F(CreateAll, IsForCodeAlone) {
  const auto generation = Generation::make(model_);
  Records::Parts parts;
  parts.node = 1;  // no id of the other records
  parts.database = database_.get();
  parts.gate = gate_.get();
  parts.now_us = [this] { return now_us_; };
  parts.today = [] { return int64_t{20261123}; };
  Records::Inside inside(parts);
  inside.set_generation(generation);
  Operations operations;
  Operation& all = operations.list.emplace_back();
  all.kind = Operation::Kind::CreateAll;
  all.type = generation->find("party");
  all.columns = {static_cast<std::size_t>(all.type->column("name"))};
  all.rows.push_back({inside.new_id(), {Value("Dora")}});
  const int64_t before = count("select count(*) from parties");
  for (const Author author : {Author::Caller, Author::Code}) {
    const Call ann = as(kAnn);
    const auto rights = Rights::prepare(inside, ann, *generation, operations, author, nullptr);
    ASSERT_TRUE(rights);
    const auto written =
        database_->write(storage::Lane::Batch, "", [&](storage::Transaction& transaction) -> Result<void> {
          return Writer(inside, ann, *generation, *rights, transaction).run(operations);
        });
    EXPECT_EQ(static_cast<bool>(written), author == Author::Code);
    if (!written) {
      EXPECT_EQ(written.error().code, Code::PermissionDenied) << written.error().message;
    }
  }
  EXPECT_EQ(count("select count(*) from parties"), before + 1);
}

TEST_F(CreateAll, TheValuesAreAsManyAsTheRecordsNeed) {
  const std::vector<Cell> two = {Cell("Dora"), Cell("Emil")};
  const auto apply_text = [&](const std::string& operation, Row values) {
    return records_->apply(system(), *Json::parse(R"({"operations":[)" + operation + "]}"),
                           storage::Lane::Batch, values);
  };
  const int64_t before = count("select count(*) from parties");
  const std::string party = R"({"op":"create_all","type":"party","fields":["name"],"records":)";
  for (const std::string& wrong :
       {party + "1}", party + "3}", party + "-1}", party + "9223372036854775807}", party + R"("2"})",
        party + R"(2,"set":{}})",
        std::string(R"({"op":"create_all","type":"party","fields":[],"records":2})"),
        std::string(R"({"op":"create_all","type":"party","records":2})"),
        std::string(R"({"op":"create","type":"party","set":{"name":"Finn"}})")}) {
    const auto refused = apply_text(wrong, two);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, Code::InvalidArgument) << wrong;
  }
  Cell unknown("Dora");
  unknown.kind = 9;
  EXPECT_FALSE(apply_text(party + "1}", {&unknown, 1}));
  Cell nowhere("Dora");
  nowhere.as.text.data = nullptr;
  EXPECT_FALSE(apply_text(party + "1}", {&nowhere, 1}));
  std::vector<Cell> bad = two;
  bad.emplace_back("a\x01");
  EXPECT_THAT(apply_text(party + "3}", bad).error().details, HasSubstr(R"("/operations/0/records/2/name")"));
  EXPECT_EQ(count("select count(*) from parties"), before);
  EXPECT_TRUE(apply_text(party + "0}", {}));
  EXPECT_TRUE(apply_text(party + "2}", two));
  EXPECT_EQ(count("select count(*) from parties"), before + 2);
}

}  // namespace
}  // namespace talon::records
