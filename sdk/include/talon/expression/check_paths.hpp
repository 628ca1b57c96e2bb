/// Paths of conditions: where a field path leads, and where an amount's currency stands.
#pragma once

#include <talon/model.hpp>

#include <string>
#include <string_view>

namespace talon::expression::detail {

/// What a path leads to.
struct Located {
  const model::RecordType* type = nullptr;  ///< that has the field
  const model::Field* field = nullptr;
  std::string prefix;         ///< of a Ref: of its ids
  std::string currency_path;  ///< of Money: from the start; empty where the type has no such field
};

inline std::string head_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string() : std::string(path.substr(0, dot + 1));
}

/// The currency of a money field of `type`: a sibling, or in a child list the parent's.
inline std::string currency_of(const model::Model& model, const model::RecordType& type,
                               const model::Field& field) {
  if (field.currency.empty()) return {};
  if (type.find_field(field.currency) != nullptr) return field.currency;
  const model::RecordType* parent = type.kind == model::Kind::Child ? model.find(type.parent) : nullptr;
  if (parent == nullptr || parent->find_field(field.currency) == nullptr) return {};
  return type.parent + "." + field.currency;
}

/// @return NotFound naming the part that is not there, with a suggestion, or a path that nobody is shown.
inline Result<Located> locate(const model::Model& model, const model::RecordType& type, std::string_view path,
                              model::Internal internal) {
  Located located;
  TALON_TRY(located.field, model::resolve_path(model, type, path, internal));
  located.type = &type;
  for (std::string_view rest = path; rest.find('.') != std::string_view::npos;
       rest.remove_prefix(rest.find('.') + 1)) {
    located.type = model.find(located.type->find_field(rest.substr(0, rest.find('.')))->to);
  }
  if (located.field->type == model::FieldType::Ref) {
    const model::RecordType* target = model.find(located.field->to);
    if (target != nullptr) located.prefix = target->prefix;
  }
  if (located.field->type == model::FieldType::Money) {
    const std::string currency = currency_of(model, *located.type, *located.field);
    if (!currency.empty()) located.currency_path = head_of(path) + currency;
  }
  return located;
}

}  // namespace talon::expression::detail
