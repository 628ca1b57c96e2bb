/// Signing in by a visit to a provider: a browser is sent there, and comes back with what the provider gave
/// it.
///
/// What belongs to the visit stays in the browser, in a cookie sealed with the installation's key: nobody
/// else can finish it, no host has to remember it, and it is good for one session.
#pragma once

#include "host/identity/sessions.hpp"
#include "host/identity/throttle.hpp"

#include <string>
#include <string_view>

namespace talon::identity {

/// @threads any.
class BrowserSignIn {
 public:
  struct Parts {
    Sessions* sessions = nullptr;
    const runtime::Clock* clock = nullptr;
    const runtime::Sealer* sealer = nullptr;
    /// As of Sessions::Parts.
    std::function<Result<Json>(std::string_view plugin, const Json& step)> login;
  };
  explicit BrowserSignIn(Parts parts);

  struct Begun {
    std::string go_to;    ///< the provider's address, with what it is asked
    std::string visit;    ///< for a cookie of this browser
    int64_t seconds = 0;  ///< how long the visit may take
  };
  /// @param wanted  {"to": where the browser goes at the end, a path of ours; "origin": ours as the browser
  ///        sees it; "language"; "again": whether to show anew who one is}.
  /// @errors InvalidArgument: "to" is no path of ours; NotFound: no such way to sign in; Unavailable: the
  ///         provider cannot be asked; ResourceExhausted: too many visits begun from this address.
  Result<Begun> begin(std::string_view plugin, const Json& wanted, const gate::Call& call);

  struct Done {
    Issued issued;
    std::string to;
  };
  /// @param parameters  what the provider sent the browser back with.
  /// @errors Unauthenticated: refused, for whatever reason (the audit log has it); Unavailable: the provider
  ///         cannot be asked; ResourceExhausted: too many refusals at this address.
  Result<Done> finish(std::string_view plugin, const Json& parameters, std::string_view visit,
                      std::string_view agent, const gate::Call& call);

 private:
  struct Visit;
  Result<Visit> read_visit(std::string_view plugin, const Json& parameters, std::string_view sealed);
  Error refused(Error error, const gate::Call& call);

  Parts parts_;
  Throttle begun_;     // by address
  Throttle refusals_;  // by address
  Throttle used_;      // by state, as long as a visit may take
};

/// Whether `path` is one of ours: "/…", and no browser reads another host out of it.
bool is_own_path(std::string_view path);

}  // namespace talon::identity
