/// A checked condition in words: what the published rights say to somebody who never saw the language.
#pragma once

#include "policy_tree.hpp"

#include <set>
#include <string>
#include <vector>

namespace talon::access {

/// "credit_limit" as people call it: the manifest's English label, else its name without underscores.
std::string field_words(const model::Model& model, const model::RecordType& type, std::string_view name);
/// "Approve", "Record a payment": the action's label, else its name without underscores.
std::string action_words(const model::RecordType& type, std::string_view name);
std::string type_words(const model::RecordType& type);
/// The name without underscores and with a capital letter.
std::string spelled(std::string_view name);
/// "a, b and c".
std::string listed(const std::vector<std::string>& words, std::string_view last = "and");

/// "State is one of draft, approved, and Client is one of the person's own (their fact `client`)".
/// @param tree  checked against `type`; Always gives an empty text.
/// @threads any; pure.
std::string condition_words(const model::Model& model, const model::RecordType& type,
                            const expression::Expression& tree);
/// The facts that the condition asks for.
void facts_in(const expression::Expression& tree, std::set<std::string>& facts);

}  // namespace talon::access
