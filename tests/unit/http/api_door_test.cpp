/// What the API's door keeps out or counts: text that is none, streams without end, denials by the dozen.
#include "tests/unit/http/api_fixture.hpp"

#include <talon/utf8.hpp>

namespace talon::http::test {
namespace {

/// A stream that somebody reads, or that has gone.
class FakeStream : public PushStream {
 public:
  bool send(std::string_view) override { return is_open_; }
  bool is_open() const override { return is_open_; }
  void close() override { is_open_ = false; }

 private:
  std::atomic<bool> is_open_{true};
};

class ApiDoor : public ApiTest {
 protected:
  ApiDoor() : user_(add_user("ann@example.org")), token_(sign_in("ann@example.org")) {
    for (const char* type : {"party", "receipt"}) allow(user_, "view", type);
    allow(user_, "view", "audit_entry");
  }
  Response ask_for_events(const std::string& token) {
    Request request;
    request.method = "GET";
    request.target = "/api/v1/events";
    request.headers = {{"Authorization", "Bearer " + token}};
    EXPECT_TRUE(read_target(request));
    return api_->handle(request);
  }
  /// The notes of refused tries, oldest first.
  Json::Array notes() {
    const Answer page =
        call(token_, "GET", "/api/v1/audit_entries?where=action%20is%20denied&order=id&limit=100");
    EXPECT_EQ(page.status, 200) << page.text;
    Json::Array all;
    for (const Json& item : page.body["items"].items()) all.push_back(*Json::parse(item["content"].string()));
    return all;
  }

  int64_t user_;
  std::string token_;
};

TEST_F(ApiDoor, BodiesThatAreNoTextAreRefusedAndNotRepeated) {
  for (const std::string body :
       {"{\"na\xffme\":\"x\"}", "{\"name\":\"\xc3\"}", "{\"name\":\"\xed\xa0\x80\"}"}) {
    const Answer answer = call(token_, "POST", "/api/v1/parties", body);
    EXPECT_EQ(answer.status, 400) << answer.text;
    EXPECT_FALSE(find_bad_utf8(answer.text)) << answer.text;
    EXPECT_EQ(call("", "POST", "/api/v1/session", body).status, 400);
  }
  const Answer key = call(token_, "POST", "/api/v1/parties", "{}", {{"Idempotency-Key", "\xff"}});
  EXPECT_EQ(key.status, 400) << key.text;
}

TEST_F(ApiDoor, APersonHasSoManyStreamsAndNoMore) {
  std::vector<std::shared_ptr<FakeStream>> streams;
  const auto open = [&](const Response& response) {
    streams.push_back(std::make_shared<FakeStream>());
    response.push(streams.back());
  };
  const Response early = ask_for_events(token_);  // told that there is room, and comes too late for it
  for (std::size_t i = 0; i < EventHub::kStreamsMax; ++i) {
    const Response response = ask_for_events(token_);
    ASSERT_EQ(response.status, 200) << response.body;
    open(response);
    EXPECT_TRUE(streams.back()->is_open());
  }
  EXPECT_EQ(ask_for_events(sign_in("ann@example.org")).status, 429);
  open(early);
  EXPECT_FALSE(streams.back()->is_open());
  add_user("bob@example.org");
  EXPECT_EQ(ask_for_events(sign_in("bob@example.org")).status, 200);
  streams.front()->close();
  EXPECT_EQ(ask_for_events(token_).status, 200);
}

TEST_F(ApiDoor, CheapTriesDoNotHideOthersAndAreCounted) {
  for (int i = 0; i < 30; ++i)
    ASSERT_EQ(call(token_, "POST", "/api/v1/parties", R"({"name":"Acme"})").status, 403);
  ASSERT_EQ(notes().size(), 20U);
  ASSERT_EQ(call(token_, "POST", "/api/v1/receipts", R"({"name":"x"})", {{"Idempotency-Key", "k"}}).status,
            403);
  const Json::Array all = notes();
  ASSERT_EQ(all.size(), 21U);
  EXPECT_EQ(all.front()["left_out"].integer(), 0) << all.front().to_string();
  EXPECT_EQ(all.back()["route"].string(), "POST /api/v1/receipts");
  EXPECT_EQ(all.back()["left_out"].integer(), 10) << all.back().to_string();
  // They are told once.
  call(token_, "POST", "/api/v1/receipts", R"({"name":"x"})", {{"Idempotency-Key", "l"}});
  EXPECT_TRUE(notes().back()["left_out"].is_null());
}

}  // namespace
}  // namespace talon::http::test
