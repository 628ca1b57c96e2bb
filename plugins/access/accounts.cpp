/// Invitations, passwords and the first administrator.
#include "accounts.hpp"

#include "digest.hpp"
#include "node_reader.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::access {

namespace {

constexpr int64_t kInvitationUs = INT64_C(7) * 24 * 3600 * 1000000;  // an invitation holds for a week

Error wrong() { return {Code::Unauthenticated, "the e-mail address and the password do not fit together"}; }

bool is_address(std::string_view email) {
  const std::size_t at = email.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < email.size() &&
         email.find_first_of(" \"\\") == std::string_view::npos;
}

std::vector<std::string> texts(const Json& json) {
  std::vector<std::string> list;
  if (json.is_string()) list.emplace_back(json.string());
  for (const Json& item : json.items()) list.emplace_back(item.string());
  return list;
}

/// Which roles somebody with `held` may hand on.
RoleSet may_invite(const CompiledSet& set, const RoleSet& held) {
  RoleSet roles;
  Mistakes none;  // the names were judged when the set was loaded
  for (const uint32_t role : held)
    merge(roles, set.roles.resolve(set.source.roles.at(set.roles.name(role)).may_invite, none));
  return roles;
}

/// Unknown roles, and roles that one person may not hold together.
Result<RoleSet> read_roles(const CompiledSet& set, const std::vector<std::string>& names) {
  RoleSet roles;
  RoleSet with_included;
  for (const std::string& name : names) {
    const int role = set.roles.find(name);
    if (role < 0) return invalid("there is no role \"" + name + "\"" + suggestion(name, set.roles.names()));
    merge(roles, {static_cast<uint32_t>(role)});
    merge(with_included, set.roles.with_included(static_cast<uint32_t>(role)));
  }
  if (const RoleSet* forbidden = set.roles.forbidden(with_included)) {
    return invalid("one person may not hold " + set.roles.name_all(*forbidden) + " together");
  }
  return roles;
}

}  // namespace

Result<Record> Accounts::secrets_of(int64_t user) {
  return host_.records().get(
      "user", id_text("usr", user),
      {"id", "version", "state", "password_hash", "invitation_hash", "invitation_expires_at"});
}

Result<std::string> Accounts::verify(const Json& credentials) {
  const std::string email = lower_case(credentials["email"].string());
  const std::string_view password = credentials["password"].string();
  const int64_t now = host_.now_us();
  if (const int64_t wait = throttle_.wait_s(email, now); wait > 0) {
    return Error{Code::ResourceExhausted, "too many wrong tries; wait " + std::to_string(wait) + " s"};
  }
  auto person = is_address(email) ? authority_.people().by_email(email) : Result<Person>(not_found(""));
  if (!person && person.error().code != Code::NotFound) return std::move(person).error();
  std::string stored;
  if (person) {
    TALON_TRY(const Record secrets, secrets_of(person->id));
    stored = secrets.text("password_hash");
  }
  const std::string_view code = credentials["code"].string();
  if (!code.empty()) {
    auto taken = person ? take_up(*person, code, password) : Result<std::string>(wrong());
    if (!taken && taken.error().code == Code::Unauthenticated) throttle_.failed(email, now);
    return taken;
  }
  TALON_TRY(const bool fits, hasher_.verify(stored, password));
  if (!fits || !person || !person->is_active) {
    throttle_.failed(email, now);
    return wrong();
  }
  throttle_.succeeded(email);
  return id_text("usr", person->id);
}

Result<std::string> Accounts::take_up(const Person& person, std::string_view code,
                                      std::string_view password) {
  TALON_TRY(const Record secrets, secrets_of(person.id));
  const bool fits = is_equal_in_constant_time(sha256_hex(code), secrets.text("invitation_hash"));
  const bool is_open = host_.now_us() < secrets.integer("invitation_expires_at");
  if (!fits || !is_open || secrets.text("state") == "disabled") return wrong();
  TALON_DO(store_password(person, password));
  return id_text("usr", person.id);
}

Result<void> Accounts::store_password(const Person& person, std::string_view password) {
  const std::string fault = password_fault(password, person.name, person.key);
  if (!fault.empty()) return invalid(fault);
  TALON_TRY(const std::string hash, hasher_.hash(password));
  TALON_TRY(const Record user, secrets_of(person.id));
  // A code is spent by any new password. What is being taken up twice at once fails on the version.
  ChangeSet::Fields fields = {
      {"password_hash", hash}, {"invitation_hash", Value()}, {"invitation_expires_at", Value()}};
  if (user.text("state") == "invited") fields.emplace_back("state", "active");
  ChangeSet changes;
  changes.change("user", person.id, user.integer("version"), fields);
  TALON_TRY(const Json answer, host_.records().apply(changes));
  static_cast<void>(answer);
  return {};
}

Result<std::string> Accounts::create_user(const Json& args, const ChangeSet::Fields& more,
                                          const std::vector<std::string>& roles) {
  const std::string email = lower_case(args["email"].string());
  if (!is_address(email)) return invalid("\"" + email.substr(0, 80) + "\" is not an e-mail address");
  if (args["name"].string().empty()) return invalid("the person has no name: give \"name\"");
  ChangeSet::Fields fields = {{"name", args["name"].string()}, {"email", email}};
  if (!args["language"].string().empty()) fields.emplace_back("language", args["language"].string());
  fields.insert(fields.end(), more.begin(), more.end());
  ChangeSet changes;
  Json& user = changes.create("user", fields, "user");
  for (const std::string& role : roles) ChangeSet::add_row(user, "roles", {{"role", role}});
  for (const auto& [name, values] : args["facts"].members()) {
    for (const std::string& value : texts(values))
      ChangeSet::add_row(user, "facts", {{"fact", name}, {"value", value}});
  }
  changes.answer(Json::object({{"user", "@user"}}));
  TALON_TRY(const Json answer, host_.records().apply(changes));
  return std::string(answer["user"].string());
}

