/// What of an audit entry's content a caller may see: the log obeys the rights to the records that it tells
/// of.
#pragma once

#include "host/records/inside.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace talon::records {

/// Stands in a content of which something is kept from the caller.
inline constexpr std::string_view kWithheldMark = "$withheld";

/// In place of the type where it cannot be told: everything is kept from the caller then.
inline constexpr std::string_view kNoType = "?";

/// For one answer: what is asked about a type is kept.
class EntryMask {
 public:
  /// The log's own type.
  static constexpr std::string_view kType = "audit_entry";

  EntryMask(Records::Inside& inside, const Generation& generation, const Call& call)
      : inside_(inside), generation_(generation), call_(call) {}

  /// The field that shows values of other records: their rights mask it, and it decides no filter and no
  /// order.
  static bool masks(const model::RecordType& type, const model::Field& field) {
    return type.name == kType && field.name == "content";
  }

  /// `content` of an entry about `type`. Who may not see every record of the type sees nothing of it: earlier
  /// values may have been another party's. Else values of fields that are hidden or masked go, and of fields
  /// that are there no more.
  Result<std::string> shown(std::string_view type, std::string_view content);

 private:
  Result<const gate::Decision*> decision(std::string_view type);

  Records::Inside& inside_;
  const Generation& generation_;
  const Call& call_;
  std::map<std::string, std::shared_ptr<const gate::Decision>, std::less<>> decisions_;
};

}  // namespace talon::records
