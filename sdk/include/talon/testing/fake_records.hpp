/// Records in memory: what FakeHost's talon.records/1 reads and writes.
#pragma once

#include <talon/changeset.hpp>
#include <talon/decimal.hpp>
#include <talon/id.hpp>
#include <talon/model.hpp>
#include <talon/money.hpp>
#include <talon/testing/fake_clock.hpp>
#include <talon/text.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace talon::testing {

/// One record. `values` holds raw values (abi/base.h), id and version among them.
struct FakeRecord {
  std::string type;
  std::map<std::string, Value, std::less<>> values;

  int64_t id() const { return value("id").integer(); }
  int64_t version() const { return value("version").integer(); }
  const Value& value(std::string_view field) const {
    static const Value kNothing;
    const auto found = values.find(field);
    return found == values.end() ? kNothing : found->second;
  }
};

/// Every record by type and id. With a model, fields are checked and texts get their field's type; without
/// one a value stays as it is given, but an id in text form becomes its number.
class FakeRecords {
 public:
  explicit FakeRecords(const FakeClock& clock) : clock_(&clock) {}

  void set_model(model::Model model) { model_ = std::move(model); }
  const model::Model& model() const { return model_; }
  const model::RecordType* type(std::string_view name) const { return model_.find(name); }
  const FakeClock& clock() const { return *clock_; }

  /// Adds a record. @return its id.
  Result<int64_t> add(std::string_view type, const ChangeSet::Fields& fields) {
    FakeRecord record{std::string(type), {}};
    for (const model::Field& field : declared(type)) {
      if (!field.initial.empty()) TALON_DO(set(record, field.name, Json(field.initial)));
    }
    for (const auto& [name, value] : fields) TALON_DO(set(record, name, to_json(value)));
    return put(std::move(record));
  }
  /// Stores a finished record under a new id, at version 1.
  int64_t put(FakeRecord record) {
    const int64_t id = next_id_++;
    record.values["id"] = id;
    record.values["version"] = 1;
    for (const char* name : {"created_at", "updated_at"}) {
      if (record.value(name).is_null()) record.values[name] = clock_->now_us();
    }
    tables_[record.type][id] = std::move(record);
    return id;
  }
  FakeRecord* find(std::string_view type, int64_t id) {
    const auto table = tables_.find(type);
    if (table == tables_.end()) return nullptr;
    const auto found = table->second.find(id);
    return found == table->second.end() ? nullptr : &found->second;
  }
  const FakeRecord* find(std::string_view type, int64_t id) const {
    return const_cast<FakeRecords*>(this)->find(type, id);
  }
  void erase(std::string_view type, int64_t id) {
    const auto table = tables_.find(type);
    if (table != tables_.end()) table->second.erase(id);
  }
  /// In the order of their ids, which is the order of creation.
  std::vector<const FakeRecord*> all(std::string_view type) const {
    std::vector<const FakeRecord*> records;
    const auto table = tables_.find(type);
    if (table == tables_.end()) return records;
    for (const auto& [id, record] : table->second) records.push_back(&record);
    return records;
  }

  /// Sets one field from a change set's JSON. @errors InvalidArgument: no such field, or not a value of its
  /// type.
  Result<void> set(FakeRecord& record, std::string_view name, const Json& json) const {
    TALON_TRY(Value value, read_value(record, name, json));
    record.values[std::string(name)] = std::move(value);
    return {};
  }

  /// The value at a path of up to three links; Null where a link is empty.
  Value at(const FakeRecord& record, std::string_view path) const {
    const std::size_t dot = path.find('.');
    const Value& value = record.value(path.substr(0, dot));
    if (dot == std::string_view::npos) return value;
    const FakeRecord* linked = any(value.integer());
    return linked == nullptr ? Value() : at(*linked, path.substr(dot + 1));
  }
  /// The record of any type with that id: ids are unique among all records here.
  const FakeRecord* any(int64_t id) const {
    for (const auto& [name, table] : tables_) {
      if (const auto found = table.find(id); found != table.end()) return &found->second;
    }
    return nullptr;
  }

