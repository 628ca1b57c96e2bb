/// The HTTP server as the daemon makes it: the API's listener, and one of its own for metrics.
#pragma once

#include "host/http/api.hpp"
#include "host/http/listener.hpp"
#include "host/runtime/executor.hpp"
#include "host/runtime/metrics.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace talon::http {

struct ServerOptions {
  ListenerOptions api;
  std::optional<ListenerOptions> metrics;  ///< plain, for the loopback or an inner network; none: not served
  runtime::Executor::Options workers{.threads = 8, .queue_max = 1024};
};

/// Answers requests from `start` to `stop`.
class Server {
 public:
  /// @param metrics  outlives this, as the rooms in `parts` do.
  Server(ServerOptions options, ApiParts parts, runtime::Metrics& metrics);
  ~Server();

  /// @errors InvalidArgument: settings, certificate; Unavailable: a port is taken.
  Result<void> start();
  uint16_t port() const;          ///< of the API; after start
  uint16_t metrics_port() const;  ///< 0: none
  uint64_t answered() const { return listener_.answered(); }  ///< requests of the API so far
  /// Takes no more, finishes what is under way (`drain` at most), ends event streams, joins all threads.
  void stop(std::chrono::milliseconds drain);
  Api& api() { return api_; }

 private:
  class MetricsHandler : public Handler {
   public:
    explicit MetricsHandler(runtime::Metrics& metrics) : metrics_(metrics) {}
    Response handle(Request& request) override;
    bool is_quick(const Request&) const override { return true; }

   private:
    runtime::Metrics& metrics_;
  };

  ServerOptions options_;
  runtime::Metrics& metrics_;
  runtime::Executor workers_;
  Api api_;
  MetricsHandler metrics_handler_;
  Listener listener_;
  std::unique_ptr<Listener> metrics_listener_;
};

}  // namespace talon::http
