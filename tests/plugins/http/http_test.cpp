/// The HTTP connector against a real server: pages, digits, retries, credentials, refusals.
#include "connectors/http/json_records.hpp"
#include "connectors/http/source.hpp"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>

#include <gtest/gtest.h>

#include <iterator>
#include <mutex>

namespace talon::http_connector {
namespace {

struct Seen {
  std::string method;
  std::string target;
  std::string body;
  std::string authorization;
};
struct Reply {
  int status = 200;
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// Answers by a function of the test, on a port of its own.
class Server {
 public:
  using Answer = std::function<Reply(const Seen&)>;

  explicit Server(Answer answer)
      : answer_(std::move(answer)),
        socket_(Poco::Net::SocketAddress("127.0.0.1", 0)),
        server_(new Factory(*this), socket_, new Poco::Net::HTTPServerParams) {
    server_.start();
  }
  ~Server() { server_.stopAll(true); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(socket_.address().port()); }
  std::vector<Seen> seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  class Handler : public Poco::Net::HTTPRequestHandler {
   public:
    explicit Handler(Server& server) : server_(server) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) override {
      Seen seen{request.getMethod(), request.getURI(),
                std::string(std::istreambuf_iterator<char>(request.stream()), {}),
                request.get("Authorization", "")};
      Reply reply;
      {
        const std::lock_guard lock(server_.mutex_);
        server_.seen_.push_back(seen);
        reply = server_.answer_(seen);
      }
      response.setStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(reply.status));
      for (const auto& [name, value] : reply.headers) response.set(name, value);
      response.sendBuffer(reply.body.data(), reply.body.size());
    }

   private:
    Server& server_;
  };
  class Factory : public Poco::Net::HTTPRequestHandlerFactory {
   public:
    explicit Factory(Server& server) : server_(server) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
      return new Handler(server_);
    }

   private:
    Server& server_;
  };

  Answer answer_;
  std::mutex mutex_;
  std::vector<Seen> seen_;
  Poco::Net::ServerSocket socket_;
  Poco::Net::HTTPServer server_;
};

struct Session {
  std::unique_ptr<SourceSession> source;
  std::shared_ptr<std::vector<int64_t>> waits = std::make_shared<std::vector<int64_t>>();
};

Session open(const Server& server, Json extra = Json::object()) {
  Session session;
  Waiting waiting;
  waiting.sleep = [waits = session.waits](Milliseconds time) { waits->push_back(time.count()); };
  Json connection = Json::object({{"base_url", server.url() + "/v1"}});
  for (const auto& [name, value] : extra.members()) connection.set(name, value);
  auto source = open_source(connection, waiting);
  EXPECT_TRUE(source) << source.error().message;
  session.source = std::move(*source);
  return session;
}

struct Page {
  std::vector<std::vector<std::string>> rows;
  Json end;
};
Result<Page> read(SourceSession& source, const std::string& request) {
  TALON_TRY(const Json json, Json::parse(request));
  Page page;
  TALON_TRY(page.end, source.read(json, [&](Row row) -> Result<void> {
    auto& texts = page.rows.emplace_back();
    for (const Cell& cell : row) texts.push_back(cell.is_null() ? "(null)" : std::string(cell.text()));
    return {};
  }));
  return page;
}

TEST(Http, DigitsEscapesNullsAndInnerPartsComeAsTheyAre) {
  Server server([](const Seen&) {
    return Reply{200,
                 R"({"results":[{"id":9007199254740993,"n":99999999999999.1234,
        "p":{"e":"h\u00e9 \ud834\udd1e","t":[1,{"x":null}]},
                          "b":true,"z":null,"skip":{"deep":[{"n":1}]}},{"id":2}]})"};
  });
  const auto session = open(server);
  const auto page = read(*session.source,
                         R"({"path":"/x","records":"$.results[*]",
          "columns":["$.id","$.n","$.p.e","$.p.t","$.p.t[0]","$.b","$.z"]})");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(
      page->rows,
      (std::vector<std::vector<std::string>>{
          {"9007199254740993", "99999999999999.1234", "hé 𝄞", R"([1,{"x":null}])", "1", "true", "(null)"},
          {"2", "(null)", "(null)", "(null)", "(null)", "(null)", "(null)"}}));
  EXPECT_EQ(server.seen()[0].target, "/v1/x");
}

