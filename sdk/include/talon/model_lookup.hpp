/// Looking things up in a model (talon/model.hpp): types, fields, paths, and the nearest word to a mistyped
/// one.
#pragma once

#include <talon/bodies.hpp>
#include <talon/model.hpp>
#include <talon/model_json.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <tuple>

namespace talon::model {

TALON_INLINE std::string_view type_name(FieldType type) {
  return detail::kFieldTypes[static_cast<std::size_t>(type)];
}

TALON_INLINE const std::vector<std::string>& type_names() {
  static const std::vector<std::string> names(detail::kFieldTypes.begin(), detail::kFieldTypes.end());
  return names;
}

namespace detail {

TALON_INLINE Field host_field(std::string name, FieldType type, std::string to = {}) {
  Field field;
  field.name = std::move(name);
  field.type = type;
  field.to = std::move(to);
  field.set_by = SetBy::Host;
  return field;
}

TALON_INLINE std::vector<Field> make_host_fields(const RecordType& type) {
  if (type.kind == Kind::Child) {
    return {host_field("id", FieldType::Ref, type.name), host_field("position", FieldType::Integer),
            host_field(type.parent, FieldType::Ref, type.parent)};
  }
  if (type.kind != Kind::Stored) return {};
  std::vector<Field> fields = host_fields();
  fields.front().to = type.name;
  return fields;
}

/// The distance in single edits (insert, delete, replace, swap of neighbours), capital letters read as small
/// ones.
TALON_INLINE std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool is_same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (is_same ? 0U : 1U)});
      const bool is_swap =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (is_swap) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace detail

TALON_INLINE const std::vector<Field>& host_fields() {
  static const std::vector<Field> fields = {
      detail::host_field("id", FieldType::Ref),
      detail::host_field("version", FieldType::Integer),
      detail::host_field("created_at", FieldType::Timestamp),
      detail::host_field("created_by", FieldType::Ref, "user"),
      detail::host_field("updated_at", FieldType::Timestamp),
      detail::host_field("updated_by", FieldType::Ref, "user"),
  };
  return fields;
}

TALON_INLINE const std::vector<Field>& host_fields_of(const RecordType& type) {
  using Key = std::tuple<std::string, std::string, Kind>;
  static std::shared_mutex
      mutex;  // the lists are shared by all models, which are built and dropped while others run
  static std::map<Key, std::vector<Field>> lists;
  const Key key{type.name, type.parent, type.kind};
  {
    const std::shared_lock lock(mutex);
    if (const auto found = lists.find(key); found != lists.end()) return found->second;
  }
  const std::unique_lock lock(mutex);
  return lists.try_emplace(key, detail::make_host_fields(type)).first->second;
}

TALON_INLINE const Field* RecordType::find_field(std::string_view field) const {
  for (const Field& own : fields) {
    if (own.name == field) return &own;
  }
  for (const Field& host : host_fields_of(*this)) {
    if (host.name == field) return &host;
  }
  return nullptr;
}

TALON_INLINE const Action* RecordType::find_action(std::string_view action) const {
  for (const Action& own : actions) {
    if (own.name == action) return &own;
  }
  return nullptr;
}

TALON_INLINE bool RecordType::has_action(std::string_view action) const {
  return std::find(base_actions.begin(), base_actions.end(), action) != base_actions.end() ||
         find_action(action) != nullptr;
}

TALON_INLINE const Field* RecordType::state_field() const {
  for (const Field& own : fields) {
    if (own.type == FieldType::State) return &own;
  }
  return nullptr;
}

TALON_INLINE const RecordType* Model::find(std::string_view type) const {
  for (const RecordType& own : types) {
    if (own.name == type) return &own;
  }
  return nullptr;
}

TALON_INLINE const RecordType* Model::find_plural(std::string_view plural) const {
  for (const RecordType& own : types) {
    if (own.plural == plural) return &own;
  }
  return nullptr;
}

TALON_INLINE std::vector<std::string> field_names(const RecordType& type) {
  std::vector<std::string> names;
  for (const Field& field : type.fields) names.push_back(field.name);
  for (const Field& field : host_fields_of(type)) names.push_back(field.name);
  return names;
}

TALON_INLINE std::vector<std::string> stored_types(const Model& model) {
  std::vector<std::string> names;
  for (const RecordType& type : model.types) {
    if (type.kind == Kind::Stored) names.push_back(type.name);
  }
  return names;
}

TALON_INLINE std::string nearest(std::string_view word, const std::vector<std::string>& words) {
  constexpr std::size_t kLengthMax =
      100;  // longer than any name: nothing to suggest, and the work stays small
  if (word.empty() || word.size() > kLengthMax) return {};
  std::size_t best = std::max<std::size_t>(word.size() / 3, 1) + 1;
  std::string found;
  for (const std::string& candidate : words) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    if (longer - std::min(word.size(), candidate.size()) >= best) continue;
    const std::size_t distance = detail::edit_distance(word, candidate);
    if (distance < best && distance < longer) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

TALON_INLINE std::string suggestion(std::string_view word, const std::vector<std::string>& words) {
  const std::string near = nearest(word, words);
  return near.empty() ? std::string() : " Did you mean \"" + near + "\"?";
}

TALON_INLINE Result<const Field*> resolve_path(const Model& model, const RecordType& type,
                                               std::string_view path, Internal internal) {
  constexpr int kLinksMax = 3;  // policy.md: FIELD may follow up to three links
  const RecordType* at = &type;
  const std::string_view whole = path;
  for (int links = 0;; ++links) {
    const std::size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    const Field* field = at->find_field(name);
    const bool is_kept_back = field != nullptr && field->is_internal && internal != Internal::Named;
    if (field == nullptr || (is_kept_back && internal == Internal::Absent)) {
      std::vector<std::string> names = field_names(*at);
      if (internal != Internal::Named)
        std::erase_if(names, [at](const std::string& each) { return at->find_field(each)->is_internal; });
      return not_found(at->name + " has no field \"" + std::string(name) + "\"." + suggestion(name, names));
    }
    if (is_kept_back)
      return not_found("\"" + std::string(whole) + "\" is never shown to anybody; nothing may ask for it");
    if (dot == std::string_view::npos) return field;
    if (field->type != FieldType::Ref) {
      return not_found(at->name + "." + field->name + " is no reference, so \"" + std::string(path) +
                       "\" leads nowhere");
    }
    if (links == kLinksMax)
      return not_found("a path follows at most three links; \"" + std::string(path) + "\" is left");
    const RecordType* next = model.find(field->to);
    if (next == nullptr) {
      return not_found(at->name + "." + field->name + " refers to \"" + field->to +
                       "\", which no plugin declares");
    }
    at = next;
    path.remove_prefix(dot + 1);
  }
}

}  // namespace talon::model
