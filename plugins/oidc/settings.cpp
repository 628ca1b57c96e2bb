/// The plugin's settings as a struct.
#include "settings.hpp"

namespace talon::oidc {

namespace {

constexpr std::string_view kArrow = " -> ";

/// Mistakes, gathered.
class Faults {
 public:
  void add(std::string_view key, std::string_view what) {
    text_.append(text_.empty() ? "" : "; ").append("plugins.settings.oidc.").append(key);
    text_.append(": ").append(what);
  }
  Result<void> outcome() const {
    if (text_.empty()) return {};
    return failed_precondition("config/talon.yaml, " + text_);
  }

 private:
  std::string text_;
};

void read_roles(const Json& json, Settings& settings, Faults& faults) {
  for (std::size_t i = 0; i < json.items().size(); ++i) {
    const std::string_view text = json.items()[i].string();
    const std::size_t at = text.rfind(kArrow);
    const bool is_pair = at != std::string_view::npos && at > 0 && at + kArrow.size() < text.size();
    if (is_pair) {
      settings.roles.emplace_back(text.substr(0, at), text.substr(at + kArrow.size()));
    } else {
      faults.add("roles", "entry " + std::to_string(i + 1) + ", \"" + std::string(text.substr(0, 80)) +
                              "\": write GROUP -> ROLE");
    }
  }
}

}  // namespace

bool is_loopback(std::string_view address) {
  const std::size_t slashes = address.find("://");
  if (slashes == std::string_view::npos) return false;
  address.remove_prefix(slashes + 3);
  address = address.substr(0, address.find_first_of("/?#"));
  if (address.find('@') != std::string_view::npos) return false;
  if (address.starts_with('[')) return address.substr(0, address.find(']') + 1) == "[::1]";
  address = address.substr(0, address.find(':'));
  return address == "127.0.0.1" || address == "localhost";
}

bool is_fit(std::string_view address) {
  if (address.find('#') != std::string_view::npos) return false;
  return address.starts_with("https://") || (address.starts_with("http://") && is_loopback(address));
}

Result<Settings> read_settings(const Json& json) {
  Settings settings;
  settings.issuer = json["issuer"].string();
  if (settings.issuer.empty()) return settings;
  Faults faults;
  if (!is_fit(settings.issuer)) {
    faults.add("issuer", "\"" + settings.issuer.substr(0, 200) +
                             "\" is no https address (http is for providers on this machine)");
  }
  settings.client_id = json["client_id"].string();
  if (settings.client_id.empty()) faults.add("client_id", "missing; the provider names it");
  settings.client_auth = json["client_auth"].string();
  settings.secret_name = json["client_secret"].string();
  if (settings.client_auth != "none" && settings.secret_name.empty())
    faults.add("client_secret", "missing; write !secret NAME, or client_auth: none for a public client");
  settings.address = json["address"].string();
  while (settings.address.ends_with('/')) settings.address.pop_back();
  if (!settings.address.empty() && !is_fit(settings.address))
    faults.add("address", "is Talon's own https address, as in https://billing.example.com");
  settings.scopes = json["scopes"].string();
  if ((" " + settings.scopes + " ").find(" openid ") == std::string::npos)
    faults.add("scopes", "must name openid; words stand between spaces");
  settings.groups_claim = json["groups_claim"].string();
  read_roles(json["roles"], settings, faults);
  settings.link = json["link"].string();
  settings.makes_people = json["makes_people"].boolean();
  settings.trusts_email = json["trusts_email"].boolean();
  settings.roles_days = json["roles_days"].integer();
  settings.session_s = json["session_minutes"].integer() * 60;
  settings.renew_s = json["renew_seconds"].integer();
  settings.authority = json["authority"].string();
  settings.button = json["button"].string();
  TALON_DO(faults.outcome());
  return settings;
}

}  // namespace talon::oidc
