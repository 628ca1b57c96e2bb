/// What an answer shows of records, as the read log takes it in.
#include "host/records/inside.hpp"

#include <talon/id_list.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::records {

namespace {

/// One item of what an answer says that it shows.
struct ShownRecords {
  const TypeInfo* type = nullptr;
  std::vector<int64_t> ids;
  TextArray fields;
  std::string where;  ///< what was counted by
};

Result<ShownRecords> read_shown(const Generation& generation, const Json& item) {
  ShownRecords shown;
  shown.type = generation.find(item["type"].string());
  if (shown.type == nullptr || shown.type->type->prefix.empty())
    return internal("`shown` names no type of records: " + echoed(item["type"].string()));
  const std::string& prefix = shown.type->type->prefix;
  if (!item["records"].is_array() || !item["fields"].is_array())
    return internal("its `shown` is a list of {\"type\", \"records\": [ID], \"fields\": [PATH]}");
  for (const Json& record : item["records"].items()) {
    const auto id = parse_id(record.string(), prefix);
    if (!id) return internal("its `shown` names no " + shown.type->type->name + ": " + id.error().message);
    shown.ids.push_back(*id);
  }
  shown.where = item["where"].string();
  for (const Json& field : item["fields"].items()) {
    if (!shown.where.empty() && field.string() == "count") {
      shown.fields.push("count");
      continue;
    }
    // What was shown is logged, whether it should have been or not.
    const auto found =
        model::resolve_path(*generation.model, *shown.type->type, field.string(), model::Internal::Named);
    if (!found) return internal("its `shown` names no field: " + found.error().message);
    shown.fields.push(field.string());
  }
  return shown;
}

}  // namespace

Result<void> Records::log_shown(const Call& call, std::string_view action, Json& answer) {
  constexpr std::size_t kAtOnce = 1000;  // as lists have them: a line has its limit
  if (!answer["shown"].is_array())
    return internal("the answer does not say in `shown` what it shows of records");
  const auto generation = inside_->generation();
  for (const Json& item : answer["shown"].items()) {
    TALON_TRY(const ShownRecords records, read_shown(*generation, item));
    const TypeInfo& type = *records.type;
    const model::RecordType& logged = type.parent != nullptr ? *type.parent->type : *type.type;
    // A count names no records, and is one entry all the same.
    for (std::size_t from = 0; from < records.ids.size() || (from == 0 && !records.where.empty());
         from += kAtOnce) {
      const std::size_t to = std::min(from + kAtOnce, records.ids.size());
      ReadEntry entry{.action = action, .fields = records.fields.json(), .where = records.where};
      append_ids(entry.records, type.type->prefix, {records.ids.begin() + from, records.ids.begin() + to});
      TALON_DO(inside_->log_read(call, logged, entry));
    }
  }
  std::erase_if(answer.mutable_members(), [](const auto& member) { return member.first == "shown"; });
  return {};
}

}  // namespace talon::records
