/// Writes the canonical snapshot of an issued invoice and works it out again.
#include "snapshot.hpp"

#include <talon/id.hpp>

#include <array>

namespace talon::invoicing {

namespace {

constexpr std::string_view kSchema = "talon.invoice/1";
constexpr const char* kNumberMark =
    "\x01";  // no field can hold it: control characters are refused on the way in

std::string money_text(int64_t amount, const Currency& currency) {
  return Decimal(amount, currency.digits()).to_string();
}

Json party_json(const Fields& party) {
  Json json = Json::object();
  for (const auto& [name, value] : party) {
    if (name == "id")
      json.set("id", id_text("pty", value.integer()));
    else if (value.is_text())
      json.set(name, value.text());
  }
  return json;
}

Json value_json(const FieldSpec& spec, const Value& value, const Currency& currency) {
  switch (spec.form) {
    case Form::Money:
      return money_text(value.integer(), currency);
    case Form::Decimal:
      return Decimal(value.integer(), spec.scale).to_string();
    case Form::Boolean:
      return value.integer() != 0;
    case Form::Integer:
      return value.integer();
    case Form::Ref:
      return id_text("pty", value.integer());
    case Form::Date: {
      const auto date = Date::unpack(value.integer());
      return date ? Json(date->to_string()) : Json();
    }
    case Form::Text:
      break;
  }
  return value.text();
}

Json fields_json(const Fields& fields, std::initializer_list<std::span<const FieldSpec>> specs,
                 const Currency& currency) {
  Json json = Json::object();
  for (const auto& part : specs) {
    for (const FieldSpec& spec : part) {
      const Value& value = field(fields, spec.name);
      if (!value.is_null()) json.set(std::string(spec.name), value_json(spec, value, currency));
    }
  }
  return json;
}

Json totals_json(const Totals& totals, const Currency& currency) {
  return Json::object({{"lines_total", money_text(totals.lines_total, currency)},
                       {"allowances_total", money_text(totals.allowances_total, currency)},
                       {"charges_total", money_text(totals.charges_total, currency)},
                       {"net_total", money_text(totals.net_total, currency)},
                       {"tax_total", money_text(totals.tax_total, currency)},
                       {"gross_total", money_text(totals.gross_total, currency)},
                       {"payable_total", money_text(totals.payable, currency)}});
}

Json taxes_json(const Totals& totals, const Currency& currency) {
  Json taxes = Json::array();
  for (const TaxGroup& group : totals.taxes) {
    taxes.push(Json::object({{"vat_category", group.category},
                             {"vat_rate", group.rate.to_string()},
                             {"taxable", money_text(group.taxable, currency)},
                             {"tax", money_text(group.tax, currency)}}));
  }
  return taxes;
}

Json lines_json(const InvoiceData& invoice, const Totals& totals, const TotalsInput& input) {
  Json lines = Json::array();
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    Json line = fields_json(invoice.lines[i], {line_specs(), trusted_line_specs()}, input.currency);
    line.set("position", static_cast<int64_t>(i) + 1);
    line.set("net", money_text(totals.line_nets[i], input.currency));
    if (input.is_tax_included) {
      // What XML writes: the price without VAT, or quantity 1 where no price gives the net back.
      const auto price = net_price(totals.line_nets[i], input.lines[i], input.currency);
      if (price) line.set("net_price", price->to_string());
    }
    lines.push(std::move(line));
  }
  return lines;
}

Json allowances_json(const TotalsInput& input, const Totals& totals, const InvoiceData& invoice) {
  Json list = Json::array();
  for (const Adjustment& adjustment : totals.adjustments) {
    const Fields& written = invoice.allowances[adjustment.index];
    list.push(Json::object({{"kind", input.adjustments[adjustment.index].is_charge ? "charge" : "allowance"},
                            {"reason", text_of(written, "reason")},
                            {"vat_category", adjustment.category},
                            {"vat_rate", adjustment.rate.to_string()},
                            {"amount", money_text(adjustment.amount, input.currency)}}));
  }
  return list;
}

/// Escapes every "%{" that the document itself has, so that only ours is filled in.
std::string without_placeholders(const std::string& json) {
  std::string out;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '%' && i + 1 < json.size() && json[i + 1] == '{')
      out += "\\u0025";
    else
      out += json[i];
  }
  return out;
}

}  // namespace

