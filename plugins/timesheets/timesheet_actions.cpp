/// Bills approved time and frees it again.
#include "timesheet_actions.hpp"

#include "billing.hpp"
#include "rates.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::timesheets {

namespace {

constexpr int64_t kEntriesMax = 2000;  // in one transaction; a longer period is billed in parts

struct Period {
  std::string client;  ///< id texts
  std::string company;
  Date from;
  Date to;
};

Result<Period> read_period(const Json& input) {
  Period period;
  TALON_TRY(const int64_t client, parse_id(input["client"].string(), "pty"));
  TALON_TRY(const int64_t company, parse_id(input["company"].string(), "pty"));
  period.client = id_text("pty", client);
  period.company = id_text("pty", company);
  TALON_TRY(period.from, Date::parse(input["from"].string()));
  TALON_TRY(period.to, Date::parse(input["to"].string()));
  if (period.to < period.from) return invalid("to: is before from");
  return period;
}

Result<std::vector<Rate>> load_rates(const Records& records, const std::string& client) {
  Query query;
  query.type = "rate";
  query.fields = {"id",       "worker",       "client",   "activity",   "currency",
                  "per_hour", "vat_category", "vat_rate", "valid_from", "valid_until"};
  query.where = "client is empty or client is " + client;
  TALON_TRY(const std::vector<Record> found, records.query(query));
  std::vector<Rate> rates;
  for (const Record& row : found) {
    Rate& rate = rates.emplace_back();
    rate.id = row.integer("id");
    rate.worker = row.integer("worker");
    rate.client = row.integer("client");
    rate.activity = row.text("activity");
    rate.currency = row.text("currency");
    rate.per_hour = Decimal(row.integer("per_hour"), 4);
    rate.vat_category = row.text("vat_category");
    if (!row.is_empty("vat_rate")) rate.vat_rate = Decimal(row.integer("vat_rate"), 2);
    rate.valid_from = row.date("valid_from");
    if (!row.is_empty("valid_until")) rate.valid_until = row.date("valid_until");
  }
  return rates;
}

/// The approved, billable entries that the caller may see, each with its rate.
Result<std::vector<BillableEntry>> load_entries(const Host& host, const ActionRequest& request,
                                                const Period& period) {
  TALON_TRY(const std::vector<Rate> rates, load_rates(host.records(), period.client));
  TALON_TRY(const int64_t client, parse_id(period.client));
  Query query;
  query.type = "timesheet_entry";
  query.fields = {"id", "version", "worker", "project", "activity", "note", "day", "minutes"};
  query.where = "state is approved and is_billable is on and client is " + period.client +
                " and day >= " + period.from.to_string() + " and day <= " + period.to.to_string();
  query.order = {"day", "id"};
  query.limit = kEntriesMax + 1;
  TALON_TRY(const std::vector<Record> found, request.records.query(query));
  if (found.empty()) {
    return failed_precondition("there is no approved, billable time of this client from " +
                               period.from.to_string() + " to " + period.to.to_string());
  }
  if (static_cast<int64_t>(found.size()) > kEntriesMax) {
    return invalid("to: the period has more than 2000 entries; bill it in parts");
  }
  std::vector<BillableEntry> entries;
  for (const Record& row : found) {
    BillableEntry& entry = entries.emplace_back();
    entry.id = row.integer("id");
    entry.version = row.integer("version");
    entry.worker = row.integer("worker");
    entry.project = row.text("project");
    entry.activity = row.text("activity");
    entry.note = row.text("note");
    entry.day = row.date("day");
    entry.minutes = row.integer("minutes");
    const Rate* rate = best_rate(rates, {entry.worker, client, entry.activity, entry.day});
    if (rate == nullptr) {
      return failed_precondition("no rate fits " + id_text("tse", entry.id) + " of " + entry.day.to_string() +
                                 (entry.activity.empty() ? std::string() : " (" + entry.activity + ")") +
                                 "; add one that is valid on that day");
    }
    entry.rate = *rate;
  }
  return entries;
}

GroupBy group_by(std::string_view word) {
  if (word == "worker") return GroupBy::Worker;
  return word == "entry" ? GroupBy::Entry : GroupBy::Activity;
}

Json invoice_of(const Period& period, const std::vector<BilledLine>& lines, const std::string& currency,
                const Json& reference) {
  Json rows = Json::array();
  for (const BilledLine& line : lines) {
    rows.push(Json::object({{"description", line.description},
                            {"quantity", line.quantity},
                            {"unit", line.unit},
                            {"base_quantity", line.base_quantity},
                            {"price", line.price},
                            {"vat_category", line.vat_category},
                            {"vat_rate", line.vat_rate},
                            {"source", line.source}}));
  }
  return Json::object({{"company", period.company},
                       {"client", period.client},
                       {"currency", currency},
                       {"supply_from", period.from.to_string()},
                       {"supply_to", period.to.to_string()},
                       {"reference", reference},
                       {"source", "timesheets"},
                       {"lines", rows}});
}

}  // namespace

