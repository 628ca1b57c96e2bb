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

TALON_INLINE Result<void> read_node(const Json& json, Node& node) {
  const Json::Array& parts = json.items();
  const std::string_view kind = parts.empty() ? std::string_view() : parts[0].string();
  if (parts.size() < 3 || kind.size() != 1) return invalid("a document's node is [kind, line, column, …]");
  node.place = {static_cast<uint32_t>(parts[1].integer()), static_cast<uint32_t>(parts[2].integer())};
  if (kind == "n") return {};
  if (kind == "s" && parts.size() >= 6) {
    node.kind = Node::Kind::Scalar;
    node.text = parts[3].string();
    node.is_quoted = parts[4].boolean();
    node.tag = parts[5].string();
    return {};
  }
  if (kind == "l" && parts.size() >= 4) {
    node.kind = Node::Kind::Sequence;
    node.items.resize(parts[3].items().size());
    for (std::size_t i = 0; i < node.items.size(); ++i)
      TALON_DO(read_node(parts[3].items()[i], node.items[i]));
    return {};
  }
  if (kind == "m" && parts.size() >= 4) {
    node.kind = Node::Kind::Map;
    node.entries.resize(parts[3].items().size());
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
      const Json::Array& entry = parts[3].items()[i].items();
      if (entry.size() != 2) return invalid("an entry of a document's map is [key, value]");
      TALON_DO(read_node(entry[0], node.entries[i].first));
      TALON_DO(read_node(entry[1], node.entries[i].second));
    }
    return {};
  }
  return invalid("a document's node has kind n, s, l or m and its parts; this has \"" + std::string(kind) +
                 "\"");
}

/// Reads nodes straight from what `write_documents` wrote: of thousands of documents no tree of values is
/// made on the way. What is JSON of the same meaning in other words (members in another order) is for
/// `read_node`.
class DocumentsReader : private JsonReader {
 public:
  explicit DocumentsReader(std::string_view json) : JsonReader(json, 0) {}

  Result<std::vector<Document>> read() {
    std::vector<Document> documents;
    TALON_DO(expect("{"));
    TALON_DO(expect_key("documents"));
    TALON_DO(expect("["));
    while (!is_next("]")) {
      if (!documents.empty()) TALON_DO(expect(","));
      Document& document = documents.emplace_back();
      TALON_DO(expect("{"));
      TALON_DO(expect_key("file"));
      TALON_DO(read_text(document.file));
      TALON_DO(expect(","));
      TALON_DO(expect_key("root"));
      TALON_DO(read_node(document.root, 0));
      TALON_DO(expect("}"));
    }
    TALON_DO(expect("}"));
    skip_space();
    if (!is_at_end()) return mistake("unexpected text after the documents");
    return documents;
  }

 private:
  static constexpr int kNodesDeepMax = 64;  // YAML nests up to 32 levels

  bool is_next(std::string_view sign) {
    skip_space();
    return take(sign);
  }
  Result<void> expect(std::string_view sign) {
    if (is_next(sign)) return {};
    return mistake("expected " + std::string(sign));
  }
  Result<void> read_text(std::string& text) {
    skip_space();
    if (peek() != '"') return mistake("expected a text");
    return read_string(text);
  }
  Result<void> expect_key(std::string_view key) {
    std::string text;
    TALON_DO(read_text(text));
    if (text != key) return mistake("expected \"" + std::string(key) + "\"");
    return expect(":");
  }
  /// ", N".
  Result<void> read_number(uint32_t& number) {
    TALON_DO(expect(","));
    skip_space();
    std::size_t digits = 0;
    uint64_t value = 0;
    for (; peek() >= '0' && peek() <= '9' && digits < 10; ++digits) {
      const char digit = peek();
      value = value * 10 + static_cast<uint64_t>(digit - '0');
      take({&digit, 1});
    }
    if (digits == 0 || value > UINT32_MAX) return mistake("expected a line or column");
    number = static_cast<uint32_t>(value);
    return {};
  }

  Result<void> read_node(Node& node, int depth) {
    if (depth > kNodesDeepMax) return mistake("nodes are nested too deep");
    TALON_DO(expect("["));
    std::string kind;
    TALON_DO(read_text(kind));
    TALON_DO(read_number(node.place.line));
    TALON_DO(read_number(node.place.column));
    if (kind == "s") {
      TALON_DO(read_scalar(node));
    } else if (kind == "l") {
      node.kind = Node::Kind::Sequence;
      TALON_DO(read_items(node, depth));
    } else if (kind == "m") {
      node.kind = Node::Kind::Map;
      TALON_DO(read_entries(node, depth));
    } else if (kind != "n") {
      return mistake("unknown kind");
    }
    return expect("]");
  }
  Result<void> read_scalar(Node& node) {
    node.kind = Node::Kind::Scalar;
    TALON_DO(expect(","));
    TALON_DO(read_text(node.text));
    TALON_DO(expect(","));
    node.is_quoted = is_next("true");
    if (!node.is_quoted) TALON_DO(expect("false"));
    TALON_DO(expect(","));
    return read_text(node.tag);
  }
  Result<void> read_items(Node& node, int depth) {
    TALON_DO(expect(","));
    TALON_DO(expect("["));
    while (!is_next("]")) {
      if (!node.items.empty()) TALON_DO(expect(","));
      TALON_DO(read_node(node.items.emplace_back(), depth + 1));
    }
    return {};
  }
  Result<void> read_entries(Node& node, int depth) {
    TALON_DO(expect(","));
    TALON_DO(expect("["));
    while (!is_next("]")) {
      if (!node.entries.empty()) TALON_DO(expect(","));
      NodeEntry& entry = node.entries.emplace_back();
      TALON_DO(expect("["));
      TALON_DO(read_node(entry.first, depth + 1));
      TALON_DO(expect(","));
      TALON_DO(read_node(entry.second, depth + 1));
      TALON_DO(expect("]"));
    }
    return {};
  }
};

}  // namespace detail

TALON_INLINE std::string write_documents(const std::vector<Document>& documents) {
  std::string out = "{\"documents\":[";
  for (std::size_t i = 0; i < documents.size(); ++i) {
    out.append(i > 0 ? ",{\"file\":" : "{\"file\":");
    write_json_string(out, documents[i].file);
    out.append(",\"root\":");
    detail::write_node(out, documents[i].root);
    out.push_back('}');
  }
  return out + "]}";
}

TALON_INLINE Result<std::vector<Document>> read_documents(std::string_view json) {
  if (auto read = detail::DocumentsReader(json).read()) return read;
  constexpr int kDepthMax = 160;  // YAML nests up to 32 levels; each takes up to four here
  TALON_TRY(const Json root, Json::parse(json, kDepthMax));
  if (!root["documents"].is_array()) return invalid("documents are {\"documents\":[…]}");
  std::vector<Document> documents;
  for (const Json& item : root["documents"].items()) {
    Document& document = documents.emplace_back();
    document.file = item["file"].string();
    TALON_DO(detail::read_node(item["root"], document.root));
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
