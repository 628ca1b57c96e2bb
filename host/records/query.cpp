/// Runs queries: rows are masked, noted in the read log, and only then shown.
#include "host/records/cursor.hpp"
#include "host/records/entry_mask.hpp"
#include "host/records/inside.hpp"
#include "host/records/kept_cells.hpp"
#include "host/records/select.hpp"

#include <talon/id_list.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::records {

namespace {

/// Rows are shown in pieces of this many, each after its entry in the read log: memory does not grow with the
/// count.
constexpr std::size_t kChunkRows = 1000;

/// Masks rows and hands them on in pieces.
class Shower {
 public:
  Shower(const Reading& reading, const Select& select, const QueryRequest& request, const QuerySink& sink)
      : inside_(reading.inside),
        call_(reading.call),
        logs_(reading.logs),
        select_(select),
        request_(request),
        sink_(sink),
        entries_(reading.inside, *select.generation, reading.call),
        linked_ids_(select.linked_reads.size()) {
    for (const Output& output : select_.outputs) {
      columns_.push_back(output.column);
      if (output.currency_cell < 0) continue;
      const auto known = std::find(currencies_.begin(), currencies_.end(), output.currency_cell);
      columns_.back().currency =
          static_cast<int>(select_.outputs.size() + std::distance(currencies_.begin(), known));
      if (known == currencies_.end()) currencies_.push_back(output.currency_cell);
    }
  }

  Result<void> take(Row row) {
    if (request_.limit > 0 && count_ == request_.limit) {
      has_more_ = true;
      return {};
    }
    ++count_;
    for (const Output& output : select_.outputs) TALON_DO(take(output, row));
    for (const int cell : currencies_) cells_.add(row[static_cast<std::size_t>(cell)]);
    for (std::size_t i = 0; i < select_.linked_reads.size(); ++i) {
      const int cell = select_.linked_reads[i].cell;
      if (cell < 0 || row[static_cast<std::size_t>(cell)].is_null()) continue;
      linked_ids_[i].push_back(row[static_cast<std::size_t>(cell)].integer());
    }
    const Cell record = select_.record_cell < 0 ? Cell() : row[static_cast<std::size_t>(select_.record_cell)];
    if (!record.is_null()) ids_.push_back(record.integer());
    if (request_.limit > 0 && count_ == request_.limit) keep_cursor(row);
    const bool is_full = count_ % static_cast<int64_t>(kChunkRows) == 0;
    return is_full ? flush() : Result<void>();
  }

  /// Notes what is shown in the read log, then shows it.
  Result<void> flush() {
    if (cells_.size() == 0 && has_logged_) return {};
    if (logs_ && inside_.keeps_read_log(call_, logged_type()) && !(has_logged_ && is_log_page())) {
      TALON_DO(inside_.log_read(call_, logged_type(), log_entry()));
      if (!asked_where().empty()) asked_with_ = logged_type().name;
    }
    if (logs_) TALON_DO(log_linked());
    if (!has_logged_ && sink_.columns) TALON_DO(sink_.columns(columns_));
    has_logged_ = true;
    const std::size_t width = select_.outputs.size() + currencies_.size();
    for (std::size_t at = 0; at < cells_.size(); at += width) TALON_DO(sink_.row(cells_.row(at, width)));
    cells_.clear();
    ids_.clear();
    return {};
  }

  std::string next_cursor() const {
    if (!has_more_) return {};
    const std::string binding = cursor_binding(call_, request_, select_.order);
    return write_cursor(last_keys_, binding, inside_.parts.signing_key);
  }

 private:
  /// The log would grow by as much as somebody reads of it: what was asked for says what was seen, once.
  bool is_log_page() const { return logged_type().name == EntryMask::kType && request_.by_id == 0; }

  std::string_view asked_where() const {
    return select_.logged_where.empty() ? request_.where : select_.logged_where;
  }

  ReadEntry log_entry() {
    ReadEntry entry{.action = request_.action,
                    .fields = select_.shown.json(),
                    .where = asked_where(),
                    .policy_set = select_.decision->plan().policy_set};
    if (is_log_page()) return entry;
    append_ids(entry.records, logged_type().prefix, std::move(ids_));
    return entry;
  }

