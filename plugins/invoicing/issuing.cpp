/// Puts an issuing together: checks, number, totals, snapshot, event.
#include "issuing.hpp"

#include "completeness.hpp"
#include "numbering.hpp"
#include "settlement.hpp"

#include <algorithm>

namespace talon::invoicing {

namespace {

Date due_date_of(const InvoiceData& invoice, const Fields& client, Date issue_date, int64_t due_days) {
  const auto written = Date::unpack(integer_of(invoice.header, "due_date"));
  if (written && integer_of(invoice.header, "due_date") != 0) return *written;
  const Value& terms = field(client, "payment_terms_days");
  return issue_date.plus_days(terms.is_null() ? due_days : terms.integer());
}

/// True when the stored lines already have the nets that were worked out: then they need not be written
/// again.
bool has_its_nets(const InvoiceData& invoice, const Totals& totals) {
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    const Value& net = field(invoice.lines[i], "net");
    if (net.is_null() || net.integer() != totals.line_nets[i]) return false;
  }
  return integer_of(invoice.header, "gross_total") == totals.gross_total &&
         integer_of(invoice.header, "tax_total") == totals.tax_total;
}

}  // namespace

Result<Totals> totals_of(const InvoiceData& invoice, VatRounding rounding) {
  TALON_TRY(const TotalsInput input, totals_input(invoice, rounding));
  return work_out(input);
}

Result<ChangeSet::Fields> account_fields(const InvoiceData& invoice, const Totals& totals) {
  // A credit note is settled with the invoice that it corrects; it has nothing open of its own.
  if (invoice.is_credit_note()) return ChangeSet::Fields{{"settlement", "credited"}, {"balance", 0}};
  const Account account{totals.payable, 0, 0, 0};
  TALON_TRY(const std::string_view settlement, settlement_of(account));
  return ChangeSet::Fields{{"settlement", settlement},
                           {"balance", totals.payable},
                           {"paid_total", 0},
                           {"credited_total", 0},
                           {"written_off_total", 0}};
}

Result<void> Issuing::check_state(const InvoiceData& invoice, const Totals& totals) const {
  if (invoice.id == 0) return {};
  const std::string name = invoice_id(invoice.id);
  const std::string state = text_of(invoice.header, "state");
  if (state != "draft" && state != "approved") {
    return failed_precondition(name + " is " + state + "; only a draft or an approved invoice is issued");
  }
  if (state == "approved" && integer_of(invoice.header, "approved_version") != invoice.version) {
    return failed_precondition(name +
                               " was changed after its approval; reopen it and have it approved again");
  }
  // A rule may bound who issues by the stored total, so that total has to be the true one.
  const auto differs = [&](const char* total, int64_t true_one) {
    const Value& stored = field(invoice.header, total);
    return !stored.is_null() && stored.integer() != true_one;
  };
  if (differs("gross_total", totals.gross_total) || differs("payable_total", totals.payable)) {
    return failed_precondition(name +
                               " was changed after its totals were calculated; run calculate, then issue it");
  }
  return {};
}

Result<std::string> Issuing::take_number(ChangeSet& changes, const Series& series, Date issue_date) {
  const int64_t last = std::max(series.last_date, last_dates_[series.id]);
  if (last > issue_date.packed()) {
    const auto date = Date::unpack(last);
    return failed_precondition("issue_date " + issue_date.to_string() + " is before " +
                               (date ? date->to_string() : std::string("that")) +
                               ", the date of the last number of series " + series.code +
                               "; numbers follow their dates, take that date or a later one");
  }
  const std::string name = "n" + std::to_string(++taken_);
  const std::string day = issue_date.to_string();
  TALON_TRY(std::string pattern, number_pattern(series.format, issue_date.year(), name));
  changes.next("number_series", series.id, "next", name, "last_date is empty or last_date <= " + day,
               {{"last_date", issue_date.packed()}});
  last_dates_[series.id] = issue_date.packed();
  return pattern;
}

Result<void> Issuing::add(ChangeSet& changes, const InvoiceData& invoice, const Json& target, Date issue_date,
                          const std::string& corrects_number) {
  const Records own = host_.records();
  // Numbers follow their dates: one date ahead would hold all later documents back until that day.
  if (issue_date > host_.today()) {
    return failed_precondition("issue_date " + issue_date.to_string() +
                               " is in the future; take today's date (" + host_.today().to_string() +
                               ") or leave it out");
  }
  TALON_TRY(const Series series, ensure_series(host_, invoice, issue_date.year(), settings_));
  // A credit note mirrors its invoice, whatever its own series says.
  const Value& given = field(invoice.header, "rounding");
  const VatRounding rounding =
      invoice.is_credit_note() && !given.is_null() ? rounding_of(given.text()) : series.rounding;
  TALON_TRY(const Totals totals, totals_of(invoice, rounding));
  TALON_DO(check_state(invoice, totals));
  SnapshotParts parts;
  TALON_TRY(parts.seller, load_party(own, integer_of(invoice.header, "company")));
  // A franchisor's fees are invoiced in its name.
  if (integer_of(parts.seller, "is_company") == 0 && integer_of(parts.seller, "is_franchisor") == 0) {
    return failed_precondition(
        "company: " + text_of(parts.seller, "name") +
        " is no company of ours (is_company) and no franchisor, so it issues no invoices");
  }
  TALON_TRY(parts.client, load_party(own, integer_of(invoice.header, "client")));
  TALON_DO(check_complete(invoice, totals, parts.seller, parts.client, issue_date,
                          settings_.asks_complete_parties ? PartyDetails::Complete : PartyDetails::NameOnly));
  parts.issue_date = issue_date;
  parts.due_date = due_date_of(invoice, parts.client, issue_date, settings_.due_days);
  parts.series = series.code;
  parts.rounding = rounding;
  parts.legal_text = settings_.legal_text;
  parts.corrects = corrects_number;

  TALON_TRY(ChangeSet::Fields fields, totals_fields(invoice, totals, rounding));
  for (const auto& [name, value] : fields) {
    if (name == "tax_total_accounting") parts.tax_accounting = value.integer();
  }
  TALON_TRY(const ChangeSet::Fields account, account_fields(invoice, totals));
  fields.insert(fields.end(), account.begin(), account.end());
  fields.insert(fields.end(), {{"state", "issued"},
                               {"series", series.code},
                               {"issue_date", issue_date.packed()},
                               {"due_date", parts.due_date.packed()}});
  TALON_TRY(const std::string pattern, take_number(changes, series, issue_date));
  TALON_TRY(const std::string snapshot, snapshot_text(invoice, totals, parts, pattern));
  Json& op = changes.change("invoice", invoice.id, invoice.id == 0 ? 1 : invoice.version, fields);
  op.set("id", target);
  if (invoice.id != 0 && !has_its_nets(invoice, totals)) add_lists(op, invoice, totals);
  ChangeSet::defer(op, "number", ChangeSet::deferred_text(pattern));
  ChangeSet::defer(op, "snapshot", ChangeSet::deferred_text(snapshot));
  ChangeSet::defer(op, "snapshot_sha256", ChangeSet::deferred_sha256("snapshot"));
  changes.event("invoice.issued", "invoice", target.is_string() ? target : Json(invoice_id(invoice.id)),
                Json::object({{"kind", invoice.is_credit_note() ? "credit_note" : "invoice"}}));
  return {};
}

}  // namespace talon::invoicing
