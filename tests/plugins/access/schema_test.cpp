/// policy.schema.json as an editor uses it: every file of ours is right by it, and what is misspelt is
/// underlined.
#include "tests/plugins/access/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/src.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <filesystem>
#include <fstream>
#include <regex>

namespace talon::access {
namespace {

namespace json = boost::json;
using Adapter = valijson::adapters::BoostJsonAdapter;

/// A scalar as YAML 1.2 reads it, which is what editors go by.
json::value scalar(const Node& node) {
  static const std::regex kNumber(R"([-+]?[0-9]+(\.[0-9]+)?)");
  if (node.is_quoted) return json::string(node.text);
  if (node.text == "true" || node.text == "false") return node.text == "true";
  if (std::regex_match(node.text, kNumber)) return std::stod(node.text);
  return json::string(node.text);
}

json::value value_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::Null:
      return nullptr;
    case Node::Kind::Scalar:
      return scalar(node);
    case Node::Kind::Sequence: {
      json::array items;
      for (const Node& item : node.items) items.push_back(value_of(item));
      return items;
    }
    case Node::Kind::Map: {
      json::object members;
      for (const auto& [key, value] : node.entries) members[key.text] = value_of(value);
      return members;
    }
  }
  return nullptr;
}

class Schema : public ::testing::Test {
 protected:
  Schema() {
    std::ifstream in(std::string(TALON_SOURCE_DIR) + "/plugins/access/policy.schema.json");
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const json::value document = json::parse(text);
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(Adapter(document), schema_);
  }

  bool accepts(const Node& root) {
    const json::value value = value_of(root);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    return validator.validate(schema_, Adapter(value), nullptr);
  }
  bool accepts(const std::string& text) { return accepts(documents_of({{"x.yaml", text}}).front().root); }

  valijson::Schema schema_;
};

TEST_F(Schema, EveryShippedAndExampleFileIsRight) {
  for (const auto& documents : {shipped_documents(), example_documents()}) {
    ASSERT_GE(documents.size(), 10U);
    for (const Document& document : documents) EXPECT_TRUE(accepts(document.root)) << document.file;
  }
}

TEST_F(Schema, EveryFileNamesIt) {
  const std::filesystem::path folder = std::string(TALON_SOURCE_DIR) + "/config/policies";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in(entry.path());
    std::string first;
    std::getline(in, first);
    static const std::string kMark = "# yaml-language-server: $schema=";
    ASSERT_EQ(first.rfind(kMark, 0), 0U) << entry.path();
    EXPECT_TRUE(std::filesystem::exists(entry.path().parent_path() / first.substr(kMark.size())))
        << entry.path();
  }
}

/// Every word of the language once, in every place where it may stand.
const std::vector<std::string> kRight = {
    "roles: {a: {description: {en: Looks., fr: Regarde.}, includes: [b], may invite: b}, b: {}}\nnever "
    "together: [[a, b]]\nrisky together: [[a, b]]\n",
    "facts:\n  limit: money\n  seen: yes/no\n  client: list of party\n  other: party?\n",
    "scopes: {own client: client is user.client}\nconditions:\n  shut: [is other, 'state in [sent, void]']\n",
    "users:\n  ann@example.com:\n    roles: a\n    limit: 10 EUR\n    grants: [{role: a, from: 2026-01-01}]\n"
    "    deny: [{export: invoice, until: 2026-12-31, because: Under notice.}]\n",
    "for user: ann@example.com\nmanaged: yaml\nroles: [a]\nclient: [C-1]\n",
    "for partner: N1\ninvoice:\n  rules: [{deny: send, to: sales}]\n  fields: [{lock: amount, for: a}]\n",
    "invoice:\n  rules:\n    - {allow: [view, edit], to: everyone, except: a, within: own client, id: i,\n"
    "       from: 2026-01-01, until: 2026-12-31, because: why,\n"
    "       when: [state is draft, is locked, is not locked, user has role a, a.b.c is empty, day before "
    "today,\n"
    "              day within last 30 days, partner in user.partners, amount <= user.limit, day > today + 3 "
    "days,\n"
    "              name starts with X, {any: [state is not sent, 'note contains \"x\"', {none: [a = "
    "b]}]}]}\n",
    "turnover: {rules: [{allow: run, to: a, columns: [month, net], drill down: no}]}\n",
    "invoice: {fields: [{mask: iban, as: last 4, from: everyone, except: a}, {only: [number, lines.text], "
    "for: b}]}\n",
    "now: 2026-12-10 09:00\nusers: {ann: {roles: [a]}}\nrecords: {inv: {invoice: {number: 7, open: true}}}\n"
    "links: {party: {c7: {number: C7}}}\ntests:\n"
    "  - {as: ann, on: inv, with: {state: sent}, at: 2027-01-01, can: view, cannot: edit, by: i, sees: "
    "number,\n"
    "     hidden: [a], masked: [b], locked: [c.d], columns: []}\n"
    "  - {as: ann, list: invoice, action: view, gives: [inv]}\n",
};

