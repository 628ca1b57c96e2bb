/// Models, documents and policy sets for the tests of the access plugin.
#pragma once

#include "plugins/access/authority.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace talon::access {

/// The host's types and those of all plugins of this tree.
std::shared_ptr<const model::Model> shipped_model();
/// The host's types and those of example/plugin.yaml.
std::shared_ptr<const model::Model> example_model();

/// The documents of config/policies; of example/.
std::vector<Document> shipped_documents();
std::vector<Document> example_documents();

/// YAML texts by file name. Ends the process when one is no YAML.
std::vector<Document> documents_of(const std::vector<std::pair<std::string, std::string>>& files);

/// Prepares and gives what is wrong, one line each.
std::vector<std::string> mistakes_of(const std::vector<Document>& documents, const model::Model& model);
std::vector<std::string> lines_of(const Mistakes& mistakes);

/// The example's roles, facts and scopes, then `files`.
std::vector<Document> example_with(const std::vector<std::pair<std::string, std::string>>& files);

/// Prepares `documents` without a mistake, or ends the process with the list of them.
std::shared_ptr<const CompiledSet> prepared(const std::vector<Document>& documents, const model::Model& model,
                                            TestReport* report = nullptr);

}  // namespace talon::access
