/// Invitations: every mistake of one is told at once, and nothing is made of it.
#include "invitations.hpp"

#include "digest.hpp"
#include "invitation_bounds.hpp"
#include "node_reader.hpp"
#include "password.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <charconv>

namespace talon::access {

namespace {

constexpr int64_t kInvitationUs = INT64_C(7) * 24 * 3600 * 1000000;  // an invitation holds for a week

std::vector<std::string> texts(const Json& json) {
  std::vector<std::string> list;
  if (json.is_string()) list.emplace_back(json.string());
  for (const Json& item : json.items()) list.emplace_back(item.string());
  return list;
}

/// Mistakes with their places, gathered.
class Faults {
 public:
  void add(const std::string& pointer, std::string_view code, const std::string& message) {
    errors_.push(Json::object({{"pointer", pointer}, {"code", code}, {"message", message}}));
  }
  Result<void> outcome() const {
    if (errors_.items().empty()) return {};
    return Error{Code::InvalidArgument, std::string(errors_.items().front()["message"].string()),
                 errors_.to_string()};
  }

 private:
  Json errors_ = Json::array();
};

/// Which roles somebody with `held` may hand on.
RoleSet may_invite(const CompiledSet& set, const RoleSet& held) {
  RoleSet roles;
  Mistakes none;  // the names were judged when the set was loaded
  for (const uint32_t role : held)
    merge(roles, set.roles.resolve(set.source.roles.at(set.roles.name(role)).may_invite, none));
  return roles;
}

/// Unknown roles, and roles that one person may not hold together.
RoleSet read_roles(const CompiledSet& set, const std::vector<std::string>& names, Faults& faults) {
  RoleSet roles;
  RoleSet with_included;
  if (names.empty())
    faults.add("/roles", "required", "name at least one role; without one nobody may do anything");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const int role = set.roles.find(names[i]);
    if (role < 0) {
      faults.add("/roles/" + std::to_string(i), "unknown_role",
                 "there is no role \"" + names[i] + "\"" + suggestion(names[i], set.roles.names()));
      continue;
    }
    merge(roles, {static_cast<uint32_t>(role)});
    merge(with_included, set.roles.with_included(static_cast<uint32_t>(role)));
  }
  if (const RoleSet* forbidden = set.roles.forbidden(with_included)) {
    faults.add("/roles", "never_together",
               "one person may not hold " + set.roles.name_all(*forbidden) + " together");
  }
  return roles;
}

bool is_amount(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return false;
  const auto currency = Currency::parse(text.substr(space + 1));
  return currency && Money::parse(text.substr(0, space), *currency);
}

bool is_value(const expression::FactType& type, std::string_view text) {
  int64_t number = 0;
  switch (type.type) {
    case model::FieldType::Integer:
      return std::from_chars(text.data(), text.data() + text.size(), number).ptr ==
                 text.data() + text.size() &&
             !text.empty();
    case model::FieldType::Decimal:
      return static_cast<bool>(Decimal::parse(text, type.scale));
    case model::FieldType::Money:
      return is_amount(text);
    case model::FieldType::Date:
      return static_cast<bool>(Date::parse(text));
    case model::FieldType::Boolean:
      return text == "yes" || text == "no" || text == "on" || text == "off" || text == "true" ||
             text == "false";
    default:
      return !text.empty();
  }
}

std::string example_of(model::FieldType type) {
  switch (type) {
    case model::FieldType::Integer:
      return "a whole number";
    case model::FieldType::Decimal:
      return "a number as in 12.50";
    case model::FieldType::Money:
      return "an amount with its currency, as in 5000 EUR";
    case model::FieldType::Date:
      return "a day as in 2026-12-31";
    case model::FieldType::Boolean:
      return "yes or no";
    default:
      return "a text";
  }
}

/// Whether every role of `held` that may hand `role` on does so within its own facts alone.
bool is_bound(const CompiledSet& set, const RoleSet& held, uint32_t role) {
  Mistakes none;
  for (const uint32_t own : held) {
    const Role& source = set.source.roles.at(set.roles.name(own));
    if (!source.hands_on_own_facts && contains(set.roles.resolve(source.may_invite, none), role))
      return false;
  }
  return true;
}

/// Reads the facts of an invitation; records are named by id or number, and kept by id.
class FactReader {
 public:
  FactReader(const CompiledSet& set, const Records& records, People& people, Faults& faults)
      : set_(set), records_(records), people_(people), faults_(faults) {}

