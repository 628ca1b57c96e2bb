/// Reads what invoicing needs: invoices with their lines, parties, number series, settings.
#pragma once

#include "invoice_data.hpp"

#include <talon/plugin.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace talon::invoicing {

/// The plugin's settings.
struct Settings {
  int64_t due_days = 30;
  std::string invoice_format = "INV-{year}-{n:5}";
  std::string credit_note_format = "CN-{year}-{n:5}";
  bool allows_credit_balance = false;
  bool asks_complete_parties = false;
  std::string legal_text;
};
Result<Settings> load_settings(const Host& host);

/// A row of number_series.
struct Series {
  int64_t id = 0;
  std::string code;
  std::string format;
  VatRounding rounding = VatRounding::PerGroup;
  int64_t last_date = 0;  ///< yyyymmdd of the last number; 0: none yet
};

/// @param records  whose eyes: the caller's for what they may see, the plugin's for a complete document.
/// @param id  text form.
/// @return NotFound: not there, or not for that principal.
Result<InvoiceData> load_invoice(const Records& records, std::string_view id);
Result<Fields> load_party(const Records& records, int64_t id);

/// The series that an invoice of that kind, code and year takes its number from, or none. An empty `code` is
/// "standard".
Result<std::optional<Series>> find_series(const Records& records, const InvoiceData& invoice, int year);

/// The same; makes it, in a transaction of its own, where it is not there yet: a series without numbers harms
/// nobody.
Result<Series> ensure_series(const Host& host, const InvoiceData& invoice, int year,
                             const Settings& settings);

/// The rounding of the invoice's series, EN 16931's way where there is none.
Result<VatRounding> rounding_for(const Host& host, const InvoiceData& invoice, int year);

std::string invoice_id(int64_t id);

}  // namespace talon::invoicing
