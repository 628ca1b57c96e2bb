/// Streamed bodies and server-sent events: back-pressure, clients that leave, errors on the way.
#include "tests/unit/http/echo.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

namespace talon::http::test {
namespace {

/// A body in these pieces, and how many were asked for.
struct Pieces {
  explicit Pieces(std::vector<Result<std::string>> given) : all(std::move(given)) {}
  Result<std::string> operator()() {
    const std::size_t at = next++;
    return at < all.size() ? all[at] : std::string();
  }
  std::vector<Result<std::string>> all;
  std::atomic<std::size_t> next{0};
};

/// Answers with `pieces`, which outlives the server.
void answer_with(Running& server, Pieces& pieces) {
  server.echo.special = [&pieces](Request& request) {
    Response answer;
    if (request.path != "/s") answer.status = 0;
    answer.pieces = [&pieces] { return pieces(); };
    return answer;
  };
}

TEST(Stream, SendsChunksAndKeepsTheConnection) {
  Pieces pieces({std::string("abc"), std::string("defg")});
  Running server;
  answer_with(server, pieces);
  Client client(server.port());
  client.send("GET /s HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string text = client.read_until("\r\n0\r\n\r\n");
  EXPECT_NE(text.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_EQ(body_in(text), "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
  EXPECT_EQ(body_in(client.answer()), "GET /next|");
}

TEST(Stream, AnErrorCutsTheConnection) {
  Pieces pieces({std::string("half"), internal("broken")});
  Running server;
  answer_with(server, pieces);
  const Client client(server.port());
  client.send("GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string text = client.read_all();
  EXPECT_NE(text.find("half"), std::string::npos);
  EXPECT_EQ(text.find("\r\n0\r\n"), std::string::npos);
}

TEST(Stream, SlowClientsHoldNoWorkerAndNoMemory) {
  constexpr std::size_t kCount = 5'000;
  Pieces pieces(std::vector<Result<std::string>>(kCount, std::string(10'000, 'x')));
  Running server({}, 1);
  answer_with(server, pieces);
  const Client client(server.port());
  client.send("GET /s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  // Without a read no more is asked for: the socket's buffers (some MiB on loopback) are full.
  for (std::size_t before = kCount; before != pieces.next;) {
    before = pieces.next;
    pollfd none{-1, 0, 0};
    ::poll(&none, 1, 100);
  }
  EXPECT_LT(pieces.next, kCount * 3 / 5);
  EXPECT_EQ(status_in(Client(server.port()).get("/other")), 200);  // by the only worker
  EXPECT_GT(client.read_all().size(), kCount * 10'000);
}

TEST(Stream, AClientThatHasGoneIsAskedForNoMore) {
  Pieces pieces(std::vector<Result<std::string>>(100'000, std::string(1'000, 'x')));
  Running server;
  answer_with(server, pieces);
  Client client(server.port());
  client.send("GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read();
  client.close();
  while (server.listener.connections() > 0) std::this_thread::yield();
  EXPECT_LT(pieces.next, 100'000U);
}

TEST(Stream, AClientOfTheFirstHttpGetsABodyWithoutChunks) {
  Pieces pieces({std::string("plain")});
  Running server;
  answer_with(server, pieces);
  const Client client(server.port());
  client.send("GET /s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(body_in(client.read_all()), "plain");
}

TEST(Stream, AQuestionForTheHeadGetsNoBody) {
  Pieces pieces({std::string("abc")});
  Running server;
  answer_with(server, pieces);
  const Client client(server.port());
  client.send("HEAD /s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status_in(client.read_all()), 200);
  EXPECT_EQ(pieces.next, 0U);
}

/// Hands the server's end of an event stream to the test.
struct Pushed {
  explicit Pushed(Running& server) {
    server.echo.special = [this](Request&) {
      Response answer;
      answer.header("Content-Type", "text/event-stream");
      answer.push = [this](std::shared_ptr<PushStream> stream) { promise.set_value(std::move(stream)); };
      return answer;
    };
  }
  std::promise<std::shared_ptr<PushStream>> promise;
};

TEST(Push, EventsArriveAndNoWorkerWaits) {
  Running server({}, 1);
  Pushed pushed(server);
  Client client(server.port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.read_until("\r\n\r\n").find("text/event-stream"), std::string::npos);
  const auto stream = pushed.promise.get_future().get();
  server.echo.special = nullptr;
  EXPECT_EQ(status_in(Client(server.port()).get("/other")), 200);  // by the only worker
  EXPECT_TRUE(stream->send("data: 1\n\n"));
  EXPECT_NE(client.read_until("data: 1\n\n").find("data: 1"), std::string::npos);
  stream->close();
  EXPECT_NE(client.read_until("0\r\n\r\n").find("0\r\n\r\n"), std::string::npos);
  EXPECT_FALSE(stream->send("data: 2\n\n"));
}

TEST(Push, AClientThatLeavesClosesItsStream) {
  Running server;
  Pushed pushed(server);
  Client client(server.port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto stream = pushed.promise.get_future().get();
  client.close();
  while (stream->is_open()) std::this_thread::yield();
  EXPECT_FALSE(stream->send("data: 1\n\n"));
}

TEST(Push, AClientThatDoesNotReadIsCutOff) {
  Running server({.stream_bytes_max = 64 * 1024});
  Pushed pushed(server);
  Client client(server.port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto stream = pushed.promise.get_future().get();
  const std::string event(8'000, 'x');
  int sent = 0;
  while (stream->send(event) && sent < 100'000) ++sent;
  EXPECT_LT(sent, 100'000);
}

TEST(Push, StoppingEndsEventStreams) {
  auto server = std::make_unique<Running>();
  Pushed pushed(*server);
  Client client(server->port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto stream = pushed.promise.get_future().get();
  server->listener.stop(std::chrono::seconds(10));
  EXPECT_FALSE(stream->is_open());
  server.reset();
  EXPECT_FALSE(stream->send("late"));
}

}  // namespace
}  // namespace talon::http::test
