/// What of an audit entry's content a caller may see.
#include "host/records/entry_mask.hpp"

#include "host/records/history.hpp"

namespace talon::records {

Result<const gate::Decision*> EntryMask::decision(std::string_view type) {
  const auto known = decisions_.find(type);
  if (known != decisions_.end()) return known->second.get();
  TALON_TRY(auto decision, inside_.parts.gate->decide(call_.principal, "view", type));
  return decisions_.emplace(type, std::move(decision)).first->second.get();
}

namespace {

/// The host's own happenings (a start, rules in force) are no records: whoever may read the log sees them.
bool is_of_host(std::string_view type) {
  return type.empty() || type == "host" || type == "host_plugin" || type.starts_with("host_documents_");
}

}  // namespace

Result<std::string> EntryMask::shown(std::string_view type, std::string_view content) {
  const auto withheld = [] { return Json::object({{std::string(kWithheldMark), true}}); };
  const TypeInfo* info = generation_.find(type);
  if (call_.principal.is_inside() || is_of_host(type)) return std::string(content);
  // Of a type that the model has not, or no more, nobody can tell who might see its records.
  if (info == nullptr) return withheld().to_string();
  if (info->type->kind == model::Kind::Virtual || content.empty()) {
    return std::string(content);
  }
  TALON_TRY(const gate::Decision* decision, this->decision(type));
  Json shown = withheld();
  if (decision->verdict() != gate::Decision::Verdict::Always) return shown.to_string();
  const bool has_rules = !decision->plan().fields.empty();
  TALON_TRY(const Json whole, Json::parse(content));
  bool is_whole = true;
  for (const auto& [name, value] : whole.members()) {
    const bool is_side = (name == "before" || name == "after") && value.is_object();
    // A condition of a reader may name a value that this caller may not see.
    if (name == "where" && has_rules) {
      is_whole = is_whole && value.string().empty();
      continue;
    }
    shown.set(name, is_side ? visible_values(generation_, *info, *decision, value) : value);
    is_whole = is_whole && shown[name] == value;
  }
  return is_whole ? std::string(content) : shown.to_string(Json::Keys::Sorted);
}

}  // namespace talon::records
