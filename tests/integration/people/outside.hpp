/// A talond whose people sign in by a provider of OpenID Connect.
#pragma once

#include "tests/integration/people/house.hpp"
#include "tests/support/peers.hpp"

#include <sys/stat.h>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace talon::people {

using support::Browser;
using support::NodePeer;

inline constexpr const char* kOidc = "/api/v1/session/with/oidc";
inline constexpr const char* kReturn = "/api/v1/session/with/oidc/return";

class Outside : public People {
 protected:
  /// @param script  the peer.  @param more  further settings of the plugin, "link: anybody, renew_seconds:
  /// 1".
  Outside(const std::string& script, const std::string& more)
      : Outside(std::make_unique<NodePeer>(script), more) {}

  std::string here(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(talon.port()) + path;
  }
  /// Somebody invited as NAME@talon.test, with a role of ours. @return the id.
  std::string invited(const std::string& name, const std::string& role) {
    const Answer answer = command(
        *admin, "invite",
        Json::object({{"email", name + "@talon.test"}, {"name", name}, {"roles", Json::array({role})}}));
    EXPECT_EQ(answer.status, 200) << answer.text;
    return std::string(answer.json["user"].string());
  }
  static std::vector<std::string> roles_of(ApiClient& who) {
    std::vector<std::string> roles;
    const Answer me = who.get("/api/v1/me");
    for (const Json& role : me.json["roles"].items()) roles.emplace_back(role.string());
    return roles;
  }
  /// How many refusals the audit log has for that reason.
  int64_t refusals(const std::string& why) const {
    return logged("kind is access and action is sign_in_refused", {"\"" + why + "\""});
  }
  /// Asks until it holds; the test fails by itself where it never does.
  static bool comes_true(const std::function<bool()>& holds) {
    for (int tries = 0; tries < 600; ++tries) {
      if (holds()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

  std::unique_ptr<NodePeer> peer;

 private:
  Outside(std::unique_ptr<NodePeer> started, const std::string& more)
      : People(
            {.settings = "  settings:\n    oidc: {issuer: \"" + started->url() +
                         "\", client_id: talon, client_secret: !secret oidc, roles: [billing -> accountant, "
                         "selling -> sales, auditing -> auditor, odd -> no_such_role]" +
                         (more.empty() ? "" : ", " + more) + "}\n"}),
        peer(std::move(started)) {
    const std::string secret = talon.config("secrets/oidc");
    std::filesystem::create_directories(talon.config("secrets"));
    std::ofstream(secret) << "the client secret of talon\n";
    ::chmod(secret.c_str(), 0600);
  }
};

}  // namespace talon::people
