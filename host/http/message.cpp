/// Requests and answers as handlers see them.
#include "host/http/message.hpp"

#include <talon/utf8.hpp>

namespace talon::http {

namespace {

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

Result<void> read_query(Pairs& pairs, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    TALON_TRY(std::string name, percent_decode(pair.substr(0, equals), true));
    TALON_TRY(std::string value, percent_decode(pair.substr(std::min(equals + 1, pair.size())), true));
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

/// What may stand within a line.
void append_line_text(std::string& out, std::string_view text) {
  if (is_printable_ascii(text)) {
    out.append(text);
    return;
  }
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 || c == '\t') out.push_back(c);
  }
}

}  // namespace

bool is_same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

void HeaderLines::add(std::string_view name, std::string_view value) {
  constexpr std::size_t kLinesMostly = 384;
  if (text_.empty()) text_.reserve(kLinesMostly);
  text_.append(name).append(": ");
  append_line_text(text_, value);
  text_.append("\r\n");
}

std::optional<std::string_view> HeaderLines::find(std::string_view name) const {
  for (std::string_view rest = text_; !rest.empty();) {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    const std::size_t colon = line.find(": ");
    if (is_same_name(line.substr(0, colon), name)) return line.substr(colon + 2);
    rest.remove_prefix(end + 2);
  }
  return {};
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (is_same_name(key, name)) return value;
  }
  return {};
}

const std::string* Request::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return &value;
  }
  return nullptr;
}

Result<std::string> percent_decode(std::string_view text, bool is_query) {
  const bool is_plain = text.find_first_of("%+") == std::string_view::npos && is_printable_ascii(text);
  if (is_plain) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && is_query) c = ' ';
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return invalid("the address has a broken %-sequence");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    // Tabs and line feeds may stand in a filter's text; nothing else below the space has a meaning.
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (is_control && !(is_query && (c == '\t' || c == '\n' || c == '\r'))) {
      return invalid("the address has a control character");
    }
    out.push_back(c);
  }
  if (find_bad_utf8(out)) return invalid("the address is no UTF-8; write each byte of it as %XX");
  return out;
}

Result<void> read_target(Request& request) {
  constexpr std::size_t kSegmentsMostly = 6;
  const std::string_view target = request.target;
  if (target.empty() || target.front() != '/')
    return invalid("the address must be a path that starts with /");
  // What comes in here goes out again, into the log of denials and into errors: nothing in it is no text.
  if (find_bad_utf8(target)) return invalid("the address is no UTF-8; write each byte of it as %XX");
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = std::string(target.substr(0, mark));
  request.segments.clear();
  request.segments.reserve(kSegmentsMostly);
  std::string_view rest = std::string_view(request.path).substr(1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    TALON_TRY(std::string segment, percent_decode(rest.substr(0, end), false));
    request.segments.push_back(std::move(segment));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  request.query.clear();
  return read_query(request.query, target.substr(std::min(mark + 1, target.size())));
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 207:
      return "Multi-Status";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

}  // namespace talon::http
