/// Secrets: where they are looked for, and which are refused.
#include "host/config/secrets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace talon::config {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class SecretsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "talon_secrets_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    fs::create_directory(directory_ / "credentials");
    fs::create_directories(directory_ / "files/erp");
  }
  void TearDown() override { fs::remove_all(directory_); }

  void write(const fs::path& path, const std::string& text, int mode = 0600) {
    std::ofstream(directory_ / path) << text;
    fs::permissions(directory_ / path, static_cast<fs::perms>(mode));
  }
  Secrets secrets(std::map<std::string, std::vector<std::string>, std::less<>> commands = {}) const {
    return {directory_ / "files", std::move(commands), directory_ / "credentials"};
  }

  fs::path directory_;
};

TEST_F(SecretsTest, ReadsAFileOfItsOwnerAlone) {
  write("files/erp/password", "hunter2\n");
  const auto secret = secrets().find("erp/password");
  ASSERT_TRUE(secret) << secret.error().message;
  EXPECT_EQ(secret->reveal(), "hunter2");
}

TEST_F(SecretsTest, PrefersACredential) {
  write("credentials/key", "credential");
  write("files/key", "file");
  EXPECT_EQ(secrets().find("key")->reveal(), "credential");
}

TEST_F(SecretsTest, RefusesAFileThatOthersCanRead) {
  for (const int mode : {0644, 0640, 0604}) {
    write("files/open", "x", mode);
    const auto secret = secrets().find("open");
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().code, Code::FailedPrecondition);
    EXPECT_THAT(secret.error().message, HasSubstr("chmod 600"));
  }
}

TEST_F(SecretsTest, RefusesNamesThatLeaveTheDirectory) {
  for (const std::string_view name : {"../key", "/etc/passwd", "a/../b", "", "a//b", "a b", "a/"}) {
    const auto secret = secrets().find(name);
    ASSERT_FALSE(secret) << name;
    EXPECT_EQ(secret.error().code, Code::InvalidArgument) << name;
  }
}

TEST_F(SecretsTest, SaysWhereItLooked) {
  const auto secret = secrets().find("missing");
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().code, Code::NotFound);
  EXPECT_THAT(secret.error().message, HasSubstr((directory_ / "files/missing").string()));
}

TEST_F(SecretsTest, RunsACommandWithoutAShell) {
  EXPECT_EQ(secrets({{"pass", {"/bin/echo", "a; b", "$HOME"}}}).find("pass")->reveal(), "a; b $HOME");
  EXPECT_THAT(secrets({{"pass", {"/bin/false"}}}).find("pass").error().message, HasSubstr("failed"));
  EXPECT_THAT(secrets({{"pass", {"/no/such/program"}}}).find("pass").error().message,
              HasSubstr("does not start"));
}

TEST_F(SecretsTest, RefusesAnEmptySecret) {
  write("files/empty", "\n");
  EXPECT_THAT(secrets().find("empty").error().message, HasSubstr("is empty"));
}

}  // namespace
}  // namespace talon::config
