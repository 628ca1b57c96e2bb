/// Receives deliveries and records their bills.
#include "delivery_actions.hpp"

#include "trade_store.hpp"

#include <talon/id.hpp>

#include <map>

namespace talon::trade {

namespace {

constexpr int64_t kDueDays = 30;  // where the bill names no date: the legal term between businesses in the EU

Result<Record> load_delivery(const Host& host, const ActionRequest& request, std::string_view state,
                             std::string_view action) {
  TALON_DO(request.records.get("delivery", request.id, {"id"}));
  TALON_TRY(Record delivery,
            host.records().get("delivery", request.id, {"id", "version", "state", "currency", "supplier"}));
  if (delivery.text("state") != state) {
    return failed_precondition(request.id + " is " + delivery.text("state") + "; " + std::string(action) +
                               " needs " + std::string(state));
  }
  return delivery;
}

/// Received quantities by position, from 1.
Result<std::map<int64_t, Decimal>> read_received(const Json& json, std::size_t count) {
  if (!json.is_null() && !json.is_array()) {
    return invalid("lines: takes a list, as in [{\"line\": 1, \"received\": \"3\"}]");
  }
  std::map<int64_t, Decimal> received;
  for (const Json& item : json.items()) {
    const int64_t position = item["line"].integer();
    if (position < 1 || position > static_cast<int64_t>(count)) {
      return invalid("lines: the delivery has no line " + std::to_string(position) + ", it has " +
                     std::to_string(count));
    }
    const auto quantity = Decimal::parse(item["received"].string(), 4);
    if (!quantity) return invalid("lines: received " + quantity.error().message);
    if (quantity->units() < 0) return invalid("lines: received must not be below zero");
    if (!received.emplace(position, *quantity).second) {
      return invalid("lines: line " + std::to_string(position) + " stands twice");
    }
  }
  return received;
}

Result<Date> date_or(const Json& json, Date otherwise) {
  return json.is_null() ? Result<Date>(otherwise) : Date::parse(json.string());
}

}  // namespace

Result<ChangeSet> receive_delivery(const Host& host, const ActionRequest& request) {
  TALON_TRY(const Record delivery, load_delivery(host, request, "announced", "receive"));
  TALON_TRY(const Currency currency, Currency::parse(delivery.text("currency")));
  TALON_TRY(const std::vector<OrderLine> lines, load_lines(host.records(), "delivery", request.id));
  TALON_TRY(const auto received, read_received(request.input["lines"], lines.size()));
  TALON_TRY(const Date date, date_or(request.input["date"], host.today()));
  ChangeSet changes;
  Json& op = changes.change("delivery", delivery.integer("id"), delivery.integer("version"), {});
  Int128 total = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const OrderLine& line = lines[i];
    const auto found = received.find(static_cast<int64_t>(i) + 1);
    const Decimal quantity = found == received.end() ? line.quantity : found->second;
    ChangeSet::Fields fields = {
        {"id", line.id}, {"quantity", line.quantity.units()}, {"received", quantity.units()}};
    if (line.product != 0) fields.emplace_back("product", line.product);
    if (!line.description.empty()) fields.emplace_back("description", line.description);
    if (!line.unit.empty()) fields.emplace_back("unit", line.unit);
    if (line.price) {
      fields.emplace_back("price", line.price->units());
      const auto amount = line_total(quantity, *line.price, currency);
      if (!amount) {
        return Error{amount.error().code, "line " + std::to_string(i + 1) + ": " + amount.error().message};
      }
      total += *amount;
    }
    ChangeSet::add_row(op, "lines", fields);
  }
  TALON_DO(Money::check(total, currency));
  op.set("set", Json::object({{"state", "received"},
                              {"received_on", date.packed()},
                              {"net_total", static_cast<int64_t>(total)}}));
  changes.event("delivery.received", "delivery", request.id);
  return changes;
}

Result<ChangeSet> bill_delivery(const Host& host, const ActionRequest& request) {
  TALON_TRY(const Record delivery, load_delivery(host, request, "confirmed", "bill"));
  TALON_TRY(const Currency currency, Currency::parse(delivery.text("currency")));
  const auto total = Money::parse(request.input["total"].string(), currency);
  if (!total) return invalid("total: " + total.error().message);
  if (total->minor() <= 0) return invalid("total: must be above zero");
  TALON_TRY(const Date bill_date, Date::parse(request.input["bill_date"].string()));
  TALON_TRY(const Date due, date_or(request.input["due_date"], bill_date.plus_days(kDueDays)));
  if (due < bill_date) return invalid("due_date: is before bill_date");
  ChangeSet changes;
  changes.change("delivery", delivery.integer("id"), delivery.integer("version"),
                 {{"state", "billed"},
                  {"bill_number", request.input["bill_number"].string()},
                  {"bill_date", bill_date.packed()},
                  {"bill_due_date", due.packed()},
                  {"bill_total", total->minor()}});
  changes.event("delivery.billed", "delivery", request.id);
  return changes;
}

}  // namespace talon::trade
