/// What the test's own connection does to the town's data: rows that no API makes, and a marker in every
/// text.
#include "tests/integration/paths/town.hpp"

#include <talon/id.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace talon::paths {

namespace {

using model::FieldType;
using model::Kind;

bool is_kept_in_a_table(const model::RecordType& type) {
  return type.kind == Kind::Stored || type.kind == Kind::Child;
}

/// The log's own rows tell of others and are hashed; nobody outside sees any of them.
bool is_log(const model::RecordType& type) {
  return type.name == "audit_entry" || type.name == "audit_value" || type.name == "audit_checkpoint" ||
         type.name == "audit_sight" || type.name == "audit_intake";
}

std::vector<const model::Field*> columns_of(const model::RecordType& type) {
  std::vector<const model::Field*> columns;
  for (const model::Field& field : model::host_fields_of(type)) columns.push_back(&field);
  for (const model::Field& field : type.fields) {
    if (field.computed.empty()) columns.push_back(&field);
  }
  return columns;
}

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

/// A value of the field's kind; a moment stays empty, for it may mean that something has happened.
std::string plain_value(const model::Field& field, int64_t number) {
  if (field.is_internal) return {};  // secrets: having one means that it is in use
  switch (field.type) {
    case FieldType::Text:
      return "x" + std::to_string(number % 10'000'000);
    case FieldType::Choice:
    case FieldType::State:
      return field.choices.back();
    case FieldType::Date:
      return "20261102";
    case FieldType::Boolean:
      return "0";
    case FieldType::Timestamp:
      return {};
    default:
      return "1";
  }
}

}  // namespace

bool takes_marker(const model::RecordType& type, const model::Field& field) {
  static const std::set<std::string, std::less<>> kMeaningful = {
      "currency", "accounting_currency", "country", "email", "roles", "role", "fact", "value", "format",
      "code"};
  const bool has_room = !field.max || *field.max >= 12;
  return field.type == FieldType::Text && !field.is_internal && has_room &&
         field.set_by != model::SetBy::Host && kMeaningful.count(field.name) == 0 && !is_log(type);
}

void Town::add_row(Database& database, const model::RecordType& type, const Side& side, int64_t parent) {
  static constexpr int64_t kFirst = INT64_C(0x0abcdef000000);
  const int64_t id = kFirst + ++filled_;
  std::string names;
  std::string places;
  Texts values;
  for (const model::Field* field : columns_of(type)) {
    std::string value = plain_value(*field, filled_);
    if (field->name == "id") value = std::to_string(id);
    if (field->name == "version") value = "1";
    if (field->name == "created_at" || field->name == "updated_at") value = "1764000000000000";
    if (field->type == FieldType::Ref && field->name != "id") {
      value.clear();
      if (field->to == "party") value = std::to_string(*parse_id(side.parties.at("client")));
      if (field->to == "user") value = std::to_string(*parse_id(side.people[0].user));
      if (field->name == type.parent) value = std::to_string(parent);
    }
    if (value.empty()) continue;
    names += (names.empty() ? "" : ", ") + quoted(field->name);
    places += places.empty() ? "?" : ", ?";
    values.push_back(value);
  }
  database.run("insert into " + type.plural + " (" + names + ") values (" + places + ")", values);
}

void Town::fill(Database& database) {
  for (const model::RecordType& type : model_->types) {
    if (!is_kept_in_a_table(type) || is_log(type)) continue;
    if (!database.ids("select id from " + type.plural).empty()) continue;
    if (type.kind == Kind::Stored) {
      for (const Side& side : sides_) add_row(database, type, side, 0);
      continue;
    }
    const std::string& parents = model_->find(type.parent)->plural;
    for (const int64_t parent : database.ids("select id from " + parents))
      add_row(database, type, sides_[0], parent);
  }
}

void Town::mark(Database& database) {
  for (const model::RecordType& type : model_->types) {
    if (!is_kept_in_a_table(type)) continue;
    for (const int64_t id : database.ids("select id from " + type.plural)) {
      std::string sets;
      Texts values;
      for (const model::Field& field : type.fields) {
        if (!takes_marker(type, field)) continue;
        const std::string number = std::to_string(markers_.size());
        const std::string text = "zq" + std::string(6 - number.size(), '0') + number;
        markers_[text] = {type.name, id, field.name};
        sets += (sets.empty() ? "" : ", ") + quoted(field.name) + " = ?";
        values.push_back(field.name == "iban" ? text + "9876" : text);
      }
      if (sets.empty()) continue;
      values.push_back(std::to_string(id));
      database.run("update " + type.plural + " set " + sets + " where id = ?", values);
    }
  }
}

void Town::remember(Database& database) {
  for (const model::RecordType& type : model_->types) {
    if (!is_kept_in_a_table(type)) continue;
    const auto columns = columns_of(type);
    std::string names;
    for (const model::Field* field : columns) names += (names.empty() ? "" : ", ") + quoted(field->name);
    database.each("select " + names + " from " + type.plural + " order by id", [&](const Texts& row) {
      const int64_t id = std::stoll(row[0]);
      rows_[type.name].push_back(id);
      auto& cells = cells_[{type.name, id}];
      for (std::size_t i = 0; i < columns.size(); ++i) cells[columns[i]->name] = row[i];
    });
  }
}

const std::vector<int64_t>& Town::rows(std::string_view type) const {
  static const std::vector<int64_t> kNone;
  const auto found = rows_.find(type);
  return found == rows_.end() ? kNone : found->second;
}

const std::string& Town::cell(std::string_view type, int64_t id, const std::string& field) const {
  static const std::string kNothing;
  const auto row = cells_.find({std::string(type), id});
  if (row == cells_.end()) return kNothing;
  const auto cell = row->second.find(field);
  return cell == row->second.end() ? kNothing : cell->second;
}

}  // namespace talon::paths
