/// The triggers, on both databases: what is frozen stays, by whatever statement.
#include "host/storage/migrate.hpp"
#include "tests/unit/storage/fixture.hpp"
#include "tests/unit/storage/sample_model.hpp"

namespace talon::storage {

template <typename Kind>
class FreezeTest : public EachDatabase<Kind> {
 protected:
  void SetUp() override {
    EachDatabase<Kind>::SetUp();
    const auto done = migrate(this->options, sample_model());
    ASSERT_TRUE(done) << done.error().message;
    for (const int id : {1, 2}) {
      ASSERT_TRUE(
          this->change("insert into invoices (id, version, created_at, updated_at, state, number, client, "
                       "net_total, paid_total)"
                       " values (?, 1, 5, 5, 'draft', ?, 7, 1250, 0)",
                       {id, "A-" + std::to_string(id)}));
      ASSERT_TRUE(
          this->change("insert into invoice_lines (id, invoice, position, quantity) values (?, ?, 1, 10000)",
                       {id * 10, id}));
    }
    ASSERT_TRUE(
        this->change("update invoices set state = 'issued', number = 'F-1', version = 2 where id = 1"));
  }

  void expect_refused(const std::string& text, const std::string& because = "frozen") {
    const auto refused = this->change(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Code::FailedPrecondition) << text << "\n" << refused.error().message;
    EXPECT_NE(refused.error().message.find(because), std::string::npos) << refused.error().message;
  }
  void expect_allowed(const std::string& text) {
    const auto done = this->change(text);
    EXPECT_TRUE(done) << text << "\n" << done.error().message;
  }
};
TALON_EACH_DATABASE(FreezeTest);

TYPED_TEST(FreezeTest, AFrozenRecordKeepsAllButItsExceptedFields) {
  this->expect_allowed(
      "update invoices set paid_total = 600, version = 3, updated_at = 6, updated_by = 9 where id = 1");
  this->expect_refused("update invoices set net_total = 1 where id = 1");
  this->expect_refused("update invoices set client = null where id = 1");
  this->expect_refused("update invoices set currency = 'EUR' where id = 1");
  this->expect_refused("update invoices set state = 'draft' where id = 1");
  this->expect_refused("update invoices set id = 5 where id = 1");
  this->expect_refused("update invoices set created_by = 5 where id = 1");
  this->expect_refused("update invoices set net_total = net_total + 1");
  this->expect_refused("delete from invoices where id = 1");
  this->expect_refused("delete from invoices");
  this->expect_allowed("update invoices set net_total = 1 where id = 2");
  this->expect_allowed("delete from invoices where id = 2");
}

TYPED_TEST(FreezeTest, ChildrenOfAFrozenRecordStay) {
  this->expect_refused("insert into invoice_lines (id, invoice, position) values (99, 1, 2)");
  this->expect_refused("update invoice_lines set quantity = 1 where id = 10");
  this->expect_refused("update invoice_lines set invoice = 2 where id = 10");
  this->expect_refused("update invoice_lines set invoice = 1 where id = 20");
  this->expect_refused("delete from invoice_lines where id = 10");
  this->expect_refused("delete from invoice_lines");
  this->expect_allowed("insert into invoice_lines (id, invoice, position) values (98, 2, 2)");
  this->expect_allowed("update invoice_lines set quantity = 1 where id = 20");
  this->expect_allowed("delete from invoice_lines where id = 20");
  EXPECT_EQ(this->number("select count(*) from invoice_lines"), 2);
}

TYPED_TEST(FreezeTest, ARecordIsIssuedWithItsLinesInOneTransaction) {
  const auto done =
      this->database->write(Lane::Interactive, "", [](Transaction& transaction) -> Result<void> {
        TALON_DO(transaction.post({"insert into invoices (id, version, created_at, updated_at, state, number)"
                                   " values (3, 1, 5, 5, 'draft', null)",
                                   {}},
                                  1));
        TALON_DO(transaction.post(
            {"insert into invoice_lines (id, invoice, position) values (30, 3, 1), (31, 3, 2)", {}}, 2));
        return transaction.post({"update invoices set state = 'issued', number = 'F-2' where id = 3", {}}, 1);
      });
  ASSERT_TRUE(done) << done.error().message;
  this->expect_refused("delete from invoice_lines where invoice = 3");
}

TYPED_TEST(FreezeTest, AppendOnlyRecordsKeepWhatTheyHave) {
  ASSERT_TRUE(this->change(
      "insert into notes (id, version, created_at, updated_at, text) values (1, 1, 5, 5, 'first')"));
  ASSERT_TRUE(this->change("insert into notes (id, version, created_at, updated_at) values (2, 1, 5, 5)"));
  this->expect_refused("update notes set text = 'second' where id = 1", "append-only");
  this->expect_refused("update notes set text = null where id = 1", "append-only");
  this->expect_refused("delete from notes where id = 1", "append-only");
  this->expect_allowed("update notes set text = 'once', version = 2 where id = 2");
  this->expect_refused("update notes set text = 'twice' where id = 2", "append-only");
}

TYPED_TEST(FreezeTest, NewColumnsAreFrozenToo) {
  model::Model wider = sample_model();
  wider.types[0].fields.push_back(field("note", model::FieldType::Text, {.initial = "none"}));
  const auto done = migrate(this->options, wider);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(this->number("select count(*) from invoices where note = 'none'"), 2);
  this->expect_refused("update invoices set note = 'x' where id = 1");
  this->expect_allowed("update invoices set note = 'x' where id = 2");
  const auto planned = plan_migration(this->options, wider);
  ASSERT_TRUE(planned);
  EXPECT_EQ(planned->statements, std::vector<std::string>());
}

TYPED_TEST(FreezeTest, AChangedFreezeRuleReplacesTheTriggers) {
  model::Model changed = sample_model();
  changed.types[0].frozen = {"state is cancelled and client.name is \"it's\"", {}};
  const auto done = migrate(this->options, changed);
  ASSERT_TRUE(done) << done.error().message;
  this->expect_allowed("update invoices set net_total = 1 where id = 1");
  this->expect_allowed(
      "insert into parties (id, version, created_at, updated_at, name) values (7, 1, 5, 5, 'it''s')");
  this->expect_allowed("update invoices set state = 'cancelled' where id = 2");
  this->expect_refused("update invoices set net_total = 1 where id = 2");
  this->expect_refused("delete from invoice_lines where id = 20");
  changed.types[0].frozen = {};
  ASSERT_TRUE(migrate(this->options, changed));
  this->expect_allowed("delete from invoices");
}

TYPED_TEST(FreezeTest, ATriggerThatIsMissingOrOfAnotherFormIsMadeAnewThoughTheModelIsTheSame) {
  const auto spoil = [&](const std::string& guard, const std::string& table) {
    if (this->options.url.starts_with("sqlite")) {
      this->expect_allowed("drop trigger " + guard + "_delete");
      this->expect_allowed("drop trigger " + guard + "_update");
      // As an earlier form of this code might have made it.
      this->expect_allowed("create trigger " + guard + "_update before update on " + table +
                           " when (1 = 0) begin select raise(abort, 'never'); end");
    } else {
      this->expect_allowed("create or replace function " + guard +
                           "() returns trigger language plpgsql as 'begin if tg_op = ''DELETE'' then return "
                           "old; end if; return new; end'");
    }
  };
  ASSERT_TRUE(
      this->change("insert into notes (id, version, created_at, updated_at, text) values (1, 1, 5, 5, 'x')"));
  spoil("notes_append_only", "notes");
  spoil("invoices_frozen", "invoices");
  this->expect_allowed("update notes set text = 'y' where id = 1");
  this->expect_allowed("update invoices set net_total = 1 where id = 1");
  ASSERT_TRUE(migrate(this->options, sample_model()));
  this->expect_refused("update notes set text = 'z' where id = 1", "append-only");
  this->expect_refused("delete from notes where id = 1", "append-only");
  this->expect_refused("update invoices set net_total = 2 where id = 1");
  this->expect_refused("delete from invoices where id = 1");
  const auto again = plan_migration(this->options, sample_model());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->statements.empty()) << again->statements.front();
}

