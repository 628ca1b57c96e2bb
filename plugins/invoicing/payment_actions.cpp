/// Records, allocates and takes back payments.
#include "payment_actions.hpp"

#include "invoice_store.hpp"
#include "settlement.hpp"

#include <talon/id.hpp>

#include <algorithm>
#include <optional>

namespace talon::invoicing {

namespace {

/// One payment while it is allocated.
struct Funds {
  Json payment;  ///< its id as a number, or "@payment"
  int64_t client = 0;
  int64_t company = 0;  ///< 0: whichever company's invoices
  Currency currency;
  Date date;
  int64_t unallocated = 0;
};

/// What the caller asks for: an invoice, and how much; empty: as much as fits.
struct Wish {
  std::string invoice;
  std::optional<int64_t> amount;
};

struct OpenInvoice {
  int64_t id = 0;
  int64_t company = 0;
  int64_t version = 0;
  Account account;
};

Result<int64_t> read_amount(const Json& json, std::string_view name, const Currency& currency) {
  const auto money = Money::parse(json.string(), currency);
  if (!money) return invalid(std::string(name) + ": " + money.error().message);
  if (money->minor() <= 0) return invalid(std::string(name) + ": must be above zero");
  return money->minor();
}

Result<std::vector<Wish>> read_wishes(const Json& input, const Currency& currency, bool takes_amount) {
  std::vector<Wish> wishes;
  if (!input["invoice"].is_null()) {
    Wish& wish = wishes.emplace_back(Wish{std::string(input["invoice"].string()), {}});
    if (takes_amount && !input["amount"].is_null()) {
      TALON_TRY(wish.amount, read_amount(input["amount"], "amount", currency));
    }
  }
  const Json& list = input["allocations"];
  if (!list.is_null() && (!list.is_array() || list.items().empty())) {
    return invalid("allocations: takes a list, as in [{\"invoice\": \"inv_…\", \"amount\": \"50.00\"}]");
  }
  for (const Json& item : list.items()) {
    Wish& wish = wishes.emplace_back(Wish{std::string(item["invoice"].string()), {}});
    if (item["amount"].is_null()) continue;
    TALON_TRY(wish.amount, read_amount(item["amount"], "allocations: amount", currency));
  }
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (wishes[i].invoice == wishes[j].invoice)
        return invalid("allocations: " + wishes[i].invoice + " stands twice");
    }
  }
  return wishes;
}

/// The invoice, as far as the payment may go to it.
Result<OpenInvoice> open_invoice(const Host& host, const ActionRequest& request, const std::string& id,
                                 const Funds& funds) {
  TALON_DO(request.records.get("invoice", id, {"id"}));
  TALON_TRY(const InvoiceData invoice, load_invoice(host.records(), id));
  const Fields& header = invoice.header;
  if (text_of(header, "state") != "issued" || invoice.is_credit_note()) {
    return failed_precondition(id + " is not an issued invoice; only those take payments");
  }
  if (integer_of(header, "client") != funds.client) {
    return failed_precondition(id + " is another client's; record the payment for that client");
  }
  if (text_of(header, "currency") != funds.currency.code()) {
    return failed_precondition(id + " is in " + text_of(header, "currency") + ", the payment in " +
                               std::string(funds.currency.code()) + "; record it in the invoice's currency");
  }
  return OpenInvoice{invoice.id,
                     integer_of(header, "company"),
                     invoice.version,
                     {integer_of(header, "payable_total"), integer_of(header, "paid_total"),
                      integer_of(header, "credited_total"), integer_of(header, "written_off_total")}};
}

/// Moves `amount` (negative: back) between a payment and an invoice: the row, the invoice's account, the
/// event.
Result<void> move(ChangeSet& changes, const Funds& funds, const OpenInvoice& invoice, int64_t amount,
                  const std::string& reason) {
  Account account = invoice.account;
  account.paid += amount;
  TALON_TRY(const int64_t balance, account.balance());
  TALON_TRY(const std::string_view settlement, settlement_of(account));
  changes.change("invoice", invoice.id, invoice.version,
                 {{"paid_total", account.paid}, {"balance", balance}, {"settlement", settlement}});
  ChangeSet::Fields row = {{"invoice", invoice.id},
                           {"client", funds.client},
                           {"date", funds.date.packed()},
                           {"kind", amount < 0 ? "reversal" : "payment"},
                           {"currency", funds.currency.code()},
                           {"amount", amount}};
  if (!reason.empty()) row.emplace_back("reason", reason);
  Json& op = changes.create("payment_allocation", row);
  Json set = op["set"];
  op.set("set", set.set("payment", funds.payment));
  if (settlement == "paid" && amount > 0) changes.event("invoice.paid", "invoice", invoice_id(invoice.id));
  return {};
}

/// Gives the funds to the invoices of the wishes. @return what was given.
Result<int64_t> give(const Host& host, const ActionRequest& request, Funds& funds,
                     const std::vector<Wish>& wishes, ChangeSet& changes) {
  int64_t given = 0;
  for (const Wish& wish : wishes) {
    TALON_TRY(const OpenInvoice invoice, open_invoice(host, request, wish.invoice, funds));
    if (funds.company != 0 && invoice.company != funds.company) {
      return failed_precondition(wish.invoice +
                                 " is another company's; the money went to the company of the payment");
    }
    TALON_TRY(const int64_t open, invoice.account.balance());
    const int64_t amount = wish.amount ? *wish.amount : spread(funds.unallocated, {open}).front();
    if (open <= 0 || amount > open) {
      return failed_precondition(wish.invoice + " has only " +
                                 Money(std::max<int64_t>(0, open), funds.currency).amount() +
                                 " open; allocate no more than that");
    }
    if (amount > funds.unallocated) {
      return failed_precondition("the payment has only " + Money(funds.unallocated, funds.currency).amount() +
                                 " left to allocate");
    }
    if (amount == 0) continue;
    TALON_DO(move(changes, funds, invoice, amount, {}));
    funds.unallocated -= amount;
    given += amount;
  }
  return given;
}

