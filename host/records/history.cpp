/// History of one record, out of the audit entries.
#include "host/records/history.hpp"

#include "host/records/personal.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>

#include <algorithm>
#include <set>

namespace talon::records {

namespace {

/// Entries of one record that are shown at most; the audit log has them all.
constexpr int64_t kEntriesMax = 500;

}  // namespace

Json visible_values(const Generation& generation, const TypeInfo& type, const gate::Decision& decision,
                    const Json& values) {
  // What is no field any more is named by no rule: it goes, whoever saw it while it was one.
  const auto is_shown = [&](const TypeInfo& of, std::string_view name, std::string_view rule) {
    const model::Field* field = of.type->find_field(name);
    return field != nullptr && !field->is_internal && decision.static_level(rule) >= gate::Level::ReadOnly;
  };
  Json shown = Json::object();
  for (const auto& [name, value] : values.members()) {
    const std::string& called = name;
    const auto list = std::find_if(type.type->lists.begin(), type.type->lists.end(),
                                   [&](const model::ChildList& each) { return each.name == called; });
    if (list == type.type->lists.end()) {
      if (is_shown(type, name, name)) shown.set(name, value);
      continue;
    }
    const TypeInfo& child = *generation.find(list->type);
    Json rows = Json::array();
    for (const Json& row : value.items()) {
      Json visible = Json::object();
      for (const auto& [member, item] : row.members()) {
        if (is_shown(child, member, name + "." + member)) visible.set(member, item);
      }
      rows.push(std::move(visible));
    }
    shown.set(name, std::move(rows));
  }
  return shown;
}

Result<Json> Records::history(const Call& call, std::string_view type, std::string_view id) {
  const auto generation = inside_->generation();
  TALON_TRY(const TypeInfo* info, Inside::find_type(*generation, type));
  TALON_TRY(const Json seen, get(call, type, id, {"id"}));  // also writes the read log
  static_cast<void>(seen);
  TALON_TRY(const auto decision, inside_->parts.gate->decide(call.principal, "view", type));
  if (decision->verdict() != gate::Decision::Verdict::Always) {
    // Earlier versions may have been another party's, or in a state that the rules keep from this caller.
    return denied("the history of a record is for those who may see every " + info->type->name);
  }
  const bool shows_author = decision->static_level("updated_by") >= gate::Level::ReadOnly;
  TALON_TRY(const int64_t number, parse_id(id, info->type->prefix));
  Json entries = Json::array();
  std::set<std::string, std::less<>> fields;
  TALON_DO(inside_->parts.database->read([&](storage::Reader& reader) -> Result<void> {
    std::vector<std::pair<int64_t, Json>> found;  // the entry's id, and what is shown of it but its values
    std::vector<Json> contents;
    TALON_DO(reader.rows(
        {"select id, at, principal, action, content from audit_entries where type = ? and record = ? and "
         "kind <> "
         "'read' order by id desc limit ?",
         {type, number, kEntriesMax}},
        [&](Row row) -> Result<void> {
          // Of an old entry the values may be gone: its time was over.
          contents.push_back(Json::object());
          if (!row[4].is_null()) {
            TALON_TRY(contents.back(), Json::parse(row[4].text()));
          }
          found.emplace_back(row[0].integer(),
                             Json::object({{"id", id_text("aud", row[0].integer())},
                                           {"at", Timestamp(row[1].integer()).to_string()},
                                           {"by", shows_author ? Json(row[2].text()) : Json()},
                                           {"action", row[3].text()}}));
          return {};
        }));
    for (std::size_t i = 0; i < found.size(); ++i) {
      TALON_TRY(const Json content, put_back(reader, found[i].first, std::move(contents[i])));
      found[i].second.set("version", content["version"]);
      for (const char* side : {"before", "after"}) {
        Json values = visible_values(*generation, *info, *decision, content[side]);
        for (const auto& [name, value] : values.members()) fields.insert(name);
        found[i].second.set(side, std::move(values));
      }
      entries.push(std::move(found[i].second));
    }
    return {};
  }));
  TextArray shown;
  for (const std::string& field : fields) shown.push(field);
  ReadEntry entry{.action = "history", .fields = shown.json()};
  // As it is written, and not as it was asked for.
  append_id(entry.records, info->type->prefix, number);
  TALON_DO(inside_->log_read(call, *info->type, entry));
  return Json::object({{"entries", std::move(entries)}});
}

}  // namespace talon::records
