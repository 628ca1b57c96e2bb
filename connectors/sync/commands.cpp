/// The commands of `talon sync`: text for people, JSON with {"json": true}.
#include "commands.hpp"

#include "convert.hpp"
#include "plan.hpp"
#include "push.hpp"
#include "release.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::sync {
namespace {

/// A command's arguments, by name or by position.
struct Arguments {
  std::string connector;
  std::string second;  ///< stream or plan
  bool is_json = false;

  static Arguments read(const Json& args) {
    Arguments result;
    const auto& list = args["args"].items();
    result.connector = args["connector"].string();
    if (result.connector.empty() && !list.empty()) result.connector = list[0].string();
    result.second = args["stream"].string();
    if (result.second.empty()) result.second = args["plan"].string();
    if (result.second.empty() && list.size() > 1) result.second = list[1].string();
    result.is_json = args["json"].boolean();
    return result;
  }
};

std::string ago(int64_t now_us, int64_t at_us) {
  if (at_us == 0) return "never";
  const int64_t seconds = std::max<int64_t>(0, (now_us - at_us) / 1000000);
  if (seconds < 120) return std::to_string(seconds) + " s ago";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min ago";
  return std::to_string(seconds / 3600) + " h ago";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size() + 1), ' ');
  return text;
}

class Command {
 public:
  Command(Service& service, const CommandRequest& request, Output& output)
      : service_(service),
        mappings_(service.mappings()),
        arguments_(Arguments::read(request.args)),
        records_(request.call != nullptr ? request.records : service.host().records()),
        output_(output) {}

  Result<void> run(const std::string& name) {
    // A misspelt name would be answered with "nothing is set aside", or a reset of nothing.
    if (name != "push" && !arguments_.connector.empty()) {
      TALON_TRY(const Connector* named, chosen());
      if (name != "apply") TALON_DO(check_stream(*named));
    }
    if (name == "list" || name == "check") return list(name == "check");
    if (name == "status") return status();
    if (name == "rejects") return rejects();
    if (name == "push") return push();
    TALON_TRY(const Connector* connector, chosen());
    TALON_TRY(const Service::Hold hold, service_.hold(connector->name));
    if (name == "plan") return plan(*connector);
    if (name == "apply") return apply(*connector);
    if (name == "reset") return reset(*connector);
    return run_streams(*connector, name == "retry");
  }

 private:
  Result<const Connector*> chosen() const {
    const Connector* connector = mappings_->find(arguments_.connector);
    if (connector != nullptr) return connector;
    std::vector<std::string> names;
    for (const Connector& known : mappings_->connectors) names.push_back(known.name);
    const std::string near = model::nearest(arguments_.connector, names);
    return invalid("there is no connector " + echoed(arguments_.connector) +
                   (near.empty() ? "; `talon sync list` names them" : ". Did you mean \"" + near + "\"?"));
  }
  Result<void> check_stream(const Connector& connector) const {
    if (arguments_.second.empty() || connector.find(arguments_.second) != nullptr) return {};
    std::vector<std::string> names;
    for (const Stream& known : connector.streams) names.push_back(known.name);
    return invalid(connector.name + " has no stream " + echoed(arguments_.second) + "." +
                   model::suggestion(arguments_.second, names));
  }
  std::vector<const Connector*> all() const {
    std::vector<const Connector*> result;
    for (const Connector& connector : mappings_->connectors) {
      if (arguments_.connector.empty() || connector.name == arguments_.connector)
        result.push_back(&connector);
    }
    return result;
  }
  Result<void> write(const Json& json, const std::string& text) {
    return output_.write(arguments_.is_json ? json.to_string() + "\n" : text);
  }

  Result<void> list(bool is_check) {
    Json json = Json::array();
    std::string text;
    for (const Connector* connector : all()) {
      Json streams = Json::array();
      text += padded(connector->name, 14) + padded(connector->driver, 6) + connector->file + "\n";
      for (const Stream& stream : connector->streams) {
        streams.push(Json::object(
            {{"name", stream.name}, {"type", stream.type}, {"direction", stream.is_out ? "out" : "in"}}));
        text += "  " + padded(stream.name, 20) + (stream.is_out ? "<- " : "-> ") + stream.type + "\n";
      }
      json.push(Json::object({{"name", connector->name},
                              {"driver", connector->driver},
                              {"file", connector->file},
                              {"streams", streams}}));
    }
    if (is_check) text += std::to_string(json.items().size()) + " mappings are in order\n";
    return write(json, text);
  }

  Result<void> status() {
    Json json = Json::array();
    std::string text;
    const int64_t now = service_.host().now_us();
    for (const Connector* connector : all()) {
      for (const Stream& stream : connector->streams) {
        const std::string where =
            "connector is " + text_literal(connector->name) + " and stream is " + text_literal(stream.name);
        TALON_TRY(const State state, find_state(records_, connector->name, stream.name));
        const char* type = stream.is_out ? "sync_delivery" : "sync_reject";
        Query query{type, {}, where + (stream.is_out ? " and state not in [done, dismissed]" : "")};
        query.aggregates = {"count"};
        TALON_TRY(const auto counted, records_.query(query));
        const int64_t open = counted.empty() ? 0 : counted.front().integer("count");
        json.push(Json::object(
            {{"connector", connector->name},
             {"stream", stream.name},
             {"last_success",
              state.last_success == 0 ? Json() : Json(Timestamp(state.last_success).to_string())},
             {"rows", state.rows_total},
             {stream.is_out ? "undelivered" : "rejects", open},
             {"under_way", !state.position.is_null()},
             {"error", state.last_error}}));
        text += padded(connector->name + "." + stream.name, 26);
        text += stream.is_out ? padded(std::to_string(open) + " to deliver", 20)
                              : padded(ago(now, state.last_success), 14) +
                                    padded(std::to_string(state.rows_total) + " rows", 14) +
                                    padded(std::to_string(open) + " set aside", 14);
        text += (state.last_error.empty() ? "" : "FAILED: " + state.last_error) + "\n";
      }
    }
    return write(json, text);
  }

