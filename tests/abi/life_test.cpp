/// Plugins in C and by another compiler run; failures show; a new version takes over under load.
#include "host/config/yaml.hpp"
#include "tests/abi/fixture.hpp"

#include <atomic>
#include <set>
#include <thread>

namespace talon::plugins {
namespace {

std::size_t open_handles() {
  std::size_t count = 0;
  for (const auto& handle : std::filesystem::directory_iterator("/proc/self/fd")) {
    count += handle.path().empty() ? 0U : 1U;
  }
  return count;
}

struct LifeTest : PluginsTest {};

TEST_F(LifeTest, APluginInPlainCRuns) {
  plugins.load_all({install("plain_c", read_bytes(TALON_PROBES "/plain_c/libplain_c.so"), "1.0.0")});
  plugins.start_all();
  const Result<std::string> answer = run("plain_c", "echo", Json::object({{"a", 1}}));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, "{\"a\":1} at 1795255200000000");
}

TEST_F(LifeTest, APluginByAnotherCompilerRunsAndItsExceptionsStayInside) {
  const std::string bytes = read_bytes(TALON_PROBES "/by_clang/libprobe.so");
  if (bytes.empty()) GTEST_SKIP() << "clang++-14 is not installed; ./run setup installs it";
  plugins.load_all({install("probe", bytes)});
  plugins.start_all();
  EXPECT_EQ(*run("probe", "version"), "1.0.0+probe");
  for (const char* command : {"throw", "throw_number"}) {
    const Result<std::string> thrown = run("probe", command);
    ASSERT_FALSE(thrown);
    EXPECT_EQ(thrown.error().code, Code::Internal);
  }
  EXPECT_EQ(*run("probe", "version"), "1.0.0+probe");
}

TEST_F(LifeTest, AnExceptionDegradesForAMinute) {
  plugins.load_all({install("probe", probe())});
  plugins.start_all();
  EXPECT_EQ(plugins.find("probe")->state, State::Ready);
  EXPECT_FALSE(run("probe", "throw"));
  EXPECT_EQ(plugins.find("probe")->state, State::Degraded);
  EXPECT_NE(plugins.find("probe")->reason.find("the command throws"), std::string::npos);
  EXPECT_EQ(plugins.find("probe")->failures, 1);
  clock.advance_us(61'000'000);
  EXPECT_EQ(plugins.find("probe")->state, State::Ready);
}

TEST_F(LifeTest, PluginsAskOnlyThoseThatTheyRequire) {
  Spec asking = install_as("asker");
  asking.requires_plugins = {"probe"};
  plugins.load_all({asking, install("probe", probe()), install_as("other")});
  plugins.start_all();
  const Result<std::string> answer = run("asker", "ask", Json::object({{"plugin", "probe"}}));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(*answer, "asked: 1.0.0+probe");
  const Result<std::string> refused = run("asker", "ask", Json::object({{"plugin", "other"}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::PermissionDenied);
}

TEST_F(LifeTest, WhatOthersRequireIsNotStoppedAndWhatIsStoppedSaysSo) {
  Spec dependent = install_as("asker");
  dependent.requires_plugins = {"probe"};
  plugins.load_all({dependent, install("probe", probe())});
  plugins.start_all();
  const Result<void> refused = plugins.stop("probe");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("asker requires probe"), std::string::npos);
  ASSERT_TRUE(plugins.stop("asker"));
  ASSERT_TRUE(plugins.stop("probe"));
  EXPECT_EQ(run("probe", "version").error().code, Code::Unavailable);
  ASSERT_TRUE(plugins.start("probe"));
  EXPECT_TRUE(run("probe", "version"));
}

TEST_F(LifeTest, AMandatoryPluginThatIsNotThereIsNamed) {
  Plugins strict({home.path() / "strict", &clock, nullptr, nullptr, {"access"}, 1000});
  strict.load_all({});
  std::string why;
  EXPECT_FALSE(strict.is_ready(&why));
  EXPECT_EQ(why, "the mandatory plugin access is not installed");
}

TEST_F(LifeTest, ARestartTakesTheVersionThatIsInTheFolderNow) {
  const auto manifest = [](const std::string& version, const std::string& more = {}) {
    return "plugin: probe\nversion: " + version +
           "\nsdk: 1\noffers: [talon.commands/1]\ncommands: {version: {offline: yes}}\n" + more;
  };
  // The library's version as manifests write it: cut short by NULs, so that the file keeps its length.
  const auto library = [](const std::string& version) {
    return replaced(probe(), "1.0.0+probe", version + std::string(6, '\0'));
  };
  const auto version = [&] { return std::string(run("probe", "version")->c_str()); };
  const Spec placed = install("probe", library("1.0.0"));
  const std::string path = home.write("probe/plugin.yaml", manifest("1.0.0"));
  Mistakes mistakes;
  model::Manifest read = model::read_manifest(config::read_yaml(path, path, mistakes), mistakes);
  ASSERT_TRUE(mistakes.empty()) << mistakes.front().to_string();
  read.folder = placed.folder;
  plugins.load_all({spec_of(read, Json::object())});
  plugins.start_all();
  EXPECT_EQ(version(), "1.0.0");

  install("probe", library("1.1.0"));
  EXPECT_FALSE(plugins.restart("probe"));  // the library without its manifest
  EXPECT_EQ(version(), "1.0.0");
  home.write("probe/plugin.yaml", manifest("1.1.0"));
  const Result<void> restarted = plugins.restart("probe");
  ASSERT_TRUE(restarted) << restarted.error().message;
  EXPECT_EQ(version(), "1.1.0");
  EXPECT_EQ(plugins.find("probe")->version, "1.1.0");

  home.write(
      "probe/plugin.yaml",
      manifest("1.1.0", "records: {note: {plural: notes, prefix: not, fields: {text: {type: text}}}}\n"));
  const Result<void> refused = plugins.restart("probe");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("restart talond"), std::string::npos) << refused.error().message;
  EXPECT_EQ(version(), "1.1.0");
}

TEST_F(LifeTest, FiftySwapsUnderLoadFailNoCallAndLeakNothing) {
  const Spec first = install("probe", probe());
  const std::string newer = replaced(probe(), "1.0.0+probe", "1.1.0+probe");
  const Spec second = install("probe", newer, "1.1.0+probe", "probe-next");
  plugins.load_all({first});
  plugins.start_all();
  std::atomic<bool> is_over{false};
  std::atomic<int> calls{0};
  std::atomic<int> failures{0};
  std::set<std::string> seen;
  std::thread caller([&] {
    while (!is_over.load()) {
      const Result<std::string> answer = run("probe", "version");
      ++calls;
      if (answer)
        seen.insert(*answer);
      else
        ++failures;
    }
  });
  std::size_t handles = 0;
  for (int cycle = 0; cycle < 50; ++cycle) {
    const Result<void> swapped = plugins.swap(cycle % 2 == 0 ? second : first);
    EXPECT_TRUE(swapped) << swapped.error().message;
    const int before = calls.load();
    while (calls.load() < before + 3) std::this_thread::yield();  // some calls go to each version
    if (cycle == 5) handles = open_handles();
  }
  is_over = true;
  caller.join();
  EXPECT_EQ(failures.load(), 0);
  EXPECT_EQ(seen, (std::set<std::string>{"1.0.0+probe", "1.1.0+probe"}));
  EXPECT_LE(open_handles(), handles);
  std::size_t copies = 0;
  for (const auto& copy : std::filesystem::directory_iterator(home.path() / "data" / "libraries")) {
    copies += copy.path().extension() == ".so" ? 1U : 0U;
  }
  EXPECT_EQ(copies, 2U);
  EXPECT_EQ(plugins.find("probe")->version, "1.0.0+probe");
}

}  // namespace
}  // namespace talon::plugins
