/// Invitations: what the inviter may hand on, the person that is made of it, and the code or letter.
#include "invitations.hpp"

#include "digest.hpp"
#include "invitation_bounds.hpp"
#include "password.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::access {

namespace {

constexpr int64_t kInvitationUs = INT64_C(7) * 24 * 3600 * 1000000;  // an invitation holds for a week

/// Which roles somebody with `held` may hand on.
RoleSet may_invite(const CompiledSet& set, const RoleSet& held) {
  RoleSet roles;
  Mistakes none;  // the names were judged when the set was loaded
  for (const uint32_t role : held)
    merge(roles, set.roles.resolve(set.source.roles.at(set.roles.name(role)).may_invite, none));
  return roles;
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

/// Whether the person's record says just this of them, so that asking once more is the same invitation.
bool holds(const Person& person, Holdings holdings) {
  std::vector<std::string> roles;
  for (const Person::RoleGrant& grant : person.roles) roles.push_back(grant.role);
  std::sort(roles.begin(), roles.end());
  std::sort(holdings.roles.begin(), holdings.roles.end());
  auto facts = person.facts;
  for (auto& [name, values] : facts) std::sort(values.begin(), values.end());
  for (auto& [name, values] : holdings.facts) std::sort(values.begin(), values.end());
  return roles == holdings.roles && facts == holdings.facts;
}

}  // namespace

Result<std::string> create_user(Host& host, const Json& args, const ChangeSet::Fields& more,
                                const Holdings& holdings) {
  TALON_TRY(const std::string email, read_address(args));
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
  TALON_TRY(const Invited invited, read_invited(*set, records, authority_.people(), args));
  const auto& [email, holdings, roles] = invited;
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
  auto known = authority_.people().by_email(email);
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
    return Error{Code::AlreadyExists,
                 user + (record.text("state") == "invited"
                             ? " was invited by this address with other roles or facts: "
                               "change their record, and then invite them with these again"
                             : " has this address already: change their record, or invite "
                               "by another one")};
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
