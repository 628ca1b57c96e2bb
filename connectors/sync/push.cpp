/// Pushes: an event becomes a delivery in order per lane; a delivery becomes one document over there,
/// whatever breaks.
#include "push.hpp"

#include "convert.hpp"

#include <talon/date.hpp>
#include <talon/decimal.hpp>
#include <talon/id.hpp>
#include <talon/money.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::sync {
namespace {

constexpr int64_t kFirstWaitUs = 2000000;
constexpr int64_t kLongestWaitUs = 3600000000;
constexpr std::size_t kErrorMax = 1900;  // of sync_delivery.error, in bytes

/// Answers that are about the document. All others are about who asks, where and how fast: the next document
/// would fare the same, and this one may go through when that is put right.
bool is_refused(int64_t status) { return status == 400 || status == 409 || status == 413 || status == 422; }

/// One delivery as it is stored.
struct Delivery {
  int64_t id = 0;
  int64_t version = 0;
  int64_t attempts = 0;
  std::string key;
  std::string record;
  std::string lane;
};

/// A record's fields, ready to be written as members of a request.
class Document {
 public:
  Document(const model::Model& model, Records records, std::string type)
      : model_(model), records_(records), type_(std::move(type)) {}

  Result<void> load(const std::string& id, std::set<std::string> paths) {
    const model::RecordType* type = model_.find(type_);
    if (type == nullptr) return internal("there is no record type " + type_);
    for (const std::string& path : std::set<std::string>(paths)) {
      TALON_TRY(const model::Field* field, model::resolve_path(model_, *type, path));
      if (!field->currency.empty()) paths.insert(sibling(path, field->currency));
    }
    const std::vector<std::string> list(paths.begin(), paths.end());
    TALON_TRY(auto found, records_.get(type_, id, list));
    record_.emplace(std::move(found));
    return {};
  }
  /// Amounts and decimals as JSON numbers of their exact digits, references as ids, empty values as null.
  Result<Json> member(const std::string& path) const { return member_of(*record_, type_, path, ""); }
  std::string text(const std::string& path) const {
    const auto json = member(path);
    if (!json) return {};
    return std::string(json->is_number() ? json->digits() : json->string());
  }

  /// Rows of the child list "lines".
  Result<Json> lines(const std::string& id,
                     const std::vector<std::pair<std::string, std::string>>& body) const {
    const std::string child = type_ + "_line";
    std::vector<std::string> fields;
    for (const auto& [name, path] : body) {
      if (!path.starts_with('=')) fields.push_back(path);
    }
    TALON_TRY(const auto rows, records_.query(Query{child, fields, type_ + " is " + id, {"position"}}));
    Json list = Json::array();
    for (const Record& row : rows) {
      Json line = Json::object();
      for (const auto& [name, path] : body) {
        if (path.starts_with('=')) {
          line.set(name, path.substr(1));
        } else {
          TALON_TRY(Json value, member_of(row, child, path, text("currency")));
          line.set(name, std::move(value));
        }
      }
      list.push(std::move(line));
    }
    return list;
  }

 private:
  static std::string sibling(const std::string& path, const std::string& name) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string::npos ? name : path.substr(0, dot + 1) + name;
  }
  Result<Json> member_of(const Record& record, const std::string& type, const std::string& path,
                         const std::string& currency) const {
    TALON_TRY(const model::Field* field, model::resolve_path(model_, *model_.find(type), path));
    const Value& value = record.value(path);
    if (value.is_null()) return Json();
    if (value.is_text()) return Json(value.text());
    using model::FieldType;
    if (field->type == FieldType::Decimal)
      return Json(Json::Number{Decimal(value.integer(), field->scale).to_string()});
    if (field->type == FieldType::Money) {
      const std::string own = record.text(sibling(path, field->currency));
      TALON_TRY(const Currency known, Currency::parse(own.empty() ? currency : own));
      return Json(Json::Number{Money(value.integer(), known).amount()});
    }
    if (field->type == FieldType::Integer) return Json(value.integer());
    if (field->type == FieldType::Boolean) return Json(value.integer() != 0);
    const model::RecordType* to = model_.find(field->to);
    return Json(value_text(*field, value, "", to != nullptr ? to->prefix : std::string("id")));
  }

  const model::Model& model_;
  Records records_;
  std::string type_;
  std::optional<Record> record_;
};

/// "1250.5" and "1250.50" are the same amount.
bool is_same_number(const Json& theirs, const std::string& ours) {
  const std::string text(theirs.is_number() ? theirs.digits() : theirs.string());
  const auto a = Decimal::parse(text, 6);
  const auto b = Decimal::parse(ours, 6);
  return a && b ? *a == *b : text == ours;
}

class Lane {
 public:
  Lane(Service& service, const Connector& connector, const Stream& stream, const model::Model& model,
       PushResult& result)
      : host_(service.host()),
        connector_(connector),
        push_(stream.push),
        stream_(stream),
        model_(model),
        result_(result) {}