  void read(const std::string& name, const Json& json, Holdings& holdings) {
    const std::string place = "/facts/" + name;
    const auto type = set_.facts.find(name);
    if (type == set_.facts.end()) {
      std::vector<std::string> known;
      for (const auto& [fact, declared] : set_.facts) known.push_back(fact);
      return faults_.add(place, "unknown_fact",
                         "there is no fact \"" + name + "\"" + suggestion(name, known));
    }
    const std::vector<std::string> values = texts(json);
    if (values.size() > 1 && !type->second.is_list)
      return faults_.add(place, "not_a_list", "the fact " + name + " has one value");
    for (const std::string& value : values) add(name, type->second, value, holdings.facts[name]);
  }

 private:
  void add(const std::string& name, const expression::FactType& type, const std::string& value,
           std::vector<std::string>& kept) {
    const std::string place = "/facts/" + name;
    if (type.type != model::FieldType::Ref) {
      if (is_value(type, value)) return kept.push_back(value);
      return faults_.add(
          place, "invalid_value",
          "\"" + value.substr(0, 80) + "\" is not what " + name + " is: " + example_of(type.type));
    }
    const model::RecordType* target = set_.model->find(type.to);
    auto id = parse_id(value, target == nullptr ? std::string() : target->prefix);
    if (!id) {
      if (const auto found = people_.find_id(*set_.model, type.to, value); found && *found) id = **found;
    }
    if (target == nullptr || !id || !records_.get(type.to, id_text(target->prefix, *id), {"id"})) {
      return faults_.add(place, "no_such_record",
                         "there is no " + type.to + " \"" + value.substr(0, 80) + "\" that you may see");
    }
    kept.push_back(id_text(target->prefix, *id));
  }

  const CompiledSet& set_;
  const Records& records_;
  People& people_;
  Faults& faults_;
};

/// Whether the person's record says just this of them, so that asking once more is the same invitation.
bool holds(const Person& person, Holdings holdings) {
  std::vector<std::string> roles;
  for (const Person::RoleGrant& grant : person.roles) roles.push_back(grant.role);
  std::sort(roles.begin(), roles.end());
  std::sort(holdings.roles.begin(), holdings.roles.end());
  return roles == holdings.roles && person.facts == holdings.facts;
}

}  // namespace

Result<std::string> create_user(Host& host, const Json& args, const ChangeSet::Fields& more,
                                const Holdings& holdings) {
  const std::string email = lower_case(args["email"].string());
  Faults faults;
  if (!is_email_address(email)) {
    faults.add("/email", "invalid_value",
               "\"" + email.substr(0, 80) + "\" is not an e-mail address, as in name@example.com");
  }
  if (args["name"].string().find_first_not_of(' ') == std::string_view::npos)
    faults.add("/name", "required", "the person has no name: give \"name\"");
  TALON_DO(faults.outcome());
  ChangeSet::Fields fields = {{"name", args["name"].string()}, {"email", email}};
  if (!args["language"].string().empty()) fields.emplace_back("language", args["language"].string());
  fields.insert(fields.end(), more.begin(), more.end());
  ChangeSet changes;
  Json& user = changes.create("user", fields, "user");
  for (const std::string& role : holdings.roles) ChangeSet::add_row(user, "roles", {{"role", role}});
  for (const auto& [name, values] : holdings.facts) {
    for (const std::string& value : values)
      ChangeSet::add_row(user, "facts", {{"fact", name}, {"value", value}});
  }
  changes.answer(Json::object({{"user", "@user"}}));
  TALON_TRY(const Json answer, host.records().apply(changes));
  return std::string(answer["user"].string());
}

Result<Json> Invitations::invite(const Json& args, const Records& records) {
  TALON_TRY(const Json inviter, records.principal());
  TALON_TRY(const std::shared_ptr<const CompiledSet> set, authority_.set());
  Faults faults;
  Holdings holdings{texts(args["roles"])};
  const RoleSet roles = read_roles(*set, holdings.roles, faults);
  FactReader facts(*set, records, authority_.people(), faults);
  for (const auto& [name, values] : args["facts"].members()) facts.read(name, values, holdings);
  TALON_DO(faults.outcome());
  if (inviter["kind"].string() == "user") {
    const auto id = parse_id(inviter["user"].string(), "usr");
    if (!id) return denied("the inviter is not known");
    TALON_TRY(Person person, authority_.people().by_id(*id));
    for (const Json& role : inviter["roles"].items()) person.token_roles.emplace_back(role.string());
    const Subject subject = make_subject(*set, person, host_.today(), {});
    const RoleSet allowed = may_invite(*set, subject.roles);
    bool is_bound_to_own = false;
    for (const uint32_t role : roles) {
      if (!contains(allowed, role)) {
        return denied("you may not hand on the role " + set->roles.name(role) + " (roles.yaml, may invite)");
      }
      is_bound_to_own = is_bound_to_own || is_bound(*set, subject.roles, role);
    }
    TALON_DO(require_bounds(authority_, *set, {id_text("usr", person.id), person, subject}, roles,
                            is_bound_to_own, holdings, host_.today()));
  }
  const std::string email = lower_case(args["email"].string());
  auto known = is_email_address(email) ? authority_.people().by_email(email) : Result<Person>(not_found(""));
  if (known) return invite_known(*known, holdings, records);
  if (known.error().code != Code::NotFound) return std::move(known).error();
  // One transaction makes the person and a code that is good; where letters go out, a link takes its place.
  const std::string code = random_code();
  TALON_TRY(const std::string user, create_user(host_, args, code_fields(code), holdings));
  return hand_over(user, code, records);
}

