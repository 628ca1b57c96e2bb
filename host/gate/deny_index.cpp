/// Finding the keys of denies.
#include "host/gate/deny_index.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>

namespace talon::gate {

namespace {

using expression::Expression;
using expression::Operand;
using expression::Operator;

struct Key {
  const std::string* path;
  const Value* value;
};
using Keys = std::vector<Key>;

/// `path is VALUE` or `path in [VALUES]`, where equal values are all that counts (not so of amounts and
/// days).
bool is_equality(const Expression& compare) {
  if (compare.kind != Expression::Kind::Compare || compare.operand.values.empty()) return false;
  if (compare.type == model::FieldType::Money || compare.operand.is_day) return false;
  const bool is_literal = compare.op == Operator::Is && compare.operand.kind == Operand::Kind::Literal;
  return is_literal || (compare.op == Operator::In && compare.operand.kind == Operand::Kind::List);
}

bool asks_presence(const Expression& compare, const std::string& path) {
  return compare.kind == Expression::Kind::Compare && compare.op == Operator::IsNotEmpty &&
         compare.path == path;
}

/// Values of which a row must have one for `expression` not to be False; none where there is no such set.
std::optional<Keys> keys_of(const Expression& expression) {
  const std::vector<Expression>& children = expression.children;
  if (expression.kind == Expression::Kind::Any) {
    Keys all;
    for (const Expression& child : children) {
      const std::optional<Keys> keys = keys_of(child);
      if (!keys) return std::nullopt;
      all.insert(all.end(), keys->begin(), keys->end());
    }
    return all;
  }
  if (expression.kind != Expression::Kind::All) return std::nullopt;
  for (const Expression& child : children) {
    // Without the test for presence an empty field would make the comparison Unknown, and the deny would
    // hold.
    const auto is_presence = [&](const Expression& other) { return asks_presence(other, child.path); };
    if (!is_equality(child) || std::none_of(children.begin(), children.end(), is_presence)) continue;
    Keys keys;
    for (const Value& value : child.operand.values) keys.push_back({&child.path, &value});
    return keys;
  }
  for (const Expression& child : children) {
    if (std::optional<Keys> keys = keys_of(child)) return keys;
  }
  return std::nullopt;
}

}  // namespace

void DenyIndex::add(uint32_t number, const Expression& deny, const std::vector<std::string>& slots) {
  is_built_ = true;
  const std::optional<Keys> keys = keys_of(deny);
  if (!keys) return unkeyed_.push_back(number);
  for (const Key& key : *keys) {
    const auto slot = static_cast<uint32_t>(std::find(slots.begin(), slots.end(), *key.path) - slots.begin());
    auto field =
        std::find_if(fields_.begin(), fields_.end(), [&](const Field& each) { return each.slot == slot; });
    if (field == fields_.end()) {
      field = fields_.insert(field, Field());
      field->slot = slot;
    }
    if (key.value->is_integer()) {
      field->integers.add(key.value->integer(), number);
      continue;
    }
    std::vector<uint32_t>& numbers = field->texts[std::string(key.value->text())];
    if (numbers.empty() || numbers.back() != number) numbers.push_back(number);
  }
}

void DenyIndex::close() {
  for (Field& field : fields_) field.integers.close();
}

void DenyIndex::Integers::close() {
  may_have_.resize((std::size_t{1} << kBitsLog) / 64);
  const auto buckets_log = std::max(static_cast<unsigned>(std::bit_width(entries_.size())), 1U);
  shift_ = 64U - buckets_log;
  starts_.assign((std::size_t{1} << buckets_log) + 1, 0);
  for (const Entry& entry : entries_) {
    const uint64_t bit = hash_of(entry.key) >> (64U - kBitsLog);
    may_have_[bit / 64] |= uint64_t{1} << (bit % 64);
    ++starts_[bucket_of(entry.key) + 1];
  }
  std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
  std::stable_sort(entries_.begin(), entries_.end(),
                   [this](const Entry& a, const Entry& b) { return bucket_of(a.key) < bucket_of(b.key); });
  entries_.shrink_to_fit();
}

}  // namespace talon::gate
