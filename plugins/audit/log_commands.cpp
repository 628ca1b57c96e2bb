/// Shows, exports and reports the log.
#include "log_commands.hpp"

#include "checkpoints.hpp"
#include "entry.hpp"
#include "filter.hpp"
#include "table.hpp"
#include "verifier.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>
#include <talon/personal_values.hpp>

#include <map>

namespace audit {

namespace {

using talon::Json;
using talon::Output;
using talon::Query;
using talon::Records;
using talon::Result;
using talon::Timestamp;

/// Puts the personal values into a content that the caller may see: what they may not see is out of it
/// already.
Result<Json> with_personal(const Records& own, const Entry& entry) {
  if (entry.content.empty()) return Json();
  TALON_TRY(Json content, Json::parse(entry.content));
  if (entry.content.find(kMarkText) == std::string::npos) return content;
  talon::PersonalValues values;
  const Query beside{"audit_value",
                     {"hash", "value", "erased_at", "erased_by"},
                     "entry is " + talon::id_text("aud", entry.id)};
  TALON_DO(own.each(beside, [&](talon::Row row) -> Result<void> {
    Json value;
    if (row[1].is_null()) {
      value = talon::erased_value(row[2].integer()).set("erased_by", row[3].text());
    } else {
      TALON_TRY(value, Json::parse(row[1].text()));
    }
    values.emplace(row[0].text(), std::move(value));
    return {};
  }));
  return talon::with_personal_values(content, values);
}

std::string joined(const std::string& condition, const std::string& more) {
  return condition.empty() || more.empty() ? condition + more : condition + " and " + more;
}

/// Sealed entries in pages: what is looked up beside them is looked up when no other statement is under way.
/// @param order  "seq" or "-seq".
template <typename Take>
Result<void> each_page(const Records& caller, const std::string& where, const std::string& order,
                       int64_t limit, const Take& take) {
  constexpr int64_t kPage = 1000;
  const bool is_newest_first = order == "-seq";
  for (int64_t last = is_newest_first ? INT64_MAX : 0, left = limit; left > 0;) {
    Query query{"audit_entry",
                entry_fields(),
                joined("seq " + std::string(is_newest_first ? "<" : ">") + " " + std::to_string(last), where),
                {order}};
    query.limit = std::min(left, kPage);
    std::vector<Entry> entries;
    TALON_DO(caller.each(query, [&](talon::Row row) -> Result<void> {
      entries.push_back(entry_of(row));
      return {};
    }));
    for (const Entry& entry : entries) TALON_DO(take(entry));
    if (static_cast<int64_t>(entries.size()) < query.limit) return {};
    last = entries.back().seq;
    left -= query.limit;
  }
  return {};
}

const std::vector<std::string>& log_columns() {
  static const std::vector<std::string> kColumns = {
      "id",   "at",     "kind",   "principal", "on_behalf_of", "channel", "address", "request",
      "type", "record", "action", "reason",    "policy_set",   "seq",     "content"};
  return kColumns;
}

/// The record as every other answer names it; a bare number where its type is no longer there.
Json record_name(const Prefixes& prefixes, const Entry& entry) {
  if (entry.record == 0) return {};
  const auto prefix = prefixes.find(entry.type);
  if (prefix == prefixes.end() || prefix->second.empty()) return std::to_string(entry.record);
  return talon::id_text(prefix->second, entry.record);
}

std::vector<Json> log_row(const Prefixes& prefixes, const Entry& entry, Json content) {
  return {talon::id_text("aud", entry.id),
          Timestamp(entry.at).to_string(),
          entry.kind,
          entry.principal,
          entry.on_behalf_of,
          entry.channel,
          entry.address,
          entry.request,
          entry.type,
          record_name(prefixes, entry),
          entry.action,
          entry.reason,
          entry.policy_set,
          entry.seq == 0 ? Json() : Json(entry.seq),
          std::move(content)};
}

}  // namespace

Prefixes prefixes_of(const talon::model::Model& model) {
  Prefixes prefixes;
  for (const talon::model::RecordType& type : model.types) prefixes[type.name] = type.prefix;
  return prefixes;
}

Result<void> show_log(const Records& own, const Records& caller, const Prefixes& prefixes, const Json& args,
                      Output& out) {
  TALON_TRY(const std::string where, entry_condition(caller, args));
  TALON_TRY(const Format format, read_format(args["format"].string()));
  Table table(out, format, log_columns());
  const auto take = [&](const Entry& entry) -> Result<void> {
    TALON_TRY(Json content, with_personal(own, entry));
    return table.row(log_row(prefixes, entry, std::move(content)));
  };
  // What has no place yet is the newest.
  const int64_t limit = args["limit"].integer(1000);
  Query open{"audit_entry", entry_fields(), joined("seq is empty", where), {"-id"}};
  open.limit = limit;
  TALON_TRY(const std::vector<talon::Record> fresh, caller.query(open));
  for (const talon::Record& record : fresh) TALON_DO(take(entry_of(record)));
  TALON_DO(each_page(caller, where, "-seq", limit - static_cast<int64_t>(fresh.size()), take));
  return table.finish();
}

namespace {

Result<void> export_extract(const Records& caller, const Prefixes& prefixes, const std::string& where,
                            Format format, Output& out) {
  Table table(out, format, log_columns());
  const Query query{"audit_entry", entry_fields(), joined("seq is not empty", where), {"seq"}};
  TALON_DO(caller.each(query, [&](talon::Row row) -> Result<void> {
    const Entry entry = entry_of(row);
    return table.row(log_row(prefixes, entry, entry.content));
  }));
  return table.finish();
}

/// Lines in pieces: a line at a time costs more than what it says.
class Lines {
 public:
  explicit Lines(Output& out) : out_(out) {}
  Result<void> add(const Json& json) {
    json.write(kept_);
    kept_ += "\n";
    return kept_.size() < (64 << 10) ? Result<void>() : finish();
  }
  Result<void> finish() {
    const std::string text = std::exchange(kept_, {});
    return out_.write(text);
  }

