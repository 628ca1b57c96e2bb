/// Many ids of one type as one short text: what the read log keeps of every page that was shown.
///
/// The first id stands in full; of each further one the digits from the first that differs from the id before
/// it: "inv_06b1x2y3z4a5b c q4n" are inv_06b1x2y3z4a5b, inv_06b1x2y3z4a5c and inv_06b1x2y3z4q4n. Records that
/// were made one after the other have most of their digits in common.
#pragma once

#include <talon/id.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace talon {

/// Appends `ids`. @param ids  > 0, in any order.
inline void append_ids(std::string& out, std::string_view prefix, std::vector<int64_t> ids) {
  if (ids.empty()) return;
  // Most pages come in the order of their ids, many backwards.
  if (ids.front() > ids.back()) std::reverse(ids.begin(), ids.end());
  if (!std::is_sorted(ids.begin(), ids.end())) std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  append_id(out, prefix, ids.front());
  const std::size_t length = out.size();
  out.resize(length + (ids.size() - 1) * (detail::kIdDigits + 1));
  char* end = out.data() + length;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    const uint64_t differing = static_cast<uint64_t>(ids[i]) ^ static_cast<uint64_t>(ids[i - 1]);
    *end++ = ' ';
    end = detail::put_digits(end, ids[i], (std::bit_width(differing) + 4) / 5);  // five bits are a digit
  }
  out.resize(static_cast<std::size_t>(end - out.data()));
}

struct IdList {
  std::string_view prefix;  ///< of all; empty: there are none
  std::vector<int64_t> ids;
};

/// Reads what `append_ids` wrote. @param text  outlives the result.
/// @return InvalidArgument: no such list.
inline Result<IdList> parse_ids(std::string_view text) {
  IdList list;
  if (text.empty()) return list;
  std::size_t at = std::min(text.find(' '), text.size());
  TALON_TRY(const int64_t first, parse_id(text.substr(0, at)));
  list.prefix = text.substr(0, text.rfind('_', at));
  list.ids.push_back(first);
  while (at < text.size()) {
    const std::string_view rest = text.substr(at + 1);
    const std::string_view digits = rest.substr(0, rest.find(' '));
    at += 1 + digits.size();
    uint64_t id = 0;
    if (digits.size() < detail::kIdDigits) id = static_cast<uint64_t>(list.ids.back()) >> (5 * digits.size());
    if (digits.size() > detail::kIdDigits || !detail::shift_digits(digits, id) ||
        id <= static_cast<uint64_t>(list.ids.back()) || id > static_cast<uint64_t>(INT64_MAX)) {
      return invalid("a list of ids is in order, each once, and has digits behind each blank");
    }
    list.ids.push_back(static_cast<int64_t>(id));
  }
  return list;
}

}  // namespace talon
