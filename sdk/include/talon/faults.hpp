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
    if (is_empty()) message_ = message;
    list_.push(Json::object({{"pointer", pointer}, {"code", code}, {"message", message}}));
  }
  /// As `add`, of a message about the value alone ("is required"): the pointer says whose it is, and as the
  /// error's own message it stands behind that name.
  void add_value(std::string_view pointer, std::string_view code, std::string_view message) {
    const std::string name(pointer.substr(pointer.rfind('/') + 1));
    const bool is_first = is_empty();
    add(pointer, code, message);
    if (is_first) message_ = name + ": " + message_;
  }
  bool is_empty() const { return list_.items().empty(); }
  /// [{pointer, code, message}…], as the details of an error have them.
  const Json& list() const { return list_; }
  /// The first one's, which is the error's message; empty: there is none.
  const std::string& message() const { return message_; }
  /// @errors `code`, with the first message and the list as details, if there is any.
  Result<void> outcome(Code code = Code::InvalidArgument) const {
    if (is_empty()) return {};
    return Error{code, message_, list_.to_string()};
  }

 private:
  Json list_ = Json::array();
  std::string message_;
};

}  // namespace talon
