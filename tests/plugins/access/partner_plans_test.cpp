/// A plan for one record beside the plan for all: what is left out of it would not have held.
#include "tests/plugins/access/support.hpp"

#include <talon/expression/parse.hpp>
#include <talon/id.hpp>

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace talon::access {
namespace {

const Date kPartnersDay = *Date::of(2026, 12, 10);
constexpr int kPartners = 12;

/// Partners' files, by number and by id, about invoices and parties, beside an allow for everyone.
std::vector<Document> partners_documents() {
  std::vector<std::pair<std::string, std::string>> files = {
      {"rules/all.yaml",
       "invoice: {rules: [{allow: everything, to: everyone}, {deny: delete, to: everyone, when: [state is "
       "issued]}]}\nparty: {rules: [{allow: everything, to: everyone}]}\n"}};
  for (int i = 1; i <= kPartners; ++i) {
    const std::string name = i % 2 == 0 ? id_text("pty", i) : "P" + std::to_string(i);
    files.emplace_back("partners/p" + std::to_string(i) + ".yaml",
                       "for partner: " + name +
                           "\ninvoice: {rules: [{deny: [view, delete], to: everyone, when: [net_total > " +
                           std::to_string(i * 10) +
                           " EUR]}], fields: [{hide: net_total, from: everyone, when: [state is issued]}, "
                           "{lock: client, for: everyone}]}\nparty: {rules: [{deny: edit, to: everyone}]}\n");
  }
  return documents_of(files);
}

/// All that a tree says but for the places in its file, and for groups of one, which a text does not write.
std::string meaning_of(const expression::Expression& tree) {
  using Kind = expression::Expression::Kind;
  if ((tree.kind == Kind::Any || tree.kind == Kind::All) && tree.children.size() == 1)
    return meaning_of(tree.children.front());
  const expression::Operand& operand = tree.operand;
  std::string text = std::to_string(static_cast<int>(tree.kind)) + " " + tree.path + " " +
                     std::to_string(static_cast<int>(tree.op)) + (tree.is_negated ? "!" : "") + " " +
                     std::to_string(static_cast<int>(tree.type)) + " " + std::to_string(tree.scale) + " " +
                     tree.prefix + " " + tree.currency_path + " " +
                     std::to_string(static_cast<int>(operand.kind)) + " " + operand.currency + " " +
                     std::to_string(operand.days) + (operand.is_day ? "d" : "") + " " + operand.currency_path;
  if (operand.kind == expression::Operand::Kind::Path) text += " " + operand.text;
  for (const Value& value : operand.values)
    text +=
        value.is_integer() ? " " + std::to_string(value.integer()) : " '" + std::string(value.text()) + "'";
  for (const expression::Expression& child : tree.children) text += "(" + meaning_of(child) + ")";
  return text;
}

class PartnerPlans : public testing::Test {
 protected:
  PartnerPlans() {
    Person person;
    person.id = 7;
    person.key = "sam@example.com";
    person.is_active = true;
    subject_ = make_subject(*set_, person, kPartnersDay, {});
  }

  int64_t below(int64_t end) { return std::uniform_int_distribution<int64_t>(0, end - 1)(random_); }

  /// Ids, numbers, neither, or those of a party without a file.
  Value party_value(bool is_id) {
    const int64_t party = below(kPartners + 4);
    if (party == 0) return {};
    return is_id ? Value(party) : Value("P" + std::to_string(party));
  }
  std::map<std::string, Value, std::less<>> record(const std::string& type) {
    std::map<std::string, Value, std::less<>> values = {
        {"net_total", Value(below(200) * 100)}, {"currency", Value("EUR")}, {"state", Value("issued")}};
    const std::vector<std::string> links = type == "invoice"
                                               ? std::vector<std::string>{"client", "client.partner"}
                                               : std::vector<std::string>{"partner"};
    for (const std::string& link : links) {
      values[link] = party_value(true);
      values[link + ".number"] = party_value(false);
    }
    if (type == "party") {
      values["id"] = party_value(true);
      values["number"] = party_value(false);
    }
    return values;
  }

  std::shared_ptr<const CompiledSet> set_ = prepared(partners_documents(), *shipped_model());
  Subject subject_;
  std::mt19937 random_{1};
};

TEST_F(PartnerPlans, JudgeARecordAsThePlanForAllDoes) {
  int denied = 0;
  int shorter = 0;
  int hidden = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string type = round % 3 == 0 ? "party" : "invoice";
    const auto values = record(type);
    const ReadPath read = [&](std::string_view path) {
      const auto found = values.find(path);
      return found == values.end() ? Value() : found->second;
    };
    for (const char* action : {"view", "edit", "delete"}) {
      const Plan whole = make_plan(*set_, subject_, action, type, kPartnersDay);
      const Plan own = make_plan(*set_, subject_, action, type, kPartnersDay, &read);
      const Judgement a = judge(whole, read, kPartnersDay.packed());
      const Judgement b = judge(own, read, kPartnersDay.packed());
      ASSERT_EQ(a.is_allowed, b.is_allowed) << type << " " << action << " in round " << round;
      ASSERT_EQ(a.denies.size(), b.denies.size());
      for (std::size_t i = 0; i < a.denies.size(); ++i) EXPECT_EQ(a.denies[i]->rule, b.denies[i]->rule);
      denied += a.is_allowed ? 0 : 1;
      shorter += own.denies.size() < whole.denies.size() ? 1 : 0;
      for (const char* field : {"net_total", "client"}) {
        const CompiledField* by_whole = nullptr;
        const CompiledField* by_own = nullptr;
        const Level level = level_of(whole, field, read, kPartnersDay.packed(), &by_whole);
        ASSERT_EQ(level_of(own, field, read, kPartnersDay.packed(), &by_own), level) << field;
        EXPECT_EQ(by_own, by_whole);
        hidden += level == Level::Hidden ? 1 : 0;
      }
      // Of two files at most: an id and a number for each of two paths.
      EXPECT_LE(own.fields.size(), 8U);
    }
  }
  EXPECT_GT(denied, 500);
  EXPECT_GT(shorter, 4000);
  EXPECT_GT(hidden, 500);
}

TEST_F(PartnerPlans, PutTreesAndTextsTogetherAlike) {
  std::set<std::string> texts;
  for (const auto& [type, policy] : set_->types) {
    for (const CompiledRule& rule : policy.rules) {
      const auto tree = rule.where.tree();
      EXPECT_EQ(expression::print(*tree), rule.where.text()) << rule.place();
      expression::Expression again = *tree;
      const expression::Scope scope{set_->model.get(), set_->model->find(type)};
      EXPECT_TRUE(expression::check(again, scope, "again").empty()) << rule.where.text();
      EXPECT_TRUE(expression::parse(rule.where.text())) << rule.where.text();
      texts.insert(rule.where.text());
    }
  }
  EXPECT_GT(texts.size(), 2U * kPartners);
}

// A partner's file keeps its conditions as texts; the same lines in a file of everybody's keep their trees.
TEST_F(PartnerPlans, MeanWhatTheLinesOfAFileMean) {
  const std::vector<std::string> conditions = {
      R"(["state is issued"])",
      R"(["state in [draft, issued]", "net_total > 1000.50 EUR"])",
      R"(["reference starts with \"a or b\"", "issue_date before today"])",
      R"(["issue_date within last 30 days", "due_date > 2026-12-10"])",
      R"([{any: ["net_total < 5 EUR", {none: ["reference is empty", "net_total >= gross_total"]}]}])",
      R"([{none: ["state is draft", "state is approved"]}])",
      R"(["client is pty_0000000000001", "client.name contains \"x, y\""])",
      R"([{any: ["state is draft"]}])",
      R"(["due_date > today + 3 days", "currency not in [EUR, USD]"])",
      R"(["created_by is user"])"};
  std::string lines;
  for (std::size_t i = 0; i < conditions.size(); ++i)
    lines +=
        "    - {deny: view, to: everyone, id: c" + std::to_string(i) + "X, when: " + conditions[i] + "}\n";
  const auto with = [&](std::string head, const std::string& mark) {
    std::string rules = head + "invoice:\n  rules:\n" + lines;
    for (std::size_t at = rules.find('X'); at != std::string::npos; at = rules.find('X', at + 1))
      rules.replace(at, 1, mark);
    return rules;
  };
  // Two sets: in one, both would share the conditions and with them the trees.
  const auto partners =
      prepared(documents_of({{"partners/p.yaml", with("for partner: P1\n", "p")}}), *shipped_model());
  const auto everybodys = prepared(documents_of({{"rules/r.yaml", with("", "r")}}), *shipped_model());
  std::map<std::string, std::map<char, std::string>, std::less<>> trees;
  for (const auto& set : {partners, everybodys}) {
    for (const CompiledRule& rule : set->policy_of("invoice")->rules) {
      auto tree = *rule.where.tree();
      if (rule.where.has_partner()) tree.children.erase(tree.children.begin());
      trees[std::string(rule.id.substr(0, rule.id.size() - 1))][rule.id.back()] = meaning_of(tree);
    }
  }
  ASSERT_EQ(trees.size(), conditions.size());
  for (const auto& [id, by_file] : trees) EXPECT_EQ(by_file.at('p'), by_file.at('r')) << id;
}

