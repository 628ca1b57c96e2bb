/// The listener: accepting, its loops, and the graceful end.
#include "host/http/listener.hpp"

#include "host/http/connection.hpp"
#include "host/http/problem.hpp"
#include "host/runtime/clock.hpp"
#include "host/runtime/log.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace talon::http {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr std::chrono::milliseconds kAcceptPause{100};

// A quarter of the shortest limit, so that none is overrun by more than that.
std::chrono::milliseconds sweep_every(const ListenerOptions& options) {
  const auto shortest =
      std::min({options.header_time, options.body_time, options.idle_time, options.write_time});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

}  // namespace

struct Listener::Inside : std::enable_shared_from_this<Listener::Inside> {
  Inside(ListenerOptions options, Handler& handler, runtime::Executor& executor)
      : shared{std::move(options), handler, executor} {}

  Result<void> open();
  void accept();
  void on_accepted(const error_code& error, tcp::socket socket);
  void sweep(Loop& loop);
  void wait_for_end(std::chrono::milliseconds drain);

  Shared shared;
  std::shared_ptr<TlsContext> tls;
  std::vector<std::shared_ptr<Loop>> loops;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards;
  std::optional<tcp::acceptor> acceptor;
  std::optional<asio::steady_timer> pause;
  std::size_t next = 0;
  uint16_t port = 0;
  std::string name;
  bool is_running = false;
};

Result<void> Listener::Inside::open() {
  const ListenerOptions& options = shared.options;
  if (!options.certificate_file.empty()) {
    TALON_TRY(tls, TlsContext::load(options.certificate_file, options.key_file));
  }
  TALON_TRY(shared.proxies, Proxies::read(options.trusted_proxies));
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error)
    return invalid("\"" + options.address + "\" is not an address to listen on, as in 127.0.0.1 or ::");
  for (int i = 0; i < std::max(options.threads, 1); ++i) loops.push_back(std::make_shared<Loop>());
  const tcp::endpoint endpoint(address, options.port);
  acceptor.emplace(loops[0]->io);
  pause.emplace(loops[0]->io);
  const auto step = [&](auto&& what) {
    if (!error) what();
  };
  step([&] { acceptor->open(endpoint.protocol(), error); });
  step([&] { acceptor->set_option(tcp::acceptor::reuse_address(true), error); });
  step([&] { acceptor->bind(endpoint, error); });
  step([&] { acceptor->listen(1024, error); });
  if (error) {
    return unavailable("cannot listen on " + options.address + " port " + std::to_string(options.port) +
                       ": " + error.message() + "; is another program using the port?");
  }
  port = acceptor->local_endpoint().port();
  return {};
}

void Listener::Inside::accept() {
  Loop& loop = *loops[next];
  acceptor->async_accept(loop.io, [this](const error_code& error, tcp::socket socket) {
    on_accepted(error, std::move(socket));
  });
}

void Listener::Inside::on_accepted(const error_code& error, tcp::socket socket) {
  if (!acceptor->is_open()) return;
  if (error) {
    // No descriptors left, mostly; accepting again at once would spin.
    runtime::log().warn("http.accept_failed", {{"reason", error.message()}});
    pause->expires_after(kAcceptPause);
    pause->async_wait([this](const error_code& cancelled) {
      if (!cancelled && acceptor->is_open()) accept();
    });
    return;
  }
  const std::shared_ptr<Loop> loop = loops[next];
  next = (next + 1) % loops.size();
  error_code ignored;
  const auto remote = socket.remote_endpoint(ignored);
  const std::string peer = remote.address().to_string();
  // Behind a trusted proxy stands everybody: it is counted by nobody's share, and must see to that itself.
  const std::string share = shared.proxies->trusts(peer) ? "" : PeerShares::key_of(remote.address());
  const std::size_t most = PeerShares::most_of(shared.options.connections_max);
  const bool has_room = ++shared.connections <= shared.options.connections_max;
  if (!has_room || (!share.empty() && !shared.shares.enter(share, most))) {
    --shared.connections;
    shared.refused->add();
    socket.non_blocking(true, ignored);
    if (!tls) socket.send(asio::buffer(kFull.data(), kFull.size()), 0, ignored);
    return accept();
  }
  socket.set_option(tcp::no_delay(true), ignored);
  auto transport = tls ? tls->wrap(std::move(socket)) : plain_transport(std::move(socket));
  auto connection = std::make_shared<Connection>(shared, loop, std::move(transport), peer, share);
  asio::post(loop->io, [connection] { connection->start(); });
  accept();
}

