/// What a mistaken command line is told: the place, and what may have been meant.
#include "tests/unit/cli/cli_fixture.hpp"

#include <gmock/gmock.h>

namespace talon::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST_F(CliTest, AnUnknownWordIsNamedWithWhatItMayHaveBeen) {
  const auto words = [&](std::vector<std::string> arguments) {
    EXPECT_EQ(talon(std::move(arguments)), kWrongUse);
    return err_.str();
  };
  EXPECT_THAT(words({"polcy"}), HasSubstr(R"("talon" has no command "polcy". Did you mean "policy"?)"));
  EXPECT_THAT(words({"policy", "tset"}),
              HasSubstr(R"("talon policy" has no command "tset". Did you mean "test"?)"));
  EXPECT_THAT(words({"record", "list", "invoice", "--were", "x"}),
              HasSubstr(R"("talon record list" has no option "--were". Did you mean "--where"?)"));
  EXPECT_THAT(words({"me", "--sever=x"}), HasSubstr(R"(Did you mean "--server"?)"));
  EXPECT_THAT(words({"login"}), HasSubstr("--email is required")) << "what is missing is told as before";
}

TEST_F(CliTest, AMessageThatStandsAtItsFieldTooIsSaidOnce) {
  exchange_.answers["GET /api/v1/invoices"] = {
      422,
      R"({"detail":"no day","errors":[{"pointer":"/a","message":"no day"},
                                      {"pointer":"/b","message":"bad"}]})"};
  EXPECT_EQ(at_server({"record", "list", "invoice"}), kFailed);
  EXPECT_EQ(err_.str(), "talon: no day\n  /b: bad\n");
  exchange_.answers["GET /api/v1/invoices"] = {
      422,
      R"({"detail":"a: is required","errors":[{"pointer":"/a","message":"is required"},
                                      {"pointer":"/lines/0/net","message":"net: as it is sent"}]})"};
  EXPECT_EQ(at_server({"record", "list", "invoice"}), kFailed);
  EXPECT_EQ(err_.str(), "talon: a: is required\n  /lines/0/net: net: as it is sent\n");
  exchange_.answers["GET /api/v1/invoices"] = {
      422,
      R"({"detail":"net: is required","errors":[{"pointer":"/lines/0/net","message":"is required"},
                                                {"pointer":"/lines/7/net","message":"is required"}]})"};
  EXPECT_EQ(at_server({"record", "list", "invoice"}), kFailed);
  EXPECT_EQ(err_.str(), "talon: net: is required\n  /lines/0/net: is required\n  /lines/7/net: is required\n")
      << "which of the lines";
}

TEST_F(CliTest, YesAndNoAreAskedForBeforeTheServerIs) {
  EXPECT_EQ(at_server({"record", "create", "invoice", "--set", "is_final=ja"}), kFailed);
  EXPECT_EQ(err_.str(), "talon: is_final is yes or no, and not \"ja\"\n");
  EXPECT_EQ(exchange_.requests.size(), 1U) << "the description alone";
}

TEST_F(CliTest, WhatIsNotThereIsNamedAsItWasAskedFor) {
  const auto words = [&](std::vector<std::string> arguments) {
    EXPECT_EQ(at_server(std::move(arguments)), kFailed);
    return err_.str();
  };
  const std::string nothing =
      R"({"code":"not_found","detail":"there is nothing here for you under this address"})";
  for (const char* path :
       {"GET /api/v1/invoices/INV-1", "GET /api/v1/reports/open_item", "POST /api/v1/sessions/ses_1/end",
        "POST /api/v1/plugins/hallo/stop", "POST /api/v1/plugins/audit/commands/log"}) {
    exchange_.answers[path] = {404, nothing};
  }
  EXPECT_THAT(words({"record", "get", "invoice", "INV-1"}),
              AllOf(HasSubstr("there is no invoice \"INV-1\""), HasSubstr("by its id")));
  EXPECT_THAT(words({"report", "run", "open_item"}), HasSubstr("no report \"open_item\" (talon report list"));
  EXPECT_THAT(words({"session", "end", "ses_1"}), HasSubstr("there is no session \"ses_1\""));
  EXPECT_THAT(words({"plugin", "stop", "hallo"}), HasSubstr("there is no plugin \"hallo\""));
  EXPECT_THAT(words({"audit", "log", "--user", "x@example.com"}),
              HasSubstr("there is no user \"x@example.com\", and the log names none"));
  const std::size_t sent = exchange_.requests.size();
  EXPECT_THAT(words({"record", "do", "invoice", "inv_1", "isue"}),
              HasSubstr("invoice has no action \"isue\". Did you mean \"issue\"?"));
  EXPECT_EQ(exchange_.requests.size(), sent + 1) << "the description alone was asked for";
}

TEST_F(CliTest, AnAddressSaysHowItIsSpokenTo) {
  for (const char* address : {"localhost:99", "ftp://example.com", "http://"}) {
    EXPECT_EQ(talon({"--server", address, "me"}), kFailed) << address;
    EXPECT_THAT(err_.str(), HasSubstr("is no address of a server"));
  }
}

TEST_F(CliTest, ARefusedSignInAsksForNoSignIn) {
  exchange_.answers["POST /api/v1/session"] = {401, R"({"code":"unauthenticated","detail":"do not fit"})"};
  const std::filesystem::path secret = write("secret", "x\n");
  EXPECT_EQ(at_server({"login", "--email", "a@b", "--password-file", secret}), kFailed);
  EXPECT_EQ(err_.str(), "talon: do not fit\n");
  EXPECT_EQ(
      at_server({"login", "--email", "a@b", "--password-file", secret, "--invitation-code-file", secret}),
      kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("Ask for a new one"));
  EXPECT_EQ(at_server({"session", "prove"}), kWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("--code-file F"));
}

TEST_F(CliTest, AnEmptyLogOfAMisspeltTypeSaysSo) {
  exchange_.answers["POST /api/v1/plugins/audit/commands/log"] = {200, ""};
  EXPECT_EQ(at_server({"audit", "log", "--type", "invocie", "--from", "2026-11-22", "--to", "2026-11-22"}),
            kOk);
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean \"invoice\"?"))
      << "or it reads like one that nobody touched";
}

TEST_F(CliTest, PoliciesAreNotJudgedByAnotherFoldersFilesBecauseTheSettingsCannotBeRead) {
  const std::string missing = (directory_ / "talon.yaml").string();
  for (const char* command : {"check", "test", "table"}) {
    EXPECT_EQ(talon({"policy", command, "--config", missing}), kInvalidConfiguration) << command;
    EXPECT_THAT(out_.str(), AllOf(HasSubstr("there is no such file"), HasSubstr("--config FILE")));
  }
  const std::filesystem::path broken = write("config/talon.yaml", "documents: {policies: x\n");
  EXPECT_EQ(talon({"policy", "diff", "--offline", "current", "current", "--config", broken}),
            kInvalidConfiguration);
  EXPECT_THAT(out_.str(), HasSubstr("a closing } is missing"));
}

}  // namespace
}  // namespace talon::cli
