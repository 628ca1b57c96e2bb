/// Small changes to the text of a YAML file at places that its reader gave; all else stays as it was written.
#pragma once

#include <talon/document.hpp>
#include <talon/result.hpp>

#include <string>
#include <string_view>

namespace talon::cli {

/// The text without the list's item, and without the lines that belong to it; `[]` stays of the last one.
/// @param list  as read from `text`; a scalar, where one word stands for a list, counts as its only item.
/// @errors FailedPrecondition: it is written in a way that is better changed by hand.
/// @threads any; pure.
Result<std::string> without_item(const std::string& text, const Node& list, std::size_t item);

/// The text with another word in place of the scalar. @errors as above.
Result<std::string> with_scalar(const std::string& text, const Node& scalar, std::string_view word);

/// The text with `key: word` in the map, whether it was there or not. @errors as above.
Result<std::string> with_entry(const std::string& text, const Node& map, std::string_view key,
                               std::string_view word);

}  // namespace talon::cli