TEST(Http, AColumnThatNoRecordHasIsToldFromOneThatIsNull) {
  Server server([](const Seen&) { return Reply{200, R"([{"id":1,"a":null},{"id":2}])"}; });
  const auto session = open(server);
  const auto page = read(*session.source, R"({"path":"/x","records":"$[*]","columns":["$.id","$.a","$.b"]})");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->end["absent"].to_string(), R"(["$.b"])");
}

TEST(Http, PagesAreReadToTheEndByEachKindOfPagination) {
  for (const std::string kind : {"page", "offset", "cursor", "link_header"}) {
    Server server([&, kind](const Seen& seen) {
      const auto has = [&](const std::string& text) { return seen.target.find(text) != std::string::npos; };
      const bool is_second = has("p=2") || has("p=two");
      Reply reply;
      const std::string next = is_second ? "" : "two";
      reply.body = R"({"list":)" + std::string(is_second ? "[{\"id\":3}]" : "[{\"id\":1},{\"id\":2}]") +
                   R"(,"next":")" + next + "\"}";
      if (kind == "link_header" && !is_second)
        reply.headers = {{"Link", "</v1/x?p=1>; rel=\"first\", </v1/x?p=2>; rel=\"next\""}};
      return reply;
    });
    const auto session = open(server);
    std::string position = "null";
    std::vector<std::string> ids;
    do {
      const auto page =
          read(*session.source,
               R"({"path":"/x","records":"$.list[*]","columns":["$.id"],"limit":2,"pagination":{"type":")" +
                   kind + R"(","query":"p","next":"$.next"},"position":)" + position + "}");
      ASSERT_TRUE(page) << kind << ": " << page.error().message;
      for (const auto& row : page->rows) ids.push_back(row[0]);
      position = page->end["next"].to_string();
    } while (position != "null");
    EXPECT_EQ(ids, (std::vector<std::string>{"1", "2", "3"})) << kind;
  }
}

TEST(Http, ANextLinkToAnotherOriginIsRefused) {
  Server server([](const Seen&) {
    return Reply{200, "[]", {{"Link", "<http://evil.example/x>; rel=\"next\""}}};
  });
  const auto session = open(server);
  const std::string request =
      R"({"path":"/x","records":"$[*]","columns":["$.id"],"pagination":{"type":"link_header"},"position":)";
  const auto first = read(*session.source, request + "null}");
  ASSERT_TRUE(first);
  const auto second = read(*session.source, request + first->end["next"].to_string() + "}");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::PermissionDenied);
  EXPECT_EQ(server.seen().size(), 1u);
}

TEST(Http, ACursorThatComesTwiceEndsTheRun) {
  Server server([](const Seen&) { return Reply{200, R"({"list":[{"id":1}],"next":"same"})"}; });
  const auto session = open(server);
  const std::string request =
      R"({"path":"/x","records":"$.list[*]","columns":["$.id"],
          "pagination":{"type":"cursor","query":"after","next":"$.next"},"position":)";
  ASSERT_TRUE(read(*session.source, request + "null}"));
  const auto again = read(*session.source, request + "\"same\"}");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::DataLoss);
}

TEST(Http, RetryAfterIsAFloorForTheWait) {
  int calls = 0;
  Server server([&](const Seen&) {
    return ++calls < 3 ? Reply{429, "", {{"Retry-After", "7"}}} : Reply{200, "[]"};
  });
  const auto session = open(server, *Json::parse(R"({"retry":{"initial_ms":10,"max_ms":20}})"));
  const auto page = read(*session.source, R"({"path":"/x","records":"$[*]","columns":["$.id"]})");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(*session.waits, (std::vector<int64_t>{7000, 7000}));
}

TEST(Http, AWaitLongerThanTheBudgetEndsTheRunAsTryLater) {
  Server server([&](const Seen&) { return Reply{503, "", {{"Retry-After", "86400"}}}; });
  const auto session = open(server);
  const auto page = read(*session.source, R"({"path":"/x","records":"$[*]","columns":["$.id"]})");
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Code::Unavailable);
  EXPECT_NE(page.error().message.find("86400 s"), std::string::npos) << page.error().message;
  EXPECT_TRUE(session.waits->empty());
}

