/// Streamed bodies and server-sent events: back-pressure, clients that leave, errors before and after the
/// first byte.
#include "tests/unit/http/echo.hpp"

#include <gtest/gtest.h>

#include <future>

namespace talon::http::test {
namespace {

TEST(Stream, SendsChunksAndKeepsTheConnection) {
  Running server;
  server.echo.special = [](Request& request) {
    Response answer;
    if (request.path != "/s") answer.status = 0;
    answer.stream = [](ResponseStream& out) -> Result<void> {
      TALON_DO(out.write("abc"));
      return out.write("defg");
    };
    return answer;
  };
  Client client(server.port());
  client.send("GET /s HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string text = client.read_until("\r\n0\r\n\r\n");
  EXPECT_NE(text.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_EQ(body_in(text), "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
  EXPECT_EQ(body_in(client.answer()), "GET /next|");
}

TEST(Stream, AnErrorBeforeTheFirstByteIsAnOrdinaryAnswer) {
  Running server;
  server.echo.special = [](Request&) {
    Response answer;
    answer.stream = [](ResponseStream&) -> Result<void> { return denied("not yours"); };
    return answer;
  };
  Client client(server.port());
  EXPECT_EQ(status_in(client.get("/s")), 403);
  EXPECT_EQ(status_in(client.get("/s")), 403);
}

TEST(Stream, ALaterErrorCutsTheConnection) {
  Running server;
  server.echo.special = [](Request&) {
    Response answer;
    answer.stream = [](ResponseStream& out) -> Result<void> {
      TALON_DO(out.write("half"));
      return internal("broken");
    };
    return answer;
  };
  const Client client(server.port());
  client.send("GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string text = client.read_all();
  EXPECT_NE(text.find("half"), std::string::npos);
  EXPECT_EQ(text.find("\r\n0\r\n"), std::string::npos);
}

TEST(Stream, ASlowClientHoldsTheWriterAndNotTheMemory) {
  Running server({.stream_bytes_max = 64 * 1024});
  std::atomic<int64_t> written{0};
  const std::string piece(10'000, 'x');
  server.echo.special = [&](Request&) {
    Response answer;
    answer.stream = [&](ResponseStream& out) -> Result<void> {
      for (int i = 0; i < 5'000; ++i) {
        TALON_DO(out.write(piece));
        written += static_cast<int64_t>(piece.size());
      }
      return {};
    };
    return answer;
  };
  const Client client(server.port());
  client.send("GET /s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  // Without a read the writer stops: the socket's buffers (some MiB on loopback) and ours are full.
  int64_t before = -1;
  while (before != written) {
    before = written;
    pollfd none{-1, 0, 0};
    ::poll(&none, 1, 100);
  }
  EXPECT_LT(written, 30'000'000);
  EXPECT_GT(client.read_all().size(), 50'000'000U);
  EXPECT_EQ(written, 50'000'000);
}

TEST(Stream, AWriterLearnsThatItsClientHasGone) {
  Running server;
  std::promise<Code> ended;
  server.echo.special = [&](Request&) {
    Response answer;
    answer.stream = [&](ResponseStream& out) -> Result<void> {
      const std::string piece(100'000, 'x');
      Result<void> done;
      while ((done = out.write(piece))) {
      }
      ended.set_value(done.error().code);
      return done;
    };
    return answer;
  };
  Client client(server.port());
  client.send("GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read();
  client.close();
  EXPECT_EQ(ended.get_future().get(), Code::Cancelled);
}

TEST(Stream, AClientOfTheFirstHttpGetsABodyWithoutChunks) {
  Running server;
  server.echo.special = [](Request&) {
    Response answer;
    answer.stream = [](ResponseStream& out) { return out.write("plain"); };
    return answer;
  };
  const Client client(server.port());
  client.send("GET /s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(body_in(client.read_all()), "plain");
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
