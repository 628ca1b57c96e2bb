/// Joins the rooms that look after people: letters, sign-in, sessions.
#include "host/daemon/installation.hpp"

#include "host/identity/store.hpp"
#include "host/runtime/log.hpp"

#include <algorithm>

namespace talon::daemon {

void Installation::make_mail() {
  mail::Mailer::Parts parts;
  parts.clock = &clock_;
  parts.sealer = sealer_.get();
  parts.settings = settings_.mail;
  parts.issuer = settings_.security.issuer;
  parts.password = [this] { return secrets_.resolve(settings_.mail.password); };
  mailer_ = std::make_unique<mail::Mailer>(std::move(parts));
  links_ = std::make_unique<identity::Links>(
      identity::Links::Parts{nullptr,
                             &clock_,
                             mailer_.get(),
                             {settings_.security.invitation_ms * 1000, settings_.security.reset_ms * 1000}});
}

void Installation::make_identity() {
  identity::Sessions::Parts people;
  people.records = records_.get();
  people.clock = &clock_;
  people.verify = [this](const Json& credentials) { return plugins_->verify_login(credentials); };
  people.login = [this](std::string_view plugin, const Json& step) { return plugins_->login(plugin, step); };
  claims_ = std::make_unique<identity::Claims>(
      identity::Claims::Parts{records_.get(), &clock_, [this](const Json& args) { return fit_roles(args); }});
  people.claims = claims_.get();
  people.sealer = sealer_.get();
  people.times.idle_us = settings_.security.session_idle_ms * 1000;
  people.times.absolute_us = settings_.security.session_absolute_ms * 1000;
  // A use is written down often enough for the shortest idle limit.
  people.times.touch_us = std::min(people.times.touch_us, people.times.idle_us / 2);
  people.token_us_max = settings_.security.token_ms_max * 1000;
  second_factor_ = std::make_unique<identity::SecondFactor>(
      identity::SecondFactor::Parts{records_.get(), &clock_, sealer_.get(), settings_.security.issuer});
  people.second_factor = second_factor_.get();
  people.gate = gate_.get();
  sessions_ = std::make_unique<identity::Sessions>(std::move(people));
  browser_sign_in_ = std::make_unique<identity::BrowserSignIn>(identity::BrowserSignIn::Parts{
      sessions_.get(), &clock_, sealer_.get(),
      [this](std::string_view plugin, const Json& step) { return plugins_->login(plugin, step); }});
}

void Installation::warn_without_people() {
  const auto anybody = identity::find_one(*records_, "user", {"id"}, "");
  if (!anybody || !anybody->empty()) return;
  runtime::log().warn(
      "talond.without_people",
      {{"trouble", "nobody can sign in: there are no users"},
       {"remedy",
        "stop talond and start it once with --bootstrap FILE, a file of mode 0600 with {\"email\", \"name\", "
        "\"password\"} of the first administrator (config/README.md, \"The first start\")"}});
}

Result<Json> Installation::fit_roles(const Json& args) {
  gate::Call call;
  call.principal.kind = gate::Principal::Kind::System;
  call.channel = "identity";
  std::string answer;
  TALON_DO(
      plugins_->run_command(&call, "access", "fit_roles", args, [&](std::string_view piece) -> Result<void> {
        answer.append(piece);
        return {};
      }));
  return Json::parse(answer);
}

}  // namespace talon::daemon
