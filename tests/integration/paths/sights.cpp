/// What each role for people outside may see. Lines are: roles, type, rows, fields.
#include "tests/integration/paths/sights.hpp"

#include <talon/id.hpp>

#include <algorithm>
#include <sstream>

namespace talon::paths {

namespace {

/// The rows: "FIELD" holds their party (or user), "=" is their party itself, "*" are all.
struct Line {
  const char* roles;
  const char* type;
  const char* rows;
  const char* condition;  ///< "FIELD VALUE", or "FIELD !VALUE"; empty: none
  const char* fields;     ///< "*": all but those after a minus
};

constexpr const char* kCard =
    "number name legal_name is_company vat_number registration_number address_line1 address_line2 postcode "
    "city "
    "region country language currency payment_terms_days email phone";
constexpr const char* kShortCard =
    "number name is_company is_client is_franchisee partner franchisor city country";
constexpr const char* kInvoice =
    "kind number state company client issue_date due_date supply_from supply_to currency reference "
    "order_reference contract_reference note payment_terms exemption_reason prepaid_total rounding_amount "
    "lines_total allowances_total charges_total net_total tax_total gross_total payable_total paid_total "
    "credited_total balance settlement sent_at is_overdue corrects reason lines allowances taxes";
constexpr const char* kInvoiceLine =
    "description item quantity unit price base_quantity allowance allowance_percent charge vat_category "
    "vat_rate net";

const Line kLines[] = {
    {"client client_admin supplier franchisee", "party", "=", "", kCard},
    {"client client_admin supplier franchisee", "party", "*", "is_company 1", kCard},
    {"partner franchisor", "party", "=", "", kShortCard},
    {"partner", "party", "partner", "", kShortCard},
    {"franchisor", "party", "franchisor", "", kShortCard},
    {"partner franchisor", "party", "*", "is_company 1", kShortCard},
    {"client client_admin supplier", "contact", "party", "",
     "* -note -external_system -external_id -created_by -updated_by"},
    {"client client_admin franchisee", "invoice", "client", "state issued", kInvoice},
    {"client client_admin franchisee", "invoice_line", "", "", kInvoiceLine},
    {"client client_admin franchisee", "invoice_allowance", "", "", "*"},
    {"client client_admin franchisee", "invoice_tax", "", "", "*"},
    {"client client_admin", "payment", "client", "",
     "client date currency amount method reference allocated unallocated"},
    {"client client_admin", "payment_allocation", "client", "",
     "payment invoice client date kind currency amount"},
    {"client client_admin", "timesheet_entry", "client", "state !draft",
     "worker client project activity day minutes note state rejection"},
    {"client client_admin partner", "product", "*", "", "sku name description unit currency price is_active"},
    {"client client_admin", "customer_order", "client", "",
     "number client company state order_date currency reference note net_total rejection lines"},
    {"client client_admin", "customer_order_line", "", "", "*"},
    {"supplier", "delivery", "supplier", "",
     "number supplier company state delivery_date received_on currency net_total bill_number bill_date "
     "bill_due_date bill_total paid_on payment_reference lines"},
    {"supplier", "delivery_line", "", "", "*"},
    {"franchisee", "franchise_contract", "franchisee", "", "* -note -created_by -updated_by"},
    {"franchisee", "franchise_tier", "", "", "*"},
    {"franchisee", "sales_record", "franchisee", "", "*"},
    {"franchisee", "franchise_statement", "franchisee", "", "*"},
    {"franchisee", "franchise_statement_sales", "", "", "*"},
    {"franchisee", "franchise_true_up", "", "", "*"},
    {"", "user", "@", "", "* -created_at -created_by -updated_at -updated_by"},
    {"", "user_role", "", "", "*"},
    {"", "user_fact", "", "", "*"},
    {"", "session", "user", "", "*"},
    {"", "token", "user", "", "*"},
    {"", "authenticator", "user", "", "*"},
    {"", "login_link", "user", "", "*"},
};

std::vector<std::string> words(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

bool is_for(const Line& line, const Subject& subject) {
  const auto roles = words(line.roles);
  return roles.empty() || std::find(roles.begin(), roles.end(), subject.role) != roles.end();
}

/// The party or the user as the database has them.
std::string number_of(const std::string& id) {
  const auto number = parse_id(id);
  return number ? std::to_string(*number) : std::string();
}

bool is_own(const Town& town, const Subject& subject, const Line& line, int64_t id) {
  const std::string rows = line.rows;
  const std::string self = std::to_string(id);
  if (rows == "*") return true;
  if (rows == "=") return self == number_of(subject.party);
  if (rows == "@") return self == number_of(subject.user);
  const std::string& owner = town.cell(line.type, id, rows);
  return owner == number_of(rows == "user" ? subject.user : subject.party);
}

bool meets(const Town& town, const Line& line, int64_t id) {
  const auto condition = words(line.condition);
  if (condition.empty()) return true;
  const std::string& value = town.cell(line.type, id, condition[0]);
  return condition[1].starts_with('!') ? value != condition[1].substr(1) : value == condition[1];
}

}  // namespace

Sight::Sight(const Town& town, const Subject& subject) : town_(town) {
  for (const Line& line : kLines) {
    if (!is_for(line, subject)) continue;
    Row row;
    for (const std::string& word : words(line.fields)) {
      if (word.starts_with('-'))
        row.hidden.insert(word.substr(1));
      else
        row.fields.insert(word);
    }
    const model::RecordType& type = *town.model().find(line.type);
    const bool is_child = type.kind == model::Kind::Child;
    for (const int64_t id : town.rows(line.type)) {
      // A child's rows are seen with their parent, which stands further up.
      const std::string& parent = is_child ? town.cell(line.type, id, type.parent) : std::string();
      const bool is_seen = is_child ? sees_row(type.parent, std::stoll(parent))
                                    : is_own(town, subject, line, id) && meets(town, line, id);
      if (is_seen) take(line.type, id, row);
    }
  }
}

void Sight::take(const std::string& type, int64_t id, const Row& row) {
  seen_[{type, id}] = row;
  rows_[type].insert(id);
  met_.insert({type, id});
  const model::RecordType& declared = *town_.model().find(type);
  for (const auto* fields : {&declared.fields, &model::host_fields_of(declared)}) {
    for (const model::Field& field : *fields) {
      if (field.type != model::FieldType::Ref || !sees_field(type, id, field.name)) continue;
      const std::string& target = town_.cell(type, id, field.name);
      if (!target.empty()) met_.insert({field.to, std::stoll(target)});
    }
  }
}

bool Sight::sees_row(const std::string& type, int64_t id) const { return rows(type).count(id) > 0; }

bool Sight::sees_field(const std::string& type, int64_t id, const std::string& field) const {
  const auto row = seen_.find({type, id});
  if (row == seen_.end()) return false;
  const std::set<std::string>& fields = row->second.fields;
  if (field == "id" || field == "version" || field == "position") return true;
  return fields.count("*") > 0 ? row->second.hidden.count(field) == 0 : fields.count(field) > 0;
}

bool Sight::may_meet(const std::string& type, int64_t id) const { return met_.count({type, id}) > 0; }

const std::set<int64_t>& Sight::rows(const std::string& type) const {
  static const std::set<int64_t> kNone;
  const auto found = rows_.find(type);
  return found == rows_.end() ? kNone : found->second;
}

}  // namespace talon::paths
