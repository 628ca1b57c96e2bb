/// The JSON form of documents and mistakes (talon/document.hpp), as talon.checker/1 carries it.
#pragma once

#include <talon/bodies.hpp>
#include <talon/document.hpp>
#include <talon/json_read.hpp>

namespace talon {

namespace detail {

TALON_INLINE void write_node(std::string& out, const Node& node) {
  static constexpr std::string_view kKinds = "nslm";
  out.append("[\"").push_back(kKinds[static_cast<std::size_t>(node.kind)]);
  out.append("\",")
      .append(std::to_string(node.place.line))
      .append(",")
      .append(std::to_string(node.place.column));
  if (node.kind == Node::Kind::Scalar) {
    out.push_back(',');
    write_json_string(out, node.text);
    out.append(node.is_quoted ? ",true," : ",false,");
    write_json_string(out, node.tag);
  } else if (node.kind == Node::Kind::Sequence) {
    out.append(",[");
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0) out.push_back(',');
      write_node(out, node.items[i]);
    }
    out.push_back(']');
  } else if (node.kind == Node::Kind::Map) {
    out.append(",[");
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
      out.append(i > 0 ? ",[" : "[");
      write_node(out, node.entries[i].first);
      out.push_back(',');
      write_node(out, node.entries[i].second);
      out.push_back(']');
    }
    out.push_back(']');
  }
  out.push_back(']');
}

/// Reads the JSON of documents, straight into nodes and without a tree of values on the way.
class DocumentsReader : private JsonReader {
 public:
  explicit DocumentsReader(std::string_view json) : JsonReader(json, kOthersDeepMax) {}

  /// {"documents":[…]}; members in any order, and unknown ones are passed over.
  template <typename Take>
  Result<void> each_document(const Take& give) {
    bool has_documents = false;
    TALON_DO(each_member([&](std::string_view key) -> Result<void> {
      if (key != "documents") return pass_over();
      if (has_documents) return mistake("\"documents\" stands twice");
      has_documents = true;
      return each_item([&] { return read_document(give); });
    }));
    if (!has_documents) return invalid("documents are {\"documents\":[…]}");
    skip_space();
    if (!is_at_end()) return mistake("unexpected text after the documents");
    return {};
  }
  /// NODE, and nothing after it.
  Result<void> read_root(Node& node) {
    TALON_DO(read_node(node, 0));
    skip_space();
    if (!is_at_end()) return mistake("unexpected text after the node");
    return {};
  }
  /// The text of the first key, where NODE begins like a map with entries.
  Result<std::string> read_first_key() {
    TALON_DO(read_head_of('m'));
    for (const char sign : {',', '[', '['}) TALON_DO(expect(sign));
    TALON_DO(read_head_of('s'));
    TALON_DO(expect(','));
    std::string key;
    TALON_DO(read_text(key));
    return key;
  }

 private:
  static constexpr int kNodesDeepMax = 64;  // YAML nests up to 32 levels
  static constexpr int kOthersDeepMax = 160;

  template <typename Take>
  Result<void> read_document(const Take& give) {
    std::string file;
    std::string_view root;
    bool has_file = false;
    TALON_DO(each_member([&](std::string_view key) -> Result<void> {
      if (key != "file" && key != "root") return pass_over();
      if (key == "file" ? has_file : !root.empty())
        return mistake("\"" + std::string(key) + "\" stands twice");
      if (key == "root") return skip_nested(root);
      has_file = true;
      return read_text(file);
    }));
    if (!has_file || root.empty()) return mistake("a document is {\"file\", \"root\"}");
    return give(std::move(file), root);
  }

  Result<void> expect(char sign) {
    skip_space();
    return take(sign) ? Result<void>() : mistake(std::string("expected ") + sign);
  }
  Result<void> read_text(std::string& text) {
    skip_space();
    if (peek() != '"') return mistake("expected a text");
    return read_string(text);
  }
  /// ", N".
  Result<void> read_number(uint32_t& number) {
    TALON_DO(expect(','));
    skip_space();
    std::size_t digits = 0;
    uint64_t value = 0;
    for (; peek() >= '0' && peek() <= '9' && digits < 10; ++digits) {
      value = value * 10 + static_cast<uint64_t>(peek() - '0');
      take(peek());
    }
    if (digits == 0 || value > UINT32_MAX) return mistake("expected a line or column");
    number = static_cast<uint32_t>(value);
    return {};
  }

