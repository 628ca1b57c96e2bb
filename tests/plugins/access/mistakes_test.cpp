/// What a mistake looks like: its place, what is wrong, and what was meant.
#include "plugins/access/reader.hpp"
#include "tests/plugins/access/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon::access {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The mistakes of one rules file beside the example's roles, facts and scopes.
std::vector<std::string> in_rules(const std::string& text) {
  return mistakes_of(example_with({{"rules/x.yaml", text}}), *example_model());
}

TEST(Mistakes, AMistypedWordIsFoundWithASuggestion) {
  EXPECT_THAT(in_rules("customer:\n"
                       "  rules:\n"
                       "    - denny: export\n"
                       "      to: front_office\n"),
              ElementsAre("rules/x.yaml:3:7: unknown word \"denny\". Did you mean \"deny\"?",
                          "rules/x.yaml:3:7: a rule says allow: or deny:"));
}

TEST(Mistakes, AWordThatIsNearNothingListsWhatIsExpected) {
  EXPECT_THAT(in_rules("customer: {rights: []}\n"),
              ElementsAre("rules/x.yaml:1:12: unknown word \"rights\"; expected one of rules, fields"));
}

TEST(Mistakes, ARolesDescriptionIsOneLineALanguage) {
  const auto of = [](const std::string& description) {
    return mistakes_of(example_with({{"more.yaml", "roles:\n  guest: {description: " + description + "}\n"}}),
                       *example_model());
  };
  EXPECT_THAT(of("{en: Looks around., fr: Regarde.}"), IsEmpty());
  EXPECT_THAT(of("{fr: Regarde.}"), ElementsAre("more.yaml:2:24: the description has no English text (en:)"));
  EXPECT_THAT(of("{en: Looks around., fe: Regarde.}"),
              ElementsAre("more.yaml:2:44: unknown word \"fe\". Did you mean \"fr\"?"));
  EXPECT_THAT(
      of("Looks around."),
      ElementsAre("more.yaml:2:24: expected who holds the role, by language, as in {en: Keeps the books.}"));
  EXPECT_THAT(of("{en: [a]}"), ::testing::Contains(HasSubstr("more.yaml:2:29: expected a sentence")));
}

TEST(Mistakes, AStateThatTheTypeDoesNotHave) {
  EXPECT_THAT(
      in_rules("invoice:\n"
               "  rules:\n"
               "    - allow: edit\n"
               "      to: sales\n"
               "      when:\n"
               "        - state is drafft\n"),
      ElementsAre("rules/x.yaml:6:20: \"drafft\" is not one of [draft, review, approved, sent, paid, void]. "
                  "Did you mean \"draft\"?"));
}

TEST(Mistakes, AFieldThatTheTypeDoesNotHave) {
  EXPECT_THAT(
      in_rules("invoice:\n"
               "  rules:\n"
               "    - deny: approve\n"
               "      to: everyone\n"
               "      when:\n"
               "        - creatd_by is user\n"),
      ElementsAre("rules/x.yaml:6:11: invoice has no field \"creatd_by\". Did you mean \"created_by\"?"));
}

TEST(Mistakes, AFieldThatNobodyIsEverShown) {
  model::Model model = *example_model();
  for (model::RecordType& type : model.types) {
    for (model::Field& field : type.fields) {
      field.is_internal =
          field.is_internal || field.name == "number" || (type.name == "customer" && field.name == "name");
    }
  }
  const auto in_rule = [&](const std::string& line) {
    return mistakes_of(example_with({{"rules/x.yaml",
                                      "invoice:\n  rules:\n    - deny: approve\n      to: everyone\n"
                                      "      when:\n        - " +
                                          line + "\n"}}),
                       model);
  };
  for (const char* line : {R"(number starts with "INV")", R"(number is empty)", R"(state is number)",
                           R"(none: [number is "a"])", R"(number in ["a", "b"])"}) {
    EXPECT_THAT(in_rule(line), ::testing::Contains(HasSubstr("\"number\" is never shown to anybody")))
        << line;
  }
  EXPECT_THAT(in_rule("state is sent"), IsEmpty());
}

TEST(Mistakes, ALineThatIsNoCondition) {
  EXPECT_THAT(
      in_rules("invoice:\n"
               "  rules:\n"
               "    - allow: approve\n"
               "      to: accountant\n"
               "      when:\n"
               "        - amount =< user.approval_limit\n"),
      ElementsAre("rules/x.yaml:6:11: cannot read \"amount =< user.approval_limit\". A condition is: field, "
                  "comparison, value, as in \"state is draft\""));
}

