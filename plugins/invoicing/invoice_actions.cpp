/// The actions of an invoice's way from draft to sent.
#include "invoice_actions.hpp"

#include "issuing.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::invoicing {

namespace {

constexpr int64_t kRunMax = 100;  // numbers taken in one transaction (billing.md, "Numbers")

/// The invoice as the plugin sees it. The host has asked whether the caller sees the action's own record;
/// others are asked for here.
Result<InvoiceData> load_for(const Host& host, const ActionRequest& request, std::string_view id) {
  if (id != request.id) TALON_DO(request.records.get("invoice", id, {"id"}));
  return load_invoice(host.records(), id);
}

Result<Date> date_or_today(const Host& host, const Json& input) {
  return input.is_null() ? Result<Date>(host.today()) : Date::parse(input.string());
}

Result<void> need_state(const InvoiceData& invoice, std::string_view state, std::string_view action) {
  const std::string now = text_of(invoice.header, "state");
  if (now == state) return {};
  return failed_precondition(invoice_id(invoice.id) + " is " + now + "; " + std::string(action) + " needs " +
                             std::string(state));
}

ChangeSet::Fields header_fields(const InvoiceData& invoice) {
  return ChangeSet::Fields(invoice.header.begin(), invoice.header.end());
}

Json totals_answer(const Totals& totals, const Currency& currency) {
  const auto amount = [&](int64_t minor) {
    return Json::object({{"amount", Money(minor, currency).amount()}, {"currency", currency.code()}});
  };
  return Json::object({{"net_total", amount(totals.net_total)},
                       {"tax_total", amount(totals.tax_total)},
                       {"gross_total", amount(totals.gross_total)},
                       {"payable_total", amount(totals.payable)}});
}

/// The ids that a billing run is about: those given, or the approved ones of a company.
Result<std::vector<std::string>> ids_of_run(const ActionRequest& request) {
  std::vector<std::string> ids;
  const Json& given = request.input["invoices"];
  if (!given.is_null()) {
    for (const Json& id : given.items()) ids.emplace_back(id.string());
    if (ids.empty()) return invalid("invoices: takes a list of ids, as in [\"inv_06b1x2y3z4a5b\"]");
    if (ids.size() > kRunMax)
      return invalid("invoices: at most 100 at a time; send the rest in a run of their own");
    std::sort(ids.begin(), ids.end());
    if (std::adjacent_find(ids.begin(), ids.end()) != ids.end())
      return invalid("invoices: an id stands twice");
    return ids;
  }
  const std::string company(request.input["company"].string());
  TALON_TRY(const int64_t id, parse_id(company, "pty"));
  Query query;
  query.type = "invoice";
  query.fields = {"id"};
  query.where = "state is approved and company is " + id_text("pty", id);
  query.order = {"id"};
  query.limit = kRunMax;
  TALON_TRY(const std::vector<Record> found, request.records.query(query));
  for (const Record& record : found) ids.push_back(invoice_id(record.integer("id")));
  return ids;
}

}  // namespace

Result<ChangeSet> draft(const Host& host, const ActionRequest& request) {
  TALON_TRY(const InvoiceData invoice, read_invoice(request.input["invoice"], Trust::Caller));
  TALON_TRY(const VatRounding rounding, rounding_for(host, invoice, host.today().year()));
  TALON_TRY(const Totals totals, totals_of(invoice, rounding));
  TALON_TRY(const ChangeSet::Fields figures, totals_fields(invoice, totals, rounding));
  TALON_TRY(const Currency currency, invoice.currency());
  ChangeSet::Fields fields = header_fields(invoice);
  fields.insert(fields.end(), figures.begin(), figures.end());
  ChangeSet changes;
  add_lists(changes.create("invoice", fields, "inv"), invoice, totals);
  Json answer = totals_answer(totals, currency);
  changes.answer(answer.set("id", "@inv").set("version", 1).set("state", "draft"));
  return changes;
}

