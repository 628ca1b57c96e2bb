/// The quick way through well-formed files of everyday YAML, by libyaml: a seventh of yaml-cpp's time.
#pragma once

#include <talon/document.hpp>

#include <optional>
#include <string_view>

namespace talon::config {

/// Reads what `read_yaml_text` reads, to the same tree with the same places, or declines: whatever is wrong
/// or unusual (anchors, tags, blocks of text, scalars of several lines, empty values, tabs…) is for yaml-cpp
/// and its messages. `yaml_quick_test.cpp` holds the two against each other.
/// @param text  UTF-8 without byte order mark, checked for what YAML does not take.
/// @return nothing: declined.
/// @threads any; pure.
std::optional<Node> read_yaml_quickly(std::string_view text);

/// What is declined: by yaml-cpp, with every mistake told. @param document  with its file's name.
Document read_yaml_slowly(std::string_view text, Document document, Mistakes& mistakes);

}  // namespace talon::config
