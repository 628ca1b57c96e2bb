/// A running talond and its people: who they are, how they sign in, what the audit log says of it.
#pragma once

#include "tests/support/running_talon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace talon::people {

using support::Answer;
using support::ApiClient;
using support::percent_encoded;
using support::RunningTalon;

/// Most tests of this folder: a talond of their own with the administrator signed in.
class People : public ::testing::Test {
 protected:
  explicit People(support::TalonOptions options = {}) : talon(std::move(options)) {}
  void SetUp() override { open(); }
  /// Starts (again) and signs the administrator in.
  void open() {
    const auto started = talon.start();
    ASSERT_TRUE(started) << started.error().message;
    admin = std::make_unique<ApiClient>(talon.port(), talon.admin());
    ASSERT_FALSE(admin->token().empty());
  }
  /// An active person NAME@talon.test. @return the id.
  std::string person(const std::string& name, const std::string& role, const Json& facts = Json::object()) {
    const std::string id = talon.add_user(*admin, name + "@talon.test", Json::array({role}), facts);
    EXPECT_TRUE(id.starts_with("usr_")) << id;
    return id;
  }
  std::unique_ptr<ApiClient> as(const std::string& name) const {
    auto client = std::make_unique<ApiClient>(talon.port(), talon.sign_in(name + "@talon.test"));
    EXPECT_FALSE(client->token().empty()) << name;
    return client;
  }
  /// Tries to sign in from `address` of this machine.
  Answer sign_in_with(const Json& credentials, const std::string& address = "127.0.0.1",
                      const std::string& headers = {}) const {
    ApiClient client(talon.port());
    client.come_from(address);
    return client.post("/api/v1/session", credentials, headers);
  }
  Answer sign_in(const std::string& email, std::string_view password,
                 const std::string& address = "127.0.0.1") const {
    return sign_in_with(Json::object({{"email", email}, {"password", password}}), address);
  }
  Answer command(ApiClient& who, const std::string& name, const Json& args) const {
    return who.post("/api/v1/plugins/access/commands/" + name, args);
  }
  /// How many entries of the audit log `where` takes and tell of all `words` (the content itself cannot be
  /// searched: it shows values of records that the reader may not see).
  int64_t logged(const std::string& where, const std::vector<std::string>& words = {}) const {
    const Answer found =
        admin->get("/api/v1/audit_entries?fields=content&limit=500&where=" + percent_encoded(where));
    EXPECT_EQ(found.status, 200) << found.text;
    int64_t count = 0;
    for (const Json& entry : found.json["items"].items()) {
      const std::string_view content = entry["content"].string();
      count += std::all_of(words.begin(), words.end(), [&](const std::string& word) {
        return content.find(word) != std::string_view::npos;
      });
    }
    return count;
  }
  /// Somebody invited as NAME@talon.test, with a role of ours. @return the id.
  std::string invited(const std::string& name, const std::string& role) {
    const Answer answer = command(
        *admin, "invite",
        Json::object({{"email", name + "@talon.test"}, {"name", name}, {"roles", Json::array({role})}}));
    EXPECT_EQ(answer.status, 200) << answer.text;
    return std::string(answer.json["user"].string());
  }
  static std::vector<std::string> roles_of(ApiClient& who) {
    std::vector<std::string> roles;
    const Answer me = who.get("/api/v1/me");
    for (const Json& role : me.json["roles"].items()) roles.emplace_back(role.string());
    return roles;
  }
  /// How many refusals the audit log has for that reason.
  int64_t refusals(const std::string& why) const {
    return logged("kind is access and action is sign_in_refused", {"\"" + why + "\""});
  }
  /// Writes what `!secret NAME` gives.
  void keep_secret(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = talon.config("secrets/" + name);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << "\n";
    std::filesystem::permissions(file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }

  RunningTalon talon;
  std::unique_ptr<ApiClient> admin;
};

}  // namespace talon::people
