/// Applies a change set to records in memory, as the host does in a transaction: all of it or nothing.
#pragma once

#include <talon/testing/fake_condition.hpp>
#include <talon/testing/sha256.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace talon::testing {

/// Works on a copy of the records and swaps it in at the end.
class FakeChanges {
 public:
  FakeChanges(FakeRecords& records, std::vector<Json>& events)
      : target_(records), copy_(records), events_(events) {}

  /// @param values  of its `create_all`s.  @return the change set's answer with every "@as" as an id.
  Result<Json> apply(const Json& changes, Row values = {}) {
    values_ = values;
    for (const Json& op : changes["operations"].items()) {
      if (op["op"].string() != "next") TALON_DO(run(op));
    }
    if (!values_.empty()) return invalid("there are values beside the set that no create_all takes");
    for (const Json& op : changes["operations"].items()) {
      if (op["op"].string() == "next") TALON_DO(take_next(op));
    }
    for (const auto& [place, json] : deferred_) TALON_DO(fill_text(place, json));
    for (const auto& [place, json] : deferred_)
      TALON_DO(fill_digest(place, json));  // they may be of those texts
    TALON_TRY(Json answer, resolved(changes["answer"]));
    std::vector<Json> events;
    for (const Json& event : changes["events"].items()) {
      TALON_TRY(Json json, resolved(event));
      events.push_back(std::move(json));
    }
    target_ = copy_;
    events_.insert(events_.end(), events.begin(), events.end());
    return answer;
  }

 private:
  struct Place {
    std::string type;
    int64_t id = 0;
    std::string field;
  };

  Result<void> run(const Json& op) {
    const std::string_view kind = op["op"].string();
    const std::string_view type = op["type"].string();
    if (kind == "create") return create(op, type);
    if (kind == "create_all") return create_all(op, type);
    if (kind == "upsert") return upsert(op, type);
    TALON_TRY(FakeRecord * record, find(op));
    if (kind == "guard") return guard(*record, op["where"].string());
    TALON_DO(check_version(*record, op));
    if (kind == "delete") {
      copy_.erase(type, record->id());
      return {};
    }
    if (kind == "change") return change(*record, op);
    return invalid("a change set has no operation \"" + std::string(kind) + "\"");
  }

  Result<FakeRecord*> find(const Json& op) {
    TALON_TRY(const int64_t id, id_of(op["id"]));
    FakeRecord* record = copy_.find(op["type"].string(), id);
    if (record == nullptr)
      return not_found("there is no " + std::string(op["type"].string()) + " " + std::to_string(id));
    return record;
  }

  Result<int64_t> id_of(const Json& json) const {
    if (json.is_number()) return json.integer();
    if (!json.string().starts_with('@')) return parse_id(json.string());
    const auto found = names_.find(json.string().substr(1));
    if (found == names_.end()) return invalid("no operation before is named " + std::string(json.string()));
    return found->second.id;
  }

  static Result<void> check_version(const FakeRecord& record, const Json& op) {
    if (op.find("version") == nullptr || op["version"].integer() == record.version()) return {};
    return Error{Code::Aborted, record.type + " " + std::to_string(record.id()) + " is at version " +
                                    std::to_string(record.version()) + ", not " +
                                    std::to_string(op["version"].integer()) + "; read it again"};
  }

  Result<bool> holds_for(const FakeRecord& record, std::string_view where) const {
    TALON_TRY(const FakeCondition condition, FakeCondition::read(copy_, record.type, where));
    return condition.matches(record);
  }
  Result<void> guard(const FakeRecord& record, std::string_view where) const {
    TALON_TRY(const bool holds, holds_for(record, where));
    if (holds) return {};
    return Error{Code::Aborted, "the guard on " + record.type + " does not hold: " + std::string(where)};
  }

  Result<void> create(const Json& op, std::string_view type) {
    TALON_TRY(const int64_t id, copy_.add(type, {}));
    FakeRecord& record = *copy_.find(type, id);
    if (!op["as"].string().empty()) names_[std::string(op["as"].string())] = {std::string(type), id, {}};
    TALON_DO(set(record, op["set"]));
    return set_lists(record, op["lists"]);
  }

  Result<void> create_all(const Json& op, std::string_view type) {
    if (op["fields"].items().empty()) return invalid("a create_all has \"fields\", a list of names");
    for (int64_t left = op["records"].integer(); left > 0; --left) {
      Json one = Json::object();
      for (const Json& field : op["fields"].items()) {
        if (values_.empty()) return invalid("create_all: there are no values for so many records");
        one.set(std::string(field.string()), to_json(Value(values_.front())));
        values_ = values_.subspan(1);
      }
      TALON_DO(create(Json::object({{"set", std::move(one)}}), type));
    }
    return {};
  }

  Result<void> change(FakeRecord& record, const Json& op) {
    if (!op["as"].string().empty()) names_[std::string(op["as"].string())] = {record.type, record.id(), {}};
    TALON_DO(set(record, op["set"]));
    record.values["version"] = record.version() + 1;
    record.values["updated_at"] = copy_.clock().now_us();
    return set_lists(record, op["lists"]);
  }

