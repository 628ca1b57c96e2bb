/// Compares mapped rows with what is there: creates, changes, proposals for frozen records, duplicates.
#include "convert.hpp"
#include "item.hpp"
#include "stream_reader.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::sync {

void Counts::add(Item::Kind kind) {
  int64_t* const counters[] = {&created, &changed, &deleted, &unchanged, &proposed, &rejected, &deferred};
  ++*counters[static_cast<std::size_t>(kind)];
}

void Counts::add(const Counts& other) {
  created += other.created;
  changed += other.changed;
  deleted += other.deleted;
  unchanged += other.unchanged;
  proposed += other.proposed;
  rejected += other.rejected;
  deferred += other.deferred;
}

Json Counts::json() const {
  return Json::object({{"created", created},
                       {"changed", changed},
                       {"deleted", deleted},
                       {"unchanged", unchanged},
                       {"proposed", proposed},
                       {"rejected", rejected},
                       {"deferred", deferred}});
}

std::string Counts::text() const {
  std::string result;
  const Json counts = json();
  for (const auto& [name, count] : counts.members()) {
    if (count.integer() != 0)
      result += (result.empty() ? "" : ", ") + std::string(count.digits()) + " " + name;
  }
  return result.empty() ? "nothing to do" : result;
}

Result<std::vector<Item>> Differ::items(std::vector<Mapped> rows) {
  refs_.clear();
  matches_.clear();
  current_.clear();
  std::set<std::string> ids;
  for (Mapped& row : rows) {
    if (row.state != Mapped::State::Ok && row.state != Mapped::State::Deleted) continue;
    if (ids.insert(row.external_id).second) continue;
    row.state = Mapped::State::Rejected;
    row.field = stream_.key;
    row.reason = stream_.key + ": the source has this key twice";
  }
  TALON_DO(load_refs(ids));
  TALON_DO(load_matches(rows));
  std::set<int64_t> records;
  for (const Mapped& row : rows) {
    const auto ref = refs_.find(row.external_id);
    if (ref != refs_.end() && ref->second.record != 0) {
      if (ref->second.hash != row.hash) records.insert(ref->second.record);
    } else if (const auto match = matches_.find(match_key(row)); match != matches_.end()) {
      records.insert(match->second.first);
    }
  }
  TALON_DO(load_current(records));
  std::vector<Item> result;
  for (Mapped& row : rows) {
    if (row.state != Mapped::State::Filtered) result.push_back(item(std::move(row)));
  }
  return result;
}

Result<void> Differ::load_refs(const std::set<std::string>& ids) {
  for (const auto& some : in_pieces(ids)) {
    Query query{"sync_ref", {"external_id", "id", "version", stream_.type, "row_hash"}};
    query.where = "connector is " + text_literal(connector_.name) + " and stream is " +
                  text_literal(stream_.name) + " and external_id in " + in_list(some);
    TALON_DO(records_.each(query, [&](Row row) -> Result<void> {
      refs_[std::string(row[0].text())] = {row[1].integer(), row[2].integer(), row[3].integer(),
                                           std::string(row[4].text())};
      return {};
    }));
  }
  return {};
}

/// The target's key fields as one text; empty where one of them is empty.
std::string Differ::match_key(const Mapped& row) const {
  std::string key;
  for (const std::string& name : stream_.key_fields) {
    for (std::size_t i = 0; i < stream_.fields.size() && i < row.values.size(); ++i) {
      if (stream_.fields[i].field != name) continue;
      if (row.values[i].is_null()) return {};
      key += to_json(row.values[i]).to_string() + "|";
    }
  }
  return key;
}

