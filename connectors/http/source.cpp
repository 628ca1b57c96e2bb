/// talon.source/1 and talon.sink/1 over HTTP: one page, or one write, a request.
#include "source.hpp"

#include "auth.hpp"
#include "json_records.hpp"
#include "pagination.hpp"

#include <array>

namespace talon::http_connector {
namespace {

/// A connection with its patience and its credentials.
class Channel {
 public:
  Channel(Settings settings, Waiting waiting)
      : settings_(std::move(settings)), client_(settings_), patience_(settings_, std::move(waiting)) {}

  const Settings& settings() const { return settings_; }

  /// `path` under the base URL, with `query` (an object of texts).
  std::string target(std::string_view path, const Json& query) const {
    std::string base = settings_.base.target;
    while (base.ends_with('/')) base.pop_back();
    std::string target = base + (path.starts_with('/') ? "" : "/") + std::string(path);
    for (const auto& [name, value] : query.members()) {
      target = with_query(target, name, value.is_number() ? value.digits() : value.string());
    }
    return target;
  }

  Result<Answer> send(const Request& request, bool is_repeatable) {
    bool is_forced = false;
    auto answer = patience_.send(is_repeatable, [&] { return send_once(request, is_forced); });
    if (answer && answer->status == 401 && can_refresh(settings_)) {
      is_forced = true;
      answer = patience_.send(is_repeatable, [&] { return send_once(request, is_forced); });
    }
    return answer;
  }

 private:
  Result<Answer> send_once(Request request, bool& is_forced) {
    for (const auto& header : settings_.headers) request.headers.push_back(header);
    TALON_DO(authorize(request, settings_, client_, is_forced));
    is_forced = false;
    return client_.send(request);
  }

  Settings settings_;
  Client client_;
  Patience patience_;
};

/// What a refusal means for a run.
Error refused(const Answer& answer, const Url& url) {
  const std::string what = "GET " + url.origin() + url.target.substr(0, url.target.find('?')) + " answered " +
                           std::to_string(answer.status);
  if (answer.status == 401) return {Code::Unauthenticated, what + ": check the credentials in `auth:`"};
  if (answer.status == 403)
    return {Code::PermissionDenied, what + ": the credentials lack a right or a scope"};
  if (answer.status == 404) return not_found(what + ": check `base_url` and `path`");
  if (answer.status >= 300 && answer.status < 400) {
    return failed_precondition(what +
                               " (a redirect, which is not followed): set `base_url` to where it leads");
  }
  return {Code::Unknown, what};
}

std::string shape(const std::vector<std::string>& columns) {
  uint64_t hash = 1469598103934665603U;  // FNV-1a
  for (const std::string& column : columns) {
    for (const char c : column + ";") hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

class HttpSource : public SourceSession {
 public:
  HttpSource(Settings settings, Waiting waiting) : channel_(std::move(settings), std::move(waiting)) {}

  Result<Json> read(const Json& request, const TakeRow& take) override {
    std::vector<std::string> columns;
    for (const Json& column : request["columns"].items()) columns.emplace_back(column.string());
    TALON_TRY(const RecordReader reader, RecordReader::make(request["records"].string(), columns));
    TALON_TRY(const Pagination pagination,
              read_pagination(request["pagination"], request["limit"].integer()));
    std::string target = channel_.target(request["path"].string(), request["query"]);
    if (!request["since"].string().empty() && !request["since_query"].string().empty()) {
      target = with_query(target, request["since_query"].string(), request["since"].string());
    }
    const Json& position = request["position"];
    if (position.is_null()) seen_.clear();
    TALON_TRY(const Url url, page_url(pagination, channel_.settings().base, target, position));
    TALON_TRY(const Answer answer, channel_.send({"GET", url, {}, {}}, true));
    if (answer.status != 200) return refused(answer, url);
    std::vector<bool> found;
    TALON_TRY(const std::size_t count, reader.read(answer.body, take, found));
    TALON_TRY(Json next, next_position(pagination, position, answer, count, url));
    if (!next.is_null() && !seen_.insert(next.to_string()).second) {
      return Error{Code::DataLoss, "the peer gave the same next page twice (" + next.to_string() +
                                       "); it would never end, so the run stops here"};
    }
    Json end = Json::object({{"next", std::move(next)}, {"fingerprint", shape(columns)}});
    end.set("rows", static_cast<int64_t>(count)).set("absent", absent(columns, found, count));
    return end;
  }

  Result<Json> describe(const Json& request) override {
    Json columns = Json::array();
    for (const Json& column : request["columns"].items()) {
      columns.push(Json::object({{"name", column.string()}, {"type", "json"}}));
    }
    return Json::object({{"columns", std::move(columns)}});
  }

 private:
  /// Columns that no record of a page had: the peer may have renamed them.
  static Json absent(const std::vector<std::string>& columns, const std::vector<bool>& found,
                     std::size_t count) {
    Json names = Json::array();
    for (std::size_t i = 0; i < columns.size() && count > 0; ++i) {
      if (!found[i]) names.push(Json(columns[i]));
    }
    return names;
  }

  Channel channel_;
  std::set<std::string> seen_;
};

class HttpSink : public SinkSession {
 public:
  HttpSink(Settings settings, Waiting waiting) : channel_(std::move(settings), std::move(waiting)) {}

  Result<Json> send(const Json& json) override {
    Request request;
    request.method = json["method"].is_string() ? std::string(json["method"].string()) : "POST";
    request.url = channel_.settings().base;
    request.url.target = channel_.target(json["path"].string(), json["query"]);
    bool is_keyed = request.method == "GET";
    for (const auto& [name, value] : json["headers"].members()) {
      request.headers.emplace_back(name, value.string());
      is_keyed = is_keyed || name == "Idempotency-Key";
    }
    if (const Json* body = json.find("body"); body != nullptr) {
      request.headers.emplace_back("Content-Type", "application/json");
      request.body = body->to_string();
    }
    TALON_TRY(const Answer answer, channel_.send(request, is_keyed));
    if (answer.status >= 500) {
      return unavailable(request.url.origin() + " answered " + std::to_string(answer.status) +
                         "; whether it took the request is not known");
    }
    auto body = Json::parse(answer.body.empty() ? "null" : answer.body);
    Json result = Json::object({{"status", answer.status}, {"body", body ? *body : Json(answer.body)}});
    result.set("etag", Json(answer.header("etag")));
    return result;
  }

 private:
  Channel channel_;
};

}  // namespace

Result<std::unique_ptr<SourceSession>> open_source(const Json& connection, Waiting waiting) {
  TALON_TRY(Settings settings, read_settings(connection));
  return std::unique_ptr<SourceSession>(new HttpSource(std::move(settings), std::move(waiting)));
}

Result<std::unique_ptr<SinkSession>> open_sink(const Json& connection, Waiting waiting) {
  TALON_TRY(Settings settings, read_settings(connection));
  return std::unique_ptr<SinkSession>(new HttpSink(std::move(settings), std::move(waiting)));
}

}  // namespace talon::http_connector
