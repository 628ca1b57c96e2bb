/// Sums of minor units that say so when they do not fit, instead of wrapping.
#pragma once

#include <talon/money.hpp>
#include <talon/result.hpp>

#include <cstdint>

namespace talon::invoicing {

/// Adds minor units in 128 bits; `value()` is an error when the sum is beyond what an amount may be. @threads
/// one at a time.
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
  /// @return OutOfRange when it is beyond `Money::kMax`.
  Result<int64_t> value() const {
    if (sum_ > Money::kMax || sum_ < -static_cast<Int128>(Money::kMax)) {
      return Error{Code::OutOfRange, "the sum is beyond " + std::to_string(Money::kMax) +
                                         " minor units, the most that an amount may be: split the document"};
    }
    return static_cast<int64_t>(sum_);
  }

 private:
  Int128 sum_ = 0;
};

}  // namespace talon::invoicing
