/// `talon policy review`: every grant and its use, and what becomes of the decisions about them.
#pragma once

#include "host/cli/session.hpp"

#include <string>
#include <vector>

namespace talon::cli {

struct PolicyReview {
  std::string unused_for = "90d";
  std::vector<std::string> users;  ///< addresses or ids; none: everybody
  bool is_csv = false;
  bool is_template = false;           ///< a file of decisions, filled in with what is proposed
  std::string decisions;              ///< the file to apply; empty: show the review
  std::vector<std::string> policies;  ///< of apply: folders or files, in place of the installation's
};

/// Shows the review as a table, CSV, JSON (--json) or a file of decisions.
int show_review(Session& session, const PolicyReview& review);

/// Prints the patch to the policy files that the decisions ask for, and the calls for roles that stand on
/// people's records. Nothing is changed. The patched set is checked and tested first.
/// @return 0; 1: a decision cannot be carried out; 3: the patched set has mistakes or breaks its tests.
int apply_review(Session& session, const PolicyReview& review);

}  // namespace talon::cli