Result<std::string> snapshot_text(const InvoiceData& invoice, const Totals& totals,
                                  const SnapshotParts& parts, std::string_view number_pattern) {
  TALON_TRY(const TotalsInput input, totals_input(invoice, parts.rounding));
  Json json = fields_json(invoice.header, {header_specs(), trusted_header_specs()}, input.currency);
  json.set("schema", kSchema).set("number", kNumberMark).set("series", parts.series);
  json.set("kind", invoice.is_credit_note() ? "credit_note" : "invoice");
  json.set("issue_date", parts.issue_date.to_string()).set("due_date", parts.due_date.to_string());
  json.set("rounding", rounding_word(parts.rounding)).set("legal_text", parts.legal_text);
  json.set("seller", party_json(parts.seller)).set("buyer", party_json(parts.client));
  if (!parts.corrects.empty()) json.set("corrects", parts.corrects);
  const auto accounting = Currency::parse(text_of(invoice.header, "accounting_currency"));
  if (accounting) json.set("tax_total_accounting", money_text(parts.tax_accounting, *accounting));
  json.set("lines", lines_json(invoice, totals, input));
  Json written = Json::array();
  for (const Fields& fields : invoice.allowances)
    written.push(fields_json(fields, {allowance_specs()}, input.currency));
  json.set("allowances_written", std::move(written));
  json.set("allowances", allowances_json(input, totals, invoice));
  json.set("taxes", taxes_json(totals, input.currency)).set("totals", totals_json(totals, input.currency));
  std::string text = without_placeholders(json.to_string(Json::Keys::Sorted));
  constexpr std::string_view kMarked = "\"number\":\"\\u0001\"";
  const std::size_t at = text.find(kMarked);
  if (at == std::string::npos) return internal("the snapshot lost the place of its number");
  text.replace(at, kMarked.size(), "\"number\":\"" + std::string(number_pattern) + "\"");
  return text;
}

namespace {

/// The invoice as the snapshot has it, in the form that callers write.
Json as_written(const Json& snapshot) {
  Json json = Json::object();
  for (const auto specs : {header_specs(), trusted_header_specs()}) {
    for (const FieldSpec& spec : specs) {
      if (const Json* value = snapshot.find(spec.name)) json.set(std::string(spec.name), *value);
    }
  }
  Json lines = Json::array();
  for (const Json& line : snapshot["lines"].items()) {
    Json row = Json::object();
    for (const auto specs : {line_specs(), trusted_line_specs()}) {
      for (const FieldSpec& spec : specs) {
        if (const Json* value = line.find(spec.name)) row.set(std::string(spec.name), *value);
      }
    }
    lines.push(std::move(row));
  }
  return json.set("lines", std::move(lines)).set("allowances", snapshot["allowances_written"]);
}

void compare(const Json& stored, const Json& worked_out, const std::string& what,
             std::vector<std::string>& problems) {
  const std::string before = stored.to_string(Json::Keys::Sorted);
  const std::string now = worked_out.to_string(Json::Keys::Sorted);
  if (before != now) problems.push_back(what + " is " + before + ", worked out " + now);
}

}  // namespace

Result<std::vector<std::string>> recheck(const Json& snapshot) {
  if (snapshot["schema"].string() != kSchema) return invalid("not a snapshot of " + std::string(kSchema));
  TALON_TRY(const InvoiceData invoice, read_invoice(as_written(snapshot), Trust::Plugin));
  TALON_TRY(const TotalsInput input, totals_input(invoice, rounding_of(snapshot["rounding"].string())));
  TALON_TRY(const Totals totals, work_out(input));
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < totals.line_nets.size(); ++i) {
    compare(snapshot["lines"].items()[i]["net"], money_text(totals.line_nets[i], input.currency),
            "the net of line " + std::to_string(i + 1), problems);
  }
  compare(snapshot["taxes"], taxes_json(totals, input.currency), "the VAT breakdown", problems);
  compare(snapshot["totals"], totals_json(totals, input.currency), "the totals", problems);
  return problems;
}

}  // namespace talon::invoicing
