/// Every case of the golden tax vectors: line nets, VAT groups and totals, to the minor unit.
#include "plugins/invoicing/totals.hpp"

#include <gtest/gtest.h>
#include <talon/json.hpp>

#include <fstream>
#include <sstream>

namespace talon::invoicing {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Decimal decimal(const Json& json, int scale) {
  if (json.is_null()) return {0, scale};
  const auto value = Decimal::parse(json.string(), scale);
  EXPECT_TRUE(value) << json.to_string();
  return value ? *value : Decimal(0, scale);
}

int64_t amount(const Json& json, const Currency& currency) {
  return decimal(json, currency.digits()).units();
}

TotalsInput input_of(const Json& json) {
  TotalsInput input;
  input.currency = *Currency::parse(json["currency"].string());
  for (const Json& line : json["lines"].items()) {
    LineInput& out = input.lines.emplace_back();
    out.quantity = decimal(line["quantity"], 4);
    out.price = decimal(line["price"], 6);
    if (!line["base_quantity"].is_null()) out.base_quantity = decimal(line["base_quantity"], 4);
    out.category = line["category"].string();
    out.rate = decimal(line["rate"], 2);
    for (const Json& item : line["allowances_charges"].items()) {
      (item["charge"].boolean() ? out.charge : out.allowance) += amount(item["amount"], input.currency);
    }
  }
  for (const Json& item : json["document_allowances_charges"].items()) {
    AdjustmentInput& out = input.adjustments.emplace_back();
    out.is_charge = item["charge"].boolean();
    out.amount = amount(item["amount"], input.currency);
    out.category = item["category"].string();
    out.rate = decimal(item["rate"], 2);
  }
  input.prepaid = amount(json["prepaid"], input.currency);
  input.rounding_amount = amount(json["payable_rounding"], input.currency);
  return input;
}

void expect_total(const Json& expected, std::string_view term, int64_t actual, const Currency& currency) {
  if (expected[term].is_null()) return;
  EXPECT_EQ(amount(expected[term], currency), actual) << term;
}

class TaxVectors : public ::testing::Test {
 protected:
  void SetUp() override {
    auto json = Json::parse(read_file(std::string(TALON_SOURCE_DIR) + "/tests/golden/tax-vectors.json"));
    ASSERT_TRUE(json) << json.error().message;
    cases_ = *std::move(json);
    ASSERT_EQ(cases_["cases"].items().size(), 60U);
  }
  Json cases_;
};

TEST_F(TaxVectors, EveryCaseComesOutToTheMinorUnit) {
  for (const Json& one : cases_["cases"].items()) {
    SCOPED_TRACE(one["id"].string());
    const TotalsInput input = input_of(one["input"]);
    const auto totals = work_out(input);
    ASSERT_TRUE(totals) << totals.error().message;
    const Json& expected = one["expected"];
    ASSERT_EQ(expected["lines"].items().size(), totals->line_nets.size());
    for (std::size_t i = 0; i < totals->line_nets.size(); ++i) {
      EXPECT_EQ(amount(expected["lines"].items()[i]["net"], input.currency), totals->line_nets[i])
          << "line " << i + 1;
    }
    ASSERT_EQ(expected["vat"].items().size(), totals->taxes.size());
    for (const Json& group : expected["vat"].items()) {
      const TaxGroup wanted{std::string(group["category"].string()), decimal(group["rate"], 2),
                            amount(group["taxable"], input.currency), amount(group["tax"], input.currency)};
      EXPECT_EQ(std::count(totals->taxes.begin(), totals->taxes.end(), wanted), 1) << group.to_string();
    }
    const Json& sums = expected["totals"];
    expect_total(sums, "BT-106", totals->lines_total, input.currency);
    expect_total(sums, "BT-107", totals->allowances_total, input.currency);
    expect_total(sums, "BT-108", totals->charges_total, input.currency);
    expect_total(sums, "BT-109", totals->net_total, input.currency);
    expect_total(sums, "BT-110", totals->tax_total, input.currency);
    expect_total(sums, "BT-112", totals->gross_total, input.currency);
    expect_total(sums, "BT-115", totals->payable, input.currency);
  }
}

TEST_F(TaxVectors, PercentagesOfTheCasesGiveTheirAmounts) {
  for (const Json& one : cases_["cases"].items()) {
    SCOPED_TRACE(one["id"].string());
    const TotalsInput input = input_of(one["input"]);
    for (const Json& item : one["input"]["document_allowances_charges"].items()) {
      if (item["percent"].is_null() || item["base"].is_null()) continue;
      const auto worked_out = percent_of(amount(item["base"], input.currency), decimal(item["percent"], 2));
      ASSERT_TRUE(worked_out);
      EXPECT_EQ(amount(item["amount"], input.currency), *worked_out) << item.to_string();
    }
  }
}

}  // namespace
}  // namespace talon::invoicing
