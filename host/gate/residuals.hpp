/// The rules of a plan: a few as they are, many in little room.
#pragma once

#include <talon/expression/tree.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace talon::gate {

/// One rule's residual: what is left of it once the user is folded in.
struct Residual {
  std::string rule;              ///< id
  std::string place;             ///< "rules/invoice.yaml:41"
  expression::Expression where;  ///< Always: unconditional
};

/// Residuals in their order. Many are packed one after the other into one text as they come, so that ten
/// thousand partners' rules take a few megabytes and never fifty; places in their conditions are not kept.
/// @threads any, once all are in.
class Residuals {
 public:
  void add(Residual residual);
  /// Gives back the room for more.
  void shrink_to_fit();

  std::size_t size() const { return few_.size() + starts_.size(); }
  bool has_always() const { return has_always_; }        ///< one holds for every record
  bool are_all_never() const { return are_all_never_; }  ///< none holds for any

  /// Calls `take` with the residual at `place`, which is less than `size`.
  template <typename Take>
  void with(std::size_t place, Take&& take) const {
    if (starts_.empty())
      take(few_[place]);
    else
      take(unpacked(place));
  }
  template <typename Take>
  void each(Take&& take) const {
    for (std::size_t place = 0; place < size(); ++place) with(place, take);
  }
  std::vector<Residual> all() const;

 private:
  void pack(const Residual& residual);
  Residual unpacked(std::size_t place) const;

  std::vector<Residual> few_;     // until there are many
  std::string bytes_;             // of many
  std::vector<uint32_t> starts_;  // of each in `bytes_`
  bool has_always_ = false;
  bool are_all_never_ = true;
};

}  // namespace talon::gate
