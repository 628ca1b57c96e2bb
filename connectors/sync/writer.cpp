/// Writes a page: records, identities, rejects, proposals and the stream's state in one transaction.
#include "writer.hpp"

#include "convert.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

namespace talon::sync {
namespace {

constexpr std::size_t kReasonMax = 1900;  // of sync_reject.reason, in bytes

Value or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

std::string of_stream(const std::string& connector, const std::string& stream) {
  return "connector is " + text_literal(connector) + " and stream is " + text_literal(stream);
}

/// A row, or a place between rows, as JSON text that a field takes: a control character beyond those that
/// JSON escapes is escaped too, so that what is read back is what was read.
std::string escaped(const std::string& json) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string result;
  for (std::size_t at = 0; at < json.size(); ++at) {
    auto byte = static_cast<unsigned char>(json[at]);
    const bool is_c1 = find_control_character(std::string_view(json).substr(at, 2)) == 0U && byte == 0xC2;
    if (is_c1) byte = static_cast<unsigned char>(json[++at]);
    if (!is_c1 && byte != 0x7F) {
      result += json[at];
      continue;
    }
    result.append("\\u00");
    result += kHex[byte >> 4U];
    result += kHex[byte & 15U];
  }
  return result;
}

/// True where trying one row less may help: the row is wrong, not the peer or the right.
bool is_row_fault(Code code) {
  return code == Code::InvalidArgument || code == Code::FailedPrecondition || code == Code::AlreadyExists ||
         code == Code::OutOfRange || code == Code::NotFound;
}

}  // namespace

Result<State> find_state(const Records& records, const std::string& connector, const std::string& stream) {
  const Query query{"sync_state",
                    {"id", "version", "fence", "rows_total", "position", "since", "high_water", "fingerprint",
                     "mapping", "last_error", "last_started", "last_success", "last_key_diff"},
                    of_stream(connector, stream)};
  TALON_TRY(const std::vector<Record> found, records.query(query));
  State state;
  if (found.empty()) return state;
  const Record& row = found.front();
  state.id = row.integer("id");
  state.version = row.integer("version");
  state.fence = row.integer("fence");
  state.rows_total = row.integer("rows_total");
  if (!row.is_empty("position")) {
    TALON_TRY(state.position, Json::parse(row.text("position")));
  }
  state.since = row.text("since");
  state.high_water = row.text("high_water");
  state.fingerprint = row.text("fingerprint");
  state.mapping = row.text("mapping");
  state.last_error = row.text("last_error");
  state.last_started = row.integer("last_started");
  state.last_success = row.integer("last_success");
  state.last_key_diff = row.integer("last_key_diff");
  return state;
}

Result<State> load_state(const Records& records, const std::string& connector, const std::string& stream) {
  TALON_TRY(State state, find_state(records, connector, stream));
  if (state.id != 0) return state;
  ChangeSet changes;
  changes.create("sync_state", {{"connector", connector}, {"stream", stream}});
  TALON_DO(records.apply(changes));
  TALON_TRY(state, find_state(records, connector, stream));
  if (state.id == 0) return internal("the state of " + connector + "." + stream + " cannot be read back");
  return state;
}

Result<void> Writer::load_rejects() {
  rejects_.clear();
  has_touched_rejects_ = false;
  const Query query{
      "sync_reject", {"external_id", "id", "version"}, of_stream(connector_.name, stream_.name)};
  return records_.each(query, [&](Row row) -> Result<void> {
    rejects_[std::string(row[0].text())] = {row[1].integer(), row[2].integer()};
    return {};
  });
}

Result<void> Writer::take(State& state, int64_t now_us) {
  ++state.fence;
  state.last_started = now_us;
  std::vector<Item> none;
  TALON_DO(write(none, state));
  state_id_ = state.id;
  fence_ = state.fence;
  return {};
}

Result<void> Writer::write(std::vector<Item>& items, State& state) {
  auto done = write_range(items, {0, items.size()}, &state);
  if (!done && done.error().code == Code::Aborted) {
    return Error{Code::Aborted, connector_.name + "." + stream_.name +
                                    ": a record or the stream's state was changed by "
                                    "somebody else meanwhile: " +
                                    done.error().message};
  }
  TALON_DO(std::move(done));
  ++state.version;
  return reload_rejects();
}

Result<void> Writer::write(std::vector<Item>& items) {
  TALON_DO(write_range(items, {0, items.size()}, nullptr));
  return reload_rejects();
}

Result<void> Writer::reload_rejects() { return has_touched_rejects_ ? load_rejects() : Result<void>(); }

