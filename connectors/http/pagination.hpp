/// Where the next page is: page, offset, cursor, link_header. A position is a JSON text the stream's state
/// keeps.
#pragma once

#include "client.hpp"
#include "json_records.hpp"

#include <set>

namespace talon::http_connector {

/// `pagination:` of a stream.
struct Pagination {
  enum class Kind { None, Page, Offset, Cursor, LinkHeader };
  Kind kind = Kind::None;
  std::string query;       ///< the parameter that carries the position
  std::string size_query;  ///< the parameter that carries the page's size; empty: none
  int64_t size = 0;
  int64_t first = 1;  ///< of `page`: the first page's number
  Path next;          ///< of `cursor`: where the answer has it
};
/// @return InvalidArgument: an unknown type, or a missing key.
Result<Pagination> read_pagination(const Json& json, int64_t size);

/// The target of the page at `position` (null: the first one).
/// @return PermissionDenied: a next link to another origin than `base`.
Result<Url> page_url(const Pagination& pagination, const Url& base, const std::string& target,
                     const Json& position);

/// The position after a page of `count` records, or null at the end.
Result<Json> next_position(const Pagination& pagination, const Json& position, const Answer& answer,
                           std::size_t count, const Url& asked);

}  // namespace talon::http_connector
