/// Verifies, exports and shows the log.
#include "log_commands.hpp"

#include "verifier.hpp"

#include <fstream>

namespace audit {

namespace {

using talon::Code;
using talon::Error;
using talon::Json;
using talon::Output;
using talon::Query;
using talon::Records;
using talon::Result;

Query sealed_entries() { return {"audit_entry", entry_fields(), "seq is not empty", {"seq"}}; }

Result<std::vector<Checkpoint>> read_checkpoints(const Records& records) {
  const Query all{"audit_checkpoint", {"seq", "chain", "signed_at", "key", "signature"}, "", {"seq"}};
  std::vector<Checkpoint> checkpoints;
  TALON_DO(records.each(all, [&](talon::Row row) -> Result<void> {
    checkpoints.push_back({row[0].integer(), std::string(row[1].text()), row[2].integer(),
                           std::string(row[3].text()), std::string(row[4].text())});
    return {};
  }));
  return checkpoints;
}

Result<void> report(const Findings& findings, Json extra, Output& out) {
  Json json = Json::object({{"ok", findings.holds()},
                            {"sealed", findings.sealed},
                            {"unsealed", findings.unsealed},
                            {"checkpoints", findings.checkpoints}});
  if (!findings.holds()) json.set("bad_seq", findings.bad_seq).set("problem", findings.bad);
  for (const auto& [name, value] : extra.members()) json.set(name, value);
  TALON_DO(out.write(json.to_string() + "\n"));
  if (findings.holds()) return {};
  return talon::failed_precondition("the audit log does not hold: " + findings.bad);
}

Result<std::string> read_key(const std::string& key) {
  if (key.size() == 64 && key.find_first_not_of("0123456789abcdef") == std::string::npos) return key;
  std::ifstream file(key);
  std::string text;
  if (!(file >> text))
    return talon::invalid("--key takes a public key (64 hexadecimal digits) or a file with one: " + key);
  return text;
}

}  // namespace

Result<void> verify_log(const Records& records, const std::vector<std::string>& trusted, Output& out) {
  Verifier verifier(trusted);
  TALON_TRY(const std::vector<Checkpoint> checkpoints, read_checkpoints(records));
  for (const Checkpoint& checkpoint : checkpoints) verifier.checkpoint(checkpoint);
  TALON_DO(records.each(sealed_entries(), [&](talon::Row row) -> Result<void> {
    verifier.sealed(entry_of(row));
    return {};
  }));
  const Query open{"audit_entry", entry_fields(), "seq is empty", {"id"}};
  TALON_DO(records.each(open, [&](talon::Row row) -> Result<void> {
    verifier.unsealed(entry_of(row));
    return {};
  }));
  return report(verifier.finish(), Json::object(), out);
}

Result<void> verify_file(const std::string& path, const std::string& key, Output& out) {
  std::ifstream file(path);
  if (!file) return talon::not_found("cannot open " + path);
  std::string line;
  if (!std::getline(file, line)) return Error{Code::DataLoss, path + " is empty"};
  const Result<Json> header = Json::parse(line);
  if (!header || (*header)["export"].string() != "talon-audit/1") {
    return talon::invalid(path + ", line 1: this is no export of an audit log");
  }
  std::string trusted((*header)["public_key"].string());
  if (!key.empty()) {
    TALON_TRY(trusted, read_key(key));
  }
  Verifier verifier(words(trusted));
  Json end;
  for (int64_t number = 2; std::getline(file, line); ++number) {
    const Result<Json> json = Json::parse(line);
    const std::string place = path + ", line " + std::to_string(number);
    if (!json) return Error{Code::DataLoss, place + ": not JSON: the line was changed or cut"};
    if (!end.is_null()) return Error{Code::DataLoss, place + ": something stands behind the end"};
    if ((*json)["entry"].is_object())
      verifier.sealed(entry_of_export((*json)["entry"]));
    else if ((*json)["checkpoint"].is_object())
      verifier.checkpoint(checkpoint_of((*json)["checkpoint"]));
    else if ((*json)["end"].is_object())
      end = (*json)["end"];
    else
      return Error{Code::DataLoss, place + ": neither an entry nor a checkpoint"};
  }
  Findings findings = verifier.finish();
  if (findings.holds() && (end.is_null() || end["sealed"].integer() != findings.sealed)) {
    findings.bad_seq = findings.sealed + 1;
    findings.bad =
        "place " + std::to_string(findings.sealed + 1) + ": the file was cut: it has " +
        std::to_string(findings.sealed) + " entries and " +
        (end.is_null() ? std::string("no end") : "says " + std::to_string(end["sealed"].integer()));
  }
  Json extra = Json::object({{"file", path}});
  if (key.empty())
    extra.set("note", "checked with the key in the file itself; give --key to know who signed it");
  return report(findings, std::move(extra), out);
}

Result<void> export_log(const Records& records, const std::string& public_key, Output& out) {
  const auto line = [&](const Json& json) { return out.write(json.to_string() + "\n"); };
  TALON_DO(line(Json::object({{"export", "talon-audit/1"}, {"public_key", public_key}})));
  TALON_TRY(const std::vector<Checkpoint> checkpoints, read_checkpoints(records));
  std::size_t next = 0;
  int64_t sealed = 0;
  TALON_DO(records.each(sealed_entries(), [&](talon::Row row) -> Result<void> {
    const Entry entry = entry_of(row);
    ++sealed;
    TALON_DO(line(Json::object({{"entry", export_json(entry)}})));
    for (; next < checkpoints.size() && checkpoints[next].seq <= entry.seq; ++next) {
      TALON_DO(line(Json::object({{"checkpoint", checkpoint_json(checkpoints[next])}})));
    }
    return {};
  }));
  for (; next < checkpoints.size(); ++next) {
    TALON_DO(line(Json::object({{"checkpoint", checkpoint_json(checkpoints[next])}})));
  }
  return line(Json::object({{"end", Json::object({{"sealed", sealed}})}}));
}

Result<void> show_log(const Records& records, const Json& args, Output& out) {
  std::string where;
  const auto add = [&](const std::string& condition) { where += (where.empty() ? "" : " and ") + condition; };
  const auto quoted = [](std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') result.push_back('\\');
      result.push_back(c);
    }
    return result + "\"";
  };
  for (const char* name : {"type", "action", "kind"}) {
    if (!args[name].string().empty()) add(std::string(name) + " is " + quoted(args[name].string()));
  }
  if (!args["user"].string().empty()) add("principal is " + quoted(args["user"].string()));
  if (!args["record"].string().empty()) {
    TALON_TRY(const int64_t id, talon::parse_id(args["record"].string()));
    add("record is " + std::to_string(id));
  }
  for (const auto& [name, op] : {std::pair("from", " >= "), std::pair("to", " <= ")}) {
    if (args[name].string().empty()) continue;
    TALON_TRY(const talon::Timestamp at, talon::Timestamp::parse(args[name].string()));
    add("at" + std::string(op) + quoted(at.to_string()));
  }
  Query query{"audit_entry", entry_fields(), where, {"-id"}};
  query.limit = args["limit"].integer(1000);
  return records.each(query, [&](talon::Row row) -> Result<void> {
    Json json = export_json(entry_of(row));
    json.set("at", talon::Timestamp(json["at"].integer()).to_string());
    return out.write(json.to_string() + "\n");
  });
}

}  // namespace audit
