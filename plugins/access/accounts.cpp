/// Sign-in by password, passwords and the first administrator.
#include "accounts.hpp"

#include "arguments.hpp"
#include "digest.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::access {

namespace {

/// A refused sign-in. The details are for the audit log; the host keeps them from the answer.
/// @param user  id; empty: nobody has that address.
Error wrong(const Json& credentials, const std::string& user, std::string_view why) {
  const bool is_french = credentials["language"].string() == "fr";
  return {Code::Unauthenticated,
          is_french ? "l'adresse e-mail et le mot de passe ne correspondent pas"
                    : "the e-mail address and the password do not fit together",
          Json::object({{"by", "access"}, {"user", user}, {"why", why}}).to_string()};
}

Error too_many(int64_t seconds) {
  return {Code::ResourceExhausted, "too many wrong tries; wait " + std::to_string(seconds) + " s"};
}

}  // namespace

Result<Record> Accounts::secrets_of(int64_t user) {
  return host_.records().get(
      "user", id_text("usr", user),
      {"id", "version", "state", "language", "password_hash", "invitation_hash", "invitation_expires_at"});
}

Result<std::string> Accounts::verify(const Json& credentials) {
  // A step of a sign-in by others (sdk/docs/abi.md): not with passwords of ours.
  if (credentials.find("step") != nullptr)
    return Error{Code::Unauthenticated, "there is no sign-in by others here"};
  const std::string email = lower_case(credentials["email"].string());
  const std::string_view password = credentials["password"].string();
  auto person = is_email_address(email) ? authority_.people().by_email(email) : Result<Person>(not_found(""));
  if (!person && person.error().code != Code::NotFound) return std::move(person).error();
  const std::string_view code = credentials["code"].string();
  if (!code.empty()) return person ? take_up(*person, credentials) : wrong(credentials, {}, "no_such_user");
  std::string stored;
  if (person) {
    TALON_TRY(const Record secrets, secrets_of(person->id));
    stored = secrets.text("password_hash");
  }
  TALON_TRY(const bool fits, hasher_.verify(stored, password));
  if (!person) return wrong(credentials, {}, "no_such_user");
  const std::string user = id_text("usr", person->id);
  if (!fits) return wrong(credentials, user, "password");
  if (!person->is_active) return wrong(credentials, user, "not_active");
  return user;
}

Result<std::string> Accounts::take_up(const Person& person, const Json& credentials) {
  const std::string user = id_text("usr", person.id);
  TALON_TRY(const Record secrets, secrets_of(person.id));
  const std::string stored = secrets.text("invitation_hash");
  // A code that was used is gone: whoever comes with one again is told what a guesser is told.
  if (stored.empty()) return wrong(credentials, user, "invitation_used");
  if (!is_equal_in_constant_time(sha256_hex(credentials["code"].string()), stored)) {
    return wrong(credentials, user, "invitation_code");
  }
  if (host_.now_us() >= secrets.integer("invitation_expires_at")) {
    return wrong(credentials, user, "invitation_expired");
  }
  if (secrets.text("state") == "disabled") return wrong(credentials, user, "not_active");
  TALON_DO(store_password(person, secrets, credentials["password"].string(), Sessions::End));
  return user;
}

Result<void> Accounts::store_password(const Person& person, const Record& user, std::string_view password,
                                      Sessions sessions) {
  TALON_TRY(const PasswordRules rules, password_rules());
  const auto fault = password_fault(password, {person.name, person.key}, rules);
  if (fault) return fault_error(*fault, user.text("language"));
  TALON_TRY(const std::string hash, hasher_.hash(password));
  // A code is spent by any new password. What was changed since it was checked (the code taken up by somebody
  // else, the account disabled) fails on the version.
  ChangeSet::Fields fields = {
      {"password_hash", hash}, {"invitation_hash", Value()}, {"invitation_expires_at", Value()}};
  if (user.text("state") == "invited") fields.emplace_back("state", "active");
  // Whoever had the lost password may sit in a session of it.
  if (sessions == Sessions::End) fields.emplace_back("sessions_from", host_.now_us());
  ChangeSet changes;
  changes.change("user", person.id, user.integer("version"), fields);
  TALON_DO(host_.records().apply(changes));
  return {};
}

Result<PasswordRules> Accounts::password_rules() const {
  TALON_TRY(const Json settings, host_.settings());
  PasswordRules rules;
  rules.length_min = static_cast<std::size_t>(settings["password_length"].integer(12));
  rules.strength_min = static_cast<int>(settings["password_strength"].integer(3));
  for (const Json& word : settings["password_blocked"].items()) {
    rules.blocked.push_back(lower_case(word.string()));
  }
  return rules;
}

