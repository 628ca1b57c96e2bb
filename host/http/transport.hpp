/// A connection's bytes, plain or TLS behind one interface. Included by the listener's own files only (Asio
/// is heavy).
#pragma once

#include <talon/result.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace talon::http {

using boost::system::error_code;
using tcp = boost::asio::ip::tcp;

/// Gets what became of an operation. All calls come on the loop's thread.
class TransportUser {
 public:
  virtual ~TransportUser() = default;
  virtual void on_ready(const error_code& error) = 0;  ///< after `begin`
  virtual void on_read(const error_code& error, std::size_t count) = 0;
  virtual void on_written(const error_code& error) = 0;
  virtual void on_finished() = 0;
};

/// @threads the loop's. Buffers are borrowed until the operation's call.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual tcp::socket& socket() = 0;
  virtual bool is_tls() const = 0;
  virtual void begin(std::shared_ptr<TransportUser> user) = 0;  ///< the TLS handshake, if any
  virtual void read(std::shared_ptr<TransportUser> user, char* data, std::size_t size) = 0;
  virtual void write(std::shared_ptr<TransportUser> user, std::string_view head, std::string_view body) = 0;
  /// Says that no more follows, so that the peer sees a whole answer.
  virtual void finish(std::shared_ptr<TransportUser> user) = 0;
};

/// Certificate and key with today's settings: TLS 1.2 and 1.3, forward secrecy only, no compression.
class TlsContext {
 public:
  /// @errors InvalidArgument: cannot read certificate or key, or they do not match.
  static Result<std::shared_ptr<TlsContext>> load(const std::string& certificate_file,
                                                  const std::string& key_file);
  virtual ~TlsContext() = default;
  virtual std::unique_ptr<Transport> wrap(tcp::socket socket) = 0;
};

std::unique_ptr<Transport> plain_transport(tcp::socket socket);

}  // namespace talon::http
