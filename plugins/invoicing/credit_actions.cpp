/// Crediting and writing off: the two ways in which an issued invoice comes to less without changing.
#include "crediting.hpp"
#include "invoice_actions.hpp"
#include "issuing.hpp"
#include "settlement.hpp"

#include <talon/id.hpp>

namespace talon::invoicing {

namespace {

Account account_of(const InvoiceData& invoice) {
  return {integer_of(invoice.header, "payable_total"), integer_of(invoice.header, "paid_total"),
          integer_of(invoice.header, "credited_total"), integer_of(invoice.header, "written_off_total")};
}

Result<InvoiceData> load_issued(const Host& host, const ActionRequest& request, std::string_view action) {
  TALON_DO(request.records.get("invoice", request.id, {"id"}));
  TALON_TRY(InvoiceData invoice, load_invoice(host.records(), request.id));
  const std::string state = text_of(invoice.header, "state");
  if (state != "issued") {
    return failed_precondition(request.id + " is " + state + "; " + std::string(action) +
                               " needs an issued invoice");
  }
  if (invoice.is_credit_note()) {
    return failed_precondition(request.id + " is a credit note; " + std::string(action) +
                               " needs an invoice");
  }
  return invoice;
}

Result<CreditedQuantities> credited_before(const Host& host, const InvoiceData& invoice) {
  Query query;
  query.type = "invoice_line";
  query.fields = {"credits_position", "quantity"};
  query.where = "invoice.corrects is " + invoice_id(invoice.id) + " and credits_position is not empty";
  TALON_TRY(const std::vector<Record> found, host.records().query(query));
  CreditedQuantities quantities;
  for (const Record& line : found) {
    Credited& credited = quantities[line.integer("credits_position")];
    credited.quantity += line.integer("quantity");
    ++credited.times;
  }
  return quantities;
}

/// What an invoice or a note comes to, whatever was prepaid on it.
int64_t charged(int64_t payable, int64_t prepaid) { return payable + prepaid; }

/// What credit notes of the invoice come to so far.
Result<int64_t> credited_so_far(const Host& host, const InvoiceData& invoice) {
  Query query;
  query.type = "invoice";
  query.where = "corrects is " + invoice_id(invoice.id);
  query.group = {"currency"};  // the invoice's, on all of them
  query.aggregates = {"sum payable_total", "sum prepaid_total"};
  TALON_TRY(const std::vector<Record> found, host.records().query(query));
  if (found.empty()) return 0;
  return charged(found.front().integer("sum payable_total"), found.front().integer("sum prepaid_total"));
}

Result<std::vector<LineCredit>> read_lines(const Json& json) {
  std::vector<LineCredit> lines;
  for (const Json& item : json.items()) {
    LineCredit& line = lines.emplace_back();
    line.position = item["line"].integer();
    if (item["quantity"].is_null()) continue;
    const auto quantity = Decimal::parse(item["quantity"].string(), 4);
    if (!quantity) return invalid("lines: quantity " + quantity.error().message);
    line.quantity = *quantity;
  }
  if (lines.empty()) return invalid("lines: takes a list, as in [{\"line\": 1, \"quantity\": \"1.5\"}]");
  return lines;
}

Result<InvoiceData> content_of(const InvoiceData& invoice, const Json& input,
                               const CreditedQuantities& before, int64_t charged_before) {
  const bool has_lines = !input["lines"].is_null();
  const bool has_amount = !input["amount"].is_null();
  if (has_lines && has_amount)
    return invalid("lines and amount exclude each other: give one, or none for the whole");
  if (has_lines) {
    TALON_TRY(const std::vector<LineCredit> lines, read_lines(input["lines"]));
    return credit_lines(invoice, lines, before);
  }
  if (has_amount) {
    TALON_TRY(const Currency currency, invoice.currency());
    const auto amount = Money::parse(input["amount"].string(), currency);
    if (!amount) return invalid("amount: " + amount.error().message);
    TALON_TRY(const Totals totals, totals_of(invoice, rounding_of(text_of(invoice.header, "rounding"))));
    return credit_amount(invoice, amount->minor(), totals.taxes, text_of(invoice.header, "number"));
  }
  if (charged_before != 0) {
    return failed_precondition(invoice_id(invoice.id) +
                               " is credited in part already; credit the rest by lines or amount");
  }
  return credit_whole(invoice);
}

/// No more is given back than was charged: where all was prepaid, the account alone would let it.
Result<void> check_charged(const InvoiceData& invoice, int64_t before, int64_t more) {
  TALON_TRY(const Currency currency, invoice.currency());
  const int64_t left =
      charged(integer_of(invoice.header, "payable_total"), integer_of(invoice.header, "prepaid_total")) -
      before;
  if (more <= left) return {};
  return failed_precondition("the credit comes to " + Money(more, currency).amount() + ", but only " +
                             Money(left, currency).amount() + " of the invoice is not credited yet");
}

/// The invoice's account after a credit of `amount`.
Result<Account> credited_account(const InvoiceData& invoice, int64_t amount, const Settings& settings) {
  TALON_TRY(const Currency currency, invoice.currency());
  Account account = account_of(invoice);
  account.credited += amount;
  if (account.credited > account.payable) {
    return failed_precondition("the credit comes to " + Money(amount, currency).amount() + ", but only " +
                               Money(account.payable - account.credited + amount, currency).amount() +
                               " of the invoice is not credited yet");
  }
  TALON_TRY(const int64_t balance, account.balance());
  if (balance < 0 && !settings.allows_credit_balance) {
    return failed_precondition(
        "the credit is " + Money(-balance, currency).amount() +
        " more than what is open: take the payment back first (payment unallocate), or set "
        "allow_credit_balance in invoicing's settings");
  }
  return account;
}

Result<ChangeSet::Fields> account_change(const Account& account) {
  TALON_TRY(const int64_t balance, account.balance());
  TALON_TRY(const std::string_view settlement, settlement_of(account));
  return ChangeSet::Fields{{"credited_total", account.credited},
                           {"written_off_total", account.written_off},
                           {"balance", balance},
                           {"settlement", settlement}};
}

}  // namespace

Result<ChangeSet> credit(const Host& host, const ActionRequest& request) {
  TALON_TRY(const Settings settings, load_settings(host));
  TALON_TRY(const InvoiceData invoice, load_issued(host, request, "credit"));
  TALON_TRY(const CreditedQuantities before, credited_before(host, invoice));
  TALON_TRY(const int64_t charged_before, credited_so_far(host, invoice));
  TALON_TRY(InvoiceData note, content_of(invoice, request.input, before, charged_before));
  note.header["reason"] = request.input["reason"].string();
  Date issue_date = host.today();
  if (!request.input["issue_date"].is_null()) {
    TALON_TRY(issue_date, Date::parse(request.input["issue_date"].string()));
  }
  // A credit note mirrors its invoice: it is rounded as that was.
  const VatRounding rounding = rounding_of(text_of(invoice.header, "rounding"));
  TALON_TRY(const Totals totals, totals_of(note, rounding));
  TALON_DO(check_charged(invoice, charged_before,
                         charged(totals.payable, integer_of(note.header, "prepaid_total"))));
  TALON_TRY(const Account account, credited_account(invoice, totals.payable, settings));

  TALON_TRY(const ChangeSet::Fields figures, totals_fields(note, totals, rounding));
  ChangeSet::Fields fields(note.header.begin(), note.header.end());
  fields.insert(fields.end(), figures.begin(), figures.end());
  ChangeSet changes;
  add_lists(changes.create("invoice", fields, "note"), note, totals);
  Issuing issuing(host, settings);
  TALON_DO(issuing.add(changes, note, "@note", issue_date, text_of(invoice.header, "number")));
  TALON_TRY(const ChangeSet::Fields change, account_change(account));
  changes.change("invoice", invoice.id, invoice.version, change);
  Json sources = Json::array();
  for (const std::string& source : freed_sources(invoice, note, before)) sources.push(source);
  changes.event("invoice.credited", "invoice", invoice_id(invoice.id),
                Json::object({{"credit_note", "@note"}, {"sources", sources}}));
  changes.answer(Json::object({{"id", "@note"}, {"invoice", invoice_id(invoice.id)}}));
  return changes;
}

Result<ChangeSet> write_off(const Host& host, const ActionRequest& request) {
  TALON_TRY(const InvoiceData invoice, load_issued(host, request, "write_off"));
  TALON_TRY(const Currency currency, invoice.currency());
  Account account = account_of(invoice);
  TALON_TRY(const int64_t open, account.balance());
  if (open <= 0) return failed_precondition(request.id + " has nothing open to write off");
  int64_t amount = open;
  if (!request.input["amount"].is_null()) {
    const auto given = Money::parse(request.input["amount"].string(), currency);
    if (!given) return invalid("amount: " + given.error().message);
    amount = given->minor();
  }
  if (amount <= 0) return invalid("amount: must be above zero");
  if (amount > open) {
    return failed_precondition("amount: only " + Money(open, currency).amount() + " of " + request.id +
                               " is open");
  }
  account.written_off += amount;
  TALON_TRY(const ChangeSet::Fields change, account_change(account));
  Date date = host.today();
  if (!request.input["date"].is_null()) {
    TALON_TRY(date, Date::parse(request.input["date"].string()));
  }
  const bool is_discount = request.input["kind"].string() == "discount";
  ChangeSet changes;
  changes.change("invoice", invoice.id, invoice.version, change);
  changes.create("payment_allocation", {{"invoice", invoice.id},
                                        {"client", integer_of(invoice.header, "client")},
                                        {"date", date.packed()},
                                        {"kind", is_discount ? "discount" : "write_off"},
                                        {"currency", currency.code()},
                                        {"amount", amount},
                                        {"reason", request.input["reason"].string()}});
  changes.event("invoice.written_off", "invoice", invoice_id(invoice.id));
  return changes;
}

}  // namespace talon::invoicing
