/// Runs against real SQLite sources: what arrives, what is set aside, what a second run does.
#include "tests/plugins/sync/harness.hpp"

namespace talon::sync_test {
namespace {

using Texts = std::vector<std::string>;

TEST(Mappings, TheShippedOnesHaveNoMistakes) {
  Mistakes mistakes;
  const auto documents =
      config::read_yaml_directory(TALON_SOURCE_DIR "/config/connectors", "config/connectors", mistakes);
  EXPECT_TRUE(mistakes.empty()) << config::to_lines(mistakes);
  EXPECT_EQ(documents.size(), 4u);
  testing::FakeHost host(whole_model());
  testing::PluginUnderTest sync(host);
  const auto found = sync.check(documents, whole_model());
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->empty()) << config::to_lines(*found);
}

TEST(Run, RowsArriveExactlyAndASecondRunDoesNothing) {
  Harness harness;
  harness.sql(std::string(kCustomerTable) +
              "insert into customers values (1,'C-1','  Żubr \"x\" 🚢 "
              "','a@b.example','EUR','1250.50','2026-01-01 10:00:00.000001'),"
              "(2,'C-2','Two','n/a','JPY','99999','2026-01-01 10:00:00.000002'),"
              "(3,'C-3','Three','broken','EUR',NULL,'2026-01-01 10:00:00.000003'),"
              "(4,'C-4','Four',NULL,'EUR','0.01','2026-01-01 10:00:00.000003')");
  ASSERT_EQ(harness.load(kCustomers), "");
  EXPECT_EQ(harness.run(), "created 4");
  EXPECT_EQ(harness.all("party", "name"), (Texts{"Żubr \"x\" 🚢", "Two", "Three", "Four"}));
  EXPECT_EQ(harness.all("party", "credit_limit"), (Texts{"125050", "99999", "", "1"}));
  EXPECT_EQ(harness.all("party", "email"), (Texts{"a@b.example", "", "", ""}));
  const std::size_t events = harness.host.events().size();
  EXPECT_EQ(harness.run(), "unchanged 4") << "the lookback reads them again";
  EXPECT_EQ(harness.host.events().size(), events);
  EXPECT_EQ(harness.all("party", "version"), (Texts{"1", "1", "1", "1"}));
}

TEST(Run, AChangeInTheSourceChangesThatFieldAlone) {
  Harness harness;
  harness.sql(std::string(kCustomerTable) +
              "insert into customers values (1,'C-1','One',NULL,'EUR','5.00','2026-01-01 "
              "10:00:00'),(2,'C-2','Two',NULL,'EUR',NULL,'2026-01-01 10:00:01')");
  ASSERT_EQ(harness.load(kCustomers), "");
  ASSERT_EQ(harness.run(), "created 2");
  harness.host.change("party", harness.host.ids("party")[0], {{"note", "ours"}});
  harness.sql("update customers set name='Uno', updated_at='2026-01-02 10:00:00' where id=1");
  EXPECT_EQ(harness.run(), "changed 1, unchanged 1");
  EXPECT_EQ(harness.all("party", "name"), (Texts{"Uno", "Two"}));
  EXPECT_EQ(harness.all("party", "note"), (Texts{"ours", ""}));
}

TEST(Run, BadRowsAreSetAsideWithTheirReasonAndTheOthersArrive) {
  Harness harness;
  harness.sql(std::string(kCustomerTable) +
              "insert into customers values (1,'C-1','',NULL,'EUR',NULL,'2026-01-01 10:00:00'),"
              "(2,'C-2','Two',NULL,'XQQ',NULL,'2026-01-01 10:00:01'),"
              "(3,'C-3','Three',NULL,'EUR','12,50','2026-01-01 10:00:02'),"
              "(4,'C-4','Fo'||char(7)||'ur',NULL,'EUR',NULL,'2026-01-01 10:00:03'),"
              "(5,'C-5','Five',NULL,'EUR','1.005','2026-01-01 10:00:04'),"
              "(6,'C-6','" +
              std::string(300, 'x') +
              "',NULL,'EUR',NULL,'2026-01-01 10:00:05'),"
              "(7,'C-7','Seven',NULL,'EUR','7.00','2026-01-01 10:00:06')");
  ASSERT_EQ(harness.load(kCustomers), "");
  EXPECT_EQ(harness.run(), "created 1, rejected 6");
  EXPECT_EQ(harness.all("party", "name"), (Texts{"Seven"}));
  const Texts fields = harness.all("sync_reject", "field");
  EXPECT_EQ(fields, (Texts{"name", "currency", "credit_limit", "name", "credit_limit", "name"}));
  for (const std::string& reason : harness.all("sync_reject", "reason")) {
    EXPECT_NE(reason.find("config/connectors/test.yaml:"), std::string::npos) << reason;
  }
  // The source is put right: the reject goes, the record comes.
  harness.sql("update customers set name='One', updated_at='2026-02-01 10:00:00' where id=1");
  EXPECT_EQ(harness.run(), "created 1, unchanged 1, rejected 5");
  EXPECT_EQ(harness.all("sync_reject", "external_id"), (Texts{"2", "3", "4", "5", "6"}));
  // The mapping is put right: a retry takes them from what was kept.
  std::string mapping = kCustomers;
  mapping.replace(mapping.find("{from: currency, as: currency, required: yes}"), 45, "{const: EUR}");
  ASSERT_EQ(harness.load(mapping), "");
  EXPECT_EQ(harness.run("erp", "retry"), "created 1, rejected 4");
}

TEST(Run, ALookupThatFindsNothingMayBeLeftEmpty) {
  Harness harness;
  harness.sql(std::string(kCustomerTable) +
              "insert into customers values (1,'C-1','One',NULL,'EUR',NULL,'2026-01-01 10:00:00'),"
              "(2,'C-2','Two',NULL,'EUR',NULL,'2026-01-01 "
              "10:00:01'),(3,'C-3','Three',NULL,'EUR',NULL,'2026-01-01 10:00:02')");
  std::string mapping = kCustomers;
  mapping += "      partner: {lookup: {type: party, by: name}, from: code, missing: set_null}\n";
  ASSERT_EQ(harness.load(mapping), "");
  EXPECT_EQ(harness.run(), "created 3");
}

TEST(Run, AMissingColumnFailsTheStreamAndNothingElse) {
  Harness harness;
  harness.sql(std::string(kCustomerTable) +
              "insert into customers values (1,'C-1','One',NULL,'EUR',NULL,'2026-01-01 10:00:00')");
  ASSERT_EQ(harness.load(kCustomers), "");
  ASSERT_EQ(harness.run(), "created 1");
  harness.sql("alter table customers rename column email to mail");
  const std::string failed = harness.run();
  EXPECT_NE(failed.find("error: "), std::string::npos);
  EXPECT_NE(failed.find("email"), std::string::npos) << failed;
  EXPECT_EQ(harness.all("party", "name"), (Texts{"One"}));
  EXPECT_NE(harness.all("sync_state", "last_error")[0].find("email"), std::string::npos);
}

constexpr const char* kOrders = R"(  - name: orders
    source: {table: orders, key: id}
    cursor: {field: updated_at}
    filter: status is not DRAFT
    target: {type: customer_order}
    map:
      external_system: {const: erp}
      external_id: id
      number: no
      client: {ref: customers, from: customer_id, missing: defer}
      currency: {const: EUR}
      state: {from: status, values: {NEW: placed, BILLED: invoiced}}
    lists:
      lines:
        table: lines
        join: order_id
        order: id
        map: {description: what, quantity: qty, price: price}
)";
constexpr const char* kOrderTables =
    "create table orders (id integer primary key, no text, customer_id integer, status text, updated_at "
    "timestamp);"
    "create table lines (id integer primary key, order_id integer, what text, qty text, price text);";

