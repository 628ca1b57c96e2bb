/// Who is asking.
#pragma once

#include <talon/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace talon::gate {

/// Every call to the gate names one. Comes from authentication only, never from what a caller sends.
struct Principal {
  enum class Kind {
    Anonymous,  ///< not signed in: nothing is allowed
    User,       ///< a person, by session or token
    Plugin,     ///< a plugin itself: just what its manifest's `elevates` names
    System  ///< the host's own housekeeping (migrations, sealing what it wrote); never reachable from outside
  };
  Kind kind = Kind::Anonymous;
  int64_t user = 0;                      ///< id of a User, else 0
  int64_t session = 0;                   ///< id of the session or token, 0: none
  std::vector<std::string> token_roles;  ///< a token's narrower roles; empty: all of the owner's
  std::string plugin;                    ///< of Kind::Plugin
  std::vector<std::string>
      elevates;              ///< rights beyond the authorizer's: "TYPE.ACTION", "*.ACTION"; by the host only
  int64_t on_behalf_of = 0;  ///< another user, where declared
  /// Of a User: who looks at what this one sees, in their place; 0: nobody. Judged as the user alone, and for
  /// reading only. Of a Plugin: whoever it works for does so.
  int64_t simulated_by = 0;
  /// What is still missing of a sign-in; until then nothing is allowed.
  enum class Missing {
    Nothing,
    Code,       ///< the second factor that is set up was not shown yet
    Enrolment,  ///< one is required and none is set up
  };
  Missing missing = Missing::Nothing;
  bool has_second_factor = false;  ///< one is set up
  int64_t proved_us =
      0;  ///< when they last proved who they are (with the second factor, if there is one); 0: never

  /// Code of this machine, which reads internal fields where it has the right to the type.
  bool is_inside() const { return kind == Kind::Plugin || kind == Kind::System; }
  bool is_elevated_for(std::string_view type, std::string_view action) const;
  /// One line for logs and audit: "usr_…", "plugin:sync", "system".
  std::string name() const;
  /// Who signs for it in logs and audit: of a simulation, whoever looks.
  std::string author() const;
  /// In whose place or on whose behalf, as logs and audit say it; empty: their own.
  std::string author_for() const;
  /// What cursors are bound to: whom the answer is judged for, in whichever session.
  std::string binding() const;
  /// What the authorizer gets: {"kind","user","session","roles","plugin","on_behalf_of"}; ids as texts, ""
  /// for none.
  Json json() const;
  /// Whether every plan for the one holds for the other: all but the session and the elevated rights.
  bool is_judged_as(const Principal& other) const {
    return kind == other.kind && user == other.user && on_behalf_of == other.on_behalf_of &&
           plugin == other.plugin && token_roles == other.token_roles;
  }
};

/// One request: its principal, channel and id; goes with every call into `records`.
struct Call {
  Principal principal;
  std::string request_id;
  std::string channel;          ///< "api", "report", "event", "sync", "cli"…: the path, for the logs
  std::string address;          ///< remote address, empty inside
  std::string idempotency_key;  ///< empty: none
  std::string reason;           ///< given by the caller, for the audit entry
};

}  // namespace talon::gate
