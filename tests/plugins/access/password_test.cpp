/// Which passwords are good enough, and the cost of a hash.
#include "plugins/access/password.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon::access {
namespace {

TEST(Password, IsLongEnoughAndNoneOfThoseThatAreTriedFirst) {
  const auto is_good = [](std::string_view password) {
    return password_fault(password, "Ruth Lamb", "ruth.l@example.com").empty();
  };
  EXPECT_TRUE(is_good("orchid river seven"));
  EXPECT_TRUE(is_good("été à la montagne"));
  EXPECT_FALSE(is_good("short"));
  EXPECT_FALSE(is_good("Password1234!"));
  EXPECT_FALSE(is_good("123456123456"));
  EXPECT_FALSE(is_good("qwertyqwerty"));
  EXPECT_FALSE(is_good("aaaaaaaaaaaaa"));
  EXPECT_FALSE(is_good("xx ruth.l is here"));
  EXPECT_FALSE(is_good("ruthless weather"));
  EXPECT_FALSE(is_good(std::string(1025, 'x')));
}

TEST(Password, AHashIsArgon2idOf19MiBAndTwoPassesAndFitsItsPasswordOnly) {
  PasswordHasher hasher;
  const auto hash = hasher.hash("orchid lamp seven");
  ASSERT_TRUE(hash);
  EXPECT_THAT(*hash, testing::StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_TRUE(*hasher.verify(*hash, "orchid lamp seven"));
  EXPECT_FALSE(*hasher.verify(*hash, "orchid lamp Seven"));
  EXPECT_FALSE(*hasher.verify("", ""));
  EXPECT_FALSE(*hasher.verify("code:x", "x"));
  EXPECT_NE(*hasher.hash("orchid lamp seven"), *hash) << "salted";
}

TEST(Password, CodesAreLongAndDiffer) {
  EXPECT_EQ(random_code().size(), 32U);
  EXPECT_NE(random_code(), random_code());
}

}  // namespace
}  // namespace talon::access
