/// Personal values of audit entries: they stand beside the chain, so that somebody can be forgotten and the
/// chain still holds. In an entry's content {"$personal": HASH} stands for each.
#pragma once

#include <talon/date.hpp>
#include <talon/json.hpp>

#include <map>
#include <string>
#include <string_view>

namespace talon {

inline constexpr std::string_view kPersonalMark = "$personal";

/// By hash; what stands for an erased one is `erased_value`.
using PersonalValues = std::map<std::string, Json, std::less<>>;

/// {"$erased": WHEN}
inline Json erased_value(int64_t at_us) { return Json::object({{"$erased", Timestamp(at_us).to_string()}}); }

/// `json` with the values that its marks stand for; a mark without one stays. @threads any; pure.
inline Json with_personal_values(const Json& json, const PersonalValues& values) {
  if (json.is_array()) {
    Json list = Json::array();
    for (const Json& item : json.items()) list.push(with_personal_values(item, values));
    return list;
  }
  if (!json.is_object()) return json;
  if (const Json* mark = json.find(kPersonalMark); mark != nullptr && json.members().size() == 1) {
    const auto found = values.find(mark->string());
    return found == values.end() ? json : found->second;
  }
  Json object = Json::object();
  for (const auto& [name, value] : json.members()) object.set(name, with_personal_values(value, values));
  return object;
}

}  // namespace talon
