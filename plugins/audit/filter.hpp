/// What of the log is asked for: by period, user, object, kind, action.
#pragma once

#include <talon/json.hpp>
#include <talon/records.hpp>
#include <talon/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace audit {

/// From and to as microseconds; 0 and the end of time where they are not given.
struct Period {
  int64_t from = 0;
  int64_t to = INT64_MAX;
};
/// @param args  {"from","to"}: RFC 3339, or a day (a "to" day is in it to its end).
/// @errors InvalidArgument: no moment, or the end before the beginning.
talon::Result<Period> read_period(const talon::Json& args);

/// A condition on audit_entry; empty: all.
/// @param args  {"user","type","record","action","kind","channel","from","to"}, each optional; a record as ID
/// or TYPE/ID.
/// "where", a condition of the caller's own, holds beside them.
/// @param caller  who asks: an address is looked up as far as they may see people.
/// @errors InvalidArgument: a time or an id that cannot be read, no principal; NotFound: no such user.
talon::Result<std::string> entry_condition(const talon::Records& caller, const talon::Json& args);

/// The id of "TYPE/ID", "ID" as it is.
std::string id_part(std::string_view record);
/// The number of the record that "TYPE/ID" or "ID" names.
/// @errors InvalidArgument: no id, as a document's number is none; says how the id is found.
talon::Result<int64_t> record_number(std::string_view record);
/// A moment as a condition compares it.
std::string moment(int64_t at_us);

}  // namespace audit
