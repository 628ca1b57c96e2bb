/// Reads invoices from callers' JSON and turns them into what the arithmetic and the change sets need.
#include "invoice_data.hpp"

#include "amounts.hpp"

#include <talon/date.hpp>
#include <talon/faults.hpp>
#include <talon/id.hpp>
#include <talon/pointer.hpp>

#include <algorithm>
#include <array>

namespace talon::invoicing {

namespace {

constexpr std::array kHeader = {
    FieldSpec{"series"},
    FieldSpec{"company", Form::Ref},
    FieldSpec{"client", Form::Ref},
    FieldSpec{"branch", Form::Ref},
    FieldSpec{"franchisee", Form::Ref},
    FieldSpec{"due_date", Form::Date},
    FieldSpec{"supply_from", Form::Date},
    FieldSpec{"supply_to", Form::Date},
    FieldSpec{"currency"},
    FieldSpec{"reference"},
    FieldSpec{"order_reference"},
    FieldSpec{"contract_reference"},
    FieldSpec{"note"},
    FieldSpec{"payment_terms"},
    FieldSpec{"exemption_reason"},
    FieldSpec{"is_tax_included", Form::Boolean},
    FieldSpec{"rounding_amount", Form::Money},
    FieldSpec{"prepaid_total", Form::Money},
    FieldSpec{"accounting_currency"},
    FieldSpec{"exchange_rate", Form::Decimal, 6},
    FieldSpec{"reason"},
};
constexpr std::array kTrustedHeader = {
    FieldSpec{"kind"},
    FieldSpec{"source"},
    FieldSpec{"source_key"},
};
constexpr std::array kLine = {
    FieldSpec{"description"},
    FieldSpec{"item"},
    FieldSpec{"quantity", Form::Decimal, 4},
    FieldSpec{"unit"},
    FieldSpec{"price", Form::Decimal, 6},
    FieldSpec{"base_quantity", Form::Decimal, 4},
    FieldSpec{"allowance", Form::Money},
    FieldSpec{"allowance_percent", Form::Decimal, 2},
    FieldSpec{"charge", Form::Money},
    FieldSpec{"vat_category"},
    FieldSpec{"vat_rate", Form::Decimal, 2},
};
constexpr std::array kTrustedLine = {
    FieldSpec{"source"},
    FieldSpec{"credits_position", Form::Integer},
};
constexpr std::array kAllowance = {
    FieldSpec{"kind"},
    FieldSpec{"reason"},
    FieldSpec{"amount", Form::Money},
    FieldSpec{"percent", Form::Decimal, 2},
    FieldSpec{"vat_category"},
    FieldSpec{"vat_rate", Form::Decimal, 2},
};

constexpr std::size_t kLinesMax = 10000;  // what a reader of e-invoices is asked to take

/// Reads JSON objects by their specs and collects the mistakes.
class Reader {
 public:
  explicit Reader(const Currency& currency) : currency_(currency) {}

  Fields read(const Json& json, std::initializer_list<std::span<const FieldSpec>> specs,
              const std::string& at, std::initializer_list<std::string_view> others = {}) {
    Fields fields;
    if (!json.is_object()) faults_.add(at, "not_an_object", "takes an object of fields");
    for (const auto& [name, value] : json.members()) {
      const FieldSpec* spec = find(specs, name);
      if (spec == nullptr) {
        if (std::find(others.begin(), others.end(), name) == others.end()) {
          faults_.add(talon::pointer_below(at, name), "unknown_field",
                      "there is no field \"" + name + "\" to set here");
        }
        continue;
      }
      if (value.is_null()) continue;
      auto read = read_value(*spec, value);
      if (read) {
        fields[name] = *std::move(read);
      } else {
        faults_.add_value(at + "/" + name, "invalid_value", read.error().message);
      }
    }
    return fields;
  }
  void require(const Fields& fields, std::string_view name, const std::string& at) {
    if (field(fields, name).is_null()) {
      faults_.add_value(at + "/" + std::string(name), "required", "is required");
    }
  }
  Faults& faults() { return faults_; }
  Result<void> finish() const { return faults_.outcome(); }

 private:
  static const FieldSpec* find(std::initializer_list<std::span<const FieldSpec>> specs,
                               std::string_view name) {
    for (const auto& part : specs) {
      for (const FieldSpec& spec : part) {
        if (spec.name == name) return &spec;
      }
    }
    return nullptr;
  }

