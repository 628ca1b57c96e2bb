/// Random policies, people and records: the plan, evaluated as the host does, equals a naive reading of the
/// rules.
#include "tests/plugins/access/support.hpp"

#include <gtest/gtest.h>
#include <talon/expression/parse.hpp>
#include <talon/id.hpp>

#include <random>

namespace talon::access {
namespace {

using expression::Truth;

constexpr int64_t kToday = 20261210;
const std::vector<std::string> kRoles = {"employee",   "viewer",           "sales",
                                         "accountant", "chief_accountant", "client"};

struct Somebody {
  int64_t id = 0;
  std::vector<std::string> roles;  ///< as held; includes are worked out below
  std::vector<int64_t> partners;
  std::optional<int64_t> client;
  std::optional<int64_t> limit_minor;
};

struct Entry {
  std::map<std::string, Value, std::less<>> values;
};

/// A condition as text, and what it means, in one's own words.
struct Line {
  std::string text;
  std::function<Truth(const Somebody&, const Entry&)> truth;
};

Truth of(bool is_true) { return is_true ? Truth::True : Truth::False; }

Value get(const Entry& entry, std::string_view field) {
  const auto found = entry.values.find(field);
  return found == entry.values.end() ? Value() : found->second;
}

bool has_role(const Somebody& somebody, const std::string& role) {
  // employee < viewer < accountant < chief_accountant; employee < sales.
  for (const std::string& held : somebody.roles) {
    if (held == role) return true;
    if (held != "client" && role == "employee") return true;
    if (role == "viewer" && (held == "accountant" || held == "chief_accountant")) return true;
    if (role == "accountant" && held == "chief_accountant") return true;
  }
  return false;
}

Line state_is(const std::string& state, bool is_not) {
  return {"state is " + std::string(is_not ? "not " : "") + state, [=](const Somebody&, const Entry& entry) {
            const Value value = get(entry, "state");
            return value.is_null() ? Truth::Unknown : of((value.text() == state) != is_not);
          }};
}

Line random_line(std::mt19937& random) {
  static const std::vector<std::string> kStates = {"open", "submitted", "approved", "invoiced"};
  switch (random() % 9) {
    case 0:
    case 1:
      return state_is(kStates[random() % 4], random() % 2 == 0);
    case 2:
      return {"submitted_by is user", [](const Somebody& somebody, const Entry& entry) {
                const Value value = get(entry, "submitted_by");
                return value.is_null() ? Truth::Unknown : of(value.integer() == somebody.id);
              }};
    case 3:
      return {"partner in user.partners", [](const Somebody& somebody, const Entry& entry) {
                const Value value = get(entry, "partner");
                if (value.is_null() || somebody.partners.empty()) return Truth::Unknown;
                return of(std::find(somebody.partners.begin(), somebody.partners.end(), value.integer()) !=
                          somebody.partners.end());
              }};
    case 4:
      return {"client is user.client", [](const Somebody& somebody, const Entry& entry) {
                const Value value = get(entry, "client");
                return value.is_null() || !somebody.client ? Truth::Unknown
                                                           : of(value.integer() == *somebody.client);
              }};
    case 5:
      return {"bill_rate <= user.approval_limit", [](const Somebody& somebody, const Entry& entry) {
                const Value value = get(entry, "bill_rate");
                if (value.is_null() || !somebody.limit_minor || get(entry, "currency").text() != "EUR")
                  return Truth::Unknown;
                return of(value.integer() <= *somebody.limit_minor);
              }};
    case 6:
      return {"client.allow_timesheet_access is on", [](const Somebody&, const Entry& entry) {
                const Value value = get(entry, "client.allow_timesheet_access");
                return value.is_null() ? Truth::Unknown : of(value.integer() != 0);
              }};
    case 7:
      return {"day before today", [](const Somebody&, const Entry& entry) {
                const Value value = get(entry, "day");
                return value.is_null() ? Truth::Unknown : of(value.integer() < kToday);
              }};
    default: {
      const std::string role = kRoles[random() % kRoles.size()];
      return {"user has role " + role,
              [=](const Somebody& somebody, const Entry&) { return of(has_role(somebody, role)); }};
    }
  }
}

/// A line, or a block of lines: its YAML below "when:".
struct Part {
  std::string yaml;
  std::function<Truth(const Somebody&, const Entry&)> truth;
};

Part random_part(std::mt19937& random) {
  if (random() % 3 != 0) {
    const Line line = random_line(random);
    return {"        - " + line.text + "\n", line.truth};
  }
  const bool is_any = random() % 2 == 0;
  std::vector<Line> lines;
  std::string yaml = std::string("        - ") + (is_any ? "any" : "none") + ":\n";
  for (uint32_t i = 0; i < 1 + random() % 3; ++i) {
    lines.push_back(random_line(random));
    yaml += "            - " + lines.back().text + "\n";
  }
  return {yaml, [=](const Somebody& somebody, const Entry& entry) {
            Truth any = Truth::False;
            for (const Line& line : lines) {
              const Truth one = line.truth(somebody, entry);
              if (one == Truth::True || any == Truth::True)
                any = Truth::True;
              else if (one == Truth::Unknown)
                any = Truth::Unknown;
            }
            if (is_any || any == Truth::Unknown) return any;
            return of(any == Truth::False);
          }};
}

struct ReferenceRule {
  bool is_deny = false;
  std::string role;  ///< empty: everyone
  std::string except;
  std::vector<Part> parts;
  bool is_over = false;  ///< its time box has ended

