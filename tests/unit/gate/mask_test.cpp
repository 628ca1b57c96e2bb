/// Masks show less, in the same type, whatever the value is.
#include "host/gate/gate.hpp"
#include "tests/unit/expression/example_model.hpp"

#include <gtest/gtest.h>

namespace talon::gate {
namespace {

using expression::testing::field;
using model::FieldType;

Value masked(std::string_view mask, FieldType type, const Value& value, std::string_view currency = "EUR") {
  model::Field of = field("x", type);
  of.scale = type == FieldType::Decimal ? 4 : 0;
  return apply_mask(*read_mask(mask), of, value, currency);
}

TEST(Mask, ShowsTheEndOfATextByCharacters) {
  EXPECT_EQ(masked("last 4", FieldType::Text, Value("FR7630006000011234567890189")), Value("****0189"));
  EXPECT_EQ(masked("last 2", FieldType::Text, Value("aéé😀é")), Value("****😀é"));
}

TEST(Mask, ShowsAtMostHalfOfAShortText) {
  EXPECT_EQ(masked("last 4", FieldType::Text, Value("abcde")), Value("****de"));
  EXPECT_EQ(masked("last 4", FieldType::Text, Value("a")), Value("****"));
  EXPECT_EQ(masked("last 4", FieldType::Text, Value("")), Value("****"));
  EXPECT_EQ(masked("last 9223372036854775807", FieldType::Text, Value("abcd")), Value("****cd"));
}

TEST(Mask, ShowsInitials) {
  EXPECT_EQ(masked("initials", FieldType::Text, Value("Élodie Anne-Marie  Noir")), Value("É. A. M. N."));
  EXPECT_EQ(masked("initials", FieldType::Text, Value(" ")), Value(""));
}

TEST(Mask, ShowsTheYear) {
  EXPECT_EQ(masked("year", FieldType::Date, Value(int64_t{20261121})), Value(int64_t{20260101}));
  EXPECT_EQ(masked("year", FieldType::Timestamp, Value(Timestamp::parse("2026-11-21T10:00:00Z")->us())),
            Value(Timestamp::parse("2026-01-01T00:00:00Z")->us()));
}

TEST(Mask, RoundsNumbersAndAmounts) {
  EXPECT_EQ(masked("rounded 100", FieldType::Integer, Value(149)), Value(100));
  EXPECT_EQ(masked("rounded 100", FieldType::Integer, Value(-150)), Value(-200));
  EXPECT_EQ(masked("rounded 100", FieldType::Money, Value(123456)), Value(120000));
  EXPECT_EQ(masked("rounded 10", FieldType::Decimal, Value(123456)), Value(100000));
  EXPECT_EQ(masked("rounded 3", FieldType::Integer, Value(INT64_MAX)), Value(INT64_MAX - 1));
  EXPECT_EQ(masked("rounded 9223372036854775807", FieldType::Money, Value(INT64_MAX)), Value(0));
}

TEST(Mask, RoundsToUnitsOfTheAmountsOwnCurrency) {
  const auto rounded = [](std::string_view currency) {
    return masked("rounded 1000", FieldType::Money, Value(12345678), currency);
  };
  EXPECT_EQ(rounded("EUR"), Value(12300000));
  EXPECT_EQ(rounded("KWD"), Value(12000000));
  EXPECT_EQ(rounded("JPY"), Value(12346000));
  EXPECT_EQ(rounded(""), Value(12000000)) << "unknown: as if it had the most decimals";
}

TEST(Mask, EmptiesWhatItDoesNotFit) {
  EXPECT_EQ(masked("last 4", FieldType::Money, Value(123456)), Value());
  EXPECT_EQ(masked("last 4", FieldType::Ref, Value(123456)), Value());
  EXPECT_EQ(masked("initials", FieldType::Date, Value(20261121)), Value());
  EXPECT_EQ(masked("year", FieldType::Text, Value("2026-11-21")), Value());
  EXPECT_EQ(masked("rounded 10", FieldType::Date, Value(20261121)), Value());
  EXPECT_EQ(masked("rounded 10", FieldType::Text, Value("12")), Value());
  EXPECT_EQ(masked("last 4", FieldType::File, Value(Value::Bytes{"abcdefgh"})), Value());
  EXPECT_EQ(masked("last 4", FieldType::Text, Value()), Value());
}

TEST(Mask, RefusesUnknownMasks) {
  for (const std::string_view text : {"", "last", "last 0", "last -1", "last 4 ", "rounded", "first 4",
                                      "LAST 4", "last 99999999999999999999"}) {
    EXPECT_FALSE(read_mask(text)) << text;
  }
}

}  // namespace
}  // namespace talon::gate
