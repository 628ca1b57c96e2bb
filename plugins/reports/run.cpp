/// Running a report as its caller.
#include "run.hpp"

#include "writer.hpp"

#include <talon/boundary.hpp>
#include <talon/expression/parse.hpp>
#include <talon/text.hpp>

namespace talon::reports {

namespace {

constexpr std::size_t kPieceBytes = 32 * 1024;

Error no_such_report(std::string_view name) {
  return not_found("there is no report " + echoed(name) + " for you");
}

Query query_of(const Definition& definition, const std::vector<const Column*>& columns) {
  Query query;
  query.type = definition.type;
  for (const Column* column : columns) {
    if (!column->aggregate.empty())
      query.aggregates.push_back(column->aggregate);
    else if (definition.is_grouped)
      query.group.push_back(column->path);
    else
      query.fields.push_back(column->path);
  }
  return query;
}

/// Rows that leave as a file: by the right `export`, which the host's queries know and `Query` does not name.
Result<void> each_exported(const RunRequest& request, const Query& query,
                           const std::function<Result<void>(Row)>& row) {
  const auto* table = boundary::host_table<talon_records_v1>(request.host, TALON_RECORDS_V1);
  if (!TALON_HAS(table, query)) return failed_precondition("records are not open to reports here");
  TALON_TRY(Json json, Json::parse(query.to_json()));
  json.set("action", "export");
  const std::string text = json.to_string();
  boundary::RowReceiver rows(row);
  boundary::StringWriter error;
  const talon_status status = table->query(table->self, request.call, boundary::text(text), &rows, &error);
  if (rows.refusal() != nullptr) return *rows.refusal();
  auto outcome = boundary::outcome(status, error);
  if (outcome || outcome.error().code != Code::PermissionDenied) return outcome;
  return denied("you may see this report, but not take it away as a file: that takes the right " +
                query.type + ".export");
}

/// Asks without reading a record: the condition is never true, so that only the right is judged.
Result<void> probe(const Records& records, const Definition& definition,
                   const std::vector<const Column*>& columns) {
  Query query = query_of(definition, columns);
  query.where = columns.front()->path + " is unknown";
  query.limit = 1;
  return records.each(query, [](Row) -> Result<void> { return {}; });
}

/// The columns that the caller may see. @return empty: none, or nothing of the type at all.
Result<std::vector<const Column*>> visible_columns(const Records& records, const Definition& definition) {
  std::vector<const Column*> all;
  for (const Column& column : definition.columns) all.push_back(&column);
  const auto is_refusal = [](const Error& error) {
    return error.code == Code::PermissionDenied || error.code == Code::InvalidArgument ||
           error.code == Code::NotFound;
  };
  const auto whole = probe(records, definition, all);
  if (whole) return all;
  if (!is_refusal(whole.error())) return whole.error();
  std::vector<const Column*> seen;
  if (whole.error().code == Code::PermissionDenied) return seen;
  for (const Column* column : all) {
    if (column->path.empty()) {  // a count is seen where anything is
      if (!seen.empty()) seen.push_back(column);
      continue;
    }
    Query query;
    query.type = definition.type;
    query.fields = {column->path};
    query.where = column->path + " is unknown";
    query.limit = 1;
    const auto one = records.each(query, [](Row) -> Result<void> { return {}; });
    if (one)
      seen.push_back(column);
    else if (!is_refusal(one.error()))
      return one.error();
  }
  return seen;
}

Json label_json(const model::Label& label) {
  Json out = Json::object();
  for (const auto& [language, text] : label) out.set(language, text);
  return out;
}

Json parameter_json(const Parameter& parameter) {
  static constexpr std::array<const char*, 6> kNames = {"text", "integer", "date", "month", "choice", "ref"};
  Json out = Json::object({{"name", parameter.name},
                           {"type", kNames[static_cast<std::size_t>(parameter.type)]},
                           {"required", parameter.is_required},
                           {"label", label_json(parameter.label)}});
  if (!parameter.to.empty()) out.set("to", parameter.to);
  Json choices = Json::array();
  for (const std::string& choice : parameter.choices) choices.push(choice);
  if (!parameter.choices.empty()) out.set("choices", std::move(choices));
  return out;
}

}  // namespace

Result<Json> list_reports(const Definitions& definitions, const Records& records) {
  Json list = Json::array();
  for (const auto& [name, definition] : definitions) {
    TALON_TRY(const auto columns, visible_columns(records, definition));
    if (columns.empty()) continue;
    Json parameters = Json::array();
    for (const Parameter& parameter : definition.parameters) parameters.push(parameter_json(parameter));
    Json names = Json::array();
    for (const Column* column : columns) names.push(column->name);
    list.push(Json::object({{"name", name},
                            {"label", label_json(definition.label)},
                            {"from", definition.type},
                            {"parameters", std::move(parameters)},
                            {"columns", std::move(names)}}));
  }
  return Json::object({{"reports", std::move(list)}});
}

Result<void> run_report(const RunRequest& request, const model::Model& model, const Records& records,
                        Output& out) {
  const Definition& definition = request.definition;
  Shown shown;
  shown.definition = &definition;
  TALON_TRY(shown.columns, visible_columns(records, definition));
  if (shown.columns.empty()) return no_such_report(definition.name);
  shown.parameters = request.values;
  shown.generated_at = request.generated_at;
  shown.language = request.language;
  for (const model::RecordType& type : model.types) shown.prefixes[type.name] = type.prefix;
  Query query = query_of(definition, shown.columns);
  const expression::Expression where = with_values(definition.where, request.values);
  if (where.kind != expression::Expression::Kind::Always) query.where = expression::print(where);
  query.order = definition.order;
  TALON_TRY(const auto writer, make_writer(request.format, std::move(shown)));

  std::string text;
  writer->begin(text);
  const auto take = [&](Row row) -> Result<void> {
    writer->row(text, row);
    if (text.size() < kPieceBytes) return {};
    auto written = out.write(text);
    text.clear();
    return written;
  };
  TALON_DO(request.format == "csv" ? each_exported(request, query, take) : records.each(query, take));
  writer->end(text);
  return out.write(text);
}

}  // namespace talon::reports
