/// Runs `compose` and `check`.
#include "commands.hpp"

#include "digest.hpp"
#include "issuing.hpp"

#include <talon/id.hpp>

namespace talon::invoicing {

namespace {

void compare(const std::string& what, std::string_view stored, std::string_view expected, Json& problems) {
  if (stored == expected) return;
  problems.push(what + " is \"" + std::string(stored) + "\", the snapshot says \"" + std::string(expected) +
                "\"");
}

/// The record's own columns must say what the snapshot says.
Result<void> compare_record(const Record& invoice, const Json& snapshot, Json& problems) {
  compare("number", invoice.text("number"), snapshot["number"].string(), problems);
  compare("issue_date", invoice.date("issue_date").to_string(), snapshot["issue_date"].string(), problems);
  compare("currency", invoice.text("currency"), snapshot["currency"].string(), problems);
  TALON_TRY(const Currency currency, Currency::parse(invoice.text("currency")));
  for (const char* name : {"net_total", "tax_total", "gross_total", "payable_total"}) {
    compare(name, Money(invoice.integer(name), currency).amount(), snapshot["totals"][name].string(),
            problems);
  }
  return {};
}

}  // namespace

Result<void> compose(const Host& host, const CommandRequest& request, Output& output) {
  TALON_TRY(InvoiceData invoice, read_invoice(request.args["invoice"], Trust::Plugin));
  const std::string as(request.args["as"].is_null() ? "invoice" : request.args["as"].string());
  Date issue_date = host.today();
  if (!request.args["issue_date"].is_null()) {
    TALON_TRY(issue_date, Date::parse(request.args["issue_date"].string()));
  }
  TALON_TRY(const VatRounding rounding, rounding_for(host, invoice, issue_date.year()));
  TALON_TRY(const Totals totals, totals_of(invoice, rounding));
  TALON_TRY(const ChangeSet::Fields figures, totals_fields(invoice, totals, rounding));
  ChangeSet::Fields fields(invoice.header.begin(), invoice.header.end());
  fields.insert(fields.end(), figures.begin(), figures.end());
  ChangeSet changes;
  add_lists(changes.create("invoice", fields, as), invoice, totals);
  if (request.args["issue"].boolean()) {
    TALON_TRY(const Settings settings, load_settings(host));
    Issuing issuing(host, settings);
    TALON_DO(issuing.add(changes, invoice, "@" + as, issue_date));
  }
  Json json = changes.json();
  TALON_TRY(const Currency currency, invoice.currency());
  json.set("totals", Json::object({{"net_total", Money(totals.net_total, currency).amount()},
                                   {"tax_total", Money(totals.tax_total, currency).amount()},
                                   {"gross_total", Money(totals.gross_total, currency).amount()}}));
  return output.write(json.to_string());
}

Result<void> check(const Host&, const CommandRequest& request, Output& output) {
  const std::string id(request.args["invoice"].string());
  TALON_TRY(const Record invoice,
            request.records.get("invoice", id,
                                {"number", "state", "issue_date", "currency", "net_total", "tax_total",
                                 "gross_total", "payable_total", "snapshot", "snapshot_sha256"}));
  if (invoice.text("state") != "issued") {
    return failed_precondition(id + " is " + invoice.text("state") +
                               "; only an issued invoice has a snapshot to check");
  }
  Json problems = Json::array();
  const std::string text = invoice.text("snapshot");
  if (sha256_hex(text) != invoice.text("snapshot_sha256"))
    problems.push("the snapshot's SHA-256 is another one");
  const auto snapshot = Json::parse(text);
  if (!snapshot) {
    problems.push("the snapshot cannot be read: " + snapshot.error().message);
  } else {
    TALON_DO(compare_record(invoice, *snapshot, problems));
    const auto found = recheck(*snapshot);
    if (!found) problems.push(found.error().message);
    if (found) {
      for (const std::string& problem : *found) problems.push(problem);
    }
  }
  const bool is_ok = problems.items().empty();
  return output.write(Json::object({{"invoice", id},
                                    {"number", invoice.text("number")},
                                    {"ok", is_ok},
                                    {"problems", std::move(problems)}})
                          .to_string());
}

}  // namespace talon::invoicing
