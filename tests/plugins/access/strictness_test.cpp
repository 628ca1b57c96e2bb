/// Mistakes that would change nothing that anybody sees until it matters: each is found when the set is read.
#include "tests/plugins/access/support.hpp"

#include <talon/id.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace talon::access {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> in_file(const std::string& file, const std::string& text) {
  return mistakes_of(example_with({{file, text}}), *example_model());
}

TEST(Strictness, AScopeOrConditionThatFitsNoTypeIsFoundThoughNobodyUsesIt) {
  EXPECT_THAT(in_file("more.yaml",
                      "scopes:\n"
                      "  ours: partnr in user.partners\n"
                      "conditions:\n"
                      "  over: state is sent\n"
                      "  twice: [is over, is ovr]\n"),
              ElementsAre(HasSubstr("more.yaml:2:9: \"ours\" fits no record type: "),
                          HasSubstr("more.yaml:5:20: \"twice\" fits no record type: there is no condition "
                                    "\"ovr\". Did you mean \"over\"?")));
  EXPECT_THAT(in_file("more.yaml", "scopes: {ours: partnr in user.partners}\n"),
              ElementsAre(HasSubstr("has no field \"partnr\". Did you mean \"partner\"?")));
}

TEST(Strictness, AnEmptyListOfATestSaysThatNoFieldIs) {
  const auto of = [](const std::string& list) {
    return mistakes_of(example_with({{"rules/x.yaml",
                                      "invoice: {rules: [{allow: view, to: sales}],\n"
                                      "  fields: [{hide: cost, from: sales}]}\n"},
                                     {"tests/x.yaml",
                                      "now: 2026-12-10\nusers: {sam: {roles: [sales]}}\n"
                                      "records: {inv: {invoice: {state: draft}}}\n"
                                      "tests: [{as: sam, on: inv, can: view, " +
                                          list + ": []}]\n"}}),
                       *example_model());
  };
  EXPECT_THAT(of("hidden"), ElementsAre("tests/x.yaml:4:9: FAILED sam has cost hidden"));
  EXPECT_THAT(of("masked"), IsEmpty());
  EXPECT_THAT(of("locked"), IsEmpty());
}

TEST(Strictness, AConditionThatUsesItselfEnds) {
  EXPECT_THAT(in_file("more.yaml", "conditions: {a: is b, b: is a}\n"),
              ::testing::Each(HasSubstr("uses itself, or too many others")));
}

TEST(Strictness, AFileThatSaysNoMoreThanWhoseItIsIsAMistake) {
  for (const char* text : {"plugin: example\n", "plugin: elsewhere\n", "for partner: P-77\n",
                           "plugin: example\nfor partner: P-77\n"}) {
    EXPECT_THAT(in_file("partners/p.yaml", text), ElementsAre(HasSubstr("and says nothing"))) << text;
  }
  EXPECT_THAT(in_file("more.yaml", "plugin: example\nusers: {}\n"), IsEmpty());
}

TEST(Strictness, AFactHasAValueOfItsType) {
  EXPECT_THAT(in_file("users.yaml",
                      "users:\n"
                      "  ann@example.com: {approval_limit: lots}\n"
                      "  bob@example.com: {approval_limit: 10 EURO}\n"
                      "  cyd@example.com: {client: " +
                          id_text("par", 7) +
                          "}\n"
                          "  dan@example.com: {approval_limit: 10.50 EUR, client: " +
                          id_text("cli", 7) + ", partners: [N1]}\n"),
              ElementsAre(HasSubstr("users.yaml:2:37: the fact approval_limit: "),
                          HasSubstr("users.yaml:3:37: the fact approval_limit: "),
                          HasSubstr("users.yaml:4:29: the fact client: \"" + id_text("par", 7) +
                                    "\" is no id of a client")));
}

