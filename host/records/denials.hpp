/// Refusals by a rule, with the question that `talon policy explain` answers as data.
#pragma once

#include <talon/faults.hpp>
#include <talon/model.hpp>
#include <talon/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace talon::records {

/// What was asked and refused. It says no more than the refusal's own words: a record stands in it only where
/// the caller may know that it is there.
struct Asked {
  std::string_view action;
  const model::RecordType& type;
  int64_t id = 0;               ///< 0: any record of the type, or one that is not there yet
  std::string_view field = {};  ///< of a field that may not be set
};

/// PermissionDenied with details {"explain": {"action","type","record","field"}}; what is not known is left
/// out.
Error denied_by_rule(std::string message, const Asked& asked);
/// The same of a record that the caller sees.
Error denied_on_record(const Asked& asked);
/// The same for fields, each with its place: details {"errors": [{pointer, code, message}], "explain": …};
/// the first one's message is the error's.
Error denied_fields(const Faults& faults, const Asked& asked);

}  // namespace talon::records
