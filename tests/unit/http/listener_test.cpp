/// The listener with polite clients: keep-alive, pipelining, bodies, many at once, the graceful end.
#include "host/http/peer_shares.hpp"
#include "tests/unit/http/echo.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <future>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace talon::http::test {
namespace {

TEST(Listener, AnswersAndKeepsTheConnection) {
  Running server;
  Client client(server.port());
  for (const char* path : {"/one", "/quick", "/two"}) {
    const std::string answer = client.get(path);
    EXPECT_EQ(status_in(answer), 200);
    EXPECT_EQ(body_in(answer), "GET " + std::string(path) + "|");
    EXPECT_NE(answer.find("X-Request-Id: req_"), std::string::npos);
    EXPECT_NE(answer.find("Date: "), std::string::npos);
  }
  EXPECT_EQ(server.listener.connections(), 1U);
}

TEST(Listener, TwoHostsGiveNoTwoRequestsOneId) {
  ListenerOptions one;
  one.node = 1;
  ListenerOptions two;
  two.node = 2;
  Running first(one);
  Running second(two);
  Client of_first(first.port());
  Client of_second(second.port());
  std::set<std::string> ids;
  for (int i = 0; i < 300; ++i) {
    for (Client* client : {&of_first, &of_second}) {
      const std::string answer = client->get("/quick");
      const std::size_t at = answer.find("X-Request-Id: ");
      ASSERT_NE(at, std::string::npos);
      EXPECT_TRUE(ids.insert(answer.substr(at, answer.find('\r', at) - at)).second);
    }
  }
}

TEST(Listener, AnswersPipelinedRequestsInOrder) {
  Running server({}, 4);
  Client client(server.port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_TRUE(client.send(all));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(body_in(client.answer()), "GET /" + std::to_string(i) + "|");
}

TEST(Listener, ReadsBodiesByLengthAndInChunks) {
  Running server;
  Client client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel");
  client.send("lo");
  EXPECT_EQ(body_in(client.answer()), "POST /a|hello");
  client.send("POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  client.send("2;ext=1\r\nde\r\n0\r\nTrailer: ignored\r\n\r\n");
  EXPECT_EQ(body_in(client.answer()), "POST /b|abcde");
  const std::string large(900'000, 'x');
  client.send("POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + large);
  EXPECT_EQ(body_in(client.answer()), "POST /c|" + large);
}

TEST(Listener, SaysContinueBeforeALargeBody) {
  Running server;
  Client client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_EQ(body_in(client.answer()), "POST /a|ok");
}

TEST(Listener, LeavesTheBodyOutOfAnAnswerToHead) {
  Running server;
  Client client(server.port());
  client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_NE(head.find("Content-Length: 7"), std::string::npos);
  EXPECT_EQ(body_in(client.answer()), "GET /b|");
}

TEST(Listener, ClosesWhenTheClientAsksForIt) {
  Running server;
  for (const char* text :
       {"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n"}) {
    Client client(server.port());
    client.send(text);
    const std::string answer = client.read_all();
    EXPECT_EQ(body_in(answer), "GET /a|");
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  }
}

TEST(Listener, DecodesPathAndQuery) {
  Running server;
  server.echo.special = [](Request& request) {
    Response answer;
    for (const std::string& segment : request.segments) answer.body += "[" + segment + "]";
    for (const auto& [name, value] : request.query) answer.body += name + "=" + value + ";";
    return answer;
  };
  Client client(server.port());
  EXPECT_EQ(body_in(client.get("/a%2Fb/c+d?where=x%20is+1&b")), "[a/b][c+d]where=x is 1;b=;");
  EXPECT_EQ(status_in(client.get("/a%zz")), 400);
}

TEST(Listener, TurnsAHandlersExceptionIntoAProblem) {
  Running server;
  server.echo.special = [](Request&) -> Response { throw std::runtime_error("select * from secrets"); };
  Client client(server.port());
  const std::string answer = client.get("/a");
  EXPECT_EQ(status_in(answer), 500);
  EXPECT_NE(answer.find("application/problem+json"), std::string::npos);
  EXPECT_EQ(answer.find("secrets"), std::string::npos);
}

TEST(Listener, AnswersManyClientsAtOnce) {
  Running server({.threads = 2}, 4);
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      Client client(server.port());
      for (int i = 0; i < 100; ++i) {
        const std::string path = "/" + std::to_string(t) + "-" + std::to_string(i);
        if (body_in(client.get(path)) == "GET " + path + "|") ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 1600);
}

TEST(Listener, HoldsAThousandIdleConnectionsAndStillAnswers) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8192);
  ::setrlimit(RLIMIT_NOFILE, &files);
  Running server;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 1000; ++i) clients.push_back(std::make_unique<Client>(server.port()));
  for (const auto& client : clients) ASSERT_TRUE(client->is_connected());
  EXPECT_EQ(status_in(Client(server.port()).get("/a")), 200);
  EXPECT_EQ(status_in(clients.back()->get("/b")), 200);
  EXPECT_GE(server.listener.connections(), 1000U);
}

TEST(Listener, RefusesConnectionsAboveItsLimit) {
  Running server({.connections_max = 2});
  Client one(server.port());
  Client two(server.port());
  EXPECT_EQ(status_in(one.get("/a")), 200);
  EXPECT_EQ(status_in(two.get("/a")), 200);
  Client three(server.port());
  EXPECT_EQ(status_in(three.read_all()), 503);
  EXPECT_EQ(status_in(one.get("/a")), 200);
}

TEST(Listener, OneAddressHasAShareAndATrustedProxyHasAll) {
  const auto open = [](const Running& server, std::size_t count) {
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < count; ++i) {
      clients.push_back(std::make_unique<Client>(server.port()));
      EXPECT_EQ(status_in(clients.back()->get("/a")), 200) << i;
    }
    return clients;
  };
  Running server({.connections_max = 300});
  auto clients = open(server, 75);
  EXPECT_EQ(status_in(Client(server.port()).read_all()), 503);
  EXPECT_EQ(status_in(clients[0]->get("/still")), 200);
  // What is closed is given back.
  clients[1]->send("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  clients[1]->read_all();
  clients[1]->close();
  while (server.listener.connections() >= 75) std::this_thread::yield();
  EXPECT_EQ(status_in(Client(server.port()).get("/again")), 200);
  Running behind({.trusted_proxies = {"127.0.0.0/8"}, .connections_max = 300});
  open(behind, 100);
}

TEST(Listener, AnAddressIsCountedByWhatItsOwnerHas) {
  const auto key = [](const char* text) { return PeerShares::key_of(boost::asio::ip::make_address(text)); };
  EXPECT_EQ(key("192.0.2.1"), key("::ffff:192.0.2.1"));
  EXPECT_NE(key("192.0.2.1"), key("192.0.2.2"));
  EXPECT_EQ(key("2001:db8::1"), key("2001:db8::ffff:1"));
  EXPECT_NE(key("2001:db8::1"), key("2001:db8:0:1::1"));
  EXPECT_EQ(PeerShares::most_of(2), 64U);
  EXPECT_EQ(PeerShares::most_of(2000), 500U);
}

TEST(Listener, RefusesWorkThatDoesNotFitItsQueue) {
  Running server({}, 1);
  std::promise<void> open;  // outlives the worker that waits for it
  auto gate = open.get_future().share();
  std::promise<void> entered;
  runtime::Executor full({.threads = 1, .queue_max = 1});
  Listener listener({}, server.echo, full, server.metrics, "full");
  ASSERT_TRUE(listener.start());
  ASSERT_TRUE(full.submit([&] {
    entered.set_value();
    gate.wait();
  }));
  entered.get_future().wait();
  ASSERT_TRUE(full.submit([] {}));
  Client client(listener.port());
  const std::string answer = client.get("/a");
  EXPECT_EQ(status_in(answer), 503);
  EXPECT_NE(answer.find("Retry-After"), std::string::npos);
  EXPECT_EQ(body_in(client.get("/quick")), "GET /quick|");
  open.set_value();
  listener.stop(std::chrono::milliseconds(1000));
}

TEST(Listener, LetsARequestFinishBeforeItStops) {
  Running server;
  std::promise<void> open;
  auto gate = open.get_future().share();
  std::promise<void> entered;
  server.echo.special = [&](Request&) {
    entered.set_value();
    gate.wait();
    Response answer;
    answer.body = "late";
    return answer;
  };
  Client idle(server.port());
  EXPECT_TRUE(idle.is_connected());
  Client client(server.port());
  client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  entered.get_future().wait();
  std::thread stopper([&] { server.listener.stop(std::chrono::seconds(10)); });
  EXPECT_EQ(idle.read_all(), "");  // the idle one is ended at once
  open.set_value();
  const std::string answer = client.read_all();
  EXPECT_EQ(body_in(answer), "late");
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  stopper.join();
  EXPECT_FALSE(Client(server.port()).is_connected());
}

TEST(Listener, SaysWhyItCannotListen) {
  Running server;
  runtime::Executor executor({.threads = 1});
  Listener taken({.port = server.port()}, server.echo, executor, server.metrics, "b");
  const auto started = taken.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Code::Unavailable);
  Listener wrong({.address = "nowhere"}, server.echo, executor, server.metrics, "c");
  EXPECT_EQ(wrong.start().error().code, Code::InvalidArgument);
}

}  // namespace
}  // namespace talon::http::test
