/// Policies from files: tested here, compared on the server or here.
#pragma once

#include "host/cli/session.hpp"

#include <string>
#include <vector>

namespace talon::cli {

inline constexpr const char* kPolicyPlugin = "access";  ///< whose commands these are

/// `talon policy test`: the installation's policies, or those in `places` (folders or files).
/// @return 0; 1: a test failed; 3: a mistake.
int test_policies(Session& session, const std::vector<std::string>& places);

/// What `talon policy table` makes of the pages.
struct RightsTable {
  std::string role;       ///< empty: all of them
  std::string directory;  ///< where the pages are written; empty: they are printed
};
/// `talon policy table`: a page a role, what it may do; from the files, without a server. In the directory
/// pages of roles that are gone are removed, other files stay.
/// @return 0; 1: a page cannot be written; 2: no such role; 3: a mistake.
int show_rights(Session& session, const std::vector<std::string>& places, const RightsTable& table);

struct PolicyDiff {
  std::string before;  ///< a folder, or "current": what the server has in force
  std::string after;
  std::string users = "all";  ///< or addresses and ids, separated by commas
  bool is_offline = false;
};

/// `talon policy shadow`: the differences that were met, as `talon policy diff` shows them.
int show_shadow(Session& session);
/// `talon policy diff`. Without a server, or with --offline: one made-up person a role, and no counts.
/// @return 0; 3: a set has mistakes.
int diff_policies(Session& session, const PolicyDiff& diff);

}  // namespace talon::cli
