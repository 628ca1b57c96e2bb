/// What every benchmark prints: one JSON line per figure, with the limit that it is held against.
#pragma once

#include <talon/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace talon::bench {

/// Prints {"name","unit","value","limit_name","limit","ratio"} on stdout; ratio is value / limit, so ≤ 1 is
/// within the limit where less is better. A limit of 0 stands for none: its members are left out.
inline void report(std::string_view name, std::string_view unit, double value,
                   std::string_view limit_name = {}, double limit = 0) {
  const auto number = [](double of) {
    char text[48];
    std::snprintf(text, sizeof text, "%.6g", of);
    return Json(Json::Number{text});
  };
  Json line = Json::object({{"name", name}, {"unit", unit}, {"value", number(value)}});
  if (limit != 0) {
    line.set("limit_name", limit_name).set("limit", number(limit)).set("ratio", number(value / limit));
  }
  std::printf("%s\n", line.to_string().c_str());
  std::fflush(stdout);
}

using Clock = std::chrono::steady_clock;

inline double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// What a process has in memory, in MB.
inline double resident_mb(int pid) {
  std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
  int64_t size = 0;
  int64_t pages = 0;
  statm >> size >> pages;
  return static_cast<double>(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

/// CPU time that a process has used, all threads, in ms.
inline double cpu_ms(int pid) {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
}

/// The value below which `percent` of `samples` lie.
inline double percentile(std::vector<double> samples, double percent) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  const auto at = static_cast<std::size_t>(percent / 100 * static_cast<double>(samples.size() - 1) + 0.5);
  return samples[at];
}

/// Nanoseconds per call of `work`, `rounds` samples of `calls` calls each.
template <typename Work>
std::vector<double> time_ns(int rounds, int calls, Work&& work) {
  std::vector<double> samples;
  samples.reserve(static_cast<std::size_t>(rounds));
  for (int round = 0; round < rounds; ++round) {
    const auto start = Clock::now();
    for (int call = 0; call < calls; ++call) work(call);
    const auto end = Clock::now();
    samples.push_back(
        static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(end - start).count()) /
        calls);
  }
  return samples;
}

}  // namespace talon::bench
