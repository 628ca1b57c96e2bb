/// Sealed secrets: they open with their key, for their place, whole; and not otherwise.
#include "host/runtime/seal.hpp"

#include <gtest/gtest.h>

namespace talon::runtime {
namespace {

TEST(Sealer, WhatIsSealedOpensForItsPlaceAlone) {
  const Sealer sealer(Secret("a key of the installation"));
  const std::string sealed = sealer.seal("the secret", "totp/usr_1");
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_NE(sealed, sealer.seal("the secret", "totp/usr_1")) << "a nonce of its own each time";
  EXPECT_EQ(*sealer.open(sealed, "totp/usr_1"), "the secret");
  EXPECT_EQ(sealer.open(sealed, "totp/usr_2").error().code, Code::DataLoss) << "another person's row";
  EXPECT_EQ(*sealer.open(sealer.seal("", "x"), "x"), "");
}

TEST(Sealer, AnotherKeyOrAChangedByteOpensNothing) {
  const Sealer sealer(Secret("a key of the installation"));
  const Sealer other(Secret("another key"));
  const std::string sealed = sealer.seal("the secret", "x");
  EXPECT_FALSE(other.open(sealed, "x"));
  EXPECT_NE(sealer.mark(), other.mark());
  EXPECT_EQ(sealer.mark(), Sealer(Secret("a key of the installation")).mark());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto opened = sealer.open(changed, "x");
    // The last digit of base 64 has bits that stand for nothing.
    EXPECT_TRUE(!opened || i + 1 == sealed.size()) << i;
  }
  for (const char* bad : {"", "v1.", "v1.AAAA", "v2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "the secret"})
    EXPECT_FALSE(sealer.open(bad, "x")) << bad;
}

}  // namespace
}  // namespace talon::runtime
