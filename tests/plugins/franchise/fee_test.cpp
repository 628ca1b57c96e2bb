/// Golden cases of the fee: percentage, tiers, minimum, cap, categories, returns, part periods.
#include "plugins/franchise/fee.hpp"

#include <gtest/gtest.h>

namespace talon::franchise {
namespace {

Period october() { return period_of(*Date::of(2026, 10, 15), PeriodLength::Month); }

Terms percentage(int64_t units) {
  Terms terms;
  terms.percentage = Decimal(units, 4);
  terms.valid_from = *Date::of(2026, 1, 1);
  return terms;
}
Terms tiers(TierMode mode) {
  Terms terms;
  terms.valid_from = *Date::of(2026, 1, 1);
  terms.tier_mode = mode;
  terms.tiers = {{5000000, Decimal(40000, 4)}, {0, Decimal(60000, 4)}, {10000000, Decimal(25000, 4)}};
  return terms;
}
std::vector<Sales> sold(int64_t net) { return {{"food", false, net, net + net / 5, 10}}; }

int64_t fee(const Terms& terms, int64_t net) {
  const auto result = fee_of(terms, october(), sold(net));
  EXPECT_TRUE(result);
  return result ? result->fee : -1;
}

TEST(Fee, IsAPercentageRoundedHalfAwayFromZero) {
  EXPECT_EQ(fee(percentage(65000), 1234567), 80247);  // 80,246.855
  EXPECT_EQ(fee(percentage(50000), 10), 1);           // 0.5 cents
  EXPECT_EQ(fee(percentage(50000), 9), 0);
  EXPECT_EQ(fee(percentage(12345), 10000000), 123450);
}

TEST(Fee, TakesEachSliceAtItsOwnRate) {
  EXPECT_EQ(fee(tiers(TierMode::Marginal), 4000000), 240000);
  EXPECT_EQ(fee(tiers(TierMode::Marginal), 5000000), 300000);
  EXPECT_EQ(fee(tiers(TierMode::Marginal), 12000000), 300000 + 200000 + 50000);
}

TEST(Fee, TakesAllAtTheRateThatIsReached) {
  EXPECT_EQ(fee(tiers(TierMode::Whole), 4999999), 300000);
  EXPECT_EQ(fee(tiers(TierMode::Whole), 5000000), 200000);
  EXPECT_EQ(fee(tiers(TierMode::Whole), 12000000), 300000);
}

TEST(Fee, IsAtLeastTheMinimumAndAtMostTheCap) {
  Terms terms = percentage(50000);
  terms.minimum = 50000;
  terms.cap = 200000;
  EXPECT_EQ(fee_of(terms, october(), sold(100000))->applied, Applied::Minimum);
  EXPECT_EQ(fee(terms, 100000), 50000);
  EXPECT_EQ(fee(terms, 2000000), 100000);
  EXPECT_EQ(fee_of(terms, october(), sold(2000000))->applied, Applied::Rate);
  EXPECT_EQ(fee(terms, 9000000), 200000);
  EXPECT_EQ(fee_of(terms, october(), sold(9000000))->applied, Applied::Cap);
  EXPECT_EQ(fee_of(terms, october(), {})->fee, 50000);
}

TEST(Fee, CountsWhatTheContractSays) {
  const std::vector<Sales> mixed = {{"food", false, 1000000, 1200000, 5},
                                    {"food", true, -100000, -120000, 1},
                                    {"gift cards", false, 500000, 500000, 2},
                                    {"drinks", false, 300000, 360000, 9}};
  Terms terms = percentage(100000);
  terms.excluded_categories = read_categories(" gift cards ,");
  terms.advertising_percentage = Decimal(20000, 4);
  auto result = fee_of(terms, october(), mixed);
  EXPECT_EQ(result->sales_total, 1700000);
  EXPECT_EQ(result->counted_total, 1200000);
  EXPECT_EQ(result->fee, 120000);
  EXPECT_EQ(result->advertising, 24000);
  EXPECT_FALSE(result->sales[2].is_counted);
  terms.counts_returns = false;
  EXPECT_EQ(fee_of(terms, october(), mixed)->counted_total, 1300000);
  terms.categories = {"drinks"};
  terms.basis = Basis::Gross;
  EXPECT_EQ(fee_of(terms, october(), mixed)->counted_total, 360000);
}

TEST(Fee, IsNothingOfNegativeTurnover) {
  const auto result = fee_of(percentage(100000), october(), {{"food", true, -5000, -6000, 1}});
  EXPECT_EQ(result->fee, 0);
  EXPECT_EQ(result->counted_total, -5000);
}

TEST(Fee, HasItsPartOfTheMinimumInAPartPeriod) {
  Terms terms = percentage(0);
  terms.minimum = 100000;
  terms.valid_from = *Date::of(2026, 10, 21);
  EXPECT_EQ(fee(terms, 0), 35484);  // 11 of 31 days: 0.354838710
  terms.valid_until = *Date::of(2026, 10, 30);
  EXPECT_EQ(fee(terms, 0), 32258);
}

TEST(Terms, AreCheckedBeforeTheyBind) {
  EXPECT_TRUE(check_terms(percentage(1)));
  EXPECT_TRUE(check_terms(tiers(TierMode::Whole)));
  Terms terms = tiers(TierMode::Whole);
  terms.tiers.erase(terms.tiers.begin() + 1);
  EXPECT_NE(check_terms(terms).error().message.find("begins at 0.00"), std::string::npos);
  terms.tiers = {{0, Decimal(1, 4)}, {0, Decimal(2, 4)}};
  EXPECT_FALSE(check_terms(terms));
  terms = percentage(1);
  terms.minimum = 2;
  terms.cap = 1;
  EXPECT_NE(check_terms(terms).error().message.find("cap"), std::string::npos);
}

TEST(Period, IsTheMonthQuarterOrYearOfADay) {
  const Date day = *Date::of(2028, 2, 29);
  EXPECT_EQ(period_of(day, PeriodLength::Month).end, *Date::of(2028, 2, 29));
  EXPECT_EQ(period_of(day, PeriodLength::Quarter).end, *Date::of(2028, 3, 31));
  EXPECT_EQ(period_of(day, PeriodLength::Year).start, *Date::of(2028, 1, 1));
}

}  // namespace
}  // namespace talon::franchise
