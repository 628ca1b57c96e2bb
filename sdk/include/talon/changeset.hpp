/// Change sets: what an action or a connector wants written, as data. The host writes it in one transaction,
/// judged.
#pragma once

#include <talon/json.hpp>
#include <talon/value.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace talon {

/// A field's new value as change sets carry it: an integer stays the raw value of abi/base.h (minor units,
/// yyyymmdd, unscaled, id); text is read as a person writes it ("12.30", "2026-11-21", "inv_…").
inline Json to_json(const Value& value) {
  if (value.is_integer()) return Json(value.integer());
  if (value.is_null()) return Json();
  return Json(value.text());
}

/// Many new records of one type that have the same fields: as a `create` each, at a fraction of its cost. The
/// fields' names are said and looked up once, and the values travel beside the change set as they are.
struct NewRecords {
  std::string type;
  std::vector<std::string> fields;
  std::vector<Value> values;  ///< record after record, in the order of `fields`
};

/// Builds the JSON of docs/changesets.md. Operations are written in order, `next` ones last.
class ChangeSet {
 public:
  /// Fields of one record: {{"state", "issued"}, {"issue_date", date.packed()}}.
  using Fields = std::vector<std::pair<std::string, Value>>;

  /// Creates a record. @param as  a name by which later operations refer to it: "@as" wherever an id stands.
  /// @return the operation, to add child lists: op.set("lists", …).
  Json& create(std::string_view type, const Fields& fields, std::string_view as = {}) {
    Json& op = operation("create", type);
    if (!as.empty()) op.set("as", as);
    op.set("set", object(fields));
    return op;
  }
  /// Creates them all. They have no child lists and no names; amounts are raw, and nothing is deferred. Only
  /// in a set that goes to `Records::apply`: the text of one has no place for values. Without fields, or with
  /// values that are not as many for each record, the host refuses the set.
  void create_all(NewRecords records) {
    Json names = Json::array();
    for (const std::string& field : records.fields) names.push(field);
    const std::size_t width = std::max<std::size_t>(records.fields.size(), 1);
    Json& op = operation("create_all", records.type);
    op.set("fields", std::move(names));
    // A record that is there in part counts: of it, values are missing.
    op.set("records", static_cast<int64_t>((records.values.size() + width - 1) / width));
    values_.insert(values_.end(), std::make_move_iterator(records.values.begin()),
                   std::make_move_iterator(records.values.end()));
  }
  /// Adds a row to a child list of a `create` or `change` operation.
  static void add_row(Json& operation, std::string_view list, const Fields& fields) {
    Json lists = operation["lists"].is_object() ? operation["lists"] : Json::object();
    Json rows = lists[list].is_array() ? lists[list] : Json::array();
    rows.push(object(fields));
    lists.set(std::string(list), std::move(rows));
    operation.set("lists", std::move(lists));
  }
  /// Changes a record. @param version  the version that was read; the host runs the action again when it is
  /// stale.
  Json& change(std::string_view type, int64_t id, int64_t version, const Fields& fields) {
    Json& op = operation("change", type);
    op.set("id", id).set("version", version).set("set", object(fields));
    return op;
  }
  /// Creates the record, or changes the one with the same values in `key` (a unique key of the type).
  Json& upsert(std::string_view type, const std::vector<std::string>& key, const Fields& fields) {
    Json& op = operation("upsert", type);
    Json names = Json::array();
    for (const std::string& name : key) names.push(name);
    op.set("key", std::move(names)).set("set", object(fields));
    return op;
  }
  Json& remove(std::string_view type, int64_t id, int64_t version) {
    return operation("delete", type).set("id", id).set("version", version);
  }
  /// Takes the next number of counter `field` of a record, last in the transaction, so that a roll-back
  /// leaves no gap. Later text values refer to it as %{as} or, padded with zeros to 5 digits, %{as:5}:
  /// {"number", "INV-%{n:5}"} through `text`. @param where  a condition on the counter's record that must
  /// hold, or the set fails; may be empty.
  Json& next(std::string_view type, int64_t id, std::string_view field, std::string_view as,
             std::string_view where = {}, const Fields& fields = {}) {
    Json& op = operation("next", type);
    op.set("id", id).set("field", field).set("as", as).set("where", where).set("set", object(fields));
    return op;
  }
  /// Adds a finished operation, such as one that another plugin's command composed.
  Json& append(Json operation) {
    operations_.push(std::move(operation));
    return operations_.mutable_items().back();
  }
  /// Adds all operations and events of another set; its answer stays there.
  void append_all(const ChangeSet& other) {
    for (const Json& op : other.operations_.items()) operations_.push(op);
    for (const Json& one : other.events_.items()) events_.push(one);
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  }
  /// A condition that must hold for a record when the set is written (a fencing token), or it fails with
  /// Aborted.
  Json& guard(std::string_view type, int64_t id, std::string_view where) {
    return operation("guard", type).set("id", id).set("where", where);
  }
  /// An event for the outbox. `record` may be "@as".
  void event(std::string_view name, std::string_view type, Json record, Json data = Json::object()) {
    events_.push(Json::object(
        {{"event", name}, {"type", type}, {"record", std::move(record)}, {"data", std::move(data)}}));
  }
  /// What the caller of the action gets as the answer; "@as" texts become ids.
  void answer(Json answer) { answer_ = std::move(answer); }

  Json json() const {
    return Json::object({{"operations", operations_}, {"events", events_}, {"answer", answer_}});
  }
  /// The same as text, without a copy of the operations between.
  std::string text() const {
    std::string out = "{\"operations\":";
    operations_.write(out);
    out += ",\"events\":";
    events_.write(out);
    out += ",\"answer\":";
    answer_.write(out);
    return out += '}';
  }
  /// What `create_all` operations write, in their order.
  const std::vector<Value>& values() const { return values_; }
  bool empty() const { return operations_.items().empty() && events_.items().empty(); }

  /// A deferred text: %{name} of earlier `next` operations, and %{field:NAME} of the same record, are filled
  /// in.
  static Json deferred_text(std::string_view text) { return Json::object({{"$text", text}}); }
  /// A deferred digest: lower-case hex SHA-256 of the record's text field, after its deferred text was filled
  /// in.
  static Json deferred_sha256(std::string_view field) { return Json::object({{"$sha256", field}}); }
  /// Sets a deferred value on an operation.
  static void defer(Json& operation, std::string_view field, Json deferred) {
    Json set = operation["set"];
    set.set(std::string(field), std::move(deferred));
    operation.set("set", std::move(set));
  }

 private:
  /// The reference is valid until the next operation is added.
  Json& operation(std::string_view op, std::string_view type) {
    operations_.push(Json::object({{"op", op}, {"type", type}}));
    return operations_.mutable_items().back();
  }
  static Json object(const Fields& fields) {
    Json json = Json::object();
    for (const auto& [name, value] : fields) json.set(name, to_json(value));
    return json;
  }

  Json operations_ = Json::array();
  Json events_ = Json::array();
  Json answer_;
  std::vector<Value> values_;
};

}  // namespace talon
