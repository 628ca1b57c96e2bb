/// The rules of billing.md one by one, and random invoices whose parts must add up.
#include "plugins/invoicing/totals.hpp"

#include <gtest/gtest.h>

#include <random>

namespace talon::invoicing {
namespace {

Currency eur() { return *Currency::parse("EUR"); }

LineInput line(std::string_view quantity, std::string_view price, std::string_view rate,
               std::string category = "S") {
  LineInput input;
  input.quantity = *Decimal::parse(quantity, 4);
  input.price = *Decimal::parse(price, 6);
  input.rate = *Decimal::parse(rate, 2);
  input.category = std::move(category);
  return input;
}

TotalsInput invoice(std::vector<LineInput> lines) {
  TotalsInput input;
  input.currency = eur();
  input.lines = std::move(lines);
  return input;
}

TEST(LineAmount, RoundsHalfAwayFromZeroOnBothSides) {
  EXPECT_EQ(*line_amount(line("1", "0.005", "20"), eur()), 1);
  EXPECT_EQ(*line_amount(line("-1", "0.005", "20"), eur()), -1);
  EXPECT_EQ(*line_amount(line("3", "0.335", "20"), eur()), 101);
  EXPECT_EQ(*line_amount(line("3", "0.334999", "20"), eur()), 100);
}

TEST(LineAmount, DividesByTheBaseQuantityOnce) {
  LineInput minutes = line("20", "85", "20");
  minutes.base_quantity = *Decimal::parse("60", 4);
  EXPECT_EQ(*line_amount(minutes, eur()), 2833);
  minutes.base_quantity = Decimal(0, 4);
  EXPECT_EQ(line_amount(minutes, eur()).error().code, Code::InvalidArgument);
}

TEST(LineAmount, ServesCurrenciesWithNoneAndThreeDecimals) {
  EXPECT_EQ(*line_amount(line("3", "33.5", "10"), *Currency::parse("JPY")), 101);
  EXPECT_EQ(*line_amount(line("1", "0.0005", "10"), *Currency::parse("BHD")), 1);
}

TEST(LineAmount, RefusesWhatDoesNotFit) {
  EXPECT_EQ(line_amount(line("900000000000000", "9000000000000", "0"), eur()).error().code, Code::OutOfRange);
  const auto totals = work_out(invoice({line("1", "1", "0"), line("20000", "9000000000", "0")}));
  ASSERT_FALSE(totals);
  EXPECT_EQ(totals.error().code, Code::OutOfRange);
  EXPECT_EQ(totals.error().message.find("line 2: the sum is beyond"), 0U) << totals.error().message;
}

TEST(WorkOut, TaxesOncePerGroup) {
  // Three lines of 0.05 at 20 %: one cent each by line, three per group of 0.15; with 0.02 nothing by line.
  const auto totals =
      work_out(invoice({line("1", "0.02", "20"), line("1", "0.02", "20"), line("1", "0.02", "20")}));
  ASSERT_TRUE(totals);
  EXPECT_EQ(totals->tax_total, 1);
  TotalsInput by_line = invoice({line("1", "0.02", "20"), line("1", "0.02", "20"), line("1", "0.02", "20")});
  by_line.rounding = VatRounding::PerLine;
  EXPECT_EQ(work_out(by_line)->tax_total, 0);
}

TEST(WorkOut, RoundsPerDocumentAcrossRates) {
  TotalsInput input = invoice({line("1", "0.12", "20"), line("1", "0.24", "10")});  // 0.024 and 0.024
  EXPECT_EQ(work_out(input)->tax_total, 4);
  input.rounding = VatRounding::PerDocument;
  const auto totals = work_out(input);
  EXPECT_EQ(totals->tax_total, 5);
  EXPECT_EQ(totals->taxes[0].tax + totals->taxes[1].tax, 5);
}

TEST(WorkOut, LeavesExemptCategoriesWithoutTax) {
  for (const char* category : {"Z", "E", "AE", "K", "G", "O"}) {
    const auto totals = work_out(invoice({line("1", "100", "20", category)}));
    ASSERT_TRUE(totals);
    EXPECT_EQ(totals->tax_total, 0) << category;
    EXPECT_EQ(totals->taxes[0].rate.units(), 0) << category;
  }
}

TEST(WorkOut, FixesTheGrossWherePricesIncludeTax) {
  TotalsInput input = invoice({line("1", "11.45", "20"), line("1", "11.44", "20"), line("3", "3.33", "5.5")});
  input.is_tax_included = true;
  const auto totals = work_out(input);
  ASSERT_TRUE(totals);
  EXPECT_EQ(totals->gross_total, 1145 + 1144 + 999);
  EXPECT_EQ(totals->net_total + totals->tax_total, totals->gross_total);
  EXPECT_EQ(totals->taxes[1].tax, 382);  // 22.89 × 20 / 120 = 3.815
  EXPECT_EQ(totals->taxes[0].tax, 52);   // 9.99 × 5.5 / 105.5 = 0.5208
}

TEST(WorkOut, SplitsADocumentDiscountByLargestRemainder) {
  TotalsInput input = invoice({line("1", "100", "20"), line("1", "100", "10"), line("1", "100", "5.5")});
  input.adjustments.push_back({false, 1000, std::nullopt, "", Decimal(0, 2)});
  const auto totals = work_out(input);
  ASSERT_TRUE(totals);
  EXPECT_EQ(totals->allowances_total, 1000);
  ASSERT_EQ(totals->adjustments.size(), 3U);
  EXPECT_EQ(totals->adjustments[0].amount, 334);
  EXPECT_EQ(totals->adjustments[1].amount, 333);
  EXPECT_EQ(totals->adjustments[2].amount, 333);
  EXPECT_EQ(totals->net_total, 29000);
}

TEST(WorkOut, TakesAPercentageOfTheLinesOfItsGroup) {
  TotalsInput input = invoice({line("1", "200", "20"), line("1", "50", "10")});
  input.adjustments.push_back({false, 0, Decimal(1000, 2), "S", Decimal(2000, 2)});
  input.adjustments.push_back({true, 0, Decimal(200, 2), "", Decimal(0, 2)});
  const auto totals = work_out(input);
  ASSERT_TRUE(totals);
  EXPECT_EQ(totals->allowances_total, 2000);
  EXPECT_EQ(totals->charges_total, 500);
}

TEST(WorkOut, NamesWhatIsWrong) {
  EXPECT_NE(work_out(invoice({})).error().message.find("at least one line"), std::string::npos);
  EXPECT_NE(work_out(invoice({line("1", "1", "20", "X")})).error().message.find("line 1"), std::string::npos);
  EXPECT_EQ(work_out(invoice({line("1", "1", "120")})).error().code, Code::InvalidArgument);
  TotalsInput nothing = invoice({line("0", "1", "20")});
  nothing.adjustments.push_back({false, 100, std::nullopt, "", Decimal(0, 2)});
  EXPECT_NE(work_out(nothing).error().message.find("vat_category"), std::string::npos);
}

TEST(NetPrice, HasAsFewDecimalsAsGiveTheLineBack) {
  EXPECT_EQ(net_price(1000, line("3", "0", "20"), eur())->to_string(), "3.333");
  EXPECT_EQ(net_price(1000, line("4", "0", "20"), eur())->to_string(), "2.5");
  EXPECT_FALSE(net_price(1, line("900000", "0", "20"), eur()).has_value() &&
               net_price(1, line("900000", "0", "20"), eur())->scale() > 6);
}

TEST(Converted, RoundsTaxOncePerGroup) {
  const auto totals = work_out(invoice({line("1", "10.01", "20"), line("1", "10.01", "10")}));
  const Currency jpy = *Currency::parse("JPY");
  EXPECT_EQ(*tax_converted(*totals, eur(), jpy, *Decimal::parse("161.5", 6)), 323 + 162);
}

LineInput random_line(std::mt19937_64& random) {
  const char* categories[] = {"S", "S", "S", "Z", "E", "AE", "K", "G", "O"};
  const int64_t rates[] = {2000, 1000, 550, 210, 1900, 700, 2500};
  LineInput input;
  input.quantity = Decimal(static_cast<int64_t>(random() % 2'000'000) - 200'000, 4);
  input.price = Decimal(static_cast<int64_t>(random() % 5'000'000'000), 6);
  if (random() % 5 == 0) input.base_quantity = Decimal(static_cast<int64_t>(random() % 1'000'000) + 1, 4);
  if (random() % 4 == 0) input.allowance_percent = Decimal(static_cast<int64_t>(random() % 5000), 2);
  if (random() % 4 == 0) input.charge = static_cast<int64_t>(random() % 1000);
  input.category = categories[random() % 9];
  input.rate = input.category == "S" ? Decimal(rates[random() % 7], 2) : Decimal(0, 2);
  return input;
}

TotalsInput random_invoice(std::mt19937_64& random) {
  const char* currencies[] = {"EUR", "JPY", "BHD"};
  TotalsInput input;
  input.currency = *Currency::parse(currencies[random() % 3]);
  const std::size_t count = 1 + random() % 12;
  for (std::size_t i = 0; i < count; ++i) input.lines.push_back(random_line(random));
  for (std::size_t i = random() % 3; i > 0; --i) {
    const LineInput& like = input.lines[random() % count];
    input.adjustments.push_back({random() % 2 == 0, static_cast<int64_t>(random() % 5000), std::nullopt,
                                 random() % 2 == 0 ? like.category : "", like.rate});
  }
  input.is_tax_included = random() % 3 == 0;
  input.rounding = static_cast<VatRounding>(random() % 3);
  input.prepaid = static_cast<int64_t>(random() % 1000);
  return input;
}

TEST(WorkOut, AddsUpForTenThousandRandomInvoices) {
  std::mt19937_64 random(20261121);
  int worked_out = 0;
  for (int i = 0; i < 10'000; ++i) {
    const TotalsInput input = random_invoice(random);
    const auto totals = work_out(input);
    if (!totals) {
      EXPECT_NE(totals.error().message.find("no line above zero"), std::string::npos)
          << totals.error().message;
      continue;
    }
    ++worked_out;
    int64_t lines = 0;
    for (const int64_t net : totals->line_nets) lines += net;
    int64_t taxable = 0;
    int64_t tax = 0;
    for (const TaxGroup& group : totals->taxes) {
      taxable += group.taxable;
      tax += group.tax;
      EXPECT_TRUE(group.category == "S" || group.tax == 0);
      if (!input.is_tax_included && input.rounding == VatRounding::PerGroup) {
        EXPECT_EQ(group.tax, *percent_of(group.taxable, group.rate));
      }
    }
    EXPECT_EQ(lines, totals->lines_total);
    EXPECT_EQ(lines - totals->allowances_total + totals->charges_total, totals->net_total);
    EXPECT_EQ(taxable, totals->net_total);
    EXPECT_EQ(tax, totals->tax_total);
    EXPECT_EQ(totals->net_total + tax, totals->gross_total);
    EXPECT_EQ(totals->gross_total - input.prepaid, totals->payable);
  }
  EXPECT_GT(worked_out, 9'500);
}

TEST(WorkOut, MirrorsAnInvoiceInItsCreditNote) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 1'000; ++i) {
    TotalsInput input = random_invoice(random);
    input.adjustments.clear();
    input.prepaid = 0;
    const auto totals = work_out(input);
    for (LineInput& line : input.lines) {
      line.quantity = Decimal(-line.quantity.units(), 4);
      line.charge = -line.charge;
    }
    const auto mirrored = work_out(input);
    ASSERT_TRUE(totals && mirrored);
    EXPECT_EQ(totals->gross_total, -mirrored->gross_total);
    EXPECT_EQ(totals->tax_total, -mirrored->tax_total);
  }
}

}  // namespace
}  // namespace talon::invoicing