TEST(Mistakes, NamesOfTypesActionsRolesScopesConditionsFactsAndFields) {
  EXPECT_THAT(
      in_rules("invoicee: {rules: []}\n"),
      ElementsAre("rules/x.yaml:1:1: \"invoicee\" is neither a record type nor a word that opens a part of a "
                  "policy. Did you mean \"invoice\"?"));
  EXPECT_THAT(in_rules("invoice: {rules: [{allow: vieww, to: sales}]}\n"),
              ElementsAre("rules/x.yaml:1:27: invoice has no action \"vieww\". Did you mean \"view\"?"));
  EXPECT_THAT(in_rules("invoice: {rules: [{allow: view, to: [sales, acountant]}]}\n"),
              ElementsAre("rules/x.yaml:1:45: there is no role \"acountant\". Did you mean \"accountant\"?"));
  EXPECT_THAT(in_rules("invoice: {rules: [{allow: view, to: everyone, except: salse}]}\n"),
              ElementsAre("rules/x.yaml:1:55: there is no role \"salse\". Did you mean \"sales\"?"));
  EXPECT_THAT(
      in_rules("invoice: {rules: [{allow: view, to: sales, within: own partner}]}\n"),
      ElementsAre("rules/x.yaml:1:52: there is no scope \"own partner\". Did you mean \"own partners\"?"));
  EXPECT_THAT(in_rules("invoice: {rules: [{allow: view, to: sales, when: [is lokced]}]}\n"),
              ElementsAre("rules/x.yaml:1:51: there is no condition \"lokced\". Did you mean \"locked\"?"));
  EXPECT_THAT(
      in_rules("invoice: {rules: [{allow: view, to: sales, when: [amount < user.aproval_limit]}]}\n"),
      ElementsAre(HasSubstr("a user has no fact \"aproval_limit\". Did you mean \"approval_limit\"?")));
  EXPECT_THAT(
      in_rules("invoice: {fields: [{hide: figurs, from: everyone}]}\n"),
      ElementsAre("rules/x.yaml:1:27: invoice has no field or group \"figurs\". Did you mean \"figures\"?"));
  EXPECT_THAT(in_rules("invoice: {rules: [{allow: view, to: sales, when: [user has role salse]}]}\n"),
              ElementsAre(HasSubstr("there is no role \"salse\". Did you mean \"sales\"?")));
}

TEST(Mistakes, AScopeThatDoesNotFitTheTypeIsNamedWhereItIsUsed) {
  EXPECT_THAT(
      in_rules("partner:\n"
               "  rules:\n"
               "    - {allow: view, to: client, within: own client}\n"),
      ElementsAre(
          "rules/x.yaml:3:41: the scope \"own client\" (scopes.yaml:3) does not fit partner: partner has "
          "no field \"client\"."));
}

TEST(Mistakes, APartnerFileMayNotAllow) {
  EXPECT_THAT(mistakes_of(example_with({{"partners/nordic.yaml",
                                         "for partner: nordic\n"
                                         "invoice:\n"
                                         "  rules:\n"
                                         "    - allow: send\n"
                                         "      to: sales\n"
                                         "  fields:\n"
                                         "    - only: [number]\n"
                                         "      for: sales\n"}}),
                          *example_model()),
              ElementsAre("partners/nordic.yaml:4:7: a partner file may only deny, hide, mask or lock",
                          "partners/nordic.yaml:7:7: a partner file may only deny, hide, mask or lock"));
}

TEST(Mistakes, APartnerFileSpeaksOnlyOfTypesWithAPathToThePartner) {
  EXPECT_THAT(mistakes_of(example_with({{"partners/n.yaml",
                                         "for partner: nordic\n"
                                         "outlet: {rules: [{deny: view, to: everyone}]}\n"}}),
                          *example_model()),
              ElementsAre(HasSubstr("partners/n.yaml:2:1: outlet names no path to a partner")));
}

