/// Queries over records in memory: filter, order, group and aggregates, limit.
#pragma once

#include <talon/testing/fake_condition.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace talon::testing {

class FakeQuery {
 public:
  using Rows = std::vector<std::vector<Value>>;

  explicit FakeQuery(const FakeRecords& records) : records_(records) {}

  /// @param query  the JSON of docs/queries.md.  @return rows in the order of the query's columns.
  Result<Rows> run(const Json& query) const {
    const std::string_view type = query["type"].string();
    if (!records_.model().types.empty() && records_.type(type) == nullptr) {
      return not_found("there is no record type \"" + std::string(type) + "\"");
    }
    for (const char* key : {"fields", "group"}) TALON_DO(check_paths(type, query[key]));
    TALON_TRY(const FakeCondition condition, FakeCondition::read(records_, type, query["where"].string()));
    std::vector<const FakeRecord*> found;
    for (const FakeRecord* record : records_.all(type)) {
      TALON_TRY(const bool holds, condition.matches(*record));
      if (holds) found.push_back(record);
    }
    const bool is_grouped = !query["group"].items().empty() || !query["aggregates"].items().empty();
    if (!is_grouped) sort(found, query["order"]);
    Rows rows = is_grouped ? grouped(found, query) : plain(found, query);
    const auto limit = static_cast<std::size_t>(query["limit"].integer());
    if (limit > 0 && rows.size() > limit) rows.resize(limit);
    return rows;
  }

 private:
  Result<void> check_paths(std::string_view type, const Json& paths) const {
    const model::RecordType* known = records_.type(type);
    if (known == nullptr) return {};
    for (const Json& path : paths.items()) {
      const auto field = model::resolve_path(records_.model(), *known, path.string(), model::Internal::Named);
      if (!field) return field.error();
    }
    return {};
  }

  static bool is_less(const Value& a, const Value& b) {
    if (a.is_null() || b.is_null()) return a.is_null() && !b.is_null();
    return a.is_integer() && b.is_integer() ? a.integer() < b.integer() : a.text() < b.text();
  }

  void sort(std::vector<const FakeRecord*>& records, const Json& order) const {
    std::stable_sort(records.begin(), records.end(), [&](const FakeRecord* a, const FakeRecord* b) {
      for (const Json& key : order.items()) {
        std::string_view path = key.string();
        const bool is_descending = path.starts_with('-');
        if (is_descending) path.remove_prefix(1);
        const Value left = records_.at(is_descending ? *b : *a, path);
        const Value right = records_.at(is_descending ? *a : *b, path);
        if (is_less(left, right)) return true;
        if (is_less(right, left)) return false;
      }
      return false;
    });
  }

  Rows plain(const std::vector<const FakeRecord*>& records, const Json& query) const {
    Rows rows;
    for (const FakeRecord* record : records) {
      std::vector<Value>& row = rows.emplace_back();
      for (const Json& path : query["fields"].items()) row.push_back(records_.at(*record, path.string()));
    }
    return rows;
  }

  Rows grouped(const std::vector<const FakeRecord*>& records, const Json& query) const {
    const auto before = [](const std::vector<Value>& a, const std::vector<Value>& b) {
      return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), is_less);
    };
    std::map<std::vector<Value>, std::vector<const FakeRecord*>, decltype(before)> groups(before);
    if (query["group"].items().empty()) groups[{}];
    for (const FakeRecord* record : records) {
      std::vector<Value> key;
      for (const Json& path : query["group"].items()) key.push_back(records_.at(*record, path.string()));
      groups[key].push_back(record);
    }
    Rows rows;
    for (const auto& [key, members] : groups) {
      std::vector<Value>& row = rows.emplace_back(key);
      for (const Json& aggregate : query["aggregates"].items())
        row.push_back(fold(members, aggregate.string()));
    }
    return rows;
  }

  /// "count", "sum PATH", "min PATH", "max PATH"; empty values do not count.
  Value fold(const std::vector<const FakeRecord*>& records, std::string_view aggregate) const {
    if (aggregate == "count") return Value(static_cast<int64_t>(records.size()));
    const std::size_t space = std::min(aggregate.find(' '), aggregate.size());
    const std::string_view function = aggregate.substr(0, space);
    Value result;
    for (const FakeRecord* record : records) {
      const Value value = records_.at(*record, aggregate.substr(std::min(space + 1, aggregate.size())));
      if (value.is_null()) continue;
      if (result.is_null())
        result = value;
      else if (function == "sum")
        result = Value(result.integer() + value.integer());
      else if (function == "min" ? is_less(value, result) : is_less(result, value))
        result = value;
    }
    return result;
  }

  const FakeRecords& records_;
};

}  // namespace talon::testing
