/// The checked rules of the house: sizes, columns, floats, forbidden words, the direction of includes.
#include "tests/tidy/source_tree.hpp"

#include <gtest/gtest.h>

#include <map>
#include <regex>

namespace talon::tidy {
namespace {

constexpr std::size_t kLinesMax = 400;
constexpr std::size_t kColumnsMax = 110;

const std::vector<SourceFile>& tree() {
  static const std::vector<SourceFile> files = read_tree();
  return files;
}

std::size_t columns(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(
      line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

TEST(HouseRules, FilesHaveAtMost400Lines) {
  std::string long_ones;
  for (const SourceFile& file : tree()) {
    if (file.is_code() && file.lines.size() > kLinesMax) {
      long_ones +=
          "\n" + file.path + ": " + std::to_string(file.lines.size()) + " lines; find its second subject";
    }
  }
  EXPECT_EQ(long_ones, "");
}

TEST(HouseRules, LinesHaveAtMost110Columns) {
  EXPECT_EQ(complaints(tree(),
                       [](const SourceFile& file, const std::string& line) -> std::string {
                         if (!file.is_code() || columns(line) <= kColumnsMax) return "";
                         return std::to_string(columns(line)) + " columns";
                       }),
            "");
}

TEST(HouseRules, EachFileOpensWithItsJob) {
  std::string silent;
  for (const SourceFile& file : tree()) {
    if (!file.is_code() || file.lines.empty()) continue;
    const std::string& first = file.lines.front();
    if (!first.starts_with("///") && !first.starts_with("/*") && !first.starts_with("//"))
      silent += "\n" + file.path;
  }
  EXPECT_EQ(silent, "") << "begin with one sentence on what the file is for";
}

TEST(HouseRules, NoBinaryFloatsNearMoney) {
  static const std::regex kFloat(R"(\b(float|double)\b)");
  EXPECT_EQ(complaints(tree(),
                       [](const SourceFile& file, const std::string& line) -> std::string {
                         const bool is_bound = file.starts_with("sdk/include") ||
                                               file.starts_with("plugins/") ||
                                               file.starts_with("connectors/");
                         if (!file.is_code() || !is_bound || file.path.find("metric") != std::string::npos)
                           return "";
                         const std::string code = line.substr(0, line.find("//"));
                         if (code.find('"') != std::string::npos || code.starts_with(" *")) return "";
                         return std::regex_search(code, kFloat) ? "binary float" : "";
                       }),
            "");
}

TEST(HouseRules, TodosNameAnIssueAndErrorsAreNotSwallowed) {
  // The words are put together here, so that this file does not complain about itself.
  static const std::regex kTodo(std::string("TO") + R"(DO(?!\(#\d+\)))");
  static const std::regex kSwallowed(R"(catch\s*\(\.\.\.\)\s*\{\s*\})");
  EXPECT_EQ(complaints(tree(),
                       [](const SourceFile& file, const std::string& line) -> std::string {
                         if (!file.is_code() || file.starts_with("tests/tidy")) return "";
                         if (std::regex_search(line, kTodo)) return "a to-do without its issue";
                         return std::regex_search(line, kSwallowed) ? "an error is swallowed" : "";
                       }),
            "");
}

TEST(HouseRules, PluginsAndConnectorsSeeOnlyTheSdk) {
  static const std::regex kInclude(R"re(^#include [<"]([^">]+)[">])re");
  EXPECT_EQ(complaints(tree(),
                       [](const SourceFile& file, const std::string& line) -> std::string {
                         std::smatch match;
                         if (!file.is_code() || !std::regex_search(line, match, kInclude)) return "";
                         const std::string included = match[1];
                         const bool is_plugin =
                             file.starts_with("plugins/") || file.starts_with("connectors/");
                         if (is_plugin && included.starts_with("host/")) return "a plugin sees only the sdk";
                         if (file.starts_with("sdk/include") &&
                             (included.starts_with("host/") || included.starts_with("plugins/"))) {
                           return "the sdk stands alone";
                         }
                         if (file.starts_with("host/") &&
                             (included.starts_with("plugins/") || included.starts_with("connectors/"))) {
                           return "the host knows no business";
                         }
                         return "";
                       }),
            "");
}

TEST(HouseRules, RoomsOfTheHostUseOnlyFloorsBelow) {
  // decisions 18; rooms on one floor do not see each other; identity sends mail.
  static const std::map<std::string, int> kFloor = {
      {"runtime", 0}, {"config", 1},  {"model", 2}, {"storage", 3},  {"gate", 4},
      {"records", 5}, {"mail", 6},    {"jobs", 6},  {"identity", 7}, {"plugins", 8},
      {"http", 9},    {"daemon", 10}, {"cli", 10}};
  static const std::regex kRoom(R"re(^#include "host/([a-z]+)/)re");
  EXPECT_EQ(complaints(tree(),
                       [](const SourceFile& file, const std::string& line) -> std::string {
                         std::smatch match;
                         if (!file.starts_with("host/") || !std::regex_search(line, match, kRoom)) return "";
                         const std::string own = file.path.substr(5, file.path.find('/', 5) - 5);
                         const std::string other = match[1];
                         const auto from = kFloor.find(own);
                         const auto to = kFloor.find(other);
                         if (from == kFloor.end() || to == kFloor.end())
                           return "a room without a floor: " + own;
                         if (own == other || to->second < from->second) return "";
                         return own + " stands below or beside " + other;
                       }),
            "");
}

}  // namespace
}  // namespace talon::tidy
