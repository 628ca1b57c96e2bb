/// One-time codes: the vectors of RFC 6238, appendix B (SHA-1, the last six of their eight digits), and the
/// window.
#include "host/identity/second_factor.hpp"

#include <talon/date.hpp>

#include <gtest/gtest.h>

namespace talon::identity {
namespace {

constexpr std::string_view kSecret = "12345678901234567890";

TEST(Totp, TakesTheVectorsOfTheStandard) {
  EXPECT_EQ(totp_step(kSecret, "287082", 59 * kSecondUs), 1);
  EXPECT_EQ(totp_step(kSecret, "081804", 1111111109 * kSecondUs), 0x23523EC);
  EXPECT_EQ(totp_step(kSecret, "050471", 1111111111 * kSecondUs), 0x23523ED);
  EXPECT_EQ(totp_step(kSecret, "005924", 1234567890 * kSecondUs), 0x273EF07);
  EXPECT_EQ(totp_step(kSecret, "279037", 2000000000 * kSecondUs), 0x3F940AA);
  EXPECT_EQ(totp_step(kSecret, "353130", 20000000000 * kSecondUs), 0x27BC86AA);
}

TEST(Totp, HoldsForOneStepBeforeAndAfterAndNoMore) {
  const int64_t begin = 0x23523ED * 30 * kSecondUs;  // of the step whose code this is
  EXPECT_EQ(totp_step(kSecret, "050471", begin - 30 * kSecondUs), 0x23523ED);
  EXPECT_EQ(totp_step(kSecret, "050471", begin + 60 * kSecondUs - 1), 0x23523ED);
  EXPECT_EQ(totp_step(kSecret, "050471", begin - 30 * kSecondUs - 1), -1);
  EXPECT_EQ(totp_step(kSecret, "050471", begin + 60 * kSecondUs), -1);
}

TEST(Totp, NothingElseIsACode) {
  for (const char* bad : {"", "28708", "2870820", "287083", "28708 ", "28708\n", "-87082"})
    EXPECT_EQ(totp_step(kSecret, bad, 59 * kSecondUs), -1) << bad;
}

}  // namespace
}  // namespace talon::identity