TEST(Mistakes, RolesThatMayNotBeHeldTogether) {
  EXPECT_THAT(
      mistakes_of(example_with({{"users.yaml",
                                 "users:\n"
                                 "  cleo@example.com:\n"
                                 "    roles: [payment_clerk, chief_accountant]\n"
                                 "  dan@example.com:\n"
                                 "    roles: [payment_clerk]\n"
                                 "    grants:\n"
                                 "      - {role: chief_accountant, from: 2027-01-01}\n"
                                 "  eli@example.com: {roles: [supplier, chief_accountant]}\n"}}),
                  *example_model()),
      ElementsAre(
          "users.yaml:3:13: cleo@example.com may not hold chief_accountant and payment_clerk together",
          "users.yaml:7:16: dan@example.com may not hold chief_accountant and payment_clerk together",
          "users.yaml:8:29: eli@example.com may not hold accountant and supplier together"));
}

TEST(Mistakes, AnEntryOfAPersonHasKnownWordsAndFacts) {
  EXPECT_THAT(
      mistakes_of(example_with({{"users.yaml",
                                 "users:\n"
                                 "  ann: {roles: [sales]}\n"
                                 "  bob@example.com: {partnerz: [nordic]}\n"
                                 "  cyd@example.com: {client: [c7, c8]}\n"
                                 "  dan@example.com: {grants: [{role: sales, until: tomorrow}]}\n"
                                 "  eve@example.com: {deny: [{export: timesheets}]}\n"
                                 "  fay@office: {roles: [sales]}\n"}}),
                  *example_model()),
      ElementsAre(
          "users.yaml:2:3: \"ann\" is not an e-mail address, as in name@example.com; people are named by "
          "theirs here",
          "users.yaml:3:32: \"partnerz\" is neither a fact nor a word of a person's entry. Did you mean "
          "\"partners\"?",
          HasSubstr("users.yaml:4:34: the fact client has one value"),
          "users.yaml:5:51: \"tomorrow\" is not a date, as in 2026-11-21",
          "users.yaml:6:37: there is no record type \"timesheets\". Did you mean \"timesheet\"?",
          "users.yaml:7:3: \"fay@office\" is not an e-mail address, as in name@example.com; people are named "
          "by theirs here"));
}

TEST(Mistakes, RolesIncludeWhatIsThereAndNotThemselves) {
  const auto lines = mistakes_of(documents_of({{"roles.yaml",
                                                "roles:\n"
                                                "  a: {includes: [b]}\n"
                                                "  b: {includes: [a]}\n"
                                                "  c: {includes: [aa], may invit: [a]}\n"}}),
                                 *example_model());
  EXPECT_THAT(lines,
              ElementsAre("roles.yaml:2:3: the role a includes itself, over b",
                          "roles.yaml:3:3: the role b includes itself, over a",
                          "roles.yaml:4:18: there is no role \"aa\". Did you mean \"a\"?",
                          "roles.yaml:4:23: unknown word \"may invit\". Did you mean \"may invite\"?"));
}

TEST(Mistakes, MasksFitTheirFields) {
  EXPECT_THAT(
      in_rules("customer:\n"
               "  fields:\n"
               "    - {mask: credit_limit, as: last 4, from: everyone}\n"
               "    - {mask: iban, as: rounded 100, from: everyone}\n"
               "    - {mask: iban, as: stars, from: everyone}\n"
               "    - {mask: iban, from: everyone}\n"
               "    - {hide: iban, as: last 4, from: everyone}\n"
               "    - {hide: iban}\n"),
      ElementsAre(
          "rules/x.yaml:3:32: \"last N\" needs a text, and credit_limit is none",
          "rules/x.yaml:4:24: \"rounded N\" needs a number or an amount, and iban is none",
          "rules/x.yaml:5:24: cannot mask as \"stars\". It is one of: last N, initials, year, rounded N",
          "rules/x.yaml:6:8: mask needs as: last N, initials, year or rounded N",
          "rules/x.yaml:7:24: only mask takes as:",
          "rules/x.yaml:8:7: the field rule does not say for whom: from: ROLES or for: ROLES"));
}

TEST(Mistakes, AViewsRulesNameGroupKeysOnly) {
  EXPECT_THAT(in_rules("outlet_turnover:\n"
                       "  rules:\n"
                       "    - allow: view\n"
                       "      to: sales\n"
                       "      when:\n"
                       "        - net > 5 EUR\n"),
              ElementsAre(HasSubstr("\"net\" is no group key of the view outlet_turnover")));
}

TEST(Mistakes, AChildTypeIsJudgedWithItsParent) {
  EXPECT_THAT(
      in_rules("invoice_line: {rules: [{allow: view, to: sales}]}\n"),
      ElementsAre("rules/x.yaml:1:1: invoice_line is judged with its invoice: write its rules there"));
}

