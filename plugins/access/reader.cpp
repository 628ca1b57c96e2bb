/// Which document says what.
#include "reader.hpp"

#include "people.hpp"

#include <talon/text.hpp>

#include <algorithm>

namespace talon::access {

namespace {

constexpr std::string_view kForPartner = "for partner";

const std::vector<std::string> kWords = {
    "roles", "never together",         "risky together", "facts",  "scopes", "conditions",
    "users", std::string(kForPartner), "for user",       "plugin", "tests"};

/// How many entries of `root` take something away, wherever they stand.
int restrictions(const Node& root) {
  int count = 0;
  for (const Node& item : root.items) count += restrictions(item);
  for (const auto& [key, value] : root.entries) {
    const bool restricts = key.text == "deny" || key.text == "hide" || key.text == "mask" ||
                           key.text == "lock" || key.text == "only";
    count += restricts ? 1 : restrictions(value);
  }
  return count;
}

/// A file that waits for a plugin speaks about that plugin's types and those of others that it names. Rules
/// on any other type would wait with it: a deny on what is here would hold for nobody.
/// @param missing  which of `names` is not here.
void tell_present_types(const NodeReader& reader, const Node& root, const std::vector<Word>& names,
                        const Word& missing, const model::Model& model) {
  for (const auto& [key, value] : root.entries) {
    const model::RecordType* type = model.find(key.text);
    const bool is_named = type == nullptr || std::any_of(names.begin(), names.end(), [&](const Word& name) {
                            return name.text == type->plugin;
                          });
    if (is_named) continue;
    reader.mistake(key.place,
                   "\"" + key.text + "\" is of " + type->plugin + ", which is here, and the file is for " +
                       echoed(missing.text) +
                       ", which is not: nothing in it would hold. Name the right plugin, or put the "
                       "rules of " +
                       key.text + " into a file of their own");
  }
}

/// True when the document speaks about a plugin that the model does not have. One that is nearly called like
/// one of the model is a mistake: its denies would hold for nobody.
bool is_passed_over(const NodeReader& reader, const Node& root, const model::Model& model, PolicySet& set) {
  const Node* plugin = root.find("plugin");
  if (plugin == nullptr) return false;
  std::vector<std::string> known;
  for (const model::RecordType& type : model.types) known.push_back(type.plugin);
  const std::vector<Word> names = reader.words(*plugin, "a plugin's name");
  if (names.empty()) reader.mistake(plugin->place, "expected a plugin's name");
  for (const Word& name : names) {
    if (std::find(known.begin(), known.end(), name.text) != known.end()) continue;
    const std::string near = suggestion(name.text, known);
    if (!near.empty()) reader.mistake(name.place, "there is no plugin \"" + name.text + "\"" + near);
    if (near.empty() && !name.text.empty()) tell_present_types(reader, root, names, name, model);
    if (name.text.empty() && plugin->kind != Node::Kind::Null)
      reader.mistake(name.place, "expected a plugin's name");
    set.passed_over.push_back({name, restrictions(root)});
    return true;
  }
  return false;
}

void add_user(const NodeReader& reader, const Word& name, const Node& node, PolicySet& set) {
  if (!is_email_address(name.text)) {
    reader.mistake(name.place, echoed(name.text) + " " + email_address_fault(name.text) +
                                   "; people are named by theirs here");
  }
  // People are found by their address in small letters, however their record or this file writes it.
  const std::string key = lower_case(name.text);
  if (!set.users.emplace(key, read_user(reader, name, node)).second) {
    reader.mistake(name.place, name.text + " is there already, at " + set.users[key].name.where());
  }
}

/// A file with `tests:` is about made-up people and records; only rules by record type may stand beside.
void read_rules_beside_tests(const NodeReader& reader, const Node& root, uint32_t document,
                             const model::Model& model, PolicySet& set) {
  for (const auto& [key, value] : root.entries) {
    if (model.find(key.text) == nullptr) continue;
    TypeRules rules;
    rules.document = document;
    rules.type = reader.word(key);
    read_type_rules(reader, value, rules);
    set.types.push_back(std::move(rules));
  }
}

void read_top_word(const NodeReader& reader, const Node& key, const Node& value, const Standing& where,
                   const model::Model& model, PolicySet& set) {
  const bool is_of_partner = !where.partner.empty();
  const bool is_type = model.find(key.text) != nullptr;
  if (is_of_partner && !is_type && key.text != kForPartner && key.text != "plugin") {
    std::vector<std::string> types;
    for (const model::RecordType& type : model.types) types.push_back(type.name);
    reader.mistake(key.place, "there is no record type \"" + key.text + "\"" + suggestion(key.text, types));
  } else if (key.text == "roles") {
    read_roles(reader, value, set);
  } else if (key.text == "never together") {
    read_together(reader, value, set.never_together);
  } else if (key.text == "risky together") {
    read_together(reader, value, set.risky_together);
  } else if (key.text == "facts") {
    read_facts(reader, value, set);
  } else if (key.text == "scopes") {
    read_conditions(reader, value, set.scopes);
  } else if (key.text == "conditions") {
    read_conditions(reader, value, set.conditions);
  } else if (key.text == "users") {
    if (!reader.is_map(value, "people by e-mail address")) return;
    for (const auto& [name, entry] : value.entries) add_user(reader, reader.word(name), entry, set);
  } else if (is_type) {
    TypeRules rules;
    rules.type = reader.word(key);
    rules.partner = where.partner;
    rules.document = where.document;
    read_type_rules(reader, value, rules);
    set.types.push_back(std::move(rules));
  } else if (key.text != kForPartner && key.text != "plugin") {
    std::vector<std::string> known = kWords;
    for (const model::RecordType& type : model.types) known.push_back(type.name);
    reader.mistake(key.place, "\"" + key.text +
                                  "\" is neither a record type nor a word that opens a part of a policy" +
                                  suggestion(key.text, known));
  }
}

void read_document(const Document& document, uint32_t number, const model::Model& model, PolicySet& set,
                   Mistakes& mistakes) {
  const NodeReader reader(document.file, mistakes);
  const Node& root = document.root;
  if (!reader.is_map(root, "roles, facts, scopes, users, tests, or rules by record type")) return;
  const bool has_more = std::any_of(root.entries.begin(), root.entries.end(), [](const NodeEntry& entry) {
    return entry.first.text != "plugin" && entry.first.text != kForPartner;
  });
  if (!root.entries.empty() && !has_more) {
    const Node& only = root.entries.front().first;
    return reader.mistake(only.place, "the file has no word but \"" + only.text +
                                          ":\" and says nothing; write its rules below, or take it away");
  }
  if (is_passed_over(reader, root, model, set)) return;
  if (root.find("tests") != nullptr) {
    set.tests.push_back(read_tests(reader, root, model));
    if (root.find(kForPartner) == nullptr) read_rules_beside_tests(reader, root, number, model, set);
    return;
  }
  if (const Node* user = root.find("for user")) {
    add_user(reader, reader.scalar(*user, "an e-mail address"), root, set);
    return;
  }
  Standing where{number, {}};
  if (const Node* node = root.find(kForPartner)) {
    where.partner = reader.scalar(*node, "the partner's number or id").text;
    if (where.partner.empty()) reader.mistake(node->place, "for partner: names the partner's number or id");
  }
  for (const auto& [key, value] : root.entries) read_top_word(reader, key, value, where, model, set);
}

}  // namespace

PolicySet read_policy(const std::vector<WrittenDocument>& documents, std::string hash,
                      const model::Model& model, Mistakes& mistakes) {
  PolicySet set;
  set.hash = std::move(hash);
  uint32_t number = 0;
  for (const WrittenDocument& written : documents) {
    const PartnerFile file{number++, written};
    if (written.first_key() == kForPartner) {
      set.partner_files.push_back(file);
    } else {
      read_partner_file(file, model, set, mistakes);
    }
  }
  return set;
}

void read_partner_file(const PartnerFile& file, const model::Model& model, PolicySet& set,
                       Mistakes& mistakes) {
  const auto document = file.written.read();
  if (document) return read_document(*document, file.document, model, set, mistakes);
  mistakes.push_back({file.written.file, {1, 1}, document.error().message});
}

}  // namespace talon::access
