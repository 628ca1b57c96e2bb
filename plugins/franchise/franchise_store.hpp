/// Reads contracts, franchisees' sales and earlier statements.
#pragma once

#include "fee.hpp"

#include <talon/money.hpp>
#include <talon/plugin.hpp>

#include <string>
#include <vector>

namespace talon::franchise {

/// A contract with its terms.
struct Contract {
  int64_t id = 0;
  int64_t version = 0;
  std::string state;
  std::string number;
  int64_t franchisor = 0;
  int64_t franchisee = 0;
  Currency currency;
  std::string vat_category;
  Decimal vat_rate{0, 2};
  Terms terms;
};

/// A statement, as far as later ones need it.
struct Statement {
  int64_t id = 0;
  int64_t version = 0;
  std::string state;
  Period period;
  int64_t fee = 0;
  int64_t advertising = 0;
  int64_t total = 0;
};

/// What a later statement corrects of an earlier one.
struct TrueUp {
  int64_t statement = 0;  ///< the earlier one
  int64_t carrier = 0;    ///< the one that carries the correction
  Date period_start;
  int64_t fee = 0;
  int64_t advertising = 0;
};

/// @param id  text form.
Result<Contract> load_contract(const Records& records, std::string_view id);
/// The active contract of a franchisee on a day. @return FailedPrecondition: none, or several.
Result<Contract> find_contract(const Records& records, const std::string& franchisee, Date day);

/// Sales of the franchisee in the period, as far as the contract runs in it.
/// @return FailedPrecondition: sales in another currency, or without gross where the basis is gross.
Result<std::vector<Sales>> load_sales(const Records& records, const Contract& contract, const Period& period);

/// All statements of a contract, by period.
Result<std::vector<Statement>> load_statements(const Records& records, const Contract& contract);
/// The corrections that statements of the contract carry.
Result<std::vector<TrueUp>> load_true_ups(const Records& records, const Contract& contract);

}  // namespace talon::franchise