  Result<Value> read_value(const FieldSpec& spec, const Json& json) const {
    switch (spec.form) {
      case Form::Boolean:
        if (!json.is_boolean()) return invalid("takes true or false");
        return Value(json.boolean() ? 1 : 0);
      case Form::Integer:
        if (!json.is_number()) return invalid("takes a whole number");
        return Value(json.integer());
      case Form::Money:
        return read_money(json);
      default:
        break;
    }
    if (!json.is_string()) return invalid("takes text: numbers are written as in \"12.30\"");
    if (spec.form == Form::Decimal) {
      TALON_TRY(const Decimal value, Decimal::parse(json.string(), spec.scale));
      return Value(value.units());
    }
    if (spec.form == Form::Date) {
      TALON_TRY(const Date value, Date::parse(json.string()));
      return Value(value.packed());
    }
    if (spec.form == Form::Ref) {
      TALON_TRY(const int64_t id, parse_id(json.string(), "pty"));
      return Value(id);
    }
    return Value(json.string());
  }

  Result<Value> read_money(const Json& json) const {
    if (json.is_object() && json["currency"].string() != currency_.code()) {
      return invalid("the amount is in another currency than the invoice, " + std::string(currency_.code()));
    }
    const Json& amount = json.is_object() ? json["amount"] : json;
    if (!amount.is_string()) return invalid("takes text, as in \"12.30\"");
    TALON_TRY(const Money money, Money::parse(amount.string(), currency_));
    return Value(money.minor());
  }

