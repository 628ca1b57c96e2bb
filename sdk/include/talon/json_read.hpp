/// The reading half of talon/json.hpp.
#pragma once

#include <talon/bodies.hpp>
#include <talon/json_reader.hpp>

namespace talon {

TALON_INLINE Result<Json> Json::parse(std::string_view text, int depth_max) {
  return detail::JsonReader(text, depth_max).document();
}

}  // namespace talon
