/// What a read showed, as the read log is told: text from the start, since every page of a logged type is
/// one.
#pragma once

#include <talon/json.hpp>

#include <string>
#include <string_view>

namespace talon::records {

/// Texts as a JSON array, in the order in which they came.
class TextArray {
 public:
  void push(std::string_view text) {
    if (json_.size() == 2)
      json_.pop_back();
    else
      json_.back() = ',';
    write_json_string(json_, text);
    json_ += ']';
  }
  const std::string& json() const { return json_; }

 private:
  std::string json_ = "[]";
};

/// One read. What it borrows outlives it.
struct ReadEntry {
  std::string_view action = "view";
  std::string_view fields = "[]";  ///< paths of what was shown, as a TextArray gives them
  std::string_view where = {};     ///< as `logged_condition` gives it; empty: none
  /// Of which type the same read has another entry, with the condition: it may be long, and stands there
  /// once.
  std::string_view asked_with = {};
  std::string records = {};          ///< ids as `append_ids` writes them
  std::string_view policy_set = {};  ///< empty: the one by which the caller may view the type now
};

}  // namespace talon::records
