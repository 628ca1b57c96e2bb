/// An invoice as values: header, lines, document allowances; from a caller's JSON or from records.
#pragma once

#include "totals.hpp"

#include <talon/changeset.hpp>
#include <talon/json.hpp>
#include <talon/result.hpp>
#include <talon/value.hpp>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace talon::invoicing {

/// Values by field name, raw as abi/base.h has them (minor units, yyyymmdd, unscaled, ids).
using Fields = std::map<std::string, Value, std::less<>>;

/// The value of a field, Null where it is not there.
const Value& field(const Fields& fields, std::string_view name);
std::string text_of(const Fields& fields, std::string_view name);
int64_t integer_of(const Fields& fields, std::string_view name);

/// How a field is written in JSON and packed as a value.
enum class Form { Text, Ref, Date, Boolean, Integer, Decimal, Money };
struct FieldSpec {
  std::string_view name;
  Form form = Form::Text;
  int scale = 0;  ///< of a Decimal
};

/// The fields of an invoice, of its lines and of its document allowances that a caller may give, and those
/// that another plugin's billing may give too (kind, source…).
std::span<const FieldSpec> header_specs();
std::span<const FieldSpec> trusted_header_specs();
std::span<const FieldSpec> line_specs();
std::span<const FieldSpec> trusted_line_specs();
std::span<const FieldSpec> allowance_specs();

struct InvoiceData {
  int64_t id = 0;  ///< 0: not stored yet
  int64_t version = 0;
  Fields header;
  std::vector<Fields> lines;
  std::vector<Fields> allowances;

  /// @return InvalidArgument when `currency` is no ISO 4217 code.
  Result<Currency> currency() const;
  bool is_credit_note() const { return text_of(header, "kind") == "credit_note"; }
};

/// Who wrote the JSON: a caller, or the code of a plugin that bills (then `source` and the like are read
/// too).
enum class Trust { Caller, Plugin };

/// Reads {"client": "pty_…", "lines": [{"description", "quantity": "1", "price": "12.50"}], …}. Decimals and
/// money are text; money may be {"amount", "currency"} too.
/// @return InvalidArgument with details [{pointer, code, message}], all mistakes at once.
Result<InvoiceData> read_invoice(const Json& json, Trust trust);

/// What the arithmetic needs of an invoice.
Result<TotalsInput> totals_input(const InvoiceData& invoice, VatRounding rounding);

/// "per_group", "per_line", "per_document"; anything else is per group.
VatRounding rounding_of(std::string_view word);
std::string_view rounding_word(VatRounding rounding);

/// The stored totals of an invoice, for a change set. @return OutOfRange: the accounting currency's VAT does
/// not fit.
Result<ChangeSet::Fields> totals_fields(const InvoiceData& invoice, const Totals& totals,
                                        VatRounding rounding);

/// Puts lines with their nets, and the VAT rows, on a `create` or `change` operation.
void add_lists(Json& operation, const InvoiceData& invoice, const Totals& totals);

}  // namespace talon::invoicing
