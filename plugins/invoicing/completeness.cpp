/// Judges what an invoice still lacks before it is issued.
#include "completeness.hpp"

#include <talon/faults.hpp>
#include <talon/id.hpp>

#include <set>

namespace talon::invoicing {

namespace {

std::string party_name(const Fields& party) {
  return text_of(party, "name") + " (" + id_text("pty", integer_of(party, "id")) + ")";
}

void check_lines(const InvoiceData& invoice, Faults& gaps, std::set<std::string>& categories) {
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    const Fields& line = invoice.lines[i];
    const std::string at = "/lines/" + std::to_string(i);
    const std::string name = "line " + std::to_string(i + 1);
    const std::string category = field(line, "vat_category").is_null() ? "S" : text_of(line, "vat_category");
    categories.insert(category);
    const bool has_rate = integer_of(line, "vat_rate") != 0;
    if (is_taxed(category) && !has_rate) {
      gaps.add(at + "/vat_rate", "required",
               name + ": vat_rate is 0 in category S; give the rate, or category Z, E, AE, K, G or O");
    }
    if (!is_taxed(category) && has_rate) {
      gaps.add(at + "/vat_rate", "invalid_value",
               name + ": category " + category + " has no VAT; set vat_rate to 0");
    }
    if (text_of(line, "description").empty())
      gaps.add(at + "/description", "required", name + ": description is empty");
  }
}

void check_party(const Fields& party, const std::string& role, bool needs_vat_number, Faults& gaps) {
  for (const char* name : {"address_line1", "city", "country"}) {
    if (text_of(party, name).empty()) {
      gaps.add("/" + role + "/" + name, "required",
               role + ": " + name + " of " + party_name(party) + " is empty");
    }
  }
  if (needs_vat_number && text_of(party, "vat_number").empty()) {
    gaps.add("/" + role + "/vat_number", "required",
             role + ": vat_number of " + party_name(party) + " is empty");
  }
}

}  // namespace

Result<void> check_complete(const InvoiceData& invoice, const Totals& totals, const Fields& seller,
                            const Fields& client, Date issue_date, PartyDetails details) {
  Faults gaps;
  std::set<std::string> categories;
  check_lines(invoice, gaps, categories);
  if (totals.payable < 0) {
    gaps.add("/lines", "negative_total",
             "the total is below zero: make it a credit note of the invoice it corrects");
  }
  const int64_t due = integer_of(invoice.header, "due_date");
  if (due != 0 && due < issue_date.packed()) {
    gaps.add("/due_date", "invalid_value",
             "due_date is before the issue date " + issue_date.to_string() + "; move or empty it");
  }
  if (categories.count("E") != 0 && text_of(invoice.header, "exemption_reason").empty()) {
    gaps.add("/exemption_reason", "required", "exemption_reason is required for category E");
  }
  if (categories.count("O") != 0 && categories.size() > 1) {
    gaps.add("/lines", "mixed_categories", "category O (outside VAT) stands alone: split the invoice");
  }
  const bool is_reverse = categories.count("AE") + categories.count("K") != 0;
  if (is_reverse && text_of(client, "vat_number").empty()) {
    gaps.add(
        "/client/vat_number", "required",
        "client: vat_number of " + party_name(client) + " is required for reverse charge and EU supplies");
  }
  if (details == PartyDetails::Complete) {
    check_party(seller, "company", categories.count("O") == 0, gaps);
    check_party(client, "client", false, gaps);
  }
  if (!text_of(invoice.header, "accounting_currency").empty() &&
      field(invoice.header, "exchange_rate").is_null()) {
    gaps.add("/exchange_rate", "required", "exchange_rate is required beside accounting_currency");
  }
  return gaps.outcome(Code::FailedPrecondition);
}

}  // namespace talon::invoicing
