/// Activates contracts, works statements out and invoices them.
#include "franchise_actions.hpp"

#include "statement.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::franchise {

namespace {

constexpr std::size_t kPeriodsReviewed = 24;  // how far back corrections of sales still become a true-up

std::string_view applied_word(Applied applied) {
  if (applied == Applied::Minimum) return "minimum";
  return applied == Applied::Cap ? "cap" : "rate";
}

Result<Contract> contract_of(const Host& host, const Json& input, Date day) {
  const std::string_view contract = input["contract"].string();
  const std::string_view franchisee = input["franchisee"].string();
  if (!contract.empty()) {
    TALON_TRY(const int64_t id, parse_id(contract, "frc"));
    return load_contract(host.records(), id_text("frc", id));
  }
  if (franchisee.empty()) return invalid("contract: name a contract, or a franchisee");
  TALON_TRY(const int64_t id, parse_id(franchisee, "pty"));
  return find_contract(host.records(), id_text("pty", id), day);
}

/// The statements before a period, judged: none may still be a draft, or corrections would run past it.
Result<std::vector<Statement>> earlier_statements(const std::vector<Statement>& all, const Period& period) {
  std::vector<Statement> earlier;
  for (const Statement& one : all) {
    if (!(one.period.start < period.start)) continue;
    if (one.state == "draft") {
      return failed_precondition("the statement from " + one.period.start.to_string() + " (" +
                                 id_text("fst", one.id) + ") is still a draft; have it confirmed first");
    }
    earlier.push_back(one);
  }
  return earlier;
}

Result<std::vector<Reviewed>> review(const Records& records, const Contract& contract,
                                     const std::vector<Statement>& earlier) {
  std::vector<Reviewed> reviewed;
  const std::size_t first = earlier.size() > kPeriodsReviewed ? earlier.size() - kPeriodsReviewed : 0;
  for (std::size_t i = first; i < earlier.size(); ++i) {
    TALON_TRY(const std::vector<Sales> sales, load_sales(records, contract, earlier[i].period));
    TALON_TRY(const Fee fee, fee_of(contract.terms, earlier[i].period, sales));
    reviewed.push_back({earlier[i], fee.fee, fee.advertising});
  }
  return reviewed;
}

void add_rows(Json& op, const Fee& fee, const std::vector<TrueUp>& true_ups) {
  Json sales = Json::array();
  for (const CountedSales& row : fee.sales) {
    Json fields = Json::object({{"kind", row.sales.is_return ? "return" : "sale"},
                                {"amount", row.amount},
                                {"records", row.sales.records},
                                {"is_counted", row.is_counted}});
    if (!row.sales.category.empty()) fields.set("category", row.sales.category);
    sales.push(std::move(fields));
  }
  Json corrections = Json::array();
  for (const TrueUp& one : true_ups) {
    corrections.push(Json::object({{"statement", one.statement},
                                   {"period_start", one.period_start.packed()},
                                   {"fee", one.fee},
                                   {"advertising", one.advertising}}));
  }
  op.set("lists", Json::object({{"sales", std::move(sales)}, {"true_ups", std::move(corrections)}}));
}

Json money(int64_t minor, const Currency& currency) {
  return Json::object({{"amount", Money(minor, currency).amount()}, {"currency", currency.code()}});
}

ChangeSet::Fields statement_fields(const Contract& contract, const Period& period, const Fee& fee,
                                   int64_t true_up, int64_t carried) {
  return {{"contract", contract.id},
          {"franchisee", contract.franchisee},
          {"franchisor", contract.franchisor},
          {"period_start", period.start.packed()},
          {"period_end", period.end.packed()},
          {"currency", contract.currency.code()},
          {"sales_total", fee.sales_total},
          {"counted_total", fee.counted_total},
          {"fee", fee.fee},
          {"advertising", fee.advertising},
          {"applied", applied_word(fee.applied)},
          {"true_up", true_up},
          {"carried_in", carried},
          {"total", fee.fee + fee.advertising + true_up + carried}};
}

/// The statement of that period, where there is one; it must still be a draft.
Result<const Statement*> draft_of(const std::vector<Statement>& all, const Period& period) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Statement& one) { return one.period.start == period.start; });
  if (found == all.end()) return static_cast<const Statement*>(nullptr);
  if (found->state != "draft") {
    return failed_precondition("the statement from " + period.start.to_string() + " (" +
                               id_text("fst", found->id) + ") is " + found->state +
                               "; later corrections come with the next period");
  }
  return &*found;
}

}  // namespace

