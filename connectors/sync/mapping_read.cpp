/// Reads connectors' mappings from their documents.
#include "field_reader.hpp"
#include "mapping.hpp"
#include "node_reader.hpp"
#include "stream_reader.hpp"

#include <algorithm>
#include <set>

namespace talon::sync {
namespace {

/// Keys whose values must not stand in a file.
bool is_secret_key(std::string_view key) {
  for (const char* name : {"password", "client_secret", "token", "value", "refresh_token"}) {
    if (key == name) return true;
  }
  return false;
}

/// A connection's YAML as JSON: `!secret NAME` becomes {"$secret": NAME}, times become NAME_ms, sizes bytes.
Json connection_json(const Node& node, std::string_view key, Report& report) {
  if (node.is_map()) {
    Json object = Json::object();
    for (const auto& [name, value] : node.entries) {
      const int64_t time =
          value.is_scalar() && !value.is_quoted && value.tag.empty() ? read_duration(value.text) : -1;
      const bool is_time = time >= 0 && key != "options" && key != "headers";
      object.set(is_time ? name.text + "_ms" : name.text,
                 is_time ? Json(time / 1000) : connection_json(value, name.text, report));
    }
    return object;
  }
  if (node.is_sequence()) {
    Json list = Json::array();
    for (const Node& item : node.items) list.push(connection_json(item, key, report));
    return list;
  }
  if (node.kind == Node::Kind::Null) return {};
  if (node.tag == "!secret") return Json::object({{"$secret", node.text}});
  if (is_secret_key(key)) {
    report.add(node.place, std::string(key) + " must not stand in a file: write `" + std::string(key) +
                               ": !secret NAME` and put it where secrets are (sdk/docs/first-mapping.md)");
  }
  for (const auto& [unit, bytes] : {std::pair{"KiB", 1024}, std::pair{"MiB", 1048576}}) {
    if (node.text.ends_with(unit)) {
      const auto number = Json::parse(node.text.substr(0, node.text.size() - 3));
      if (number && number->is_number()) return Json(number->integer() * bytes);
    }
  }
  const auto number = Json::parse(node.text);
  if (!node.is_quoted && number && number->is_number()) return *number;
  return Json(node.text);
}

/// Streams in an order in which each comes after what it depends on; a cycle is a mistake.
void sort_streams(Connector& connector, Report& report) {
  std::vector<Stream> sorted;
  std::set<std::string> done;
  while (!connector.streams.empty()) {
    const auto ready =
        std::find_if(connector.streams.begin(), connector.streams.end(), [&](const Stream& stream) {
          return std::all_of(
              stream.depends_on.begin(), stream.depends_on.end(),
              [&](const std::string& name) { return done.count(name) > 0 || name == stream.name; });
        });
    if (ready == connector.streams.end()) {
      report.add(connector.streams.front().place,
                 "streams depend on each other in a circle: " + connector.streams.front().name);
      return;
    }
    done.insert(ready->name);
    sorted.push_back(std::move(*ready));
    connector.streams.erase(ready);
  }
  connector.streams = std::move(sorted);
}

class ConnectorReader {
 public:
  ConnectorReader(const Document& document, const model::Model& model, Mistakes& mistakes)
      : document_(document), model_(model), report_(document.file, mistakes) {}

  Connector read() {
    Connector connector;
    connector.file = document_.file;
    NodeReader reader(document_.root, "a connector", report_);
    connector.name = reader.required_text("connector");
    reader.find("label");
    if (const Node* connection = reader.require("connection")) {
      connector.connection = connection_json(*connection, "connection", report_);
      connector.driver = connector.connection["type"].string();
      if (connector.driver != "odbc" && connector.driver != "http") {
        report_.add(connection->place,
                    "connection.type \"" + connector.driver + "\" is not one of [odbc, http]");
      }
    }
    if (const Node* schedule = reader.find("schedule")) {
      NodeReader times(*schedule, "schedule", report_);
      connector.every_us = times.duration("every", 0);
    }
    if (const Node* streams = reader.require("streams")) read_streams(*streams, connector);
    sort_streams(connector, report_);
    return connector;
  }

 private:
  void read_streams(const Node& streams, Connector& connector) {
    std::map<std::string, std::string> types;
    for (const Node& stream : streams.items) {
      const Node* name = stream.find("name");
      const Node* target = stream.find("target");
      const Node* type = target != nullptr ? target->find("type") : nullptr;
      if (name == nullptr) continue;
      if (types.count(name->text) > 0)
        report_.add(name->place, "there are two streams \"" + name->text + "\"");
      types[name->text] = type != nullptr ? type->text : std::string();
    }
    if (!streams.is_sequence()) report_.add(streams.place, "streams must be a list");
    const StreamScope scope{&model_, &types, connector.driver};
    for (const Node& stream : streams.items) connector.streams.push_back(read_stream(stream, scope, report_));
  }

  const Document& document_;
  const model::Model& model_;
  Report report_;
};

}  // namespace

std::vector<Connector> read_mappings(const std::vector<Document>& documents, const model::Model& model,
                                     Mistakes& mistakes) {
  std::vector<Connector> connectors;
  for (const Document& document : documents) {
    connectors.push_back(ConnectorReader(document, model, mistakes).read());
    for (std::size_t i = 0; i + 1 < connectors.size(); ++i) {
      if (connectors[i].name == connectors.back().name) {
        mistakes.push_back({document.file, document.root.place,
                            "connector \"" + connectors[i].name + "\" is already in " + connectors[i].file});
      }
    }
  }
  return connectors;
}

}  // namespace talon::sync
