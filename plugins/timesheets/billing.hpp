/// Approved time as invoice lines: grouped, in exact quantities, each line naming the entries that it bills.
#pragma once

#include "rates.hpp"

#include <talon/result.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace talon::timesheets {

enum class GroupBy { Activity, Worker, Entry };

/// An approved entry with the rate that it is billed at.
struct BillableEntry {
  int64_t id = 0;
  int64_t version = 0;
  int64_t worker = 0;
  std::string project;
  std::string activity;
  std::string note;
  Date day;
  int64_t minutes = 0;
  Rate rate;
};

/// One line of the draft.
struct BilledLine {
  std::string source;  ///< unique in the invoice; its entries carry the same text
  std::string description;
  std::string quantity;       ///< hours with 4 decimals, or minutes where hours would not be exact
  std::string unit;           ///< HUR or MIN (UN/ECE recommendation 20)
  std::string base_quantity;  ///< 1 for hours, 60 for minutes: the price stays the hourly rate
  std::string price;
  std::string vat_category;
  std::string vat_rate;
  std::vector<std::size_t> entries;  ///< positions in the input
};

struct VatDefault {
  std::string category = "S";
  std::string rate = "20.00";
};

/// Groups entries of one currency by what is asked and by rate and VAT, in the order of their first entry.
/// @errors  InvalidArgument: entries of several currencies, with both named.
/// @threads any; pure.
Result<std::vector<BilledLine>> group_entries(const std::vector<BillableEntry>& entries, GroupBy by,
                                              const VatDefault& vat);

}  // namespace talon::timesheets
