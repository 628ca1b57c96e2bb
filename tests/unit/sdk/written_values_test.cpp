/// Dates, instants, decimals, currencies and UTF-8 against the plain way of doing the same.
#include <talon/date.hpp>
#include <talon/money.hpp>
#include <talon/utf8.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <string>

namespace talon {
namespace {

template <typename... Values>
std::string printed(const char* format, Values... values) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

TEST(WrittenDate, IsWhatPrintfSays) {
  for (int64_t days = -800'000; days < 3'000'000; days += 37) {
    const Date date{std::chrono::sys_days(std::chrono::days(days))};
    if (date.year() < 0) continue;
    ASSERT_EQ(date.to_string(), printed("%04d-%02d-%02d", date.year(), date.month(), date.day()));
  }
}

TEST(WrittenTimestamp, IsWhatPrintfSays) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20'000; ++round) {
    const auto us = static_cast<int64_t>(random() % 4'000'000'000'000'000) - 1'000'000'000'000'000;
    const Timestamp at(round % 3 == 0 ? us / kSecondUs * kSecondUs : us);
    const int64_t rest = at.us() - std::chrono::microseconds(at.date().days().time_since_epoch()).count();
    const int64_t seconds = rest / kSecondUs;
    std::string expected =
        at.date().to_string() + printed("T%02lld:%02lld:%02lld", static_cast<long long>(seconds / 3600),
                                        static_cast<long long>(seconds / 60 % 60),
                                        static_cast<long long>(seconds % 60));
    if (rest % kSecondUs != 0) expected += printed(".%06lld", static_cast<long long>(rest % kSecondUs));
    ASSERT_EQ(at.to_string(), expected + "Z");
    ASSERT_EQ(Timestamp::parse(at.to_string())->us(), at.us());
  }
}

TEST(WrittenDecimal, HasAllItsDecimals) {
  EXPECT_EQ(Decimal(0, 0).to_string(), "0");
  EXPECT_EQ(Decimal(0, 2).to_string(), "0.00");
  EXPECT_EQ(Decimal(-5, 2).to_string(), "-0.05");
  EXPECT_EQ(Decimal(123, 2).to_string(), "1.23");
  EXPECT_EQ(Decimal(-1230, 3).to_string(), "-1.230");
  EXPECT_EQ(Decimal(INT64_MIN, 9).to_string(), "-9223372036.854775808");
  std::mt19937_64 random(2);
  for (int round = 0; round < 20'000; ++round) {
    const auto scale = static_cast<int>(random() % 10);
    const auto units = static_cast<int64_t>(random() >> (1 + random() % 60)) * (round % 2 == 0 ? 1 : -1);
    const std::string text = Decimal(units, scale).to_string();
    ASSERT_EQ(Decimal::parse(text, scale)->units(), units) << text;
    ASSERT_EQ(text.size() - std::min(text.find('.'), text.size() - 1), scale == 0 ? 1U : scale + 1U) << text;
  }
}

TEST(ReadCurrency, IsOneThatTheListsHave) {
  const auto digits_of = [](const std::string& code) {
    const auto has = [&](std::string_view codes) {
      for (std::size_t at = 0; at < codes.size(); at += 4) {
        if (codes.substr(at, 3) == code) return true;
      }
      return false;
    };
    if (has(detail::kTwoDigits)) return 2;
    if (has(detail::kNoDigits)) return 0;
    return has(detail::kThreeDigits) ? 3 : -1;
  };
  int known = 0;
  std::string code = "AAA";
  for (code[0] = '@'; code[0] <= '['; ++code[0]) {
    for (code[1] = '@'; code[1] <= '['; ++code[1]) {
      for (code[2] = '@'; code[2] <= '['; ++code[2]) {
        const auto read = Currency::parse(code);
        ASSERT_EQ(read ? read->digits() : -1, digits_of(code)) << code;
        if (!read) continue;
        ++known;
        EXPECT_EQ(read->code(), code);
      }
    }
  }
  EXPECT_EQ(known, 156);
  for (const char* bad : {"", "E", "EU", "EURO", "EUR ", "EUR USD", "eur", " EU"}) {
    EXPECT_FALSE(Currency::parse(bad)) << bad;
  }
}

TEST(BadUtf8, IsFoundWhereverItStands) {
  const std::string good = "plain text, žluťoučký kůň, 請求書 and 🧾 again";
  EXPECT_FALSE(find_bad_utf8(good));
  EXPECT_FALSE(find_bad_utf8(""));
  for (std::size_t before = 0; before < 40; ++before) {
    for (std::size_t after = 0; after < 20; ++after) {
      for (const std::string bad : {"\xFF", "\x80", "\xC3", "\xED\xA0\x80"}) {
        const auto found = find_bad_utf8(std::string(before, 'a') + bad + std::string(after, 'b'));
        ASSERT_TRUE(found);
        ASSERT_EQ(*found, before);
      }
    }
  }
}

/// Where the text is no UTF-8, by what the standard says of code points.
std::size_t first_bad(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = byte(at) < 0x80            ? 1
                             : (byte(at) >> 5U) == 0x06 ? 2
                             : (byte(at) >> 4U) == 0x0E ? 3
                             : (byte(at) >> 3U) == 0x1E ? 4
                                                        : 0;
    if (size == 0 || at + size > text.size()) return at;
    uint32_t point = size == 1 ? byte(at) : byte(at) & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
      if ((byte(at + i) & 0xC0U) != 0x80) return at;
      point = point << 6U | (byte(at + i) & 0x3FU);
    }
    static constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kLeast[size] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return at;
    at += size;
  }
  return text.size();
}

TEST(BadUtf8, IsWhatTheStandardSays) {
  static constexpr std::array<std::string_view, 14> kPieces = {"a",
                                                               "plain text",
                                                               "\xC3\xA9",
                                                               "\xE2\x82\xAC",
                                                               "\xF0\x9F\xA7\xBE",
                                                               "\xC0\xAF",
                                                               "\xE0\x9F\xBF",
                                                               "\xED\xA0\x80",
                                                               "\xED\xBF\xBF",
                                                               "\xF0\x8F\xBF\xBF",
                                                               "\xF4\x90\x80\x80",
                                                               "\xF4\x8F\xBF\xBF",
                                                               "\x7F",
                                                               "\xEF\xBF\xBF"};
  std::mt19937 random(3);
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    while (random() % 6 != 0) {
      if (random() % 8 == 0)
        text.push_back(static_cast<char>(random() % 256));
      else
        text.append(kPieces[random() % kPieces.size()]);
      if (!text.empty() && random() % 16 == 0) text.pop_back();
    }
    ASSERT_EQ(find_bad_utf8(text).value_or(text.size()), first_bad(text)) << ::testing::PrintToString(text);
    const bool is_printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
    ASSERT_EQ(is_printable_ascii(text), is_printable) << ::testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace talon
