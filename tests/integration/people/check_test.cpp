/// `talon check` on settings that could not start, or would let nobody in.
#include "tests/support/process.hpp"
#include "tests/support/running_talon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <filesystem>
#include <fstream>

namespace talon::people {
namespace {

using support::RunningTalon;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

/// What `talon check` says of an installation with these settings of plugins; secrets as `mode` makes them.
support::Finished check(const std::string& settings, const char* secret = nullptr, mode_t mode = 0600) {
  const RunningTalon talon({.settings = "  settings:\n" + settings});
  if (secret != nullptr) {
    std::filesystem::create_directories(talon.config("secrets"));
    const std::string file = talon.config(std::string("secrets/") + secret);
    std::ofstream(file) << "x\n";
    ::chmod(file.c_str(), mode);
  }
  auto done = support::run_program(
      {std::string(TALON_BUILD_DIR) + "/bin/talon", "check", "--config", talon.config("talon.yaml")});
  EXPECT_TRUE(done);
  return done ? *done : support::Finished{};
}

const std::string kLdapSettings =
    "    ldap: {server: \"ldaps://directory.example.com\", bind_dn: cn=talon, bind_password: !secret "
    "directory, ";
const std::string kOidcSettings =
    "    oidc: {issuer: \"https://login.example.com\", client_id: talon, client_secret: !secret oidc, "
    "address: \"https://billing.example.com\", ";

TEST(Check, TakesWhatCanStart) {
  const auto done = check(kLdapSettings + "base: dc=example, roles: [billing -> accountant]}\n", "directory");
  EXPECT_EQ(done.code, 0) << done.output << done.errors;
}

TEST(Check, NamesWhatAPluginMissesInItsSettings) {
  const auto done = check(kLdapSettings + "roles: [billing => accountant]}\n", "directory");
  EXPECT_EQ(done.code, 3) << done.errors;
  EXPECT_THAT(done.output, ContainsRegex("talon.yaml:[0-9]+:[0-9]+: plugins.settings.ldap.base: missing"));
  EXPECT_THAT(done.output, HasSubstr("plugins.settings.ldap.roles: entry 1"));
}

TEST(Check, NamesEveryMistakeInTheAuditLogsSettings) {
  const auto done = check(
      "    audit: {retention: \"reed/*=2y read/invocie=90d change/*=3q\", keep_personal: party=1y,\n"
      "      trusted_keys: ab12, checkpoint_file: /nowhere/at/all.log, checkpoint_command: no-such-program "
      "-x}\n");
  EXPECT_EQ(done.code, 3) << done.errors;
  const std::string place = "talon.yaml:[0-9]+:[0-9]+: plugins.settings.audit.";
  EXPECT_THAT(done.output, ContainsRegex(place + "retention: \"reed/"));
  EXPECT_THAT(done.output, HasSubstr("Did you mean \"read\"?"));
  EXPECT_THAT(done.output, HasSubstr("\"change/*=3q\": the time is a number and d, w, m or y"));
  EXPECT_THAT(done.output, ContainsRegex(place + "trusted_keys: \"ab12\" is no public key"));
  EXPECT_THAT(done.output, ContainsRegex(place + "checkpoint_file: there is no folder /nowhere/at"));
  EXPECT_THAT(done.output, ContainsRegex(place + "checkpoint_command: there is no program \"no-such"));
}

TEST(Check, NamesTypesThatTheAuditLogIsToKeepAndThatAreNotThere) {
  const auto done =
      check("    audit: {retention: \"read/invocie=90d read/*=2y\", keep_personal: partie=1y}\n");
  EXPECT_EQ(done.code, 3) << done.errors;
  EXPECT_THAT(done.output,
              HasSubstr("retention: there is no record type \"invocie\". Did you mean \"invoice\"?"));
  EXPECT_THAT(done.output,
              HasSubstr("keep_personal: there is no record type \"partie\". Did you mean \"party\"?"));
  const auto right =
      check("    audit: {retention: \"read/invoice=90d read/*=2y\", checkpoint_command: cat -}\n");
  EXPECT_EQ(right.code, 0) << right.output;
}

TEST(Check, SaysWhichPoliciesWaitForAPluginThatIsNotHere) {
  const RunningTalon talon;
  std::ofstream(talon.config("policies/rules/zz_lottery.yaml"))
      << "plugin: lottery\nlottery_ticket:\n  rules: [{deny: view, to: everyone}]\n";
  for (const std::vector<std::string>& words : {std::vector<std::string>{"check"}, {"policy", "check"}}) {
    std::vector<std::string> line = {std::string(TALON_BUILD_DIR) + "/bin/talon"};
    line.insert(line.end(), words.begin(), words.end());
    line.insert(line.end(), {"--config", talon.config("talon.yaml")});
    const auto done = support::run_program(line);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->code, 0) << done->output;
    EXPECT_THAT(done->errors,
                HasSubstr("zz_lottery.yaml:1:9: passed over: there is no plugin \"lottery\" here"));
    EXPECT_EQ(done->output, "");
  }
}

TEST(Check, NamesRolesThatThePoliciesDoNotHave) {
  const auto done = check(kOidcSettings + "roles: [sales -> sales, billing -> acountant]}\n", "oidc");
  EXPECT_EQ(done.code, 3) << done.errors;
  EXPECT_THAT(done.output, HasSubstr("no role \"acountant\". Did you mean \"accountant\"?"));
  EXPECT_THAT(done.output, Not(HasSubstr("no role \"sales\"")));
}

TEST(Check, NamesSecretsThatAreMissingOrReadByOthers) {
  const std::string settings = kOidcSettings + "roles: [sales -> sales]}\n";
  const auto missing = check(settings);
  EXPECT_EQ(missing.code, 3);
  EXPECT_THAT(missing.output, HasSubstr("there is no secret \"oidc\""));
  const auto open = check(settings, "oidc", 0644);
  EXPECT_EQ(open.code, 3);
  EXPECT_THAT(open.output, HasSubstr("chmod 600"));
}

}  // namespace
}  // namespace talon::people
