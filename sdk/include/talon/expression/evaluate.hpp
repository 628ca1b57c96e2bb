/// In memory: checked, folded trees compiled to flat programs over slots.
#pragma once

#include <talon/expression/tree.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace talon::expression {

/// Several conditions over one row, ready to run. Slots are the field paths that they read; the caller loads
/// them in that order.
///
/// A condition is asked for one of its three values at a time, and "is it True" of a group is two-valued: of
/// an `and`, that every part is True; of a `none`, that every part is False. So each condition lies as a row
/// of tests, each of which jumps forward or goes on to the next: tens of nanoseconds (policy.md, figures to
/// reach), without recursion or allocation.
/// Small ones lie within the object, and the lists in one block of memory: what nobody asked for in a while
/// is few cache misses away.
class Programs {
 public:
  /// The answer of the first rule that holds.
  /// @param list   from ProgramBuilder::begin.
  /// @param row    one cell per slot of the `slots` they were built with; one that is missing is empty.
  /// @param today  yyyymmdd, in the installation's zone. Timestamps are compared with days in UTC.
  /// @threads any; pure; allocates nothing.
  uint32_t first_of(uint32_t list, Row row, int64_t today) const;

 private:
  friend class ProgramBuilder;
  enum class Code : uint8_t {
    Constant,    ///< Unknown
    Currency,    ///< True when the slot is the text, else Unknown
    Currencies,  ///< True when both slots are the same text, else Unknown
    Empty,
    Integer,    ///< slot compared with number
    TextIs,     ///< slot equal to text
    TextOrder,  ///< slot compared with text
    IntegerIn,  ///< slot among integers
    TextIn,     ///< slot among texts
    Slots,      ///< slot compared with the other slot
    StartsWith,
    Contains,
    Day,          ///< a date slot compared with today + number
    TimeDay,      ///< a timestamp slot compared with a whole day, number
    TimeToday,    ///< a timestamp slot compared with the whole day today + number
    LastDays,     ///< a date slot from today − number to today
    TimeLastDays  ///< a timestamp slot, the same
  };
  /// One test; half a cache line.
  struct Step {
    Code code = Code::Constant;
    uint8_t accepts = 0;   ///< which orders make a comparison true: 1 less, 2 equal, 4 greater
    uint8_t jumps_on = 0;  ///< a bit for each Truth that jumps; another goes on to the next step
    uint32_t slot = 0;
    uint32_t jump = 0;   ///< steps ahead; or kAnswer and the answer
    uint32_t at = 0;     ///< the other slot; where its text, integers or texts begin
    uint32_t count = 0;  ///< bytes of the text; how many texts; at how many places to look for an integer
    int64_t number = 0;  ///< of an equal text, its head; of integers, the shift of their hash
  };
  struct Text {
    uint64_t head = 0;
    uint32_t at = 0;  ///< in `bytes_`; 0 for one that is all head
    uint32_t size = 0;

    bool operator==(const Text&) const = default;
  };
  static constexpr uint32_t kAnswer = 1U << 31U;

  Truth test(const Step& step, Row row, int64_t today) const;
  Truth test_text(const Step& step, std::string_view value) const;
  static Truth test_slots(const Step& step, const Cell& cell, const Cell& other);
  static Truth test_days(const Step& step, int64_t value, int64_t today);
  bool has_integer(const Step& step, int64_t value) const;
  bool has_text(const Step& step, std::string_view value) const;
  bool is_text(const Step& step, std::string_view value) const;
  int order_of(const Text& one, uint64_t head, std::string_view other) const;

  static constexpr uint32_t kNear = 24;
  const Step* steps() const { return count_ <= kNear ? near_.data() : far_; }

  std::array<Step, kNear> near_;  ///< the steps of small programs: where they lie is known without a read
  uint32_t count_ = 0;            ///< of steps
  const Step* far_ = nullptr;     ///< the steps of others
  const int64_t* integers_ = nullptr;  // of each list a table: a value lies at its hash or a few places on
  const Text* texts_ = nullptr;        // of lists
  const char* bytes_ = nullptr;
  std::shared_ptr<const int64_t[]> block_;  // where these four lie; copies share it, nobody changes it
};

/// One condition, ready to run.
class Program {
 public:
  Program() = default;  ///< always True

  /// Of a tree as ProgramBuilder::add takes it; `slots` may be shared by several programs over one row.
  static Program compile(const Expression& expression, std::vector<std::string>& slots);

  /// Over a row as of Programs::first_of.
  Truth evaluate(Row row, int64_t today) const {
    return is_empty_ ? Truth::True : static_cast<Truth>(programs_.first_of(0, row, today));
  }

 private:
  Programs programs_;
  bool is_empty_ = true;
};

/// not, of three values.
constexpr Truth negate(Truth truth) {
  return truth == Truth::Unknown ? truth : truth == Truth::True ? Truth::False : Truth::True;
}

}  // namespace talon::expression

#include <talon/expression/compile.hpp>
#include <talon/expression/run.hpp>