void Listener::Inside::sweep(Loop& loop) {
  loop.sweeper.expires_after(sweep_every(shared.options));
  loop.sweeper.async_wait([this, &loop](const error_code& cancelled) {
    if (cancelled) return;
    const int64_t now = runtime::steady_ns();
    std::vector<std::shared_ptr<Connection>> all;  // a check may end a connection, which changes the map
    all.reserve(loop.connections.size());
    for (const auto& [key, connection] : loop.connections) all.push_back(connection);
    for (const auto& connection : all) {
      if (shared.is_draining) connection->drain();
      connection->check_deadline(now);
    }
    sweep(loop);
  });
}

void Listener::Inside::wait_for_end(std::chrono::milliseconds drain) {
  const auto is_done = [this] { return shared.in_flight == 0 && shared.connections == 0; };
  std::unique_lock lock(shared.mutex);
  const auto until = std::chrono::steady_clock::now() + drain;
  while (!is_done() && std::chrono::steady_clock::now() < until) {
    shared.changed.wait_for(lock, std::chrono::milliseconds(10));
  }
  while (!is_done()) {
    lock.unlock();
    for (const auto& loop : loops) {
      asio::post(loop->io, [held = loop.get()] {
        while (!held->connections.empty()) held->connections.begin()->second->close();
      });
    }
    lock.lock();
    shared.changed.wait_for(lock, std::chrono::milliseconds(10));
  }
}

Listener::Listener(ListenerOptions options, Handler& handler, runtime::Executor& executor,
                   runtime::Metrics& metrics, std::string name)
    : inside_(std::make_shared<Inside>(std::move(options), handler, executor)) {
  inside_->name = name;
  for (int i = 0; i < 6; ++i) {
    const std::string status = i == 0 ? "none" : std::to_string(i) + "xx";
    inside_->shared.requests[i] =
        &metrics.counter("talon_http_requests_total", "Requests answered, by status.",
                         {{"listener", name}, {"status", status}});
  }
  inside_->shared.refused = &metrics.counter(
      "talon_http_connections_refused_total",
      "Connections refused because too many were open, in all or of one peer.", {{"listener", name}});
  inside_->shared.wait = &metrics.histogram("talon_http_wait_ms", "From the request's head to its answer.",
                                            {{"listener", name}});
}

Listener::~Listener() { stop(std::chrono::milliseconds(0)); }

Result<void> Listener::start() {
  TALON_DO(inside_->open());
  for (const auto& loop : inside_->loops) {
    inside_->guards.push_back(asio::make_work_guard(loop->io));
    inside_->sweep(*loop);
  }
  inside_->accept();
  for (const auto& loop : inside_->loops) loop->start();
  inside_->is_running = true;
  runtime::log().info("http.listening", {{"listener", inside_->name},
                                         {"address", inside_->shared.options.address},
                                         {"port", int64_t{inside_->port}},
                                         {"tls", inside_->tls != nullptr}});
  return {};
}

uint16_t Listener::port() const { return inside_->port; }
std::size_t Listener::connections() const { return inside_->shared.connections; }
uint64_t Listener::answered() const { return inside_->shared.wait->count(); }

void Listener::stop(std::chrono::milliseconds drain) {
  if (!inside_->is_running) return;
  inside_->is_running = false;
  inside_->shared.is_draining = true;
  asio::post(inside_->loops[0]->io, [inside = inside_.get()] {
    error_code ignored;
    inside->acceptor->close(ignored);
    inside->pause->cancel();
  });
  for (const auto& loop : inside_->loops) {
    asio::post(loop->io, [held = loop.get()] {
      std::vector<std::shared_ptr<Connection>> all;
      for (const auto& [key, connection] : held->connections) all.push_back(connection);
      for (const auto& connection : all) connection->drain();
    });
  }
  inside_->wait_for_end(drain);
  inside_->guards.clear();
  for (const auto& loop : inside_->loops) loop->stop();
  for (const auto& loop : inside_->loops) {
    // What was still queued holds connections, and they hold the loop: run it, so that they part.
    loop->sweeper.cancel();
    loop->io.restart();
    loop->io.poll();
  }
}

}  // namespace talon::http
