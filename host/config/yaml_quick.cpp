/// Builds trees from libyaml's events, as long as they are plain.
#include "host/config/yaml_quick.hpp"

#include "host/config/yaml.hpp"

#include <yaml.h>

#include <algorithm>
#include <vector>

namespace talon::config {

namespace {

/// Breaks and spaces that the two libraries do not take alike.
bool has_unusual_space(std::string_view text) {
  return text.find_first_of("\t\r") != std::string_view::npos ||
         text.find("\xC2\x85") != std::string_view::npos ||
         text.find("\xE2\x80\xA8") != std::string_view::npos ||
         text.find("\xE2\x80\xA9") != std::string_view::npos;
}

/// A question mark where a key could begin.
bool has_key_mark(std::string_view text) {
  for (std::size_t at = text.find('?'); at != std::string_view::npos; at = text.find('?', at + 1)) {
    if (at == 0 || std::string_view(" \n,[{").find(text[at - 1]) != std::string_view::npos) return true;
  }
  return false;
}

/// One libyaml event. The library's memory is given back with it.
class QuickEvent {
 public:
  QuickEvent() = default;
  ~QuickEvent() { yaml_event_delete(&event_); }
  QuickEvent(const QuickEvent&) = delete;
  QuickEvent& operator=(const QuickEvent&) = delete;

  bool read(yaml_parser_t& parser) { return yaml_parser_parse(&parser, &event_) == 1; }
  yaml_event_type_t type() const { return event_.type; }
  Place place() const {
    return {static_cast<uint32_t>(event_.start_mark.line + 1),
            static_cast<uint32_t>(event_.start_mark.column + 1)};
  }
  bool is_plain_document() const {
    const auto& start = event_.data.document_start;
    return start.implicit == 1 && start.version_directive == nullptr &&
           start.tag_directives.start == start.tag_directives.end;
  }
  bool is_plain_document_end() const { return event_.data.document_end.implicit == 1; }
  bool is_plain_sequence() const {
    return event_.data.sequence_start.anchor == nullptr && event_.data.sequence_start.tag == nullptr;
  }
  bool is_plain_map() const {
    return event_.data.mapping_start.anchor == nullptr && event_.data.mapping_start.tag == nullptr;
  }
  /// Of a start: […] or {…}.
  bool is_flow() const {
    return event_.type == YAML_SEQUENCE_START_EVENT
               ? event_.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
               : event_.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
  }
  /// @return nothing: no everyday scalar.
  std::optional<Node> scalar() const {
    const auto& scalar = event_.data.scalar;
    const bool is_quoted =
        scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE || scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    if (scalar.anchor != nullptr || scalar.tag != nullptr || event_.start_mark.line != event_.end_mark.line ||
        (!is_quoted && scalar.style != YAML_PLAIN_SCALAR_STYLE)) {
      return std::nullopt;
    }
    const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
    if (is_quoted)
      return Node{.kind = Node::Kind::Scalar, .place = place(), .text = std::string(text), .is_quoted = true};
    // The libraries place what is not there differently, and read a question mark inside brackets
    // differently.
    if (text.empty() || text.find('?') != std::string_view::npos) return std::nullopt;
    if (text == "~" || text == "null" || text == "Null" || text == "NULL") return Node{.place = place()};
    return Node{.kind = Node::Kind::Scalar, .place = place(), .text = std::string(text)};
  }

 private:
  yaml_event_t event_{};
};

/// Puts finished nodes where they belong. Every function returns whether to read on.
class QuickTree {
 public:
  bool open(Node node, bool is_flow) {
    if (frames_.size() >= static_cast<std::size_t>(kYamlDepthMax)) return false;
    frames_.push_back({std::move(node), {}, false, is_flow});
    return true;
  }
  /// Brackets that close on another line: the libraries do not agree on how far that must be indented.
  bool close(uint32_t line) {
    if (frames_.back().is_flow && frames_.back().node.place.line != line) return false;
    Node node = std::move(frames_.back().node);
    frames_.pop_back();
    return take(std::move(node));
  }
  bool take(Node node) {
    if (frames_.empty()) {
      root_ = std::move(node);
      return true;
    }
    Frame& frame = frames_.back();
    if (frame.node.kind == Node::Kind::Sequence) {
      frame.node.items.push_back(std::move(node));
    } else if (frame.has_key) {
      frame.node.entries.emplace_back(std::move(frame.key), std::move(node));
      frame.has_key = false;
    } else {
      // Many keys would take long to compare; more than a few hundred are not everyday.
      if (!node.is_scalar() || node.text == "<<" || frame.node.entries.size() >= kKeysMax) return false;
      if (frame.node.find(node.text) != nullptr) return false;
      frame.key = std::move(node);
      frame.has_key = true;
    }
    return true;
  }
  Node& root() { return root_; }

 private:
  static constexpr std::size_t kKeysMax = 500;
  struct Frame {
    Node node;
    Node key;
    bool has_key = false;
    bool is_flow = false;
  };

  Node root_{.place = {1, 1}};
  std::vector<Frame> frames_;
};

/// @return false: declined; `is_end` tells the end.
bool take_event(const QuickEvent& event, QuickTree& tree, int& documents, bool& is_end) {
  switch (event.type()) {
    case YAML_STREAM_START_EVENT:
      return true;
    case YAML_STREAM_END_EVENT:
      is_end = true;
      return true;
    case YAML_DOCUMENT_START_EVENT:
      return ++documents == 1 && event.is_plain_document();
    case YAML_DOCUMENT_END_EVENT:
      return event.is_plain_document_end();
    case YAML_SCALAR_EVENT: {
      std::optional<Node> scalar = event.scalar();
      return scalar && tree.take(*std::move(scalar));
    }
    case YAML_SEQUENCE_START_EVENT:
      return event.is_plain_sequence() &&
             tree.open(Node{.kind = Node::Kind::Sequence, .place = event.place()}, event.is_flow());
    case YAML_MAPPING_START_EVENT:
      return event.is_plain_map() &&
             tree.open(Node{.kind = Node::Kind::Map, .place = event.place()}, event.is_flow());
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      return tree.close(event.place().line);
    default:
      return false;
  }
}

}  // namespace

std::optional<Node> read_yaml_quickly(std::string_view text) {
  if (has_unusual_space(text) || has_key_mark(text)) return std::nullopt;
  yaml_parser_t parser;
  if (yaml_parser_initialize(&parser) != 1) return std::nullopt;
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  QuickTree tree;
  int documents = 0;
  bool is_end = false;
  bool is_read = true;
  while (is_read && !is_end) {
    QuickEvent event;
    is_read = event.read(parser) && take_event(event, tree, documents, is_end);
  }
  yaml_parser_delete(&parser);
  if (!is_read || documents != 1) return std::nullopt;
  return std::move(tree.root());
}

}  // namespace talon::config
