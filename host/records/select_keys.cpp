/// By which of its keys a view is grouped for somebody.
#include "host/records/select_builder.hpp"

#include <set>

namespace talon::records {

using gate::Level;

/// What is hidden, masked, or visible on some rows only tells no rows apart where it is not seen: nobody may
/// group by it, and the view does not do it for them.
Result<void> SelectBuilder::read_key_uses() {
  if (type().kind != model::Kind::View) return {};
  // An amount's currency goes with the amount, whatever columns are granted.
  std::set<std::string_view> currencies;
  for (const model::Field& field : type().fields) {
    if (field.type == model::FieldType::Money && is_column_granted(field.name))
      currencies.insert(field.currency);
  }
  for (const model::ViewColumn& column : type().view.columns) {
    if (!column.is_key()) continue;
    const auto field = links_->resolve(column.name);
    if (!field && field.error().code != Code::InvalidArgument) return field.error();
    const bool is_granted = is_column_granted(column.name) || currencies.contains(column.name);
    KeyUse& use = key_uses_[column.name] = KeyUse::Left;
    if (!field || !is_granted) continue;
    if (field->is_conditional)
      use = KeyUse::WhereSeen;
    else if (field->level >= Level::ReadOnly)
      use = KeyUse::Grouped;
  }
  return {};
}

bool SelectBuilder::is_emptied_key(const std::string& path) const {
  const auto use = key_uses_.find(path);
  return use != key_uses_.end() && use->second == KeyUse::WhereSeen;
}

}  // namespace talon::records