  /// Who sees another type's values through a link has read its records.
  Result<void> log_linked() {
    for (std::size_t i = 0; i < linked_ids_.size(); ++i) {
      const LinkedRead& read = select_.linked_reads[i];
      // What rows are chosen, grouped or added up by tells of records that are not shown: what was asked is
      // logged.
      const bool is_question = read.is_asked && !has_logged_;
      if (linked_ids_[i].empty() && !is_question) continue;
      const gate::Decision& decision = *select_.linked.find(read.type->type->name)->second;
      TextArray shown;
      for (const std::string& field : read.fields) shown.push(field);
      ReadEntry entry{.fields = shown.json(), .policy_set = decision.plan().policy_set};
      if (is_question && asked_with_.empty()) entry.where = asked_where();
      if (is_question) entry.asked_with = asked_with_;
      append_ids(entry.records, read.type->type->prefix, std::move(linked_ids_[i]));
      linked_ids_[i].clear();
      const model::RecordType& type =
          read.type->parent != nullptr ? *read.type->parent->type : *read.type->type;
      TALON_DO(inside_.log_read(call_, type, entry));
      if (!entry.where.empty()) asked_with_ = type.name;
    }
    return {};
  }

  const model::RecordType& logged_type() const {
    return select_.type->parent != nullptr ? *select_.type->parent->type : *select_.type->type;
  }

  /// Keeps what a row shows of one output.
  Result<void> take(const Output& output, Row row) {
    gate::FieldLevel held{output.level, output.mask};
    if (output.level_cell >= 0) {
      held = select_.decision->read_level(row[static_cast<std::size_t>(output.level_cell)].integer());
    }
    Cell cell = row[static_cast<std::size_t>(output.cell)];
    if (held.level == gate::Level::Hidden) cell = {};
    Value masked;
    if (held.level == gate::Level::Masked) {
      masked = masked_by(held.mask, output, row);
      cell = masked.cell();
    }
    std::string content;
    if (output.type_cell >= 0 && !cell.is_null()) {
      const std::string_view about = row[static_cast<std::size_t>(output.type_cell)].text();
      TALON_TRY(content, entries_.shown(about, cell.text()));
      cell = Cell(std::string_view(content));
    }
    cells_.add(cell);
    return {};
  }

  static Value masked_by(const gate::Mask* mask, const Output& output, Row row) {
    static const gate::Mask kLastFour;
    const std::string_view currency = output.currency_cell < 0
                                          ? std::string_view()
                                          : row[static_cast<std::size_t>(output.currency_cell)].text();
    return gate::apply_mask(mask != nullptr ? *mask : kLastFour, *output.column.field,
                            Value(row[static_cast<std::size_t>(output.cell)]), currency);
  }

  void keep_cursor(Row row) {
    for (const OrderKey& key : select_.order)
      last_keys_.emplace_back(row[static_cast<std::size_t>(key.cell)]);
  }

  Records::Inside& inside_;
  const Call& call_;
  bool logs_;
  const Select& select_;
  const QueryRequest& request_;
  const QuerySink& sink_;
  EntryMask entries_;
  std::vector<Column> columns_;
  std::vector<int> currencies_;  ///< cells that follow the columns
  int64_t count_ = 0;
  bool has_more_ = false;
  bool has_logged_ = false;
  std::string_view asked_with_;  ///< the type of the entry that has the condition; empty: none yet
  KeptCells cells_;
  std::vector<int64_t> ids_;
  std::vector<std::vector<int64_t>> linked_ids_;  ///< one per select_.linked_reads
  std::vector<Value> last_keys_;
};

/// Runs a statement that is shared by all who ask for one record, for the record that `request` is about.
Result<void> read_rows(storage::Reader& reader, const storage::Sql& shared, int by_bind,
                       const QueryRequest& request, const storage::RowSink& sink) {
  if (by_bind < 0) return reader.rows(shared, sink);
  storage::Sql sql = shared;
  sql.binds[static_cast<std::size_t>(by_bind)] = request.by_id;
  return reader.rows(sql, sink);
}

}  // namespace