/// Replaces every word of the language in `text` by one with a doubled letter, in turn.
std::vector<std::string> misspelt(const std::string& text) {
  static const std::regex kKey(
      R"((roles|description|fr|includes|may invite|never together|risky together|facts|scopes|)"
      R"(conditions|users|for user|for partner|managed|grants|role|from|until|rules|fields|allow|)"
      R"(deny|to|except|within|id|because|when|any|none|columns|drill down|hide|mask|as|lock|only|)"
      R"(for|now|records|links|tests|on|with|at|can|cannot|by|sees|hidden|masked|locked|list|)"
      R"(action|gives): )");
  std::vector<std::string> all;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), kKey); at != std::sregex_iterator(); ++at) {
    const auto position = static_cast<std::size_t>(at->position());
    const char before = position == 0 ? '\n' : text[position - 1];
    if (before != '\n' && before != ' ' && before != '{' && before != '[') continue;
    // Of a person every other word is a fact, whose names only the reader knows.
    const bool is_of_person = (at->str(1) == "roles" || at->str(1) == "managed") && position != 0;
    if (is_of_person) continue;
    all.push_back(text.substr(0, position + 1) + text[position] + text.substr(position + 1));
  }
  return all;
}

TEST_F(Schema, EveryWordIsRightAndEveryMisspeltOneIsNot) {
  int tried = 0;
  for (const std::string& text : kRight) {
    EXPECT_TRUE(accepts(text)) << text;
    for (const std::string& wrong : misspelt(text)) {
      ++tried;
      EXPECT_FALSE(accepts(wrong)) << wrong;
    }
  }
  EXPECT_GE(tried, 60);
}

TEST_F(Schema, WhatTheReaderRefusesIsUnderlined) {
  for (const char* wrong : {
           "invoice: {rules: [{allow: view}]}\n",
           "invoice: {rules: [{to: a}]}\n",
           "invoice: {rules: [{allow: view, deny: view, to: a}]}\n",
           "invoice: {rules: [{allow: view, to: a, when: [amount =< 5]}]}\n",
           "invoice: {rules: [{allow: view, to: a, when: [state draft]}]}\n",
           "invoice: {rules: [{allow: view, to: a, until: tomorrow}]}\n",
           "invoice: {fields: [{hide: a}]}\n",
           "invoice: {fields: [{mask: a, from: b}]}\n",
           "invoice: {fields: [{mask: a, as: stars, from: b}]}\n",
           "invoice: {fields: [{hide: a, lock: b, from: c}]}\n",
           "for partner: N1\ninvoice: {rules: [{allow: view, to: a}]}\n",
           "for partner: N1\ninvoice: {fields: [{only: a, for: b}]}\n",
           "users: {ann: {roles: [a]}}\n",
           "users: {ann@example.com: {managed: yes}}\n",
           "now: 2026-12-10\ntests: [{on: inv, can: view}]\n",
           "now: 2026-12-10\ntests: [{as: ann, can: view}]\n",
           "now: 2026-12-10\ntests: [{as: ann, list: invoice}]\n",
           "now: 2026-12-10\nrecords: {inv: {invoice: {}, party: {}}}\ntests: []\n",
           "tests: []\n",
           "never together: [[a]]\n",
           "roles: {a: {description: {fr: Regarde.}}}\n",
           "roles: {a: {description: {en: ''}}}\n",
           "roles: {a: {description: Looks.}}\n",
       }) {
    EXPECT_FALSE(accepts(wrong)) << wrong;
    const auto said = mistakes_of(example_with({{"x.yaml", wrong}}), *example_model());
    EXPECT_FALSE(said.empty()) << "the reader takes it: " << wrong;
  }
}

}  // namespace
}  // namespace talon::access