TEST(Run, ChildrenComeWithTheirParentAndWaitForWhatIsMissing) {
  Harness harness;
  harness.sql(std::string(kCustomerTable) + kOrderTables +
              "insert into customers values (1,'C-1','One',NULL,'EUR',NULL,'2026-01-01 10:00:00');"
              "insert into orders values (1,'O-1',1,'NEW','2026-01-01 "
              "10:00:00'),(2,'O-2',77,'NEW','2026-01-01 10:00:01'),"
              "(3,'O-3',1,'DRAFT','2026-01-01 10:00:02');"
              "insert into lines values (1,1,'a','1.5','10.00'),(2,1,'b','2','0.123456'),(3,2,'c','1','1')");
  ASSERT_EQ(harness.load(std::string(kCustomers) + kOrders), "");
  EXPECT_EQ(harness.run(), "created 2, deferred 1");
  EXPECT_EQ(harness.all("customer_order_line", "quantity"), (Texts{"15000", "20000"}));
  EXPECT_EQ(harness.all("customer_order_line", "price"), (Texts{"10000000", "123456"}));
  harness.sql("insert into customers values (77,'C-77','Late',NULL,'EUR',NULL,'2026-01-03 10:00:00')");
  EXPECT_EQ(harness.run(), "created 2, unchanged 1") << "the order that waited came by itself";
  EXPECT_EQ(harness.all("customer_order", "number"), (Texts{"O-1", "O-2"}));
  EXPECT_TRUE(harness.host.ids("sync_reject").empty());
}

