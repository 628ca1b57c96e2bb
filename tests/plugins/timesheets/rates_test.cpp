/// Rate precedence, and grouping of time into exact lines.
#include "plugins/timesheets/billing.hpp"

#include <gtest/gtest.h>

namespace talon::timesheets {
namespace {

Date day(int d) { return *Date::of(2026, 10, d); }

Rate rate(int64_t id, int64_t worker, int64_t client, std::string activity) {
  Rate one;
  one.id = id;
  one.worker = worker;
  one.client = client;
  one.activity = std::move(activity);
  one.per_hour = Decimal(id * 10000, 4);
  one.valid_from = *Date::of(2026, 1, 1);
  return one;
}

TEST(BestRate, TakesTheMostSpecificOne) {
  const std::vector<Rate> rates = {rate(1, 0, 0, ""),    rate(2, 0, 0, "dev"), rate(3, 7, 0, ""),
                                   rate(4, 7, 0, "dev"), rate(5, 0, 9, ""),    rate(6, 0, 9, "dev"),
                                   rate(7, 7, 9, ""),    rate(8, 7, 9, "dev")};
  const auto best = [&](int64_t worker, int64_t client, std::string activity) {
    return best_rate(rates, {worker, client, std::move(activity), day(5)})->id;
  };
  EXPECT_EQ(best(1, 1, "x"), 1);
  EXPECT_EQ(best(1, 1, "dev"), 2);
  EXPECT_EQ(best(7, 1, "x"), 3);
  EXPECT_EQ(best(7, 1, "dev"), 4);
  EXPECT_EQ(best(1, 9, "x"), 5);
  EXPECT_EQ(best(1, 9, "dev"), 6);
  EXPECT_EQ(best(7, 9, "x"), 7);
  EXPECT_EQ(best(7, 9, "dev"), 8);
}

TEST(BestRate, LooksAtTheDayAndPrefersTheLaterStart) {
  Rate old = rate(1, 0, 0, "");
  old.valid_until = day(14);
  Rate fresh = rate(2, 0, 0, "");
  fresh.valid_from = day(10);
  const std::vector<Rate> rates = {fresh, old};
  EXPECT_EQ(best_rate(rates, {1, 1, "", day(9)})->id, 1);
  EXPECT_EQ(best_rate(rates, {1, 1, "", day(10)})->id, 2);
  EXPECT_EQ(best_rate(rates, {1, 1, "", day(15)})->id, 2);
  EXPECT_EQ(best_rate(rates, {1, 1, "", *Date::of(2025, 12, 31)}), nullptr);
}

BillableEntry entry(int64_t id, int64_t minutes, std::string activity, int64_t worker = 1) {
  BillableEntry one;
  one.id = id;
  one.worker = worker;
  one.activity = std::move(activity);
  one.day = day(5);
  one.minutes = minutes;
  one.rate = rate(85, 0, 0, "");
  return one;
}

TEST(GroupEntries, KeepsQuantitiesExact) {
  const auto lines =
      group_entries({entry(1, 90, "dev"), entry(2, 30, "dev"), entry(3, 20, "test")}, GroupBy::Activity, {});
  ASSERT_TRUE(lines);
  ASSERT_EQ(lines->size(), 2U);
  EXPECT_EQ((*lines)[0].quantity, "2.0000");
  EXPECT_EQ((*lines)[0].unit, "HUR");
  EXPECT_EQ((*lines)[1].quantity, "20");
  EXPECT_EQ((*lines)[1].unit, "MIN");
  EXPECT_EQ((*lines)[1].base_quantity, "60");
  EXPECT_EQ((*lines)[1].price, "85.0000");
  EXPECT_EQ((*lines)[0].entries, (std::vector<std::size_t>{0, 1}));
}

TEST(GroupEntries, KeepsRatesAndVatApart) {
  BillableEntry dear = entry(2, 60, "dev");
  dear.rate.per_hour = Decimal(990000, 4);
  BillableEntry exempt = entry(3, 60, "dev");
  exempt.rate.vat_category = "AE";
  const auto lines =
      group_entries({entry(1, 60, "dev"), dear, exempt, entry(4, 60, "dev")}, GroupBy::Activity, {});
  ASSERT_TRUE(lines);
  ASSERT_EQ(lines->size(), 3U);
  EXPECT_EQ((*lines)[2].vat_rate, "0.00");
  EXPECT_EQ(
      group_entries({entry(1, 60, "a", 1), entry(2, 60, "b", 1), entry(3, 60, "a", 2)}, GroupBy::Worker, {})
          ->size(),
      2U);
  EXPECT_EQ(group_entries({entry(1, 60, "a"), entry(2, 60, "a")}, GroupBy::Entry, {})->size(), 2U);
}

TEST(GroupEntries, RefusesTwoCurrencies) {
  BillableEntry other = entry(2, 60, "dev");
  other.rate.currency = "USD";
  const auto lines = group_entries({entry(1, 60, "dev"), other}, GroupBy::Activity, {});
  ASSERT_FALSE(lines);
  EXPECT_NE(lines.error().message.find("EUR and USD"), std::string::npos);
}

TEST(GroupEntries, CutsALongNoteAtACharacter) {
  BillableEntry one = entry(1, 60, "dev");
  for (int i = 0; i < 800; ++i) one.note += "é";
  const auto lines = group_entries({one}, GroupBy::Entry, {});
  ASSERT_TRUE(lines);
  EXPECT_LE((*lines)[0].description.size(), 1000U);
  EXPECT_EQ((*lines)[0].description.back(), '\xa9');
}

}  // namespace
}  // namespace talon::timesheets
