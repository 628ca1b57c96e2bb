/// Plans: what a run would do, kept with a digest; an apply that finds anything else refuses.
#include "plan.hpp"

#include "stream_reader.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::sync {
namespace {

constexpr std::size_t kContentMax = 3900000;  // of sync_plan.content

Json item_json(const Planned& item) {
  Json changes = Json::array();
  for (const auto& [field, before, after] : item.changes) {
    changes.push(Json::object({{"field", field}, {"old", before}, {"new", after}}));
  }
  Json json = Json::object(
      {{"stream", item.stream}, {"external_id", item.external_id}, {"action", kind_name(item.kind)}});
  if (!item.reason.empty()) json.set("reason", item.reason);
  return json.set("changes", std::move(changes));
}

std::string digest_of(const std::vector<Planned>& items) {
  std::vector<std::string> lines;
  for (const Planned& item : items) lines.push_back(item.line());
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return text_hash(all);
}

}  // namespace

Json Plan::json() const {
  Json list = Json::array();
  for (const Planned& item : items) list.push(item_json(item));
  Json counts = Json::object();
  for (const StreamResult& stream : streams) counts.set(stream.stream, stream.counts.json());
  return Json::object({{"digest", digest}, {"streams", std::move(counts)}, {"items", std::move(list)}});
}

std::string Plan::text(const std::string& connector, std::size_t lines_max) const {
  std::string text;
  for (const StreamResult& stream : streams) {
    text += connector + "." + stream.stream + ": " + stream.counts.text() + "\n";
    for (const std::string& warning : stream.warnings) text += "  warning: " + warning + "\n";
    std::size_t shown = 0;
    std::size_t left_out = 0;
    for (const Planned& item : items) {
      if (item.stream != stream.stream) continue;
      if (++shown > lines_max) {
        ++left_out;
        continue;
      }
      text += "  " + std::string(kind_name(item.kind)) + " " + item.external_id +
              (item.reason.empty() ? "" : ": " + item.reason) + "\n";
      for (const auto& [field, before, after] : item.changes) {
        text += "    " + field + ": " + (before.empty() ? "(empty)" : before) + " -> " +
                (after.empty() ? "(empty)" : after) + "\n";
      }
    }
    if (left_out > 0) text += "  … and " + std::to_string(left_out) + " more\n";
  }
  return text;
}

Result<Plan> make_plan(Host& host, const Connector& connector, const model::Model& model,
                       const std::string& stream) {
  Plan plan;
  RunOptions options;
  options.stream = stream;
  options.writes = false;
  options.planned = [&](Planned item) { plan.items.push_back(std::move(item)); };
  plan.streams = Run(host, connector, model, std::move(options)).run();
  for (const StreamResult& result : plan.streams) {
    if (result.error.empty()) continue;
    return Error{result.is_waiting ? Code::Unavailable : Code::FailedPrecondition,
                 connector.name + "." + result.stream + ": " + result.error};
  }
  plan.digest = digest_of(plan.items);
  return plan;
}

Result<std::string> store_plan(Host& host, const Connector& connector, const Plan& plan) {
  Json content = plan.json();
  std::string text = content.to_string();
  if (text.size() > kContentMax) text = content.set("items", Json()).to_string();
  Json streams = Json::array();
  for (const StreamResult& stream : plan.streams) streams.push(Json(stream.stream));
  ChangeSet changes;
  changes.create("sync_plan", {{"connector", connector.name}, {"digest", plan.digest}, {"content", text}},
                 "plan");
  changes.answer(Json::object({{"plan", "@plan"}}));
  TALON_TRY(const Json answer, host.records().apply(changes));
  return std::string(answer["plan"].string());
}

Result<std::vector<StreamResult>> apply_plan(Host& host, const Connector& connector,
                                             const model::Model& model, const std::string& id) {
  TALON_TRY(
      const Record stored,
      host.records().get("sync_plan", id, {"id", "version", "connector", "digest", "state", "content"}));
  if (stored.text("connector") != connector.name)
    return failed_precondition("plan " + id + " is of connector " + stored.text("connector"));
  if (stored.text("state") != "open")
    return failed_precondition("plan " + id + " is " + stored.text("state") + " already; plan again");
  TALON_TRY(const Json content, Json::parse(stored.text("content")));
  const auto& planned_streams = content["streams"].members();
  const std::string stream = planned_streams.size() == 1 ? planned_streams.front().first : std::string();
  TALON_TRY(const Plan now, make_plan(host, connector, model, stream));
  const bool is_same = now.digest == stored.text("digest");
  ChangeSet mark;
  mark.change("sync_plan", stored.integer("id"), stored.integer("version"),
              {{"state", is_same ? "applied" : "stale"}});
  TALON_DO(host.records().apply(mark));
  if (!is_same) {
    return failed_precondition("plan " + id + " is stale: the source or the records have changed since (" +
                               std::to_string(content["items"].items().size()) + " changes then, " +
                               std::to_string(now.items.size()) + " now). Nothing was written; plan again");
  }
  std::map<std::string, std::string> expected;
  for (const Planned& item : now.items) expected[item.stream + "/" + item.external_id] = item.line();
  RunOptions options;
  options.stream = stream;
  options.expected = &expected;
  return Run(host, connector, model, std::move(options)).run();
}

}  // namespace talon::sync