  Result<void> deliver_all() {
    const Query query{"sync_delivery",
                      {"id", "version", "attempts", "key", "record", "lane", "state", "next_at"},
                      "connector is " + text_literal(connector_.name) + " and stream is " +
                          text_literal(stream_.name) + " and state not in [done, dismissed]",
                      {"id"}};
    TALON_TRY(const auto rows, host_.records().query(query));
    std::set<std::string> blocked;
    Result<void> outcome;
    for (const Record& row : rows) {
      Delivery delivery{row.integer("id"), row.integer("version"), row.integer("attempts"),
                        row.text("key"),   row.text("record"),     row.text("lane")};
      const bool is_due = row.text("state") == "waiting" && row.integer("next_at") <= host_.now_us();
      if (!is_due || blocked.count(delivery.lane) > 0) {
        blocked.insert(delivery.lane);  // what comes after it in its lane waits too
        if (row.text("state") == "waiting") ++result_.waiting;
        continue;
      }
      const auto is_done = deliver(delivery);
      if (!is_done) outcome = is_done.error();  // it could not be noted; the other lanes go on
      if (!is_done || !*is_done) blocked.insert(delivery.lane);
      if (is_stopped_) break;
    }
    return outcome;
  }

 private:
  Result<void> open() {
    if (sink_) return {};
    void* instance = nullptr;
    const auto* table = host_.table_of<talon_sink_v1>(connector_.driver, TALON_SINK_V1, &instance);
    if (table == nullptr) return unavailable("the plugin \"" + connector_.driver + "\" is not running");
    TALON_TRY(const Json connection, resolved_connection(host_, connector_));
    TALON_TRY(connector::Sink sink, connector::Sink::open(table, instance, connection));
    sink_.emplace(std::move(sink));
    return {};
  }

  Result<bool> deliver(Delivery& delivery) {
    if (const auto opened = open(); !opened) return wait(delivery, opened.error().message);
    Document document(model_, host_.records(), push_.type);
    std::set<std::string> paths = {push_.reference, "currency"};
    if (!push_.verify_field.empty()) paths.insert(push_.verify_field);
    for (const auto& [name, path] : push_.body) {
      if (!path.starts_with('=')) paths.insert(path);
    }
    if (const auto loaded = document.load(delivery.record, std::move(paths)); !loaded) {
      return loaded.error().code == Code::NotFound ? fail(delivery, loaded.error().message) : loaded.error();
    }
    if (delivery.attempts > 0) {
      TALON_TRY(const Found found, find_there(document));
      if (found.is_there) return settle(delivery, document, found.body, true);
      if (!found.error.empty()) {
        is_stopped_ = found.is_refused;
        return wait(delivery, found.error);
      }
    }
    ++delivery.attempts;  // noted before it is sent: after a crash the peer is asked first
    TALON_DO(store(delivery, {{"attempts", delivery.attempts}}));
    TALON_TRY(const Json request, request_of(delivery, document));
    const auto answer = sink_->send(request);
    if (!answer) {
      const Code code = answer.error().code;
      if (code == Code::Unavailable || code == Code::DeadlineExceeded)
        return wait(delivery, answer.error().message);
      return fail(delivery, answer.error().message);
    }
    const int64_t status = (*answer)["status"].integer();
    if (status == 409) {
      TALON_TRY(const Found found, find_there(document));
      if (found.is_there) return settle(delivery, document, found.body, true);
    }
    if (status < 200 || status >= 300) {
      const std::string why =
          "the peer answered " + std::to_string(status) + ": " + harmless((*answer)["body"].to_string(), 500);
      if (is_refused(status)) return fail(delivery, why);
      is_stopped_ = true;
      return wait(delivery, why);
    }
    return settle(delivery, document, (*answer)["body"], false);
  }

  struct Found {
    bool is_there = false;
    Json body;
    std::string error;        ///< it could not be asked
    bool is_refused = false;  ///< since it refused to answer
  };
  Result<Found> find_there(const Document& document) {
    Json query = Json::object({{push_.lookup_query, document.text(push_.reference)}});
    const auto answer = sink_->send(
        Json::object({{"method", "GET"}, {"path", push_.lookup_path}, {"query", std::move(query)}}));
    Found found;
    if (!answer || (*answer)["status"].integer() != 200) {
      found.is_refused = static_cast<bool>(answer);
      found.error = answer ? "the look-up answered " + std::string((*answer)["status"].digits())
                           : answer.error().message;
      return found;
    }
    const Json& body = (*answer)["body"];
    const Json& list = body.is_array() ? body : body["items"];
    for (const Json& item : list.items()) {
      if (item[push_.lookup_query].string() != document.text(push_.reference)) continue;
      found.is_there = true;
      found.body = item;
    }
    return found;
  }

  Result<Json> request_of(const Delivery& delivery, const Document& document) {
    Json body = Json::object();
    for (const auto& [name, path] : push_.body) {
      if (path.starts_with('=')) {
        body.set(name, path.substr(1));
        continue;
      }
      TALON_TRY(Json value, document.member(path));
      body.set(name, std::move(value));
    }
    if (!push_.lines.empty()) {
      TALON_TRY(Json lines, document.lines(delivery.record, push_.line_body));
      body.set(push_.lines, std::move(lines));
    }
    const Json headers = Json::object({{"Idempotency-Key", delivery.key}});
    return Json::object(
        {{"method", "POST"}, {"path", push_.path}, {"headers", headers}, {"body", std::move(body)}});
  }

