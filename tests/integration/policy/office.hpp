/// A running business whose policies a test may change, and the command line beside it.
#pragma once

#include "tests/support/business.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

namespace talon::acceptance {

using support::Answer;
using support::ApiClient;
using support::Business;
using support::percent_encoded;

class Office : public ::testing::Test {
 protected:
  explicit Office(std::string settings = {}) : business_(options(std::move(settings))) {}

  static support::TalonOptions options(std::string settings) {
    support::TalonOptions options;
    options.settings = std::move(settings);
    return options;
  }

  void SetUp() override {
    // The shipped tests of the rules would refuse the changes that these tests make to them.
    std::filesystem::remove_all(business_.talon.config("policies/tests"));
    business_.open();
    business_.person("clio", "client", Json::object({{"client", Json::array({business_.acme})}}));
    business_.person("bert", "client", Json::object({{"client", Json::array({business_.bolt})}}));
    business_.person("ann", "accountant");
    for (const std::string& client : {business_.acme, business_.acme, business_.bolt})
      drafts_.push_back(business_.draft(*business_.admin, client));
    ASSERT_EQ(business_.issue(*business_.admin, drafts_[0]).status, 200);
  }

  /// A copy of the policies with `from` replaced in one of the rules files. @return the folder.
  std::string changed_copy(const std::string& file, const std::string& from, const std::string& to) {
    const std::string folder = business_.talon.directory().file("new-policies");
    std::filesystem::remove_all(folder);
    std::filesystem::copy(business_.talon.config("policies"), folder,
                          std::filesystem::copy_options::recursive);
    edit(folder + "/rules/" + file, from, to);
    return folder;
  }

  static void edit(const std::string& path, const std::string& from, const std::string& to) {
    std::ifstream in(path);
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::ofstream(path) << text;
  }

  /// `talon ARGUMENTS` as whoever has that token.
  support::Finished talon(std::vector<std::string> arguments, const std::string& token) {
    const std::string file = business_.talon.directory().file("token");
    std::ofstream(file) << token << "\n";
    std::filesystem::permissions(file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    arguments.insert(arguments.begin(), std::string(TALON_BUILD_DIR) + "/bin/talon");
    arguments.insert(
        arguments.end(),
        {"--server", "http://127.0.0.1:" + std::to_string(business_.talon.port()), "--token-file", file});
    auto finished = support::run_program(arguments);
    EXPECT_TRUE(finished);
    return finished ? *finished : support::Finished{};
  }

  static bool soon(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (std::chrono::steady_clock::now() < end) {
      if (holds()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return holds();
  }

  Business business_;
  std::vector<std::string> drafts_;
};

}  // namespace talon::acceptance
