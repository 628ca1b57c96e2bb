/// The recipes of config/policies/README.md: each is pasted as it stands there, and loads.
#include "tests/plugins/access/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace talon::access {
namespace {

using Files = std::map<std::string, std::string>;

const std::filesystem::path kPolicies = std::string(TALON_SOURCE_DIR) + "/config/policies";

std::string recipe_text(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Files shipped_files() {
  Files files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kPolicies)) {
    if (entry.path().extension() != ".yaml") continue;
    files[std::filesystem::relative(entry.path(), kPolicies).string()] = recipe_text(entry.path());
  }
  return files;
}

/// What stands in the next pair of backquotes from `at` on; `at` goes behind it.
std::string quoted_word(const std::string& text, std::size_t& at) {
  const std::size_t begin = text.find('`', at);
  if (begin == std::string::npos) return at = std::string::npos, std::string();
  const std::size_t end = text.find('`', begin + 1);
  at = end == std::string::npos ? end : end + 1;
  return text.substr(begin + 1, end - begin - 1);
}

/// A recipe's prose ("in `FILE`, `OLD` becomes `NEW`") and its block, carried out on `files`.
void carry_out(const std::string& recipe, Files& files) {
  const std::size_t block = recipe.find("```yaml\n");
  const std::string prose = recipe.substr(0, block);
  for (std::size_t becomes = prose.find("becomes"); becomes != std::string::npos;
       becomes = prose.find("becomes", becomes + 1)) {
    std::size_t at = prose.rfind("in `", becomes);
    ASSERT_NE(at, std::string::npos) << prose;
    const std::string file = quoted_word(prose, at);
    const std::string before = quoted_word(prose, at);
    const std::string after = quoted_word(prose, at);
    ASSERT_TRUE(files.contains(file)) << file << " is no shipped file";
    const std::size_t place = files[file].find(before);
    ASSERT_NE(place, std::string::npos) << file << " has no " << before;
    files[file].replace(place, before.size(), after);
  }
  if (block == std::string::npos) return;
  const std::size_t begin = block + 8;
  const std::string text = recipe.substr(begin, recipe.find("```", begin) - begin);
  ASSERT_TRUE(text.starts_with("# ")) << "the first line of a block names its file";
  files[text.substr(2, text.find('\n') - 2)] = text;
}

TEST(Recipes, EachOfTheReadmeLoadsAsItStands) {
  const std::string readme = recipe_text(kPolicies / "README.md");
  const std::string recipes = readme.substr(readme.find("## Recipes"));
  std::vector<std::size_t> begins;
  for (std::size_t at = recipes.find("\n**"); at != std::string::npos; at = recipes.find("\n**", at + 1))
    begins.push_back(at + 1);
  begins.push_back(recipes.size());
  ASSERT_GE(begins.size(), 5U);
  TestReport shipped;
  static_cast<void>(prepared(shipped_documents(), *shipped_model(), &shipped));
  for (std::size_t i = 0; i + 1 < begins.size(); ++i) {
    const std::string recipe = recipes.substr(begins[i], begins[i + 1] - begins[i]);
    SCOPED_TRACE(recipe.substr(0, recipe.find('\n')));
    Files files = shipped_files();
    const Files before = files;
    carry_out(recipe, files);
    if (files == before) continue;  // a switch on a record
    std::vector<std::pair<std::string, std::string>> list(files.begin(), files.end());
    TestReport report;
    Mistakes mistakes;
    const auto set =
        Authority::prepare(write_documents(documents_of(list)), *shipped_model(), mistakes, &report);
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_THAT(lines_of(mistakes), ::testing::IsEmpty());
    const bool has_tests = recipe.find("\ntests:\n") != std::string::npos;
    EXPECT_GE(report.assertions, shipped.assertions + (has_tests ? 2 : 0));
  }
}

}  // namespace
}  // namespace talon::access
