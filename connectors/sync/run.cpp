/// Runs a connector's streams: page by page, each page one transaction with the stream's state.
#include "run.hpp"

#include "convert.hpp"
#include "stream_reader.hpp"

#include <talon/text.hpp>

#include <malloc.h>

#include <algorithm>
#include <array>
#include <future>

namespace talon::sync {
namespace {

constexpr std::size_t kShapeRows = 10;  // a column that this many records lack is taken for gone

Result<Json> with_secrets(const Host& host, const Json& json) {
  if (const Json* name = json.find("$secret"); name != nullptr) {
    auto text = host.secret(name->string());
    if (!text)
      return Error{text.error().code,
                   "secret \"" + std::string(name->string()) + "\": " + text.error().message};
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
    return Json(*text);
  }
  Json result = json;
  if (json.is_object()) {
    for (auto& [key, value] : result.mutable_members()) {
      TALON_TRY(value, with_secrets(host, value));
    }
  }
  if (json.is_array()) {
    for (Json& item : result.mutable_items()) {
      TALON_TRY(item, with_secrets(host, item));
    }
  }
  return result;
}

/// True when the stream's state can hold it; a row that has another one is read again until it is put right.
bool is_mark(const std::string& text) { return text.size() <= 100 && is_plain(text); }

/// The newest cursor value of a page: the last row's where the source sorts, else the greatest text.
std::string newest(const Stream& stream, const SourcePage& page, std::string high) {
  if (stream.cursor.empty()) return high;
  const std::size_t column = stream.column(stream.cursor);
  const bool is_sorted = stream.source.find("path") == nullptr;
  for (const SourceRow& row : page.rows) {
    const auto& text = row.cells[column];
    if (text && is_mark(*text) && (is_sorted || *text > high)) high = *text;
  }
  return high;
}

}  // namespace

Result<Json> resolved_connection(const Host& host, const Connector& connector) {
  return with_secrets(host, connector.connection);
}

std::string Planned::line() const {
  std::string text = stream + "/" + external_id + " " + kind_name(kind) + " " + row;
  for (const auto& [field, before, after] : changes) text += " " + field + ":" + before + ">" + after;
  return text;
}

Run::Run(Host& host, const Connector& connector, const model::Model& model, RunOptions options)
    : host_(host),
      connector_(connector),
      model_(model),
      options_(std::move(options)),
      records_(host.records()),
      lookups_(records_, connector.name) {}

std::vector<StreamResult> Run::run() {
  std::vector<StreamResult> results;
  std::set<std::string> failed;
  for (const Stream& stream : connector_.streams) {
    if (stream.is_out || (!options_.stream.empty() && stream.name != options_.stream)) continue;
    const auto missing = std::find_if(stream.depends_on.begin(), stream.depends_on.end(),
                                      [&](const std::string& name) { return failed.count(name) > 0; });
    if (missing != stream.depends_on.end()) {
      StreamResult skipped;
      skipped.stream = stream.name;
      skipped.error = "not run, since " + *missing + " failed";
      results.push_back(std::move(skipped));
      failed.insert(stream.name);
      continue;
    }
    results.push_back(guarded(stream, &Run::run_stream));
    if (!results.back().error.empty()) failed.insert(stream.name);
  }
  malloc_trim(0);  // what pages took goes back to the system, not to the next run
  return results;
}

std::vector<StreamResult> Run::retry() {
  std::vector<StreamResult> results;
  for (const Stream& stream : connector_.streams) {
    if (stream.is_out || (!options_.stream.empty() && stream.name != options_.stream)) continue;
    results.push_back(guarded(stream, &Run::retry_stream));
  }
  return results;
}

StreamResult Run::guarded(const Stream& stream, Result<void> (Run::*work)(const Stream&, StreamResult&)) {
  StreamResult result;
  result.stream = stream.name;
  fence_ = 0;
  const auto done = (this->*work)(stream, result);
  if (!done) {
    result.error = done.error().message;
    result.is_waiting = done.error().code == Code::Unavailable || done.error().code == Code::Aborted;
    source_.reset();  // whatever state it is in
    if (options_.writes) fail_state(stream, result);
  }
  if (options_.writes && (!result.counts.is_quiet() || !result.error.empty())) note_run(result);
  return result;
}

Result<void> Run::open_source() {
  if (source_ != nullptr) return {};
  void* instance = nullptr;
  const auto* table = host_.table_of<talon_source_v1>(connector_.driver, TALON_SOURCE_V1, &instance);
  if (table == nullptr) return unavailable("the plugin \"" + connector_.driver + "\" is not running");
  TALON_TRY(const Json connection, resolved_connection(host_, connector_));
  TALON_TRY(connector::Source source, connector::Source::open(table, instance, connection));
  source_ = std::make_unique<connector::Source>(std::move(source));
  return {};
}

Result<void> Run::run_stream(const Stream& stream, StreamResult& result) {
  Writer writer(connector_, stream, records_);
  State state;
  if (options_.writes) {
    TALON_TRY(state, load_state(records_, connector_.name, stream.name));
    TALON_DO(writer.load_rejects());
  } else {
    TALON_TRY(state, find_state(records_, connector_.name, stream.name));
  }
  if (state.mapping != stream.hash) {  // another mapping: read everything again, unchanged rows drop out
    state.mapping = stream.hash;
    state.position = Json();
    state.since.clear();
    state.high_water.clear();
  } else if (state.position.is_null()) {
    state.since = earlier(state.high_water, stream.lookback_us);
  }
  if (options_.writes) {
    TALON_DO(writer.take(state, host_.now_us()));
    fence_ = state.fence;
  }
  TALON_DO(open_source());
  TALON_DO(run_pages(stream, writer, state, result));
  TALON_DO(run_waiting(stream, writer, result));
  TALON_DO(run_gone(stream, writer, state, result));
  if (!options_.writes) return {};
  state.last_success = host_.now_us();
  state.last_error.clear();
  std::vector<Item> none;
  return writer.write(none, state);
}

Result<void> Run::run_pages(const Stream& stream, Writer& writer, State& state, StreamResult& result) {
  // The next page is read while this one is compared and written: never more than two are there.
  const auto read = [&, since = state.since](const Json& position) {
    return read_page(*source_, stream, position, since);
  };
  std::future<Result<SourcePage>> ahead;
  do {
    TALON_TRY(SourcePage page, ahead.valid() ? ahead.get() : read(state.position));
    if (!page.next.is_null()) ahead = std::async(std::launch::async, read, page.next);
    TALON_DO(check_shape(stream, page));
    TALON_DO(run_page(stream, writer, state, std::move(page), result));
    if (stream.rejects_max > 0 && result.counts.rejected > stream.rejects_max) {
      return Error{Code::Aborted, std::to_string(result.counts.rejected) +
                                      " rows were rejected, more than rejects.max_rows (" +
                                      std::to_string(stream.rejects_max) + "); the run stops"};
    }
  } while (!state.position.is_null());
  return {};
}

Result<void> Run::check_shape(const Stream& stream, const SourcePage& page) const {
  if (page.absent.empty() || page.rows.size() < kShapeRows) return {};
  for (const FieldMap& map : stream.fields) {
    const std::size_t column = stream.column(map.from);
    if (map.from.empty() || map.fallback || column == stream.columns.size()) continue;
    if (std::find(page.absent.begin(), page.absent.end(), stream.columns[column].path) != page.absent.end()) {
      return failed_precondition(map.from + " is in none of " + std::to_string(page.rows.size()) +
                                 " records: was it renamed? Map its new name, or give it a `default:` (" +
                                 connector_.file + ":" + std::to_string(map.place.line) + ")");
    }
  }
  return {};
}

Result<std::vector<Item>> Run::diff(const Stream& stream, std::vector<SourceRow> rows) {
  Mapper mapper(connector_, stream, model_, lookups_);
  TALON_TRY(std::vector<Mapped> mapped, mapper.map(std::move(rows)));
  return Differ(connector_, stream, model_, records_).items(std::move(mapped));
}

/// Tells a plan its items, and holds an apply to its plan.
Result<void> Run::judge(const Stream& stream, const std::vector<Item>& items) {
  if (!options_.planned && options_.expected == nullptr) return {};
  for (const Item& item : items) {
    if (!options_.writes && item.kind == Item::Kind::Create)
      lookups_.add_pending(stream.name, item.external_id);
    if (item.kind == Item::Kind::Unchanged) continue;
    if (!options_.writes && item.kind == Item::Kind::Deferred) {
      deferred_[stream.name][item.external_id] = item.row;
      continue;  // it may still find what it waits for
    }
    Planned planned{stream.name, item.external_id,
                    item.kind,   text_hash(row_json(stream, item.row).to_string()),
                    item.reason, {}};
    for (const FieldChange& change : item.changes) {
      planned.changes.push_back({change.map->field, change.before_text, change.after_text});
    }
    if (!item.lists.is_null()) {
      for (const auto& [name, rows] : item.lists.members()) {
        planned.changes.push_back({name, "", std::to_string(rows.items().size()) + " rows"});
      }
    }
    if (options_.expected != nullptr && item.kind != Item::Kind::Deferred) {
      const auto expected = options_.expected->find(stream.name + "/" + item.external_id);
      if (expected == options_.expected->end() || expected->second != planned.line()) {
        return Error{Code::Aborted,
                     "the plan is stale: " + stream.name + "/" + item.external_id +
                         " is not as planned any more; nothing of this page was written. Plan again"};
      }
    }
    if (options_.planned) options_.planned(std::move(planned));
  }
  return {};
}

Result<void> Run::run_page(const Stream& stream, Writer& writer, State& state, SourcePage page,
                           StreamResult& result) {
  const auto rows = static_cast<int64_t>(page.rows.size());
  std::string high_water = newest(stream, page, state.high_water);
  for (std::string& warning : page.warnings) {
    if (std::find(result.warnings.begin(), result.warnings.end(), warning) == result.warnings.end()) {
      result.warnings.push_back(std::move(warning));
    }
  }
  if (!state.fingerprint.empty() && !page.fingerprint.empty() && state.fingerprint != page.fingerprint) {
    result.warnings.push_back("the source's columns or types have changed since the last run");
  }
  TALON_TRY(std::vector<Item> items, diff(stream, std::move(page.rows)));
  TALON_DO(judge(stream, items));
  State next = state;
  next.position = page.next;
  next.high_water = std::move(high_water);
  next.rows_total += rows;
  next.fingerprint = page.fingerprint;
  if (options_.writes) {
    TALON_DO(writer.write(items, next));
    lookups_.forget_missing();
  }
  state = std::move(next);
  for (const Item& item : items) result.counts.add(item.kind);
  return {};
}

/// Rows that waited for another record, as long as one more goes through each time.
Result<void> Run::run_waiting(const Stream& stream, Writer& writer, StreamResult& result) {
  for (std::size_t before = SIZE_MAX;;) {
    std::vector<SourceRow> rows;
    std::string where =
        "connector is " + text_literal(connector_.name) + " and stream is " + text_literal(stream.name);
    if (!options_.retries_rejects) where += " and kind is deferred";
    TALON_DO(records_.each(Query{"sync_reject", {"raw", "external_id"}, where}, [&](Row row) -> Result<void> {
      const auto raw = Json::parse(row[0].text());
      const bool is_known = deferred_[stream.name].count(std::string(row[1].text())) > 0;
      if (raw && !is_known && (options_.writes || before == SIZE_MAX)) rows.push_back(read_row(stream, *raw));
      return {};
    }));
    for (auto& [id, row] : deferred_[stream.name]) rows.push_back(std::move(row));
    deferred_[stream.name].clear();
    if (rows.empty() || rows.size() >= before) {
      (options_.retries_rejects ? result.counts.rejected : result.counts.deferred) =
          static_cast<int64_t>(rows.size());
      for (const SourceRow& row : rows) plan_waiting(stream, row);
      return {};
    }
    before = rows.size();
    lookups_.forget_missing();
    TALON_TRY(std::vector<Item> items, diff(stream, std::move(rows)));
    TALON_DO(judge(stream, items));
    if (options_.writes) TALON_DO(writer.write(items));
    for (const Item& item : items) {
      const bool is_counted_at_end = item.kind == Item::Kind::Deferred ||
                                     (options_.retries_rejects && item.kind == Item::Kind::Rejected);
      if (!is_counted_at_end) result.counts.add(item.kind);
    }
  }
}

void Run::plan_waiting(const Stream& stream, const SourceRow& row) {
  if (options_.writes || !options_.planned) return;
  const auto& key = row.cells[stream.column(stream.key)];
  options_.planned({stream.name,
                    key.value_or(""),
                    Item::Kind::Deferred,
                    text_hash(row_json(stream, row).to_string()),
                    "waits for another record",
                    {}});
}

/// Records whose rows are gone from the source. An empty or small answer must not wipe what is here.
Result<void> Run::run_gone(const Stream& stream, Writer& writer, State& state, StreamResult& result) {
  const Deletes& deletes = stream.deletes;
  if (deletes.mode != Deletes::Mode::KeyDiff) return {};
  if (state.last_key_diff != 0 && host_.now_us() - state.last_key_diff < deletes.every_us) return {};
  std::set<std::string> gone;
  const Query query{"sync_ref",
                    {"external_id"},
                    "connector is " + text_literal(connector_.name) + " and stream is " +
                        text_literal(stream.name) + " and row_hash is not gone"};
  TALON_DO(records_.each(query, [&](Row row) -> Result<void> {
    gone.insert(std::string(row[0].text()));
    return {};
  }));
  const auto total = static_cast<int64_t>(gone.size());
  TALON_DO(each_key(*source_, stream, [&](std::string_view key) -> Result<void> {
    gone.erase(std::string(key));
    return {};
  }));
  const auto count = static_cast<int64_t>(gone.size());
  if (count > deletes.rows_max || count * 100 > deletes.percent_max * total) {
    return Error{Code::Aborted,
                 std::to_string(count) + " of " + std::to_string(total) +
                     " records are gone from the source, more than `deletes` allows; nothing was marked"};
  }
  TALON_TRY(std::vector<Item> items, Differ(connector_, stream, model_, records_).gone(gone));
  TALON_DO(judge(stream, items));
  state.last_key_diff = host_.now_us();
  if (options_.writes) TALON_DO(writer.write(items));
  for (const Item& item : items) result.counts.add(item.kind);
  return {};
}

Result<void> Run::retry_stream(const Stream& stream, StreamResult& result) {
  options_.retries_rejects = true;
  Writer writer(connector_, stream, records_);
  TALON_DO(writer.load_rejects());
  return run_waiting(stream, writer, result);
}

void Run::fail_state(const Stream& stream, const StreamResult& result) {
  auto state = find_state(records_, connector_.name, stream.name);
  // Who does not hold the stream leaves its state alone: the run that does would lose its place by it.
  if (!state || state->id == 0 || fence_ == 0 || state->fence != fence_) return;
  state->last_error = result.error;
  std::vector<Item> none;
  Writer writer(connector_, stream, records_);
  writer.hold(*state, fence_);
  const auto done = writer.write(none, *state);
  if (!done) host_.log(TALON_LOG_WARN, "sync.state_not_noted", Json::object({{"stream", stream.name}}));
}

void Run::note_run(const StreamResult& result) {
  const Counts& counts = result.counts;
  const bool is_partial = counts.rejected + counts.deferred > 0;
  ChangeSet changes;
  changes.create("sync_run",
                 {{"connector", connector_.name},
                  {"stream", result.stream},
                  {"outcome", !result.error.empty() ? "failed"
                              : is_partial          ? "partial"
                                                    : "ok"},
                  {"ended_at", host_.now_us()},
                  {"created", counts.created},
                  {"changed", counts.changed},
                  {"unchanged", counts.unchanged},
                  {"rejected", counts.rejected},
                  {"deferred", counts.deferred},
                  {"proposed", counts.proposed},
                  {"deleted", counts.deleted},
                  {"error", result.error.empty() ? Value() : Value(harmless(result.error, 1900))}});
  if (const auto done = records_.apply(changes); !done) {
    host_.log(TALON_LOG_WARN, "sync.run_not_noted", Json::object({{"error", done.error().message}}));
  }
}

}  // namespace talon::sync
