/// Configuration documents as trees of nodes that know their place. The host alone reads YAML; plugins get
/// these.
#pragma once

#include <talon/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace talon {

struct Place {
  uint32_t line = 0;    ///< 1-based
  uint32_t column = 0;  ///< 1-based, in code points
};

struct NodeEntry;

/// One YAML node. Scalars stay text: the reader of a field gives it its type (`NO`, `off` and `007` are
/// safe).
struct Node {
  enum class Kind { Null, Scalar, Sequence, Map };
  Kind kind = Kind::Null;
  Place place;
  std::string text;                ///< of a Scalar
  std::string tag;                 ///< "!secret", or empty
  bool is_quoted = false;          ///< of a Scalar
  std::vector<Node> items;         ///< of a Sequence
  std::vector<NodeEntry> entries;  ///< of a Map: key (a Scalar) and value, in order, keys unique

  bool is_scalar() const { return kind == Kind::Scalar; }
  bool is_sequence() const { return kind == Kind::Sequence; }
  bool is_map() const { return kind == Kind::Map; }
  /// The value under `key`, or null.
  const Node* find(std::string_view key) const;
};

/// One entry of a Map. A type of its own, since clang cannot nest a std::pair of nodes in a node.
struct NodeEntry {
  NodeEntry() = default;
  NodeEntry(Node key, Node value) : first(std::move(key)), second(std::move(value)) {}
  Node first;   ///< the key, a Scalar
  Node second;  ///< the value
};

inline const Node* Node::find(std::string_view key) const {
  for (const auto& entry : entries) {
    if (entry.first.text == key) return &entry.second;
  }
  return nullptr;
}

struct Document {
  std::string file;  ///< as a person finds it: "config/policies/rules/invoice.yaml"
  Node root;
};

/// Something wrong in a document. Printed as FILE:LINE:COLUMN: MESSAGE.
struct Mistake {
  std::string file;
  Place place;
  std::string message;  ///< what, what was expected, a suggestion

  std::string to_string() const {
    return file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + message;
  }
};
using Mistakes = std::vector<Mistake>;

/// {"documents":[{"file":TEXT,"root":NODE}…]}; NODE is [kind, line, column, …]: ["s",l,c,text,is_quoted,tag],
/// ["l",l,c,[NODE…]], ["m",l,c,[[NODE,NODE]…]], ["n",l,c].
std::string write_documents(const std::vector<Document>& documents);
/// @errors InvalidArgument: no such JSON, at which byte.
Result<std::vector<Document>> read_documents(std::string_view json);

/// Writes documents one by one: of thousands there need be no list of trees.
class DocumentsWriter {
 public:
  void add(const Document& document);
  /// As `write_documents` of all that were added. The last call.
  std::string take();

 private:
  std::string json_ = "{\"documents\":[";
  bool is_first_ = true;
};

/// A document in its JSON, to be read when its turn comes.
struct WrittenDocument {
  std::string file;
  std::string_view root;  ///< NODE; borrowed from the text that was split

  /// @errors InvalidArgument: `root` is no NODE.
  Result<Document> read() const;
  /// The first key of its map, without reading what follows; empty where there is none to be read.
  std::string first_key() const;
};

/// What `read_documents` reads, in its order and as yet unread.
Result<std::vector<WrittenDocument>> split_documents(std::string_view json);

std::string write_mistakes(const Mistakes& mistakes);
Result<Mistakes> read_mistakes(std::string_view json);

}  // namespace talon

#ifndef TALON_SDK_LIBRARY
#include <talon/document_json.hpp>
#endif