TEST(Mistakes, AnIdStandsOnce) {
  EXPECT_THAT(in_rules("invoice:\n"
                       "  rules:\n"
                       "    - {deny: view, to: sales, id: one}\n"
                       "    - {deny: edit, to: sales, id: one}\n"),
              ElementsAre("rules/x.yaml:4:8: the id \"one\" is used already, at rules/x.yaml:3"));
}

TEST(Mistakes, AFieldRulesIdStandsOnceToo) {
  const auto fields = [](const std::string& id) {
    return "invoice: {fields: [{hide: cost, from: sales, id: " + id + "}]}\n";
  };
  EXPECT_THAT(in_rules("invoice:\n"
                       "  fields:\n"
                       "    - {hide: cost, from: sales, id: one}\n"
                       "    - {lock: cost, for: sales, id: one}\n"),
              ElementsAre("rules/x.yaml:4:8: the id \"one\" is used already, at rules/x.yaml:3"));
  EXPECT_THAT(in_rules("invoice:\n"
                       "  rules: [{allow: view, to: sales, id: one}]\n"
                       "  fields: [{hide: cost, from: sales, id: one}]\n"),
              ElementsAre("rules/x.yaml:3:13: the id \"one\" is used already, at rules/x.yaml:2"));
  const auto told = [](const std::string& a, const std::string& b) {
    return mistakes_of(example_with({{"rules/a.yaml", a}, {"rules/b.yaml", b}}), *example_model());
  };
  EXPECT_THAT(told(fields("one"), fields("one")),
              ElementsAre("rules/b.yaml:1:21: the id \"one\" is used already, at rules/a.yaml:1"));
  const std::string numbered = "invoice: {fields: [{hide: cost, from: sales}]}\n";
  EXPECT_THAT(told(numbered, numbered), IsEmpty());
  EXPECT_THAT(
      told(fields("invoice-field-1"), numbered),
      ElementsAre("rules/a.yaml:1:21: the id \"invoice-field-1\" is used already, at rules/b.yaml:1"));
}

TEST(Mistakes, TestsNameWhatIsThere) {
  EXPECT_THAT(
      mistakes_of(example_with({{"tests/t.yaml",
                                 "now: yesterday\n"
                                 "users: {ann: {roles: [sales]}}\n"
                                 "records:\n"
                                 "  inv: {invoice: {stat: draft}}\n"
                                 "tests:\n"
                                 "  - {as: ann, on: inw, can: view}\n"
                                 "  - {as: anne, on: inv, can: view, at: 2026-01-01}\n"
                                 "  - {as: ann, on: inv, can: vieww, at: 2026-01-01}\n"
                                 "  - {as: ann, can: view}\n"}}),
                  *example_model()),
      ::testing::Contains("tests/t.yaml:9:5: a test is about one record (on: NAME) or a list (list: TYPE)"));
  const auto lines = mistakes_of(example_with({{"tests/t.yaml",
                                                "now: yesterday\n"
                                                "users: {ann: {roles: [sales]}}\n"
                                                "records:\n"
                                                "  inv: {invoice: {stat: draft}}\n"
                                                "tests:\n"
                                                "  - {as: anne, on: inv, can: view, at: 2026-01-01}\n"
                                                "  - {as: ann, on: inw, can: view, at: 2026-01-01}\n"
                                                "  - {as: ann, on: inv, can: vieww, at: 2026-01-01}\n"}}),
                                 *example_model());
  EXPECT_THAT(
      lines,
      ::testing::IsSupersetOf(
          {std::string("tests/t.yaml:1:6: \"yesterday\" is not a day or a time, as in 2026-12-10 09:00"),
           std::string("tests/t.yaml:6:10: there is no person \"anne\" in this file's users: or in "
                       "users.yaml. Did you mean \"ann\"?"),
           std::string("tests/t.yaml:7:19: there is no record \"inw\" in this file. Did you mean \"inv\"?"),
           std::string("tests/t.yaml:8:29: invoice has no action \"vieww\". Did you mean \"view\"?")}));
}