TEST(Run, AFrozenRecordGetsAProposalAndNeverAWrite) {
  Harness harness;
  harness.sql(std::string(kCustomerTable) + kOrderTables +
              "insert into customers values (1,'C-1','One',NULL,'EUR',NULL,'2026-01-01 10:00:00');"
              "insert into orders values (1,'O-1',1,'NEW','2026-01-01 10:00:00');"
              "insert into lines values (1,1,'a','1','250.00')");
  ASSERT_EQ(harness.load(std::string(kCustomers) + kOrders), "");
  ASSERT_EQ(harness.run(), "created 2");
  const int64_t order = harness.host.ids("customer_order")[0];
  harness.host.change("customer_order", order, {{"state", "invoiced"}});
  const int64_t version = harness.host.value("customer_order", order, "version").integer();
  harness.sql(
      "update lines set price='137.50'; update orders set no='O-1b', updated_at='2026-01-05 10:00:00'");
  EXPECT_EQ(harness.run(), "unchanged 1, proposed 1");
  EXPECT_EQ(harness.host.value("customer_order", order, "version").integer(), version);
  EXPECT_EQ(harness.all("customer_order_line", "price"), (Texts{"250000000"}));
  const Texts changes = harness.all("sync_proposal", "changes");
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_NE(changes[0].find("O-1b"), std::string::npos) << changes[0];
  EXPECT_EQ(harness.run(), "unchanged 2") << "one proposal, not one a run";
}

TEST(Run, RowsGoneFromTheSourceAreMarkedButNotAllOfThem) {
  Harness harness;
  std::string rows;
  for (int i = 1; i <= 20; ++i) {
    rows += (i > 1 ? ",(" : "(") + std::to_string(i) + ",'C-" + std::to_string(i) +
            "','N',NULL,'EUR',NULL,'2026-01-01 10:00:00')";
  }
  harness.sql(std::string(kCustomerTable) + "insert into customers values " + rows);
  ASSERT_EQ(harness.load(std::string(kCustomers) +
                         "    deletes: {mode: key_diff, max_percent: 10, set: {is_active: {const: no}}}\n"),
            "");
  ASSERT_EQ(harness.run(), "created 20");
  harness.sql("delete from customers where id = 5");
  EXPECT_EQ(harness.run(), "deleted 1, unchanged 19");
  EXPECT_EQ(harness.host.value("party", harness.host.ids("party")[4], "is_active"), Value(0));
  EXPECT_EQ(harness.run(), "unchanged 19");
  harness.sql("delete from customers");
  EXPECT_NE(harness.run().find("more than `deletes` allows"), std::string::npos);
}

TEST(Run, ARecordWithTheSameKeyIsTakenOverOnceOnly) {
  Harness harness;
  harness.host.add("party", {{"name", "By hand"}, {"number", "C-1"}});
  harness.sql(std::string(kCustomerTable) +
              "insert into customers values (1,'C-1','One',NULL,'EUR',NULL,'2026-01-01 10:00:00'),"
              "(9,'C-1','Twin',NULL,'EUR',NULL,'2026-01-02 10:00:00')");
  std::string mapping = kCustomers;
  mapping.replace(mapping.find("target: {type: party}"), 21, "target: {type: party, key: number}");
  ASSERT_EQ(harness.load(mapping), "");
  EXPECT_EQ(harness.run(), "changed 1, rejected 1");
  EXPECT_EQ(harness.host.ids("party").size(), 1u);
  EXPECT_EQ(harness.all("party", "name"), (Texts{"One"}));
}

