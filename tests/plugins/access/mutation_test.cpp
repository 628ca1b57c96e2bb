/// Mutation testing of the shipped policies: whoever drops or negates a rule, its condition or its
/// scope, must see a shipped policy test fail.
#include "plugins/access/reader.hpp"
#include "tests/plugins/access/support.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace talon::access {
namespace {

using expression::Expression;

/// Every mutant of a set in turn.
class Mutants {
 public:
  explicit Mutants(PolicySet set) : set_(std::move(set)) {}

  int made = 0;
  std::vector<std::string> survived;

  void run() {
    for (TypeRules& type : set_.types) {
      for (std::size_t i = 0; i < type.rules.size(); ++i) mutate_rule(type, i);
      for (std::size_t i = 0; i < type.fields.size(); ++i) mutate_field(type, i);
    }
  }

 private:
  template <typename Rule, typename Change>
  void with_changed(Rule& rule, const char* what, const Change& change) {
    const Rule kept = rule;
    change(rule);
    judge(what, kept.head);
    rule = kept;
  }

  void mutate_rule(TypeRules& type, std::size_t i) {
    const std::vector<Rule> kept = type.rules;
    type.rules.erase(type.rules.begin() + static_cast<std::ptrdiff_t>(i));
    judge("without", kept[i].head);
    type.rules = kept;
    Rule& rule = type.rules[i];
    with_changed(rule, "negated",
                 [](Rule& r) { r.effect = r.effect == Effect::Allow ? Effect::Deny : Effect::Allow; });
    if (!rule.within.text.empty())
      with_changed(rule, "without its scope", [](Rule& r) { r.within = Word(); });
    if (!rule.except.empty()) with_changed(rule, "without its except", [](Rule& r) { r.except.clear(); });
    if (rule.has_columns)
      with_changed(rule, "without its columns", [](Rule& r) {
        r.has_columns = false;
        r.columns.clear();
      });
    if (rule.when.kind == Expression::Kind::Always) return;
    with_changed(rule, "without its condition", [](Rule& r) { r.when = Expression(); });
    with_changed(rule, "with its condition negated", [](Rule& r) {
      Expression none;
      none.kind = Expression::Kind::None;
      none.children.push_back(r.when);
      r.when = std::move(none);
    });
    for (std::size_t line = 0; rule.when.children.size() > 1 && line < rule.when.children.size(); ++line) {
      with_changed(rule, "without a line", [&](Rule& r) {
        r.when.children.erase(r.when.children.begin() + static_cast<std::ptrdiff_t>(line));
      });
    }
  }

  void mutate_field(TypeRules& type, std::size_t i) {
    const std::vector<FieldRule> kept = type.fields;
    type.fields.erase(type.fields.begin() + static_cast<std::ptrdiff_t>(i));
    judge("without", kept[i].head);
    type.fields = kept;
    FieldRule& rule = type.fields[i];
    if (!rule.except.empty())
      with_changed(rule, "without its except", [](FieldRule& r) { r.except.clear(); });
  }

  void judge(const char* what, const Word& rule) {
    ++made;
    Mistakes mistakes;
    const CompiledSet mutant = compile(set_, shipped_model(), mistakes);
    if (mistakes.empty()) run_tests(mutant, mistakes, RunUntil::FirstFailure);
    if (mistakes.empty()) survived.push_back(rule.where() + " " + rule.text + " " + what);
  }

  PolicySet set_;
};

TEST(Mutation, TheShippedTestsNoticeWhatIsDroppedOrNegated) {
  Mistakes mistakes;
  const std::string documents = write_documents(shipped_documents());
  const auto written = split_documents(documents);
  ASSERT_TRUE(written) << written.error().message;
  PolicySet set = read_policy(*written, {}, *shipped_model(), mistakes);
  // Partners' own rules are changed too: they are read now, and not when they are compiled.
  for (const PartnerFile& file : set.partner_files) read_partner_file(file, *shipped_model(), set, mistakes);
  set.partner_files.clear();
  ASSERT_TRUE(mistakes.empty()) << mistakes.front().to_string();
  Mutants mutants(std::move(set));
  mutants.run();
  const auto survived = static_cast<int>(mutants.survived.size());
  for (const std::string& mutant : mutants.survived) std::printf("survived: %s\n", mutant.c_str());
  std::printf("mutants: %d, noticed: %d (%d %%)\n", mutants.made, mutants.made - survived,
              (mutants.made - survived) * 100 / mutants.made);
  RecordProperty("mutants", mutants.made);
  RecordProperty("survived", survived);
  EXPECT_GE(mutants.made, 300);
  EXPECT_EQ(survived, 0) << "a rule without a test in config/policies/tests, or one that says nothing";
}

}  // namespace
}  // namespace talon::access
