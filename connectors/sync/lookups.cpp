/// References by external identity and by a field, asked for once a page.
#include "lookups.hpp"

#include "convert.hpp"

#include <talon/text.hpp>

namespace talon::sync {

namespace {
constexpr std::size_t kPiece = 200;
constexpr std::size_t kKnownMax = 100000;  // entries kept over pages
}  // namespace

std::vector<std::vector<std::string>> in_pieces(const std::set<std::string>& values) {
  std::vector<std::vector<std::string>> pieces;
  for (const std::string& value : values) {
    if (pieces.empty() || pieces.back().size() == kPiece) pieces.emplace_back();
    pieces.back().push_back(value);
  }
  return pieces;
}

std::string in_list(const std::vector<std::string>& values) {
  std::string list = "[";
  for (const std::string& value : values) list += (list.size() > 1 ? ", " : "") + text_literal(value);
  return list + "]";
}

std::string Lookups::group_key(const FieldMap& map) {
  return map.kind == FieldMap::Kind::Ref ? "ref " + map.stream : map.type + "." + map.by;
}

void Lookups::want(const FieldMap& map, const std::string& text) {
  const std::pair key{group_key(map), text};
  if (known_.count(key) > 0 || missing_.count(key) > 0) return;
  Group& group = groups_[key.first];
  group.map = &map;
  group.wanted.insert(text);
}

Result<void> Lookups::resolve() {
  if (known_.size() > kKnownMax) known_.clear();
  for (const auto& [key, group] : groups_) {
    for (const std::string& text : group.wanted) missing_.insert({key, text});
    for (const auto& some : in_pieces(group.wanted)) {
      TALON_DO(group.map->kind == FieldMap::Kind::Ref ? resolve_refs(group, some)
                                                      : resolve_lookups(group, some));
    }
  }
  groups_.clear();
  return {};
}

Result<void> Lookups::resolve_refs(const Group& group, const std::vector<std::string>& some) {
  const FieldMap& map = *group.map;
  Query query{"sync_ref", {"external_id", map.type}};
  query.where = "connector is " + text_literal(connector_) + " and stream is " + text_literal(map.stream) +
                " and external_id in " + in_list(some);
  return records_.each(query, [&](Row row) -> Result<void> {
    if (row[1].is_null()) return {};
    const std::pair key{group_key(map), std::string(row[0].text())};
    known_[key] = row[1].integer();
    missing_.erase(key);
    return {};
  });
}

Result<void> Lookups::resolve_lookups(const Group& group, const std::vector<std::string>& some) {
  const FieldMap& map = *group.map;
  const Query query{map.type, {"id", map.by}, map.by + " in " + in_list(some)};
  return records_.each(query, [&](Row row) -> Result<void> {
    const std::pair key{group_key(map), std::string(row[1].text())};
    const auto [place, is_new] = known_.emplace(key, row[0].integer());
    if (!is_new && place->second != row[0].integer()) place->second = -1;
    missing_.erase(key);
    return {};
  });
}

Lookups::Found Lookups::find(const FieldMap& map, const std::string& text) const {
  const auto known = known_.find({group_key(map), text});
  if (known != known_.end()) {
    if (known->second < 0) return {Found::Kind::Ambiguous, 0};
    return {Found::Kind::Known, known->second};
  }
  if (map.kind == FieldMap::Kind::Ref && pending_.count({map.stream, text}) > 0)
    return {Found::Kind::Pending, 0};
  return {};
}

void Lookups::forget_missing() { missing_.clear(); }

}  // namespace talon::sync
