/// What retention words mean.
#include "plugins/audit/retention.hpp"

#include <gtest/gtest.h>

namespace audit {
namespace {

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