TYPED_TEST(FreezeTest, ARuleThatAsksForTodayIsRefused) {
  model::Model changed = sample_model();
  changed.types[1].fields[0].name = "from";
  changed.types[0].fields.push_back(field("due", model::FieldType::Date));
  changed.types[0].frozen.when = "due before today";
  const auto refused = migrate(this->options, changed);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::InvalidArgument);
  EXPECT_NE(refused.error().message.find("invoice.frozen.when"), std::string::npos)
      << refused.error().message;
}

using SqliteFreezeTest = FreezeTest<SqliteKind>;

TEST_F(SqliteFreezeTest, ReplaceIsNoWayRound) {
  expect_refused("insert or replace into invoices (id, version, created_at, updated_at) values (1, 1, 5, 5)");
  expect_refused("insert or replace into invoice_lines (id, invoice, position) values (10, 2, 1)");
}

using PostgresqlFreezeTest = FreezeTest<PostgresqlKind>;

TEST_F(PostgresqlFreezeTest, ALineCannotSlipInWhileItsInvoiceIsIssued) {
  const std::string add = "insert into invoice_lines (id, invoice, position) values (77, 2, 9)";
  const auto issued = database->write(Lane::Interactive, "", [&](Transaction& transaction) -> Result<void> {
    TALON_DO(transaction.run({"update invoices set state = 'issued' where id = 2", {}}));
    auto other = open(options);
    TALON_CHECK(static_cast<bool>(other));
    // Not yet committed here, so the other one must wait; it gives up rather than add the line.
    const auto slipped = (*other)->write(Lane::Interactive, "", [&](Transaction& second) -> Result<void> {
      TALON_DO(second.run({add, {}}));
      return {};
    });
    EXPECT_FALSE(slipped);
    return {};
  });
  (void)issued;
  expect_refused(add);
}

TEST_F(PostgresqlFreezeTest, TheRunningRoleCannotGetRoundTheTriggers) {
  support::PostgresServer& server = support::PostgresServer::shared();
  const std::string name = support::PostgresServer::name_of(server.new_database());
  for (const char* role : {"talon_owner", "talon_runner"}) {
    const auto made = server.sql(name, std::string("drop role if exists ") + role);
    ASSERT_TRUE(server.sql(name, std::string("create role ") + role + " login")) << made.error().message;
  }
  ASSERT_TRUE(server.sql(name, "grant create on schema public to talon_owner"));
  options.url = server.url(name, "talon_runner");
  options.owner_url = server.url(name, "talon_owner");
  const auto migrated = migrate(options, sample_model());
  ASSERT_TRUE(migrated) << migrated.error().message;
  ASSERT_TRUE(migrate(options, sample_model()));
  reopen();
  expect_allowed(
      "insert into invoices (id, version, created_at, updated_at, state) values (1, 1, 5, 5, 'issued')");
  expect_allowed("update invoices set paid_total = 5 where id = 1");
  expect_refused("update invoices set net_total = 5 where id = 1");
  for (const char* text :
       {"drop trigger invoices_frozen on invoices", "alter table invoices disable trigger all",
        "truncate invoices", "drop table invoices", "create table other (id bigint)", "delete from notes",
        "set session_replication_role = replica"}) {
    EXPECT_FALSE(change(text)) << text;
  }
}

}  // namespace talon::storage
