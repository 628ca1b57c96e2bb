/// What each role may see, written down a second time and by hand: the tests hold the product to this, not to
/// its own rules.
#pragma once

#include "tests/integration/paths/town.hpp"

#include <set>
#include <string>

namespace talon::paths {

/// What one subject may see of the town as it was made.
class Sight {
 public:
  Sight(const Town& town, const Subject& subject);

  bool sees_row(const std::string& type, int64_t id) const;
  bool sees_field(const std::string& type, int64_t id, const std::string& field) const;
  /// An id that stands in a field that they see, such as who worked.
  bool may_meet(const std::string& type, int64_t id) const;
  const std::set<int64_t>& rows(const std::string& type) const;

 private:
  struct Row {
    std::set<std::string> fields;  ///< empty: none but the id and the version
    std::set<std::string> hidden;  ///< where `fields` is {"*"}
  };
  void take(const std::string& type, int64_t id, const Row& row);

  const Town& town_;
  std::map<std::pair<std::string, int64_t>, Row> seen_;
  std::map<std::string, std::set<int64_t>> rows_;
  std::set<std::pair<std::string, int64_t>> met_;
};

}  // namespace talon::paths
