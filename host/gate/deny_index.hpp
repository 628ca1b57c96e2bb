/// Which of many denies a row can meet: those of partners' files are found by the partner, not tried one by
/// one.
#pragma once

#include <talon/expression/tree.hpp>
#include <talon/value.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace talon::gate {

/// A deny is keyed when it is False for every row but those where a field has one of a few values: somewhere
/// it says `client is not empty and client is pty_…`. The others are tried for every row. Immutable once
/// built.
class DenyIndex {
 public:
  /// @param number  one more than of the deny before.  @param slots  what rows are made of; has all paths of
  /// `deny`.
  void add(uint32_t number, const expression::Expression& deny, const std::vector<std::string>& slots);

  bool is_built() const { return is_built_; }

  /// Whether `holds(number)` is true for a deny that may hold on `row`; the order is not that of the numbers.
  /// @return true too where a cell is of another kind than the keys: what cannot be looked up is denied.
  template <typename Holds>
  bool any(Row row, Holds&& holds) const {
    for (const uint32_t number : unkeyed_) {
      if (holds(number)) return true;
    }
    for (const Field& field : fields_) {
      if (field.slot >= row.size() || row[field.slot].is_null()) continue;
      const Cell& cell = row[field.slot];
      if (cell.is_integer() != field.texts.empty()) return true;
      const std::vector<uint32_t>* numbers = find(field, cell);
      if (numbers == nullptr) continue;
      for (const uint32_t number : *numbers) {
        if (holds(number)) return true;
      }
    }
    return false;
  }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  /// The keys of one slot: all integers, or all texts.
  struct Field {
    uint32_t slot = 0;
    std::vector<uint64_t>
        may_have;  ///< a bit per hash of the integers: most rows end here, in the nearest cache
    std::unordered_map<int64_t, std::vector<uint32_t>> integers;
    std::unordered_map<std::string, std::vector<uint32_t>, TextHash, std::equal_to<>> texts;
  };

  static constexpr unsigned kBitsLog = 16;
  static uint64_t bit_of(int64_t value) {
    return (static_cast<uint64_t>(value) * 0x9E3779B97F4A7C15U) >> (64U - kBitsLog);
  }

  static const std::vector<uint32_t>* find(const Field& field, const Cell& cell) {
    if (cell.is_integer()) {
      const uint64_t bit = bit_of(cell.as.integer);
      if (((field.may_have[bit / 64] >> (bit % 64)) & 1U) == 0) return nullptr;
      const auto found = field.integers.find(cell.as.integer);
      return found == field.integers.end() ? nullptr : &found->second;
    }
    const auto found = field.texts.find(cell.text());
    return found == field.texts.end() ? nullptr : &found->second;
  }

  bool is_built_ = false;
  std::vector<uint32_t> unkeyed_;
  std::vector<Field> fields_;
};

}  // namespace talon::gate
