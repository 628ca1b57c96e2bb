/// Field values: what goes in, what is refused, and that everything written is read back.
#include "host/model/field_value.hpp"

#include "host/config/text.hpp"
#include "host/model/base64.hpp"
#include "host/model/field_writer.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>
#include <talon/money.hpp>

#include <gtest/gtest.h>

#include <random>

namespace talon::model {
namespace {

Model parties() {
  Model model;
  model.types.push_back({.name = "party", .plural = "parties", .prefix = "pty"});
  return model;
}

Field field(FieldType type) {
  Field made;
  made.name = "it";
  made.type = type;
  made.scale = type == FieldType::Decimal ? 4 : 0;
  made.to = type == FieldType::Ref ? "party" : "";
  made.currency = type == FieldType::Money ? "currency" : "";
  if (type == FieldType::Choice || type == FieldType::State) made.choices = {"draft", "issued"};
  return made;
}

/// The value that `json` gives, or the message.
std::string read(const Field& of, std::string_view json, ReadOptions options = {.currency = "EUR"}) {
  const auto parsed = Json::parse(json);
  if (!parsed) return "bad JSON in the test";
  const auto value = read_field(parties(), of, *parsed, options);
  if (!value) return value.error().message;
  if (value->is_null()) return "empty";
  return value->is_integer() ? std::to_string(value->integer()) : std::string(value->text());
}

TEST(FieldValue, ReadsTheApisForms) {
  EXPECT_EQ(read(field(FieldType::Text), R"("é\n")"), "é\n");
  EXPECT_EQ(read(field(FieldType::Text), R"("")"), "empty");
  EXPECT_EQ(read(field(FieldType::Integer), "-12"), "-12");
  EXPECT_EQ(read(field(FieldType::Decimal), R"("12.3")"), "123000");
  EXPECT_EQ(read(field(FieldType::Money), R"("12.30")"), "1230");
  EXPECT_EQ(read(field(FieldType::Money), R"({"amount":"12.30","currency":"EUR"})"), "1230");
  EXPECT_EQ(read(field(FieldType::Money), R"({"amount":"12","currency":"JPY"})", {}), "12");
  EXPECT_EQ(read(field(FieldType::Date), R"("2026-11-21")"), "20261121");
  EXPECT_EQ(read(field(FieldType::Timestamp), R"("1970-01-01T00:00:01Z")"), "1000000");
  EXPECT_EQ(read(field(FieldType::Boolean), "true"), "1");
  EXPECT_EQ(read(field(FieldType::Choice), R"("issued")"), "issued");
  EXPECT_EQ(read(field(FieldType::Ref), "\"" + id_text("pty", 77) + "\""), "77");
  EXPECT_EQ(read(field(FieldType::File), R"("AAE=")"), std::string("\0\1", 2));
  EXPECT_EQ(read(field(FieldType::Date), "null"), "empty");
}

TEST(FieldValue, RefusesWhatCouldLoseDigits) {
  EXPECT_NE(read(field(FieldType::Decimal), "12.3").find("as text"), std::string::npos);
  EXPECT_NE(read(field(FieldType::Money), "12").find("as text"), std::string::npos);
  EXPECT_NE(read(field(FieldType::Integer), "1.5").find("whole number"), std::string::npos);
  EXPECT_NE(read(field(FieldType::Integer), "9223372036854775808").find("whole number"), std::string::npos);
  EXPECT_NE(read(field(FieldType::Decimal), R"("1.23456")").find("more than 4 decimals"), std::string::npos);
  EXPECT_NE(read(field(FieldType::Money), R"("1.234")").find("more than 2 decimals"), std::string::npos);
  EXPECT_NE(read(field(FieldType::Decimal), R"("99999999999999999999")").find("too large"),
            std::string::npos);
}

TEST(FieldValue, AnAmountHasAMost) {
  EXPECT_EQ(read(field(FieldType::Money), R"("100000000000000.00")"), "10000000000000000");
  EXPECT_NE(read(field(FieldType::Money), R"("100000000000000.01")").find("goes up to 100000000000000.00"),
            std::string::npos);
  EXPECT_NE(read(field(FieldType::Money), R"("-100000000000000.01")").find("goes up to"), std::string::npos);
  EXPECT_NE(read(field(FieldType::Money), "10000000000000001", {.allow_raw = true, .currency = {}})
                .find("goes up to"),
            std::string::npos);
}

TEST(FieldValue, RefusesOtherCurrencies) {
  EXPECT_NE(read(field(FieldType::Money), R"({"amount":"1","currency":"USD"})").find("the record in EUR"),
            std::string::npos);
  EXPECT_NE(read(field(FieldType::Money), R"("1")", {}).find("set currency"), std::string::npos);
  EXPECT_NE(read(field(FieldType::Money), R"({"amount":"1","currency":"QQQ"})", {}).find("ISO 4217"),
            std::string::npos);
  EXPECT_NE(read(field(FieldType::Money), R"({"amount":"1","cur":"EUR"})").find("\"cur\""),
            std::string::npos);
}

TEST(FieldValue, RefusesHostileText) {
  EXPECT_EQ(read(field(FieldType::Text), R"("a\u0000b")"), "the text has control characters");
  EXPECT_EQ(read(field(FieldType::Text), R"("a\u0085b")"), "the text has control characters");
  Field shorter = field(FieldType::Text);
  shorter.max = 3;
  EXPECT_EQ(read(shorter, R"("ééé")"), "ééé");
  EXPECT_NE(read(shorter, R"("éééé")").find("at most 3"), std::string::npos);
  const auto bad = read_field(parties(), field(FieldType::Text), Json(std::string("\xC0\x80")));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "the text is not UTF-8");
}

TEST(FieldValue, AnAddressHasTheFormOfOne) {
  Field email = field(FieldType::Text);
  email.format = TextFormat::Email;
  EXPECT_EQ(read(email, R"("Ann@example.com")"), "Ann@example.com");
  EXPECT_EQ(read(email, R"("")"), "empty");
  for (const char* bad : {"ann", "ann@localhost", "a b@example.com", "Ann <ann@example.com>"}) {
    EXPECT_EQ(read(email, Json(bad).to_string()),
              "the text is not an e-mail address, as in name@example.com");
    EXPECT_FALSE(read_field_text(parties(), email, bad)) << bad;
  }
  EXPECT_EQ(read(email, Json("an\u200Bn@example.com").to_string()),
            "the text is not an e-mail address: it has U+200B as character 3, which nobody sees; "
            "leave it out");
}

TEST(FieldValue, ANameIsOneLineOfVisibleCharacters) {
  Field name = field(FieldType::Text);
  EXPECT_EQ(read(name, R"("Ann\nLee")"), "Ann\nLee");
  name.is_one_line = true;
  EXPECT_EQ(read(name, R"("Ann Lee")"), "Ann Lee");
  EXPECT_EQ(read(name, R"("Ann\nLee")"),
            "the text has U+000A as character 4, the end of a line: write it as one line of visible "
            "characters");
  for (const char* bad : {"a\tb", "a\u202Eb", "a\u2028b", "\uFEFFa"})
    EXPECT_FALSE(read_field_text(parties(), name, bad)) << bad;
}

TEST(FieldValue, SuggestsAChoice) {
  EXPECT_EQ(read(field(FieldType::State), R"("drafft")"),
            "\"drafft\" is not one of [draft, issued]. Did you mean \"draft\"?");
}

TEST(FieldValue, RefusesAnotherTypesId) {
  EXPECT_NE(read(field(FieldType::Ref), "\"" + id_text("inv", 77) + "\"").find("pty_"), std::string::npos);
  EXPECT_NE(read(field(FieldType::Ref), "77").find("no number"), std::string::npos);
}

TEST(FieldValue, ChecksMinimumAndMaximum) {
  Field minutes = field(FieldType::Integer);
  minutes.min = 1;
  minutes.max = 1440;
  EXPECT_EQ(read(minutes, "0"), "0 is less than 1");
  EXPECT_EQ(read(minutes, "1441"), "1441 is more than 1440");
  Field rate = field(FieldType::Decimal);
  rate.min = 0;
  EXPECT_EQ(read(rate, R"("-0.5")"), "-0.5000 is less than 0.0000");
}

TEST(FieldValue, RefusesToClearARequiredField) {
  Field needed = field(FieldType::Text);
  needed.is_required = true;
  EXPECT_EQ(read(needed, "null"), "is required");
  EXPECT_EQ(read(needed, R"("")"), "is required");
  // Of a file or a command line the message stands alone.
  EXPECT_EQ(read_field_text(parties(), needed, "").error().message, "it: is required");
}

TEST(FieldValue, TakesRawIntegersInChangeSetsOnly) {
  const ReadOptions raw{.allow_raw = true, .currency = {}};
  EXPECT_EQ(read(field(FieldType::Money), "1230", raw), "1230");
  EXPECT_EQ(read(field(FieldType::Date), "20261121", raw), "20261121");
  EXPECT_NE(read(field(FieldType::Date), "20261341", raw).find("no day"), std::string::npos);
  EXPECT_EQ(read(field(FieldType::Boolean), "1", raw), "1");
  EXPECT_EQ(read(field(FieldType::Boolean), R"("on")", raw), "1");
  EXPECT_NE(read(field(FieldType::Boolean), "2", raw).find("0 or 1"), std::string::npos);
  EXPECT_NE(read(field(FieldType::Boolean), R"("true")").find("without quotes"), std::string::npos);
  EXPECT_NE(read(field(FieldType::Text), "5", raw).find("takes text"), std::string::npos);
}

TEST(FieldValue, ReadsBackWhateverItWrites) {
  std::mt19937_64 random(20261121);
  const Model model = parties();
  for (int round = 0; round < 20000; ++round) {
    const auto type = static_cast<FieldType>(1 + random() % 6);
    const Field of = field(type == FieldType::Date ? FieldType::Ref : type);
    int64_t number = static_cast<int64_t>(random() >> (random() % 60 + 2));
    if (of.type == FieldType::Ref) number += 1;
    if (of.type == FieldType::Money) number %= Money::kMax + 1;
    if (of.type == FieldType::Timestamp) number %= 4'000'000'000'000'000;
    if (of.type == FieldType::Boolean) number &= 1;
    const Cell cell(number);
    std::string text;
    FieldWriter(model, of).write_json(text, cell, "BHD");
    EXPECT_EQ(text, write_field(model, of, cell, "BHD").to_string());
    const auto json = Json::parse(text);
    ASSERT_TRUE(json) << text;
    const auto back = read_field(model, of, *json, {.currency = "BHD"});
    ASSERT_TRUE(back) << text << ": " << back.error().message;
    EXPECT_EQ(back->integer(), number) << text;
    const auto human = read_field_text(model, of, write_field_text(model, of, cell, "BHD"), "BHD");
    ASSERT_TRUE(human);
    EXPECT_EQ(human->integer(), number);
  }
}

TEST(FieldWriter, WritesEachAmountInItsOwnCurrency) {
  const Model model;
  const Field of = field(FieldType::Money);
  FieldWriter writer(model, of);
  const auto written = [&](std::string_view currency) {
    std::string out;
    writer.write_json(out, Cell(int64_t{1234}), currency);
    return out;
  };
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(written("EUR"), R"({"amount":"12.34","currency":"EUR"})");
    EXPECT_EQ(written("JPY"), R"({"amount":"1234","currency":"JPY"})");
    EXPECT_EQ(written("BHD"), R"({"amount":"1.234","currency":"BHD"})");
    EXPECT_EQ(written("nonsense"), R"({"amount":"12.34","currency":"XXX"})");
    EXPECT_EQ(written(""), R"({"amount":"12.34","currency":"XXX"})");
  }
}

