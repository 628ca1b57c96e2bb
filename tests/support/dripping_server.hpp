/// A server that sends an answer one byte at a time: none of its pauses is long, all of it never ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace talon::support {

/// On loopback, for one caller after the other; what they send is read and thrown away.
class DrippingServer {
 public:
  /// @param at_once  sent at once; then come single bytes, until the caller has gone or a minute is over.
  explicit DrippingServer(std::string at_once);
  ~DrippingServer();
  DrippingServer(const DrippingServer&) = delete;
  DrippingServer& operator=(const DrippingServer&) = delete;

  uint16_t port() const { return port_; }
  /// Whether a caller heard it to the end of its minute.
  bool was_heard_out() const { return was_heard_out_; }
  /// How many callers it began to answer.
  int callers() const { return callers_; }

  /// What it says first: a server's first bytes in TLS, a head that does not end, and bodies that do not.
  static std::string tls_record() { return {"\x16\x03\x03\x40\x00", 5}; }
  static std::string head() { return "HTTP/1.1 200 OK\r\nX-Long: "; }
  static std::string body() { return "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{"; }
  static std::string endless_body() { return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"; }

 private:
  void serve(int caller);

  std::string at_once_;
  int socket_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> is_ending_ = false;
  std::atomic<bool> was_heard_out_ = false;
  std::atomic<int> callers_ = 0;
  std::thread thread_;  // last: it uses the others
};

}  // namespace talon::support