  Result<void> rejects() {
    Json json = Json::array();
    std::string text;
    for (const Connector* connector : all()) {
      std::string where = "connector is " + text_literal(connector->name);
      if (!arguments_.second.empty()) where += " and stream is " + text_literal(arguments_.second);
      const Query query{
          "sync_reject", {"stream", "external_id", "kind", "reason"}, where, {"stream", "external_id"}};
      TALON_DO(records_.each(query, [&](Row row) -> Result<void> {
        const std::string name = connector->name + "." + std::string(row[0].text());
        json.push(Json::object({{"stream", name},
                                {"external_id", row[1].text()},
                                {"kind", row[2].text()},
                                {"reason", row[3].text()}}));
        text += padded(name + "/" + std::string(row[1].text()), 30) + padded(std::string(row[2].text()), 10) +
                std::string(row[3].text()) + "\n";
        return {};
      }));
    }
    return write(json, text.empty() ? "nothing is set aside\n" : text);
  }

  Result<void> plan(const Connector& connector) {
    TALON_TRY(const Plan plan, make_plan(service_.host(), connector, mappings_->model, arguments_.second));
    TALON_TRY(const std::string id, store_plan(service_.host(), connector, plan));
    return write(plan.json().set("plan", id), plan.text(connector.name) + "plan " + id +
                                                  "; carry it out by: talon sync apply " + connector.name +
                                                  " " + id + "\n");
  }

  Result<void> apply(const Connector& connector) {
    if (arguments_.second.empty()) return invalid("which plan? talon sync apply " + connector.name + " PLAN");
    TALON_TRY(const auto results,
              apply_plan(service_.host(), connector, mappings_->model, arguments_.second));
    return show(connector, results);
  }

  Result<void> run_streams(const Connector& connector, bool is_retry) {
    RunOptions options;
    options.stream = arguments_.second;
    if (is_retry) {
      TALON_TRY(const int64_t count, retry_all(service_.host().records(), connector, arguments_.second));
      if (count > 0 && !arguments_.is_json) {
        TALON_DO(output_.write(std::to_string(count) + " deliveries are sent again\n"));
      }
    }
    Run run(service_.host(), connector, mappings_->model, options);
    return show(connector, is_retry ? run.retry() : run.run());
  }

  Result<void> show(const Connector& connector, const std::vector<StreamResult>& results) {
    Json streams = Json::array();
    std::string text;
    Counts sum;
    const StreamResult* failed = nullptr;
    for (const StreamResult& result : results) {
      Json warnings = Json::array();
      for (const std::string& warning : result.warnings) warnings.push(Json(warning));
      streams.push(Json::object({{"stream", result.stream},
                                 {"counts", result.counts.json()},
                                 {"warnings", warnings},
                                 {"error", result.error}}));
      text += padded(connector.name + "." + result.stream, 26) +
              (result.error.empty() ? result.counts.text() : "FAILED: " + result.error) + "\n";
      for (const std::string& warning : result.warnings) text += "  warning: " + warning + "\n";
      if (result.counts.rejected + result.counts.deferred > 0)
        TALON_DO(add_reasons(connector, result.stream, text));
      sum.add(result.counts);
      if (!result.error.empty()) failed = &result;
    }
    const bool is_partial = sum.rejected + sum.deferred > 0;
    TALON_DO(write(Json::object({{"connector", connector.name},
                                 {"streams", streams},
                                 {"counts", sum.json()},
                                 {"partial", is_partial}}),
                   text));
    if (failed == nullptr) return {};
    return Error{failed->is_waiting ? Code::Unavailable : Code::FailedPrecondition,
                 connector.name + "." + failed->stream + ": " + failed->error};
  }

  Result<void> add_reasons(const Connector& connector, const std::string& stream, std::string& text) {
    const Query query{
        "sync_reject",
        {"external_id", "reason"},
        "connector is " + text_literal(connector.name) + " and stream is " + text_literal(stream),
        {"external_id"},
        {},
        {},
        10};
    return records_.each(query, [&](Row row) -> Result<void> {
      text += "  set aside " + std::string(row[0].text()) + ": " + std::string(row[1].text()) + "\n";
      return {};
    });
  }

  /// Forgets a stream's progress: the next run reads everything again, and drops what is unchanged.
  Result<void> reset(const Connector& connector) {
    for (const Stream& stream : connector.streams) {
      if (stream.is_out || (!arguments_.second.empty() && stream.name != arguments_.second)) continue;
      TALON_TRY(State state, find_state(service_.host().records(), connector.name, stream.name));
      if (state.id == 0) continue;
      state.position = Json();
      state.since.clear();
      state.high_water.clear();
      state.fingerprint.clear();
      state.last_key_diff = 0;
      std::vector<Item> none;
      TALON_DO(Writer(connector, stream, service_.host().records()).write(none, state));
    }
    return write(Json::object({{"reset", true}}),
                 "the next run of " + connector.name + " reads everything again\n");
  }

  Result<void> push() {
    TALON_TRY(const PushResult result, deliver(service_));
    return write(result.json(), result.text() + "\n");
  }

  Service& service_;
  std::shared_ptr<const Mappings> mappings_;
  Arguments arguments_;
  Records records_;
  Output& output_;
};

}  // namespace

Result<void> run_command(Service& service, CommandRequest& request, Output& output) {
  return Command(service, request, output).run(request.command);
}

}  // namespace talon::sync
