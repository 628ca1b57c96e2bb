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
                           " EUR]}]}\nparty: {rules: [{deny: edit, to: everyone}]}\n");
  }
  return documents_of(files);
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
    }
  }
  EXPECT_GT(denied, 500);
  EXPECT_GT(shorter, 4000);
}

TEST_F(PartnerPlans, PutTreesAndTextsTogetherAlike) {
  std::set<std::string> texts;
  for (const auto& [type, policy] : set_->types) {
    for (const CompiledRule& rule : policy.rules) {
      const auto tree = rule.where.tree();
      EXPECT_EQ(expression::print(*tree), rule.where.text()) << rule.place;
      expression::Expression again = *tree;
      const expression::Scope scope{set_->model.get(), set_->model->find(type)};
      EXPECT_TRUE(expression::check(again, scope, "again").empty()) << rule.where.text();
      EXPECT_TRUE(expression::parse(rule.where.text())) << rule.where.text();
      texts.insert(rule.where.text());
    }
  }
  EXPECT_GT(texts.size(), 2U * kPartners);
}

}  // namespace
}  // namespace talon::access
