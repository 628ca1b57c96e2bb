/// Whose word about the caller counts.
#include "host/http/proxies.hpp"

#include <gtest/gtest.h>

namespace talon::http::test {
namespace {

struct Case {
  const char* peer;
  Pairs headers;
  const char* expected;
  bool is_tls;
};

TEST(Proxies, OnlyTrustedOnesAreBelievedAndOnlyAboutTheirOwnCaller) {
  const auto proxies = Proxies::read({"127.0.0.1", "10.0.0.0/8", "fd00::/8"});
  ASSERT_TRUE(proxies) << proxies.error().message;
  const std::vector<Case> cases = {
      {"192.0.2.1", {{"X-Forwarded-For", "1.2.3.4"}, {"X-Forwarded-Proto", "https"}}, "192.0.2.1", false},
      {"127.0.0.1", {{"X-Forwarded-For", "192.0.2.9"}, {"x-forwarded-proto", "https"}}, "192.0.2.9", true},
      {"127.0.0.1", {{"X-Forwarded-For", "192.0.2.9"}, {"X-Forwarded-Proto", "http"}}, "192.0.2.9", false},
      // What the caller wrote itself stands to the left of what the proxy saw.
      {"127.0.0.1", {{"X-Forwarded-For", "10.1.1.1, 192.0.2.9"}}, "192.0.2.9", false},
      {"127.0.0.1", {{"X-Forwarded-For", "8.8.8.8, 192.0.2.9, 10.2.3.4"}}, "192.0.2.9", false},
      {"10.2.3.4", {{"X-Forwarded-For", "8.8.8.8"}, {"X-Forwarded-For", "192.0.2.9"}}, "192.0.2.9", false},
      {"::ffff:10.2.3.4", {{"X-Forwarded-For", "2001:db8::7"}}, "2001:db8::7", false},
      {"fd12::1", {{"X-Forwarded-For", "::ffff:192.0.2.9"}}, "192.0.2.9", false},
      {"127.0.0.1", {{"X-Forwarded-For", "192.0.2.9, garbage"}}, "127.0.0.1", false},
      {"127.0.0.1", {{"X-Forwarded-For", "10.0.0.1"}}, "10.0.0.1", false},
      {"127.0.0.1", {}, "127.0.0.1", false},
  };
  for (const Case& one : cases) {
    Request request;
    request.peer = one.peer;
    request.headers = one.headers;
    (*proxies)->apply(request);
    EXPECT_EQ(request.peer, one.expected);
    EXPECT_EQ(request.is_tls, one.is_tls) << one.peer;
  }
}

TEST(Proxies, AWordThatIsNoNetworkIsNamed) {
  for (const char* bad : {"10.0.0.0/99", "proxy.example.com", "", "10.0.0"}) {
    const auto proxies = Proxies::read({"127.0.0.1", bad});
    ASSERT_FALSE(proxies) << bad;
    EXPECT_NE(proxies.error().message.find(std::string("\"") + bad + "\""), std::string::npos);
  }
}

}  // namespace
}  // namespace talon::http::test
