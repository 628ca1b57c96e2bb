/// Places and invoices orders.
#include "order_actions.hpp"

#include "trade_store.hpp"

#include <talon/id.hpp>

namespace talon::trade {

namespace {

struct StoredOrder {
  int64_t id = 0;
  int64_t version = 0;
  std::string text_id;
  Record header;
  Currency currency;
};

Result<StoredOrder> load_order(const Host& host, const ActionRequest& request, std::string_view state,
                               std::string_view action) {
  TALON_TRY(const Record seen, request.records.get("customer_order", request.id, {"id"}));
  static_cast<void>(seen);
  TALON_TRY(Record header, host.records().get("customer_order", request.id,
                                              {"id", "version", "state", "client", "company", "currency",
                                               "number", "reference", "note", "order_date"}));
  if (header.text("state") != state) {
    return failed_precondition(request.id + " is " + header.text("state") + "; " + std::string(action) +
                               " needs " + std::string(state));
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
  TALON_TRY(const StoredOrder order, load_order(host, request, "draft", "place"));
  TALON_TRY(const PricedOrder priced, price(host, order));
  ChangeSet::Fields fields = {
      {"state", "placed"}, {"net_total", priced.net_total}, {"is_below_list", priced.is_below_list ? 1 : 0}};
  if (order.header.is_empty("order_date")) fields.emplace_back("order_date", host.today().packed());
  ChangeSet changes;
  add_lines(changes.change("customer_order", order.id, order.version, fields), priced.lines);
  changes.event("customer_order.placed", "customer_order", order.text_id);
  return changes;
}

Result<ChangeSet> invoice_order(const Host& host, const ActionRequest& request) {
  TALON_TRY(const StoredOrder order, load_order(host, request, "accepted", "invoice"));
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
  Json invoice = Json::object({{"company", company},
                               {"client", id_text("pty", order.header.integer("client"))},
                               {"currency", order.currency.code()},
                               {"order_reference", order.header.text("number")},
                               {"reference", order.header.text("reference")},
                               {"source", "trade"},
                               {"source_key", order.text_id},
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

}  // namespace talon::trade
