/// The condition of a read as the read log keeps it.
#include "host/records/logged_condition.hpp"

#include <talon/expression/print.hpp>

#include <algorithm>

namespace talon::records {

namespace {

constexpr const char* kAnyValue = "?";

bool is_personal_path(const model::Model& model, const model::RecordType& type, const std::string& path) {
  if (type.kind == model::Kind::View) {
    const auto column = std::find_if(type.view.columns.begin(), type.view.columns.end(),
                                     [&](const auto& one) { return path == one.name; });
    const model::RecordType* from = model.find(type.view.type);
    if (column != type.view.columns.end() && from != nullptr)
      return is_personal_path(model, *from, column->path);
  }
  const auto field = model::resolve_path(model, type, path, model::Internal::Named);
  return field && (*field)->is_personal;
}

/// @return whether anything was taken out.
bool take_out(const model::Model& model, const model::RecordType& type, expression::Expression& condition) {
  bool is_any = false;
  for (expression::Expression& child : condition.children) is_any = take_out(model, type, child) || is_any;
  const bool is_value = !condition.operand.text.empty() || !condition.operand.texts.empty();
  if (condition.kind != expression::Expression::Kind::Compare || !is_value) return is_any;
  if (!is_personal_path(model, type, condition.path)) return is_any;
  if (!condition.operand.text.empty()) condition.operand.text = kAnyValue;
  if (!condition.operand.texts.empty()) condition.operand.texts = {kAnyValue};
  condition.operand.is_quoted = true;
  return true;
}

}  // namespace

std::string logged_condition(const model::Model& model, const model::RecordType& type,
                             expression::Expression condition, const std::string& where) {
  return take_out(model, type, condition) ? expression::print(condition) : where;
}

}  // namespace talon::records
