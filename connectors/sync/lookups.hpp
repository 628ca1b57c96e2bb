/// References by external identity (`ref:`) and by a field (`lookup:`), asked for once a page.
#pragma once

#include "mapping.hpp"

#include <talon/records.hpp>

#include <map>
#include <set>
#include <string>

namespace talon::sync {

/// @threads serial.
class Lookups {
 public:
  struct Found {
    enum class Kind { Missing, Known, Pending, Ambiguous };
    Kind kind = Kind::Missing;
    int64_t id = 0;
  };

  Lookups(Records records, std::string connector) : records_(records), connector_(std::move(connector)) {}

  /// Notes that `map` will ask for `text`.
  void want(const FieldMap& map, const std::string& text);
  /// Asks for all that was noted and is not known yet.
  Result<void> resolve();
  Found find(const FieldMap& map, const std::string& text) const;

  /// A plan's records that are not made yet: they are found as Pending.
  void add_pending(const std::string& stream, const std::string& external_id) {
    pending_.insert({stream, external_id});
  }
  /// Records that were just made must be asked for again.
  void forget_missing();

 private:
  struct Group {
    const FieldMap* map;
    std::set<std::string> wanted;
  };
  static std::string group_key(const FieldMap& map);
  Result<void> resolve_refs(const Group& group, const std::vector<std::string>& some);
  Result<void> resolve_lookups(const Group& group, const std::vector<std::string>& some);

  Records records_;
  std::string connector_;
  std::map<std::string, Group> groups_;                           // what to ask for
  std::map<std::pair<std::string, std::string>, int64_t> known_;  // −1: several
  std::set<std::pair<std::string, std::string>> missing_;
  std::set<std::pair<std::string, std::string>> pending_;
};

/// `values` in pieces of at most 200, for `in [...]` conditions.
std::vector<std::vector<std::string>> in_pieces(const std::set<std::string>& values);
/// ["a", "b"] as a list of the condition language.
std::string in_list(const std::vector<std::string>& values);

}  // namespace talon::sync
