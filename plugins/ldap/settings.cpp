/// The plugin's settings as a struct.
#include "settings.hpp"

#include <talon/loopback.hpp>
#include <talon/text.hpp>

namespace talon::ldap {

namespace {

void check_server(const Settings& settings, SettingsFaults& faults) {
  // One server, without spaces: libldap takes a list of them, and each would have to be looked at.
  const bool is_one = settings.server.find_first_of(" ,") == std::string::npos;
  if (is_one && settings.server.starts_with("ldaps://")) return;
  if (!is_one || !settings.server.starts_with("ldap://")) {
    faults.add("server", "is ldaps://HOST or ldap://HOST, with :PORT where it is another");
  } else if (!settings.is_starttls && !is_loopback_url(settings.server)) {
    faults.add("security", "none sends passwords in clear text; it is for a directory on this machine alone");
  }
}

void need_mark(const std::string& filter, std::string_view key, std::string_view mark,
               SettingsFaults& faults) {
  if (filter.find(mark) != std::string::npos && filter.starts_with('(')) return;
  faults.add(key, "is a filter in parentheses with " + std::string(mark) + " in it");
}

}  // namespace

std::string escaped(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte > 0x20 && byte < 0x7f && c != '*' && c != '(' && c != ')' && c != '\\';
    if (is_plain) {
      out.push_back(c);
      continue;
    }
    out.push_back('\\');
    out.push_back(kHex[byte >> 4U]);
    out.push_back(kHex[byte & 15U]);
  }
  return out;
}

std::string filled(std::string_view filter, std::string_view mark, std::string_view value) {
  const std::string safe = escaped(value);
  std::string out;
  for (std::size_t at = filter.find(mark); at != std::string_view::npos; at = filter.find(mark)) {
    out.append(filter.substr(0, at)).append(safe);
    filter.remove_prefix(at + mark.size());
  }
  return out.append(filter);
}

Result<Settings> read_settings(const Json& json) {
  Settings settings;
  settings.server = json["server"].string();
  if (settings.server.empty()) return settings;
  SettingsFaults faults("ldap");
  settings.is_starttls = json["security"].string() != "none";
  check_server(settings, faults);
  settings.authority = json["authority"].string();
  settings.bind_dn = json["bind_dn"].string();
  settings.secret_name = json["bind_password"].string();
  if (settings.bind_dn.empty() != settings.secret_name.empty())
    faults.add("bind_password", "stands beside bind_dn, as !secret NAME, or neither does");
  settings.base = json["base"].string();
  if (settings.base.empty()) faults.add("base", "missing; as in ou=people,dc=example,dc=com");
  settings.filter = json["filter"].string();
  need_mark(settings.filter, "filter", "{login}", faults);
  settings.subject = json["subject"].string();
  settings.email = json["email"].string();
  settings.name = json["name"].string();
  settings.group_base = json["group_base"].string();
  settings.group_filter = json["group_filter"].string();
  if (!settings.group_base.empty()) need_mark(settings.group_filter, "group_filter", "{dn}", faults);
  settings.group_name = json["group_name"].string();
  settings.member_of = json["member_of"].string();
  settings.rules = read_sign_in_rules(json, faults);
  for (auto& [group, role] : settings.rules.roles) group = lower_case(group);
  for (const Json& domain : json["domains"].items()) {
    settings.domains.push_back(lower_case(domain.string()));
  }
  TALON_DO(faults.outcome());
  return settings;
}

}  // namespace talon::ldap
