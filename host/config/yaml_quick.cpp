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
  /// @param node  is set to it. @return false: no everyday scalar.
  bool read_scalar(Node& node) const {
    const auto& scalar = event_.data.scalar;
    const bool is_quoted =
        scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE || scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    if (scalar.anchor != nullptr || scalar.tag != nullptr || event_.start_mark.line != event_.end_mark.line ||
        (!is_quoted && scalar.style != YAML_PLAIN_SCALAR_STYLE)) {
      return false;
    }
    const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
    node.place = place();
    node.is_quoted = is_quoted;
    if (!is_quoted) {
      // The libraries place what is not there differently, and read a question mark inside brackets
      // differently.
      if (text.empty() || text.find('?') != std::string_view::npos) return false;
      if (text == "~" || text == "null" || text == "Null" || text == "NULL") return true;
    }
    node.kind = Node::Kind::Scalar;
    node.text = text;
    return true;
  }

 private:
  yaml_event_t event_{};
};

/// Makes each node where it belongs. Every function returns whether to read on.
class QuickTree {
 public:
  bool open(Node::Kind kind, Place place, bool is_flow) {
    if (frames_.size() >= static_cast<std::size_t>(kYamlDepthMax)) return false;
    Node& node = next();
    if (is_at_key()) return false;
    node.kind = kind;
    node.place = place;
    if (kind == Node::Kind::Map) node.entries.reserve(kEntriesFirst);
    frames_.push_back({&node, false, is_flow});
    return true;
  }
  /// Brackets that close on another line: the libraries do not agree on how far that must be indented.
  bool close(uint32_t line) {
    if (frames_.back().is_flow && frames_.back().node->place.line != line) return false;
    frames_.pop_back();
    return true;
  }
  bool take(const QuickEvent& scalar) {
    Node& node = next();
    return scalar.read_scalar(node) && (!is_at_key() || is_good_key(frames_.back().node->entries));
  }
  Node& root() { return root_; }

 private:
  static constexpr std::size_t kEntriesFirst = 4;
  static constexpr std::size_t kKeysMax = 500;
  struct Frame {
    Node* node;  // stays where it is while it is open: only then does what it stands in grow
    bool is_at_key = false;
    bool is_flow = false;
  };

  bool is_at_key() const { return !frames_.empty() && frames_.back().is_at_key; }

  /// The place of the next node.
  Node& next() {
    if (frames_.empty()) return root_;
    Frame& frame = frames_.back();
    if (frame.node->kind == Node::Kind::Sequence) return frame.node->items.emplace_back();
    frame.is_at_key = !frame.is_at_key;
    return frame.is_at_key ? frame.node->entries.emplace_back().first : frame.node->entries.back().second;
  }
  /// The last key is a text that no other one is. Many keys would take long to compare; more than a few
  /// hundred are not everyday.
  static bool is_good_key(const std::vector<NodeEntry>& entries) {
    const Node& key = entries.back().first;
    if (!key.is_scalar() || key.text == "<<" || entries.size() > kKeysMax) return false;
    return std::none_of(entries.begin(), entries.end() - 1,
                        [&](const NodeEntry& other) { return other.first.text == key.text; });
  }

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
    case YAML_SCALAR_EVENT:
      return tree.take(event);
    case YAML_SEQUENCE_START_EVENT:
      return event.is_plain_sequence() && tree.open(Node::Kind::Sequence, event.place(), event.is_flow());
    case YAML_MAPPING_START_EVENT:
      return event.is_plain_map() && tree.open(Node::Kind::Map, event.place(), event.is_flow());
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
