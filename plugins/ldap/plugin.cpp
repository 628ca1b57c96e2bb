/// Registers what the LDAP plugin offers: sign-in with the password that a directory has.
#include "sign_in.hpp"

#include <talon/plugin.hpp>

#include <memory>

namespace talon::ldap {

class Ldap : public Plugin, public LoginOffer {
 public:
  explicit Ldap(Host& host) : Plugin(host) {
    on_command("check_settings", [this](CommandRequest&, Output& out) -> Result<void> {
      TALON_TRY(const Json json, this->host().settings());
      TALON_TRY(const Settings settings, read_settings(json));
      return out.write(named_roles(settings.rules).to_string());
    });
  }

  Result<void> start() override {
    TALON_TRY(const Json json, host().settings());
    TALON_TRY(Settings settings, read_settings(json));
    sign_in_ = std::make_unique<SignIn>(host(), std::move(settings));
    return {};
  }

  Result<std::string> verify(const Json& credentials) override {
    const std::string_view step = credentials["step"].string();
    if (!sign_in_->is_on() || (!step.empty() && step != "renew"))
      return Error{Code::Unauthenticated, "nobody signs in by LDAP like this"};
    TALON_TRY(const Json claim, step.empty() ? sign_in_->verify(credentials) : sign_in_->renew(credentials));
    return claim.to_string();
  }

 private:
  std::unique_ptr<SignIn> sign_in_;
};

}  // namespace talon::ldap

TALON_PLUGIN(talon::ldap::Ldap, "ldap", "1.0.0");
