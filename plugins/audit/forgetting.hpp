/// Erases personal values and drops payloads whose time is over; holds win over both.
#pragma once

#include "retention.hpp"

#include <talon/plugin.hpp>

#include <string>
#include <vector>

namespace audit {

struct ForgettingSettings {
  std::vector<RetentionClass> retention;  ///< the first that fits an entry counts
  std::vector<RetentionClass> keep;       ///< of personal values, by type
};

class Forgetting {
 public:
  /// @param host  outlives this.
  Forgetting(talon::Host& host, ForgettingSettings settings) : host_(host), settings_(std::move(settings)) {}

  /// The command `erase`: empties the personal values that the log keeps of a record (of a user their
  /// sessions too). An audit_erasure, made first, says so in the chain.
  /// @param args  {"subject": "TYPE/ID" or ID, "why"}.
  /// @errors FailedPrecondition: a hold keeps them; NotFound: the log keeps none.
  talon::Result<void> erase(const talon::Json& args, talon::Output& out) const;

  /// The job `expire`: payloads older than their class's time are dropped, oldest first.
  talon::Result<void> expire() const;

 private:
  talon::Result<std::vector<Hold>> holds() const;
  talon::Result<void> expire_class(std::size_t index, const std::vector<Hold>& holds) const;

  talon::Host& host_;
  ForgettingSettings settings_;
};

}  // namespace audit