  Result<void> upsert(const Json& op, std::string_view type) {
    FakeRecord probe{std::string(type), {}};
    TALON_DO(set(probe, op["set"]));
    for (const FakeRecord* record : copy_.all(type)) {
      bool is_same = !op["key"].items().empty();
      for (const Json& name : op["key"].items()) {
        is_same = is_same && record->value(name.string()) == probe.value(name.string());
      }
      if (is_same) return change(*copy_.find(type, record->id()), op);
    }
    return create(op, type);
  }

  Result<void> set(FakeRecord& record, const Json& fields) {
    for (const auto& [name, json] : fields.members()) {
      if (json.is_object() && (json.find("$text") != nullptr || json.find("$sha256") != nullptr)) {
        deferred_.emplace_back(Place{record.type, record.id(), name}, json);
        continue;
      }
      TALON_TRY(const Json value, json.string().starts_with('@') ? raw_id(json) : Result<Json>(json));
      TALON_DO(copy_.set(record, name, value));
    }
    return {};
  }
  Result<Json> raw_id(const Json& json) const {
    TALON_TRY(const int64_t id, id_of(json));
    return Json(id);
  }

  Result<void> set_lists(FakeRecord& parent, const Json& lists) {
    const int64_t id = parent.id();
    const std::string type = parent.type;
    for (const auto& [list, rows] : lists.members()) {
      const std::string child = copy_.child_type(type, list);
      for (const FakeRecord* row : copy_.all(child)) {
        if (row->value(type).integer() == id) copy_.erase(child, row->id());
      }
      int64_t position = 0;
      for (const Json& json : rows.items()) {
        FakeRecord row{child, {}};
        row.values[type] = id;
        row.values["position"] = ++position;
        TALON_DO(set(row, json));
        copy_.put(std::move(row));
      }
    }
    return {};
  }

  /// The counter holds the number that comes next.
  Result<void> take_next(const Json& op) {
    TALON_TRY(FakeRecord * record, find(op));
    TALON_TRY(const bool holds, holds_for(*record, op["where"].string()));
    if (!holds) return failed_precondition("the next number cannot be taken: its condition does not hold");
    const std::string field(op["field"].string());
    const int64_t number = record->value(field).integer();
    TALON_DO(set(*record, op["set"]));
    record->values[field] = number + 1;
    numbers_[std::string(op["as"].string())] = number;
    return {};
  }

  Result<void> fill_text(const Place& place, const Json& json) {
    FakeRecord* record = copy_.find(place.type, place.id);
    if (record == nullptr) return not_found("a deferred value's " + place.type + " is gone");
    if (json.find("$text") == nullptr) return {};
    TALON_TRY(std::string text, filled(*record, json["$text"].string()));
    return copy_.set(*record, place.field, Json(std::move(text)));
  }
  Result<void> fill_digest(const Place& place, const Json& json) {
    if (json.find("$sha256") == nullptr) return {};
    FakeRecord& record = *copy_.find(place.type, place.id);
    return copy_.set(record, place.field, Json(sha256_hex(record.value(json["$sha256"].string()).text())));
  }

  /// Replaces %{name}, %{name:5} and %{field:NAME}.
  Result<std::string> filled(const FakeRecord& record, std::string_view text) const {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = text.find("%{", at);
      const std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
      if (end == std::string_view::npos) return out.append(text.substr(at));
      out.append(text.substr(at, begin - at));
      const std::string_view name = text.substr(begin + 2, end - begin - 2);
      const std::size_t colon = std::min(name.find(':'), name.size());
      if (name.starts_with("field:")) {
        const Value& value = record.value(name.substr(6));
        out.append(value.is_integer() ? std::to_string(value.integer()) : std::string(value.text()));
      } else {
        const auto number = numbers_.find(name.substr(0, colon));
        if (number == numbers_.end()) return invalid("no `next` gives %{" + std::string(name) + "}");
        std::string digits = std::to_string(number->second);
        const int64_t width =
            colon < name.size() ? Json(Json::Number{std::string(name.substr(colon + 1))}).integer() : 0;
        if (static_cast<int64_t>(digits.size()) < width) {
          digits.insert(0, static_cast<std::size_t>(width) - digits.size(), '0');
        }
        out.append(digits);
      }
      at = end + 1;
    }
    return out;
  }

  Result<Json> resolved(const Json& json) const {
    if (json.string().starts_with('@')) {
      const auto found = names_.find(json.string().substr(1));
      if (found == names_.end()) return json;
      return Json(id_text(copy_.prefix(found->second.type), found->second.id));
    }
    Json result = json;
    if (json.is_array()) {
      for (Json& item : result.mutable_items()) {
        TALON_TRY(item, resolved(item));
      }
    }
    if (json.is_object()) {
      for (auto& [name, value] : result.mutable_members()) {
        TALON_TRY(value, resolved(value));
      }
    }
    return result;
  }

  FakeRecords& target_;
  FakeRecords copy_;
  std::vector<Json>& events_;  // of the FakeHost
  Row values_;
  std::map<std::string, Place, std::less<>> names_;
  std::map<std::string, int64_t, std::less<>> numbers_;
  std::vector<std::pair<Place, Json>> deferred_;
};

}  // namespace talon::testing