  Result<bool> settle(Delivery& delivery, const Document& document, const Json& body, bool is_adopted) {
    const Json& remote = body["id"];
    const std::string remote_id = harmless(remote.is_number() ? remote.digits() : remote.string(), 200);
    if (!push_.verify_field.empty() &&
        !is_same_number(body[push_.verify_path], document.text(push_.verify_field))) {
      ++result_.conflicts;
      TALON_DO(store(delivery,
                     {{"state", "conflict"},
                      {"remote_id", remote_id},
                      {"error", harmless(push_.verify_path + " is " + body[push_.verify_path].to_string() +
                                             " over there, " + document.text(push_.verify_field) +
                                             " here; settle it, then retry or dismiss the delivery",
                                         kErrorMax)}}));
      return false;
    }
    ++(is_adopted ? result_.adopted : result_.delivered);
    TALON_DO(store(delivery,
                   {{"state", "done"}, {"remote_id", remote_id}, {"error", Value()}, {"next_at", Value()}}));
    return true;
  }
  Result<bool> wait(Delivery& delivery, const std::string& why) {
    ++result_.waiting;
    int64_t time = kFirstWaitUs;
    for (int64_t i = 1; i < delivery.attempts && time < kLongestWaitUs; ++i) time *= 2;
    TALON_DO(store(delivery, {{"next_at", host_.now_us() + std::min(time, kLongestWaitUs)},
                              {"error", harmless(why, kErrorMax)}}));
    return false;
  }
  Result<bool> fail(Delivery& delivery, const std::string& why) {
    ++result_.failed;
    host_.log(TALON_LOG_ERROR, "sync.delivery_failed", Json::object({{"delivery", delivery.key}}));
    TALON_DO(store(delivery, {{"state", "failed"}, {"error", harmless(why, kErrorMax)}}));
    return false;
  }
  Result<void> store(Delivery& delivery, const ChangeSet::Fields& fields) {
    ChangeSet changes;
    changes.change("sync_delivery", delivery.id, delivery.version, fields);
    TALON_DO(host_.records().apply(changes));
    ++delivery.version;
    return {};
  }

  Host& host_;
  const Connector& connector_;
  const Push& push_;
  const Stream& stream_;
  const model::Model& model_;
  PushResult& result_;
  std::optional<connector::Sink> sink_;
  bool is_stopped_ = false;  ///< the peer refuses all documents
};

}  // namespace

Json PushResult::json() const {
  return Json::object({{"delivered", delivered},
                       {"adopted", adopted},
                       {"waiting", waiting},
                       {"conflicts", conflicts},
                       {"failed", failed}});
}

std::string PushResult::text() const {
  std::string result;
  const Json counts = json();
  for (const auto& [name, count] : counts.members()) {
    if (count.integer() != 0)
      result += (result.empty() ? "" : ", ") + std::string(count.digits()) + " " + name;
  }
  return result.empty() ? "nothing to deliver" : result;
}

Result<void> note_event(Service& service, const Event& event) {
  const auto mappings = service.mappings();
  // A credit is sent as the document that credits.
  const Json& credit = event.data["credit_note"];
  const std::string record(credit.is_string() ? credit.string() : std::string_view(event.record));
  ChangeSet changes;
  for (const Connector& connector : mappings->connectors) {
    for (const Stream& stream : connector.streams) {
      const auto& events = stream.push.events;
      if (!stream.is_out || std::find(events.begin(), events.end(), event.event) == events.end()) continue;
      TALON_TRY(const Record found,
                service.host().records().get(stream.push.type, record, {"id", stream.push.lane}));
      const Value& lane = found.value(stream.push.lane);
      changes.upsert("sync_delivery", {"connector", "stream", "key"},
                     {{"connector", connector.name},
                      {"stream", stream.name},
                      {"key", stream.push.type + ":" + record + ":issued"},
                      {"event", event.event},
                      {"record", record},
                      {"lane", lane.is_integer() ? Value(std::to_string(lane.integer())) : lane}});
    }
  }
  if (changes.empty()) return {};
  const auto done = service.host().records().apply(changes);
  if (!done) return done.error();
  return {};
}

Result<PushResult> deliver(Service& service) {
  const auto mappings = service.mappings();
  PushResult result;
  Result<void> outcome;
  for (const Connector& connector : mappings->connectors) {
    for (const Stream& stream : connector.streams) {
      if (!stream.is_out) continue;
      auto hold = service.hold(connector.name + " (out)");
      if (!hold) continue;  // the job or somebody's command is at it
      if (auto done = Lane(service, connector, stream, mappings->model, result).deliver_all(); !done)
        outcome = done;
    }
  }
  TALON_DO(std::move(outcome));
  return result;
}

}  // namespace talon::sync