Result<ChangeSet> activate_contract(const Host& host, const ActionRequest& request) {
  TALON_DO(request.records.get("franchise_contract", request.id, {"id"}));
  TALON_TRY(const Contract contract, load_contract(host.records(), request.id));
  if (contract.state != "draft")
    return failed_precondition(request.id + " is " + contract.state + "; activate needs draft");
  if (contract.franchisee == contract.franchisor) return invalid("franchisee: is the franchisor itself");
  TALON_DO(check_terms(contract.terms));
  ChangeSet changes;
  changes.change("franchise_contract", contract.id, contract.version, {{"state", "active"}});
  changes.event("franchise_contract.activated", "franchise_contract", request.id);
  return changes;
}

Result<ChangeSet> compute_statement(const Host& host, const ActionRequest& request) {
  TALON_TRY(const Date day, Date::parse(request.input["date"].string()));
  TALON_TRY(const Contract contract, contract_of(host, request.input, day));
  const std::string contract_id = id_text("frc", contract.id);
  TALON_DO(request.records.get("franchise_contract", contract_id, {"id"}));
  if (contract.state == "draft")
    return failed_precondition(contract_id + " is a draft; activate the contract first");
  const Period period = period_of(day, contract.terms.period);
  const bool is_outside = period.end < contract.terms.valid_from ||
                          (contract.terms.valid_until && *contract.terms.valid_until < period.start);
  if (is_outside) return invalid("date: the contract does not run in that period");

  const Records own = host.records();
  TALON_TRY(const std::vector<Statement> all, load_statements(own, contract));
  TALON_TRY(const Statement* draft, draft_of(all, period));
  TALON_TRY(const std::vector<Statement> earlier, earlier_statements(all, period));
  TALON_TRY(const std::vector<Sales> sales, load_sales(own, contract, period));
  TALON_TRY(const Fee fee, fee_of(contract.terms, period, sales));
  TALON_TRY(const std::vector<Reviewed> reviewed, review(own, contract, earlier));
  TALON_TRY(const std::vector<TrueUp> made, load_true_ups(own, contract));
  const std::vector<TrueUp> true_ups = due_true_ups(reviewed, made, draft == nullptr ? 0 : draft->id);
  int64_t true_up = 0;
  for (const TrueUp& one : true_ups) true_up += one.fee + one.advertising;
  const ChangeSet::Fields fields = statement_fields(contract, period, fee, true_up, carried_in(earlier));

  ChangeSet changes;
  Json& op = draft == nullptr ? changes.create("franchise_statement", fields, "statement")
                              : changes.change("franchise_statement", draft->id, draft->version, fields);
  add_rows(op, fee, true_ups);
  const Json id = draft == nullptr ? Json("@statement") : Json(id_text("fst", draft->id));
  changes.event("franchise_statement.computed", "franchise_statement", id);
  changes.answer(Json::object({{"id", id},
                               {"period_start", period.start.to_string()},
                               {"period_end", period.end.to_string()},
                               {"counted_total", money(fee.counted_total, contract.currency)},
                               {"fee", money(fee.fee, contract.currency)},
                               {"advertising", money(fee.advertising, contract.currency)},
                               {"true_up", money(true_up, contract.currency)},
                               {"total", money(fields.back().second.integer(), contract.currency)}}));
  return changes;
}

namespace {

/// The fee invoice, for invoicing's compose.
Json invoice_of(const Contract& contract, const Period& period, const std::string& statement,
                const std::string& source_key, const std::vector<FeeLine>& lines) {
  Json rows = Json::array();
  for (const FeeLine& line : lines) {
    rows.push(Json::object({{"description", line.description},
                            {"quantity", "1"},
                            {"price", Money(line.amount, contract.currency).amount()},
                            {"vat_category", contract.vat_category.empty() ? "S" : contract.vat_category},
                            {"vat_rate", contract.vat_rate.to_string()},
                            {"source", statement}}));
  }
  return Json::object({{"company", id_text("pty", contract.franchisor)},
                       {"client", id_text("pty", contract.franchisee)},
                       {"currency", contract.currency.code()},
                       {"contract_reference", contract.number},
                       {"supply_from", period.start.to_string()},
                       {"supply_to", period.end.to_string()},
                       {"source", "franchise"},
                       {"source_key", source_key},
                       {"lines", std::move(rows)}});
}

}  // namespace