// Partners' files are compiled after all others; which deny is told first does not follow from that.
TEST_F(PartnerPlans, KeepTheOrderOfTheFiles) {
  const auto set =
      prepared(documents_of({{"a.yaml",
                              "invoice: {rules: [{deny: view, to: everyone, id: first}], fields: [{hide: "
                              "net_total, from: everyone, id: first-hide}]}"},
                             {"b.yaml",
                              "for partner: P1\ninvoice: {rules: [{deny: view, to: everyone}], fields: "
                              "[{hide: net_total, from: everyone}]}"},
                             {"c.yaml",
                              "invoice: {rules: [{deny: view, to: everyone, id: last}], fields: [{hide: "
                              "net_total, from: everyone, id: last-hide}]}"}}),
               *shipped_model());
  const Plan plan = make_plan(*set, subject_, "view", "invoice", kPartnersDay);
  ASSERT_EQ(plan.denies.size(), 3U);
  EXPECT_EQ(plan.denies[0].rule->id, "first");
  EXPECT_EQ(plan.denies[1].rule->id, "P1-invoice-1");
  EXPECT_EQ(plan.denies[2].rule->id, "last");
  ASSERT_EQ(plan.fields.size(), 3U);
  EXPECT_EQ(plan.fields[0].rule->id, "first-hide");
  EXPECT_EQ(plan.fields[1].rule->id, "P1-invoice-field-1");
  EXPECT_EQ(plan.fields[2].rule->id, "last-hide");
}