Result<void> Writer::write_range(std::vector<Item>& items, Range range, const State* state) {
  if (range.first == range.second && state == nullptr) return {};
  ChangeSet changes;
  // First of all, so that a run that lost its place does not take another's rows for faults of its own.
  if (fence_ != 0) changes.guard("sync_state", state_id_, "fence is " + std::to_string(fence_));
  for (std::size_t i = range.first; i < range.second; ++i) add(changes, items[i], i);
  if (state != nullptr) add_state(changes, *state);
  if (changes.empty()) return {};
  const auto done = records_.apply(changes);
  if (done) return {};
  Error error = done.error();
  if (!is_row_fault(error.code) || range.first == range.second) return error;
  if (range.second - range.first == 1) {
    TALON_DO(set_aside(items[range.first], error));
    return write_range(items, range, state);
  }
  const std::size_t middle = range.first + (range.second - range.first) / 2;
  TALON_DO(write_range(items, {range.first, middle}, nullptr));
  TALON_DO(write_range(items, {middle, range.second}, nullptr));
  return write_range(items, {range.second, range.second}, state);
}

/// What was refused is kept with its row; where that is refused too, by its hash and reason alone.
Result<void> Writer::set_aside(Item& item, const Error& error) const {
  if (item.is_bare) return error;
  item.is_bare = item.kind == Item::Kind::Rejected || item.kind == Item::Kind::Deferred;
  if (item.is_bare) item.external_id = unusable_key(stream_, item.row);
  item.kind = Item::Kind::Rejected;
  item.reason = error.message;
  return {};
}

void Writer::add(ChangeSet& changes, const Item& item, std::size_t index) {
  if (item.kind == Item::Kind::Rejected || item.kind == Item::Kind::Deferred) {
    add_reject(changes, item);
    return;
  }
  ChangeSet::Fields fields;
  for (const FieldChange& change : item.changes) fields.emplace_back(change.map->field, change.after);
  if (item.kind == Item::Kind::Create) {
    const std::string name = "r" + std::to_string(index);
    Json& operation = changes.create(stream_.type, fields, name);
    if (!item.lists.is_null()) operation.set("lists", item.lists);
    add_ref(changes, item, Value("@" + name));
  } else if (item.kind == Item::Kind::Change || item.kind == Item::Kind::Delete) {
    Json& operation = changes.change(stream_.type, item.record, item.version, fields);
    if (!item.lists.is_null()) operation.set("lists", item.lists);
    add_ref(changes, item, Value(item.record));
  } else if (item.kind == Item::Kind::Proposal) {
    Json list = Json::array();
    for (const FieldChange& change : item.changes) {
      list.push(Json::object(
          {{"field", change.map->field}, {"old", change.before_text}, {"new", change.after_text}}));
    }
    if (!item.lists.is_null()) list.push(Json::object({{"lists", item.lists}}));
    changes.upsert("sync_proposal", {"connector", "stream", "external_id", "row_hash"},
                   {{"connector", connector_.name},
                    {"stream", stream_.name},
                    {"external_id", item.external_id},
                    {"type", stream_.type},
                    {"record", std::to_string(item.record)},
                    {"changes", list.to_string()},
                    {"row_hash", item.hash}});
    add_ref(changes, item, Value(item.record));
  } else if (item.needs_ref) {
    add_ref(changes, item, Value(item.record));
  }
  if (const auto reject = rejects_.find(item.external_id); reject != rejects_.end()) {
    changes.remove("sync_reject", reject->second.first, reject->second.second);
    has_touched_rejects_ = true;
  }
}

void Writer::add_ref(ChangeSet& changes, const Item& item, const Value& record) {
  if (item.ref.id != 0) {
    changes.change("sync_ref", item.ref.id, item.ref.version,
                   {{"row_hash", item.hash}, {stream_.type, record}});
    return;
  }
  changes.create("sync_ref", {{"connector", connector_.name},
                              {"stream", stream_.name},
                              {"external_id", item.external_id},
                              {"row_hash", item.hash},
                              {stream_.type, record}});
}

void Writer::add_reject(ChangeSet& changes, const Item& item) {
  has_touched_rejects_ = true;
  const std::string raw = item.is_bare ? "" : escaped(row_json(stream_, item.row).to_string());
  changes.upsert("sync_reject", {"connector", "stream", "external_id"},
                 {{"connector", connector_.name},
                  {"stream", stream_.name},
                  {"external_id", item.external_id},
                  {"kind", item.kind == Item::Kind::Deferred ? "deferred" : "rejected"},
                  {"field", item.is_bare ? Value() : or_null(harmless(item.field, 90))},
                  {"reason", harmless(item.reason, kReasonMax)},
                  {"raw", raw.size() < 1000000 ? or_null(raw) : Value()}});
}

void Writer::add_state(ChangeSet& changes, const State& state) {
  const auto time = [](int64_t us) { return us == 0 ? Value() : Value(us); };
  changes.change(
      "sync_state", state.id, state.version,
      {{"position", state.position.is_null() ? Value() : Value(escaped(state.position.to_string()))},
       {"since", or_null(state.since)},
       {"high_water", or_null(state.high_water)},
       {"fence", state.fence},
       {"rows_total", state.rows_total},
       {"fingerprint", or_null(state.fingerprint)},
       {"mapping", or_null(state.mapping)},
       {"last_started", time(state.last_started)},
       {"last_success", time(state.last_success)},
       {"last_key_diff", time(state.last_key_diff)},
       {"last_error", or_null(harmless(state.last_error, kReasonMax))}});
}

}  // namespace talon::sync