/// Records that have a new row's key already: they are taken over, unless another row of this stream has
/// them.
Result<void> Differ::load_matches(const std::vector<Mapped>& rows) {
  const FieldMap* varying = nullptr;
  std::string constants;
  for (const std::string& name : stream_.key_fields) {
    const auto map = std::find_if(stream_.fields.begin(), stream_.fields.end(),
                                  [&](const FieldMap& one) { return one.field == name; });
    if (map == stream_.fields.end()) return internal("the key's field " + name + " is not mapped");
    if (map->kind == FieldMap::Kind::Const)
      constants += name + " is " + text_literal(map->constant) + " and ";
    else
      varying = &*map;
  }
  if (varying == nullptr) return {};
  const auto at = static_cast<std::size_t>(varying - stream_.fields.data());
  std::set<std::string> literals;
  for (const Mapped& row : rows) {
    const auto ref = refs_.find(row.external_id);
    if (row.values.empty() || (ref != refs_.end() && ref->second.record != 0) || row.values[at].is_null())
      continue;
    literals.insert(value_text(varying->info, row.values[at], "", prefix(varying->info)));
  }
  std::vector<std::string> fields = {"id"};
  fields.insert(fields.end(), stream_.key_fields.begin(), stream_.key_fields.end());
  for (const auto& some : in_pieces(literals)) {
    const Query query{stream_.type, fields, constants + varying->field + " in " + in_list(some)};
    TALON_DO(records_.each(query, [&](Row row) -> Result<void> {
      std::string key;
      for (std::size_t i = 1; i < row.size(); ++i) key += to_json(Value(row[i])).to_string() + "|";
      matches_[key] = {row[0].integer(), ""};
      return {};
    }));
  }
  std::set<std::string> found;
  for (const auto& [key, match] : matches_) found.insert(id_text(type_.prefix, match.first));
  for (const auto& some : in_pieces(found)) {
    const Query query{"sync_ref",
                      {stream_.type, "external_id"},
                      "connector is " + text_literal(connector_.name) + " and stream is " +
                          text_literal(stream_.name) + " and " + stream_.type + " in " + in_list(some)};
    TALON_DO(records_.each(query, [&](Row row) -> Result<void> {
      for (auto& [key, match] : matches_) {
        if (match.first == row[0].integer()) match.second = std::string(row[1].text());
      }
      return {};
    }));
  }
  return {};
}

Result<void> Differ::load_current(const std::set<int64_t>& ids) {
  std::set<std::string> texts;
  for (const int64_t id : ids) texts.insert(id_text(type_.prefix, id));
  std::vector<std::string> fields = {"id", "version"};
  for (const FieldMap& map : stream_.fields) fields.push_back(map.field);
  for (const FieldMap& map : stream_.deletes.set) fields.push_back(map.field);
  for (const auto& some : in_pieces(texts)) {
    const Query query{stream_.type, fields, "id in " + in_list(some)};
    TALON_DO(records_.each(query, [&](Row row) -> Result<void> {
      Current& current = current_[row[0].integer()];
      current.version = row[1].integer();
      for (std::size_t i = 2; i < row.size(); ++i) current.values.emplace_back(row[i]);
      return {};
    }));
    if (!type_.frozen.when.empty()) TALON_DO(load_frozen(in_list(some)));
  }
  return {};
}

Result<void> Differ::load_frozen(const std::string& ids) {
  const Query query{stream_.type, {"id"}, "(" + type_.frozen.when + ") and id in " + ids};
  return records_.each(query, [&](Row row) -> Result<void> {
    const auto current = current_.find(row[0].integer());
    if (current != current_.end()) current->second.is_frozen = true;
    return {};
  });
}