  /// `["KIND",LINE,COLUMN`. @return the kind.
  Result<char> read_head(Place& place) {
    TALON_DO(expect('['));
    skip_space();
    std::string_view kind;
    if (!take_plain(kind) || kind.size() != 1 || std::string_view("nslm").find(kind) == kind.npos)
      return mistake(R"(a node has kind "n", "s", "l" or "m")");
    TALON_DO(read_number(place.line));
    TALON_DO(read_number(place.column));
    return kind.front();
  }
  Result<void> read_head_of(char kind) {
    Place place;
    TALON_TRY(const char found, read_head(place));
    return found == kind ? Result<void>() : mistake(std::string("expected a node of kind ") + kind);
  }
  Result<void> read_node(Node& node, int depth) {
    if (depth > kNodesDeepMax) return mistake("nodes are nested too deep");
    TALON_TRY(const char kind, read_head(node.place));
    if (kind == 'n') return expect(']');
    TALON_DO(expect(','));
    if (kind == 's') {
      TALON_DO(read_scalar(node));
    } else if (kind == 'l') {
      node.kind = Node::Kind::Sequence;
      TALON_DO(each_item([&] { return read_node(node.items.emplace_back(), depth + 1); }));
    } else {
      node.kind = Node::Kind::Map;
      TALON_DO(each_item([&] { return read_entry(node.entries.emplace_back(), depth + 1); }));
    }
    return expect(']');
  }
  Result<void> read_scalar(Node& node) {
    node.kind = Node::Kind::Scalar;
    TALON_DO(read_text(node.text));
    TALON_DO(expect(','));
    skip_space();
    node.is_quoted = take("true");
    if (!node.is_quoted && !take("false")) return mistake("expected true or false");
    TALON_DO(expect(','));
    return read_text(node.tag);
  }
  Result<void> read_entry(NodeEntry& entry, int depth) {
    TALON_DO(expect('['));
    TALON_DO(read_node(entry.first, depth));
    TALON_DO(expect(','));
    TALON_DO(read_node(entry.second, depth));
    return expect(']');
  }
};

}  // namespace detail

TALON_INLINE void DocumentsWriter::add(const Document& document) {
  json_.append(is_first_ ? "{\"file\":" : ",{\"file\":");
  is_first_ = false;
  write_json_string(json_, document.file);
  json_.append(",\"root\":");
  detail::write_node(json_, document.root);
  json_.push_back('}');
}

TALON_INLINE std::string DocumentsWriter::take() { return std::move(json_.append("]}")); }

TALON_INLINE std::string write_documents(const std::vector<Document>& documents) {
  DocumentsWriter writer;
  for (const Document& document : documents) writer.add(document);
  return writer.take();
}

TALON_INLINE Result<std::vector<WrittenDocument>> split_documents(std::string_view json) {
  std::vector<WrittenDocument> documents;
  TALON_DO(detail::DocumentsReader(json).each_document(
      [&](std::string file, std::string_view root) -> Result<void> {
        documents.push_back({std::move(file), root});
        return {};
      }));
  return documents;
}

TALON_INLINE Result<Document> WrittenDocument::read() const {
  Document document;
  document.file = file;
  if (auto read = detail::DocumentsReader(root).read_root(document.root); !read)
    return invalid(file + ": " + read.error().message);
  return document;
}

TALON_INLINE std::string WrittenDocument::first_key() const {
  auto key = detail::DocumentsReader(root).read_first_key();
  return key ? *std::move(key) : std::string();
}

TALON_INLINE Result<std::vector<Document>> read_documents(std::string_view json) {
  TALON_TRY(const std::vector<WrittenDocument> written, split_documents(json));
  std::vector<Document> documents;
  documents.reserve(written.size());
  for (const WrittenDocument& each : written) {
    TALON_TRY(Document document, each.read());
    documents.push_back(std::move(document));
  }
  return documents;
}

TALON_INLINE std::string write_mistakes(const Mistakes& mistakes) {
  Json out = Json::array();
  for (const Mistake& mistake : mistakes) {
    out.push(Json::object({{"file", mistake.file},
                           {"line", static_cast<int64_t>(mistake.place.line)},
                           {"column", static_cast<int64_t>(mistake.place.column)},
                           {"message", mistake.message}}));
  }
  return out.to_string();
}

TALON_INLINE Result<Mistakes> read_mistakes(std::string_view json) {
  TALON_TRY(const Json root, Json::parse(json));
  if (!root.is_array()) return invalid("mistakes are a JSON array");
  Mistakes mistakes;
  for (const Json& item : root.items()) {
    mistakes.push_back(
        {std::string(item["file"].string()),
         {static_cast<uint32_t>(item["line"].integer()), static_cast<uint32_t>(item["column"].integer())},
         std::string(item["message"].string())});
  }
  return mistakes;
}

}  // namespace talon
