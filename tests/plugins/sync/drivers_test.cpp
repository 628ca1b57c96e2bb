/// One mapping over three drivers gives the same records (M-70).
#include "tests/plugins/sync/harness.hpp"
#include "tests/support/mariadb_server.hpp"
#include "tests/support/postgres_server.hpp"

namespace talon::sync_test {
namespace {

constexpr const char* kTable =
    "create table customers (id bigint primary key, code varchar(20), name varchar(200), email varchar(200), "
    "currency varchar(3), credit_limit varchar(30), updated_at ";
constexpr const char* kRows =
    "insert into customers values (1,'C-1','Żubr 🚢','a@b.example','EUR','1250.50','2026-01-01 "
    "10:00:00.000001'),"
    "(2,'C-2','Two','n/a','JPY','99999','2026-01-01 10:00:00.000002'),"
    "(3,'C-3','','x@y.example','EUR',null,'2026-01-01 10:00:00.000003'),"
    "(4,'C-4','Four',null,'EUR','0.01','2026-01-01 10:00:00.000003'),"
    "(9007199254740993,'C-5','Five',null,'EUR',null,'2026-01-01 10:00:00.000004')";

/// Everything of the records but ids and times.
std::vector<std::string> outcome(const std::string& connection, const std::string& file) {
  Harness harness;
  if (!file.empty()) harness.host.secrets["erp/database"] = file;
  std::string mapping = kCustomers;
  if (!connection.empty()) {
    const std::string lite = "driver: sqlite, database: !secret erp/database";
    mapping.replace(mapping.find(lite), lite.size(), connection);
  }
  EXPECT_EQ(harness.load(mapping), "");
  std::vector<std::string> result = {harness.run(), harness.run()};
  for (const char* field : {"external_id", "name", "email", "currency", "credit_limit", "version"}) {
    for (std::string& value : harness.all("party", field)) result.push_back(std::move(value));
  }
  for (std::string& reason : harness.all("sync_reject", "reason")) result.push_back(std::move(reason));
  return result;
}

TEST(Drivers, OneMappingGivesTheSameRecordsOverEach) {
  const support::TemporaryDirectory folder;
  const std::string file = folder.file("erp.db");
  const auto made = support::run_program({"sqlite3", file, kTable + std::string("timestamp);") + kRows});
  ASSERT_TRUE(made && made->code == 0);
  const auto lite = outcome("", file);
  EXPECT_EQ(lite[0], "created 4, rejected 1");
  EXPECT_EQ(lite[1], "unchanged 4, rejected 1");

  auto& postgres = support::PostgresServer::shared();
  const std::string name = support::PostgresServer::name_of(postgres.new_database());
  ASSERT_TRUE(postgres.sql(name, kTable + std::string("timestamp(6));") + kRows));
  EXPECT_EQ(outcome("driver: postgresql, server: 127.0.0.1, port: " + std::to_string(postgres.port()) +
                        ", database: " + name + ", username: postgres",
                    ""),
            lite);

  auto& maria = support::MariadbServer::shared();
  const std::string database = maria.new_database();
  ASSERT_TRUE(maria.sql(database, kTable + std::string("datetime(6));") + kRows));
  EXPECT_EQ(outcome("driver: mariadb, server: 127.0.0.1, port: " + std::to_string(maria.port()) +
                        ", database: " + database + ", username: root",
                    ""),
            lite);
}

}  // namespace
}  // namespace talon::sync_test
