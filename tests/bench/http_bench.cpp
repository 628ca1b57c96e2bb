/// Requests a second and CPU time a request of the listener: a 309-byte JSON answer over keep-alive
/// connections.
///
/// The load comes from `wrk`, when it is installed, on the same machine. Three handlers: on the listener's
/// own thread (what the parser and the loop cost), by way of the workers (what every API request pays), and
/// over TLS if a certificate is named in TALON_BENCH_CERTIFICATE and TALON_BENCH_KEY.
#include "host/http/listener.hpp"
#include "tests/bench/report.hpp"

#include <sys/resource.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace talon::bench {
namespace {

// baselines.md: Beast's parser on an own Asio loop, measured with wrk on the same 2 cores.
constexpr double kCpuFloorUs = 8.3;
constexpr double kRateFloor = 83'000;

class Fixed : public http::Handler {
 public:
  Fixed() {
    body_ = R"({"id":"inv_06b1x2y3z4a5b","version":3,"number":"INV-2026-00042",)"
            R"("net_total":{"amount":"1234.50","currency":"EUR"},"note":")";
    body_.append(307 - body_.size(), 'x').append("\"}");
  }
  http::Response handle(http::Request&) override {
    http::Response response;
    response.body = body_;
    return response.header("Content-Type", "application/json");
  }
  bool is_quick(const http::Request& request) const override { return request.path == "/quick"; }

 private:
  std::string body_;
};

double cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

/// @return requests in all and a second; 0 where wrk did not run.
std::pair<double, double> load(const std::string& address) {
  const std::string command = "wrk -t1 -c16 -d3s " + address + " 2>/dev/null";
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  std::array<char, 256> line{};
  double all = 0;
  double rate = 0;
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
    const std::string text = line.data();
    if (text.find("requests in") != std::string::npos) all = std::atof(text.c_str());
    if (text.rfind("Requests/sec:", 0) == 0) rate = std::atof(text.c_str() + 13);
  }
  ::pclose(pipe);
  return {all, rate};
}

void run(const std::string& name, const http::Listener& listener, const std::string& scheme,
         const std::string& path) {
  const double before = cpu_us();
  const auto [all, rate] = load(scheme + "://127.0.0.1:" + std::to_string(listener.port()) + path);
  if (all < 1) return;
  report("http." + name + ".requests", "1/s", rate, "beast_own_loop", kRateFloor);
  report("http." + name + ".cpu", "us/request", (cpu_us() - before) / all, "beast_own_loop", kCpuFloorUs);
}

}  // namespace
}  // namespace talon::bench

int main() {
  using namespace talon;
  if (std::system("command -v wrk >/dev/null 2>&1") != 0) {
    std::fprintf(stderr, "http_bench: wrk is not installed; nothing was measured\n");
    return 0;
  }
  bench::Fixed handler;
  runtime::Metrics metrics;
  runtime::Executor executor({.threads = 2, .queue_max = 4096});
  http::Listener plain({.threads = 1}, handler, executor, metrics);
  if (!plain.start()) return 1;
  bench::run("quick", plain, "http", "/quick");
  bench::run("worker", plain, "http", "/worker");
  plain.stop(std::chrono::milliseconds(500));
  const char* certificate = std::getenv("TALON_BENCH_CERTIFICATE");
  const char* key = std::getenv("TALON_BENCH_KEY");
  if (certificate == nullptr || key == nullptr) return 0;
  http::Listener tls({.certificate_file = certificate, .key_file = key, .threads = 1}, handler, executor,
                     metrics, "tls");
  if (!tls.start()) return 1;
  bench::run("tls", tls, "https", "/quick");
  tls.stop(std::chrono::milliseconds(500));
  return 0;
}
