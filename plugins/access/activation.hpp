/// Putting a changed policy set in force on command, with a second person where it widens what people may do.
#pragma once

#include "authority.hpp"

#include <talon/plugin.hpp>

#include <atomic>
#include <mutex>

namespace talon::access {

/// Sets that wait are judged beside the one in force (Authority); here they are put in force. Each activation
/// is a record of the type `policy_activation`: who asked, who agreed, and the set's files, so that a restart
/// takes up what was in force and not what lies in the folder.
/// @threads any.
class Activation {
 public:
  Activation(Host& host, Authority& authority) : host_(host), authority_(authority) {}

  /// Reads the settings `activate` and `second_person`. Before the first set is loaded.
  void configure();
  /// Takes up the set that was in force, where sets are activated on command.
  /// @errors FailedPrecondition: that set no longer fits the record types; the message names its mistakes.
  Result<void> start();

  /// Puts the waiting set in force, or asks for a second person. @param caller  as records name the caller.
  /// @return {"state": "active" or "asked", "policy_set", "previous", "widens", "requested_by",
  /// "approved_by"}.
  /// @errors FailedPrecondition: nothing waits. PermissionDenied: the person who asked may not agree.
  Result<Json> activate(const Json& caller);
  /// What the waiting set would change: {"candidate", "in_force", "differences": […]} with every right that
  /// was asked for meanwhile and came out otherwise, its rules, and how many records it is about.
  Result<Json> shadow();

 private:
  Result<void> take_up_last();
  /// Puts the set of `row` in force; `files` wait, where they say something else.
  Result<void> take_up(const Record& row, const Authority::Staged& files);
  /// Takes up what was activated on another host, before the next plan is made here.
  /// @errors Unavailable: it cannot be read, or does not fit: nothing is allowed by the old one.
  Result<void> follow();
  Result<Json> record(const Authority::Staged& next, const Authority::Staged& previous,
                      const std::string& state, const std::string& requested_by,
                      const std::string& approved_by, bool widens);
  Result<Json> put_in_force(const Authority::Staged& next, const Authority::Staged& previous,
                            const std::function<Result<Json>()>& write);

  Host& host_;  // outlives this; owned by the plugin's instance
  Authority& authority_;
  bool is_on_command_ = false;
  bool needs_second_person_ = false;
  std::atomic<bool> is_started_ = false;
  std::mutex mutex_;  ///< one change of the set in force at a time
};

}  // namespace talon::access
