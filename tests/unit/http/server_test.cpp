/// The API behind real sockets: sign-in, lists, event streams, metrics.
#include "host/http/server.hpp"
#include "host/http/spool.hpp"
#include "tests/unit/http/api_fixture.hpp"
#include "tests/unit/http/client.hpp"

namespace talon::http::test {
namespace {

class ServerTest : public ApiTest {
 protected:
  ServerTest() : user_(add_user("ann@example.org")) {
    allow_all(user_, "party");
    ServerOptions options;
    options.metrics.emplace();
    options.workers = {.threads = 2, .queue_max = 64};
    ApiParts parts;
    parts.records = records_.get();
    parts.gate = gate_.get();
    parts.sessions = sessions_.get();
    parts.clock = &clock_;
    server_ = std::make_unique<Server>(options, parts, metrics_);
    const auto started = server_->start();
    EXPECT_TRUE(started);
    token_ = sign_in("ann@example.org");
  }
  ~ServerTest() override { server_->stop(std::chrono::milliseconds(2000)); }

  std::string authorization() const { return "Authorization: Bearer " + token_ + "\r\n"; }
  std::string post(Client& client, const std::string& path, const std::string& body) {
    client.send("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
                authorization() + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.answer();
  }

  int64_t user_;
  runtime::Metrics metrics_;
  std::unique_ptr<Server> server_;
  std::string token_;
};

TEST_F(ServerTest, AnswersOverTheWireWithSecurityHeaders) {
  Client client(server_->port());
  EXPECT_EQ(status_in(client.get("/api/v1/parties")), 401);
  EXPECT_EQ(status_in(post(client, "/api/v1/parties", R"({"name":"Acme"})")), 201);
  const std::string list = client.get("/api/v1/parties?fields=name", authorization());
  EXPECT_EQ(status_in(list), 200);
  EXPECT_NE(list.find("\"name\":\"Acme\""), std::string::npos);
  EXPECT_NE(list.find("X-Content-Type-Options: nosniff"), std::string::npos);
  EXPECT_NE(list.find("Cache-Control: no-store"), std::string::npos);
  EXPECT_EQ(status_in(client.get("/livez")), 200);
  EXPECT_EQ(status_in(client.get("/metrics")), 404);  // on its own listener
  const std::string metrics = Client(server_->metrics_port()).get("/metrics");
  EXPECT_NE(metrics.find("talon_http_requests_total{listener=\"api\",status=\"2xx\"}"), std::string::npos);
}

TEST_F(ServerTest, AnEventStreamTellsOfChangesAndEndsWithTheSession) {
  Client listener(server_->port());
  listener.send("GET /api/v1/events?types=party HTTP/1.1\r\nHost: x\r\n" + authorization() + "\r\n");
  EXPECT_NE(listener.read_until("event: ready").find("text/event-stream"), std::string::npos);
  Client writer(server_->port());
  EXPECT_EQ(status_in(post(writer, "/api/v1/parties", R"({"name":"Acme"})")), 201);
  listener.read_until("event: change");
  const std::string event = listener.read_until("\n\n");
  EXPECT_NE(event.find("id: "), std::string::npos);
  EXPECT_NE(event.find("\"type\":\"party\""), std::string::npos) << event;
  sessions_->invalidate();
  EXPECT_NE(listener.read_until("event: reset").find("event: reset"), std::string::npos);
  set_state(user_, "disabled");
  EXPECT_NE(listener.read_until("\r\n0\r\n\r\n").find("\r\n0\r\n\r\n"), std::string::npos);
}

TEST_F(ServerTest, AnEventStreamGoesOnWhereItStood) {
  Client first(server_->port());
  first.send("GET /api/v1/events HTTP/1.1\r\nHost: x\r\n" + authorization() + "\r\n");
  first.read_until("event: ready\nid: ");
  const std::string line = first.read_until("\n");
  const std::string place = line.substr(0, line.size() - 1);
  first.close();
  Client writer(server_->port());
  EXPECT_EQ(status_in(post(writer, "/api/v1/parties", R"({"name":"Missed"})")), 201);
  Client again(server_->port());
  again.send("GET /api/v1/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: " + place + "\r\n" + authorization() +
             "\r\n");
  EXPECT_NE(again.read_until("event: change").find("event: change"), std::string::npos);
  Client lost(server_->port());
  lost.send("GET /api/v1/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: forged\r\n" + authorization() + "\r\n");
  EXPECT_NE(lost.read_until("event: reset").find("event: reset"), std::string::npos);
}

TEST(Spool, GivesBackWhatItTookFromMemoryOrFile) {
  for (const std::size_t memory : {std::size_t{1} << 20, std::size_t{1000}}) {
    Spool spool(memory);
    std::string whole;
    for (int i = 0; i < 5000; ++i) {
      const std::string piece = std::to_string(i) + "\n";
      whole += piece;
      ASSERT_TRUE(spool.add(piece));
    }
    EXPECT_EQ(spool.is_in_memory(), memory > 100'000);
    std::string given;
    for (auto piece = spool.next(); piece && !piece->empty(); piece = spool.next()) given += *piece;
    EXPECT_EQ(given, whole);
  }
}

TEST(Spool, TakesAsMuchAsTheDiskHasRoomForAndLeavesSomeToOthers) {
  Spool full(100, INT64_MAX);
  ASSERT_TRUE(full.add(std::string(100, 'x')));
  const auto refused = full.add("x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::ResourceExhausted);
  EXPECT_NE(refused.error().message.find("make room"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace talon::http::test
