/// Random policies, people and records.
#include "tests/plugins/reference/random_policy.hpp"

#include <talon/id.hpp>

namespace talon::reference {

namespace {

const std::vector<std::string> kRoles = {"employee", "viewer", "sales", "accountant", "chief", "client"};
const std::vector<std::string> kStates = {"draft", "review", "approved", "sent", "paid", "void"};
const std::vector<std::string> kActions = {"view", "edit", "approve"};

class Maker {
 public:
  Maker(uint32_t seed, int records) : random_(seed), invoices_(records) {}

  Random make() {
    make_world();
    make_people();
    out_.files = {{"roles.yaml", roles()},
                  {"facts.yaml",
                   "facts: {partners: list of partner, client: client, approval_limit: money, desk: text}\n"},
                  {"scopes.yaml", scopes()},
                  {"rules/invoice.yaml", "invoice:\n  rules:\n" + rules(2 + below(8), false) + fields()},
                  {"users.yaml", users()}};
    if (one_in(2)) {
      out_.files.emplace_back("partners/n.yaml", "for partner: N" + std::to_string(below(3)) +
                                                     "\ninvoice:\n  rules:\n" + rules(1 + below(2), true) +
                                                     (one_in(2) ? "  fields:\n" + field_rule(true) : ""));
    }
    return std::move(out_);
  }

 private:
  int below(int count) { return static_cast<int>(random_() % static_cast<uint32_t>(count)); }
  bool one_in(int count) { return below(count) == 0; }
  const std::string& pick(const std::vector<std::string>& list) {
    return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
  }
  /// Numbers follow each other over all types, in the order in which a fake host gives them out.
  std::string id(const std::string& prefix, int number) const {
    static const std::map<std::string, int> kFirst = {
        {"par", 1001}, {"fra", 1004}, {"out", 1007}, {"cli", 1010}, {"inv", 1014}};
    const auto first = kFirst.find(prefix);
    return id_text(prefix, (first == kFirst.end() ? 1014 + invoices_ : first->second) + number);
  }
  std::string day() { return "2026-12-" + std::string(one_in(2) ? "09" : one_in(2) ? "10" : "11"); }
  std::string amount() { return std::to_string(below(4) * 50) + (one_in(3) ? ".50" : ""); }

  void put(Record& record, const char* field, const std::string& value) {
    if (!one_in(5)) record.fields[field] = value;
  }

  void make_world() {
    for (int i = 0; i < 3; ++i) {
      Record partner{"partner", id("par", i), {}};
      put(partner, "number", "N" + std::to_string(i));
      out_.world[partner.id] = partner;
      Record franchise{"franchise", id("fra", i), {{"name", "F" + std::to_string(i)}}};
      out_.world[franchise.id] = franchise;
      Record outlet{"outlet", id("out", i), {}};
      put(outlet, "franchise", id("fra", below(3)));
      out_.world[outlet.id] = outlet;
    }
    for (int i = 0; i < 4; ++i) {
      Record client{"client", id("cli", i), {}};
      put(client, "name", i % 2 == 0 ? "Acme" : "Bolt");
      put(client, "partner", id("par", below(3)));
      put(client, "allow_timesheet_access", one_in(2) ? "on" : "off");
      out_.world[client.id] = client;
    }
    for (int i = 0; i < invoices_; ++i) {
      Record invoice{"invoice", id("inv", i), {}};
      put(invoice, "number", one_in(2) ? "A-1" : "007");
      put(invoice, "partner", id("par", below(4)));
      put(invoice, "client", id("cli", below(4)));
      put(invoice, "outlet", id("out", below(3)));
      put(invoice, "state", pick(kStates));
      put(invoice, "currency", one_in(4) ? "USD" : "EUR");
      for (const char* field : {"amount", "cost", "margin"}) put(invoice, field, amount());
      put(invoice, "created_by", id("usr", below(5)));
      out_.world[invoice.id] = invoice;
    }
    for (const auto& [key, record] : out_.world) {
      if (record.type == "invoice") out_.records.push_back(&record);
    }
  }

