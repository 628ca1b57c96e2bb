/// Metrics in Prometheus' text form: counters, gauges and histograms, counted without locks.
///
/// A small registry of our own: three kinds with fixed labels, so that counting is one atomic addition.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace talon::runtime {

/// Only grows. @threads any.
class Counter {
 public:
  void add(uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

/// Goes up and down. @threads any.
class Gauge {
 public:
  void add(int64_t count) { value_.fetch_add(count, std::memory_order_relaxed); }
  void set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

/// Durations, in buckets of milliseconds. @threads any.
class Histogram {
 public:
  /// @param bounds_us  upper bounds of the buckets, growing, microseconds.
  explicit Histogram(std::vector<int64_t> bounds_us);
  void observe_us(int64_t us);
  uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  friend class Metrics;
  std::vector<int64_t> bounds_us_;
  std::unique_ptr<std::atomic<uint64_t>[]> counts_;
  std::atomic<uint64_t> count_{0};
  std::atomic<uint64_t> sum_us_{0};
};

/// Owns metrics by name and labels. A metric lives as long as this. Labels name no tenant and no person.
/// @threads any.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  /// The metric of that name and labels; made at the first asking.
  /// @param name  talon_<plugin>_<what>_<unit>. @param help  one sentence.
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  /// `name` ends in _ms; its values are written in milliseconds.
  Histogram& histogram(const std::string& name, const std::string& help, const Labels& labels = {});
  /// A gauge that is read when the metrics are.
  void observe(const std::string& name, const std::string& help, std::function<int64_t()> read);

  /// Everything in Prometheus' text exposition format 0.0.4.
  std::string text() const;

 private:
  struct Family {
    std::string help;
    std::string type;
    std::map<std::string, std::unique_ptr<Counter>> counters;  // by label text
    std::map<std::string, std::unique_ptr<Gauge>> gauges;
    std::map<std::string, std::unique_ptr<Histogram>> histograms;
    std::function<int64_t()> read;
  };
  Family& family(const std::string& name, const std::string& help, const char* type);
  static void write_histogram(std::string& out, const std::string& name, const std::string& labels,
                              const Histogram& histogram);

  mutable std::mutex mutex_;
  std::map<std::string, Family> families_;
};

/// The process' metrics.
Metrics& metrics();

}  // namespace talon::runtime
