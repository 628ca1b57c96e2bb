/// Documents to a policy set: what stands where, with all mistakes of form. Names are judged later
/// (names.hpp).
///
/// A document's words say what it is, whatever its file is called: `roles`, `never together`, `risky
/// together`, `facts`, `scopes`, `conditions`, `users`, a record type, `for partner`, `for user`, or `tests`.
#pragma once

#include "node_reader.hpp"

namespace talon::access {

/// Reads all documents. Those that begin with `plugin: NAME` speak about that plugin's types, and are passed
/// over while the model has none of them.
/// @param documents  borrow from their JSON, which outlives the compilation: partners' own files are left for
///                   `read_partner_file`. @param hash  of the JSON of all.
/// @param mistakes   every mistake of form is appended.
/// @threads any; pure.
PolicySet read_policy(const std::vector<WrittenDocument>& documents, std::string hash,
                      const model::Model& model, Mistakes& mistakes);
/// Appends what the file says to `set`.
void read_partner_file(const PartnerFile& file, const model::Model& model, PolicySet& set,
                       Mistakes& mistakes);

// The parts, one file each.

/// TYPE: {rules: […], fields: […]}. @param rules  appended to; its type names the record type.
void read_type_rules(const NodeReader& reader, const Node& node, TypeRules& rules);
/// One rule. @param allowed  which of allow and deny may stand here.
Rule read_rule(const NodeReader& reader, const Node& node, const std::string& default_id);
/// Words of a rule other than its actions and its audience (within, when, from, until, id, because, columns,
/// drill down). @return false: not such a word.
bool read_rule_word(const NodeReader& reader, const Node& key, const Node& value, Rule& rule);

void read_roles(const NodeReader& reader, const Node& node, PolicySet& set);
/// `never together` and `risky together`: lists of two roles or more.
void read_together(const NodeReader& reader, const Node& node, std::vector<std::vector<Word>>& sets);
void read_facts(const NodeReader& reader, const Node& node, PolicySet& set);
void read_conditions(const NodeReader& reader, const Node& node,
                     std::map<std::string, Condition, std::less<>>& into);
/// One person of `users:` or of a tests file. @param known_words  further words that may stand in the entry.
UserEntry read_user(const NodeReader& reader, const Word& name, const Node& node);
/// @param model  its record types may stand beside the tests: their rules are read by whoever calls this.
TestFile read_tests(const NodeReader& reader, const Node& root, const model::Model& model);

}  // namespace talon::access
