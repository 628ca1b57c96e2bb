/// Metrics in Prometheus' text form.
#include "host/runtime/metrics.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace talon::runtime {

namespace {

std::string label_text(const Metrics::Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    out.append(out.empty() ? "" : ",").append(name).append("=\"");
    for (const char c : value) {
      if (c == '\n') {
        out.append("\\n");
        continue;
      }
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
  }
  return out;
}

std::string braces(const std::string& labels) { return labels.empty() ? "" : "{" + labels + "}"; }

std::string milliseconds(int64_t us) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%lld.%03lld", static_cast<long long>(us / 1000),
                static_cast<long long>(us % 1000));
  return text.data();
}

const std::vector<int64_t> kBoundsUs = {250,    500,     1'000,   2'500,   5'000,     10'000,    25'000,
                                        50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 10'000'000};

}  // namespace

Histogram::Histogram(std::vector<int64_t> bounds_us)
    : bounds_us_(std::move(bounds_us)), counts_(new std::atomic<uint64_t>[bounds_us_.size() + 1]()) {}

void Histogram::observe_us(int64_t us) {
  const auto bucket = std::lower_bound(bounds_us_.begin(), bounds_us_.end(), us) - bounds_us_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  sum_us_.fetch_add(static_cast<uint64_t>(std::max<int64_t>(us, 0)), std::memory_order_relaxed);
}

Metrics::Family& Metrics::family(const std::string& name, const std::string& help, const char* type) {
  Family& found = families_[name];
  found.help = help;
  found.type = type;
  return found;
}

Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = family(name, help, "counter").counters[label_text(labels)];
  if (!slot) slot = std::make_unique<Counter>();
  return *slot;
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = family(name, help, "gauge").gauges[label_text(labels)];
  if (!slot) slot = std::make_unique<Gauge>();
  return *slot;
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = family(name, help, "histogram").histograms[label_text(labels)];
  if (!slot) slot = std::make_unique<Histogram>(kBoundsUs);
  return *slot;
}

void Metrics::observe(const std::string& name, const std::string& help, std::function<int64_t()> read) {
  const std::lock_guard lock(mutex_);
  family(name, help, "gauge").read = std::move(read);
}

void Metrics::write_histogram(std::string& out, const std::string& name, const std::string& labels,
                              const Histogram& histogram) {
  const std::string before = labels.empty() ? "" : labels + ",";
  uint64_t sum = 0;
  for (std::size_t i = 0; i <= histogram.bounds_us_.size(); ++i) {
    sum += histogram.counts_[i].load(std::memory_order_relaxed);
    const std::string bound =
        i < histogram.bounds_us_.size() ? milliseconds(histogram.bounds_us_[i]) : "+Inf";
    out.append(name + "_bucket{" + before + "le=\"" + bound + "\"} " + std::to_string(sum) + "\n");
  }
  const auto total_us = static_cast<int64_t>(histogram.sum_us_.load(std::memory_order_relaxed));
  out.append(name + "_sum" + braces(labels) + " " + milliseconds(total_us) + "\n");
  out.append(name + "_count" + braces(labels) + " " + std::to_string(sum) + "\n");
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out.append("# HELP " + name + " " + family.help + "\n# TYPE " + name + " " + family.type + "\n");
    for (const auto& [labels, counter] : family.counters) {
      out.append(name + braces(labels) + " " + std::to_string(counter->value()) + "\n");
    }
    for (const auto& [labels, gauge] : family.gauges) {
      out.append(name + braces(labels) + " " + std::to_string(gauge->value()) + "\n");
    }
    for (const auto& [labels, histogram] : family.histograms) write_histogram(out, name, labels, *histogram);
    if (family.read) out.append(name + " " + std::to_string(family.read()) + "\n");
  }
  return out;
}

Metrics& metrics() {
  static Metrics instance;
  return instance;
}

}  // namespace talon::runtime
