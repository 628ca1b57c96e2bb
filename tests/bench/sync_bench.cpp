/// What a pull costs: records a second, CPU a record and memory, on both databases, over ODBC from SQLite.
///
/// The figures beside the targets are wall time on whatever else the machine does; CPU a record is the steady
/// one.
#include "tests/bench/report.hpp"
#include "tests/support/business.hpp"
#include "tests/support/postgres_server.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace talon::bench {
namespace {

using support::Answer;
using support::ApiClient;
using support::Business;

constexpr const char* kMapping = R"(
streams:
  - name: customers
    source: {table: c, key: id}
    target: {type: party}
    map:
      external_system: {const: erp}
      external_id: id
      number: code
      name: {from: name, required: yes}
)";

/// Microseconds of CPU that the process has used.
double cpu_us(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

/// A member of /proc/PID/status in MB: "VmRSS", "VmHWM".
double memory_mb(int pid, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.rfind(name + ":", 0) == 0)
      return std::strtod(line.c_str() + name.size() + 1, nullptr) * 1024 / 1e6;
  }
  return 0;
}

/// From here on VmHWM is the greatest since now.
void forget_peak(int pid) { std::ofstream("/proc/" + std::to_string(pid) + "/clear_refs") << "5"; }

bool make_source(const std::string& file, int rows) {
  const auto made = support::run_program(
      {"sqlite3", file,
       "create table c (id integer primary key, code text, name text); with recursive n(i) as (select 1 "
       "union all select i + 1 from n where i < " +
           std::to_string(rows) + ") insert into c select i, 'K' || i, 'Kunde ' || i from n"});
  return made && made->code == 0;
}

void bench_pull(const std::string& database, support::TalonOptions options, int rows, double first,
                double unchanged) {
  Business business(std::move(options));
  business.open();
  const std::string source = business.talon.directory().file("erp.db");
  if (!make_source(source, rows)) return;
  business.talon.directory().write(
      "config/connectors/erp.yaml",
      "connector: erp\nconnection: {type: odbc, driver: sqlite, database: " + source + "}" + kMapping);
  std::this_thread::sleep_for(std::chrono::seconds(1));  // the mapping is taken by itself
  const Json arguments = Json::object({{"connector", "erp"}, {"json", true}});
  const int pid = business.talon.pid();
  const std::string size = std::to_string(rows / 1000) + ",000 records over ODBC into " + database + ", ";
  for (const std::string pass : {"first pass", "unchanged pass", "every row changed"}) {
    if (pass == "every row changed") {
      const auto changed = support::run_program({"sqlite3", source, "update c set name = name || ' SARL'"});
      if (!changed || changed->code != 0) return;
    }
    std::this_thread::sleep_for(std::chrono::seconds(2));  // the sealer is done with what was written
    forget_peak(pid);
    const double cpu = cpu_us(pid);
    const auto start = Clock::now();
    const Answer run = business.admin->post("/api/v1/plugins/sync/commands/run", arguments);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (run.status != 200) std::fprintf(stderr, "sync: %s\n", run.text.c_str());
    const double target = pass == "first pass" ? first : pass == "unchanged pass" ? unchanged : 0;
    report(size + pass, "records/s", rows / seconds, target != 0 ? "target" : "", target);
    report(size + pass + ", CPU of talond", "µs/record", (cpu_us(pid) - cpu) / rows);
    report(size + pass + ", peak memory", "MB", memory_mb(pid, "VmHWM"), "target", 64);
  }
  report(size + "memory afterwards", "MB", memory_mb(pid, "VmRSS"), "target", 60);
}

}  // namespace
}  // namespace talon::bench

/// sync_bench [ROWS [sqlite|postgresql]]
int main(int count, char** arguments) {
  const int rows = count > 1 ? std::atoi(arguments[1]) : 50000;
  const std::string only = count > 2 ? arguments[2] : "";
  if (only != "postgresql") talon::bench::bench_pull("SQLite", {}, rows, 80000, 200000);
  if (only == "sqlite") return 0;
  talon::support::TalonOptions options;
  options.storage_url = talon::support::PostgresServer::shared().new_database();
  talon::bench::bench_pull("PostgreSQL", std::move(options), rows, 50000, 200000);
  return 0;
}
