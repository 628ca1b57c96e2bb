/// hello against the fake host: what it writes, and what it says when something is wrong.
#include <talon/testing/plugin_under_test.hpp>

#include <gtest/gtest.h>

namespace {

using talon::Code;
using talon::Json;
using talon::Value;
using talon::testing::FakeHost;
using talon::testing::PluginUnderTest;

struct HelloTest : ::testing::Test {
  HelloTest() {
    host.settings.set("word", "Hello");
    EXPECT_TRUE(plugin.start());
  }
  FakeHost host;
  PluginUnderTest plugin{host};
};

TEST_F(HelloTest, SayingWritesTheTextAndAnEvent) {
  const int64_t greeting = host.add("greeting", {{"name", "Ada"}, {"state", "new"}});
  const talon::Result<Json> answer = plugin.action("greeting", greeting, "say");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ((*answer)["text"].string(), "Hello, Ada!");
  EXPECT_EQ(host.value("greeting", greeting, "text"), Value("Hello, Ada!"));
  ASSERT_EQ(host.events().size(), 1U);
  EXPECT_EQ(host.events()[0]["event"].string(), "greeting.said");
}

TEST_F(HelloTest, TheWordIsASetting) {
  host.settings.set("word", "Bonjour");
  const int64_t greeting = host.add("greeting", {{"name", "Ada"}});
  ASSERT_TRUE(plugin.action("greeting", greeting, "say"));
  EXPECT_EQ(host.text("greeting", greeting, "text"), "Bonjour, Ada!");
}

TEST_F(HelloTest, AMissingGreetingIsNotFound) {
  const talon::Result<Json> answer = plugin.action("greeting", 4711, "say");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::NotFound);
}

TEST_F(HelloTest, WhoMayNotViewMayNotSay) {
  const int64_t greeting = host.add("greeting", {{"name", "Ada"}});
  host.deny("greeting.view");
  const talon::Result<Json> answer = plugin.action("greeting", greeting, "say");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::PermissionDenied);
}

TEST_F(HelloTest, AnUnknownActionIsRefusedByName) {
  const talon::Result<Json> answer = plugin.action("greeting", 1, "sing");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::Unimplemented);
  EXPECT_NE(answer.error().message.find("greeting.sing"), std::string::npos);
}

TEST_F(HelloTest, EveryFailingCallLeavesTheRecordAsItWasAndARetrySucceeds) {
  const int64_t greeting = host.add("greeting", {{"name", "Ada"}});
  for (int64_t n = 1;; ++n) {
    host.fail_nth(n);
    const talon::Result<Json> answer = plugin.action("greeting", greeting, "say");
    if (!host.has_failed()) break;
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::Unavailable);
    EXPECT_TRUE(host.value("greeting", greeting, "text").is_null());
  }
  host.fail_nth(0);
  EXPECT_TRUE(plugin.action("greeting", greeting, "say"));
}

}  // namespace
