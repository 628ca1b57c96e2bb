/// The HTTP server as the daemon makes it.
#include "host/http/server.hpp"

#include "host/http/problem.hpp"

namespace talon::http {

namespace {
constexpr const char* kConnections = "talon_http_connections";
constexpr const char* kQueue = "talon_http_queue";
}  // namespace

Server::Server(ServerOptions options, ApiParts parts, runtime::Metrics& metrics)
    : options_(std::move(options)),
      metrics_(metrics),
      workers_(options_.workers),
      api_(std::move(parts)),
      metrics_handler_(metrics),
      listener_(options_.api, api_, workers_, metrics, "api") {
  if (options_.metrics) {
    metrics_listener_ =
        std::make_unique<Listener>(*options_.metrics, metrics_handler_, workers_, metrics, "metrics");
  }
  metrics.observe(kConnections, "Open connections of the API.",
                  [this] { return static_cast<int64_t>(listener_.connections()); });
  metrics.observe(kQueue, "Requests that wait for a worker.",
                  [this] { return static_cast<int64_t>(workers_.waiting()); });
}

Server::~Server() {
  stop(std::chrono::milliseconds(0));
  metrics_.observe(kConnections, "Open connections of the API.", nullptr);
  metrics_.observe(kQueue, "Requests that wait for a worker.", nullptr);
}

Result<void> Server::start() {
  if (metrics_listener_) TALON_DO(metrics_listener_->start());
  return listener_.start();
}

uint16_t Server::port() const { return listener_.port(); }
uint16_t Server::metrics_port() const { return metrics_listener_ ? metrics_listener_->port() : uint16_t{0}; }

void Server::stop(std::chrono::milliseconds drain) {
  if (metrics_listener_) metrics_listener_->stop(std::chrono::milliseconds(0));
  listener_.stop(drain);
  api_.stop();
  workers_.stop();
}

Response Server::MetricsHandler::handle(Request& request) {
  if (request.method != "GET" || request.path != "/metrics")
    return problem(not_found("no such page"), request.id);
  Response response;
  response.body = metrics_.text();
  return response.header("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace talon::http
