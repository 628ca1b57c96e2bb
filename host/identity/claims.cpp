/// Finds, links and makes the people that login plugins vouch for.
#include "host/identity/claims.hpp"

#include "host/identity/store.hpp"
#include "host/runtime/log.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::identity {

namespace {

constexpr std::size_t kNameMax = 200;  // bytes; a user's name may have as many characters
constexpr int kRolesMax = 500;         // rows of one person that are read

Claim::Linking linking_of(std::string_view word) {
  if (word == "nobody") return Claim::Linking::Nobody;
  return word == "anybody" ? Claim::Linking::Anybody : Claim::Linking::Invited;
}

}  // namespace

/// One of ours, as far as a sign-in needs them.
struct Claims::Person {
  struct Grant {
    int64_t id = 0;
    std::string role;
    std::string source;  ///< empty: a person gave it
    int64_t until = 0;   ///< yyyymmdd; 0: no last day
  };
  int64_t id = 0;  ///< 0: there is none
  int64_t version = 0;
  std::string state;
  std::string email;
  std::vector<Grant> roles;

  bool is_out() const { return state == "disabled" || state == "removed"; }
};

Result<Claim> read_claim(const Json& json) {
  Claim claim;
  claim.plugin = json["plugin"].string();
  claim.issuer = json["issuer"].string();
  claim.subject = json["subject"].string();
  if (claim.plugin.empty() || claim.issuer.empty() || claim.subject.empty()) {
    return internal("the login plugin " + claim.plugin + " gave a claim without \"issuer\" and \"subject\"");
  }
  claim.email = lower_case(json["email"].string());
  claim.is_email_verified = json["email_verified"].boolean();
  // The person cannot write it differently, and is not kept out for it.
  claim.name = cut(as_one_line(json["name"].string()), kNameMax);
  const std::string_view language = json["language"].string().substr(0, 2);
  if (language == "en" || language == "fr") claim.language = language;
  for (const Json& role : json["roles"].items()) claim.roles.emplace_back(role.string());
  claim.linking = linking_of(json["link"].string());
  claim.makes_people = json["makes_people"].boolean();
  claim.roles_days = json["roles_days"].integer();
  claim.session_us = json["session_s"].integer() * kSecondUs;
  claim.renew_us = json["renew_s"].integer() * kSecondUs;
  claim.proved_us = json["proved_us"].integer();
  claim.kept = json["kept"].string();
  return claim;
}

Error refusal(const Claim& claim, const std::string& user, std::string_view why) {
  const bool is_french = claim.language == "fr";
  return {Code::Unauthenticated,
          is_french ? "la connexion a échoué ; demandez l'accès à un administrateur"
                    : "the sign-in failed; ask an administrator for access",
          Json::object({{"by", claim.plugin},
                        {"user", user},
                        {"why", why},
                        {"issuer", claim.issuer},
                        {"subject", claim.subject}})
              .to_string()};
}

Result<int64_t> Claims::user_of(const Claim& claim, const gate::Call& call) {
  for (int run = 1;; ++run) {
    TALON_TRY(const auto link,
              find_one(*parts_.records, "login_link", {"user"},
                       "plugin is " + text_literal(claim.plugin) + " and issuer is " +
                           text_literal(claim.issuer) + " and subject is " + text_literal(claim.subject)));
    const auto user = link.empty() ? first_time(claim, call) : linked(claim, call, link[0].integer());
    // Another sign-in of the same person, or somebody who edits them, was faster: read again.
    const bool is_overtaken =
        !user && (user.error().code == Code::Aborted || user.error().code == Code::AlreadyExists);
    if (!is_overtaken || run == kWritesMax) return user;
  }
}

Result<int64_t> Claims::linked(const Claim& claim, const gate::Call& call, int64_t user) {
  TALON_TRY(const Person person, find("id is " + id_text("usr", user)));
  const std::string id = id_text("usr", user);
  if (person.id == 0) return refusal(claim, id, "no_such_user");
  if (person.is_out()) return refusal(claim, id, "not_active");
  ChangeSet changes;
  const bool is_invited = person.state == "invited";
  Json& operation = changes.change("user", user, person.version,
                                   is_invited ? ChangeSet::Fields{{"state", "active"}} : ChangeSet::Fields{});
  TALON_TRY(const bool differs, replace_roles(claim, call, person, operation));
  if (!differs && !is_invited) return user;
  TALON_DO(write(*parts_.records, own_call(call), changes));
  return user;
}

Result<int64_t> Claims::first_time(const Claim& claim, const gate::Call& call) {
  if (claim.email.empty()) return refusal(claim, {}, "no_address");
  if (!is_email_address(claim.email)) return refusal(claim, {}, "address_not_usable");
  if (!claim.is_email_verified) return refusal(claim, {}, "address_not_verified");
  TALON_TRY(const Person person, find("email is " + text_literal(claim.email)));
  if (person.id == 0) return make(claim, call);
  const std::string id = id_text("usr", person.id);
  if (person.is_out()) return refusal(claim, id, "not_active");
  const bool is_invited = person.state == "invited";
  const bool may_link =
      claim.linking == Claim::Linking::Anybody || (claim.linking == Claim::Linking::Invited && is_invited);
  if (!may_link) return refusal(claim, id, "not_linked");
  // The address has changed hands at the provider: its new owner is not the person whom it led to.
  TALON_TRY(const auto other, find_one(*parts_.records, "login_link", {"id"},
                                       "user is " + id + " and plugin is " + text_literal(claim.plugin) +
                                           " and issuer is " + text_literal(claim.issuer)));
  if (!other.empty()) return refusal(claim, id, "linked_to_another");
  ChangeSet changes;
  changes.create(
      "login_link",
      {{"user", person.id}, {"plugin", claim.plugin}, {"issuer", claim.issuer}, {"subject", claim.subject}});
  ChangeSet::Fields fields;
  // Who comes in by a provider needs the invitation's code no more.
  if (is_invited) {
    fields = {{"state", "active"}, {"invitation_hash", Value()}, {"invitation_expires_at", Value()}};
  }
  Json& operation = changes.change("user", person.id, person.version, fields);
  TALON_DO(replace_roles(claim, call, person, operation));
  TALON_DO(write(*parts_.records, own_call(call), changes));
  return person.id;
}

