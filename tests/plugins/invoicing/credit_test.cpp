/// Credits by lines: bit by bit they give back what was charged, no more and no less.
#include "plugins/invoicing/crediting.hpp"
#include "tests/plugins/invoicing/fixture.hpp"

#include <algorithm>
#include <random>

namespace talon::invoicing {
namespace {

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  int64_t from(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine_);
  }
  bool one_in(int64_t n) { return from(1, n) == 1; }
  std::mt19937& engine() { return engine_; }

 private:
  std::mt19937 engine_;
};

constexpr std::array<int64_t, 4> kRates = {2000, 1000, 550, 210};

InvoiceData any_invoice(Random& random) {
  InvoiceData invoice;
  invoice.header["currency"] = "EUR";
  invoice.header["is_tax_included"] = static_cast<int64_t>(random.one_in(3));
  invoice.header["rounding"] = std::array{"per_group", "per_line", "per_document"}[random.from(0, 2)];
  const int64_t lines = random.from(1, 5);
  for (int64_t i = 0; i < lines; ++i) {
    Fields& line = invoice.lines.emplace_back();
    line["quantity"] = random.one_in(3) ? random.from(1, 90000) : random.from(1, 9) * 10000;
    line["price"] = random.from(1, 300000000);
    line["vat_category"] = "S";
    line["vat_rate"] = kRates[static_cast<std::size_t>(random.from(0, 3))];
    if (random.one_in(4)) line["allowance_percent"] = random.from(1, 9000);
    if (random.one_in(4)) line["charge"] = random.from(1, 999);
    if (random.one_in(6)) line["allowance"] = random.from(1, 9);
  }
  const int64_t allowances = random.from(1, 3);
  for (int64_t i = 0; i < allowances; ++i) {
    Fields& allowance = invoice.allowances.emplace_back();
    allowance["kind"] = random.one_in(3) ? "charge" : "allowance";
    if (random.one_in(2)) {
      allowance["percent"] = random.from(1, 3000);
    } else {
      allowance["amount"] = random.from(1, 50);
    }
    if (random.one_in(2)) {
      allowance["vat_category"] = "S";
      allowance["vat_rate"] = kRates[static_cast<std::size_t>(random.from(0, 3))];
    }
  }
  return invoice;
}

/// All of the invoice as (position, quantity), some lines in several parts, in any order.
std::vector<LineCredit> parts_of(const InvoiceData& invoice, Random& random) {
  std::vector<LineCredit> parts;
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    int64_t left = integer_of(invoice.lines[i], "quantity");
    while (left > 0) {
      const int64_t part = random.one_in(2) ? left : random.from(1, left);
      parts.push_back({static_cast<int64_t>(i) + 1, Decimal(part, 4)});
      left -= part;
      if (parts.size() > 30) {
        parts.back().quantity = Decimal(part + left, 4);
        left = 0;
      }
    }
  }
  std::shuffle(parts.begin(), parts.end(), random.engine());
  return parts;
}

Result<Totals> totals_of(const InvoiceData& invoice) {
  TALON_TRY(const TotalsInput input, totals_input(invoice, rounding_of(text_of(invoice.header, "rounding"))));
  return work_out(input);
}

/// Credits all of the invoice part by part. @return what the notes come to, each figure added up.
Totals credited_by(InvoiceData invoice, const std::vector<LineCredit>& parts) {
  Totals sum;
  CreditedQuantities before;
  for (const LineCredit& part : parts) {
    const auto note = credit_lines(invoice, {part}, before);
    EXPECT_TRUE(note) << note.error().message;
    if (!note) break;
    InvoiceData rounded = *note;
    rounded.header["rounding"] = text_of(invoice.header, "rounding");
    const auto totals = totals_of(rounded);
    EXPECT_TRUE(totals) << totals.error().message;
    if (!totals) break;
    sum.net_total += totals->net_total;
    sum.tax_total += totals->tax_total;
    sum.gross_total += totals->gross_total;
    sum.payable += totals->payable;
    EXPECT_LE(sum.payable, integer_of(invoice.header, "payable_total"));
    invoice.header["credited_total"] = sum.payable;
    before[part.position].quantity += part.quantity->units();
    ++before[part.position].times;
  }
  return sum;
}

TEST(CreditByLines, AddsUpToTheInvoice) {
  Random random(20260301);
  int judged = 0;
  for (int i = 0; i < 4000; ++i) {
    InvoiceData invoice = any_invoice(random);
    const auto whole = totals_of(invoice);
    ASSERT_TRUE(whole);
    if (whole->payable <= 0 || whole->net_total <= 0) continue;  // nothing to give back
    invoice.header["payable_total"] = whole->payable;
    const std::vector<LineCredit> parts = parts_of(invoice, random);
    const Totals sum = credited_by(invoice, parts);
    const auto roundings = static_cast<int64_t>(parts.size() * (invoice.allowances.size() + 1));
    EXPECT_EQ(sum.payable, whole->payable) << i;
    EXPECT_LE(std::abs(sum.tax_total - whole->tax_total), roundings) << i;
    if (integer_of(invoice.header, "is_tax_included") == 0) {
      EXPECT_EQ(sum.net_total, whole->net_total) << i;
    } else if (text_of(invoice.header, "rounding") == "per_group") {
      EXPECT_EQ(sum.gross_total, whole->gross_total) << i;
    }
    if (HasFailure()) return;
    ++judged;
  }
  EXPECT_GT(judged, 3000);
}

class CreditAction : public InvoicingTest {
 protected:
  Result<Json> credit_line(int64_t id, int64_t position) {
    return plugin.action(
        "invoice", id, "credit",
        Json::object({{"reason", "returned"}, {"lines", Json::array({Json::object({{"line", position}})})}}));
  }
};

TEST_F(CreditAction, GivesTheDocumentsDiscountBackWithTheLine) {
  Json invoice = content(Json::array({line("1", "100"), line("1", "100")}));
  invoice.set("allowances", Json::array({Json::object({{"reason", "Loyalty"}, {"percent", "50"}})}));
  const auto answer = draft(invoice);
  ASSERT_TRUE(answer) << answer.error().message;
  const int64_t id = *parse_id((*answer)["id"].string());
  ASSERT_TRUE(plugin.action("invoice", id, "issue"));
  ASSERT_EQ(amount(id, "payable_total"), 12000);
  const auto first = credit_line(id, 1);
  ASSERT_TRUE(first) << first.error().message;
  const int64_t note = *parse_id((*first)["id"].string());
  EXPECT_EQ(amount(note, "gross_total"), 6000);
  EXPECT_EQ(amount(note, "allowances_total"), 5000);
  EXPECT_EQ(amount(id, "balance"), 6000);
  const auto second = credit_line(id, 2);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(text(id, "settlement"), "credited");
  EXPECT_EQ(amount(id, "balance"), 0);
  expect_balanced();
}

TEST_F(CreditAction, TakesCentsOfVatThatAreLeftOverAsRounding) {
  const auto answer = draft(content(Json::array({line("1", "0.03"), line("1", "0.03"), line("1", "0.03")})));
  ASSERT_TRUE(answer) << answer.error().message;
  const int64_t id = *parse_id((*answer)["id"].string());
  ASSERT_TRUE(plugin.action("invoice", id, "issue"));
  ASSERT_EQ(amount(id, "payable_total"), 11);  // and 4 for each line by itself
  for (const int64_t position : {1, 2, 3}) {
    const auto credited = credit_line(id, position);
    ASSERT_TRUE(credited) << credited.error().message;
  }
  EXPECT_EQ(amount(id, "balance"), 0);
}

}  // namespace
}  // namespace talon::invoicing
