/// Reads the fields, lists and records of one operation of a change set, or of an API body.
#pragma once

#include "host/records/operation.hpp"

#include <talon/faults.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace talon::records {

/// Gathers all mistakes; `finish` tells of them. @threads one.
class BodyReader {
 public:
  /// @param names  of earlier creates; all outlive this.
  BodyReader(Records::Inside& inside, const Generation& generation, Author author,
             const std::map<std::string, int64_t, std::less<>>& names)
      : inside_(inside), generation_(generation), author_(author), names_(names) {}

  /// @param pointer  to `fields`, for messages.
  void read(const TypeInfo& type, const Json& fields, const std::string& pointer, std::vector<Setting>& set);
  /// Child lists.
  void read_lists(const Json& lists, const std::string& pointer, Operation& operation);
  /// The records of a `create_all`, up to the first that has a mistake. @param pointer  to the operation.
  /// @param values  of this and the later ones; what is read is taken off.
  void read_records(const Json& json, const std::string& pointer, Operation& operation, Row& values);
  /// An id as text, as "@as" of an earlier create, or raw; 0 when it is none of these.
  int64_t read_id(const Json& json, std::string_view prefix) const;

  /// @errors InvalidArgument with details: what was wrong.
  Result<void> finish() const { return faults_.outcome(); }

 private:
  /// Finds the column that `name` sets. @return false: there is none, or it is not to be set here.
  bool find_settable(const TypeInfo& type, std::string_view name, Setting& setting);
  bool read_value(const TypeInfo& type, const Json& json, Setting& setting);

  Records::Inside& inside_;
  const Generation& generation_;
  Author author_;
  const std::map<std::string, int64_t, std::less<>>& names_;
  Faults faults_;
};

}  // namespace talon::records