ChangeSet::Fields Invitations::code_fields(const std::string& code) const {
  return {{"invitation_hash", sha256_hex(code)}, {"invitation_expires_at", host_.now_us() + kInvitationUs}};
}

Result<Json> Invitations::hand_over(const std::string& user, const std::string& code,
                                    const Records& records) {
  const auto sent = host_.records().act("user", user, "send_link", Json::object());
  if (!sent && sent.error().code != Code::FailedPrecondition) {
    return Error{sent.error().code, "the person is there, but the letter is not under way: " +
                                        sent.error().message + "; send the same invitation again"};
  }
  // Who does not see the person learns nothing of them, so that the answer about a known address is the same.
  Json answer = Json::object();
  if (records.get("user", user, {"id"})) answer.set("user", user);
  return sent ? answer.set("sent_to", (*sent)["sent_to"]) : answer.set("code", code);
}

Result<Json> Invitations::invite_known(const Person& person, const Holdings& holdings,
                                       const Records& records) {
  const std::string user = id_text("usr", person.id);
  TALON_TRY(const Record record, host_.records().get("user", user, {"id", "version", "state"}));
  // An invitation whose letter was lost, or whose answer never came, is made again.
  if (record.text("state") == "invited" && holds(person, holdings)) {
    const std::string code = random_code();
    ChangeSet changes;
    changes.change("user", person.id, record.integer("version"), code_fields(code));
    TALON_DO(host_.records().apply(changes));
    return hand_over(user, code, records);
  }
  if (records.get("user", user, {"id"}))
    return Error{Code::AlreadyExists, user + " has this address already; invite by another one"};
  host_.log(TALON_LOG_WARN, "access.known_address_invited", Json::object({{"user", user}}));
  // As if they were new: whether somebody has an account is not for this inviter to know.
  const auto asked = host_.records().act("user", user, "send_link", Json::object({{"ask", true}}));
  if (asked) return Json::object({{"sent_to", person.key}});
  if (asked.error().code != Code::FailedPrecondition) return asked.error();
  return Json::object({{"code", random_code()}});
}

Result<void> Invitations::require_reach(std::string_view user, const Records& records) {
  TALON_TRY(const Json caller, records.principal());
  if (caller["kind"].string() != "user") return {};
  const auto id = parse_id(user, "usr");
  auto target = id ? authority_.people().by_id(*id) : authority_.people().by_email(user);
  if (!target && target.error().code != Code::NotFound) return target.error();
  const std::string user_id = target ? id_text("usr", target->id) : std::string();
  if (!target || !records.get("user", user_id, {"id"}))
    return not_found("there is no such user, or it is not yours to see");
  const std::string caller_id(caller["user"].string());
  TALON_TRY(const Json edit, authority_.explain({caller_id, "edit", "user", user_id, {}, {}}));
  if (!edit["allowed"].boolean()) return denied("you may not edit this user");

  TALON_TRY(const std::shared_ptr<const CompiledSet> set, authority_.set());
  const auto number = parse_id(caller_id, "usr");
  if (!number) return denied("the caller is not known");
  TALON_TRY(Person person, authority_.people().by_id(*number));
  for (const Json& role : caller["roles"].items()) person.token_roles.emplace_back(role.string());
  const RoleSet allowed = may_invite(*set, make_subject(*set, person, host_.today(), {}).roles);
  const auto check = [&](std::string_view name) -> Result<void> {
    const int role = set->roles.find(name);
    if (role < 0 || contains(allowed, static_cast<uint32_t>(role))) return {};
    return denied("you may not hand on the role " + std::string(name) +
                  " (roles.yaml, may invite), which this user holds");
  };
  for (const Person::RoleGrant& grant : target->roles) TALON_DO(check(grant.role));
  const auto listed = set->source.users.find(target->key);
  if (listed == set->source.users.end()) return {};
  for (const Word& role : listed->second.roles) TALON_DO(check(role.text));
  for (const Grant& grant : listed->second.grants) TALON_DO(check(grant.role.text));
  return {};
}

}  // namespace talon::access
