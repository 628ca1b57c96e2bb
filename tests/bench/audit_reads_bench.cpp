/// What the read log costs those who wait for a list, and the machine.
///
/// Two installations on one machine, one with the read log and one without. The machine's own speed changes
/// by half from one second to the next, so they are asked in turn for an eighth of a second each: all their
/// times are taken together, and as the steadier figure the ratio of each two windows beside each other, of
/// which the median counts. One process is faster than another of the same program, by up to a tenth, as its
/// memory happens to lie: there are several pairs of them, one after the other. That is while the log's jobs
/// wait (decision 84); their work then comes at once, and is in the figure "CPU a list". What they do to
/// whoever asks for longer than they wait is in the last figures, where the two are asked for a quarter of a
/// minute on end each.
#include "tests/bench/report.hpp"
#include "tests/bench/sql.hpp"
#include "tests/support/business.hpp"

#include <array>
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

constexpr int kPairs = 7;
constexpr std::size_t kPieces = 2;  // of each pair and load
constexpr double kPieceMs = 3000;   // the jobs are put off for five seconds from when they were due
constexpr double kWindowMs = 130;   // not in step with the log's forcing
constexpr double kChangeMs = 10;    // of a window, in which the other's last answers end
constexpr double kLongMs = 15'000;
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
const std::array<Load, 3> kLoads = {{{"1 client", 1},
                                     {"4 clients with pauses of 1 ms", 4, std::chrono::milliseconds(1)},
                                     {"4 clients, all processors busy", 4}}};
const Load& kLongLoad = kLoads[1];

/// One of the two.
class Side {
 public:
  Side(const std::string& plugins, bool is_on) {
    support::TalonOptions options;
    options.plugin_directory = plugins_with(plugins, is_on);
    business_ = std::make_unique<Business>(std::move(options));
    business_->open();
    for (int draft = 0; draft < 60; ++draft) business_->draft(*business_->admin, business_->acme);
    business_->person("vic", "viewer");
    token_ = business_->talon.sign_in("vic@talon.test");
  }

  const std::string& token() const { return token_; }
  uint16_t port() const { return business_->talon.port(); }
  /// Of the daemon so far.
  double cpu_ms() const { return bench::cpu_ms(business_->talon.pid()); }

  /// Until no line of the read log waits to be taken in, and what was is sealed.
  void wait_for_jobs() const {
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

 private:
  std::uintmax_t waiting_bytes() const {
    std::uintmax_t bytes = 0;
    for (const fs::directory_entry& file : fs::directory_iterator(business_->talon.data("audit"))) {
      std::error_code gone;
      const std::uintmax_t size = fs::file_size(file.path(), gone);
      if (!gone && file.path().extension() == ".jsonl") bytes += size;
    }
    return bytes;
  }

  std::unique_ptr<Business> business_;
  std::string token_;
};

/// What the clients of one side waited for, and what it took.
struct Waits {
  std::vector<std::vector<double>> windows;  ///< ms
  int64_t lists = 0;
  double cpu_ms = 0;  ///< jobs included

