/// Names and types of conditions, and folding the user in.
#include "tests/unit/expression/example_model.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/evaluate.hpp>
#include <talon/expression/parse.hpp>
#include <talon/id.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace talon::expression {
namespace {

class Check : public ::testing::Test {
 protected:
  Check() {
    scope_.model = &model_;
    scope_.type = model_.find("invoice");
    scope_.facts["partners"] = {model::FieldType::Ref, "party", 0, true};
    scope_.facts["home"] = {model::FieldType::Ref, "party", 0, false};
    scope_.facts["approval_limit"] = {model::FieldType::Money, "", 0, false};
    scope_.facts["until"] = {model::FieldType::Date, "", 0, false};
    scope_.facts["region"] = {model::FieldType::Text, "", 0, false};
  }

  /// Every mistake's column and message, one a line.
  std::string mistakes(std::string_view text) {
    auto parsed = parse(text);
    if (!parsed) return "PARSE " + parsed.error().message;
    std::string all;
    for (const Mistake& mistake : check(*parsed, scope_, "x.yaml")) all += mistake.to_string() + "\n";
    return all;
  }
  Expression checked(std::string_view text) {
    Expression parsed = *parse(text);
    const Mistakes found = check(parsed, scope_, "x.yaml");
    EXPECT_TRUE(found.empty()) << text << ": " << found.front().message;
    return parsed;
  }
  std::string folded(std::string_view text, const UserFacts& user) {
    return print(fold(checked(text), user));
  }

