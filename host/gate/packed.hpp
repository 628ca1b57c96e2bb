/// Many residuals in little room: of ten thousand partners' rules a plan keeps a few megabytes and not fifty.
#pragma once

#include <talon/expression/tree.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace talon::gate {

struct Residual;

/// Residuals one after the other in one text. Places in the condition are not kept. Immutable once made;
/// @threads any.
class PackedResiduals {
 public:
  PackedResiduals() = default;
  explicit PackedResiduals(const std::vector<Residual>& residuals);

  std::size_t size() const { return starts_.size(); }
  /// Makes the residual at `place` again; `place` is less than `size`.
  Residual at(std::size_t place) const;

 private:
  std::string bytes_;
  std::vector<uint32_t> starts_;  ///< in `bytes_`
};

}  // namespace talon::gate