TEST(Mistakes, WhatIsEmptyIsNotTakenForEverythingOrNobody) {
  const auto rule = [](const std::string& text) {
    return in_rules("invoice:\n  rules:\n    - " + text + "\n");
  };
  const auto field = [](const std::string& text) {
    return in_rules("invoice:\n  fields:\n    - " + text + "\n");
  };
  const std::string nothing = ": names no condition; leave it out for every record";
  const std::string nobody = ": names nobody: expected a role, a list of roles, or everyone";
  EXPECT_THAT(rule("{allow: view, to: sales, when: []}"), ElementsAre("rules/x.yaml:3:38" + nothing));
  EXPECT_THAT(rule("{allow: view, to: []}"), ElementsAre("rules/x.yaml:3:25" + nobody));
  EXPECT_THAT(rule("{deny: view, to: []}"), ElementsAre("rules/x.yaml:3:24" + nobody));
  EXPECT_THAT(rule("{allow: view, to: sales, within: ''}"),
              ElementsAre("rules/x.yaml:3:40: expected the name of a scope"));
  EXPECT_THAT(
      rule("{allow: view, to: sales}\n    - ~"),
      ::testing::Contains("rules/x.yaml:4:7: an empty entry; expected a rule, as in \"allow: view\""));
  EXPECT_THAT(field("{hide: amount, from: []}"), ElementsAre("rules/x.yaml:3:28" + nobody));
  EXPECT_THAT(field("{hide: amount, from: sales, when: []}"), ElementsAre("rules/x.yaml:3:41" + nothing));
  EXPECT_THAT(field("{hide: amount, from: sales}\n    - ~"),
              ::testing::Contains(HasSubstr("rules/x.yaml:4:7: an empty entry; expected a field rule")));
  EXPECT_THAT(in_rules("scopes:\n  nothing: []\n"), ElementsAre("rules/x.yaml:2:12" + nothing));
  EXPECT_THAT(in_rules("conditions:\n  is nothing: []\n"), ElementsAre("rules/x.yaml:2:15" + nothing));
}

TEST(Mistakes, AMistypedPluginDoesNotSilenceItsFile) {
  EXPECT_THAT(in_rules("plugin: exampel\ninvoice: {rules: [{deny: view, to: sales}]}\n"),
              ElementsAre("rules/x.yaml:1:9: there is no plugin \"exampel\". Did you mean \"example\"?"));
  EXPECT_THAT(in_rules("plugin: ~\ninvoice: {rules: []}\n"),
              ElementsAre("rules/x.yaml:1:9: expected a plugin's name"));
  EXPECT_THAT(in_rules("plugin: []\ninvoice: {rules: []}\n"),
              ElementsAre("rules/x.yaml:1:9: expected a plugin's name"));
  EXPECT_THAT(in_rules("plugin: ''\ninvoice: {rules: []}\n"),
              ElementsAre("rules/x.yaml:1:9: expected a plugin's name"));
  Mistakes mistakes;
  const std::string documents =
      write_documents(documents_of({{"rules/x.yaml",
                                     "plugin: trade\n"
                                     "delivery:\n"
                                     "  rules: [{deny: view, to: sales}, {allow: view, to: sales}]\n"
                                     "  fields: [{hide: note, from: sales}]\n"}}));
  const auto set = Authority::read(documents, *example_model(), mistakes);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_THAT(mistakes, IsEmpty());
  const auto& passed_over = (*set)->source.passed_over;
  ASSERT_EQ(passed_over.size(), 1U);
  EXPECT_EQ(passed_over[0].plugin.where(), "rules/x.yaml:1");
  EXPECT_EQ(passed_over[0].restrictions, 2);
}

TEST(Mistakes, AFileForAPluginThatIsNotThereSilencesNoRulesOfWhatIsHere) {
  EXPECT_THAT(in_rules("plugin: billing\n"
                       "invoice: {rules: [{deny: view, to: sales}]}\n"),
              ElementsAre(AllOf(HasSubstr("rules/x.yaml:2:1: \"invoice\" is of example, which is here"),
                                HasSubstr("for \"billing\", which is not: nothing in it would hold"))));
  EXPECT_THAT(in_rules("plugin: [trade, example]\n"
                       "invoice: {rules: [{deny: view, to: sales}]}\n"),
              IsEmpty());
}

TEST(Mistakes, AFileAboutAPluginThatIsNotThereIsPassedOver) {
  EXPECT_THAT(in_rules("plugin: trade\n"
                       "delivery: {rules: [{allow: view, to: sales}]}\n"),
              IsEmpty());
  EXPECT_THAT(in_rules("plugin: example\n"
                       "delivery: {rules: []}\n"),
              ElementsAre(HasSubstr("rules/x.yaml:2:1: \"delivery\" is neither")));
}

}  // namespace
}  // namespace talon::access
