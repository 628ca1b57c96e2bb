/// TLS: a handshake with a certificate made here, keep-alive through it, and what is refused.
#include "tests/unit/http/echo.hpp"

#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>

namespace talon::http::test {
namespace {

/// A self-signed certificate and its key in a folder that goes away with it.
struct Certificate {
  Certificate() {
    std::string pattern = (std::filesystem::temp_directory_path() / "talon-tls-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* made = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key);
    X509_NAME* name = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                               -1, -1, 0);
    X509_set_issuer_name(made, name);
    X509_sign(made, key, EVP_sha256());
    FILE* out = std::fopen(certificate().c_str(), "w");
    PEM_write_X509(out, made);
    std::fclose(out);
    out = std::fopen(this->key().c_str(), "w");
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    X509_free(made);
    EVP_PKEY_free(key);
  }
  ~Certificate() { std::filesystem::remove_all(folder); }
  std::string certificate() const { return folder + "/certificate.pem"; }
  std::string key() const { return folder + "/key.pem"; }
  ListenerOptions options() const {
    ListenerOptions options;
    options.certificate_file = certificate();
    options.key_file = key();
    return options;
  }
  std::string folder;
};

/// A TLS client over a blocking socket.
class TlsClient {
 public:
  explicit TlsClient(uint16_t port, int version_max = TLS1_3_VERSION)
      : socket_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_, version_max);
    SSL_CTX_set_cipher_list(context_, "ALL:@SECLEVEL=0");
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_.fd());
    is_connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  bool is_connected() const { return is_connected_; }
  std::string version() const { return SSL_get_version(ssl_); }
  std::string get(const std::string& path, std::string_view until) {
    const std::string text = "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    SSL_write(ssl_, text.data(), static_cast<int>(text.size()));
    std::string all;
    while (all.find(until) == std::string::npos) {
      std::string part(16384, '\0');
      const int got = SSL_read(ssl_, part.data(), static_cast<int>(part.size()));
      if (got <= 0) break;
      all.append(part, 0, static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  Client socket_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool is_connected_ = false;
};

TEST(Tls, AnswersOverBothVersionsAndKeepsTheConnection) {
  const Certificate certificate;
  Running server(certificate.options());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server.port(), version);
    ASSERT_TRUE(client.is_connected());
    EXPECT_EQ(client.version(), version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
    EXPECT_EQ(body_in(client.get("/a", "/a|")), "GET /a|");
    EXPECT_EQ(body_in(client.get("/b", "/b|")), "GET /b|");
  }
}

TEST(Tls, StreamsALargeBody) {
  const Certificate certificate;
  Running server(certificate.options());
  server.echo.special = [](Request& request) {
    EXPECT_TRUE(request.is_tls);
    Response answer;
    answer.pieces = [count = 0]() mutable -> Result<std::string> {
      return ++count <= 300 ? std::string(10'000, 'x') : std::string();
    };
    return answer;
  };
  TlsClient client(server.port());
  ASSERT_TRUE(client.is_connected());
  EXPECT_GE(client.get("/s", "\r\n0\r\n\r\n").size(), 3'000'000U);
}

TEST(Tls, OldVersionsAndPlainTextAreRefused) {
  const Certificate certificate;
  Running server(certificate.options());
  EXPECT_FALSE(TlsClient(server.port(), TLS1_1_VERSION).is_connected());
  Client plain(server.port());
  plain.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(plain.read_all().find("HTTP/1.1 200"), std::string::npos);
  EXPECT_EQ(server.echo.handled, 0);
}

TEST(Tls, AKeyOfAnotherCertificateIsRefusedAtTheStart) {
  const Certificate one;
  const Certificate two;
  ListenerOptions options = one.options();
  options.key_file = two.key();
  Echo echo;
  runtime::Metrics metrics;
  runtime::Executor executor({.threads = 1});
  Listener listener(options, echo, executor, metrics);
  EXPECT_EQ(listener.start().error().code, Code::InvalidArgument);
}

}  // namespace
}  // namespace talon::http::test
