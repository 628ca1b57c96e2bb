/// Plugins come, go and are refused while the rest of the installation serves.
#include "tests/support/business.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <thread>

namespace talon::acceptance {
namespace {

using support::Answer;
using support::ApiClient;
using support::Business;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

TEST(PluginLife, FiftyRestartsOfOneFailNoRequestToAnother) {
  Business business;
  business.open();
  business.draft(*business.admin, business.acme);
  std::atomic<bool> is_over{false};
  std::atomic<int> polls{0};
  std::atomic<int> failed{0};
  std::thread poller([&] {
    ApiClient client(business.talon.port(), business.admin->token());
    while (!is_over) {
      if (client.get("/api/v1/invoices?limit=5").status != 200) ++failed;
      ++polls;
    }
  });
  // A poll for each restart at least, however the two share the processor.
  for (int i = 0; i < 50 || (polls < 51 && i < 5000); ++i) {
    const Answer restarted = business.admin->post("/api/v1/plugins/hello/restart", Json::object());
    ASSERT_LT(restarted.status, 300) << restarted.text;
  }
  is_over = true;
  poller.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GT(polls, 50);
}

TEST(PluginLife, ABadPluginIsRefusedWithItsReasonAndTheRestRuns) {
  support::TemporaryDirectory plugins;
  fs::copy(fs::path(TALON_BUILD_DIR) / "plugins", plugins.path() / "plugins", fs::copy_options::recursive);
  fs::permissions(plugins.path() / "plugins" / "hello" / "libhello.so", fs::perms::others_write,
                  fs::perm_options::add);
  const std::string orphan = "plugin: orphan\nversion: 1.0.0\nsdk: 1\nrequires: [nobody]\n";
  plugins.write("plugins/orphan/plugin.yaml", orphan);
  plugins.write("plugins/future/plugin.yaml", "plugin: future\nversion: 1.0.0\nsdk: 2\n");
  support::TalonOptions options;
  options.plugin_directory = (plugins.path() / "plugins").string();
  Business business(std::move(options));
  business.open();
  const Answer list = business.admin->get("/api/v1/plugins");
  ASSERT_EQ(list.status, 200) << list.text;
  const auto reason_of = [&](std::string_view name) {
    const Json& items = list.json["plugins"].is_array() ? list.json["plugins"]
                        : list.json["items"].is_array() ? list.json["items"]
                                                        : list.json;
    for (const Json& item : items.items()) {
      if (item["name"].string() == name) return std::string(item["reason"].string());
    }
    return std::string("not listed: " + list.text);
  };
  EXPECT_THAT(reason_of("hello"), HasSubstr("writable by others"));
  EXPECT_THAT(reason_of("orphan"), HasSubstr("nobody"));
  EXPECT_THAT(reason_of("future"), HasSubstr("2"));
  EXPECT_EQ(business.admin->get("/api/v1/invoices").status, 200);
}

}  // namespace
}  // namespace talon::acceptance