Result<ChangeSet> calculate(const Host& host, const ActionRequest& request) {
  TALON_TRY(const InvoiceData invoice, load_for(host, request, request.id));
  TALON_DO(need_state(invoice, "draft", "calculate"));
  TALON_TRY(const VatRounding rounding, rounding_for(host, invoice, host.today().year()));
  TALON_TRY(const Totals totals, totals_of(invoice, rounding));
  TALON_TRY(const ChangeSet::Fields fields, totals_fields(invoice, totals, rounding));
  ChangeSet changes;
  add_lists(changes.change("invoice", invoice.id, invoice.version, fields), invoice, totals);
  return changes;
}

Result<ChangeSet> approve(const Host& host, const ActionRequest& request) {
  TALON_TRY(const InvoiceData invoice, load_for(host, request, request.id));
  TALON_DO(need_state(invoice, "draft", "approve"));
  TALON_TRY(const VatRounding rounding, rounding_for(host, invoice, host.today().year()));
  TALON_TRY(const Totals totals, totals_of(invoice, rounding));
  TALON_TRY(ChangeSet::Fields fields, totals_fields(invoice, totals, rounding));
  const Value& stored = field(invoice.header, "gross_total");
  // An approval limit is judged on the stored total, so that has to be the true one.
  if (!stored.is_null() && stored.integer() != totals.gross_total) {
    return failed_precondition(
        invoice_id(invoice.id) +
        " was changed after its totals were calculated; run calculate, then approve it");
  }
  fields.insert(fields.end(), {{"state", "approved"}, {"approved_version", invoice.version + 1}});
  ChangeSet changes;
  Json& op = changes.change("invoice", invoice.id, invoice.version, fields);
  if (stored.is_null()) add_lists(op, invoice, totals);
  changes.event("invoice.approved", "invoice", invoice_id(invoice.id));
  return changes;
}

Result<ChangeSet> issue(const Host& host, const ActionRequest& request) {
  TALON_TRY(const Date issue_date, date_or_today(host, request.input["issue_date"]));
  TALON_TRY(const Settings settings, load_settings(host));
  TALON_TRY(const InvoiceData invoice, load_for(host, request, request.id));
  if (invoice.is_credit_note() && field(invoice.header, "corrects").is_null()) {
    return failed_precondition(
        invoice_id(invoice.id) +
        " is a credit note of nothing; use the action credit of the invoice that it corrects");
  }
  ChangeSet changes;
  Issuing issuing(host, settings);
  TALON_DO(issuing.add(changes, invoice, Json(invoice.id), issue_date));
  return changes;
}

Result<ChangeSet> issue_many(const Host& host, const ActionRequest& request) {
  TALON_TRY(const Date issue_date, date_or_today(host, request.input["issue_date"]));
  TALON_TRY(const Settings settings, load_settings(host));
  TALON_TRY(const std::vector<std::string> ids, ids_of_run(request));
  ChangeSet changes;
  Issuing issuing(host, settings);
  Json issued = Json::array();
  for (const std::string& id : ids) {
    TALON_TRY(const InvoiceData invoice, load_for(host, request, id));
    if (invoice.is_credit_note())
      return invalid("invoices: " + id + " is a credit note; a run issues invoices");
    if (auto added = issuing.add(changes, invoice, Json(invoice.id), issue_date); !added) {
      return Error{added.error().code, id + ": " + added.error().message, added.error().details};
    }
    issued.push(id);
  }
  changes.answer(Json::object({{"issued", issued}, {"count", static_cast<int64_t>(ids.size())}}));
  return changes;
}

Result<ChangeSet> send(const Host& host, const ActionRequest& request) {
  TALON_TRY(const InvoiceData invoice, load_for(host, request, request.id));
  TALON_DO(need_state(invoice, "issued", "send"));
  ChangeSet changes;
  changes.change("invoice", invoice.id, invoice.version, {{"sent_at", host.now_us()}});
  changes.event("invoice.sent", "invoice", invoice_id(invoice.id));
  return changes;
}

}  // namespace talon::invoicing
