/// Lists: rows are written straight into the answer's text, with no tree between.
#include "host/http/api.hpp"
#include "host/http/exchange.hpp"
#include "host/model/field_writer.hpp"

#include <talon/text.hpp>

#include <algorithm>
#include <optional>

namespace talon::http {

namespace {

constexpr int64_t kLimitMost = 500;
constexpr int64_t kLimitUsual = 50;

/// Writes rows as JSON objects, separated by commas.
class RowWriter {
 public:
  RowWriter(const model::Model& model, std::string& out) : model_(model), out_(out) {}

  void begin(const std::vector<records::Column>& columns) {
    columns_.clear();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      std::string key = i == 0 ? "{" : ",";
      write_json_string(key, columns[i].path);
      key.push_back(':');
      std::optional<model::FieldWriter> values;
      if (columns[i].field != nullptr) values.emplace(model_, *columns[i].field);
      columns_.push_back({std::move(key), values, columns[i].currency});
      if (columns[i].path == "version") version_ = static_cast<int>(i);
    }
  }

  void row(Row row) {
    if (!is_first_) out_.push_back(',');
    is_first_ = false;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      Shown& column = columns_[i];
      out_.append(column.key);
      if (!column.values) {
        if (row[i].is_null())
          out_.append("null");
        else
          out_.append(std::to_string(row[i].integer()));
        continue;
      }
      const auto currency =
          column.currency < 0 ? std::string_view() : row[static_cast<std::size_t>(column.currency)].text();
      column.values->write_json(out_, row[i], currency);
    }
    if (columns_.empty()) out_.push_back('{');
    if (version_ >= 0) {
      const int64_t version = row[static_cast<std::size_t>(version_)].integer();
      out_.append(R"(,"etag":"\"v)").append(std::to_string(version)).append(R"(\"")");
    }
    out_.push_back('}');
  }

 private:
  struct Shown {
    std::string key;
    std::optional<model::FieldWriter> values;  ///< of a field; none: a count
    int currency;
  };
  const model::Model& model_;
  std::string& out_;
  std::vector<Shown> columns_;
  int version_ = -1;
  bool is_first_ = true;
};

Result<records::QueryRequest> read_list_query(const Request& request, const model::RecordType& type) {
  TALON_DO(only_parameters(
      request, {"where", "fields", "order", "limit", "cursor", "include", "group", "aggregates"}));
  records::QueryRequest query;
  query.type = type.name;
  if (const std::string* where = request.parameter("where")) query.where = *where;
  if (const std::string* cursor = request.parameter("cursor")) query.cursor = *cursor;
  query.fields = list_parameter(request, "fields");
  query.order = list_parameter(request, "order");
  query.group = list_parameter(request, "group");
  query.aggregates = list_parameter(request, "aggregates");
  TALON_TRY(query.limit, number_parameter(request, "limit", 1, kLimitMost, kLimitUsual));
  for (const std::string& what : list_parameter(request, "include")) {
    if (what != "total") return invalid("include takes total, not " + echoed(what));
    query.wants_total = true;
  }
  const bool is_grouped = !query.group.empty() || !query.aggregates.empty();
  if (is_grouped && !query.fields.empty()) return invalid("fields does not go with group and aggregates");
  if (type.kind == model::Kind::Stored && !query.fields.empty()) {
    for (const char* always : {"version", "id"}) {
      if (std::find(query.fields.begin(), query.fields.end(), always) == query.fields.end()) {
        query.fields.insert(query.fields.begin(), always);
      }
    }
  }
  return query;
}

}  // namespace

Result<Response> Api::list(Context& context) {
  TALON_TRY(const records::QueryRequest query, read_list_query(context.request, *context.type));
  Response response;
  response.body.reserve(16 * 1024);
  response.body = "{\"items\":[";
  RowWriter writer(context.model(), response.body);
  records::QuerySink sink;
  sink.columns = [&](const std::vector<records::Column>& columns) -> Result<void> {
    writer.begin(columns);
    return {};
  };
  sink.row = [&](Row row) -> Result<void> {
    writer.row(row);
    return {};
  };
  TALON_TRY(const records::PageEnd end, parts_.records->query(context.call, query, sink));
  response.body.append("],\"next\":");
  if (end.next_cursor.empty())
    response.body.append("null");
  else
    write_json_string(response.body, end.next_cursor);
  if (query.wants_total) response.body.append(",\"total\":").append(std::to_string(end.total));
  response.body.push_back('}');
  response.header("Content-Type", "application/json");
  return response;
}

}  // namespace talon::http
