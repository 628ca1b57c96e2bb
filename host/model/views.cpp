/// Views: a field for each column, with the type that its function gives.
#include "host/model/check_model.hpp"

#include "host/config/text.hpp"

#include <algorithm>

namespace talon::model {

namespace {

using config::in_quotes;
using Function = ViewColumn::Function;

bool is_number(FieldType type) {
  return type == FieldType::Integer || type == FieldType::Decimal || type == FieldType::Money;
}

/// What is wrong with the function on a field of this type, or empty.
std::string mismatch(const ViewColumn& column, const Field& field) {
  const bool is_time = field.type == FieldType::Date || field.type == FieldType::Timestamp;
  switch (column.function) {
    case Function::Month:
    case Function::Year:
      return is_time ? "" : "is no date";
    case Function::Sum:
      return is_number(field.type) ? "" : "is no number, so it has no sum";
    case Function::Min:
    case Function::Max:
      return is_number(field.type) || is_time ? "" : "has no smallest or largest value";
    case Function::Key:
      return field.type == FieldType::File || !field.computed.empty() ? "cannot be a key" : "";
    case Function::Count:
      return "";
  }
  return "";
}

/// The path of the currency of a money field at `path`: its sibling there, or the parent's field of a child
/// list.
std::string currency_path(const Model& model, const RecordType& source, const std::string& path,
                          const Field& field) {
  const std::size_t dot = path.rfind('.');
  if (dot != std::string::npos) return path.substr(0, dot + 1) + field.currency;
  if (source.kind == Kind::Child && source.find_field(field.currency) == nullptr) {
    const RecordType* parent = model.find(source.parent);
    if (parent != nullptr) return source.parent + "." + field.currency;
  }
  return field.currency;
}

Field column_field(const ViewColumn& column, const Field& source) {
  Field field;
  field.name = column.name;
  field.set_by = SetBy::Host;
  field.label = column.name == source.name ? source.label : Label{{"en", humanised(column.name)}};
  if (column.function == Function::Count || column.function == Function::Month ||
      column.function == Function::Year) {
    field.type = FieldType::Integer;
    return field;
  }
  field.type = source.type == FieldType::State ? FieldType::Choice : source.type;
  field.scale = source.scale;
  field.choices = source.choices;
  field.to = source.to;
  field.groups = source.groups;
  field.is_personal = source.is_personal;
  return field;
}

/// The column that is keyed on `path`, or empty.
std::string key_column(const ViewSource& view, const std::string& path) {
  for (const ViewColumn& column : view.columns) {
    if (column.function == Function::Key && column.path == path) return column.name;
  }
  return {};
}

void complete_column(const TypeContext& context, const RecordType& source, const ViewColumn& column) {
  const Node& node = locate(context.node, {"columns", column.name});
  if (!column.where.empty()) check_condition(context, source, column.where, locate(node, {"where"}));
  if (column.function == Function::Count) {
    context.type.fields.push_back(column_field(column, {}));
    return;
  }
  const auto found = resolve_path(context.model, source, column.path, Internal::Refused);
  if (!found) return context.report.mistake(node, found.error().message);
  const Field& from = **found;
  if (const std::string what = mismatch(column, from); !what.empty()) {
    return context.report.mistake(node, in_quotes(column.path) + " " + what);
  }
  Field field = column_field(column, from);
  if (field.type == FieldType::Money) {
    const std::string path = currency_path(context.model, source, column.path, from);
    field.currency = key_column(context.type.view, path);
    if (field.currency.empty()) {
      context.report.mistake(
          node, column.name + " would add up several currencies: add a column {key: " + path + "}");
    }
  }
  context.type.fields.push_back(std::move(field));
}

}  // namespace

void complete_view(const TypeContext& context) {
  RecordType& type = context.type;
  type.fields.clear();
  const Node& from = locate(context.node, {"from"});
  const RecordType* source = find_visible(context, type.view.type, from);
  if (source == nullptr) return;
  if (source->kind != Kind::Stored && source->kind != Kind::Child) {
    return context.report.mistake(from,
                                  in_quotes(type.view.type) + " has no rows of its own to compute from");
  }
  if (!type.view.where.empty())
    check_condition(context, *source, type.view.where, locate(context.node, {"where"}));
  for (const ViewColumn& column : type.view.columns) complete_column(context, *source, column);
  for (const std::string& partner : type.partner_paths) {
    const Field* field = type.find_field(partner);
    if (field == nullptr || field->type != FieldType::Ref) {
      context.report.mistake(
          locate(context.node, {"partner"}),
          "partner names a column that is a reference; " + in_quotes(partner) + " is none");
    }
  }
}

}  // namespace talon::model
