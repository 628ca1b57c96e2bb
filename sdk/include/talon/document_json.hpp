/// The JSON form of documents and mistakes (talon/document.hpp), as talon.checker/1 carries it.
#pragma once

#include <talon/bodies.hpp>
#include <talon/document.hpp>

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
