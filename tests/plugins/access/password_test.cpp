/// Which passwords are good enough, and the cost of a hash.
#include "plugins/access/password.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon::access {
namespace {

std::string fault_of(std::string_view password, const PasswordRules& rules = {}) {
  const auto fault = password_fault(password, {"Ruth Lamb", "ruth.l@example.com"}, rules);
  return fault ? fault->code : "";
}

TEST(Password, IsLongEnoughAndNoneOfThoseThatAreTriedFirst) {
  EXPECT_EQ(fault_of("orchid river seven"), "");
  EXPECT_EQ(fault_of("été à la montagne"), "");
  EXPECT_EQ(fault_of("short"), "too_short");
  EXPECT_EQ(fault_of("ééééééé"), "too_short") << "characters count, not bytes";
  EXPECT_EQ(fault_of("Password1234!"), "common");
  EXPECT_EQ(fault_of("123456123456"), "common");
  EXPECT_EQ(fault_of("qwertyqwerty"), "common");
  EXPECT_EQ(fault_of("1q2w3e4r5t6y"), "weak") << "a walk over the keyboard";
  EXPECT_EQ(fault_of("trustno1trustno1"), "weak");
  EXPECT_EQ(fault_of("aaaaaaaaaaaaa"), "common");
  EXPECT_EQ(fault_of("xx ruth.l is here"), "personal");
  EXPECT_EQ(fault_of("ruthless weather"), "personal");
  EXPECT_EQ(fault_of("the example river"), "personal") << "the company in the address";
  EXPECT_EQ(fault_of(std::string(1025, 'x')), "too_long");
}

TEST(Password, AnInstallationAsksForMore) {
  PasswordRules rules;
  rules.length_min = 20;
  EXPECT_EQ(fault_of("orchid river seven", rules), "too_short");
  rules = {12, 3, {"nordic oil"}};
  EXPECT_EQ(fault_of("we love Nordic Oil much", rules), "blocked");
  rules = {12, 4, {}};
  EXPECT_EQ(fault_of("copper12345678", rules), "weak");
}

TEST(Password, AFaultIsToldInThePersonsLanguage) {
  const auto fault = password_fault("short", {"Ruth", "r@example.com"}, {});
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault_error(*fault, "en").message, "the password must have at least 12 characters");
  EXPECT_EQ(fault_error(*fault, "fr").message, "le mot de passe doit avoir au moins 12 caractères");
  EXPECT_THAT(fault_error(*fault, "fr").details, ::testing::HasSubstr("\"too_short\""));
}

TEST(Password, StrengthIsMeasuredInTries) {
  EXPECT_EQ(password_strength("passwordpassword", {}), 0);
  EXPECT_EQ(password_strength("orchid lamp seven", {}), 4);
  EXPECT_LT(password_strength("ruthlambruth", {"Ruth Lamb", ""}), 2) << "one's own name is no secret";
}

TEST(Password, AHashIsArgon2idOf19MiBAndTwoPassesAndFitsItsPasswordOnly) {
  PasswordHasher hasher;
  const auto hash = hasher.hash("orchid lamp seven");
  ASSERT_TRUE(hash);
  EXPECT_THAT(*hash, ::testing::StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
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
