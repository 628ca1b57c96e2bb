/// The client against peers that never end, and against certificates that are not theirs.
#include "connectors/http/client.hpp"
#include "tests/support/dripping_server.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SecureServerSocket.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon::http_connector {
namespace {

using support::DrippingServer;
using ::testing::HasSubstr;

Request request_to(std::string_view scheme, int port, std::string_view host = "127.0.0.1") {
  Request request;
  request.url =
      *parse_url(std::string(scheme) + "://" + std::string(host) + ":" + std::to_string(port) + "/x");
  return request;
}

TEST(Deadline, APeerThatDripsIsLeftAtTheTotalTimeWhereverItDrips) {
  struct Case {
    const char* scheme;
    std::string at_once;
  };
  for (const Case& one :
       {Case{"https", DrippingServer::tls_record()}, Case{"http", DrippingServer::head()},
        Case{"http", DrippingServer::body()}, Case{"http", DrippingServer::endless_body()}}) {
    DrippingServer server(one.at_once);
    Settings settings;
    settings.total_timeout = Milliseconds(300);
    Client client(settings);
    for (int times = 1; times <= 2; ++times) {
      const auto answer = client.send(request_to(one.scheme, server.port()));
      ASSERT_FALSE(answer) << one.at_once;
      EXPECT_EQ(answer.error().code, Code::DeadlineExceeded) << answer.error().message;
      EXPECT_EQ(server.callers(), times) << one.at_once;
    }
    EXPECT_FALSE(server.was_heard_out()) << one.at_once;
  }
}

/// Answers "[]" over TLS with a certificate of its own, for 127.0.0.1 alone.
class TlsServer {
 public:
  TlsServer() {
    const auto made = support::run_program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                                            "/CN=talon test", "-addext", "subjectAltName=IP:127.0.0.1",
                                            "-keyout", directory_.file("key.pem"), "-out", certificate()});
    TALON_CHECK(made && made->code == 0);
    Poco::Net::initializeSSL();
    const Poco::Net::Context::Ptr context =
        new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, directory_.file("key.pem"), certificate(),
                               "", Poco::Net::Context::VERIFY_NONE);
    Poco::Net::SecureServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0), 8, context);
    port_ = socket.address().port();
    server_ = std::make_unique<Poco::Net::HTTPServer>(new Factory, socket, new Poco::Net::HTTPServerParams);
    server_->start();
  }
  ~TlsServer() { server_->stopAll(true); }
  int port() const { return port_; }
  std::string certificate() const { return directory_.file("certificate.pem"); }

 private:
  class Handler : public Poco::Net::HTTPRequestHandler {
   public:
    void handleRequest(Poco::Net::HTTPServerRequest&, Poco::Net::HTTPServerResponse& response) override {
      response.sendBuffer("[]", 2);
    }
  };
  class Factory : public Poco::Net::HTTPRequestHandlerFactory {
   public:
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
      return new Handler;
    }
  };

  support::TemporaryDirectory directory_;
  std::unique_ptr<Poco::Net::HTTPServer> server_;
  int port_ = 0;
};

TEST(Tls, APeerIsTalkedToWhenItsCertificateIsGoodForItsName) {
  TlsServer server;
  Settings settings;
  settings.total_timeout = std::chrono::seconds(20);
  settings.ca_file = server.certificate();
  Client client(settings);
  for (int times = 0; times < 3; ++times) {  // by one connection
    const auto answer = client.send(request_to("https", server.port()));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "[]");
  }
  const auto other_name = client.send(request_to("https", server.port(), "localhost"));
  ASSERT_FALSE(other_name);
  EXPECT_EQ(other_name.error().code, Code::FailedPrecondition) << other_name.error().message;

  settings.ca_file.clear();
  const auto unknown = Client(settings).send(request_to("https", server.port()));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::FailedPrecondition) << unknown.error().message;
  EXPECT_THAT(unknown.error().message, HasSubstr("`ca:`"));
}

}  // namespace
}  // namespace talon::http_connector