Result<Json> Accounts::set_password(const Json& args, const Json& caller) {
  TALON_DO(judge_kinds(args, {"current", "password"}));
  const auto id = parse_id(caller["user"].string(), "usr");
  if (!id) return denied("only people have passwords");
  // A token stands for a program: it takes no part in how its owner signs in.
  if (caller["session"].string().empty())
    return denied("an API token cannot change its owner's password; sign in and do it there");
  TALON_TRY(const Person person, authority_.people().by_id(*id));
  TALON_TRY(const Record secrets, secrets_of(person.id));
  const int64_t now = host_.now_us();
  if (const int64_t wait = throttle_.wait_s(person.key, now); wait > 0) return too_many(wait);
  TALON_TRY(const bool fits, hasher_.verify(secrets.text("password_hash"), args["current"].string()));
  if (!fits) {
    throttle_.failed(person.key, now);
    return denied("the current password is not right");
  }
  throttle_.succeeded(person.key);
  TALON_DO(store_password(person, secrets, args["password"].string(), Sessions::Keep));
  TALON_DO(end_other_sessions(person, caller["session"].string()));
  return Json::object({{"user", id_text("usr", person.id)}});
}

Result<void> Accounts::end_other_sessions(const Person& person, std::string_view own) {
  Query open;
  open.type = "session";
  open.fields = {"id", "expires_at"};
  open.where = "user is " + id_text("usr", person.id) + " and ended_at is empty";
  TALON_TRY(const std::vector<Record> sessions, host_.records().query(open));
  for (const Record& session : sessions) {
    const std::string id = id_text("ses", session.integer("id"));
    if (id == own || session.integer("expires_at") <= host_.now_us()) continue;
    if (const auto ended = host_.records().act("session", id, "end", Json::object()); !ended) {
      return Error{ended.error().code, "the password is changed, but the session " + id +
                                           " could not be ended; end it yourself: " + ended.error().message};
    }
  }
  return {};
}

Result<Json> Accounts::measure_password(const Json& args) const {
  TALON_DO(judge_kinds(args, {"name", "email", "password", "language"}));
  TALON_TRY(const PasswordRules rules, password_rules());
  const Owner owner{std::string(args["name"].string()), std::string(args["email"].string())};
  const std::string_view password = args["password"].string();
  const auto fault = password_fault(password, owner, rules);
  const bool is_french = args["language"].string() == "fr";
  return Json::object({{"strength", password_strength(password, owner)},
                       {"good", !fault},
                       {"code", fault ? Json(fault->code) : Json()},
                       {"message", fault ? Json(is_french ? fault->fr : fault->en) : Json()}});
}

Result<Json> Accounts::reset_password(const Json& args) {
  TALON_DO(judge_kinds(args, {"user", "password"}));
  const std::string_view user = args["user"].string();
  const auto id = parse_id(user, "usr");
  TALON_TRY(const Person person, id ? authority_.people().by_id(*id) : authority_.people().by_email(user));
  TALON_TRY(const Record secrets, secrets_of(person.id));
  TALON_DO(store_password(person, secrets, args["password"].string(), Sessions::End));
  return Json::object({{"user", id_text("usr", person.id)}});
}

Result<Json> Accounts::bootstrap(const Json& args) {
  TALON_DO(judge_kinds(args, {"name", "email", "password", "language"}));
  Query any;
  any.type = "user";
  any.fields = {"id"};
  any.limit = 1;
  TALON_TRY(const std::vector<Record> users, host_.records().query(any));
  if (!users.empty())
    return failed_precondition("there are users already; an administrator invites further ones");
  TALON_TRY(const PasswordRules rules, password_rules());
  const Owner owner{std::string(args["name"].string()), std::string(args["email"].string())};
  const auto fault = password_fault(args["password"].string(), owner, rules);
  if (fault) return fault_error(*fault, args["language"].string());
  TALON_TRY(const std::string hash, hasher_.hash(args["password"].string()));
  TALON_TRY(const std::string user,
            create_user(host_, args, {{"password_hash", hash}, {"state", "active"}}, {{"admin"}, {}}));
  return Json::object({{"user", user}});
}

int64_t Throttle::wait_s(const std::string& key, int64_t now_us) {
  static constexpr int kFree = 5;
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
