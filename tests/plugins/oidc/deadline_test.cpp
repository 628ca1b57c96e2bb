/// A provider that never ends its answer holds nobody who signs in.
#include "plugins/oidc/http.hpp"
#include "tests/support/dripping_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon::oidc {
namespace {

using support::DrippingServer;
using ::testing::HasSubstr;

TEST(OidcDeadline, AProviderThatDripsIsLeftWhereverItDrips) {
  const Http http("", std::chrono::milliseconds(300));
  for (const std::string& at_once :
       {DrippingServer::head(), DrippingServer::body(), DrippingServer::endless_body()}) {
    DrippingServer server(at_once);
    const auto answer = http.get("http://127.0.0.1:" + std::to_string(server.port()) + "/x");
    ASSERT_FALSE(answer) << at_once;
    EXPECT_EQ(answer.error().code, Code::Unavailable);
    EXPECT_THAT(answer.error().message, HasSubstr("did not end in time"));
    EXPECT_EQ(server.callers(), 1);
    EXPECT_FALSE(server.was_heard_out()) << at_once;
  }
  DrippingServer server(DrippingServer::tls_record());
  const auto answer = http.post("https://127.0.0.1:" + std::to_string(server.port()) + "/x", "a=b", "");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::Unavailable) << answer.error().message;
  EXPECT_FALSE(server.was_heard_out());
}

}  // namespace
}  // namespace talon::oidc
