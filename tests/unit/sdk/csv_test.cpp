/// CSV that spreadsheets read as it is meant, and never compute.
#include <talon/csv.hpp>

#include <gtest/gtest.h>

#include <random>

namespace talon {
namespace {

std::string written(std::string_view text) {
  std::string cell;
  append_csv_cell(cell, text);
  return cell;
}

TEST(CsvCell, IsQuotedWhereItMustBe) {
  for (const char* plain : {"", "Acme", "a-b", "2026-11", "12.30", "o'clock"})
    EXPECT_EQ(written(plain), plain);
  EXPECT_EQ(written("a,b"), "\"a,b\"");
  EXPECT_EQ(written("one;two"), "\"one;two\"");
  EXPECT_EQ(written("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(written("two\nlines"), "\"two\nlines\"");
}

TEST(CsvCell, IsNeverAFormula) {
  for (const char* cell :
       {"=1+1", "+1", "-1", "@SUM(A1)", "|cmd", " =1", "\t=1", "\r=1", "\n@x", "\tx", ";x"}) {
    EXPECT_TRUE(written(cell).starts_with("'") || written(cell).starts_with("\"'")) << cell;
  }
  EXPECT_EQ(written("a;=cmd|' /C calc'!A0;b"), "\"a;'=cmd|' /C calc'!A0;b\"");
  EXPECT_EQ(written("a\t@x"), "\"a\t'@x\"");
  EXPECT_EQ(written("a; \"=x\""), "\"a; \"\"'=x\"\"\"");
}

/// The text that a cell shows, by RFC 4180.
std::string unquoted(std::string_view cell) {
  if (cell.empty() || cell.front() != '"') return std::string(cell);
  std::string text;
  for (std::size_t at = 1; at + 1 < cell.size(); ++at) {
    text.push_back(cell[at]);
    if (cell[at] == '"') ++at;
  }
  return text;
}

TEST(CsvCell, HasNoFormulaAtAnySeparatorAndLosesNothing) {
  std::mt19937 random(20261122);
  constexpr std::string_view kSigns = "=+-@|;,\t\r\n \"'a1";
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 9; i > 0; --i) text.push_back(kSigns[random() % kSigns.size()]);
    const std::string shown = unquoted(written(text));
    for (std::size_t at = 0; at < shown.size(); ++at) {
      if (std::string_view("=+-@|").find(shown[at]) == std::string_view::npos) continue;
      // What stands before it, but for blanks and quotes, is neither the beginning nor a separator.
      const std::size_t before = at == 0 ? std::string::npos : shown.find_last_not_of(" \"", at - 1);
      ASSERT_NE(before, std::string::npos) << text;
      ASSERT_EQ(std::string_view(";\t\r\n").find(shown[before]), std::string_view::npos) << text;
    }
    std::string less = shown;  // the apostrophes are all that came to it
    std::size_t at = 0;
    for (const char c : text) {
      while (at < less.size() && less[at] != c && less[at] == '\'') ++at;
      ASSERT_LT(at, less.size()) << text;
      ASSERT_EQ(less[at++], c) << text;
    }
  }
}

}  // namespace
}  // namespace talon
