/// Sums of minor units that say so when they do not fit, instead of wrapping.
#pragma once

#include <talon/decimal.hpp>
#include <talon/result.hpp>

#include <cstdint>

namespace talon::invoicing {

/// Adds minor units in 128 bits; `value()` is an error when the sum does not fit 64. @threads one at a time.
class Sum {
 public:
  Sum& add(int64_t amount) {
    sum_ += amount;
    return *this;
  }
  Sum& subtract(int64_t amount) {
    sum_ -= amount;
    return *this;
  }
  /// @return OutOfRange when it does not fit.
  Result<int64_t> value() const {
    if (sum_ > INT64_MAX || sum_ < -static_cast<Int128>(INT64_MAX)) {
      return Error{Code::OutOfRange, "the sum does not fit 64 bits: split the document"};
    }
    return static_cast<int64_t>(sum_);
  }

 private:
  Int128 sum_ = 0;
};

}  // namespace talon::invoicing