  /// Of the same time.
  void add_client(const Waits& client) {
    windows.resize(std::max(windows.size(), client.windows.size()));
    for (std::size_t i = 0; i < client.windows.size(); ++i)
      windows[i].insert(windows[i].end(), client.windows[i].begin(), client.windows[i].end());
    lists += client.lists;
  }
  /// Of a later time.
  void add(const Waits& later) {
    windows.insert(windows.end(), later.windows.begin(), later.windows.end());
    lists += later.lists;
    cpu_ms += later.cpu_ms;
  }
  std::vector<double> all_ms() const {
    std::vector<double> all;
    for (const std::vector<double>& window : windows) all.insert(all.end(), window.begin(), window.end());
    return all;
  }
};
using BothWaits = std::array<Waits, 2>;

/// Lists of 50 invoices for some time: of one side, or of both in turn.
/// @param first  whose window is the first one.
BothWaits ask(const std::vector<const Side*>& sides, const Load& load, double for_ms, std::size_t first) {
  BothWaits waits;
  for (std::size_t side = 0; side < sides.size(); ++side) waits[side].cpu_ms = -sides[side]->cpu_ms();
  std::vector<BothWaits> of_clients(static_cast<std::size_t>(load.clients));
  std::vector<std::thread> threads;
  const auto start = Clock::now();
  for (BothWaits& mine : of_clients) {
    threads.emplace_back([&] {
      std::vector<std::unique_ptr<ApiClient>> callers;
      for (const Side* side : sides)
        callers.push_back(std::make_unique<ApiClient>(side->port(), side->token()));
      for (double at = ms_since(start); at < for_ms; at = ms_since(start)) {
        const auto window = static_cast<std::size_t>(at / kWindowMs);
        const std::size_t side = (first + window) % sides.size();
        const auto begun = Clock::now();
        callers[side]->get("/api/v1/invoices?limit=50&fields=number,state,issue_date,gross_total");
        const bool is_alone = sides.size() == 1 || at - static_cast<double>(window) * kWindowMs > kChangeMs;
        std::vector<std::vector<double>>& windows = mine[side].windows;
        windows.resize(std::max(windows.size(), window / sides.size() + 1));
        if (is_alone) windows.back().push_back(ms_since(begun));
        ++mine[side].lists;
        std::this_thread::sleep_for(load.pause);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Windows have the same numbers on both sides, also where nobody asked in the last one.
  const auto windows = static_cast<std::size_t>(for_ms / kWindowMs) / sides.size() + 1;
  for (std::size_t side = 0; side < sides.size(); ++side) {
    waits[side].windows.resize(windows);
    sides[side]->wait_for_jobs();
    waits[side].cpu_ms += sides[side]->cpu_ms();
    for (const BothWaits& client : of_clients) waits[side].add_client(client[side]);
  }
  return waits;
}

/// The p95 of one side by that of the other, in windows beside each other: the machine's own speed changes
/// less from one to the next than over all of them.
double p95_of_neighbours(const BothWaits& waits) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(waits[0].windows.size(), waits[1].windows.size()); ++i) {
    if (waits[0].windows[i].empty() || waits[1].windows[i].empty()) continue;
    ratios.push_back(percentile(waits[1].windows[i], 95) / percentile(waits[0].windows[i], 95));
  }
  return percentile(ratios, 50);
}

void report_waits(const std::string& list, const BothWaits& waits) {
  std::array<double, 2> p95{};
  for (std::size_t side = 0; side < waits.size(); ++side) {
    const std::string name = list + (side == 0 ? "read log off" : "read log on");
    const std::vector<double> all = waits[side].all_ms();
    p95[side] = percentile(all, 95);
    report(name + ", p50", "ms", percentile(all, 50));
    report(name + ", p95", "ms", p95[side]);
    report(name + ", CPU a list, jobs included", "us",
           waits[side].cpu_ms * 1000 / static_cast<double>(waits[side].lists));
  }
  report(list + "p95 on by off", "x", p95[1] / p95[0], "target", 1.05);
}

/// What was waited for by each load, and on end.
struct AllWaits {
  std::array<BothWaits, kLoads.size()> pieces;
  BothWaits on_end;
};

/// One pair of processes. @param is_on_first  when they are asked on end.
void ask_pair(AllWaits& waits, bool is_on_first) {
  const support::TemporaryDirectory folder;
  const Side off(folder.file("off"), false);
  const Side on(folder.file("on"), true);
  for (std::size_t load = 0; load < kLoads.size(); ++load) {
    for (std::size_t piece = 0; piece < kPieces; ++piece) {
      const BothWaits some = ask({&off, &on}, kLoads[load], kPieceMs, piece);
      for (std::size_t side = 0; side < some.size(); ++side) waits.pieces[load][side].add(some[side]);
    }
  }
  for (const bool is_on : {is_on_first, !is_on_first})
    waits.on_end[is_on ? 1 : 0].add(ask({is_on ? &on : &off}, kLongLoad, kLongMs, 0)[0]);
}

void bench_reads() {
  AllWaits waits;
  for (int pair = 0; pair < kPairs; ++pair) ask_pair(waits, pair % 2 == 1);
  for (std::size_t load = 0; load < kLoads.size(); ++load) {
    const std::string list = "list of 50 invoices, " + kLoads[load].name + ", ";
    report_waits(list, waits.pieces[load]);
    report(list + "p95 on by off, of windows beside each other", "x", p95_of_neighbours(waits.pieces[load]),
           "target", 1.05);
  }
  report_waits("list of 50 invoices, " + kLongLoad.name + ", a quarter of a minute on end, ", waits.on_end);
}

}  // namespace
}  // namespace talon::bench

int main() {
  talon::bench::bench_reads();
  return 0;
}
