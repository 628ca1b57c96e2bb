/// Which of many denies a row can meet: those of partners' files are found by the partner, not tried one by
/// one.
#pragma once

#include <talon/expression/tree.hpp>
#include <talon/value.hpp>

#include <algorithm>
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

  /// After the last one.
  void close();

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
      if (cell.is_integer() ? field.integers.any(cell.as.integer, holds) : any_text(field, cell, holds))
        return true;
    }
    return false;
  }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  /// Denies by integers, in two blocks of memory: of tens of thousands a map would take six times as much.
  class Integers {
   public:
    void add(int64_t key, uint32_t number) { entries_.push_back({key, number}); }
    void close();
    template <typename Holds>
    bool any(int64_t key, Holds&& holds) const {
      const uint64_t bit = hash_of(key) >> (64U - kBitsLog);
      if (((may_have_[bit / 64] >> (bit % 64)) & 1U) == 0) return false;
      const uint64_t bucket = bucket_of(key);
      for (uint32_t at = starts_[bucket]; at < starts_[bucket + 1]; ++at) {
        if (entries_[at].key == key && holds(entries_[at].number)) return true;
      }
      return false;
    }

   private:
    struct Entry {
      int64_t key;
      uint32_t number;
    };
    static constexpr unsigned kBitsLog = 16;
    static uint64_t hash_of(int64_t key) { return static_cast<uint64_t>(key) * 0x9E3779B97F4A7C15U; }
    uint64_t bucket_of(int64_t key) const { return hash_of(key) >> shift_; }

    std::vector<uint64_t> may_have_;  ///< a bit per hash: most rows end here, in the nearest cache
    unsigned shift_ = 0;
    std::vector<uint32_t> starts_;  ///< where each bucket begins in `entries_`, and its end
    std::vector<Entry> entries_;
  };
  /// The keys of one slot: all integers, or all texts.
  struct Field {
    uint32_t slot = 0;
    Integers integers;
    std::unordered_map<std::string, std::vector<uint32_t>, TextHash, std::equal_to<>> texts;
  };

  template <typename Holds>
  static bool any_text(const Field& field, const Cell& cell, Holds&& holds) {
    const auto found = field.texts.find(cell.text());
    return found != field.texts.end() && std::any_of(found->second.begin(), found->second.end(), holds);
  }

  bool is_built_ = false;
  std::vector<uint32_t> unkeyed_;
  std::vector<Field> fields_;
};

}  // namespace talon::gate