TEST_F(PartnerPlans, TellAnIdThatAnotherFileHasInTheLaterFile) {
  const std::string rules = "invoice: {rules: [{deny: view, to: everyone, id: same}]}\n";
  EXPECT_EQ(mistakes_of(documents_of({{"a.yaml", "for partner: P1\n" + rules}, {"b.yaml", rules}}),
                        *shipped_model()),
            std::vector<std::string>{"b.yaml:1:20: the id \"same\" is used already, at a.yaml:2"});
  EXPECT_EQ(mistakes_of(documents_of({{"a.yaml", rules}, {"b.yaml", "for partner: P1\n" + rules}}),
                        *shipped_model()),
            std::vector<std::string>{"b.yaml:2:20: the id \"same\" is used already, at a.yaml:1"});
}

TEST_F(PartnerPlans, TellAWrittenIdThatLooksNumbered) {
  const auto rules = [](const std::string& id) {
    return "invoice: {rules: [{deny: view, to: everyone" + (id.empty() ? id : ", id: " + id) + "}]}\n";
  };
  const auto told = [&](const std::string& a, const std::string& b) {
    return mistakes_of(documents_of({{"a.yaml", rules(a)}, {"b.yaml", rules(b)}}), *shipped_model());
  };
  using Told = std::vector<std::string>;
  EXPECT_EQ(told("invoice-four-eyes", "invoice-four-eyes"),
            Told{"b.yaml:1:20: the id \"invoice-four-eyes\" is used already, at a.yaml:1"});
  EXPECT_EQ(told("", "invoice-1"), Told{"b.yaml:1:20: the id \"invoice-1\" is used already, at a.yaml:1"});
  EXPECT_EQ(told("invoice-1", ""), Told{"a.yaml:1:20: the id \"invoice-1\" is used already, at b.yaml:1"});
  EXPECT_EQ(told("", ""), Told{});
}

/// `count` comparisons in `any:`.
std::string any_of_lines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += i > 0 ? ", state is draft" : "state is draft";
  return "{any: [" + lines + "]}";
}

// Who judges a condition reads its text: what that reading refuses is told when the file is loaded.
TEST_F(PartnerPlans, TellAConditionThatNoPlanCouldUse) {
  const auto told = [](const std::string& head, const std::string& when) {
    return mistakes_of(
        documents_of({{"a.yaml", head + "invoice:\n  rules:\n    - {deny: view, to: everyone, when: [" +
                                     when + "]}\n"}}),
        *shipped_model());
  };
  const auto refused = [](const std::string& place, const std::string& why) {
    return std::vector<std::string>{"a.yaml:" + place + ": " + why +
                                    ": no plan could use it; write several rules, or lists as in \"state in "
                                    "[a, b]\""};
  };
  const std::string many = "the condition has too many comparisons";
  using Told = std::vector<std::string>;
  EXPECT_EQ(told("", any_of_lines(2000)), Told{});
  EXPECT_EQ(told("", any_of_lines(2001)), refused("3:40", many));
  const std::string partner = "for partner: P1\n";  // two comparisons for each of an invoice's two paths
  EXPECT_EQ(told(partner, any_of_lines(1996)), Told{});
  EXPECT_EQ(told(partner, any_of_lines(1997)), refused("4:40", many));
  // A token's plan says the same of its owner.
  const std::string users = "created_by is user, ";
  EXPECT_EQ(told("", users + any_of_lines(999)), Told{});
  EXPECT_EQ(told("", users + any_of_lines(1000)), refused("3:40", many));
  const auto nested = [](int depth, std::string inner) {
    for (int i = 0; i < depth; ++i) inner = "{none: [" + inner + "]}";
    return inner;
  };
  const std::string conditions = "conditions:\n  deep: [" + nested(11, "state is draft") + "]\n  deeper: [" +
                                 nested(11, "is deep") + "]\n";
  EXPECT_EQ(told(conditions, nested(8, "is deeper")), Told{});
  EXPECT_EQ(told(conditions, nested(11, "is deeper")), refused("6:40", "the condition is nested too deeply"));
}

}  // namespace
}  // namespace talon::access
