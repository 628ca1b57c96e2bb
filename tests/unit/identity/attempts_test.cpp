/// Tries to sign in: who guesses waits, who is guessed at does not.
#include "host/identity/attempts.hpp"

#include <talon/date.hpp>

#include <gtest/gtest.h>

namespace talon::identity {
namespace {

constexpr int64_t kNow = 1'000 * kSecondUs;

TEST(Attempts, TheSixthTryOfAnAccountFromAnAddressWaitsAndIsNotedOnce) {
  Attempts attempts({});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(attempts.take("ann", "a1", kNow).wait_us, 0);
  const Attempts::Verdict sixth = attempts.take("ann", "a1", kNow);
  EXPECT_EQ(sixth.wait_us, 30 * kSecondUs);
  EXPECT_TRUE(sixth.is_worth_note);
  EXPECT_FALSE(attempts.take("ann", "a1", kNow).is_worth_note);
  EXPECT_EQ(attempts.take("ann", "a2", kNow).wait_us, 0) << "the owner, from elsewhere";
  EXPECT_EQ(attempts.take("bob", "a1", kNow).wait_us, 0) << "a colleague, in the same office";
  attempts.succeeded("ann", "a1");
  EXPECT_EQ(attempts.take("ann", "a1", kNow).wait_us, 0) << "typing mistakes are forgiven";
}

TEST(Attempts, AHundredTriesOnOneAccountLeaveItsAddressFreeForOthers) {
  Attempts attempts({});
  for (int i = 0; i < 100; ++i) attempts.take("ann", "office", kNow);
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(attempts.take("colleague" + std::to_string(i), "office", kNow).wait_us, 0) << i;
  }
}

TEST(Attempts, ManyAccountsFromOneAddressAreSlowedDownButForThoseWhoWorkThere) {
  Attempts attempts([](const std::string& account, const std::string& address) {
    return account == "bob" && address == "office";
  });
  for (int i = 0; i < 60; ++i) attempts.take("made up " + std::to_string(i), "office", kNow);
  EXPECT_GT(attempts.take("eve", "office", kNow).wait_us, 0);
  EXPECT_EQ(attempts.take("bob", "office", kNow).wait_us, 0);
}

TEST(Attempts, AThousandMadeUpAccountsFromOneAddressAreNotedOnceAMinute) {
  Attempts attempts({});
  int noted = 0;
  int let_through = 0;
  for (int i = 0; i < 1000; ++i) {
    const Attempts::Verdict verdict = attempts.take(std::to_string(i) + "@made.up", "bot", kNow);
    noted += verdict.is_worth_note ? 1 : 0;
    let_through += verdict.wait_us == 0 ? 1 : 0;
  }
  EXPECT_EQ(let_through, 50);
  EXPECT_EQ(noted, 1) << "each note is a row of the audit log for ever";
}

TEST(Attempts, AnAttackFromManyAddressesDoesNotShutTheOwnerOutAtHome) {
  int questions = 0;
  Attempts attempts([&](const std::string& account, const std::string& address) {
    ++questions;
    return account == "ann" && address == "home";
  });
  for (int i = 0; i < 200; ++i) attempts.take("ann", "bot" + std::to_string(i), kNow);
  EXPECT_GT(attempts.take("ann", "bot", kNow).wait_us, 0);
  EXPECT_EQ(attempts.take("ann", "home", kNow).wait_us, 0);
  const int asked = questions;
  EXPECT_EQ(attempts.take("ann", "home", kNow).wait_us, 0);
  EXPECT_EQ(questions, asked) << "what is known is not looked for again";
}

}  // namespace
}  // namespace talon::identity
