/// Sign-in with the directory's password.
#include "sign_in.hpp"

#include <talon/text.hpp>
#include <talon/utf8.hpp>

#include <algorithm>

namespace talon::ldap {

namespace {

constexpr std::size_t kLoginBytesMax = 254;  // of an address
constexpr int kGroupsMax = 1000;

/// A refused sign-in. The details are for the audit log.
Error refused(std::string_view why) {
  return {Code::Unauthenticated, "the directory does not let this person in",
          Json::object({{"by", "ldap"}, {"user", ""}, {"why", why}}).to_string()};
}

/// A name that is kept and compared: text as it is, bytes (objectGUID) as hexadecimal digits.
std::string text_of(const std::string& bytes) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  if (!find_bad_utf8(bytes) && !find_control_character(bytes)) return bytes;
  std::string out;
  for (const char c : bytes) {
    out.push_back(kHex[static_cast<unsigned char>(c) >> 4U]);
    out.push_back(kHex[static_cast<unsigned char>(c) & 15U]);
  }
  return out;
}

}  // namespace

bool SignIn::is_looked_for(const std::string& login) const {
  if (login.empty() || login.size() > kLoginBytesMax || login.find('\0') != std::string::npos) return false;
  if (settings_.domains.empty()) return true;
  const std::string domain = lower_case(login.substr(std::min(login.rfind('@'), login.size() - 1) + 1));
  return std::find(settings_.domains.begin(), settings_.domains.end(), domain) != settings_.domains.end();
}

Result<Json> SignIn::verify(const Json& credentials) {
  const std::string login(credentials["email"].string());
  const std::string password(credentials["password"].string());
  // Somebody who takes an invitation up chooses a password of ours; it is nobody else's to see.
  const bool is_invitation = !credentials["code"].string().empty();
  if (is_invitation || !is_looked_for(login))
    return Error{Code::Unauthenticated, "the directory is not asked about this person"};
  // A bind with a name and no password succeeds and proves nothing (RFC 4513, section 5.1.2).
  if (password.empty()) return refused("password_empty");
  TALON_TRY(Directory directory, open());
  TALON_TRY(const Found found, find(directory, login));
  std::string reason;
  TALON_TRY(const bool is_them, directory.bind(found.person.dn, password, reason));
  if (!is_them) return refused(reason);
  TALON_TRY(Json claim, claim_of(found, login));
  return claim.set("proved_us", host_.now_us());
}

Result<Json> SignIn::renew(const Json& step) {
  TALON_TRY(const Json kept, Json::parse(step["kept"].string()));
  const std::string login(kept["login"].string());
  if (!is_looked_for(login)) return refused("not_looked_for");
  TALON_TRY(Directory directory, open());
  TALON_TRY(const Found found, find(directory, login));
  TALON_TRY(Json claim, claim_of(found, login));
  if (claim["subject"].string() != kept["subject"].string()) return refused("another_person");
  return claim;
}

Result<Directory> SignIn::open() {
  TALON_TRY(Directory directory, Directory::open(settings_));
  if (settings_.bind_dn.empty()) return directory;
  TALON_TRY(const std::string password, host_.secret(settings_.secret_name));
  std::string reason;
  TALON_TRY(const bool is_bound, directory.bind(settings_.bind_dn, password, reason));
  if (is_bound) return directory;
  return failed_precondition(settings_.server + " does not take " + settings_.bind_dn +
                             " and its password (config/talon.yaml, plugins.settings.ldap.bind_password)");
}

Result<SignIn::Found> SignIn::find(Directory& directory, const std::string& login) {
  const std::vector<std::string> wanted = {settings_.subject, settings_.email, settings_.name,
                                           settings_.member_of};
  TALON_TRY(std::vector<Entry> people,
            directory.search(settings_.base, filled(settings_.filter, "{login}", login), wanted, 2));
  if (people.empty()) return refused("no_such_person");
  if (people.size() > 1) return refused("several_people");
  Found found{std::move(people.front()), {}};
  if (settings_.group_base.empty()) {
    for (const std::string& group : found.person.values(settings_.member_of)) {
      found.groups.push_back(lower_case(group));
    }
    return found;
  }
  TALON_TRY(const std::vector<Entry> groups,
            directory.search(settings_.group_base, filled(settings_.group_filter, "{dn}", found.person.dn),
                             {settings_.group_name}, kGroupsMax));
  for (const Entry& group : groups) found.groups.push_back(lower_case(group.first(settings_.group_name)));
  return found;
}

Result<Json> SignIn::claim_of(const Found& found, const std::string& login) const {
  const std::string subject = text_of(found.person.first(settings_.subject));
  if (subject.empty()) {
    return failed_precondition(found.person.dn + " has no attribute " + settings_.subject +
                               " that we may read (config/talon.yaml, plugins.settings.ldap.subject)");
  }
  const Json kept = Json::object({{"login", login}, {"subject", subject}});
  // What a directory has of its people's addresses, its administrators have checked. It is known by its tree:
  // servers move, and begin to speak TLS.
  Json claim = Json::object({{"issuer", lower_case(settings_.base)},
                             {"subject", subject},
                             {"email", text_of(found.person.first(settings_.email))},
                             {"email_verified", true},
                             {"name", text_of(found.person.first(settings_.name))},
                             {"renew_s", settings_.rules.renew_s},
                             {"kept", kept.to_string()}});
  add_rules(settings_.rules, found.groups, claim);
  return claim;
}

}  // namespace talon::ldap
