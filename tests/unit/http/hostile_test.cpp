/// The listener with clients that mean harm or are broken.
#include "tests/unit/http/echo.hpp"

#include <talon/utf8.hpp>

#include <gtest/gtest.h>

#include <random>

namespace talon::http::test {
namespace {

/// Sends `text`, then reads until the server closes.
std::string exchange(uint16_t port, std::string_view text) {
  const Client client(port);
  client.send(text);
  return client.read_all();
}

TEST(Hostile, AmbiguousMessageEndsAreRefusedAndTheConnectionEnds) {
  Running server;
  const std::string_view after = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::string_view head : {
           "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
           "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
           "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
           "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\nab",
           "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
           "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
           "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
           "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
           "chunked\r\n\r\n0\r\n\r\n",
           "POST /a HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc",
       }) {
    const std::string answer = exchange(server.port(), std::string(head) + std::string(after));
    EXPECT_EQ(status_in(answer), 400) << head;
    EXPECT_EQ(answer.find("smuggled"), std::string::npos) << head;
  }
  EXPECT_EQ(server.echo.handled, 0);
}

TEST(Hostile, BrokenChunksAreRefused) {
  Running server;
  for (const std::string_view body : {"zz\r\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "-1\r\n\r\n",
                                      "ffffffffffffffffff\r\n", "\r\n\r\n"}) {
    const std::string answer =
        exchange(server.port(),
                 "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body));
    const int status = status_in(answer);
    EXPECT_TRUE(status == 400 || status == 413) << body << ": " << answer;
  }
  EXPECT_EQ(server.echo.handled, 0);
}

TEST(Hostile, LimitsOnHeadAndBodyHold) {
  Running server(
      {.header_bytes_max = 4096, .body_bytes_max = 1000, .header_time = std::chrono::milliseconds(2000)});
  const std::string large(5000, 'a');
  EXPECT_EQ(status_in(exchange(server.port(), "GET /a HTTP/1.1\r\nHost: x\r\nX: " + large + "\r\n\r\n")),
            431);
  EXPECT_EQ(status_in(exchange(server.port(), "GET /" + large + " HTTP/1.1\r\nHost: x\r\n\r\n")), 431);
  std::string many = "GET /a HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 150; ++i) many += "A: b\r\n";
  EXPECT_EQ(status_in(exchange(server.port(), many + "\r\n")), 431);
  EXPECT_EQ(status_in(exchange(server.port(), "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n")),
            413);
  const std::string chunk = "1f4\r\n" + std::string(500, 'x') + "\r\n";
  EXPECT_EQ(
      status_in(exchange(server.port(), "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                            chunk + chunk + chunk + "0\r\n\r\n")),
      413);
  EXPECT_EQ(server.echo.handled, 0);
}

TEST(Hostile, AnAnswerToATooLargeBodyArrivesThoughTheClientIsStillSending) {
  Running server;
  Client client(server.port());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n");
  client.send(std::string(3'000'000, 'x'));
  EXPECT_EQ(status_in(client.read_all()), 413);
}

TEST(Hostile, OtherProtocolsAndMissingHostsAreRefused) {
  Running server;
  for (const std::string_view text :
       {"GET /a HTTP/1.1\r\n\r\n", "GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET http://x/a HTTP/1.1\r\nHost: x\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello tls \r\n\r\n", "nonsense\r\n\r\n",
        "GET /a\x01 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n"}) {
    EXPECT_EQ(status_in(exchange(server.port(), text)), 400) << text;
  }
  EXPECT_EQ(status_in(exchange(server.port(), "GET /a HTTP/1.2\r\nHost: x\r\n\r\n")), 505);
  EXPECT_EQ(server.echo.handled, 0);
}

TEST(Hostile, AddressesThatAreNoTextAreRefusedAndNotRepeated) {
  Running server;
  for (const std::string_view target :
       {"/a\xff\xfe\"evil", "/a%ff", "/a/%C3%28/b", "/\xc3%A9", "/a?order=%ff", "/a?%ff=1", "/a?b=\xff",
        "/a?b=%ED%A0%80", "/a?b=%C0%AF"}) {
    const std::string answer =
        exchange(server.port(), "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(status_in(answer), 400) << target;
    EXPECT_FALSE(find_bad_utf8(answer)) << target;
  }
  EXPECT_EQ(server.echo.handled, 0);
  EXPECT_EQ(status_in(exchange(server.port(),
                               "GET /%C3%A9?b=\xc3\xa9 HTTP/1.1\r\nHost: x\r\n"
                               "Connection: close\r\n\r\n")),
            200);
}

TEST(Hostile, SlowClientsAreCutOff) {
  Running server({.header_time = std::chrono::milliseconds(40),
                  .body_time = std::chrono::milliseconds(40),
                  .idle_time = std::chrono::milliseconds(40)});
  EXPECT_EQ(exchange(server.port(), ""), "");  // says nothing
  EXPECT_EQ(status_in(exchange(server.port(), "GET /a HTTP/1.1\r\nHo")), 408);
  EXPECT_EQ(status_in(exchange(server.port(), "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab")),
            408);
  Client client(server.port());
  EXPECT_EQ(status_in(client.get("/a")), 200);
  EXPECT_EQ(client.read_all(), "");  // idle
}

TEST(Hostile, OneByteAtATimeDoesNotStretchTheLimit) {
  Running server({.header_time = std::chrono::milliseconds(60)});
  const Client client(server.port());
  bool is_open = true;
  for (int i = 0; i < 400 && is_open; ++i) {
    is_open = client.send(i == 0 ? "G" : "E");
    const std::string answer = client.read(1024, 5);
    if (!answer.empty()) is_open = false;
  }
  EXPECT_FALSE(is_open);
}

TEST(Hostile, EarlyCloseHurtsNobody) {
  Running server;
  for (int i = 0; i < 50; ++i) {
    const Client client(server.port());
    client.send(i % 2 == 0 ? "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
                           : "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nab");
  }
  EXPECT_EQ(status_in(Client(server.port()).get("/still")), 200);
}

TEST(Hostile, RandomBytesNeverReachAHandlerAsSomethingElse) {
  Running server({.header_time = std::chrono::milliseconds(30)});
  std::mt19937 random(20261121);
  const std::string base =
      "POST /a?b=c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (int i = 0; i < 200; ++i) {
    std::string text = base;
    for (int k = 0; k < 3; ++k) text[random() % text.size()] = static_cast<char>(random() % 256);
    const Client client(server.port());
    client.send(text);
    ::shutdown(client.fd(), SHUT_WR);
    const std::string answer = client.read_all();
    EXPECT_TRUE(answer.empty() || status_in(answer) >= 200) << text;
  }
  EXPECT_EQ(status_in(Client(server.port()).get("/still")), 200);
}

TEST(Hostile, AHeaderValueFromDataCannotSplitTheAnswer) {
  Running server;
  server.echo.special = [](Request&) {
    Response answer;
    answer.header("X-Name", "a\r\nSet-Cookie: evil=1");
    return answer;
  };
  const std::string answer = Client(server.port()).get("/a");
  EXPECT_EQ(answer.find("\r\nSet-Cookie"), std::string::npos);
}

}  // namespace
}  // namespace talon::http::test