  Currency currency_;
  Faults faults_;
};

Decimal decimal_of(const Fields& fields, std::string_view name, int scale, int64_t otherwise) {
  const Value& value = field(fields, name);
  return {value.is_null() ? otherwise : value.integer(), scale};
}

Json row_of(const Fields& fields) {
  Json row = Json::object();
  for (const auto& [name, value] : fields) {
    if (!value.is_null()) row.set(name, to_json(value));
  }
  return row;
}

}  // namespace

const Value& field(const Fields& fields, std::string_view name) {
  static const Value kNothing;
  const auto found = fields.find(name);
  return found == fields.end() ? kNothing : found->second;
}
std::string text_of(const Fields& fields, std::string_view name) {
  return std::string(field(fields, name).text());
}
int64_t integer_of(const Fields& fields, std::string_view name) { return field(fields, name).integer(); }

std::span<const FieldSpec> header_specs() { return kHeader; }
std::span<const FieldSpec> trusted_header_specs() { return kTrustedHeader; }
std::span<const FieldSpec> line_specs() { return kLine; }
std::span<const FieldSpec> trusted_line_specs() { return kTrustedLine; }
std::span<const FieldSpec> allowance_specs() { return kAllowance; }

Result<Currency> InvoiceData::currency() const {
  const std::string code = text_of(header, "currency");
  return Currency::parse(code.empty() ? "EUR" : code);
}

VatRounding rounding_of(std::string_view word) {
  if (word == "per_line") return VatRounding::PerLine;
  return word == "per_document" ? VatRounding::PerDocument : VatRounding::PerGroup;
}
std::string_view rounding_word(VatRounding rounding) {
  if (rounding == VatRounding::PerLine) return "per_line";
  return rounding == VatRounding::PerDocument ? "per_document" : "per_group";
}

Result<InvoiceData> read_invoice(const Json& json, Trust trust) {
  const std::string code(json["currency"].is_null() ? "EUR" : json["currency"].string());
  const auto currency = Currency::parse(code);
  if (!currency) return Error{Code::InvalidArgument, "currency: " + currency.error().message};
  const bool is_trusted = trust == Trust::Plugin;
  const std::span<const FieldSpec> none;
  Reader reader(*currency);
  InvoiceData invoice;
  invoice.header = reader.read(json, {header_specs(), is_trusted ? trusted_header_specs() : none}, "",
                               {"lines", "allowances"});
  invoice.header["currency"] = code;
  reader.require(invoice.header, "company", "");
  reader.require(invoice.header, "client", "");
  for (const char* list : {"lines", "allowances"}) {
    if (!json[list].is_null() && !json[list].is_array()) {
      reader.faults().add("/" + std::string(list), "not_a_list",
                          std::string(list) + ": takes a list of rows");
    }
  }
  const auto& lines = json["lines"].items();
  if (lines.empty()) reader.faults().add("/lines", "required", "lines: an invoice needs at least one line");
  if (lines.size() > kLinesMax)
    reader.faults().add("/lines", "too_many", "lines: at most 10000, split the invoice");
  for (std::size_t i = 0; i < lines.size() && i < kLinesMax; ++i) {
    const std::string at = "/lines/" + std::to_string(i);
    Fields& line = invoice.lines.emplace_back(
        reader.read(lines[i], {line_specs(), is_trusted ? trusted_line_specs() : none}, at));
    reader.require(line, "description", at);
    reader.require(line, "price", at);
    line.try_emplace("quantity", 10000);
    line.try_emplace("base_quantity", 10000);
    line.try_emplace("vat_category", "S");
    line.try_emplace("vat_rate", 0);
  }
  const auto& allowances = json["allowances"].items();
  for (std::size_t i = 0; i < allowances.size(); ++i) {
    invoice.allowances.push_back(
        reader.read(allowances[i], {allowance_specs()}, "/allowances/" + std::to_string(i)));
  }
  TALON_DO(reader.finish());
  return invoice;
}

Result<TotalsInput> totals_input(const InvoiceData& invoice, VatRounding rounding) {
  TotalsInput input;
  TALON_TRY(input.currency, invoice.currency());
  for (const Fields& fields : invoice.lines) {
    LineInput& line = input.lines.emplace_back();
    line.quantity = decimal_of(fields, "quantity", 4, 10000);
    line.price = decimal_of(fields, "price", 6, 0);
    line.base_quantity = decimal_of(fields, "base_quantity", 4, 10000);
    line.allowance = integer_of(fields, "allowance");
    if (!field(fields, "allowance_percent").is_null()) {
      line.allowance_percent = decimal_of(fields, "allowance_percent", 2, 0);
    }
    line.charge = integer_of(fields, "charge");
    line.category = field(fields, "vat_category").is_null() ? "S" : text_of(fields, "vat_category");
    line.rate = decimal_of(fields, "vat_rate", 2, 0);
  }
  for (const Fields& fields : invoice.allowances) {
    AdjustmentInput& adjustment = input.adjustments.emplace_back();
    adjustment.is_charge = text_of(fields, "kind") == "charge";
    adjustment.amount = integer_of(fields, "amount");
    if (!field(fields, "percent").is_null()) adjustment.percent = decimal_of(fields, "percent", 2, 0);
    adjustment.category = text_of(fields, "vat_category");
    adjustment.rate = decimal_of(fields, "vat_rate", 2, 0);
  }
  input.prepaid = integer_of(invoice.header, "prepaid_total");
  input.rounding_amount = integer_of(invoice.header, "rounding_amount");
  input.is_tax_included = integer_of(invoice.header, "is_tax_included") != 0;
  input.rounding = rounding;
  return input;
}

Result<ChangeSet::Fields> totals_fields(const InvoiceData& invoice, const Totals& totals,
                                        VatRounding rounding) {
  const int64_t sign = invoice.is_credit_note() ? -1 : 1;
  ChangeSet::Fields fields = {
      {"lines_total", totals.lines_total},     {"allowances_total", totals.allowances_total},
      {"charges_total", totals.charges_total}, {"net_total", totals.net_total},
      {"tax_total", totals.tax_total},         {"gross_total", totals.gross_total},
      {"payable_total", totals.payable},       {"turnover", sign * totals.net_total},
      {"rounding", rounding_word(rounding)}};
  const std::string accounting = text_of(invoice.header, "accounting_currency");
  const Value& rate = field(invoice.header, "exchange_rate");
  if (!accounting.empty() && !rate.is_null()) {
    TALON_TRY(const Currency from, invoice.currency());
    TALON_TRY(const Currency to, Currency::parse(accounting));
    TALON_TRY(const int64_t tax, tax_converted(totals, from, to, Decimal(rate.integer(), 6)));
    fields.emplace_back("tax_total_accounting", tax);
  }
  return fields;
}

void add_lists(Json& operation, const InvoiceData& invoice, const Totals& totals) {
  Json lines = Json::array();
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    Json row = row_of(invoice.lines[i]);
    row.set("net", totals.line_nets[i]);
    lines.push(std::move(row));
  }
  Json taxes = Json::array();
  for (const TaxGroup& group : totals.taxes) {
    taxes.push(Json::object({{"vat_category", group.category},
                             {"vat_rate", group.rate.units()},
                             {"taxable", group.taxable},
                             {"tax", group.tax}}));
  }
  Json lists = operation["lists"].is_object() ? operation["lists"] : Json::object();
  lists.set("lines", std::move(lines));
  lists.set("taxes", std::move(taxes));
  if (invoice.id == 0 && !invoice.allowances.empty()) {
    Json allowances = Json::array();
    for (const Fields& fields : invoice.allowances) allowances.push(row_of(fields));
    lists.set("allowances", std::move(allowances));
  }
  operation.set("lists", std::move(lists));
}

}  // namespace talon::invoicing
