/// Queries for invoices, parties and number series.
#include "invoice_store.hpp"

#include "numbering.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <array>

namespace talon::invoicing {

namespace {

constexpr std::array<std::string_view, 22> kStoredHeader = {"id",
                                                            "version",
                                                            "kind",
                                                            "number",
                                                            "state",
                                                            "issue_date",
                                                            "rounding",
                                                            "lines_total",
                                                            "net_total",
                                                            "tax_total",
                                                            "gross_total",
                                                            "payable_total",
                                                            "turnover",
                                                            "paid_total",
                                                            "credited_total",
                                                            "written_off_total",
                                                            "balance",
                                                            "settlement",
                                                            "sent_at",
                                                            "corrects",
                                                            "approved_version",
                                                            "snapshot_sha256"};
constexpr std::array<std::string_view, 21> kParty = {
    "id",    "is_company", "is_franchisor", "name",   "legal_name",    "vat_number",    "registration_number",
    "email", "phone",      "iban",          "bic",    "address_line1", "address_line2", "postcode",
    "city",  "region",     "country",       "number", "language",      "currency",      "payment_terms_days"};

std::vector<std::string> names_of(std::initializer_list<std::span<const FieldSpec>> specs) {
  std::vector<std::string> names;
  for (const auto& part : specs) {
    for (const FieldSpec& spec : part) names.emplace_back(spec.name);
  }
  return names;
}

Fields fields_of(const Record& record, const std::vector<std::string>& names) {
  Fields fields;
  for (const std::string& name : names) {
    if (!record.is_empty(name)) fields[name] = record.value(name);
  }
  return fields;
}

Result<std::vector<Fields>> load_rows(const Records& records, std::string_view type,
                                      const std::string& invoice, std::vector<std::string> names) {
  names.insert(names.end(), {"id", "position"});
  Query query;
  query.type = type;
  query.fields = names;
  query.where = "invoice is " + invoice;
  query.order = {"position"};
  TALON_TRY(const std::vector<Record> found, records.query(query));
  std::vector<Fields> rows;
  for (const Record& record : found) {
    rows.push_back(fields_of(record, names));
    rows.back().erase("position");  // the host counts them anew
  }
  return rows;
}

constexpr std::string_view kStandard = "standard";  // the series that is made at first use

std::string series_code(const InvoiceData& invoice) {
  const std::string code = text_of(invoice.header, "series");
  return code.empty() ? std::string(kStandard) : code;
}

std::string series_kind(const InvoiceData& invoice) {
  return invoice.is_credit_note() ? "credit_note" : "invoice";
}

}  // namespace

std::string invoice_id(int64_t id) { return id_text("inv", id); }

Result<Settings> load_settings(const Host& host) {
  TALON_TRY(const Json json, host.settings());
  Settings settings;
  settings.due_days = json["due_days"].integer(settings.due_days);
  if (json["invoice_format"].is_string()) settings.invoice_format = json["invoice_format"].string();
  if (json["credit_note_format"].is_string())
    settings.credit_note_format = json["credit_note_format"].string();
  settings.allows_credit_balance = json["allow_credit_balance"].boolean();
  settings.asks_complete_parties = json["complete_parties"].boolean();
  settings.legal_text = json["legal_text"].string();
  return settings;
}

Result<InvoiceData> load_invoice(const Records& records, std::string_view id) {
  std::vector<std::string> header = names_of({header_specs(), trusted_header_specs()});
  for (const std::string_view name : kStoredHeader) header.emplace_back(name);
  // "kind" is in both lists; a field is asked for once.
  header.erase(std::find(header.begin(), header.end(), "kind"));
  TALON_TRY(const Record record, records.get("invoice", id, header));
  InvoiceData invoice;
  invoice.header = fields_of(record, header);
  invoice.id = record.integer("id");
  invoice.version = record.integer("version");
  const std::string text = invoice_id(invoice.id);
  std::vector<std::string> line = names_of({line_specs(), trusted_line_specs()});
  line.emplace_back("net");
  TALON_TRY(invoice.lines, load_rows(records, "invoice_line", text, std::move(line)));
  TALON_TRY(invoice.allowances, load_rows(records, "invoice_allowance", text, names_of({allowance_specs()})));
  return invoice;
}

Result<Fields> load_party(const Records& records, int64_t id) {
  const std::vector<std::string> names(kParty.begin(), kParty.end());
  TALON_TRY(const Record record, records.get("party", id_text("pty", id), names));
  return fields_of(record, names);
}

Result<std::optional<Series>> find_series(const Records& records, const InvoiceData& invoice, int year) {
  Query query;
  query.type = "number_series";
  query.fields = {"id", "code", "format", "rounding", "last_date"};
  query.where = "company is " + id_text("pty", integer_of(invoice.header, "company")) + " and kind is " +
                series_kind(invoice) + " and code is " + text_literal(series_code(invoice)) +
                " and year = " + std::to_string(year);
  query.limit = 1;
  TALON_TRY(const std::vector<Record> found, records.query(query));
  std::optional<Series> series;
  if (!found.empty()) {
    const Record& row = found.front();
    series = Series{row.integer("id"), row.text("code"), row.text("format"),
                    rounding_of(row.text("rounding")), row.integer("last_date")};
  }
  return series;
}

namespace {

/// What stands before and behind the counter: two series that have both in common give the same numbers.
Result<std::string> around_counter(const std::string& format, int year) {
  TALON_TRY(const std::string pattern, number_pattern(format, year, "n"));
  const std::size_t begin = pattern.find("%{");
  return pattern.substr(0, begin) + "%" + pattern.substr(pattern.find('}', begin) + 1);
}

/// Numbers are unique per company, so a series beside the usual one has a form of its own.
Result<void> check_apart(const Records& records, const InvoiceData& invoice, const Series& series, int year) {
  if (series.code == kStandard) return {};
  TALON_TRY(const std::string own, around_counter(series.format, year));
  const Query query{"number_series",
                    {"id", "code", "format"},
                    "company is " + id_text("pty", integer_of(invoice.header, "company")) +
                        " and year = " + std::to_string(year)};
  TALON_TRY(const std::vector<Record> all, records.query(query));
  for (const Record& other : all) {
    if (other.integer("id") == series.id) continue;
    const auto theirs = around_counter(other.text("format"), year);
    if (!theirs || *theirs != own) continue;
    return failed_precondition("the number series " + series.code + " and " + other.text("code") + " of " +
                               std::to_string(year) + " give the same numbers (" + series.format + " and " +
                               other.text("format") + "); change the format of one that has given none yet");
  }
  return {};
}

}  // namespace

Result<Series> ensure_series(const Host& host, const InvoiceData& invoice, int year,
                             const Settings& settings) {
  const Records own = host.records();
  TALON_TRY(std::optional<Series> found, find_series(own, invoice, year));
  if (found) {
    TALON_DO(check_apart(own, invoice, *found, year));
    return *std::move(found);
  }
  // A new year goes on in the form of the last one.
  TALON_TRY(const std::optional<Series> before, find_series(own, invoice, year - 1));
  if (!before && series_code(invoice) != kStandard) {
    return failed_precondition(
        "series: this company has no number series " + text_literal(series_code(invoice)) + " for its " +
        series_kind(invoice) + "s of " + std::to_string(year) +
        "; create one with a format of its own (number_series), or leave series empty");
  }
  std::string format = invoice.is_credit_note() ? settings.credit_note_format : settings.invoice_format;
  if (before) format = before->format;
  TALON_TRY(const std::string checked, number_pattern(format, year, "n"));
  ChangeSet changes;
  changes.upsert("number_series", {"company", "kind", "code", "year"},
                 {{"company", integer_of(invoice.header, "company")},
                  {"kind", series_kind(invoice)},
                  {"code", series_code(invoice)},
                  {"year", int64_t{year}},
                  {"format", format},
                  {"rounding", rounding_word(before ? before->rounding : VatRounding::PerGroup)}});
  const auto written = own.apply(changes);
  // Somebody else may have made it in between; then it is there to be read.
  if (!written && written.error().code != Code::AlreadyExists) return written.error();
  TALON_TRY(found, find_series(own, invoice, year));
  if (!found) return internal("the number series of " + std::to_string(year) + " was made and is not there");
  TALON_DO(check_apart(own, invoice, *found, year));
  return *std::move(found);
}

Result<VatRounding> rounding_for(const Host& host, const InvoiceData& invoice, int year) {
  TALON_TRY(const std::optional<Series> series, find_series(host.records(), invoice, year));
  return series ? series->rounding : VatRounding::PerGroup;
}

}  // namespace talon::invoicing