TEST(Strictness, AnAddressIsTheSamePersonHoweverItIsWritten) {
  const auto set = prepared(
      example_with({{"users.yaml", "users: {Ann@Example.COM: {roles: [sales], deny: [{export: invoice}]}}\n"},
                    {"rules/i.yaml", "invoice: {rules: [{allow: everything, to: sales}]}\n"}}),
      *example_model());
  Person ann;
  ann.id = 7;
  ann.key = "ann@example.com";
  ann.is_active = true;
  const Date day = *Date::of(2026, 12, 10);
  const Subject subject = make_subject(*set, ann, day, {});
  EXPECT_THAT(subject.facts.roles, ::testing::Contains("sales"));
  EXPECT_EQ(make_plan(*set, subject, "export", "invoice", day).denies.size(), 1U);
  EXPECT_THAT(in_file("users.yaml", "users: {Ann@Example.com: {}, ann@example.com: {}}\n"),
              ElementsAre(HasSubstr("ann@example.com is there already, at users.yaml:1")));
}

TEST(Strictness, ColumnsAreForViewsAndReports) {
  EXPECT_THAT(in_file("rules/i.yaml",
                      "invoice:\n"
                      "  rules:\n"
                      "    - {allow: view, to: sales, columns: [number]}\n"
                      "    - {allow: view, to: viewer, drill down: no}\n"
                      "report: {rules: [{allow: run, to: sales, columns: []}]}\n"),
              ElementsAre(HasSubstr("rules/i.yaml:3:8: columns: and drill down: go with views and reports"),
                          HasSubstr("rules/i.yaml:4:8: columns: and drill down: go with views and reports"),
                          HasSubstr("rules/i.yaml:5:19: columns: names no column")));
}

TEST(Strictness, OneLineIsOneComparison) {
  EXPECT_THAT(in_file("rules/i.yaml",
                      "invoice:\n"
                      "  rules:\n"
                      "    - {allow: view, to: sales, when: [state is draft and amount > 5 EUR]}\n"),
              ElementsAre(HasSubstr("rules/i.yaml:3:54: \"and\" is too much here")));
}

TEST(Strictness, AListOfFactsGoesWithIn) {
  EXPECT_THAT(
      in_file("rules/i.yaml",
              "invoice: {rules: [{allow: view, to: sales, when: [partner is user.partners]}]}\n"),
      ElementsAre(HasSubstr("rules/i.yaml:1:62: user.partners is a list: write \"in user.partners\"")));
}

TEST(Strictness, RulesMayStandBesideTheirTests) {
  const std::string text =
      "now: 2026-12-10\n"
      "users: {sam: {roles: [sales]}}\n"
      "records: {inv: {invoice: {state: draft}}}\n"
      "tests:\n"
      "  - {as: sam, on: inv, can: view, cannot: edit}\n"
      "invoice:\n"
      "  rules: [{allow: view, to: sales}]\n";
  EXPECT_THAT(in_file("rules/i.yaml", text), IsEmpty());
  EXPECT_THAT(in_file("rules/i.yaml", text + "invoise: {rules: []}\n"),
              ElementsAre(HasSubstr("rules/i.yaml:8:1: unknown word \"invoise\"")));
}

TEST(Strictness, AListTestMayNameTheColumnsOfAReport) {
  const std::string rules =
      "outlet_turnover:\n"
      "  rules: [{allow: view, to: sales, within: own partners, columns: [partner, net], drill down: no}]\n";
  const auto with = [&](const std::string& columns) {
    return in_file("rules/v.yaml",
                   "now: 2026-12-10\n"
                   "users: {sam: {roles: [sales], partners: [n]}}\n"
                   "records:\n"
                   "  ours: {outlet_turnover: {partner: n}}\n"
                   "  theirs: {outlet_turnover: {partner: b}}\n"
                   "tests:\n"
                   "  - {as: sam, list: outlet_turnover, gives: ours, columns: " +
                       columns + "}\n" + rules);
  };
  EXPECT_THAT(with("[partner, net]"), IsEmpty());
  EXPECT_THAT(with("[partner]"), ElementsAre("rules/v.yaml:7:5: FAILED sam gets the columns partner, net"));
}

}  // namespace
}  // namespace talon::access
