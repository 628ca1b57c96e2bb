/// Reading document nodes with every mistake noted at its place, and a suggestion where a word is nearly
/// right.
#pragma once

#include "policy_tree.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace talon::access {

/// The nodes of one file and the list that its mistakes go to. @threads one at a time.
class NodeReader {
 public:
  NodeReader(std::string file, Mistakes& mistakes) : file_(std::move(file)), mistakes_(mistakes) {}

  const std::string& file() const { return file_; }
  void mistake(Place place, std::string message) const;
  Word word(const Node& node) const { return {node.text, file_, node.place}; }

  /// A scalar; notes "expected WHAT" otherwise.
  Word scalar(const Node& node, std::string_view what) const;
  /// One scalar or a list of them.
  std::vector<Word> words(const Node& node, std::string_view what) const;
  /// True for a map; notes "expected WHAT" for what is neither that nor empty.
  bool is_map(const Node& node, std::string_view what) const;
  /// The same for one entry of a list, which must not be empty either.
  bool is_entry(const Node& node, std::string_view what) const;
  bool is_sequence(const Node& node, std::string_view what) const;
  /// yes/no/on/off/true/false; `otherwise` after a mistake.
  bool boolean(const Node& node, bool otherwise) const;
  /// A date as in 2026-12-31.
  std::optional<Date> date(const Node& node) const;
  /// Notes `unknown word "denny". Did you mean "deny"?`.
  void unknown_word(const Node& key, const std::vector<std::string>& known) const;
  /// Condition lines: a list of lines with `any:` and `none:` blocks, or one line. Notes an empty list, which
  /// would hold for every record.
  expression::Expression lines(const Node& node) const;

 private:
  expression::Expression line(const Node& node) const;
  expression::Expression all_of(const Node& node) const;
  expression::Expression block(const Node& node) const;

  std::string file_;
  Mistakes& mistakes_;
};

/// ` Did you mean "deny"?` with a leading full stop, or only the stop.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace talon::access
