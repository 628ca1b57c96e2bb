/// Random records of the example model: in memory, with their links followed here, and as the SQL that stores
/// them.
#pragma once

#include "host/storage/database.hpp"
#include "tests/unit/gate/random_conditions.hpp"

#include <talon/expression/check.hpp>
#include <talon/expression/evaluate.hpp>
#include <talon/expression/parse.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace talon::gate::testing {

class RandomRecords {
 public:
  using Record = std::map<std::string, Value, std::less<>>;

  /// Five parties, five users and `invoices` invoices.
  RandomRecords(RandomConditions& random, int64_t invoices) {
    fill("party", 5, random);
    fill("user", 5, random);
    fill("invoice", invoices, random);
  }

  const model::Model& model() const { return model_; }
  const model::RecordType& invoice() const { return *model_.find("invoice"); }
  const std::vector<Record>& invoices() const { return records_.at("invoice"); }

  /// What `path` leads to from `record`, without any SQL.
  Value value(const model::RecordType& type, const Record& record, std::string_view path) const {
    const std::size_t dot = path.find('.');
    const model::Field& field = *type.find_field(path.substr(0, dot));
    if (!field.computed.empty()) return computed(type, record, field);
    const Value& own = record.at(field.name);
    if (dot == std::string_view::npos || own.is_null()) return dot == std::string_view::npos ? own : Value();
    const Record* next = find(field.to, own.integer());
    return next == nullptr ? Value() : value(*model_.find(field.to), *next, path.substr(dot + 1));
  }

  /// `value` of every invoice, worked out once.
  const std::vector<Value>& column(const std::string& path) {
    std::vector<Value>& values = columns_[path];
    for (std::size_t i = values.size(); i < invoices().size(); ++i) {
      values.push_back(value(invoice(), invoices()[i], path));
    }
    return values;
  }

  /// Tables and rows; the same in both databases but for the type of bytes and the collation of texts.
  std::vector<storage::Sql> statements(storage::Dialect dialect) const {
    std::vector<storage::Sql> all;
    for (const auto& [name, records] : records_) {
      const model::RecordType& type = *model_.find(name);
      std::string columns;
      std::string marks;
      std::vector<const model::Field*> fields;
      for (const model::Field* field : stored(type)) {
        columns += (columns.empty() ? "\"" : ", \"") + field->name + "\" " + column_type(*field, dialect);
        marks += marks.empty() ? "?" : ", ?";
        fields.push_back(field);
      }
      all.push_back({"create table \"" + type.plural + "\" (" + columns + ")", {}});
      for (const Record& record : records) {
        storage::Sql insert{"insert into \"" + type.plural + "\" values (" + marks + ")", {}};
        for (const model::Field* field : fields) insert.binds.push_back(record.at(field->name));
        all.push_back(std::move(insert));
      }
    }
    return all;
  }

 private:
  static std::string column_type(const model::Field& field, storage::Dialect dialect) {
    if (field.type == model::FieldType::File) return dialect == storage::Dialect::Sqlite ? "blob" : "bytea";
    const bool is_text = field.type == model::FieldType::Text || !field.choices.empty();
    if (!is_text) return "bigint";
    return dialect == storage::Dialect::Sqlite ? "text" : "text collate \"C\"";
  }

  static std::vector<const model::Field*> stored(const model::RecordType& type) {
    std::vector<const model::Field*> all;
    for (const model::Field& field : model::host_fields_of(type)) all.push_back(&field);
    for (const model::Field& field : type.fields) {
      if (field.computed.empty()) all.push_back(&field);
    }
    return all;
  }

  void fill(const std::string& name, int64_t count, RandomConditions& random) {
    for (int64_t id = 1; id <= count; ++id) {
      Record record;
      for (const model::Field* field : stored(*model_.find(name))) record[field->name] = random.value(*field);
      record["id"] = Value(id);
      records_[name].push_back(std::move(record));
    }
  }

  const Record* find(const std::string& type, int64_t id) const {
    const auto& records = records_.at(type);
    if (id < 1 || id > static_cast<int64_t>(records.size())) return nullptr;
    return &records[static_cast<std::size_t>(id - 1)];
  }

  Value computed(const model::RecordType& type, const Record& record, const model::Field& field) const {
    expression::Expression condition = *expression::parse(field.computed);
    expression::Scope scope;
    scope.model = &model_;
    scope.type = &type;
    if (!expression::check(condition, scope, "").empty()) std::abort();
    std::vector<std::string> slots;
    const auto program = expression::Program::compile(condition, slots);
    std::vector<Value> values;
    for (const std::string& slot : slots) values.push_back(value(type, record, slot));
    std::vector<Cell> row;
    for (const Value& each : values) row.push_back(each.cell());
    const expression::Truth truth = program.evaluate(row, kToday);
    return truth == expression::Truth::Unknown ? Value() : Value(truth == expression::Truth::True ? 1 : 0);
  }

  model::Model model_ = expression::testing::example_model();
  std::map<std::string, std::vector<Record>> records_;
  std::map<std::string, std::vector<Value>> columns_;
};

}  // namespace talon::gate::testing
