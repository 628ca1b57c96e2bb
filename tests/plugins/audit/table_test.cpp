/// What leaves as CSV, and what retention words mean.
#include "plugins/audit/table.hpp"
#include "plugins/audit/retention.hpp"

#include <gtest/gtest.h>

namespace audit {
namespace {

TEST(CsvCell, IsNeverAFormula) {
  for (const char* cell : {"=1+1", "+1", "-1", "@SUM(A1)", "|cmd", " =1", "\t=1", "\r=1", "\n@x", "\tx"}) {
    const std::string written = csv_cell(cell);
    EXPECT_TRUE(written.starts_with("'") || written.starts_with("\"'")) << cell;
  }
  EXPECT_EQ(csv_cell("a;=cmd|' /C calc'!A0;b"), "\"a;'=cmd|' /C calc'!A0;b\"");
  EXPECT_EQ(csv_cell("a\t@x"), "\"a\t'@x\"");
  EXPECT_EQ(csv_cell("a; \"=x\""), "\"a; \"\"'=x\"\"\"");
  EXPECT_EQ(csv_cell("one;two"), "\"one;two\"");
  EXPECT_EQ(csv_cell("a-b"), "a-b");
  EXPECT_EQ(csv_cell("Acme"), "Acme");
  EXPECT_EQ(csv_cell(""), "");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(csv_cell("two\nlines"), "\"two\nlines\"");
}

TEST(Retention, WordsAreReadOrNamed) {
  const auto classes = read_retention("read/*=90d  change/invoice=10y");
  ASSERT_TRUE(classes);
  ASSERT_EQ(classes->size(), 2U);
  EXPECT_EQ((*classes)[0].time_us, 90LL * 86400 * 1000000);
  EXPECT_EQ((*classes)[1].type, "invoice");
  for (const char* wrong : {"read=1y", "read/*", "read/=1y", "reads/*=1y", "read/*=1", "read/*=0d",
                            "read/*=y", "read/*=99999999999999999999y"}) {
    const auto refused = read_retention(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_NE(refused.error().message.find(wrong), std::string::npos) << refused.error().message;
  }
  EXPECT_FALSE(read_keep("1y"));
}

TEST(Hold, EmptyMembersMeanAny) {
  EXPECT_TRUE((Hold{"", 0, "", ""}.holds("party", 7, "usr_1")));
  EXPECT_TRUE((Hold{"party", 0, "", ""}.holds("party", 7, "usr_1")));
  EXPECT_FALSE((Hold{"party", 8, "", ""}.holds("party", 7, "usr_1")));
  EXPECT_FALSE((Hold{"", 0, "usr_2", ""}.holds("party", 7, "usr_1")));
}

}  // namespace
}  // namespace audit
