/// What the names in field rules stand for: a field, a child list, a field of a child list, or a group.
#include "compile_parts.hpp"

#include <algorithm>

namespace talon::access {

namespace {

/// Calls visit(name in the form of plans, field) for each field that a rule can reach.
template <typename Visit>
void each_field(const model::Model& model, const model::RecordType& type, const Visit& visit) {
  for (const model::Field& field : type.fields) visit(field.name, field);
  if (type.kind == model::Kind::Stored) {
    for (const model::Field& field : model::host_fields()) {
      if (field.name != "id" && field.name != "version") visit(field.name, field);
    }
  }
  for (const model::ChildList& list : type.lists) {
    const model::RecordType* child = model.find(list.type);
    if (child == nullptr) continue;
    for (const model::Field& field : child->fields) visit(list.name + "." + field.name, field);
  }
}

}  // namespace

std::vector<std::string> field_names(const model::Model& model, const model::RecordType& type) {
  std::vector<std::string> names;
  each_field(model, type, [&](const std::string& name, const model::Field& field) {
    names.push_back(name);
    for (const std::string& group : field.groups) {
      if (std::find(names.begin(), names.end(), group) == names.end()) names.push_back(group);
    }
  });
  for (const model::ChildList& list : type.lists) names.push_back(list.name);
  return names;
}

std::vector<std::string> expand_field(const model::Model& model, const model::RecordType& type,
                                      std::string_view name) {
  std::vector<std::string> exact;
  std::vector<std::string> grouped;
  each_field(model, type, [&](const std::string& path, const model::Field& field) {
    if (path == name) exact.push_back(path);
    if (path.size() > name.size() && path.starts_with(name) && path[name.size()] == '.')
      grouped.push_back(path);
    const auto& groups = field.groups;
    if (std::find(groups.begin(), groups.end(), name) != groups.end()) grouped.push_back(path);
  });
  for (std::string& path : grouped) {
    if (std::find(exact.begin(), exact.end(), path) == exact.end()) exact.push_back(std::move(path));
  }
  return exact;
}

const model::Field* field_of(const model::Model& model, const model::RecordType& type,
                             std::string_view name) {
  const model::Field* found = nullptr;
  each_field(model, type, [&](const std::string& path, const model::Field& field) {
    if (path == name) found = &field;
  });
  return found;
}

}  // namespace talon::access