Result<ChangeSet> reopen_statement(const Host& host, const ActionRequest& request) {
  TALON_DO(request.records.get("franchise_statement", request.id, {"id"}));
  const Records own = host.records();
  TALON_TRY(const Record row, own.get("franchise_statement", request.id,
                                      {"id", "version", "state", "contract", "period_start"}));
  if (row.text("state") != "confirmed") {
    return failed_precondition(request.id + " is " + row.text("state") + "; reopen needs confirmed");
  }
  Query later;
  later.type = "franchise_statement";
  later.fields = {"id"};
  later.where = "contract is " + id_text("frc", row.integer("contract")) + " and period_start after " +
                row.date("period_start").to_string();
  later.limit = 1;
  TALON_TRY(const std::vector<Record> found, own.query(later));
  if (!found.empty()) {
    return failed_precondition(id_text("fst", found.front().integer("id")) + " comes after " + request.id +
                               " and stands on it; corrections come with the next period");
  }
  ChangeSet changes;
  changes.change("franchise_statement", row.integer("id"), row.integer("version"), {{"state", "draft"}});
  changes.event("franchise_statement.reopened", "franchise_statement", request.id);
  return changes;
}

Result<void> release_statements(const Host& host, const Event& event) {
  const Records own = host.records();
  if (event.event == "invoice.credited") {
    TALON_TRY(const Record invoice, own.get("invoice", event.record, {"payable_total", "credited_total"}));
    if (invoice.integer("credited_total") < invoice.integer("payable_total")) return {};
  }
  const Query query{
      "franchise_statement", {"id", "version"}, "state is invoiced and invoice is " + event.record};
  TALON_TRY(const std::vector<Record> found, own.query(query));
  ChangeSet changes;
  for (const Record& row : found) {
    changes.change("franchise_statement", row.integer("id"), row.integer("version"),
                   {{"state", "confirmed"}});
  }
  if (changes.empty()) return {};
  TALON_DO(own.apply(changes));
  return {};
}

Result<ChangeSet> invoice_statement(const Host& host, const ActionRequest& request) {
  TALON_DO(request.records.get("franchise_statement", request.id, {"id"}));
  const Records own = host.records();
  TALON_TRY(const Record row, own.get("franchise_statement", request.id,
                                      {"id", "version", "state", "contract", "period_start", "period_end",
                                       "fee", "advertising", "carried_in", "total", "invoice"}));
  if (row.text("state") != "confirmed") {
    return failed_precondition(request.id + " is " + row.text("state") + "; invoice needs confirmed");
  }
  // Given back by an invoice that was credited, it is billed anew: once for each of those.
  std::string source_key = request.id;
  if (!row.is_empty("invoice")) source_key += "/" + id_text("inv", row.integer("invoice"));
  TALON_TRY(const Contract contract, load_contract(own, id_text("frc", row.integer("contract"))));
  ChangeSet changes;
  if (row.integer("total") <= 0) {
    changes.change("franchise_statement", row.integer("id"), row.integer("version"), {{"state", "settled"}});
    changes.event("franchise_statement.settled", "franchise_statement", request.id);
    changes.answer(Json::object({{"id", request.id}, {"state", "settled"}, {"invoice", Json()}}));
    return changes;
  }
  TALON_TRY(const std::vector<TrueUp> made, load_true_ups(own, contract));
  std::vector<TrueUp> carried;
  std::copy_if(made.begin(), made.end(), std::back_inserter(carried),
               [&](const TrueUp& one) { return one.carrier == row.integer("id"); });
  const Period period{row.date("period_start"), row.date("period_end")};
  const std::vector<FeeLine> lines =
      fee_lines(period, contract.number, row.integer("fee"), row.integer("advertising"), carried,
                row.integer("carried_in"));
  Json args = Json::object({{"invoice", invoice_of(contract, period, request.id, source_key, lines)},
                            {"as", "invoice"},
                            {"issue", true}});
  if (!request.input["issue_date"].is_null()) args.set("issue_date", request.input["issue_date"]);
  TALON_TRY(const std::string text, host.command(request.call, "invoicing", "compose", args));
  TALON_TRY(const Json composed, Json::parse(text));
  for (const Json& op : composed["operations"].items()) changes.append(op);
  for (const Json& event : composed["events"].items()) {
    changes.event(event["event"].string(), event["type"].string(), event["record"], event["data"]);
  }
  changes.change("franchise_statement", row.integer("id"), row.integer("version"),
                 {{"state", "invoiced"}, {"invoice", "@invoice"}});
  changes.event("franchise_statement.invoiced", "franchise_statement", request.id);
  changes.answer(Json::object(
      {{"id", request.id}, {"state", "invoiced"}, {"invoice", "@invoice"}, {"totals", composed["totals"]}}));
  return changes;
}

}  // namespace talon::franchise