Result<PageEnd> run_select(const Reading& reading, const Select& select, const QueryRequest& request,
                           const QuerySink& sink) {
  Shower shower(reading, select, request, sink);
  storage::Reader& reader = reading.reader;
  PageEnd end;
  TALON_DO(read_rows(reader, select.sql, select.by_bind, request, [&](Row row) { return shower.take(row); }));
  TALON_DO(shower.flush());
  end.next_cursor = shower.next_cursor();
  if (select.total) {
    TALON_DO(read_rows(reader, *select.total, select.total_by_bind, request, [&](Row row) -> Result<void> {
      end.total = row[0].integer();
      return {};
    }));
  }
  return end;
}

namespace {

/// "invoice is inv_…", as code asks for what belongs to a record, shares one statement for all ids.
void set_by(const Generation& generation, QueryRequest& request) {
  constexpr std::string_view kIs = " is ";
  const std::size_t is = request.where.find(kIs);
  const TypeInfo* type = generation.find(request.type);
  if (is == std::string::npos || type == nullptr) return;
  const int column = type->column(std::string_view(request.where).substr(0, is));
  if (column < 0) return;
  const model::Field& field = *type->columns[static_cast<std::size_t>(column)];
  const TypeInfo* target = field.name == "id" ? type : generation.find(field.to);
  if (target == nullptr) return;
  const auto id = parse_id(std::string_view(request.where).substr(is + kIs.size()), target->type->prefix);
  if (!id) return;
  request.by = field.name;
  request.by_id = *id;
}

}  // namespace

Result<PageEnd> Records::query(const Call& call, const QueryRequest& given, const QuerySink& sink) {
  QueryRequest request = given;
  set_by(*inside_->generation(), request);
  TALON_TRY(const std::shared_ptr<const Select> select, find_select(*inside_, call, request));
  PageEnd end;
  TALON_DO(inside_->parts.database->read([&](storage::Reader& reader) -> Result<void> {
    TALON_TRY(end, run_select({*inside_, call, reader}, *select, request, sink));
    return {};
  }));
  return end;
}

namespace {

constexpr int64_t kLimitMost = 1'000'000'000;

Result<std::vector<std::string>> texts(const Json& json, std::string_view key) {
  std::vector<std::string> list;
  const Json& value = json[key];
  if (value.is_null()) return list;
  if (!value.is_array()) return invalid("query: \"" + std::string(key) + "\" is a list of texts");
  for (const Json& item : value.items()) {
    if (!item.is_string()) return invalid("query: \"" + std::string(key) + "\" is a list of texts");
    list.emplace_back(item.string());
  }
  return list;
}

}  // namespace

Result<QueryRequest> read_query(const Json& json) {
  static const std::vector<std::string> kKeys = {"type",       "fields", "where",  "order", "group",
                                                 "aggregates", "limit",  "cursor", "total", "action"};
  if (!json.is_object()) return invalid("a query is a JSON object with \"type\"");
  for (const auto& [key, value] : json.members()) {
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
      const std::string near = model::nearest(key, kKeys);
      return invalid("query: unknown key " + echoed(key) +
                     (near.empty() ? "" : ". Did you mean \"" + near + "\"?"));
    }
  }
  // A condition that is no text would be none, and the answer everything.
  for (const char* key : {"type", "where", "cursor", "action"}) {
    if (!json[key].is_null() && !json[key].is_string())
      return invalid("query: \"" + std::string(key) + "\" is a text");
  }
  if (!json["total"].is_null() && !json["total"].is_boolean())
    return invalid("query: \"total\" is true or false");
  QueryRequest request;
  request.type = json["type"].string();
  request.where = json["where"].string();
  request.cursor = json["cursor"].string();
  request.limit = json["limit"].is_null() ? 0 : json["limit"].integer(-1);
  request.wants_total = json["total"].boolean();
  if (json["action"].is_string()) request.action = json["action"].string();
  TALON_TRY(request.fields, texts(json, "fields"));
  TALON_TRY(request.order, texts(json, "order"));
  TALON_TRY(request.group, texts(json, "group"));
  TALON_TRY(request.aggregates, texts(json, "aggregates"));
  if (request.limit < 0 || request.limit > kLimitMost)
    return invalid("query: \"limit\" is a whole number from 0 (all) to " + std::to_string(kLimitMost));
  if (request.action != "view" && request.action != "export") {
    return invalid("query: \"action\" is view or export");
  }
  return request;
}

}  // namespace talon::records
