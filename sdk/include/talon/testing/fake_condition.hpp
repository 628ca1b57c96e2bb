/// Conditions for records in memory: the sdk's expressions where a model knows the type, else comparisons
/// joined by `and`.
#pragma once

#include <talon/expression/check.hpp>
#include <talon/expression/evaluate.hpp>
#include <talon/expression/parse.hpp>
#include <talon/testing/fake_records.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace talon::testing {

/// Without a model: `PATH is|is not|=|!=|<|<=|>|>= VALUE`, `PATH in|not in [A, B]`, `PATH is [not] empty`,
/// joined by `and`. An id, a date, a whole number and on/off are read as such; everything else is text.
class FakeCondition {
 public:
  /// Reads `where` for records of `type`. @errors InvalidArgument: a mistake in it.
  static Result<FakeCondition> read(const FakeRecords& records, std::string_view type,
                                    std::string_view where) {
    FakeCondition condition(records, where);
    const model::RecordType* known = records.type(type);
    if (known == nullptr) return condition;
    TALON_TRY(expression::Expression tree, expression::parse(where));
    expression::Scope scope;
    scope.model = &records.model();
    scope.type = known;
    scope.internal = model::Internal::Named;
    const Mistakes mistakes = expression::check(tree, scope, "where");
    if (!mistakes.empty()) return invalid(mistakes.front().to_string());
    condition.program_ = expression::Program::compile(tree, condition.slots_);
    return condition;
  }

  Result<bool> matches(const FakeRecord& record) const {
    if (program_) return evaluate(record);
    TALON_TRY(const std::vector<std::string> words, split(where_));
    std::size_t at = 0;
    while (at < words.size()) {
      const std::size_t from = at;
      TALON_TRY(const bool holds, compare(record, words, at));
      if (!holds) return false;
      if (at == from || (at < words.size() && words[at++] != "and")) return not_read(where_);
    }
    return true;
  }

 private:
  FakeCondition(const FakeRecords& records, std::string_view where) : records_(&records), where_(where) {}

  static Error not_read(std::string_view where) {
    return invalid("without a model, the fake host reads only comparisons joined by `and`, not: " +
                   std::string(where));
  }

  bool evaluate(const FakeRecord& record) const {
    std::vector<Value> values;
    for (const std::string& path : slots_) values.push_back(records_->at(record, path));
    std::vector<Cell> cells;
    for (const Value& value : values) cells.push_back(value.cell());
    return program_->evaluate(cells, records_->clock().today().packed()) == expression::Truth::True;
  }

  /// Words; a quoted text and a list are one word each.
  static Result<std::vector<std::string>> split(std::string_view where) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < where.size();) {
      if (where[at] == ' ') {
        ++at;
        continue;
      }
      if (where[at] == '(' || where[at] == ')') return not_read(where);
      const char opening = where[at];
      std::size_t end = where.find(opening == '"' ? '"' : opening == '[' ? ']' : ' ', at + 1);
      if (end == std::string_view::npos)
        end = where.size();
      else if (opening == '"' || opening == '[')
        ++end;
      words.emplace_back(where.substr(at, end - at));
      at = end;
    }
    return words;
  }

  static Value read_word(std::string_view word) {
    if (word.size() >= 2 && word.front() == '"') return Value(word.substr(1, word.size() - 2));
    if (word == "on" || word == "yes" || word == "true") return Value(1);
    if (word == "off" || word == "no" || word == "false") return Value(0);
    if (const Result<Date> date = Date::parse(word)) return Value(date->packed());
    if (const Result<int64_t> id = parse_id(word)) return Value(*id);
    if (const Result<Decimal> whole = Decimal::parse(word, 0)) return Value(whole->units());
    return Value(word);
  }

  static std::vector<Value> read_list(std::string_view word) {
    std::vector<Value> values;
    std::string_view rest = word.substr(1, word.size() - 2);
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      std::string_view item = rest.substr(0, comma);
      while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
      while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
      values.push_back(read_word(item));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return values;
  }

  Result<bool> compare(const FakeRecord& record, const std::vector<std::string>& words,
                       std::size_t& at) const {
    const std::string whole = words[at];
    if (at + 2 >= words.size()) return not_read(whole);
    const Value left = records_->at(record, words[at++]);
    std::string op = words[at++];
    if (words[at] == "not" || (op == "not" && words[at] == "in")) op += " " + words[at++];
    if (at >= words.size()) return not_read(whole);
    const std::string& word = words[at++];
    if (word == "empty") return left.is_null() == (op == "is");
    if (op == "in" || op == "not in") {
      const std::vector<Value> values = read_list(word);
      const bool is_in = std::find(values.begin(), values.end(), left) != values.end();
      return !left.is_null() && is_in == (op == "in");
    }
    const Value right = word == "today" ? Value(records_->clock().today().packed()) : read_word(word);
    if (left.is_null()) return false;
    if (op == "is" || op == "=") return left == right;
    if (op == "is not" || op == "!=") return !(left == right);
    const bool is_less = left.is_integer() ? left.integer() < right.integer() : left.text() < right.text();
    if (op == "<") return is_less;
    if (op == "<=") return is_less || left == right;
    if (op == ">") return !is_less && !(left == right);
    if (op == ">=") return !is_less;
    return not_read(op);
  }

  const FakeRecords* records_;  // outlives this
  std::string where_;
  std::vector<std::string> slots_;
  std::optional<expression::Program> program_;  // without a model: none
};

}  // namespace talon::testing
