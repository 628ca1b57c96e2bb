/// A Poco HTTP session as plugins use it: TLS that checks whom it talks to, and an end in time, whatever the
/// peer does. Joined to every plugin that USES poco_net.
#pragma once

#include <talon/result.hpp>

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/RejectCertificateHandler.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SecureStreamSocket.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <istream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace talon::poco_net {

using Clock = std::chrono::steady_clock;

/// Shuts a connection when its time is over, so that every read and write of it ends at once. Time-outs of a
/// socket begin anew with each byte: a peer that sends one a second would hold its caller for good.
class Deadline {
 public:
  explicit Deadline(Clock::time_point at) : watcher_([this, at] { wait(at); }) {}
  ~Deadline() {
    {
      const std::lock_guard lock(mutex_);
      is_ended_ = true;
    }
    changed_.notify_one();
    watcher_.join();
    let_go();
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  /// Minds this connection from now on, in place of another. Holds a descriptor of its own: the session's
  /// number may soon be somebody else's.
  void hold(int socket) {
    const std::lock_guard lock(mutex_);
    let_go();
    held_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (is_over_) shut();
  }
  /// Whatever the exchange seems to have brought when this is true may have been cut off.
  bool is_over() {
    const std::lock_guard lock(mutex_);
    return is_over_;
  }

 private:
  void wait(Clock::time_point at) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_until(lock, at, [this] { return is_ended_; })) return;
    is_over_ = true;
    shut();
  }
  void shut() {
    if (held_ >= 0) ::shutdown(held_, SHUT_RDWR);
  }
  void let_go() {
    if (held_ >= 0) ::close(held_);
    held_ = -1;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int held_ = -1;
  bool is_over_ = false;
  bool is_ended_ = false;
  std::thread watcher_;  // last: it uses the others
};

/// Whom to talk to, and how long at the most.
struct Peer {
  std::string host;
  uint16_t port = 0;
  bool is_tls = true;
  std::string authority;  ///< PEM file of an authority that the system does not know; may be empty
  Clock::duration connect_time{};
  Clock::duration total_time{};
};

/// One connection, opened by the first request. @threads one at a time.
class Session {
 public:
  virtual ~Session() = default;
  virtual Poco::Net::HTTPClientSession& http() = 0;
  /// @param deadline  ends what comes now; null: nothing is under way. Has to outlive that.
  void watch(Deadline* deadline) {
    deadline_ = deadline;
    if (deadline != nullptr && http().connected()) hold();
  }

 protected:
  void hold() {
    if (deadline_ != nullptr) deadline_->hold(http().socket().impl()->sockfd());
  }

 private:
  Deadline* deadline_ = nullptr;
};

namespace detail {

class PlainSession : public Poco::Net::HTTPClientSession, public Session {
 public:
  using HTTPClientSession::HTTPClientSession;
  HTTPClientSession& http() override { return *this; }

 protected:
  void connect(const Poco::Net::SocketAddress& address) override {
    HTTPClientSession::connect(address);
    hold();
  }
};

class TlsSession : public Poco::Net::HTTPSClientSession, public Session {
 public:
  using HTTPSClientSession::HTTPSClientSession;
  HTTPClientSession& http() override { return *this; }

 protected:
  void connect(const Poco::Net::SocketAddress& address) override {
    // The handshake comes with the first byte and not before: by then the deadline holds the connection.
    Poco::Net::SecureStreamSocket(socket()).setLazyHandshake(true);
    HTTPSClientSession::connect(address);
    hold();
  }
};

/// Strict, with the peer's name compared: Poco's defaults take a certificate for another name, and its
/// default handler asks on the console.
inline Poco::Net::Context::Ptr tls_context(const std::string& authority) {
  static std::once_flag once;
  std::call_once(once, [] { Poco::Net::initializeSSL(); });
  Poco::Net::Context::Ptr context =
      new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", "", authority,
                             Poco::Net::Context::VERIFY_STRICT, 9, true, "HIGH:!aNULL:!MD5:!RC4");
  context->enableExtendedCertificateVerification(true);
  context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
  Poco::Net::SSLManager::InvalidCertificateHandlerPtr handler =
      new Poco::Net::RejectCertificateHandler(false);
  Poco::Net::SSLManager::instance().initializeClient(nullptr, handler, context);
  return context;
}

inline Poco::Timespan timespan(Clock::duration time) {
  return Poco::Timespan(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

}  // namespace detail

/// Throws Poco::Exception: the authority's file cannot be read.
inline std::unique_ptr<Session> open(const Peer& peer) {
  std::unique_ptr<Session> session;
  if (peer.is_tls) {
    session = std::make_unique<detail::TlsSession>(peer.host, peer.port, detail::tls_context(peer.authority));
  } else {
    session = std::make_unique<detail::PlainSession>(peer.host, peer.port);
  }
  session->http().setTimeout(detail::timespan(peer.connect_time), detail::timespan(peer.total_time),
                             detail::timespan(peer.total_time));
  return session;
}

/// A body, to its end.
/// @errors ResourceExhausted: it has more than `bytes_max`; Unavailable: the stream broke.
inline Result<std::string> read_all(std::istream& in, std::size_t bytes_max) {
  std::string body;
  std::array<char, 16384> piece{};
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    body.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (body.size() > bytes_max)
      return Error{Code::ResourceExhausted, "the answer is over " + std::to_string(bytes_max) + " bytes"};
  }
  if (in.bad()) return unavailable("the connection broke in the middle of the answer");
  return body;
}

}  // namespace talon::poco_net
