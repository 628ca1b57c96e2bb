/// Rate limits: a burst, then one per interval, forgiveness, bounded memory.
#include "host/identity/throttle.hpp"

#include <talon/date.hpp>

#include <gtest/gtest.h>

namespace talon::identity {
namespace {

TEST(Throttle, AllowsABurstThenOnePerInterval) {
  Throttle throttle({3, 10 * kSecondUs});
  int64_t now = 1'000 * kSecondUs;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(throttle.take("a", now), 0);
  EXPECT_EQ(throttle.take("a", now), 10 * kSecondUs);
  EXPECT_EQ(throttle.take("a", now + 9 * kSecondUs), kSecondUs);
  EXPECT_EQ(throttle.take("a", now + 10 * kSecondUs), 0);
  EXPECT_GT(throttle.take("a", now + 10 * kSecondUs), 0);
  EXPECT_EQ(throttle.take("b", now), 0);  // another key is free
  now += 3600 * kSecondUs;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(throttle.take("a", now), 0);
}

TEST(Throttle, RefusalsDoNotLengthenTheWait) {
  Throttle throttle({1, 10 * kSecondUs});
  EXPECT_EQ(throttle.take("a", kSecondUs), 0);
  for (int i = 0; i < 100; ++i) EXPECT_GT(throttle.take("a", 2 * kSecondUs), 0);
  EXPECT_EQ(throttle.take("a", 11 * kSecondUs), 0);
}

TEST(Throttle, ForgetsAKeyThatSucceeded) {
  Throttle throttle({1, 10 * kSecondUs});
  EXPECT_EQ(throttle.take("a", kSecondUs), 0);
  EXPECT_GT(throttle.wait_us("a", kSecondUs), 0);
  throttle.forget("a");
  EXPECT_EQ(throttle.wait_us("a", kSecondUs), 0);
}

TEST(Throttle, KeepsAtMostSoManyKeys) {
  Throttle throttle({1, 10 * kSecondUs}, 100);
  for (int i = 0; i < 10'000; ++i) throttle.take(std::to_string(i), kSecondUs);
  EXPECT_LE(throttle.size(), 100U);
}

}  // namespace
}  // namespace talon::identity