  /// Without a model, the first three letters of the type.
  std::string prefix(std::string_view name) const {
    const model::RecordType* found = type(name);
    return found != nullptr && !found->prefix.empty() ? found->prefix : std::string(name.substr(0, 3));
  }
  /// The type of a child list's rows. Without a model, invoice's "lines" are of invoice_line.
  std::string child_type(std::string_view parent, std::string_view list) const {
    if (const model::RecordType* found = type(parent)) {
      for (const model::ChildList& child : found->lists) {
        if (child.name == list) return child.type;
      }
    }
    const bool is_plural = !list.empty() && list.back() == 's';
    return std::string(parent) + "_" + std::string(list.substr(0, list.size() - (is_plural ? 1 : 0)));
  }

 private:
  const std::vector<model::Field>& declared(std::string_view name) const {
    static const std::vector<model::Field> kNone;
    const model::RecordType* found = type(name);
    return found == nullptr ? kNone : found->fields;
  }

  Result<Value> read_value(const FakeRecord& record, std::string_view name, const Json& json) const {
    if (json.is_null()) return Value();
    if (json.is_boolean()) return Value(json.boolean() ? 1 : 0);
    if (json.is_number()) return Value(json.integer());
    const model::RecordType* known = type(record.type);
    const model::Field* field = known == nullptr ? nullptr : known->find_field(name);
    if (known != nullptr && field == nullptr) {
      return invalid(record.type + " has no field \"" + std::string(name) + "\"");
    }
    if (json.is_object()) return read_text(record, field, json["amount"].string());
    return read_text(record, field, json.string());
  }

  Result<Value> read_text(const FakeRecord& record, const model::Field* field, std::string_view text) const {
    const model::FieldType kind = field == nullptr ? model::FieldType::Text : field->type;
    if (field == nullptr || kind == model::FieldType::Ref) {
      if (const Result<int64_t> id = parse_id(text)) return Value(*id);
      if (field != nullptr) return invalid(field->name + ": \"" + std::string(text) + "\" is not an id");
    }
    if (kind == model::FieldType::Date) {
      TALON_TRY(const Date date, Date::parse(text));
      return Value(date.packed());
    }
    if (kind == model::FieldType::Timestamp) {
      TALON_TRY(const Timestamp at, Timestamp::parse(text));
      return Value(at.us());
    }
    if (kind == model::FieldType::Decimal) {
      TALON_TRY(const Decimal decimal, Decimal::parse(text, field->scale));
      return Value(decimal.units());
    }
    if (kind == model::FieldType::Money) return read_money(record, *field, text);
    if (kind == model::FieldType::Boolean)
      return Value(text == "on" || text == "yes" || text == "true" ? 1 : 0);
    if (kind == model::FieldType::Integer) {
      TALON_TRY(const Decimal whole, Decimal::parse(text, 0));
      return Value(whole.units());
    }
    if (field != nullptr && kind == model::FieldType::Text) TALON_DO(check_words(*field, text));
    return Value(text);
  }

  /// What the host refuses of a text.
  static Result<void> check_words(const model::Field& field, std::string_view text) {
    if (!is_plain(text)) return invalid(field.name + ": the text is not UTF-8 or has control characters");
    if (field.max && static_cast<int64_t>(count_code_points(text)) > *field.max) {
      return invalid(field.name + ": the text has more than " + std::to_string(*field.max) + " characters");
    }
    const std::string fault = field.is_one_line ? one_line_fault(text) : std::string();
    return fault.empty() ? Result<void>() : invalid(field.name + ": the text " + fault);
  }

  Result<Value> read_money(const FakeRecord& record, const model::Field& field, std::string_view text) const {
    std::string code(record.value(field.currency).text());
    const model::RecordType* known = type(record.type);
    if (code.empty() && known != nullptr && !known->parent.empty()) {
      code = at(record, known->parent + "." + field.currency).text();
    }
    TALON_TRY(const Currency currency, Currency::parse(code.empty() ? "EUR" : code));
    TALON_TRY(const Money money, Money::parse(text, currency));
    return Value(money.minor());
  }

  const FakeClock* clock_;  // of the FakeHost, which outlives this
  model::Model model_;
  std::map<std::string, std::map<int64_t, FakeRecord>, std::less<>> tables_;
  int64_t next_id_ = 1001;
};

}  // namespace talon::testing
