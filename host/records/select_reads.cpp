/// Whose records a query shows beside those of its own type, for the read log.
#include "host/records/select_builder.hpp"

#include <algorithm>
#include <set>

namespace talon::records {

namespace {

std::string joined(const std::string& link, std::string_view field) {
  return link.empty() ? std::string(field) : link + "." + std::string(field);
}

/// "client.owner" of "client.owner.name"; empty of a type's own field.
std::string link_of(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? std::string() : path.substr(0, dot);
}

const model::RecordType& logged(const TypeInfo& type) {
  return type.parent != nullptr ? *type.parent->type : *type.type;
}

}  // namespace

Result<void> SelectBuilder::add_linked_reads(const std::string& path, LinkedUse use) {
  for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1)) {
    const std::string link = path.substr(0, dot);
    TALON_TRY(const PathField field, links_->resolve(link));
    const TypeInfo* type = select_.generation->find(field.field->to);
    if (type == nullptr || !inside_.keeps_read_log(call_, logged(*type))) continue;
    auto known = std::find_if(select_.linked_reads.begin(), select_.linked_reads.end(),
                              [&](const LinkedRead& read) { return read.link == link; });
    if (known == select_.linked_reads.end())
      known = select_.linked_reads.insert(known, LinkedRead{link, type, {}});
    if (use == LinkedUse::Asked) known->is_asked = true;
    if (use == LinkedUse::Shown && !is_grouped() && known->cell < 0) {
      // Through the linked type's own filter: what is out of sight was not seen.
      const auto id = links_->resolve(link + ".id");
      known->cell = add_cell(id ? id->sql : field.sql);
    }
    const std::string name = path.substr(dot + 1);
    if (std::find(known->fields.begin(), known->fields.end(), name) == known->fields.end())
      known->fields.push_back(name);
  }
  return {};
}

Result<void> SelectBuilder::check_groups() {
  if (type().kind != model::Kind::View) TALON_DO(check_groups_of("", *select_.type));
  for (const std::string& path : request_.group) {
    const std::string link = link_of(path);
    if (link.empty()) continue;
    TALON_TRY(const PathField field, links_->resolve(link));
    TALON_DO(check_groups_of(link, *select_.generation->find(field.field->to)));
  }
  for (const std::string& aggregate : request_.aggregates) {
    const std::string link = link_of(aggregate.substr(aggregate.find(' ') + 1));
    if (link.empty()) continue;
    TALON_TRY(const PathField field, links_->resolve(link));
    TALON_DO(check_groups_of(link, *select_.generation->find(field.field->to)));
  }
  return {};
}

Result<void> SelectBuilder::check_groups_of(const std::string& link, const TypeInfo& type) {
  if (!inside_.keeps_read_log(call_, logged(type))) return {};
  std::set<std::string, std::less<>> shown;
  for (const std::string& path : request_.group) {
    if (link_of(path) == link) shown.insert(link.empty() ? path : path.substr(link.size() + 1));
  }
  const bool is_by_link =
      std::find(request_.group.begin(), request_.group.end(), link) != request_.group.end();
  if (shown.contains("id") || is_by_link) return {};
  const auto refuse = [&](const std::string& field) {
    return invalid("\"" + joined(link, field) + "\" tells of single " + logged(type).plural +
                   ", and who reads those is logged; group by \"" + joined(link, "id") + "\" too");
  };
  const auto is_in_key = [&](const std::string& name) {
    return std::any_of(type.type->unique.begin(), type.type->unique.end(),
                       [&](const auto& key) { return std::find(key.begin(), key.end(), name) != key.end(); });
  };
  // A text that is part of a key, such as a document's number, tells which record it is as well as the whole.
  const auto tells_one = [&](const std::string& name) {
    const model::Field* field = type.type->find_field(name);
    return field != nullptr &&
           (field->is_personal || (field->type == model::FieldType::Text && is_in_key(name)));
  };
  for (const std::string& name : shown) {
    if (tells_one(name)) return refuse(name);
  }
  const auto is_shown = [&](const std::string& name) { return shown.contains(name); };
  for (const std::vector<std::string>& key : type.type->unique) {
    if (std::all_of(key.begin(), key.end(), is_shown)) return refuse(key.front());
  }
  // The least and the greatest of a field are values of single records.
  for (const std::string& aggregate : request_.aggregates) {
    const std::size_t space = aggregate.find(' ');
    if (space == std::string::npos || aggregate.starts_with("sum ")) continue;
    const std::string path = aggregate.substr(space + 1);
    if (link_of(path) != link) continue;
    const std::string name = link.empty() ? path : path.substr(link.size() + 1);
    const bool is_key = std::any_of(type.type->unique.begin(), type.type->unique.end(),
                                    [&](const auto& key) { return key.size() == 1 && key.front() == name; });
    if (is_key || tells_one(name)) return refuse(name);
  }
  return {};
}

}  // namespace talon::records