Result<Json> Accounts::invite(const Json& args, const Json& inviter) {
  TALON_TRY(const std::shared_ptr<const CompiledSet> set, authority_.set());
  const std::vector<std::string> names = texts(args["roles"]);
  TALON_TRY(const RoleSet roles, read_roles(*set, names));
  for (const auto& [name, values] : args["facts"].members()) {
    std::vector<std::string> known;
    for (const auto& [fact, type] : set->facts) known.push_back(fact);
    if (!set->facts.contains(name))
      return invalid("there is no fact \"" + name + "\"" + suggestion(name, known));
  }
  if (inviter["kind"].string() == "user") {
    const auto id = parse_id(inviter["user"].string(), "usr");
    if (!id) return denied("the inviter is not known");
    TALON_TRY(Person person, authority_.people().by_id(*id));
    for (const Json& role : inviter["roles"].items()) person.token_roles.emplace_back(role.string());
    const RoleSet allowed = may_invite(*set, make_subject(*set, person, host_.today(), {}).roles);
    for (const uint32_t role : roles) {
      if (!contains(allowed, role)) {
        return denied("you may not hand on the role " + set->roles.name(role) + " (roles.yaml, may invite)");
      }
    }
  }
  const std::string code = random_code();
  const ChangeSet::Fields invitation = {{"invitation_hash", sha256_hex(code)},
                                        {"invitation_expires_at", host_.now_us() + kInvitationUs}};
  TALON_TRY(const std::string user, create_user(args, invitation, names));
  return Json::object({{"user", user}, {"code", code}});
}

Result<Json> Accounts::set_password(const Json& args, const Json& caller) {
  const auto id = parse_id(caller["user"].string(), "usr");
  if (!id) return denied("only people have passwords");
  TALON_TRY(const Person person, authority_.people().by_id(*id));
  TALON_TRY(const Record secrets, secrets_of(person.id));
  const int64_t now = host_.now_us();
  if (const int64_t wait = throttle_.wait_s(person.key, now); wait > 0) {
    return Error{Code::ResourceExhausted, "too many wrong tries; wait " + std::to_string(wait) + " s"};
  }
  TALON_TRY(const bool fits, hasher_.verify(secrets.text("password_hash"), args["current"].string()));
  if (!fits) {
    throttle_.failed(person.key, now);
    return denied("the current password is not right");
  }
  TALON_DO(store_password(person, args["password"].string()));
  return Json::object({{"user", id_text("usr", person.id)}});
}

Result<Json> Accounts::reset_password(const Json& args) {
  const std::string_view user = args["user"].string();
  const auto id = parse_id(user, "usr");
  TALON_TRY(const Person person, id ? authority_.people().by_id(*id) : authority_.people().by_email(user));
  TALON_DO(store_password(person, args["password"].string()));
  throttle_.succeeded(person.key);
  return Json::object({{"user", id_text("usr", person.id)}});
}

Result<Json> Accounts::bootstrap(const Json& args) {
  Query any;
  any.type = "user";
  any.fields = {"id"};
  any.limit = 1;
  TALON_TRY(const std::vector<Record> users, host_.records().query(any));
  if (!users.empty())
    return failed_precondition("there are users already; an administrator invites further ones");
  const std::string fault =
      password_fault(args["password"].string(), args["name"].string(), args["email"].string());
  if (!fault.empty()) return invalid(fault);
  TALON_TRY(const std::string hash, hasher_.hash(args["password"].string()));
  TALON_TRY(const std::string user,
            create_user(args, {{"password_hash", hash}, {"state", "active"}}, {"admin"}));
  return Json::object({{"user", user}});
}

int64_t Throttle::wait_s(const std::string& key, int64_t now_us) {
  static constexpr int kFree = 5;          // M-37: the sixth wrong try is delayed
  static constexpr int kDoublingsMax = 6;  // up to 64 s
  const std::lock_guard lock(mutex_);
  const auto found = tries_.find(key);
  if (found == tries_.end() || found->second.count < kFree) return 0;
  const int64_t pause_us = INT64_C(1000000) << std::min(found->second.count - kFree, kDoublingsMax);
  const int64_t left_us = found->second.last_us + pause_us - now_us;
  return left_us <= 0 ? 0 : (left_us + 999999) / 1000000;
}

void Throttle::failed(const std::string& key, int64_t now_us) {
  static constexpr std::size_t kKeysMax = 10000;  // made-up addresses must not fill the memory
  const std::lock_guard lock(mutex_);
  if (tries_.size() >= kKeysMax && !tries_.contains(key)) tries_.erase(tries_.begin());
  Tries& tries = tries_[key];
  ++tries.count;
  tries.last_us = now_us;
}

void Throttle::succeeded(const std::string& key) {
  const std::lock_guard lock(mutex_);
  tries_.erase(key);
}

}  // namespace talon::access
