/// A page of source rows, with the rows of their child lists, as the drivers gave them.
#include "page.hpp"

#include "convert.hpp"
#include "stream_reader.hpp"

#include <talon/utf8.hpp>

#include <algorithm>

namespace talon::sync {
namespace {

Texts texts_of(Row row) {
  Texts texts;
  texts.reserve(row.size());
  for (const Cell& cell : row) {
    texts.push_back(cell.is_null() ? std::nullopt : std::optional<std::string>(cell.text()));
  }
  return texts;
}

Json text_list(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push(Json(text));
  return list;
}

bool is_http(const Stream& stream) { return stream.source.find("path") != nullptr; }

Json request_of(const Stream& stream, const Json& position, const std::string& since) {
  Json request = stream.source;
  Json columns = Json::array();
  for (const Column& column : stream.columns) columns.push(Json(column.path));
  request.set("columns", std::move(columns)).set("position", position).set("since", since);
  request.set("limit", stream.page_rows);
  if (is_http(stream)) {
    request.set("since_query", stream.since_query);
    return request;
  }
  std::vector<std::string> cursor;
  if (!stream.cursor.empty()) cursor.push_back(stream.cursor);
  cursor.push_back(stream.key);
  request.set("cursor", text_list(cursor)).set("settle_s", stream.settle_s);
  return request;
}

/// A text that is no UTF-8 cannot be kept as it is: its row is set aside, and the text made harmless.
void check_texts(SourceRow& row, Texts& texts, const std::function<std::string(std::size_t)>& name) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!texts[i] || !find_bad_utf8(*texts[i])) continue;
    for (char& c : *texts[i]) {
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    }
    row.fault = "is not valid UTF-8; check the character set of the connection";
    row.fault_field = name(i);
  }
}

void take_faults(const Json& end, SourcePage& page) {
  for (const Json& fault : end["faults"].items()) {
    const auto row = static_cast<std::size_t>(fault["row"].integer(-1));
    if (row >= page.rows.size()) continue;
    page.rows[row].fault = fault["reason"].string();
    page.rows[row].fault_field = fault["column"].string();
  }
}

/// Rows of a list from a table: one query for the page's keys, 500 at a time.
Result<void> read_table_list(const connector::Source& source, const Stream& stream, const ListMap& list,
                             SourcePage& page) {
  const std::size_t key = stream.column(stream.key);
  std::map<std::string, std::size_t, std::less<>> parents;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    page.rows[i].lists[list.name];
    if (!page.rows[i].cells[key]) continue;
    parents[*page.rows[i].cells[key]] = i;
    keys.push_back(*page.rows[i].cells[key]);
  }
  std::vector<std::string> columns = list.columns;
  columns.push_back(list.join);
  for (std::size_t begin = 0; begin < keys.size(); begin += 500) {
    const std::vector<std::string> some(
        keys.begin() + static_cast<std::ptrdiff_t>(begin),
        keys.begin() + static_cast<std::ptrdiff_t>(std::min(begin + 500, keys.size())));
    Json request = list.source;
    request.set("columns", text_list(columns)).set("cursor", text_list({list.order}));
    request.set("in", Json::object({{"column", list.join}, {"values", text_list(some)}}));
    const auto end = source.read(request, [&](Row row) -> Result<void> {
      Texts texts = texts_of(row);
      const auto parent = parents.find(texts.back().value_or(""));
      texts.pop_back();
      if (parent != parents.end()) page.rows[parent->second].lists[list.name].push_back(std::move(texts));
      return {};
    });
    if (!end) return end.error();
    for (const Json& fault : (*end)["faults"].items()) page.warnings.emplace_back(fault["reason"].string());
    if (!(*end)["faults"].items().empty()) {
      return Error{Code::DataLoss,
                   "a value of list " + list.name + " is too long to be read; raise max_field_bytes"};
    }
  }
  return {};
}

