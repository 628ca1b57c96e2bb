/// Rate limits: a burst, then one per interval, forgiveness, bounded memory.
#include "host/identity/throttle.hpp"

#include <gtest/gtest.h>

namespace talon::identity {
namespace {

constexpr int64_t kSecond = 1'000'000;

TEST(Throttle, AllowsABurstThenOnePerInterval) {
  Throttle throttle({3, 10 * kSecond});
  int64_t now = 1'000 * kSecond;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(throttle.take("a", now), 0);
  EXPECT_EQ(throttle.take("a", now), 10 * kSecond);
  EXPECT_EQ(throttle.take("a", now + 9 * kSecond), kSecond);
  EXPECT_EQ(throttle.take("a", now + 10 * kSecond), 0);
  EXPECT_GT(throttle.take("a", now + 10 * kSecond), 0);
  EXPECT_EQ(throttle.take("b", now), 0);  // another key is free
  now += 3600 * kSecond;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(throttle.take("a", now), 0);
}

TEST(Throttle, RefusalsDoNotLengthenTheWait) {
  Throttle throttle({1, 10 * kSecond});
  EXPECT_EQ(throttle.take("a", kSecond), 0);
  for (int i = 0; i < 100; ++i) EXPECT_GT(throttle.take("a", 2 * kSecond), 0);
  EXPECT_EQ(throttle.take("a", 11 * kSecond), 0);
}

TEST(Throttle, ForgetsAKeyThatSucceeded) {
  Throttle throttle({1, 10 * kSecond});
  EXPECT_EQ(throttle.take("a", kSecond), 0);
  EXPECT_GT(throttle.wait_us("a", kSecond), 0);
  throttle.forget("a");
  EXPECT_EQ(throttle.wait_us("a", kSecond), 0);
}

TEST(Throttle, KeepsAtMostSoManyKeys) {
  Throttle throttle({1, 10 * kSecond}, 100);
  for (int i = 0; i < 10'000; ++i) throttle.take(std::to_string(i), kSecond);
  EXPECT_LE(throttle.size(), 100U);
}

}  // namespace
}  // namespace talon::identity
