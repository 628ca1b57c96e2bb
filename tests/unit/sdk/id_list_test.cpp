/// Lists of ids against the plain list, and what is none.
#include <talon/id_list.hpp>

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace talon {
namespace {

std::string written(std::string_view prefix, const std::vector<int64_t>& ids) {
  std::string text;
  append_ids(text, prefix, ids);
  return text;
}

TEST(IdList, HasTheFirstInFullAndOfEachTheEndThatDiffers) {
  EXPECT_EQ(written("inv", {}), "");
  EXPECT_EQ(written("inv", {1}), "inv_0000000000001");
  EXPECT_EQ(written("inv", {33, 2, 1, 31, 2, 32, 33, 1024}), "inv_0000000000001 2 z 10 1 100");
  EXPECT_EQ(written("inv", {INT64_MAX - 1, INT64_MAX}), "inv_7zzzzzzzzzzzy z");
  EXPECT_EQ(written("inv", {1, INT64_MAX}), "inv_0000000000001 7zzzzzzzzzzzz");
}

TEST(IdList, IsReadAsItWasWritten) {
  std::mt19937_64 random(20261122);
  for (int round = 0; round < 3000; ++round) {
    std::set<int64_t> ids;
    const uint64_t spread = UINT64_MAX >> (1 + random() % 62);
    const uint64_t base = random() >> 1U;
    for (uint64_t i = random() % 40; i > 0; --i) {
      const auto id = static_cast<int64_t>((base & ~spread) | (random() & spread)) & INT64_MAX;
      if (id > 0) ids.insert(id);
    }
    const std::vector<int64_t> sorted(ids.begin(), ids.end());
    const std::string text = written("a_b", sorted);
    const auto list = parse_ids(text);
    ASSERT_TRUE(list) << text << ": " << list.error().message;
    EXPECT_EQ(list->ids, sorted) << text;
    EXPECT_EQ(list->prefix, sorted.empty() ? "" : "a_b");
    EXPECT_LE(text.size(), sorted.size() * 17 + 1);
  }
}

TEST(IdList, OfAnotherFormIsNone) {
  for (const char* text :
       {" ", "inv", "inv_", "inv_1", "inv_0000000000001 ", " inv_0000000000001", "inv_0000000000001  2",
        "inv_0000000000000", "inv_0000000000002 1", "inv_0000000000001 1", "inv_0000000000001 u",
        "inv_0000000000001 8000000000000", "inv_0000000000001 00000000000002", "inv_0000000000001,2",
        "inv_0000000000001 inv_0000000000002", "inv_7zzzzzzzzzzzz 0"}) {
    EXPECT_FALSE(parse_ids(text)) << text;
  }
}

TEST(Id, IsReadWithCapitalsAndLookAlikes) {
  EXPECT_EQ(*parse_id("inv_0000000000OiL"), 32 + 1);
  EXPECT_EQ(*parse_id("inv_0000000000oIl", "inv"), 32 + 1);
  EXPECT_EQ(*parse_id("inv_7ZZZZZZZZZZZZ"), INT64_MAX);
  for (const char* text : {"inv_8000000000000", "inv_0000000000000", "inv_000000000000u", "inv_00000000000",
                           "0000000000001", "inv_000000000000\xff", ""}) {
    EXPECT_FALSE(parse_id(text)) << text;
  }
}

}  // namespace
}  // namespace talon
