/// A running business whose policies a test may change, and the command line beside it.
#pragma once

#include "tests/integration/acceptance.hpp"

namespace talon::acceptance {

class Office : public ::testing::Test {
 protected:
  explicit Office(std::string settings = {}) : business_(options(std::move(settings))) {}

  static support::TalonOptions options(std::string settings) {
    support::TalonOptions options;
    options.settings = std::move(settings);
    return options;
  }

  void SetUp() override {
    open_for_changes(business_);
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

  Business business_;
  std::vector<std::string> drafts_;
};

}  // namespace talon::acceptance
