/// One record as the API shows it.
#include "host/records/record_json.hpp"

#include "host/model/field_value.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::records {

Result<RecordSelect> build_record_select(Records::Inside& inside, const Call& call, const TypeInfo& type,
                                         int64_t id, const std::vector<std::string>& fields) {
  RecordSelect select;
  std::vector<const model::ChildList*> lists;
  for (const model::ChildList& list : type.type->lists) {
    if (fields.empty() || std::find(fields.begin(), fields.end(), list.name) != fields.end())
      lists.push_back(&list);
  }
  select.request.type = type.type->name;
  select.request.where = "id is " + id_text(type.type->prefix, id);
  select.request.by = "id";
  select.request.by_id = id;
  for (const std::string& field : fields) {
    const bool is_list =
        std::any_of(lists.begin(), lists.end(), [&](const auto* list) { return list->name == field; });
    if (!is_list) select.request.fields.push_back(field);
  }
  if (!fields.empty()) {
    for (const char* always : {"id", "version"}) {
      if (std::find(fields.begin(), fields.end(), always) == fields.end())
        select.request.fields.emplace_back(always);
    }
  }
  TALON_TRY(select.main, find_select(inside, call, select.request));
  for (const model::ChildList* list : lists) {
    QueryRequest request;
    request.type = list->type;
    request.where = type.type->name + " is " + id_text(type.type->prefix, id);
    request.by = type.type->name;
    request.by_id = id;
    request.order = {"position"};
    auto built = find_select(inside, call, request);
    if (!built && built.error().code != Code::InvalidArgument) return std::move(built).error();
    if (!built) continue;  // the list's fields are hidden from this caller
    select.list_names.push_back(list->name);
    select.list_requests.push_back(std::move(request));
    select.lists.push_back(*std::move(built));
  }
  return select;
}

void add_members(const model::Model& model, const std::vector<Column>& columns, Row row, Json& record) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Column& column = columns[i];
    if (column.field == nullptr) {
      record.set(column.path, row[i].integer());
      continue;
    }
    const std::string_view currency =
        column.currency < 0 ? std::string_view() : row[static_cast<std::size_t>(column.currency)].text();
    record.set(column.path, model::write_field(model, *column.field, row[i], currency));
  }
}

Result<Json> read_record(const Reading& reading, const RecordSelect& select) {
  const model::Model& model = *select.main->generation->model;
  Json record;
  std::vector<Column> columns;
  QuerySink sink;
  sink.columns = [&](const std::vector<Column>& given) -> Result<void> {
    columns = given;
    return {};
  };
  sink.row = [&](Row row) -> Result<void> {
    record = Json::object();
    add_members(model, columns, row, record);
    return {};
  };
  TALON_DO(run_select(reading, *select.main, select.request, sink));
  if (record.is_null()) return no_such_record(*select.main->type->type);
  for (std::size_t i = 0; i < select.lists.size(); ++i) {
    Json rows = Json::array();
    sink.row = [&](Row row) -> Result<void> {
      Json item = Json::object();
      add_members(model, columns, row, item);
      rows.push(std::move(item));
      return {};
    };
    const Reading quiet{reading.inside, reading.call, reading.reader,
                        false};  // the record's own entry covers its lists
    TALON_DO(run_select(quiet, *select.lists[i], select.list_requests[i], sink));
    record.set(select.list_names[i], std::move(rows));
  }
  return record;
}

Result<Json> Records::get(const Call& call, std::string_view type, std::string_view id,
                          const std::vector<std::string>& fields) {
  const auto generation = inside_->generation();
  TALON_TRY(const TypeInfo* info, Inside::find_type(*generation, type));
  const auto number = parse_id(id, info->type->prefix);
  if (!number || info->type->kind != model::Kind::Stored) return no_such_record(*info->type);
  auto select = build_record_select(*inside_, call, *info, *number, fields);
  // A type of which nothing may be seen looks like a record that is not there.
  if (!select && select.error().code == Code::PermissionDenied) return no_such_record(*info->type);
  if (!select) return std::move(select).error();
  Json record;
  TALON_DO(inside_->parts.database->read([&](storage::Reader& reader) -> Result<void> {
    TALON_TRY(record, read_record({*inside_, call, reader}, *select));
    return {};
  }));
  return record;
}

}  // namespace talon::records
