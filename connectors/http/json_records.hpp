/// Records and their columns out of a JSON answer, by paths: `$.results[*]`, `$.properties.email`,
/// `$.tags[0]`.
#pragma once

#include <talon/offers.hpp>
#include <talon/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace talon::http_connector {

/// A path in parts. A trailing `[*]` is kept as `is_every`.
struct Path {
  struct Step {
    std::string key;  ///< of an object; empty: `index` of an array
    std::size_t index = 0;
    bool operator==(const Step&) const = default;
  };
  std::vector<Step> steps;
  bool is_every = false;
};
/// @return InvalidArgument: not a path of this form.
Result<Path> parse_path(std::string_view text);

/// Takes records apart in one walk each: what the columns do not name is skipped unread.
class RecordReader {
 public:
  /// @param records  where the records are, "$.results[*]" or "$[*]"; without `[*]` one object is one record.
  /// @param columns  paths from a record.
  static Result<RecordReader> make(std::string_view records, const std::vector<std::string>& columns);

  /// Gives each record's columns as text: numbers by their digits, true and false, null where it is null or
  /// absent; objects and arrays as their JSON.
  /// @param present  gets true for each column that some record has, be it null.
  /// @return how many there were. InvalidArgument: the answer is not JSON, or has no such list.
  Result<std::size_t> read(std::string_view body, const SourceSession::TakeRow& take,
                           std::vector<bool>& present) const;

 private:
  struct Node {
    std::vector<std::pair<Path::Step, std::size_t>> children;
    std::vector<std::size_t> columns;
  };
  class Walk;

  Path records_;
  std::vector<Node> nodes_ = std::vector<Node>(1);
  std::size_t width_ = 0;
};

/// One scalar of the answer as text; null where it is absent or null. @return InvalidArgument: not JSON.
Result<std::optional<std::string>> scalar_at(std::string_view body, const Path& path);

}  // namespace talon::http_connector
