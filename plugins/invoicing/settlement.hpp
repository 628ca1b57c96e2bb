/// What an issued invoice still has to get, and how its settlement is called.
#pragma once

#include <talon/result.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace talon::invoicing {

/// The amounts of one invoice, in minor units of its currency.
struct Account {
  int64_t payable = 0;
  int64_t paid = 0;
  int64_t credited = 0;
  int64_t written_off = 0;

  /// payable − paid − credited − written off.
  Result<int64_t> balance() const;
};

/// open, partly_paid, paid, or credited (when credits alone cover it).
/// @return OutOfRange when the amounts do not fit.
Result<std::string_view> settlement_of(const Account& account);

/// How much of `amount` each open balance gets, in order; the rest stays with the payment.
/// @param balances  ≤ 0 ones get nothing.
std::vector<int64_t> spread(int64_t amount, const std::vector<int64_t>& balances);

}  // namespace talon::invoicing
