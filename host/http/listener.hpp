/// The listener: sockets to requests and back. Its loops wait for no slow client, and for no handler longer
/// than a millisecond or two (`Handler::is_brief`).
#pragma once

#include "host/http/message.hpp"
#include "host/http/proxies.hpp"
#include "host/runtime/executor.hpp"
#include "host/runtime/metrics.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace talon::http {

struct ListenerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;                         ///< 0: any free one
  std::string certificate_file;              ///< PEM chain; empty: plain HTTP
  std::string key_file;                      ///< PEM
  std::vector<std::string> trusted_proxies;  ///< as Proxies::read
  int threads = 1;                           ///< loops; each has a second thread, which watches it
  int node = 0;                              ///< of the requests' ids, as of IdGenerator
  uint32_t header_bytes_max = 16 * 1024;
  uint64_t body_bytes_max = 1024 * 1024;
  std::size_t connections_max = 4096;  ///< of one peer that is no trusted proxy a quarter, but 64 at least
  std::size_t stream_bytes_max =
      256 * 1024;  ///< of a streamed body that waits for the client; then `write` blocks
  std::chrono::milliseconds header_time{
      10'000};                                  ///< from the first byte (or the connection) to the head's end
  std::chrono::milliseconds body_time{30'000};  ///< from the head to the body's end
  std::chrono::milliseconds idle_time{75'000};  ///< between two requests
  std::chrono::milliseconds write_time{30'000};  ///< without the client taking a byte
};

/// Accepts connections and answers them by a handler: keep-alive, pipelining in order, chunked streams, TLS.
class Listener {
 public:
  /// @param handler, executor, metrics  outlive this. `name` labels the metrics ("api", "metrics").
  Listener(ListenerOptions options, Handler& handler, runtime::Executor& executor, runtime::Metrics& metrics,
           std::string name = "api");
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Binds, listens and starts the threads. @errors InvalidArgument: address, certificate, key or proxies;
  /// Unavailable: the port is taken or not allowed.
  Result<void> start();
  uint16_t port() const;  ///< after start
  std::size_t connections() const;
  uint64_t answered() const;  ///< requests so far
  /// Takes no new connections, ends idle ones and event streams, lets requests under way finish for `drain`
  /// at most, then cuts. Twice does no harm. @threads the owner's; not a worker's.
  void stop(std::chrono::milliseconds drain);

  struct Inside;

 private:
  std::shared_ptr<Inside> inside_;
};

}  // namespace talon::http
