/// A connector against a real database behind ODBC: a plan that is carried out exactly, and a run that is
/// killed.
#include "tests/integration/acceptance.hpp"

namespace talon::acceptance {
namespace {

/// Rows of the killed run; `./run soak` uses the same.
constexpr int kRows = 100000;

class Sync : public ::testing::Test {
 protected:
  void make_source(int rows) {
    const std::string sql =
        "create table customers (id integer primary key, code text, name text, city text, updated_at text);"
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < " +
        std::to_string(rows) +
        ") insert into customers select i, 'K' || i, 'Kunde ' || i, 'Ort ' || (i % 97), '2026-01-01 "
        "00:00:00' from n;";
    change_source(sql);
  }
  void change_source(const std::string& sql) const {
    const auto made = support::run_program({"sqlite3", source(), sql});
    ASSERT_TRUE(made);
    ASSERT_EQ(made->code, 0) << made->errors;
  }
  std::string source() const { return business_.talon.directory().file("erp.db"); }
  void write_mapping() {
    business_.talon.directory().write("config/connectors/erp.yaml", R"(connector: erp
connection:
  type: odbc
  driver: sqlite
  database: )" + source() + R"(
streams:
  - name: customers
    source: {table: customers, key: id}
    target: {type: party}
    map:
      external_system: {const: erp.customers}
      external_id: id
      number: code
      name: {from: name, required: yes}
      city: city
      is_client: {const: yes}
)");
  }
  Answer command(const std::string& name, Json args = Json::object()) {
    args.set("connector", "erp").set("json", true);
    return business_.admin->post("/api/v1/plugins/sync/commands/" + name, args);
  }
  int64_t parties() {
    return business_.admin
        ->get("/api/v1/parties?limit=1&include=total&where=" +
              percent_encoded("external_system is erp.customers"))
        .json["total"]
        .integer();
  }
  /// All that arrived, as one text of the database.
  std::string digest() const {
    const auto rows = support::run_program({"sqlite3", business_.talon.data("talon.db"),
                                            "select count(*), sum(length(name)), count(distinct "
                                            "external_id), min(version), max(version) from parties "
                                            "where external_system = 'erp.customers'"});
    return rows ? rows->output : rows.error().message;
  }

  Business business_;
};

TEST_F(Sync, APlanIsCarriedOutExactlyAndThenNothingIsLeft) {
  make_source(20);
  write_mapping();
  business_.open();
  ASSERT_EQ(command("run").status, 200);
  EXPECT_EQ(parties(), 20);
  change_source(
      "update customers set city = 'Neustadt' where id = 3; delete from customers where id = 4;"
      "insert into customers values (21, 'K21', 'Neu', 'Ort', '2026-02-01 00:00:00');"
      "insert into customers values (22, 'K22', null, 'Ort', '2026-02-01 00:00:00');");
  const Answer plan = command("plan");
  ASSERT_EQ(plan.status, 200) << plan.text;
  EXPECT_THAT(plan.text, HasSubstr("Neustadt"));
  EXPECT_THAT(plan.text, HasSubstr("\"created\":1"));
  EXPECT_THAT(plan.text, HasSubstr("\"changed\":1"));
  EXPECT_THAT(plan.text, HasSubstr("\"rejected\":1"));
  EXPECT_EQ(parties(), 20) << "a plan writes nothing";
  const Answer applied = command("apply", Json::object({{"plan", plan.json["plan"]}}));
  ASSERT_EQ(applied.status, 200) << applied.text;
  EXPECT_EQ(parties(), 21);
  const Answer again = command("run");
  ASSERT_EQ(again.status, 200);
  EXPECT_THAT(again.text, HasSubstr("\"created\":0"));
  EXPECT_THAT(again.text, HasSubstr("\"changed\":0"));
}

TEST_F(Sync, AKilledRunResumesToWhatAnUndisturbedOneGives) {
  make_source(kRows);
  write_mapping();
  business_.open();
  std::thread runner([&, port = business_.talon.port(), token = business_.admin->token()] {
    ApiClient client(port, token);
    client.post("/api/v1/plugins/sync/commands/run", Json::object({{"connector", "erp"}, {"json", true}}));
  });
  while (parties() < kRows / 5) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  business_.talon.kill();
  runner.join();
  const auto started = business_.talon.start();
  ASSERT_TRUE(started) << started.error().message;
  business_.admin = std::make_unique<ApiClient>(business_.talon.port(), business_.talon.admin());
  EXPECT_LT(parties(), kRows) << "the kill came too late to prove anything";
  Answer resumed = command("run");
  // Another run may hold the connector's place until its lease is over.
  for (int tries = 0; tries < 100 && resumed.status != 200; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    resumed = command("run");
  }
  ASSERT_EQ(resumed.status, 200) << resumed.text;
  int64_t letters = 0;
  for (int i = 1; i <= kRows; ++i) letters += 6 + static_cast<int64_t>(std::to_string(i).size());
  EXPECT_EQ(digest(),
            std::to_string(kRows) + "|" + std::to_string(letters) + "|" + std::to_string(kRows) + "|1|1\n");
}

}  // namespace
}  // namespace talon::acceptance
