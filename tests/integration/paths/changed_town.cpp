/// Changes what somebody may not see.
#include "tests/integration/paths/changed_town.hpp"

#include <talon/id.hpp>

#include <algorithm>
#include <set>

namespace talon::paths {

namespace {

using model::FieldType;

/// Read by conditions of the shipped rules: what they decide is seen.
bool decides(const model::RecordType& type, const model::Field& field) {
  static const std::set<std::string, std::less<>> kTypes = {"user",       "user_role", "user_fact",
                                                            "session",    "token",     "authenticator",
                                                            "login_link", "mail",      "audit_hold"};
  if (type.name == "party" && field.type == FieldType::Boolean) return true;
  return kTypes.count(type.name) > 0 || type.name.starts_with("audit_") || type.name.starts_with("policy_");
}

/// Added up for them by a view that names the column, or put into their own record by what they may do
/// (placing an order fills its lines in from the products): TYPE.FIELD by role.
bool is_told(const std::string& role, const std::string& field) {
  static const std::set<std::pair<std::string, std::string>> kTold = {
      {"client", "product.vat_category"}, {"client_admin", "product.vat_category"},
      {"client", "product.vat_rate"},     {"client_admin", "product.vat_rate"},
      {"partner", "invoice.turnover"},    {"partner", "invoice.issue_date"},
      {"partner", "invoice.currency"},    {"franchisor", "sales_record.net"},
      {"franchisor", "sales_record.day"}, {"franchisor", "sales_record.currency"}};
  return kTold.count({role, field}) > 0;
}

class Changer {
 public:
  Changer(Database& database, const Town& town, uint64_t seed)
      : database_(database), town_(town), random_(seed) {
    for (const Subject& one : town.bolt()) bolts_.push_back(std::to_string(*parse_id(one.party)));
  }

  /// A record of the other side: one of its parties stands in it.
  bool is_foreign(const model::RecordType& type, int64_t id) const {
    if (type.name == "party") return is_bolt(std::to_string(id));
    if (type.kind == model::Kind::Child) {
      const std::string& parent = town_.cell(type.name, id, type.parent);
      return !parent.empty() && is_foreign(*town_.model().find(type.parent), std::stoll(parent));
    }
    return std::any_of(type.fields.begin(), type.fields.end(), [&](const model::Field& field) {
      return field.to == "party" && is_bolt(town_.cell(type.name, id, field.name));
    });
  }

  void change(const model::RecordType& type, int64_t id, const model::Field& field) {
    const bool is_foreign_row = is_foreign(type, id);
    const std::string value = new_value(type, id, field, is_foreign_row);
    if (value.empty()) return;
    database_.run("update " + type.plural + " set \"" + field.name + "\" = ? where id = ?",
                  {value, std::to_string(id)});
    ++changes_;
  }

  /// Takes some rows of the other side away and adds others.
  void come_and_go(const model::RecordType& type) {
    static const std::set<std::string, std::less<>> kLeaves = {"timesheet_entry", "contact",      "delivery",
                                                               "customer_order",  "sales_record", "payment"};
    if (kLeaves.count(type.name) == 0) return;
    for (const int64_t id : town_.rows(type.name)) {
      if (!is_foreign(type, id)) continue;
      if (chance(3)) {
        database_.run("delete from " + type.plural + " where id = ?", {std::to_string(id)});
      } else {
        add_like(type, id);
      }
      ++changes_;
    }
  }

  int changes() const { return changes_; }
  bool chance(int of) { return static_cast<int>(random_() % static_cast<uint64_t>(of)) == 0; }

 private:
  bool is_bolt(const std::string& party) const {
    return std::find(bolts_.begin(), bolts_.end(), party) != bolts_.end();
  }

  static bool is_in_a_key(const model::RecordType& type, const model::Field& field) {
    return std::any_of(type.unique.begin(), type.unique.end(), [&](const std::vector<std::string>& key) {
      return std::find(key.begin(), key.end(), field.name) != key.end();
    });
  }

  int64_t number(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(random_() % static_cast<uint64_t>(most - least + 1));
  }

  std::string new_value(const model::RecordType& type, int64_t id, const model::Field& field,
                        bool is_foreign_row) {
    const std::string& old = town_.cell(type.name, id, field.name);
    if (field.type != FieldType::Text && is_in_a_key(type, field)) return {};
    switch (field.type) {
      case FieldType::Text:
        if (!takes_marker(type, field)) return {};
        // The mask of an account shows its end.
        return "r" + std::to_string(random_() % 10'000'000) + (field.name == "iban" ? "9876" : "");
      case FieldType::Integer:
      case FieldType::Decimal:
      case FieldType::Money:
        return std::to_string(
            number(field.min.value_or(1), std::min<int64_t>(field.max.value_or(99'999), 99'999)));
      case FieldType::Date:
        return "2025" + std::to_string(number(10, 12)) + std::to_string(number(10, 28));
      case FieldType::Timestamp:
        return old.empty() ? std::string() : std::to_string(number(1'700'000'000, 1'730'000'000)) + "000000";
      case FieldType::Boolean:
        return std::to_string(number(0, 1));
      case FieldType::Choice:
        return field.choices[random_() % field.choices.size()];
      case FieldType::State:
        return is_foreign_row ? field.choices[random_() % field.choices.size()] : std::string();
      case FieldType::Ref:
        return is_foreign_row && field.to == "party" && is_bolt(old) ? bolts_[random_() % bolts_.size()]
                                                                     : std::string();
      default:
        return {};
    }
  }

  void add_like(const model::RecordType& type, int64_t id) {
    std::string names = "id, version, created_at, updated_at";
    std::string values = "?, 1, 1700000000000000, 1700000000000000";
    Texts binds = {std::to_string(id + 7)};
    for (const model::Field& field : type.fields) {
      std::string value = new_value(type, id, field, true);
      if (value.empty()) value = town_.cell(type.name, id, field.name);
      if (value.empty() || !field.computed.empty()) continue;
      names += ", \"" + field.name + "\"";
      values += ", ?";
      binds.push_back(value);
    }
    database_.run("insert into " + type.plural + " (" + names + ") values (" + values + ")", binds);
  }

  Database& database_;
  const Town& town_;
  std::mt19937_64 random_;
  Texts bolts_;
  int changes_ = 0;
};

}  // namespace

int change_unseen(Database& database, const Town& town, const Subject& subject, const Sight& sight,
                  uint64_t seed) {
  Changer changer(database, town, seed);
  for (const model::RecordType& type : town.model().types) {
    for (const int64_t id : town.rows(type.name)) {
      for (const model::Field& field : type.fields) {
        const bool is_seen = sight.sees_field(type.name, id, field.name);
        const bool tells = is_told(subject.role, type.name + "." + field.name);
        if (is_seen || tells || decides(type, field) || !field.computed.empty() || changer.chance(8))
          continue;
        changer.change(type, id, field);
      }
    }
    changer.come_and_go(type);
  }
  return changer.changes();
}

int change_fields(Database& database, const Town& town, const std::vector<std::string>& fields,
                  uint64_t seed) {
  Changer changer(database, town, seed);
  for (const std::string& name : fields) {
    const std::size_t dot = name.find('.');
    const model::RecordType& type = *town.model().find(name.substr(0, dot));
    for (const int64_t id : town.rows(type.name)) {
      for (const model::Field& field : type.fields) {
        const bool is_meant = dot == std::string::npos || field.name == name.substr(dot + 1);
        if (is_meant && !decides(type, field) && field.computed.empty()) changer.change(type, id, field);
      }
    }
  }
  return changer.changes();
}

}  // namespace talon::paths