TEST(Http, AnAnswerOverTheCapIsRefused) {
  Server server([&](const Seen&) { return Reply{200, "[" + std::string(5000, ' ') + "]"}; });
  const auto session = open(server, *Json::parse(R"({"max_response":1000})"));
  const auto page = read(*session.source, R"({"path":"/x","records":"$[*]","columns":["$.id"]})");
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Code::ResourceExhausted);
}

TEST(Http, RedirectsAreNotFollowed) {
  Server server([&](const Seen&) { return Reply{302, "", {{"Location", "/elsewhere"}}}; });
  const auto session = open(server);
  const auto page = read(*session.source, R"({"path":"/x","records":"$[*]","columns":["$.id"]})");
  ASSERT_FALSE(page);
  EXPECT_EQ(server.seen().size(), 1u);
}

TEST(Http, ATokenIsFetchedOnceAndAgainWhenItIsRefused) {
  int tokens = 0;
  Server server([&](const Seen& seen) {
    if (seen.target == "/token")
      return Reply{200, R"({"access_token":"t)" + std::to_string(++tokens) + R"(","expires_in":3600})"};
    return seen.authorization == "Bearer t2" ? Reply{200, "[]"} : Reply{401, ""};
  });
  const auto session = open(server, *Json::parse(R"({"auth":{"type":"oauth2","token_url":")" + server.url() +
                                                 R"(/token","client_id":"me","client_secret":"s:1"}})"));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(read(*session.source, R"({"path":"/x","records":"$[*]","columns":["$.id"]})"));
  }
  EXPECT_EQ(tokens, 2);
  EXPECT_EQ(server.seen()[0].authorization, "Basic bWU6cyUzQTE=");
}

TEST(Http, AnAnswerThatIsNotJsonIsAnErrorAndNoEmptyPage) {
  for (const char* body : {"", "<html>", "{\"results\":[{\"id\":1},", "{\"other\":[]}", "[1e"}) {
    Server server([&](const Seen&) { return Reply{200, body}; });
    const auto session = open(server);
    EXPECT_FALSE(read(*session.source, R"({"path":"/x","records":"$.results[*]","columns":["$.id"]})"))
        << body;
  }
}

TEST(Http, AKeyedWriteIsSentAgainAndAnUnkeyedOneIsNot) {
  int calls = 0;
  Server server([&](const Seen&) { return ++calls == 1 ? Reply{500, "{}"} : Reply{201, R"({"id":12.50})"}; });
  Waiting waiting;
  waiting.sleep = [](Milliseconds) {};
  auto sink = open_sink(Json::object({{"base_url", server.url()}}), waiting);
  ASSERT_TRUE(sink);
  const auto unkeyed = (*sink)->send(*Json::parse(R"({"path":"/i","body":{"total":1.10}})"));
  ASSERT_FALSE(unkeyed);
  EXPECT_EQ(unkeyed.error().code, Code::Unavailable);
  EXPECT_EQ(calls, 1);
  calls = 0;
  const auto keyed =
      (*sink)->send(*Json::parse(R"({"path":"/i","headers":{"Idempotency-Key":"k"},"body":{"total":1.10}})"));
  ASSERT_TRUE(keyed) << keyed.error().message;
  EXPECT_EQ((*keyed)["body"]["id"].digits(), "12.50");
  EXPECT_EQ(server.seen().back().body, R"({"total":1.10})") << "digits go out as they are";
}

TEST(Paths, WhatIsNoPathIsRefused) {
  for (const char* text : {"", "a", "$.", "$.a..b", "$.a[", "$[x]", "$.a[*].b"})
    EXPECT_FALSE(parse_path(text)) << text;
  for (const char* text : {"$", "$.a", "$[0].b", "$.a.b[*]"}) EXPECT_TRUE(parse_path(text)) << text;
}

TEST(Urls, WhatIsNoUrlIsRefused) {
  for (const char* text : {"ftp://x", "http://", "https://user@x/", "http://x/#f", "http://x:0/",
                           "http://x:99999", "http://a b/"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

}  // namespace
}  // namespace talon::http_connector
