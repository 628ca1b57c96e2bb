/// Where the next page is: page, offset, cursor, link_header.
#include "pagination.hpp"

#include <array>

namespace talon::http_connector {
namespace {

/// The URL of rel=`next` in a Link header (RFC 8288), or empty.
std::string next_link(std::string_view header) {
  while (!header.empty()) {
    const std::size_t open = header.find('<');
    const std::size_t close = header.find('>', open);
    if (open == std::string_view::npos || close == std::string_view::npos) return {};
    const std::size_t end = std::min(header.find('<', close), header.size());
    const std::string_view parameters = header.substr(close, end - close);
    if (parameters.find("rel=\"next\"") != std::string_view::npos ||
        parameters.find("rel=next") != std::string_view::npos) {
      return std::string(header.substr(open + 1, close - open - 1));
    }
    header.remove_prefix(end);
  }
  return {};
}

std::string absolute(const std::string& link, const Url& asked) {
  if (link.starts_with("http://") || link.starts_with("https://")) return link;
  if (link.starts_with("//")) return (asked.is_tls ? "https:" : "http:") + link;
  if (link.starts_with("/")) return asked.origin() + link;
  const std::string path = asked.target.substr(0, asked.target.find('?'));
  return asked.origin() + (link.starts_with("?") ? path : path.substr(0, path.rfind('/') + 1)) + link;
}

}  // namespace

Result<Pagination> read_pagination(const Json& json, int64_t size) {
  static constexpr std::array<std::string_view, 5> kKinds = {"none", "page", "offset", "cursor",
                                                             "link_header"};
  Pagination pagination;
  const std::string_view type = json.is_null() ? "none" : json["type"].string();
  std::size_t kind = 0;
  while (kind < kKinds.size() && kKinds[kind] != type) ++kind;
  if (kind == kKinds.size()) {
    return invalid("pagination.type \"" + std::string(type) +
                   "\" is not one of [none, page, offset, cursor, link_header]");
  }
  pagination.kind = static_cast<Pagination::Kind>(kind);
  pagination.query = json["query"].string();
  pagination.size_query = json["size_query"].string();
  pagination.size = json["size"].integer(size);
  pagination.first = json["first"].integer(1);
  const bool needs_query = type == "page" || type == "offset" || type == "cursor";
  if (needs_query && pagination.query.empty())
    return invalid("pagination of type " + std::string(type) + " needs `query:`");
  if (type == "cursor") {
    TALON_TRY(pagination.next, parse_path(json["next"].string()));
  }
  return pagination;
}

Result<Url> page_url(const Pagination& pagination, const Url& base, const std::string& target,
                     const Json& position) {
  Url url = base;
  url.target = target;
  if (pagination.kind == Pagination::Kind::LinkHeader && position.is_string()) {
    TALON_TRY(Url next, parse_url(position.string()));
    if (next.origin() != base.origin()) {
      return denied("the next link leads to " + next.origin() + ", not " + base.origin() +
                    ": refused, since credentials would go along");
    }
    return next;
  }
  if (!pagination.size_query.empty()) {
    url.target = with_query(url.target, pagination.size_query, std::to_string(pagination.size));
  }
  if (pagination.kind == Pagination::Kind::Page) {
    url.target = with_query(url.target, pagination.query, std::to_string(position.integer(pagination.first)));
  } else if (pagination.kind == Pagination::Kind::Offset) {
    url.target = with_query(url.target, pagination.query, std::to_string(position.integer(0)));
  } else if (pagination.kind == Pagination::Kind::Cursor && position.is_string()) {
    url.target = with_query(url.target, pagination.query, position.string());
  }
  return url;
}

Result<Json> next_position(const Pagination& pagination, const Json& position, const Answer& answer,
                           std::size_t count, const Url& asked) {
  const auto records = static_cast<int64_t>(count);
  switch (pagination.kind) {
    case Pagination::Kind::None:
      return Json();
    case Pagination::Kind::Page:
      if (records == 0 || (pagination.size > 0 && records < pagination.size)) return Json();
      return Json(position.integer(pagination.first) + 1);
    case Pagination::Kind::Offset:
      if (records == 0 || (pagination.size > 0 && records < pagination.size)) return Json();
      return Json(position.integer(0) + records);
    case Pagination::Kind::Cursor: {
      TALON_TRY(const auto next, scalar_at(answer.body, pagination.next));
      return next && !next->empty() ? Json(*next) : Json();
    }
    case Pagination::Kind::LinkHeader: {
      const std::string link = next_link(answer.header("link"));
      return link.empty() ? Json() : Json(absolute(link, asked));
    }
  }
  return Json();
}

}  // namespace talon::http_connector
