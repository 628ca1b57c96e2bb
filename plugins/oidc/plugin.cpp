/// Registers what the OpenID Connect plugin offers: the steps of a sign-in by others.
#include "sign_in.hpp"

#include <talon/plugin.hpp>

#include <memory>

namespace talon::oidc {

class OpenIdConnect : public Plugin, public LoginOffer {
 public:
  explicit OpenIdConnect(Host& host) : Plugin(host) {
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
    if (step.empty() || !sign_in_->is_on())
      return Error{Code::Unauthenticated, "nobody signs in by OpenID Connect like this"};
    TALON_TRY(const Json answer, run(step, credentials));
    return answer.to_string();
  }

 private:
  Result<Json> run(std::string_view name, const Json& step) {
    if (name == "ways") return sign_in_->way();
    if (name == "begin") return sign_in_->begin(step);
    if (name == "finish") return sign_in_->finish(step);
    if (name == "renew") return sign_in_->renew(step);
    return Error{Code::Unauthenticated, "there is no such step"};
  }

  std::unique_ptr<SignIn> sign_in_;
};

}  // namespace talon::oidc

TALON_PLUGIN(talon::oidc::OpenIdConnect, "oidc", "1.0.0");
