/// The command `review`: every grant of every person, where it comes from, when it was last used, what to do.
#pragma once

#include "authority.hpp"
#include "review_log.hpp"

namespace talon::access {

/// @threads any.
class ReviewCommand {
 public:
  ReviewCommand(Host& host, Authority& authority) : host_(host), authority_(authority) {}

  /// {"unused_for": "90d", "users": e-mail addresses or ids; none: everybody} → {"since", "policy_set",
  /// "grants": [{"user","email","name","kind","grant","at","from","until","reason","given_by","given_at",
  /// "last_used","last_use","state","ends_soon","risks","proposal","narrow_to","why"}], "people"}, written as
  /// it comes. People whom the caller's rights do not show are not in it, and what those rights hide of the
  /// others is empty.
  /// @errors InvalidArgument: `unused_for` is no number of days. Unavailable: no set is in force.
  Result<void> run(const CommandRequest& request, Output& out);

 private:
  struct Visible {
    std::string name;
    std::string email;
  };
  Result<std::map<int64_t, Visible>> visible(const Records& caller) const;
  Result<std::vector<ReviewedPerson>> people(const std::map<int64_t, Visible>& visible,
                                             const Json& users) const;

  Host& host_;  // outlives this; owned by the plugin's instance
  Authority& authority_;
};

}  // namespace talon::access
