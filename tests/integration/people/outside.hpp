/// A talond whose people sign in by a provider of OpenID Connect.
#pragma once

#include "tests/integration/people/house.hpp"
#include "tests/support/peers.hpp"

#include <chrono>
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
    keep_secret("oidc", "the client secret of talon");
  }
};

}  // namespace talon::people
