/// Statements are kept within their room, however large the rules make them.
#include "host/records/select_cache.hpp"

#include "host/records/select.hpp"

#include <gtest/gtest.h>

namespace talon::records {
namespace {

std::shared_ptr<const Select> of_size(std::size_t text, std::size_t binds) {
  auto select = std::make_shared<Select>();
  select->sql.text.assign(text, 'x');
  select->sql.binds.assign(binds, Value(std::string(100, 'y')));
  return select;
}

int found(const SelectCache& cache, int keys) {
  int count = 0;
  for (int i = 0; i < keys; ++i) count += cache.find(std::to_string(i)) != nullptr ? 1 : 0;
  return count;
}

TEST(SelectCache, KeepsSmallStatementsByNumberAndLargeOnesByRoom) {
  constexpr std::size_t kMiB = std::size_t{1} << 20U;
  SelectCache small;
  for (int i = 0; i < 500; ++i) small.keep(std::to_string(i), of_size(8'000, 20));
  EXPECT_EQ(found(small, 500), 500);
  for (const auto& [text, binds] : {std::pair{kMiB, std::size_t{0}}, std::pair{std::size_t{0}, kMiB / 100}}) {
    SelectCache large;
    for (int i = 0; i < 200; ++i) large.keep(std::to_string(i), of_size(text, binds));
    EXPECT_LE(found(large, 200), 64);
    EXPECT_NE(large.find("199"), nullptr);
    large.keep("one", of_size(100 * kMiB, 0));
    EXPECT_EQ(large.find("one"), nullptr);
  }
}

TEST(SelectCache, CountsAStatementThatTookAnothersPlaceOnce) {
  SelectCache cache;
  cache.keep("0", of_size(8'000, 0));
  for (int i = 0; i < 100; ++i) cache.keep("1", of_size(std::size_t{1} << 20U, 0));
  EXPECT_EQ(found(cache, 2), 2);
}

}  // namespace
}  // namespace talon::records
