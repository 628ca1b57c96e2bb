/// libyaml's quick way beside yaml-cpp's: what the one reads, the other reads alike.
#include "host/config/yaml_quick.hpp"

#include "host/config/yaml.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

namespace talon::config {
namespace {

namespace fs = std::filesystem;

/// Kind, place, text and quotes of all that is there.
std::string shape(const Node& node) { return write_documents({Document{.file = "a", .root = node}}); }

/// What yaml-cpp makes of it; empty where it finds mistakes.
std::string slow_shape(const std::string& text) {
  Mistakes mistakes;
  const Document document =
      read_yaml_slowly(text, Document{.file = "a", .root = Node{.place = {1, 1}}}, mistakes);
  return mistakes.empty() ? shape(document.root) : std::string();
}

std::vector<std::string> shipped_files() {
  std::vector<std::string> texts;
  for (const char* folder : {"/config", "/plugins"}) {
    for (const auto& entry : fs::recursive_directory_iterator(std::string(TALON_SOURCE_DIR) + folder)) {
      if (entry.path().extension() != ".yaml") continue;
      const auto bytes = read_yaml_bytes(entry.path());
      if (bytes) texts.push_back(bytes->text);
    }
  }
  return texts;
}

TEST(YamlQuick, ReadsTheShippedFilesAsYamlCppDoes) {
  int read = 0;
  const std::vector<std::string> texts = shipped_files();
  for (const std::string& text : texts) {
    const auto quick = read_yaml_quickly(text);
    if (!quick) continue;
    ++read;
    EXPECT_EQ(shape(*quick), slow_shape(text)) << text.substr(0, 200);
  }
  EXPECT_GT(texts.size(), 40U);
  EXPECT_GT(read * 2, static_cast<int>(texts.size()));  // else it is no way for everyday files
}

TEST(YamlQuick, ReadsPlacesTextsAndQuotes) {
  const std::string text =
      "a: NO\n'b c': \"it's\"\nlist:\n- x\n-   - y\n    - {é: [a, \"ü\", c]}\n- k: v\n  l: ~\nd: null\n";
  const auto quick = read_yaml_quickly(text);
  ASSERT_TRUE(quick);
  EXPECT_EQ(shape(*quick), slow_shape(text));
}

TEST(YamlQuick, DeclinesWhatIsForTheOther) {
  for (const char* text : {"a: &x b\n",
                           "a: !secret b\n",
                           "a: |\n  b\n",
                           "a: >\n  b\n",
                           "a:\n",
                           "a: b\n  c\n",
                           "a: \"b\n  c\"\n",
                           "---\na: b\n",
                           "a: b\n...\n",
                           "a: b\n---\nc: d\n",
                           "a: b\na: c\n",
                           "<<: b\n",
                           "[a]: b\n",
                           "a:\tb\n",
                           "a: b\r\n",
                           "a: 'b\n",
                           "a: [b\n",
                           "",
                           "# only a comment\n",
                           "a: b\n c: d\n"}) {
    EXPECT_FALSE(read_yaml_quickly(text)) << text;
  }
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "[";
  EXPECT_FALSE(read_yaml_quickly(deep + std::string(40, ']')));
}

/// Random changes to shipped files: whatever is still read quickly is read alike.
TEST(YamlQuick, AgreesOnMutatedFiles) {
  static constexpr std::string_view kSigns = ":-,[]{}#'\"?!&*|>%@`~ \n\n  aé=<.\\/0";
  static const std::vector<std::string> kTexts = shipped_files();
  std::mt19937 random(1);
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  int read = 0;
  for (int round = 0; round < 5000; ++round) {
    const std::string& whole = kTexts[below(kTexts.size())];
    const std::size_t from = whole.find('\n', below(whole.size())) + 1;  // whole lines; npos: from the start
    std::string text = whole.substr(from, 1 + below(600));
    for (std::size_t changes = 1 + below(3); changes > 0 && !text.empty(); --changes) {
      const std::size_t at = below(text.size());
      if (below(2) == 0)
        text.erase(at, 1 + below(3));
      else
        text.insert(at, 1, kSigns[below(kSigns.size())]);
    }
    Mistakes mistakes;
    read_yaml_text(text, "a", mistakes);
    const auto quick = mistakes.empty() ? read_yaml_quickly(text) : std::nullopt;
    if (!quick) continue;
    ++read;
    ASSERT_EQ(shape(*quick), slow_shape(text)) << text;
  }
  EXPECT_GT(read, 300);
}

}  // namespace
}  // namespace talon::config
