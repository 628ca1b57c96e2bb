/// Places and invoices orders.
#include "order_actions.hpp"

#include "trade_store.hpp"

#include <talon/id.hpp>

#include <algorithm>
#include <initializer_list>

namespace talon::trade {

namespace {

struct StoredOrder {
  int64_t id = 0;
  int64_t version = 0;
  std::string text_id;
  Record header;
  Currency currency;
};

Result<StoredOrder> load_order(const Host& host, const ActionRequest& request,
                               std::initializer_list<std::string_view> states, std::string_view action) {
  TALON_DO(request.records.get("customer_order", request.id, {"id"}));
  TALON_TRY(Record header, host.records().get("customer_order", request.id,
                                              {"id", "version", "state", "client", "company", "currency",
                                               "number", "reference", "note", "order_date", "net_total",
                                               "is_below_list", "accepted_version", "invoice"}));
  if (std::find(states.begin(), states.end(), header.text("state")) == states.end()) {
    std::string needed;
    for (const std::string_view state : states) needed.append(needed.empty() ? "" : " or ").append(state);
    return failed_precondition(request.id + " is " + header.text("state") + "; " + std::string(action) +
                               " needs " + needed);
  }
  TALON_TRY(const Currency currency, Currency::parse(header.text("currency")));
  const int64_t id = header.integer("id");
  const int64_t version = header.integer("version");
  return StoredOrder{id, version, request.id, std::move(header), currency};
}

Result<PricedOrder> price(const Host& host, const StoredOrder& order) {
  TALON_TRY(const std::vector<OrderLine> lines, load_lines(host.records(), "customer_order", order.text_id));
  TALON_TRY(const std::vector<Product> products, load_products(host, lines));
  return price_order(lines, products, order.currency);
}

}  // namespace

Result<ChangeSet> place_order(const Host& host, const ActionRequest& request) {
  TALON_TRY(const StoredOrder order, load_order(host, request, {"draft", "placed", "accepted"}, "place"));
  TALON_TRY(const PricedOrder priced, price(host, order));
  ChangeSet::Fields fields = {{"state", "placed"},
                              {"net_total", priced.net_total},
                              {"is_below_list", priced.is_below_list ? 1 : 0},
                              {"accepted_version", Value()}};
  if (order.header.is_empty("order_date")) fields.emplace_back("order_date", host.today().packed());
  ChangeSet changes;
  add_lines(changes.change("customer_order", order.id, order.version, fields), priced.lines);
  changes.event("customer_order.placed", "customer_order", order.text_id);
  return changes;
}

Result<ChangeSet> accept_order(const Host& host, const ActionRequest& request) {
  TALON_TRY(const StoredOrder order, load_order(host, request, {"placed"}, "accept"));
  TALON_TRY(const PricedOrder priced, price(host, order));
  // Rules bound who accepts by what was worked out at `place`, so that has to be true still.
  const bool is_as_placed = order.header.integer("net_total") == priced.net_total &&
                            (order.header.integer("is_below_list") != 0) == priced.is_below_list;
  if (!is_as_placed) {
    return failed_precondition(request.id +
                               " comes to other figures than when it was placed; place it again");
  }
  ChangeSet changes;
  changes.change("customer_order", order.id, order.version,
                 {{"state", "accepted"}, {"accepted_version", order.version + 1}});
  changes.event("customer_order.accepted", "customer_order", order.text_id);
  return changes;
}

Result<ChangeSet> invoice_order(const Host& host, const ActionRequest& request) {
  TALON_TRY(const StoredOrder order, load_order(host, request, {"accepted"}, "invoice"));
  if (order.header.integer("accepted_version") != order.version) {
    return failed_precondition(request.id +
                               " was changed after it was accepted; place it again and have it accepted");
  }
  TALON_TRY(const PricedOrder priced, price(host, order));
  std::string company(request.input["company"].string());
  if (company.empty() && !order.header.is_empty("company"))
    company = id_text("pty", order.header.integer("company"));
  if (company.empty()) return invalid("company: name the company that invoices; the order names none");
  Json lines = Json::array();
  for (const OrderLine& line : priced.lines) {
    lines.push(Json::object({{"description", line.description},
                             {"quantity", line.quantity.to_string()},
                             {"unit", line.unit},
                             {"price", line.price->to_string()},
                             {"vat_category", line.vat_category},
                             {"vat_rate", line.vat_rate->to_string()}}));
  }
  // Given back by an invoice that was cancelled or credited, it is billed anew: once for each of those.
  std::string source_key = order.text_id;
  if (!order.header.is_empty("invoice")) source_key += "/" + id_text("inv", order.header.integer("invoice"));
  Json invoice = Json::object({{"company", company},
                               {"client", id_text("pty", order.header.integer("client"))},
                               {"currency", order.currency.code()},
                               {"order_reference", order.header.text("number")},
                               {"reference", order.header.text("reference")},
                               {"source", "trade"},
                               {"source_key", source_key},
                               {"lines", std::move(lines)}});
  TALON_TRY(const std::string text,
            host.command(request.call, "invoicing", "compose",
                         Json::object({{"invoice", std::move(invoice)}, {"as", "invoice"}})));
  TALON_TRY(const Json composed, Json::parse(text));
  ChangeSet changes;
  for (const Json& op : composed["operations"].items()) changes.append(op);
  changes.change("customer_order", order.id, order.version, {{"state", "invoiced"}, {"invoice", "@invoice"}});
  changes.event("customer_order.invoiced", "customer_order", order.text_id);
  changes.answer(
      Json::object({{"id", order.text_id}, {"invoice", "@invoice"}, {"totals", composed["totals"]}}));
  return changes;
}

Result<void> release_orders(const Host& host, const Event& event) {
  const Records own = host.records();
  if (event.event == "invoice.credited") {
    TALON_TRY(const Record invoice, own.get("invoice", event.record, {"payable_total", "credited_total"}));
    if (invoice.integer("credited_total") < invoice.integer("payable_total")) return {};
  }
  const Query query{"customer_order", {"id", "version"}, "state is invoiced and invoice is " + event.record};
  TALON_TRY(const std::vector<Record> found, own.query(query));
  ChangeSet changes;
  for (const Record& order : found) {
    changes.change("customer_order", order.integer("id"), order.integer("version"),
                   {{"state", "accepted"}, {"accepted_version", order.integer("version") + 1}});
  }
  if (changes.empty()) return {};
  TALON_DO(own.apply(changes));
  return {};
}

}  // namespace talon::trade
