/// Queries for contracts, sales and statements.
#include "franchise_store.hpp"

#include <talon/id.hpp>

namespace talon::franchise {

namespace {

std::optional<int64_t> amount_of(const Record& row, std::string_view field) {
  return row.is_empty(field) ? std::nullopt : std::optional<int64_t>(row.integer(field));
}

PeriodLength length_of(std::string_view word) {
  if (word == "quarter") return PeriodLength::Quarter;
  return word == "year" ? PeriodLength::Year : PeriodLength::Month;
}

Result<std::vector<Tier>> load_tiers(const Records& records, const std::string& contract) {
  Query query;
  query.type = "franchise_tier";
  query.fields = {"above", "percentage"};
  query.where = "franchise_contract is " + contract;
  query.order = {"position"};
  TALON_TRY(const std::vector<Record> found, records.query(query));
  std::vector<Tier> tiers;
  for (const Record& row : found)
    tiers.push_back({row.integer("above"), Decimal(row.integer("percentage"), 4)});
  return tiers;
}

Terms terms_of(const Record& row) {
  Terms terms;
  terms.basis = row.text("basis") == "gross" ? Basis::Gross : Basis::Net;
  terms.period = length_of(row.text("period"));
  terms.counts_returns = row.is_on("counts_returns");
  terms.categories = read_categories(row.text("categories"));
  terms.excluded_categories = read_categories(row.text("excluded_categories"));
  if (row.text("fee") != "tiers") terms.percentage = Decimal(row.integer("percentage"), 4);
  terms.tier_mode = row.text("tier_mode") == "whole" ? TierMode::Whole : TierMode::Marginal;
  terms.minimum = amount_of(row, "minimum");
  terms.cap = amount_of(row, "cap");
  terms.advertising_percentage = Decimal(row.integer("advertising_percentage"), 4);
  terms.valid_from = row.date("valid_from");
  if (!row.is_empty("valid_until")) terms.valid_until = row.date("valid_until");
  return terms;
}

/// What the contract covers of a period, as a condition on the day.
std::string days_of(const Contract& contract, const Period& period) {
  const Date from = std::max(period.start, contract.terms.valid_from);
  const Date to = contract.terms.valid_until ? std::min(period.end, *contract.terms.valid_until) : period.end;
  return "franchisee is " + id_text("pty", contract.franchisee) + " and day >= " + from.to_string() +
         " and day <= " + to.to_string();
}

}  // namespace

Result<Contract> load_contract(const Records& records, std::string_view id) {
  TALON_TRY(const Record row, records.get("franchise_contract", id, {"id",           "version",
                                                                     "state",        "number",
                                                                     "franchisor",   "franchisee",
                                                                     "currency",     "valid_from",
                                                                     "valid_until",  "period",
                                                                     "basis",        "counts_returns",
                                                                     "categories",   "excluded_categories",
                                                                     "fee",          "percentage",
                                                                     "tier_mode",    "minimum",
                                                                     "cap",          "advertising_percentage",
                                                                     "vat_category", "vat_rate"}));
  Contract contract;
  contract.id = row.integer("id");
  contract.version = row.integer("version");
  contract.state = row.text("state");
  contract.number = row.text("number");
  contract.franchisor = row.integer("franchisor");
  contract.franchisee = row.integer("franchisee");
  TALON_TRY(contract.currency, Currency::parse(row.text("currency")));
  contract.vat_category = row.text("vat_category");
  contract.vat_rate = Decimal(row.integer("vat_rate"), 2);
  contract.terms = terms_of(row);
  TALON_TRY(contract.terms.tiers, load_tiers(records, id_text("frc", contract.id)));
  return contract;
}

Result<Contract> find_contract(const Records& records, const std::string& franchisee, Date day) {
  const std::string on = day.to_string();
  Query query;
  query.type = "franchise_contract";
  query.fields = {"id", "valid_until"};
  query.where = "state is active and franchisee is " + franchisee + " and valid_from <= " + on;
  TALON_TRY(const std::vector<Record> found, records.query(query));
  std::vector<int64_t> ids;
  for (const Record& row : found) {
    if (row.is_empty("valid_until") || day <= row.date("valid_until")) ids.push_back(row.integer("id"));
  }
  if (ids.empty())
    return failed_precondition("franchisee: " + franchisee + " has no active contract on " + on);
  if (ids.size() > 1) {
    return failed_precondition("franchisee: " + franchisee + " has several active contracts on " + on +
                               "; name one as contract");
  }
  return load_contract(records, id_text("frc", ids.front()));
}

Result<std::vector<Sales>> load_sales(const Records& records, const Contract& contract,
                                      const Period& period) {
  const std::string where = days_of(contract, period);
  Query query;
  query.type = "sales_record";
  query.group = {"category", "kind", "currency"};
  query.aggregates = {"sum net", "sum gross", "count"};
  query.where = where;
  TALON_TRY(const std::vector<Record> found, records.query(query));
  if (contract.terms.basis == Basis::Gross) {
    Query missing;
    missing.type = "sales_record";
    missing.fields = {"id"};
    missing.where = where + " and gross is empty";
    missing.limit = 1;
    TALON_TRY(const std::vector<Record> without, records.query(missing));
    if (!without.empty()) {
      return failed_precondition("the contract counts turnover with VAT, but " +
                                 id_text("sal", without[0].integer("id")) +
                                 " has no gross; fill it in or sync it again");
    }
  }
  std::vector<Sales> sales;
  for (const Record& row : found) {
    if (row.text("currency") != contract.currency.code()) {
      return failed_precondition("there are sales in " + row.text("currency") + ", the contract is in " +
                                 std::string(contract.currency.code()) +
                                 "; convert them or map the currency");
    }
    sales.push_back({row.text("category"), row.text("kind") == "return", row.integer("sum net"),
                     row.integer("sum gross"), row.integer("count")});
  }
  return sales;
}

Result<std::vector<Statement>> load_statements(const Records& records, const Contract& contract) {
  Query query;
  query.type = "franchise_statement";
  query.fields = {"id", "version", "state", "period_start", "period_end", "fee", "advertising", "total"};
  query.where = "contract is " + id_text("frc", contract.id);
  query.order = {"period_start"};
  TALON_TRY(const std::vector<Record> found, records.query(query));
  std::vector<Statement> statements;
  for (const Record& row : found) {
    statements.push_back({row.integer("id"),
                          row.integer("version"),
                          row.text("state"),
                          {row.date("period_start"), row.date("period_end")},
                          row.integer("fee"),
                          row.integer("advertising"),
                          row.integer("total")});
  }
  return statements;
}

Result<std::vector<TrueUp>> load_true_ups(const Records& records, const Contract& contract) {
  Query query;
  query.type = "franchise_true_up";
  query.fields = {"statement", "franchise_statement", "period_start", "fee", "advertising"};
  query.where = "franchise_statement.contract is " + id_text("frc", contract.id);
  TALON_TRY(const std::vector<Record> found, records.query(query));
  std::vector<TrueUp> list;
  for (const Record& row : found) {
    list.push_back({row.integer("statement"), row.integer("franchise_statement"), row.date("period_start"),
                    row.integer("fee"), row.integer("advertising")});
  }
  return list;
}

}  // namespace talon::franchise