/// A member of a JSON object by "$.a.b" or "a".
std::optional<std::string> member(const Json& object, std::string_view path) {
  if (path.starts_with("$.")) path.remove_prefix(2);
  const Json* at = &object;
  while (!path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    at = &(*at)[path.substr(0, dot)];
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  if (at->is_null()) return std::nullopt;
  if (at->is_string()) return std::string(at->string());
  return at->to_string();
}

/// Rows of a list inside the record: a JSON array in one of its columns.
void read_inner_list(const Stream& stream, const ListMap& list, SourceRow& row) {
  auto& rows = row.lists[list.name];
  const auto& text = row.cells[stream.column(list.from)];
  if (!text) return;
  const auto json = Json::parse(*text);
  if (!json || !json->is_array()) {
    row.fault = "is not a list of records";
    row.fault_field = list.from;
    return;
  }
  for (const Json& item : json->items()) {
    Texts texts;
    for (const std::string& column : list.columns) texts.push_back(member(item, column));
    rows.push_back(std::move(texts));
  }
}

Json texts_json(const Texts& texts) {
  Json list = Json::array();
  for (const auto& text : texts) list.push(text ? Json(*text) : Json());
  return list;
}
Texts read_texts(const Json& json, std::size_t count) {
  Texts texts;
  for (const Json& item : json.items()) {
    texts.push_back(item.is_null() ? std::nullopt : std::optional<std::string>(item.string()));
  }
  texts.resize(count);
  return texts;
}

}  // namespace

Result<SourcePage> read_page(const connector::Source& source, const Stream& stream, const Json& position,
                             const std::string& since) {
  SourcePage page;
  const auto end = source.read(request_of(stream, position, since), [&](Row row) -> Result<void> {
    page.rows.emplace_back().cells = texts_of(row);
    return {};
  });
  if (!end) return end.error();
  page.next = (*end)["next"];
  page.fingerprint = (*end)["fingerprint"].string();
  for (const Json& warning : (*end)["warnings"].items()) page.warnings.emplace_back(warning.string());
  for (const Json& name : (*end)["absent"].items()) page.absent.emplace_back(name.string());
  for (SourceRow& row : page.rows) {
    check_texts(row, row.cells, [&](std::size_t i) { return stream.columns[i].name; });
  }
  take_faults(*end, page);
  for (const ListMap& list : stream.lists) {
    if (list.from.empty()) {
      TALON_DO(read_table_list(source, stream, list, page));
      for (SourceRow& row : page.rows) {
        for (Texts& texts : row.lists[list.name]) {
          check_texts(row, texts, [&](std::size_t i) { return list.name + "." + list.columns[i]; });
        }
      }
    } else {
      for (SourceRow& row : page.rows) read_inner_list(stream, list, row);
    }
  }
  return page;
}

Result<void> each_key(const connector::Source& source, const Stream& stream,
                      const std::function<Result<void>(std::string_view key)>& take) {
  Stream keys = stream;
  keys.cursor.clear();
  keys.page_rows = 20000;
  keys.columns = {stream.columns[stream.column(stream.key)]};
  Json position;
  do {
    const auto end =
        source.read(request_of(keys, position, ""), [&](Row row) { return take(row[0].text()); });
    if (!end) return end.error();
    position = (*end)["next"];
  } while (!position.is_null());
  return {};
}

Json row_json(const Stream& stream, const SourceRow& row) {
  Json cells = Json::object();
  for (std::size_t i = 0; i < stream.columns.size() && i < row.cells.size(); ++i) {
    cells.set(stream.columns[i].name, row.cells[i] ? Json(*row.cells[i]) : Json());
  }
  Json lists = Json::object();
  for (const auto& [name, rows] : row.lists) {
    Json list = Json::array();
    for (const Texts& texts : rows) list.push(texts_json(texts));
    lists.set(name, std::move(list));
  }
  Json json = Json::object({{"cells", std::move(cells)}, {"lists", std::move(lists)}});
  if (!row.fault.empty()) json.set("fault", row.fault).set("fault_field", row.fault_field);
  return json;
}

std::string unusable_key(const Stream& stream, const SourceRow& row) {
  return "(bad) " + text_hash(row_json(stream, row).to_string());
}

SourceRow read_row(const Stream& stream, const Json& json) {
  SourceRow row;
  row.fault = json["fault"].string();
  row.fault_field = json["fault_field"].string();
  for (const Column& column : stream.columns) {
    const Json& cell = json["cells"][column.name];
    row.cells.push_back(cell.is_null() ? std::nullopt : std::optional<std::string>(cell.string()));
  }
  for (const ListMap& list : stream.lists) {
    auto& rows = row.lists[list.name];
    for (const Json& texts : json["lists"][list.name].items())
      rows.push_back(read_texts(texts, list.columns.size()));
  }
  return row;
}

}  // namespace talon::sync