TEST(Run, ARowThatIsGoneOverThereComesMarkedAsGone) {
  Harness harness;
  harness.sql(
      "create table products (id integer primary key, sku text, gone_at text);"
      "insert into products values (1,'A',NULL),(2,'B','2026-01-01')");
  ASSERT_EQ(harness.load(R"(connector: erp
connection: {type: odbc, driver: sqlite, database: !secret erp/database}
streams:
  - name: products
    source: {table: products, key: id}
    target: {type: product, key: [sku]}
    map: {sku: sku, name: sku}
    deletes: {mode: soft_flag, column: gone_at, set: {is_active: {const: no}}}
)"),
            "");
  EXPECT_EQ(harness.run(), "created 2");
  EXPECT_EQ(harness.all("product", "is_active"), (Texts{"1", "0"}));
  harness.sql("update products set gone_at = '2026-02-01'");
  EXPECT_EQ(harness.run(), "deleted 1, unchanged 1");
  EXPECT_EQ(harness.all("product", "is_active"), (Texts{"0", "0"}));
}

TEST(Run, ATextInAnotherCharacterSetIsSetAsideAndStaysSo) {
  Harness harness;
  harness.sql(std::string(kCustomerTable) +
              "insert into customers values (1,'C-1',cast(x'4dfc6c6c6572' as "
              "text),NULL,'EUR',NULL,'2026-01-01 10:00:00')");
  ASSERT_EQ(harness.load(kCustomers), "");
  EXPECT_EQ(harness.run(), "rejected 1");
  EXPECT_EQ(harness.run("erp", "retry"), "rejected 1");
  EXPECT_TRUE(harness.host.ids("party").empty());
}

TEST(Run, AMisspeltNameIsNamedAndNotAnsweredWithNothing) {
  Harness harness;
  ASSERT_EQ(harness.load(kCustomers), "");
  for (const char* command : {"run", "plan", "retry", "reset", "rejects", "status", "list"}) {
    const Json stream = harness.command(command, "erp", "costumers");
    EXPECT_EQ(stream["error"].string(), "erp has no stream \"costumers\". Did you mean \"customers\"?")
        << command;
    // The API tells what is missing in no answer of its own: this one says it as a wrong argument.
    EXPECT_EQ(stream["code"].integer(), static_cast<int>(Code::InvalidArgument)) << command;
    const Json connector = harness.command(command, "erpp");
    EXPECT_EQ(connector["error"].string(), "there is no connector \"erpp\". Did you mean \"erp\"?")
        << command;
    EXPECT_EQ(connector["code"].integer(), static_cast<int>(Code::InvalidArgument)) << command;
  }
}

TEST(Run, ABadCellOrKeyIsSetAsideAndItsNeighboursArrive) {
  Harness harness;
  harness.sql(
      "create table customers (id text, code text, name text, email text, currency text, credit_limit text, "
      "updated_at timestamp);"
      "insert into customers values ('1','C-1','One',NULL,'EUR',NULL,'2026-01-01 10:00:00'),"
      "('2','C-2','l'||char(146)||'ami',NULL,'EUR',NULL,'2026-01-01 10:00:01'),"
      "('3'||char(133),'C-3','Three',NULL,'EUR',NULL,'2026-01-01 10:00:02'),"
      "(replace(hex(zeroblob(150)),'00','é'),'C-4','Four',NULL,'EUR',NULL,'2026-01-01 10:00:03'),"
      "(replace(hex(zeroblob(150)),'00','é')||'2','C-5','Five',NULL,'EUR',NULL,'2026-01-01 10:00:04'),"
      "('6','C-6','Six',NULL,'EUR',NULL,'2026-01-01 10:00:05')");
  ASSERT_EQ(harness.load(kCustomers), "");
  EXPECT_EQ(harness.run(), "created 2, rejected 4");
  EXPECT_EQ(harness.all("party", "name"), (Texts{"One", "Six"}));
  const Texts ids = harness.all("sync_reject", "external_id");
  ASSERT_EQ(ids.size(), 4u) << "two long keys with one beginning are two rejects";
  EXPECT_EQ(ids[0], "2");
  for (std::size_t i = 1; i < ids.size(); ++i) EXPECT_TRUE(ids[i].starts_with("(bad) ")) << ids[i];
  EXPECT_NE(harness.all("sync_reject", "raw")[0].find("l\\u0092ami"), std::string::npos);
  EXPECT_NE(harness.all("sync_state", "high_water")[0], "") << "the stream went on";
  // What was kept is what was read: the mapping is put right, a retry takes it.
  EXPECT_EQ(harness.run("erp", "retry"), "rejected 4");
}

}  // namespace
}  // namespace talon::sync_test
