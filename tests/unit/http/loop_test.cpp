/// Brief requests on the listener's own thread: without a worker, and without holding anybody up.
#include "tests/unit/http/echo.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

namespace talon::http::test {
namespace {

/// A handler's wait that the test ends.
class Gate {
 public:
  /// Waits, once it has said that somebody does.
  void pass() {
    entered_.set_value();
    opened_.wait();
  }
  void wait_for_somebody() { entered_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> open_;
  std::shared_future<void> opened_ = open_.get_future().share();
};

/// What makes Echo answer by itself.
Response as_usual() {
  Response none;
  none.status = 0;
  return none;
}

constexpr std::string_view kStuck = "GET /brief/stuck HTTP/1.1\r\nHost: x\r\n\r\n";

/// A server whose one worker is busy and whose queue is full until `gate` opens.
struct FullyBusy {
  FullyBusy() {
    TALON_CHECK(executor.submit([this] { gate.pass(); }));
    gate.wait_for_somebody();
    TALON_CHECK(executor.submit([] {}));
    TALON_CHECK(listener.start());
  }
  Gate gate;
  runtime::Metrics metrics;
  Echo echo;
  runtime::Executor executor{{.threads = 1, .queue_max = 1}};
  Listener listener{{}, echo, executor, metrics};
};

TEST(Loop, AnswersBriefRequestsWithoutAWorker) {
  FullyBusy server;
  Client client(server.listener.port());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(body_in(client.get("/brief")), "GET /brief|");
  EXPECT_EQ(status_in(client.get("/other")), 503);
  server.gate.open();
}

TEST(Loop, GoesOnWhileARequestThatWasToBeBriefIsStuck) {
  Running server({}, 1);
  Gate gate;
  server.echo.special = [&](Request& request) {
    if (request.path == "/brief/stuck") gate.pass();
    return as_usual();
  };
  Client stuck(server.port());
  ASSERT_TRUE(stuck.send(kStuck));
  gate.wait_for_somebody();
  Client client(server.port());
  for (const char* path : {"/quick", "/other", "/brief"})
    EXPECT_EQ(body_in(client.get(path)), "GET " + std::string(path) + "|");
  gate.open();
  EXPECT_EQ(body_in(stuck.answer()), "GET /brief/stuck|");
  EXPECT_EQ(body_in(stuck.get("/brief")), "GET /brief|");
}

TEST(Loop, LeavesBriefRequestsToTheWorkersWhileItsOtherThreadIsStuck) {
  FullyBusy server;
  Gate gate;
  server.echo.special = [&](Request& request) {
    if (request.path == "/brief/stuck") gate.pass();
    return as_usual();
  };
  Client stuck(server.listener.port());
  ASSERT_TRUE(stuck.send(kStuck));
  gate.wait_for_somebody();
  Client client(server.listener.port());
  EXPECT_EQ(body_in(client.get("/quick")), "GET /quick|");
  EXPECT_EQ(status_in(client.get("/brief")), 503);  // nobody would watch it
  gate.open();
  EXPECT_EQ(status_in(stuck.answer()), 200);
  server.gate.open();
}

TEST(Loop, EachOfTwoThreadsTakesOverFromTheOther) {
  Running server({}, 2);
  std::unique_ptr<Gate> gate;
  server.echo.special = [&](Request& request) {
    if (request.path == "/brief/stuck") gate->pass();
    return as_usual();
  };
  Client stuck(server.port());
  Client client(server.port());
  for (int round = 0; round < 20; ++round) {
    gate = std::make_unique<Gate>();
    ASSERT_TRUE(stuck.send(kStuck));
    gate->wait_for_somebody();
    EXPECT_EQ(body_in(client.get("/brief")), "GET /brief|");
    gate->open();
    EXPECT_EQ(body_in(stuck.answer()), "GET /brief/stuck|");
  }
}

TEST(Loop, LosesNoAnswerWhereManyChangePlaces) {
  Running server({.threads = 2}, 8);
  std::atomic<int> waiting{0};
  std::atomic<int> asking{8};
  // Every tenth waits until another request has come, or nobody is left to send one.
  server.echo.special = [&](Request& request) {
    const int before = server.echo.handled;
    ++waiting;
    while (request.path.ends_with('0') && server.echo.handled == before && waiting < asking)
      std::this_thread::yield();
    --waiting;
    return as_usual();
  };
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      Client client(server.port());
      for (int i = 0; i < 200; ++i) {
        const std::string path = "/brief/" + std::to_string(t) + "-" + std::to_string(i);
        if (body_in(client.get(path)) == "GET " + path + "|") ++good;
      }
      --asking;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 1600);
}

TEST(Loop, LetsABriefRequestFinishBeforeItStops) {
  Running server;
  Gate gate;
  server.echo.special = [&](Request&) {
    gate.pass();
    return as_usual();
  };
  Client client(server.port());
  ASSERT_TRUE(client.send(kStuck));
  gate.wait_for_somebody();
  std::thread stopper([&] { server.listener.stop(std::chrono::seconds(10)); });
  while (Client(server.port()).is_connected()) std::this_thread::yield();
  gate.open();
  const std::string answer = client.read_all();
  EXPECT_EQ(body_in(answer), "GET /brief/stuck|");
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  stopper.join();
}

}  // namespace
}  // namespace talon::http::test
