/// Migrations on both databases: new tables, wider tables, refusals.
#include "host/storage/migrate.hpp"

#include "tests/unit/storage/fixture.hpp"
#include "tests/unit/storage/sample_model.hpp"

namespace talon::storage {

template <typename Kind>
using MigrateTest = EachDatabase<Kind>;
TALON_EACH_DATABASE(MigrateTest);

TYPED_TEST(MigrateTest, ATypeBecomesATableWithReadableColumns) {
  const auto done = migrate(this->options, sample_model());
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_TRUE(this->change(
      "insert into invoices (id, version, created_at, updated_at, number, state, client, net_total)"
      " values (1, 1, 5, 5, 'A-1', 'draft', 7, 1250)"));
  ASSERT_TRUE(
      this->change("insert into invoice_lines (id, invoice, position, \"from\", quantity)"
                   " values (2, 1, 1, 20260101, 15000)"));
  EXPECT_EQ(this->number("select net_total from invoices where number = ?", {"A-1"}), 1250);
  const auto twice = this->change(
      "insert into invoices (id, version, created_at, updated_at, number)"
      " values (3, 1, 5, 5, 'A-1')");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Code::AlreadyExists);
}

TYPED_TEST(MigrateTest, EmptyKeysDoNotCollide) {
  ASSERT_TRUE(migrate(this->options, sample_model()));
  for (const int id : {1, 2}) {
    const auto done =
        this->change("insert into invoices (id, version, created_at, updated_at) values (?, 1, 5, 5)", {id});
    EXPECT_TRUE(done) << done.error().message;
  }
}

TYPED_TEST(MigrateTest, TheSecondRunFindsNothingToDo) {
  const auto planned = plan_migration(this->options, sample_model());
  ASSERT_TRUE(planned);
  EXPECT_FALSE(planned->statements.empty());
  ASSERT_TRUE(migrate(this->options, sample_model()));
  const auto again = plan_migration(this->options, sample_model());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->statements, std::vector<std::string>());
  EXPECT_TRUE(migrate(this->options, sample_model()));
}

TYPED_TEST(MigrateTest, NewFieldsAndChoicesAreAddedInPlace) {
  ASSERT_TRUE(migrate(this->options, sample_model()));
  ASSERT_TRUE(this->change("insert into invoices (id, version, created_at, updated_at) values (1, 1, 5, 5)"));
  model::Model wider = sample_model();
  model::RecordType& invoice = wider.types[0];
  invoice.fields.push_back(field("kind", model::FieldType::Choice, {.choices = {"a", "b"}, .initial = "b"}));
  invoice.fields.push_back(field("note", model::FieldType::Text));
  invoice.fields[1].choices.push_back("archived");
  invoice.unique.push_back({"note"});
  const auto done = migrate(this->options, wider);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(this->number("select count(*) from invoices where kind = 'b' and note is null"), 1);
}

TYPED_TEST(MigrateTest, ATypeThatIsNoLongerDeclaredKeepsItsTable) {
  ASSERT_TRUE(migrate(this->options, sample_model()));
  ASSERT_TRUE(this->change("insert into parties (id, version, created_at, updated_at) values (1, 1, 5, 5)"));
  model::Model without = sample_model();
  without.types.pop_back();
  ASSERT_TRUE(migrate(this->options, without));
  EXPECT_EQ(this->number("select count(*) from parties"), 1);
  const auto back = migrate(this->options, sample_model());
  EXPECT_TRUE(back) << back.error().message;
}

TYPED_TEST(MigrateTest, WhatWouldLoseDataIsRefusedAsAWhole) {
  ASSERT_TRUE(migrate(this->options, sample_model()));
  model::Model changed = sample_model();
  model::RecordType& invoice = changed.types[0];
  invoice.fields[0].type = model::FieldType::Integer;
  invoice.fields[1].choices.erase(invoice.fields[1].choices.begin());
  invoice.fields.pop_back();
  changed.types[1].fields[1].scale = 2;
  changed.types.push_back(stored("new_thing", "new_things", {}));
  const auto refused = migrate(this->options, changed);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::FailedPrecondition);
  for (const char* place :
       {"invoice.number is text", "\"draft\"", "invoice.paid_total is gone", "4 decimals"}) {
    EXPECT_NE(refused.error().message.find(place), std::string::npos) << place << "\n"
                                                                      << refused.error().message;
  }
  EXPECT_FALSE(
      this->change("insert into new_things (id, version, created_at, updated_at) values (1, 1, 1, 1)"));
}

}  // namespace talon::storage
