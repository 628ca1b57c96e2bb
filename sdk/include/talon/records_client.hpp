/// The bodies of `Query`, `Record` and `Records`: talon.records/1 as C++.
#pragma once

#include <talon/bodies.hpp>
#include <talon/boundary.hpp>
#include <talon/id.hpp>
#include <talon/records.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace talon {

namespace detail {

TALON_INLINE void set_names(Json& json, std::string_view key, const std::vector<std::string>& names) {
  if (names.empty()) return;
  Json list = Json::array();
  for (const std::string& name : names) list.push(name);
  json.set(std::string(key), std::move(list));
}

TALON_INLINE Error no_records() {
  return failed_precondition("records are not open to this plugin here: it runs offline, or has not started");
}

}  // namespace detail

TALON_INLINE std::string Query::to_json() const {
  Json json = Json::object({{"type", type}});
  detail::set_names(json, "fields", fields);
  if (!where.empty()) json.set("where", where);
  detail::set_names(json, "order", order);
  detail::set_names(json, "group", group);
  detail::set_names(json, "aggregates", aggregates);
  if (limit > 0) json.set("limit", limit);
  return json.to_string();
}

TALON_INLINE std::vector<std::string> Query::columns() const {
  if (group.empty() && aggregates.empty()) return fields;
  std::vector<std::string> names = group;
  names.insert(names.end(), aggregates.begin(), aggregates.end());
  return names;
}

TALON_INLINE Record::Record(std::shared_ptr<const std::vector<std::string>> names, Row row)
    : names_(std::move(names)) {
  values_.reserve(row.size());
  for (const Cell& cell : row) values_.emplace_back(cell);
}

TALON_INLINE const Value& Record::value(std::string_view field) const {
  static const Value kNothing;
  for (std::size_t i = 0; i < names_->size() && i < values_.size(); ++i) {
    if ((*names_)[i] == field) return values_[i];
  }
  return kNothing;
}

TALON_INLINE Date Record::date(std::string_view field) const {
  const Result<Date> date = Date::unpack(integer(field));
  return date ? *date : Date();
}

TALON_INLINE Result<std::vector<Record>> Records::query(const Query& query) const {
  const auto names = std::make_shared<const std::vector<std::string>>(query.columns());
  std::vector<Record> records;
  TALON_DO(each(query, [&](Row row) -> Result<void> {
    records.emplace_back(names, row);
    return {};
  }));
  return records;
}

TALON_INLINE Result<void> Records::each(const Query& query,
                                        const std::function<Result<void>(Row)>& row) const {
  if (!TALON_HAS(table_, query)) return detail::no_records();
  const std::string json = query.to_json();
  boundary::RowReceiver rows(row);
  boundary::StringWriter error;
  const talon_status status = table_->query(table_->self, call_, boundary::text(json), &rows, &error);
  if (rows.refusal() != nullptr) return *rows.refusal();
  return boundary::outcome(status, error);
}

TALON_INLINE Result<Record> Records::get(std::string_view type, std::string_view id,
                                         const std::vector<std::string>& fields) const {
  const Query one{std::string(type), fields, "id is " + std::string(id), {}, {}, {}, 1};
  if (!parse_id(id))
    return not_found("there is no " + std::string(type) + " " + std::string(id.substr(0, 60)));
  TALON_TRY(std::vector<Record> found, query(one));
  if (found.empty()) return not_found("there is no " + std::string(type) + " " + std::string(id));
  return std::move(found.front());
}

TALON_INLINE Result<Record> Records::get(std::string_view type, int64_t id,
                                         const std::vector<std::string>& fields) const {
  // A bare number is an id in its raw form, whatever the type's prefix is.
  const Query one{std::string(type), fields, "id is " + std::to_string(id), {}, {}, {}, 1};
  TALON_TRY(std::vector<Record> found, query(one));
  if (found.empty()) return not_found("there is no " + std::string(type) + " " + std::to_string(id));
  return std::move(found.front());
}

TALON_INLINE Result<Json> Records::apply(const ChangeSet& changes) const {
  if (!TALON_HAS(table_, apply)) return detail::no_records();
  const std::string json = changes.text();
  std::vector<Cell> cells;
  cells.reserve(changes.values().size());
  for (const Value& value : changes.values()) cells.push_back(value.cell());
  boundary::StringWriter out;
  boundary::StringWriter error;
  if (cells.empty()) {
    TALON_DO(
        boundary::outcome(table_->apply(table_->self, call_, boundary::text(json), &out, &error), error));
  } else {
    if (!TALON_HAS(table_, apply_all)) return failed_precondition("this host is older: it has no create_all");
    TALON_DO(boundary::outcome(table_->apply_all(table_->self, call_, boundary::text(json), cells.data(),
                                                 cells.size(), &out, &error),
                               error));
  }
  if (out.text.empty()) return Json();
  return Json::parse(out.text);
}

TALON_INLINE Result<Json> Records::act(std::string_view type, std::string_view id, std::string_view action,
                                       const Json& input) const {
  if (!TALON_HAS(table_, act)) return detail::no_records();
  const std::string json = input.to_string();
  boundary::StringWriter out;
  boundary::StringWriter error;
  const talon_status status = table_->act(table_->self, call_, boundary::text(type), boundary::text(id),
                                          boundary::text(action), boundary::text(json), &out, &error);
  TALON_DO(boundary::outcome(status, error));
  if (out.text.empty()) return Json();
  return Json::parse(out.text);
}

TALON_INLINE Result<Json> Records::principal() const {
  if (!TALON_HAS(table_, principal)) return detail::no_records();
  boundary::StringWriter out;
  const talon_status status = table_->principal(table_->self, call_, &out);
  if (status != TALON_OK) return boundary::read_error(status, "");
  return Json::parse(out.text);
}

}  // namespace talon
