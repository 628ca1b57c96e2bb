/// Reads the parts of a stream out: which events, which request, how to tell that it arrived.
#include "stream_reader.hpp"

namespace talon::sync {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

/// `{reference: number, currency: currency, source: {const: talon}}`: member → field path, or "=" and a
/// constant.
Members read_members(const Node& node, const model::Model& model, const model::RecordType* type,
                     Report& report) {
  Members members;
  if (!node.is_map()) report.add(node.place, "a body is a map of members and fields");
  for (const auto& [name, value] : node.entries) {
    if (const Node* constant = value.find("const"); constant != nullptr) {
      members.emplace_back(name.text, "=" + constant->text);
      continue;
    }
    if (type != nullptr) {
      if (const auto field = model::resolve_path(model, *type, value.text, model::Internal::Refused);
          !field) {
        report.add(value.place, field.error().message);
      }
    }
    members.emplace_back(name.text, value.text);
  }
  return members;
}

}  // namespace

void read_push(NodeReader& reader, const StreamScope& scope, Report& report, Stream& stream) {
  Push& push = stream.push;
  push.events = reader.texts("events");
  if (push.events.empty())
    report.add(reader.place(), "a stream out needs `events:`, as in [invoice.issued, invoice.credited]");
  for (const std::string& event : push.events) {
    if (event != "invoice.issued" && event != "invoice.credited") {
      report.add(reader.place(),
                 "event \"" + event + "\" cannot be sent; [invoice.issued, invoice.credited] can");
    }
  }
  if (push.events.size() == 1) {
    report.add(
        reader.place(),
        "`events:` must name both invoice.issued and invoice.credited, or the two systems drift apart");
  }
  push.type = push.events.empty() ? "invoice" : push.events.front().substr(0, push.events.front().find('.'));
  stream.type = push.type;
  const model::RecordType* type = scope.model->find(push.type);
  if (const Node* request = reader.require("request")) {
    NodeReader entry(*request, "request", report);
    push.path = entry.required_text("path");
    if (const Node* body = entry.require("body")) push.body = read_members(*body, *scope.model, type, report);
    if (const Node* lines = entry.find("lines")) {
      NodeReader list(*lines, "lines", report);
      push.lines = list.required_text("member");
      const model::RecordType* child = scope.model->find(push.type + "_line");
      if (const Node* body = list.require("body"))
        push.line_body = read_members(*body, *scope.model, child, report);
    }
  }
  push.lane = reader.text("lane", push.lane);
  push.reference = reader.text("reference", push.reference);
  for (const std::string& path : {push.lane, push.reference}) {
    if (type != nullptr && type->find_field(path) == nullptr) {
      report.add(reader.place(), push.type + " has no field \"" + path + "\"");
    }
  }
  if (const Node* lookup = reader.require("lookup")) {
    NodeReader entry(*lookup, "lookup", report);
    push.lookup_path = entry.text("path", push.path);
    push.lookup_query = entry.required_text("query");
  }
  if (const Node* verify = reader.find("verify")) {
    NodeReader entry(*verify, "verify", report);
    push.verify_path = entry.required_text("member");
    push.verify_field = entry.required_text("equals");
  }
}

}  // namespace talon::sync