TEST(FieldWriter, WritesDaysAsDatesDoAndWhatIsNoneAsItStands) {
  const Model model;
  const Field of = field(FieldType::Date);
  FieldWriter writer(model, of);
  const auto written = [&](int64_t packed) {
    std::string out;
    writer.write_text(out, Cell(packed), "");
    return out;
  };
  for (const int64_t packed : {20261121, 19700101, 10101, 99991231, 20240229, 9990710}) {
    EXPECT_EQ(written(packed), Date::unpack(packed)->to_string());
  }
  for (const int64_t none : {0, -20261121, 20261341, 20250229, 100000101}) {
    EXPECT_EQ(written(none), std::to_string(none));
  }
}

TEST(FieldValue, WritesAMaskedValueAsItIs) {
  EXPECT_EQ(write_field(parties(), field(FieldType::Money), Cell("***"), "EUR").to_string(), "\"***\"");
  const Model model = parties();
  const Field date = field(FieldType::Date);
  std::string out;
  FieldWriter(model, date).write_json(out, Cell("2026"), "");
  EXPECT_EQ(out, "\"2026\"");
}

TEST(Base64, IsStrict) {
  for (const std::string_view bytes : {"", "f", "fo", "foo", "foob", "\xFF\xFE\x00"}) {
    const auto back = read_base64(write_base64(bytes));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, bytes);
  }
  for (const std::string_view text : {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "Zg==Zg==", "Zm 9"}) {
    EXPECT_FALSE(read_base64(text)) << text;
  }
}

TEST(Text, FindsWhatIsNoUtf8) {
  EXPECT_FALSE(config::find_bad_utf8("aé€😀"));
  for (const std::string_view bad :
       {"\x80", "a\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE0\x80\xAF"}) {
    EXPECT_TRUE(config::find_bad_utf8(bad));
  }
  EXPECT_EQ(config::in_quotes(std::string(59, 'a') + "é"), "\"" + std::string(59, 'a') + "…\"");
}

}  // namespace
}  // namespace talon::model
