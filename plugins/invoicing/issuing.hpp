/// Issuing: number, date, totals and snapshot of one invoice as operations of a change set.
#pragma once

#include "invoice_store.hpp"
#include "snapshot.hpp"

#include <talon/changeset.hpp>
#include <talon/date.hpp>
#include <talon/plugin.hpp>

#include <string>

namespace talon::invoicing {

/// One issuing under way. Reads parties and series as the plugin, since a document is complete whoever issues
/// it.
class Issuing {
 public:
  /// @param host  outlives this.
  Issuing(const Host& host, Settings settings) : host_(host), settings_(std::move(settings)) {}

  /// Adds the operations that issue `invoice`, and its event.
  ///
  /// @param target  its id as a number, or "@NAME" of the `create` that comes before in the same change set.
  /// @param corrects_number  of the invoice that a credit note corrects; else empty.
  /// @return FailedPrecondition: something is missing, the date is before the last number's, or an approval
  /// was
  ///         overtaken by an edit; each names field and remedy.
  Result<void> add(ChangeSet& changes, const InvoiceData& invoice, const Json& target, Date issue_date,
                   const std::string& corrects_number = {});

 private:
  Result<void> check_state(const InvoiceData& invoice, const Totals& totals) const;
  Result<std::string> take_number(ChangeSet& changes, const Series& series, Date issue_date);

  const Host& host_;
  Settings settings_;
  int taken_ = 0;                          // numbers in this change set; each has a name of its own
  std::map<int64_t, int64_t> last_dates_;  // by series, of the numbers taken here
};

/// Totals by the rounding of the invoice's series.
Result<Totals> totals_of(const InvoiceData& invoice, VatRounding rounding);

/// The fields of a freshly issued document's account: open, or settled when there is nothing to pay.
Result<ChangeSet::Fields> account_fields(const InvoiceData& invoice, const Totals& totals);

}  // namespace talon::invoicing
