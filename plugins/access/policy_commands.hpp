/// The commands about whole policy sets: check them, test them, compare them.
#pragma once

#include "authority.hpp"

namespace talon::access {

/// @threads any.
class PolicyCommands {
 public:
  PolicyCommands(Host& host, Authority& authority) : host_(host), authority_(authority) {}

  /// {"documents": as talon/document.hpp writes them; else the set in force, "model": offline} →
  /// {"passed","failed","mistakes"}.
  Result<Json> test(const CommandRequest& request);
  /// {"documents", "model"} as `test` → {"pages": [{"file","text"}]}: `rights_pages`.
  Result<Json> table(const CommandRequest& request);
  /// {"before","after": documents, or null for the set in force, "users": e-mail addresses or ids; none:
  /// everybody, "model": offline} → `comparison_json` with "failed_tests" of the set `after`, which would
  /// keep it from being put in force; or {"mistakes"} where a set has some. Without a server there are roles
  /// in place of people, and nothing is counted.
  /// @errors NotFound: no such user. Unavailable: no set is in force.
  Result<Json> diff(const CommandRequest& request);

 private:
  Result<model::Model> model_of(const CommandRequest& request) const;
  Result<std::shared_ptr<const CompiledSet>> read_set(const Json& documents, const model::Model& model,
                                                      Mistakes& mistakes) const;
  Result<std::vector<Person>> people_of(const Json& users);

  Host& host_;  // outlives this; owned by the plugin's instance
  Authority& authority_;
};

/// The command's answer, for `on_command`.
Result<void> give(const Result<Json>& answer, Output& out);

}  // namespace talon::access
