/// Mistakes in what somebody sent, gathered: they see all of them at once, each with its place.
#pragma once

#include <talon/json.hpp>
#include <talon/result.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace talon {

/// @threads one at a time.
class Faults {
 public:
  /// @param pointer  RFC 6901, into what was sent: "/lines/2/net".  @param code  a word for programs.
  void add(std::string_view pointer, std::string_view code, std::string_view message) {
    list_.push(Json::object({{"pointer", pointer}, {"code", code}, {"message", message}}));
  }
  bool is_empty() const { return list_.items().empty(); }
  /// [{pointer, code, message}…], as the details of an error have them.
  const Json& list() const { return list_; }
  /// The first one's message, which is the error's; empty: there is none.
  std::string message() const {
    return is_empty() ? std::string() : std::string(list_.items().front()["message"].string());
  }
  /// @errors `code`, with the first message and the list as details, if there is any.
  Result<void> outcome(Code code = Code::InvalidArgument) const {
    if (is_empty()) return {};
    return Error{code, message(), list_.to_string()};
  }

 private:
  Json list_ = Json::array();
};

}  // namespace talon
