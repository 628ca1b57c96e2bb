/// What the read log costs those who wait for a list, and the machine.
///
/// Two installations on one machine, one with the read log and one without, are asked in turn for some
/// seconds each, so that the jobs that take the entries in run as they would all day. Their backlog is waited
/// for before the other one's turn: it must not be slower for it.
#include "tests/bench/report.hpp"
#include "tests/bench/sql.hpp"
#include "tests/support/business.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace talon::bench {
namespace {

namespace fs = std::filesystem;
using support::ApiClient;
using support::Business;

constexpr int kRounds = 20;
constexpr double kWarmMs = 800;  // until the jobs are at it
constexpr double kTimedMs = 1200;
constexpr double kPatienceMs = 60'000;

/// The build's plugins, with every `read_log` line or without them.
std::string plugins_with(const std::string& folder, bool is_on) {
  fs::copy(std::string(TALON_BUILD_DIR) + "/plugins", folder, fs::copy_options::recursive);
  for (const fs::directory_entry& plugin : fs::directory_iterator(folder)) {
    const std::string path = (plugin.path() / "plugin.yaml").string();
    std::ifstream in(path);
    std::string text;
    for (std::string line; std::getline(in, line);) {
      if (!is_on && line.find("read_log: ") != std::string::npos) continue;
      text += line + "\n";
    }
    in.close();
    std::ofstream(path) << text;
  }
  return folder;
}

/// Who asks.
struct Load {
  std::string name;
  int clients = 1;
  std::chrono::microseconds pause{0};  ///< of a client before its next list
};
const std::vector<Load> kLoads = {{"1 client", 1},
                                  {"4 clients with pauses of 1 ms", 4, std::chrono::milliseconds(1)},
                                  {"4 clients, all processors busy", 4}};

/// One of the two.
class Side {
 public:
  Side(const std::string& plugins, bool is_on) : name_(is_on ? "read log on" : "read log off") {
    support::TalonOptions options;
    options.plugin_directory = plugins_with(plugins, is_on);
    business_ = std::make_unique<Business>(std::move(options));
    business_->open();
    for (int draft = 0; draft < 60; ++draft) business_->draft(*business_->admin, business_->acme);
    business_->person("vic", "viewer");
    token_ = business_->talon.sign_in("vic@talon.test");
  }

  void begin() { p50_ = p95_ = cpu_us_ = {}; }

  /// Lists of 50 invoices, and what became of the entries.
  void turn(const Load& load) {
    const double cpu_before = cpu_ms(business_->talon.pid());
    std::vector<std::vector<double>> times(static_cast<std::size_t>(load.clients));
    std::vector<int64_t> counts(times.size());
    std::vector<std::thread> threads;
    const auto start = Clock::now();
    for (std::size_t client = 0; client < times.size(); ++client) {
      threads.emplace_back([&, client] {
        ApiClient caller(business_->talon.port(), token_);
        for (double at = 0; at < kWarmMs + kTimedMs; ++counts[client]) {
          const auto begun = Clock::now();
          caller.get("/api/v1/invoices?limit=50&fields=number,state,issue_date,gross_total");
          if (at >= kWarmMs) times[client].push_back(ms_since(begun));
          std::this_thread::sleep_for(load.pause);
          at = ms_since(start);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    wait_for_jobs();
    std::vector<double> all;
    int64_t count = 0;
    for (std::size_t client = 0; client < times.size(); ++client) {
      all.insert(all.end(), times[client].begin(), times[client].end());
      count += counts[client];
    }
    p50_.push_back(percentile(all, 50));
    p95_.push_back(percentile(all, 95));
    cpu_us_.push_back((cpu_ms(business_->talon.pid()) - cpu_before) * 1000 / static_cast<double>(count));
  }

  const std::string& name() const { return name_; }
  const std::vector<double>& p50() const { return p50_; }
  const std::vector<double>& p95() const { return p95_; }
  const std::vector<double>& cpu_us() const { return cpu_us_; }

 private:
  /// Until no line of the read log waits to be taken in, and what was is sealed.
  void wait_for_jobs() {
    const std::string open = "select count(*) from audit_entries where seq is null";
    const auto start = Clock::now();
    while (waiting_bytes() > 0 || sql(*business_, open) != "0") {
      if (ms_since(start) > kPatienceMs) {
        std::fprintf(stderr, "bench: the entries are not taken in after %.0f s\n", kPatienceMs / 1000);
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  std::uintmax_t waiting_bytes() const {
    std::uintmax_t bytes = 0;
    for (const fs::directory_entry& file : fs::directory_iterator(business_->talon.data("audit"))) {
      std::error_code gone;
      const std::uintmax_t size = fs::file_size(file.path(), gone);
      if (!gone && file.path().extension() == ".jsonl") bytes += size;
    }
    return bytes;
  }

  std::string name_;
  std::unique_ptr<Business> business_;
  std::string token_;
  std::vector<double> p50_;
  std::vector<double> p95_;
  std::vector<double> cpu_us_;
};

void bench_reads() {
  support::TemporaryDirectory folder;
  Side off(folder.file("off"), false);
  Side on(folder.file("on"), true);
  for (const Load& load : kLoads) {
    off.begin();
    on.begin();
    for (int round = 0; round < kRounds; ++round) {
      // Who goes first changes: the machine's own speed changes from second to second.
      (round % 2 == 0 ? off : on).turn(load);
      (round % 2 == 0 ? on : off).turn(load);
    }
    const std::string list = "list of 50 invoices, " + load.name + ", ";
    for (const Side* side : {&off, &on}) {
      report(list + side->name() + ", p50", "ms", percentile(side->p50(), 50));
      report(list + side->name() + ", p95", "ms", percentile(side->p95(), 50));
      report(list + side->name() + ", CPU a list, jobs included", "us", percentile(side->cpu_us(), 50));
    }
    std::vector<double> ratios;  // of neighbours
    for (std::size_t i = 0; i < on.p95().size(); ++i) ratios.push_back(on.p95()[i] / off.p95()[i]);
    report(list + "p95 on by off", "x", percentile(ratios, 50), "target", 1.05);
  }
}

}  // namespace
}  // namespace talon::bench

int main() {
  talon::bench::bench_reads();
  return 0;
}