Item Differ::item(Mapped row) {
  Item item;
  item.external_id = row.external_id;
  item.hash = row.hash;
  item.row = std::move(row.row);
  if (row.state == Mapped::State::Rejected || row.state == Mapped::State::Deferred) {
    item.kind = row.state == Mapped::State::Rejected ? Item::Kind::Rejected : Item::Kind::Deferred;
    item.field = row.field;
    item.reason = row.reason;
    return item;
  }
  if (const auto ref = refs_.find(row.external_id); ref != refs_.end()) item.ref = ref->second;
  if (item.ref.record != 0 && item.ref.hash == row.hash) return item;
  if (item.ref.record != 0) {
    item.record = item.ref.record;
  } else if (const std::string key = match_key(row); !key.empty()) {
    auto& [record, owner] = matches_[key];
    if (!owner.empty() && owner != row.external_id) {
      item.kind = Item::Kind::Rejected;
      item.field = stream_.key_fields.back();
      item.reason = item.field + ": the record with this key already belongs to " + stream_.name + "/" +
                    owner + "; merge the two in the source";
      return item;
    }
    owner = row.external_id;  // a second row of this page with the same key is a duplicate
    item.record = record;
  }
  const auto current = current_.find(item.record);
  const bool is_deleted = row.state == Mapped::State::Deleted;
  if (current == current_.end()) {
    // What is gone over there but new here comes marked as gone: older rows may refer to it.
    item.kind = Item::Kind::Create;
    item.record = 0;
    fill_changes(item, row, stream_.fields, row.values);
    if (is_deleted) fill_changes(item, row, stream_.deletes.set, deleted_values());
    if (!row.lists.members().empty()) item.lists = row.lists;
    return item;
  }
  item.version = current->second.version;
  item.needs_ref = true;
  if (is_deleted) {
    fill_changes(item, row, stream_.deletes.set, deleted_values());
    item.kind = item.changes.empty() ? Item::Kind::Unchanged : Item::Kind::Delete;
  } else {
    fill_changes(item, row, stream_.fields, row.values);
    if (!row.lists.members().empty()) item.lists = row.lists;
    item.kind = item.changes.empty() && item.lists.is_null() ? Item::Kind::Unchanged : Item::Kind::Change;
  }
  if (current->second.is_frozen) freeze(item);
  return item;
}

void Differ::fill_changes(Item& item, const Mapped& row, const std::vector<FieldMap>& fields,
                          const std::vector<Value>& values) {
  const auto current = current_.find(item.record);
  const std::size_t offset = &fields == &stream_.deletes.set ? stream_.fields.size() : 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Value before = current == current_.end() ? Value() : current->second.values[offset + i];
    const bool is_kept = current != current_.end() && fields[i].is_ours;
    if (before == values[i] || is_kept) continue;
    FieldChange change{&fields[i], values[i], text(fields[i], before, row.currency),
                       text(fields[i], values[i], row.currency)};
    if (offset == 0 && !row.shown[i].empty()) change.after_text = row.shown[i];
    std::erase_if(item.changes, [&](const FieldChange& one) { return one.map->field == fields[i].field; });
    item.changes.push_back(std::move(change));
  }
}

std::vector<Value> Differ::deleted_values() const {
  std::vector<Value> values;
  for (const FieldMap& map : stream_.deletes.set) {
    const auto value = convert(map, std::nullopt, "");
    values.push_back(value ? *value : Value());
  }
  return values;
}

/// A frozen (issued) record is never written: what the source wants becomes a proposal for a person.
void Differ::freeze(Item& item) {
  const auto& free = type_.frozen.except;
  const bool touches = !item.lists.is_null() ||
                       std::any_of(item.changes.begin(), item.changes.end(), [&](const FieldChange& change) {
                         return std::find(free.begin(), free.end(), change.map->field) == free.end();
                       });
  if (touches && item.kind != Item::Kind::Unchanged) item.kind = Item::Kind::Proposal;
}

Result<std::vector<Item>> Differ::gone(const std::set<std::string>& external_ids) {
  refs_.clear();
  current_.clear();
  TALON_DO(load_refs(external_ids));
  std::set<int64_t> records;
  for (const auto& [id, ref] : refs_) records.insert(ref.record);
  TALON_DO(load_current(records));
  std::vector<Item> items;
  for (const auto& [id, ref] : refs_) {
    Mapped row;
    row.state = Mapped::State::Deleted;
    row.external_id = id;
    row.hash = "gone";
    if (current_.count(ref.record) == 0 || ref.hash == "gone") continue;
    items.push_back(item(std::move(row)));
  }
  return items;
}

std::string Differ::text(const FieldMap& map, const Value& value, std::string_view currency) const {
  return value_text(map.info, value, currency, prefix(map.info));
}

std::string Differ::prefix(const model::Field& field) const {
  const model::RecordType* to = model_.find(field.to);
  return to != nullptr ? to->prefix : std::string();
}

}  // namespace talon::sync