  void make_people() {
    for (int i = 0; i < 5; ++i) {
      User user{id("usr", i), "p" + std::to_string(i) + "@example.com", !one_in(12), {}, {}};
      for (const std::string& role : kRoles) {
        if (one_in(3)) user.roles.push_back({role, one_in(5) ? day() : "", one_in(5) ? day() : ""});
      }
      for (int partner = 0; partner < 3; ++partner) {
        if (one_in(3)) user.facts["partners"].push_back("N" + std::to_string(partner));
      }
      if (one_in(2)) user.facts["client"] = {id("cli", below(4))};
      if (one_in(2)) user.facts["approval_limit"] = {amount() + (one_in(3) ? " USD" : " EUR")};
      if (one_in(2)) user.facts["desk"] = {one_in(2) ? "A-1" : "Acme"};
      out_.people.push_back(user);
    }
  }

  std::string roles() {
    std::string text = "roles:\n";
    for (std::size_t i = 0; i < kRoles.size(); ++i) {
      text += "  " + kRoles[i] + ": {";
      if (i > 0 && one_in(2))
        text += "includes: [" + kRoles[static_cast<std::size_t>(below(static_cast<int>(i)))] + "]";
      text += "}\n";
    }
    if (one_in(3)) text += "never together: [[client, " + kRoles[static_cast<std::size_t>(below(5))] + "]]\n";
    return text;
  }

  std::string scopes() {
    // Scopes are written without named conditions, and the second condition uses the first alone.
    std::string text = "scopes:\n  ours:\n" + block(4, 1) + "  theirs: " + line() + "\nconditions:\n";
    text += "  first: " + plain_line() + "\n  second:\n    - is first\n" + block(4, 1);
    has_named_ = true;
    return text;
  }

  std::string line() {
    if (has_named_ && one_in(8))
      return std::string("is ") + (one_in(2) ? "not " : "") + (one_in(2) ? "first" : "second");
    return plain_line();
  }

  std::string plain_line() {
    static const std::vector<std::string> kOrders = {"<", "<=", ">", ">=", "=", "!=", "is", "is not"};
    static const std::vector<std::string> kPaths = {"partner",
                                                    "client",
                                                    "state",
                                                    "amount",
                                                    "client.name",
                                                    "outlet.franchise.name",
                                                    "client.partner.number"};
    switch (below(16)) {
      case 0:
        return "state " + std::string(one_in(2) ? "is " : "is not ") + pick(kStates);
      case 1:
        return "state " + std::string(one_in(2) ? "in" : "not in") + " [" + pick(kStates) + ", " +
               pick(kStates) + "]";
      case 2:
        return "created_by " + std::string(one_in(2) ? "is" : "is not") + " user";
      case 3:
        return "partner " + std::string(one_in(3) ? "not in" : "in") + " user.partners";
      case 4:
        return "client is user.client";
      case 5:
        return "amount " + pick(kOrders) + " user.approval_limit";
      case 6:
        return "amount " + pick(kOrders) + " " + amount() + (one_in(4) ? " USD" : " EUR");
      case 7:
        return "amount " + pick(kOrders) + " cost";
      case 8:
        return pick(kPaths) + (one_in(2) ? " is empty" : " is not empty");
      case 9:
        return "client.allow_timesheet_access is " + std::string(one_in(2) ? "on" : "off");
      case 10:
        return "outlet.franchise.name is F" + std::to_string(below(3));
      case 11:
        return "user has " + std::string(one_in(4) ? "not " : "") + "role " + pick(kRoles);
      case 12:
        return "number is " + std::string(one_in(2) ? "007" : "A-1");
      case 13:
        return "client.name " + std::string(one_in(2) ? "starts with A" : "contains ol");
      case 14:
        return "client.partner.number in [N0, N" + std::to_string(below(3)) + "]";
      default:
        return "number is user.desk";
    }
  }

