/// The plugin's settings as a struct.
#include "settings.hpp"

#include <talon/loopback.hpp>

namespace talon::oidc {

bool is_fit(std::string_view address) {
  if (address.find('#') != std::string_view::npos) return false;
  return address.starts_with("https://") || (address.starts_with("http://") && is_loopback_url(address));
}

Result<Settings> read_settings(const Json& json) {
  Settings settings;
  settings.issuer = json["issuer"].string();
  if (settings.issuer.empty()) return settings;
  SettingsFaults faults("oidc");
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
  settings.rules = read_sign_in_rules(json, faults);
  settings.trusts_email = json["trusts_email"].boolean();
  settings.authority = json["authority"].string();
  settings.button = json["button"].string();
  TALON_DO(faults.outcome());
  return settings;
}

}  // namespace talon::oidc