struct StoredPayment {
  int64_t version = 0;
  int64_t allocated = 0;
  Funds funds;
};

Result<StoredPayment> load_payment(const Host& host, const ActionRequest& request) {
  TALON_DO(request.records.get("payment", request.id, {"id"}));
  TALON_TRY(const Record payment, host.records().get("payment", request.id,
                                                     {"id", "version", "client", "company", "currency",
                                                      "amount", "allocated", "date"}));
  StoredPayment stored;
  stored.version = payment.integer("version");
  stored.allocated = payment.integer("allocated");
  stored.funds.payment = payment.integer("id");
  stored.funds.client = payment.integer("client");
  stored.funds.company = payment.integer("company");
  TALON_TRY(stored.funds.currency, Currency::parse(payment.text("currency")));
  stored.funds.date = payment.date("date");
  stored.funds.unallocated = payment.integer("amount") - stored.allocated;
  return stored;
}

}  // namespace

Result<ChangeSet> record_payment(const Host& host, const ActionRequest& request) {
  const Json& input = request.input;
  Funds funds;
  funds.payment = "@payment";
  TALON_TRY(funds.client, parse_id(input["client"].string(), "pty"));
  if (!input["company"].is_null()) {
    TALON_TRY(funds.company, parse_id(input["company"].string(), "pty"));
  }
  const std::string code(input["currency"].is_null() ? "EUR" : input["currency"].string());
  TALON_TRY(funds.currency, Currency::parse(code));
  funds.date = host.today();
  if (!input["date"].is_null()) {
    TALON_TRY(funds.date, Date::parse(input["date"].string()));
  }
  TALON_TRY(const int64_t amount, read_amount(input["amount"], "amount", funds.currency));
  funds.unallocated = amount;
  ChangeSet::Fields fields = {{"client", funds.client},
                              {"date", funds.date.packed()},
                              {"currency", code},
                              {"amount", amount},
                              {"method", input["method"].is_null() ? "transfer" : input["method"].string()}};
  for (const char* name : {"company", "reference", "external_system", "external_id"}) {
    if (!input[name].is_null()) fields.emplace_back(name, input[name].string());
  }
  TALON_TRY(const std::vector<Wish> wishes, read_wishes(input, funds.currency, false));
  ChangeSet moves;
  TALON_TRY(const int64_t given, give(host, request, funds, wishes, moves));
  fields.insert(fields.end(), {{"allocated", given}, {"unallocated", amount - given}});
  ChangeSet changes;
  changes.create("payment", fields, "payment");
  changes.append_all(moves);
  changes.event("payment.recorded", "payment", "@payment");
  const auto money = [&](int64_t minor) {
    return Json::object({{"amount", Money(minor, funds.currency).amount()}, {"currency", code}});
  };
  changes.answer(Json::object(
      {{"id", "@payment"}, {"allocated", money(given)}, {"unallocated", money(amount - given)}}));
  return changes;
}

Result<ChangeSet> allocate_payment(const Host& host, const ActionRequest& request) {
  TALON_TRY(StoredPayment payment, load_payment(host, request));
  TALON_TRY(const std::vector<Wish> wishes, read_wishes(request.input, payment.funds.currency, true));
  if (wishes.empty())
    return invalid("invoice: name the invoice that the payment goes to, or give allocations");
  ChangeSet moves;
  TALON_TRY(const int64_t given, give(host, request, payment.funds, wishes, moves));
  ChangeSet changes;
  changes.change("payment", payment.funds.payment.integer(), payment.version,
                 {{"allocated", payment.allocated + given}, {"unallocated", payment.funds.unallocated}});
  changes.append_all(moves);
  return changes;
}

Result<ChangeSet> unallocate_payment(const Host& host, const ActionRequest& request) {
  TALON_TRY(StoredPayment payment, load_payment(host, request));
  const std::string id(request.input["invoice"].string());
  TALON_TRY(const OpenInvoice invoice, open_invoice(host, request, id, payment.funds));
  Query query;
  query.type = "payment_allocation";
  query.fields = {"amount"};
  query.where = "payment is " + request.id + " and invoice is " + id;
  TALON_TRY(const std::vector<Record> rows, host.records().query(query));
  int64_t given = 0;
  for (const Record& row : rows) given += row.integer("amount");
  int64_t amount = given;
  if (!request.input["amount"].is_null()) {
    TALON_TRY(amount, read_amount(request.input["amount"], "amount", payment.funds.currency));
  }
  if (amount <= 0 || amount > given) {
    return failed_precondition("this payment gave " + Money(given, payment.funds.currency).amount() + " to " +
                               id + "; no more than that can be taken back");
  }
  // Taken back now: the month of the payment may be closed.
  const Date paid = payment.funds.date;
  payment.funds.date = host.today();
  if (!request.input["date"].is_null()) {
    TALON_TRY(payment.funds.date, Date::parse(request.input["date"].string()));
  }
  if (payment.funds.date < paid) {
    return failed_precondition("date: the payment is of " + paid.to_string() +
                               "; it cannot be taken back before that");
  }
  ChangeSet changes;
  changes.change(
      "payment", payment.funds.payment.integer(), payment.version,
      {{"allocated", payment.allocated - amount}, {"unallocated", payment.funds.unallocated + amount}});
  TALON_DO(move(changes, payment.funds, invoice, -amount, std::string(request.input["reason"].string())));
  return changes;
}

}  // namespace talon::invoicing