Result<ChangeSet> bill(const Host& host, const ActionRequest& request) {
  TALON_TRY(const Period period, read_period(request.input));
  TALON_TRY(const Json settings, host.settings());
  VatDefault vat;
  if (settings["vat_category"].is_string()) vat.category = settings["vat_category"].string();
  if (settings["vat_rate"].is_string()) vat.rate = settings["vat_rate"].string();
  TALON_TRY(const std::vector<BillableEntry> entries, load_entries(host, request, period));
  TALON_TRY(const std::vector<BilledLine> lines,
            group_entries(entries, group_by(request.input["group_by"].string()), vat));
  const std::string& currency = entries.front().rate.currency;
  const Json invoice = invoice_of(period, lines, currency, request.input["reference"]);
  TALON_TRY(const std::string text, host.command(request.call, "invoicing", "compose",
                                                 Json::object({{"invoice", invoice}, {"as", "invoice"}})));
  TALON_TRY(const Json composed, Json::parse(text));
  ChangeSet changes;
  for (const Json& op : composed["operations"].items()) changes.append(op);
  for (const BilledLine& line : lines) {
    for (const std::size_t position : line.entries) {
      const BillableEntry& entry = entries[position];
      changes.change("timesheet_entry", entry.id, entry.version,
                     {{"state", "billed"},
                      {"invoice", "@invoice"},
                      {"billed_as", line.source},
                      {"hourly_rate", entry.rate.per_hour.units()},
                      {"currency", currency}});
    }
  }
  changes.event("timesheet_entry.billed", "invoice", "@invoice",
                Json::object({{"entries", static_cast<int64_t>(entries.size())}}));
  changes.answer(Json::object({{"invoice", "@invoice"},
                               {"entries", static_cast<int64_t>(entries.size())},
                               {"lines", static_cast<int64_t>(lines.size())},
                               {"totals", composed["totals"]}}));
  return changes;
}

Result<void> release(const Host& host, const Event& event) {
  const bool is_credit = event.event == "invoice.credited";
  const auto& sources = event.data["sources"].items();
  if (is_credit && sources.empty()) return {};
  Query query;
  query.type = "timesheet_entry";
  query.fields = {"id", "version", "billed_as"};
  query.where = "state is billed and invoice is " + event.record;
  TALON_TRY(const std::vector<Record> found, host.records().query(query));
  ChangeSet changes;
  for (const Record& row : found) {
    const auto is_its = [&](const Json& source) { return source.string() == row.text("billed_as"); };
    if (is_credit && std::none_of(sources.begin(), sources.end(), is_its)) continue;
    changes.change("timesheet_entry", row.integer("id"), row.integer("version"),
                   {{"state", "approved"},
                    {"invoice", Value()},
                    {"billed_as", Value()},
                    {"hourly_rate", Value()},
                    {"currency", Value()}});
  }
  if (changes.empty()) return {};
  TALON_DO(host.records().apply(changes));
  return {};
}

}  // namespace talon::timesheets
