/// A connection's bytes, plain or TLS behind one interface.
#include "host/http/transport.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>

#include <array>
#include <cstring>

namespace talon::http {

namespace asio = boost::asio;

namespace {

template <typename Stream>
void read_some(Stream& stream, std::shared_ptr<TransportUser> user, char* data, std::size_t size) {
  stream.async_read_some(
      asio::buffer(data, size),
      [user = std::move(user)](const error_code& error, std::size_t count) { user->on_read(error, count); });
}

template <typename Stream>
void write_all(Stream& stream, std::shared_ptr<TransportUser> user, std::string_view head,
               std::string_view body) {
  const asio::const_buffer first = asio::buffer(head.data(), head.size());
  auto written = [user = std::move(user)](const error_code& error, std::size_t) { user->on_written(error); };
  // Nearly all answers are in one piece: send is cheaper for the kernel than sendmsg.
  if (body.empty()) return asio::async_write(stream, first, std::move(written));
  const std::array<asio::const_buffer, 2> both = {first, asio::buffer(body.data(), body.size())};
  asio::async_write(stream, both, std::move(written));
}

class Plain : public Transport {
 public:
  explicit Plain(tcp::socket socket) : socket_(std::move(socket)) {}
  tcp::socket& socket() override { return socket_; }
  bool is_tls() const override { return false; }
  void begin(std::shared_ptr<TransportUser> user) override { user->on_ready({}); }
  void read(std::shared_ptr<TransportUser> user, char* data, std::size_t size) override {
    read_some(socket_, std::move(user), data, size);
  }
  void write(std::shared_ptr<TransportUser> user, std::string_view head, std::string_view body) override {
    write_all(socket_, std::move(user), head, body);
  }
  void finish(std::shared_ptr<TransportUser> user) override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    user->on_finished();
  }

 private:
  tcp::socket socket_;
};

class Tls : public Transport {
 public:
  Tls(tcp::socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}
  tcp::socket& socket() override { return stream_.next_layer(); }
  bool is_tls() const override { return true; }
  void begin(std::shared_ptr<TransportUser> user) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [user = std::move(user)](const error_code& error) { user->on_ready(error); });
  }
  void read(std::shared_ptr<TransportUser> user, char* data, std::size_t size) override {
    read_some(stream_, std::move(user), data, size);
  }
  void write(std::shared_ptr<TransportUser> user, std::string_view head, std::string_view body) override {
    write_all(stream_, std::move(user), head, body);
  }
  void finish(std::shared_ptr<TransportUser> user) override {
    // The peer's own good-bye is waited for; the connection's deadline ends that.
    stream_.async_shutdown([this, user = std::move(user)](const error_code&) {
      error_code ignored;
      socket().shutdown(tcp::socket::shutdown_send, ignored);
      user->on_finished();
    });
  }

 private:
  asio::ssl::stream<tcp::socket> stream_;
};

int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr std::array<unsigned char, 9> kHttp = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, kHttp.data(), kHttp.size(), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

class ServerContext : public TlsContext {
 public:
  std::unique_ptr<Transport> wrap(tcp::socket socket) override {
    return std::make_unique<Tls>(std::move(socket), context);
  }
  asio::ssl::context context{asio::ssl::context::tls_server};
};

}  // namespace

std::unique_ptr<Transport> plain_transport(tcp::socket socket) {
  return std::make_unique<Plain>(std::move(socket));
}

Result<std::shared_ptr<TlsContext>> TlsContext::load(const std::string& certificate_file,
                                                     const std::string& key_file) {
  auto made = std::make_shared<ServerContext>();
  error_code error;
  made->context.use_certificate_chain_file(certificate_file, error);
  if (error) return invalid("cannot use the certificate " + certificate_file + ": " + error.message());
  made->context.use_private_key_file(key_file, asio::ssl::context::pem, error);
  if (error) return invalid("cannot use the key " + key_file + ": " + error.message());
  SSL_CTX* raw = made->context.native_handle();
  if (SSL_CTX_check_private_key(raw) != 1) {
    return invalid("the key " + key_file + " does not belong to the certificate " + certificate_file);
  }
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20");
  static constexpr std::string_view kScope = "talon";
  SSL_CTX_set_session_id_context(raw, reinterpret_cast<const unsigned char*>(kScope.data()), kScope.size());
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  return std::shared_ptr<TlsContext>(std::move(made));
}

}  // namespace talon::http