  Truth truth(const Somebody& somebody, const Entry& entry) const {
    Truth all = Truth::True;
    for (const Part& part : parts) {
      const Truth one = part.truth(somebody, entry);
      if (one == Truth::False || all == Truth::False)
        all = Truth::False;
      else if (one == Truth::Unknown)
        all = Truth::Unknown;
    }
    return all;
  }
  bool binds(const Somebody& somebody) const {
    return !is_over && (role.empty() || has_role(somebody, role)) &&
           (except.empty() || !has_role(somebody, except));
  }
};

/// Policy.md, Meaning 1 to 3, word for word.
bool allows(const std::vector<ReferenceRule>& rules, const Somebody& somebody, const Entry& entry) {
  bool is_allowed = false;
  for (const ReferenceRule& rule : rules) {
    if (!rule.binds(somebody)) continue;
    const Truth truth = rule.truth(somebody, entry);
    if (rule.is_deny && truth != Truth::False) return false;
    is_allowed = is_allowed || (!rule.is_deny && truth == Truth::True);
  }
  return is_allowed;
}

ReferenceRule random_rule(std::mt19937& random, std::string& yaml) {
  ReferenceRule rule;
  rule.is_deny = random() % 4 == 0;
  rule.role = random() % 4 == 0 ? "" : kRoles[random() % kRoles.size()];
  yaml += std::string("    - ") + (rule.is_deny ? "deny" : "allow") + ": view\n";
  yaml += "      to: " + (rule.role.empty() ? "everyone" : rule.role) + "\n";
  if (random() % 5 == 0) {
    rule.except = kRoles[random() % kRoles.size()];
    yaml += "      except: " + rule.except + "\n";
  }
  if (random() % 6 == 0) {
    rule.is_over = random() % 2 == 0;
    yaml += std::string("      until: ") + (rule.is_over ? "2026-12-09" : "2026-12-10") + "\n";
  }
  const std::size_t count = random() % 3;
  if (count > 0) yaml += "      when:\n";
  for (std::size_t i = 0; i < count; ++i) {
    rule.parts.push_back(random_part(random));
    yaml += rule.parts.back().yaml;
  }
  return rule;
}

Somebody random_somebody(std::mt19937& random) {
  Somebody somebody;
  somebody.id = 1 + static_cast<int64_t>(random() % 3);
  for (const std::string& role : kRoles) {
    if (random() % 4 == 0) somebody.roles.push_back(role);
  }
  for (int64_t partner = 10; partner < 13; ++partner) {
    if (random() % 3 == 0) somebody.partners.push_back(partner);
  }
  if (random() % 2 == 0) somebody.client = 20 + static_cast<int64_t>(random() % 2);
  if (random() % 2 == 0) somebody.limit_minor = static_cast<int64_t>(random() % 3) * 100;
  return somebody;
}

Entry random_entry(std::mt19937& random) {
  static const std::vector<std::string> kStates = {"open", "submitted", "approved", "invoiced"};
  Entry entry;
  const auto set = [&](const char* field, Value value) {
    if (random() % 5 != 0) entry.values[field] = std::move(value);
  };
  set("state", kStates[random() % 4]);
  set("submitted_by", 1 + static_cast<int64_t>(random() % 3));
  set("partner", 10 + static_cast<int64_t>(random() % 3));
  set("client", 20 + static_cast<int64_t>(random() % 2));
  set("client.allow_timesheet_access", static_cast<int64_t>(random() % 2));
  set("bill_rate", static_cast<int64_t>(random() % 4) * 100);
  set("currency", random() % 4 == 0 ? "USD" : "EUR");
  set("day", kToday - 1 + static_cast<int64_t>(random() % 3));
  return entry;
}

Person person_of(const Somebody& somebody) {
  Person person;
  person.id = somebody.id;
  person.key = "somebody@example.com";
  person.is_active = true;
  for (const std::string& role : somebody.roles) person.roles.push_back({role, {}});
  for (const int64_t partner : somebody.partners) person.facts["partners"].push_back(id_text("par", partner));
  if (somebody.client) person.facts["client"].push_back(id_text("cli", *somebody.client));
  if (somebody.limit_minor)
    person.facts["approval_limit"].push_back(Decimal(*somebody.limit_minor, 2).to_string() + " EUR");
  return person;
}

/// The plan's JSON read back and evaluated as docs/authorizer.md tells the host to.
class HostReading {
 public:
  explicit HostReading(const std::string& plan) {
    const auto json = Json::parse(plan);
    TALON_CHECK(static_cast<bool>(json));
    read((*json)["deny"], denies_);
    read((*json)["allow"], allows_);
  }