  /// List items below a word, indented by `by`.
  std::string block(int by, int depth) {
    const std::string indent(static_cast<std::size_t>(by), ' ');
    std::string text;
    for (int i = 0; i < 1 + below(3); ++i) {
      if (depth > 0 && one_in(4)) {
        text += indent + "- " + (one_in(2) ? "any" : "none") + ":\n" + block(by + 4, depth - 1);
      } else {
        text += indent + "- " + line() + "\n";
      }
    }
    return text;
  }

  std::string audience(const char* word) {
    std::string text = std::string(", ") + word + ": " + (one_in(4) ? "everyone" : pick(kRoles));
    if (one_in(4)) text += ", except: [" + pick(kRoles) + "]";
    return text;
  }

  std::string rules(int count, bool is_of_partner) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      const bool is_deny = is_of_partner || one_in(5);
      text += std::string("    - ") + (is_deny ? "deny" : "allow") + ": ";
      text += one_in(4) ? "everything" : one_in(2) ? pick(kActions) : "[view, " + pick(kActions) + "]";
      std::string rest = audience("to");
      for (std::size_t at = rest.find(", "); at != std::string::npos; at = rest.find(", "))
        rest.replace(at, 2, "\n      ");
      text += rest + "\n";
      if (one_in(3)) text += std::string("      within: ") + (one_in(2) ? "ours" : "theirs") + "\n";
      const int days = below(8);
      if (days == 0) text += "      until: " + day() + "\n";
      if (days == 1) text += "      from: " + day() + "\n";
      if (one_in(2)) text += "      when:\n" + block(8, 2);
    }
    return text;
  }

  std::string field_rule(bool is_of_partner) {
    static const std::vector<std::string> kFields = {"amount", "cost",       "figures",
                                                     "lines",  "lines.cost", "number"};
    std::string text = "    - ";
    const int kind = below(is_of_partner ? 3 : 4);
    if (kind == 0) text += "hide: [" + pick(kFields) + ", " + pick(kFields) + "]\n";
    if (kind == 1) text += std::string("mask: number\n      as: last 4\n");
    if (kind == 2) text += "lock: " + pick({"amount", "figures", "number"}) + "\n";
    if (kind == 3) text += "only: [number, state, " + pick(kFields) + "]\n";
    text += "      from: " + std::string(one_in(3) ? "everyone" : pick(kRoles)) + "\n";
    if (one_in(3)) text += "      except: " + pick(kRoles) + "\n";
    if (kind != 3 && one_in(2)) text += "      when:\n" + block(8, 1);
    return text;
  }

  std::string fields() {
    std::string text;
    for (int i = 0; i < below(5); ++i) text += field_rule(false);
    return text.empty() ? text : "  fields:\n" + text;
  }

  std::string users() {
    std::string text = "users:\n";
    for (int i = 0; i < 3; ++i) {
      text += "  p" + std::to_string(i) + "@example.com:\n    desk: A-1\n";
      if (one_in(3)) text += "    managed: yaml\n";
      if (one_in(3)) text += "    roles: [" + pick(kRoles) + "]\n";
      if (one_in(2)) text += "    client: " + id("cli", below(4)) + "\n";
      if (one_in(2)) text += "    grants: [{role: " + pick(kRoles) + ", until: " + day() + "}]\n";
      if (one_in(2)) text += personal("allow");
      if (one_in(3)) text += personal("deny");
    }
    return text;
  }

  std::string personal(const char* effect) {
    std::string text = std::string("    ") + effect + ":\n      - " +
                       (one_in(4) ? "everything" : pick(kActions)) + ": invoice\n";
    if (one_in(3)) text += "        within: ours\n";
    if (one_in(4)) text += "        until: " + day() + "\n";
    if (one_in(2)) text += "        when:\n" + block(10, 1);
    return text;
  }

  std::mt19937 random_;
  int invoices_;
  bool has_named_ = false;
  Random out_;
};

}  // namespace

Random random_installation(uint32_t seed, int records) { return Maker(seed, records).make(); }

const std::vector<std::string>& asked_fields() {
  static const std::vector<std::string> fields = {"number", "state",      "amount",    "cost",
                                                  "margin", "lines.text", "lines.cost"};
  return fields;
}

}  // namespace talon::reference