Result<int64_t> Claims::make(const Claim& claim, const gate::Call& call) {
  if (!claim.makes_people) return refusal(claim, {}, "no_such_user");
  Person nobody;
  nobody.email = claim.email;
  TALON_TRY(const std::vector<std::string> roles, fitting(claim, call, nobody));
  if (roles.empty()) return refusal(claim, {}, "no_role");
  ChangeSet changes;
  ChangeSet::Fields fields = {
      {"name", claim.name.empty() ? claim.email : claim.name}, {"email", claim.email}, {"state", "active"}};
  if (!claim.language.empty()) fields.emplace_back("language", claim.language);
  Json& user = changes.create("user", fields, "user");
  Json rows = Json::array();
  for (const std::string& role : roles) rows.push(new_row(claim, role));
  user.set("lists", Json::object({{"roles", std::move(rows)}}));
  changes.create(
      "login_link",
      {{"user", "@user"}, {"plugin", claim.plugin}, {"issuer", claim.issuer}, {"subject", claim.subject}});
  changes.answer(Json::object({{"user", "@user"}}));
  TALON_TRY(const Json made, write(*parts_.records, own_call(call), changes));
  return parse_id(made["user"].string(), "usr");
}

Result<Claims::Person> Claims::find(const std::string& where) {
  TALON_TRY(const auto row, find_one(*parts_.records, "user", {"id", "version", "state", "email"}, where));
  Person person;
  if (row.empty()) return person;
  person.id = row[0].integer();
  person.version = row[1].integer();
  person.state = row[2].text();
  person.email = row[3].text();
  records::QueryRequest roles;
  roles.type = "user_role";
  roles.fields = {"id", "role", "source", "until"};
  roles.where = "user is " + id_text("usr", person.id);
  roles.order = {"position"};
  roles.limit = kRolesMax;
  TALON_TRY(const auto grants, find_rows(*parts_.records, roles));
  for (const auto& grant : grants) {
    person.roles.push_back(
        {grant[0].integer(), std::string(grant[1].text()), std::string(grant[2].text()), grant[3].integer()});
  }
  return person;
}

Result<bool> Claims::replace_roles(const Claim& claim, const gate::Call& call, const Person& person,
                                   Json& operation) {
  TALON_TRY(std::vector<std::string> wanted, fitting(claim, call, person));
  Json rows = Json::array();
  bool differs = false;
  for (const Person::Grant& grant : person.roles) {
    const auto found = std::find(wanted.begin(), wanted.end(), grant.role);
    const bool is_ours = grant.source == claim.plugin;
    if (is_ours && found == wanted.end()) {
      differs = true;
      continue;
    }
    Json row = Json::object({{"id", grant.id}});
    if (is_ours) {
      wanted.erase(found);
      // Not at each sign-in: a change of roles has everybody's plans made anew.
      const bool is_old = grant.until < day_after(claim.roles_days / 2);
      if (claim.roles_days > 0 ? is_old || grant.until > day_after(claim.roles_days) : grant.until != 0) {
        row.set("until", new_row(claim, grant.role)["until"]);
        differs = true;
      }
    }
    rows.push(std::move(row));
  }
  for (const std::string& role : wanted) {
    rows.push(new_row(claim, role));
    differs = true;
  }
  if (differs) operation.set("lists", Json::object({{"roles", std::move(rows)}}));
  return differs;
}

int64_t Claims::day_after(int64_t days) const {
  const auto today = Date::unpack(parts_.clock->today());
  return today ? today->plus_days(days).packed() : parts_.clock->today();
}

Json Claims::new_row(const Claim& claim, const std::string& role) const {
  return Json::object({{"role", role},
                       {"source", claim.plugin},
                       {"until", claim.roles_days > 0 ? Json(day_after(claim.roles_days)) : Json()}});
}

Result<std::vector<std::string>> Claims::fitting(const Claim& claim, const gate::Call& call,
                                                 const Person& person) {
  if (!parts_.fit_roles || claim.roles.empty()) return claim.roles;
  Json held = Json::array();
  for (const Person::Grant& grant : person.roles) {
    if (grant.source != claim.plugin) held.push(grant.role);
  }
  Json roles = Json::array();
  for (const std::string& role : claim.roles) roles.push(role);
  TALON_TRY(const Json fitted,
            parts_.fit_roles(Json::object({{"email", person.email}, {"held", held}, {"roles", roles}})));
  std::vector<std::string> out;
  for (const Json& role : fitted["roles"].items()) out.emplace_back(role.string());
  if (fitted["refused"].items().empty()) return out;
  runtime::log().warn("sign_in.roles_refused", {{"plugin", claim.plugin}, {"refused", fitted["refused"]}});
  const Json content = Json::object({{"by", claim.plugin}, {"refused", fitted["refused"]}});
  TALON_DO(parts_.records->note(call, {"access", "user", person.id, "sign_in_roles_refused", content}));
  return out;
}

}  // namespace talon::identity