  bool allows(const Entry& entry) const {
    const ReadPath read = [&](std::string_view path) { return get(entry, path); };
    for (const auto& deny : denies_) {
      if (truth_of(deny, read, kToday) != Truth::False) return false;
    }
    return std::any_of(allows_.begin(), allows_.end(),
                       [&](const auto& allow) { return truth_of(allow, read, kToday) == Truth::True; });
  }

 private:
  static void read(const Json& list, std::vector<expression::Expression>& into) {
    for (const Json& item : list.items()) {
      auto parsed = expression::parse(item["where"].string());
      TALON_CHECK(static_cast<bool>(parsed));
      expression::Scope scope;
      scope.model = example_model().get();
      scope.type = scope.model->find("timesheet");
      const Mistakes mistakes = expression::check(*parsed, scope, "plan");
      for (const Mistake& mistake : mistakes)
        ADD_FAILURE() << mistake.to_string() << " in " << item["where"].string();
      into.push_back(*std::move(parsed));
    }
  }

  std::vector<expression::Expression> denies_;
  std::vector<expression::Expression> allows_;
};

TEST(Random, APlanMeansWhatItsRulesSay) {
  constexpr int kPolicies = 150;
  constexpr int kPeople = 6;
  constexpr int kRecords = 30;
  int allowed = 0;
  for (uint32_t seed = 1; seed <= kPolicies; ++seed) {
    std::mt19937 random(seed);
    std::string yaml = "timesheet:\n  rules:\n";
    std::vector<ReferenceRule> rules;
    for (uint32_t i = 0; i < 1 + random() % 6; ++i) rules.push_back(random_rule(random, yaml));
    const auto set = prepared(example_with({{"rules/random.yaml", yaml}}), *example_model());
    for (int p = 0; p < kPeople; ++p) {
      const Somebody somebody = random_somebody(random);
      const Date day = *Date::unpack(kToday);
      const Subject subject = make_subject(*set, person_of(somebody), day, {});
      const Plan plan = make_plan(*set, subject, "view", "timesheet", day);
      const HostReading host(plan_json(*set, plan, 0));
      for (int r = 0; r < kRecords; ++r) {
        const Entry entry = random_entry(random);
        const bool expected = allows(rules, somebody, entry);
        allowed += expected ? 1 : 0;
        const ReadPath read = [&](std::string_view path) { return get(entry, path); };
        ASSERT_EQ(host.allows(entry), expected) << "seed " << seed << "\n" << yaml;
        ASSERT_EQ(judge(plan, read, kToday).is_allowed, expected) << "seed " << seed << "\n" << yaml;
      }
    }
  }
  EXPECT_GT(allowed, kPolicies * kPeople * kRecords / 20)
      << "the random policies allow too little to tell anything";
}

std::string random_field_rule(std::mt19937& random) {
  static const std::vector<std::string> kEffects = {
      "hide: bill_rate", "mask: bill_rate\n      as: rounded 10", "lock: bill_rate", "only: [state, day]"};
  const std::string effect = kEffects[random() % kEffects.size()];
  const bool is_from = effect[0] == 'h' || effect[0] == 'm';
  std::string yaml = "    - " + effect + "\n      " + (is_from ? "from: " : "for: ") +
                     (random() % 3 == 0 ? "everyone" : kRoles[random() % kRoles.size()]) + "\n";
  if (random() % 3 == 0) yaml += "      except: " + kRoles[random() % kRoles.size()] + "\n";
  if (effect[0] != 'o' && random() % 2 == 0) yaml += "      when:\n" + random_part(random).yaml;
  return yaml;
}

TEST(Random, ATokenMayNoMoreThanItsOwner) {
  const Date day = *Date::unpack(kToday);
  int less = 0;
  for (uint32_t seed = 1; seed <= 120; ++seed) {
    std::mt19937 random(seed);
    std::string yaml = "timesheet:\n  rules:\n";
    for (uint32_t i = 0; i < 2 + random() % 5; ++i) random_rule(random, yaml);
    yaml += "  fields:\n";
    for (uint32_t i = 0; i < 1 + random() % 4; ++i) yaml += random_field_rule(random);
    const auto set = prepared(example_with({{"rules/random.yaml", yaml}}), *example_model());
    for (int p = 0; p < 4; ++p) {
      const Person owner = person_of(random_somebody(random));
      const Plan whole = make_plan(*set, make_subject(*set, owner, day, {}), "view", "timesheet", day);
      for (uint32_t roles = 1; roles < 1U << kRoles.size(); ++roles) {
        Person token = owner;
        for (std::size_t i = 0; i < kRoles.size(); ++i) {
          if ((roles >> i & 1U) != 0) token.token_roles.push_back(kRoles[i]);
        }
        const Plan part = make_plan(*set, make_subject(*set, token, day, {}), "view", "timesheet", day);
        for (int r = 0; r < 4; ++r) {
          const Entry entry = random_entry(random);
          const ReadPath read = [&](std::string_view path) { return get(entry, path); };
          const bool may = judge(part, read, kToday).is_allowed;
          const bool owner_may = judge(whole, read, kToday).is_allowed;
          ASSERT_LE(may, owner_may) << "seed " << seed << " roles " << roles << "\n" << yaml;
          ASSERT_LE(level_of(part, "bill_rate", read, kToday), level_of(whole, "bill_rate", read, kToday))
              << "seed " << seed << " roles " << roles << "\n"
              << yaml;
          less += may < owner_may ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(less, 1000);
}

}  // namespace
}  // namespace talon::access
