/// The fuzzer's corpus, replayed as it is and with random damage.
#include "tests/fuzz/condition_target.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace talon::expression {
namespace {

std::vector<std::string> corpus() {
  std::vector<std::string> texts;
  for (const auto& entry :
       std::filesystem::directory_iterator(TALON_SOURCE_DIR "/tests/fuzz/corpus/condition")) {
    std::ifstream file(entry.path(), std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return texts;
}

TEST(Corpus, KeepsTheInvariants) {
  const std::vector<std::string> texts = corpus();
  EXPECT_GE(texts.size(), 5U);
  for (const std::string& text : texts) testing::try_condition(text);
}

TEST(Corpus, KeepsTheInvariantsWhenDamaged) {
  const std::vector<std::string> texts = corpus();
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string text = texts[random() % texts.size()];
    const std::string& other = texts[random() % texts.size()];
    for (unsigned times = random() % 4; times > 0 && !text.empty(); --times) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, random() % 5);
          break;
        case 2:
          text.insert(at, other.substr(random() % (other.size() + 1), 8));
          break;
        default:
          text[at] = "()[]\"\\, <>=!"[random() % 12];
          break;
      }
    }
    testing::try_condition(text);
  }
}

}  // namespace
}  // namespace talon::expression
