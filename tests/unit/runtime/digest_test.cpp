/// Digests and their text forms against published vectors.
#include "host/runtime/digest.hpp"
#include "host/runtime/ids.hpp"
#include "host/runtime/random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace talon::runtime {
namespace {

TEST(Digest, Sha256MatchesTheStandardsVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 digest;
  EXPECT_EQ(digest.add("a").add("bc").finish_hex(), sha256_hex("abc"));
  EXPECT_EQ(digest.add("abc").finish_hex(), sha256_hex("abc"));  // it starts anew
}

TEST(Digest, HmacMatchesRfc4231) {
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Digest, Base64urlComesBackForEveryLength) {
  EXPECT_EQ(base64url("\xff\xfe\xfd"), "__79");
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string bytes = random_bytes(size);
    const auto back = from_base64url(base64url(bytes));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, bytes);
    const auto from = from_hex(hex(bytes));
    ASSERT_TRUE(from);
    EXPECT_EQ(*from, bytes);
  }
}

TEST(Digest, TextThatNoEncoderWritesIsRefused) {
  EXPECT_FALSE(from_base64url("A"));
  EXPECT_FALSE(from_base64url("AB"));  // bits left over
  EXPECT_FALSE(from_base64url("AA=="));
  EXPECT_FALSE(from_base64url("A+AA"));
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
}

TEST(Digest, ChainLinkDependsOnItsPlace) {
  const std::string first = chain_link("", "one");
  EXPECT_EQ(first, sha256_hex("\none"));
  EXPECT_NE(chain_link(first, "two"), chain_link("", "two"));
}

TEST(Digest, EqualityOfDifferentLengthsIsFalse) {
  EXPECT_TRUE(is_equal_constant_time("abc", "abc"));
  EXPECT_FALSE(is_equal_constant_time("abc", "abd"));
  EXPECT_FALSE(is_equal_constant_time("abc", "abcd"));
  EXPECT_TRUE(is_equal_constant_time("", ""));
}

TEST(Ids, GrowAndStayUniqueAcrossThreadsAndWhenTheClockGoesBack) {
  IdGenerator ids(7);
  const int64_t now = 1'795'000'000'000'000;
  int64_t last = ids.next(now);
  EXPECT_GT(last, 0);
  EXPECT_EQ(IdGenerator::made_us(last), now);
  for (int i = 0; i < 10'000; ++i) {
    const int64_t id = ids.next(now - i * 1000);
    ASSERT_GT(id, last);
    last = id;
  }
  std::vector<std::vector<int64_t>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&ids, &mine] {
      for (int i = 0; i < 5'000; ++i) mine.push_back(ids.next());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<int64_t> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 20'000U);
  IdGenerator other(8);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(all.count(other.next(now)), 0U);
}

}  // namespace
}  // namespace talon::runtime
