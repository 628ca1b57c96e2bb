/// The balance of an invoice and what its settlement is called.
#include "settlement.hpp"

#include "amounts.hpp"

#include <algorithm>

namespace talon::invoicing {

Result<int64_t> Account::balance() const {
  return Sum().add(payable).subtract(paid).subtract(credited).subtract(written_off).value();
}

Result<std::string_view> settlement_of(const Account& account) {
  TALON_TRY(const int64_t balance, account.balance());
  if (balance <= 0)
    return std::string_view(account.credited >= account.payable && account.credited > 0 ? "credited"
                                                                                        : "paid");
  const bool is_touched = account.paid != 0 || account.credited != 0 || account.written_off != 0;
  return std::string_view(is_touched ? "partly_paid" : "open");
}

std::vector<int64_t> spread(int64_t amount, const std::vector<int64_t>& balances) {
  std::vector<int64_t> parts;
  for (const int64_t balance : balances) {
    parts.push_back(std::clamp<int64_t>(balance, 0, std::max<int64_t>(amount, 0)));
    amount -= parts.back();
  }
  return parts;
}

}  // namespace talon::invoicing