  model::Model model_ = testing::example_model();
  Scope scope_;
};

TEST_F(Check, AcceptsWhatTheModelDeclares) {
  for (const std::string_view text : {"state is draft",
                                      "state in [draft, issued]",
                                      "net > 5000 EUR",
                                      "net <= gross",
                                      "net <= limit",
                                      "net <= user.approval_limit",
                                      "client.partner.partner.country is FR",
                                      "client in user.partners",
                                      "client is partner",
                                      "client is user.home",
                                      "created_by is user",
                                      "id is inv_06b1x2y3z4a5b",
                                      "rate > 1.5",
                                      "count in [1, 2]",
                                      "is_open is on",
                                      "is_open is no",
                                      "due before today",
                                      "seen within last 3 days",
                                      "seen < 2026-11-21",
                                      "seen is 2026-11-21T10:31:02Z",
                                      "due is day",
                                      "scan is empty",
                                      "number is note",
                                      "number is \"note\"",
                                      "number > A",
                                      "count is -9223372036854775808",
                                      "region is unknown or count is 1"}) {
    if (text.starts_with("region")) continue;
    EXPECT_EQ(mistakes(text), "") << text;
  }
  scope_.type = model_.find("invoice_line");
  EXPECT_EQ(mistakes("amount > 5 EUR and invoice.client.country is FR and position < 3"), "");
}

TEST_F(Check, NamesEveryMistakeWithItsPlaceAndASuggestion) {
  EXPECT_EQ(mistakes("creatd_by is user and state is drafft"),
            "x.yaml:1:1: invoice has no field \"creatd_by\". Did you mean \"created_by\"?\n"
            "x.yaml:1:32: \"drafft\" is not one of [draft, approved, issued]. Did you mean \"draft\"?\n");
  EXPECT_EQ(mistakes("client in user.partnrs"),
            "x.yaml:1:11: a user has no fact \"partnrs\". Did you mean \"partners\"?\n");
  EXPECT_EQ(mistakes("net > 5000"),
            "x.yaml:1:7: \"net\" is money: an amount needs a currency, as in \"5000 EUR\"\n");
}

TEST_F(Check, NamesWhatNobodyIsShownForCodeAlone) {
  for (model::RecordType& type : model_.types) {
    for (model::Field& field : type.fields)
      field.is_internal = field.name == "note" || (type.name == "party" && field.name == "country");
  }
  const char* const kConditions[] = {"note is x",      "state is issued and note is empty",
                                     "number is note", "note > 5 EUR",
                                     "note.x is 1",    "client.partner.country is FR"};
  for (const char* text : kConditions) {
    EXPECT_THAT(mistakes(text), ::testing::HasSubstr("is never shown to anybody")) << "the default: " << text;
  }
  EXPECT_EQ(mistakes("count is 1 and number is note"),
            "x.yaml:1:26: \"note\" is never shown to anybody; nothing may ask for it\n");
  EXPECT_EQ(mistakes("client.partner.country is FR"),
            "x.yaml:1:1: \"client.partner.country\" is never shown to anybody; nothing may ask for it\n");
  EXPECT_EQ(mistakes("notes is x"), "x.yaml:1:1: invoice has no field \"notes\".\n") << "and suggested";

  // A caller's words tell it from no field that is not there.
  scope_.internal = model::Internal::Absent;
  std::string hidden;
  for (const char* text : kConditions) hidden += mistakes(text);
  EXPECT_EQ(mistakes("number is note"), "") << "a text like any other";
  scope_.internal = model::Internal::Named;
  for (const char* text : {"note is x", "number is note", "client.partner.country is FR"})
    EXPECT_EQ(mistakes(text), "") << text;
  EXPECT_EQ(mistakes("notes is x"), "x.yaml:1:1: invoice has no field \"notes\". Did you mean \"note\"?\n");

  for (model::RecordType& type : model_.types)
    std::erase_if(type.fields, [](const model::Field& field) { return field.is_internal; });
  scope_.type = model_.find("invoice");
  std::string missing;
  for (const char* text : kConditions) missing += mistakes(text);
  EXPECT_EQ(hidden, missing);
}

TEST_F(Check, RefusesWrongTypes) {
  for (const std::string_view text : {"state < draft",
                                      "state starts with d",
                                      "is_open in [on]",
                                      "is_open is 1",
                                      "count is 1.5",
                                      "count is 9223372036854775808",
                                      "rate is 1.23456",
                                      "net > 5 XXX",
                                      "net > 5.123 EUR",
                                      "net in [5 EUR, 5 USD]",
                                      "net > 99999999999999999999 EUR",
                                      "stray > 5 EUR",
                                      "count is 5 EUR",
                                      "client is inv_06b1x2y3z4a5b",
                                      "client is user",
                                      "client is created_by",
                                      "due is 2026-02-30",
                                      "due is count",
                                      "number within last 3 days",
                                      "count < today",
                                      "scan is x",
                                      "client is user.partners",
                                      "client in user.region",
                                      "created_by in user",
                                      "a.b.c.d.e is 1",
                                      "client.partner.partner.partner.country is FR",
                                      "number.x is 1",
                                      "is locked",
                                      "number is count",
                                      "seen in [2026-11-21]",
                                      "number in x"}) {
    EXPECT_NE(mistakes(text), "") << text;
  }
  scope_.facts.clear();
  EXPECT_NE(mistakes("client in user.partners"), "");
}

TEST_F(Check, ResolvesNamedConditions) {
  std::map<std::string, Expression, std::less<>> named;
  named["locked"] = *parse("state in [issued] or is open_one");
  named["open_one"] = *parse("is_open is on");
  named["loop"] = *parse("is loop");
  named["foreign"] = *parse("colour is red");
  scope_.named = &named;
  EXPECT_EQ(print(checked("is not locked and count is 1")),
            "not (state in [issued] or is_open is on) and count is 1");
  EXPECT_EQ(mistakes("is lockd"), "x.yaml:1:1: there is no condition \"lockd\". Did you mean \"locked\"?\n");
  EXPECT_NE(mistakes("is loop").find("uses itself"), std::string::npos);
  EXPECT_NE(mistakes("is foreign").find("does not fit invoice"), std::string::npos);
}

TEST_F(Check, StopsCountingMistakesAndNamedConditionsInHostileText) {
  std::string many = "colour is red";
  for (int i = 0; i < 1500; ++i) many += " or colour is red";
  const std::string found = mistakes(many);
  EXPECT_EQ(std::count(found.begin(), found.end(), '\n'), 100);
  std::string list = "state in [x";
  for (int i = 0; i < 5000; ++i) list += ", x";
  const std::string in_list = mistakes(list + "]");
  EXPECT_EQ(std::count(in_list.begin(), in_list.end(), '\n'), 10);
  std::map<std::string, Expression, std::less<>> named;
  for (int i = 0; i < 7; ++i) {
    std::string text = "count is 1";
    for (int use = 0; use < 10; ++use) text += " or is n" + std::to_string(i + 1);
    named["n" + std::to_string(i)] = *parse(text);
  }
  named["n7"] = *parse("count is 1");
  scope_.named = &named;
  EXPECT_NE(mistakes("is n0"), "");
}

TEST_F(Check, FoldsTheUserIn) {
  UserFacts user;
  user.user = 7;
  user.roles = {"chief"};
  user.facts["partners"] = {Value(int64_t{1}), Value(id_text("pty", 2))};
  user.facts["approval_limit"] = {Value("10000 EUR")};
  user.facts["region"] = {Value("FR \"x\"")};
  user.facts["until"] = {Value("2026-11-21")};
  EXPECT_EQ(folded("created_by is user", user), "created_by is usr_0000000000007");
  EXPECT_EQ(folded("client in user.partners", user), "client in [pty_0000000000001, pty_0000000000002]");
  EXPECT_EQ(folded("net <= user.approval_limit", user), "net <= 10000.00 EUR");
  EXPECT_EQ(folded("number is user.region", user), "number is \"FR \\\"x\\\"\"");
  EXPECT_EQ(folded("due <= user.until", user), "due <= 2026-11-21");
  EXPECT_EQ(folded("client is user.home", user), "client is unknown");
  EXPECT_EQ(folded("user has role chief", user), "");
  EXPECT_EQ(folded("user has not role chief", user), "not (always)");
  EXPECT_EQ(folded("user has role boss and count is 1", user), "not (always)");
  EXPECT_EQ(folded("user has role boss or count is 1", user), "count is 1");
  EXPECT_EQ(folded("created_by is user", UserFacts{}), "created_by is unknown");
  user.facts["approval_limit"] = {Value("10000")};
  EXPECT_EQ(folded("net <= user.approval_limit", user), "net <= unknown");
  user.currency = "JPY";
  EXPECT_EQ(folded("net <= user.approval_limit", user), "net <= 10000 JPY");
  user.facts["approval_limit"] = {Value("1"), Value("2")};
  EXPECT_EQ(folded("net <= user.approval_limit", user), "net <= unknown");
  EXPECT_EQ(folded("net in user.approval_limit", user), "net in [1 JPY, 2 JPY]");
  user.facts["approval_limit"] = {Value("1"), Value("2 EUR")};
  EXPECT_EQ(folded("net in user.approval_limit", user), "net in [2.00 EUR] or net in [1 JPY]");
  EXPECT_EQ(folded("net not in user.approval_limit", user), "net not in [2.00 EUR] and net not in [1 JPY]");
}

TEST_F(Check, FoldsHostileFactsToUnknown) {
  UserFacts user;
  for (const Value& bad :
       {Value("inv_0000000000002"), Value(int64_t{0}), Value(int64_t{-5}), Value("x"), Value()}) {
    user.facts["home"] = {bad};
    EXPECT_EQ(folded("client is user.home", user), "client is unknown");
  }
  for (const Value& bad : {Value("\xff"), Value(std::string(1, '\0')), Value(5)}) {
    user.facts["region"] = {bad};
    EXPECT_EQ(folded("number is user.region", user), "number is unknown");
  }
  user.facts["until"] = {Value(int64_t{20269999})};
  EXPECT_EQ(folded("due is user.until", user), "due is unknown");
}

}  // namespace
}  // namespace talon::expression