 private:
  Output& out_;
  std::string kept_;
};

}  // namespace

Result<void> export_log(const Records& own, const Records& caller, const Prefixes& prefixes,
                        const std::string& public_key, const Json& args, Output& out) {
  TALON_TRY(const std::string where, entry_condition(caller, args));
  TALON_TRY(const Format format, read_format(args["format"].string()));
  if (!where.empty() || format == Format::Csv) return export_extract(caller, prefixes, where, format, out);
  Lines lines(out);
  TALON_DO(lines.add(Json::object({{"export", "talon-audit/2"}, {"public_key", public_key}})));
  TALON_TRY(CheckpointStream checkpoints, CheckpointStream::open(own, {}));
  const auto sign = [&](const Checkpoint& checkpoint) {
    return lines.add(Json::object({{"checkpoint", checkpoint_json(checkpoint)}}));
  };
  // Up to the newest checkpoint: all of an export is signed.
  const std::string signed_part = "seq <= " + std::to_string(checkpoints.newest());
  int64_t sealed = 0;
  TALON_DO(
      caller.each({"audit_entry", entry_fields(), signed_part, {"seq"}}, [&](talon::Row row) -> Result<void> {
        Entry entry = entry_of(row);
        withhold_masked(entry);
        ++sealed;
        TALON_DO(lines.add(Json::object({{"entry", export_json(entry)}})));
        return checkpoints.up_to(entry.seq, sign);
      }));
  TALON_DO(checkpoints.rest(sign));
  TALON_DO(lines.add(Json::object({{"end", Json::object({{"sealed", sealed}})}})));
  return lines.finish();
}

Result<void> report_log(const Records& own, const Records& caller, const Prefixes& prefixes, const Json& args,
                        Output& out) {
  TALON_TRY(const std::string where, entry_condition(caller, args));
  TALON_TRY(const Format format, read_format(args["format"].is_null() ? "csv" : args["format"].string()));
  const std::string field(args["field"].string());
  Table table(out, format,
              {"at", "user", "on_behalf_of", "address", "channel", "type", "record", "action", "field",
               "before", "after", "reason", "policy_set", "entry"});
  const auto write = [&](const Entry& entry, const std::string& name, const Json& before, const Json& after) {
    return table.row({Timestamp(entry.at).to_string(), entry.principal, entry.on_behalf_of, entry.address,
                      entry.channel, entry.type, record_name(prefixes, entry), entry.action, name, before,
                      after, entry.reason, entry.policy_set, talon::id_text("aud", entry.id)});
  };
  TALON_DO(each_page(caller, where, "seq", INT64_MAX, [&](const Entry& entry) -> Result<void> {
    TALON_TRY(const Json content, with_personal(own, entry));
    std::map<std::string, std::pair<Json, Json>> fields;
    for (const auto& [name, value] : content["before"].members()) fields[name].first = value;
    for (const auto& [name, value] : content["after"].members()) fields[name].second = value;
    for (const auto& [name, values] : fields) {
      if (field.empty() || field == name) TALON_DO(write(entry, name, values.first, values.second));
    }
    if (!fields.empty() || !field.empty()) return {};
    return write(entry, "", Json(), content);
  }));
  return table.finish();
}

}  // namespace audit
