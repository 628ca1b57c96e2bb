/// The job `take_in`.
#include "intake.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace audit {

namespace {

namespace fs = std::filesystem;
using talon::ChangeSet;
using talon::Record;
using talon::Result;

constexpr int64_t kBatch = 500;  // lines in one transaction: some 20 ms of the writer

ChangeSet::Fields fields_of(const Entry& entry) {
  return {{"at", entry.at},
          {"kind", entry.kind},
          {"principal", entry.principal},
          {"on_behalf_of", entry.on_behalf_of},
          {"channel", entry.channel},
          {"address", entry.address},
          {"request", entry.request},
          {"type", entry.type},
          {"record", entry.record},
          {"action", entry.action},
          {"reason", entry.reason},
          {"policy_set", entry.policy_set},
          {"content", entry.content},
          {"salt", entry.salt},
          {"payload", entry.payload},
          {"hash", entry.hash}};
}

/// A line that a crash cut short: what is there of it is kept, as text.
Entry torn_entry(const std::string& line, int64_t now_us) {
  Entry entry;
  entry.kind = "read";
  entry.at = now_us;
  entry.action = "view";
  entry.principal = "system";
  entry.content = talon::Json::object({{"torn", line}}).to_string(talon::Json::Keys::Sorted);
  seal_content(entry);
  return entry;
}

}  // namespace

void Sights::add(const Entry& entry) {
  const auto content = talon::Json::parse(entry.content);
  if (!content) return;
  for (const talon::Json& record : (*content)["records"].items()) {
    Times& times = seen_[{std::string(record.string()), entry.principal, entry.channel, entry.action}];
    times.type = entry.type;
    times.first_at = times.count == 0 ? entry.at : std::min(times.first_at, entry.at);
    times.last_at = std::max(times.last_at, entry.at);
    ++times.count;
  }
}

void Sights::write(ChangeSet& changes) const {
  for (const auto& [key, times] : seen_) {
    const auto& [record, principal, channel, action] = key;
    changes.create("audit_sight", {{"record", record},
                                   {"principal", principal},
                                   {"channel", channel},
                                   {"action", action},
                                   {"type", times.type},
                                   {"first_at", times.first_at},
                                   {"last_at", times.last_at},
                                   {"reads", times.count}});
  }
}

Result<void> Intake::run() {
  TALON_TRY(const std::vector<std::string> files, reads_.rotate(host_.now_us()));
  for (const std::string& file : files) {
    // Another host on the same folder may be at it: then it is that one's.
    const FileLock lock(file);
    if (lock.is_held()) TALON_DO(take_in(file));
  }
  return {};
}

Result<int64_t> Intake::lines_taken(const std::string& name) {
  TALON_TRY(const std::vector<Record> found,
            host_.records().query({"audit_intake", {"taken"}, "name is \"" + name + "\"", {}, {}, {}, 1}));
  return found.empty() ? 0 : found.front().integer("taken");
}

Result<void> Intake::take_in(const std::string& file) {
  const std::string name = fs::path(file).filename().string();
  TALON_TRY(int64_t taken, lines_taken(name));
  std::ifstream lines(file);
  if (!lines) return talon::unavailable("cannot read the read log's file " + file);
  std::string line;
  for (int64_t skip = 0; skip < taken && std::getline(lines, line); ++skip) line.clear();
  while (lines) {
    ChangeSet changes;
    Sights sights;
    int64_t count = 0;
    while (count < kBatch && std::getline(lines, line)) {
      ++count;
      if (line.empty()) continue;
      const Result<Entry> read = entry_of_read(line);
      if (!read) host_.log(TALON_LOG_WARN, "read_log.line_was_torn", talon::Json::object({{"file", name}}));
      const Entry entry = read ? *read : torn_entry(line, host_.now_us());
      changes.create("audit_entry", fields_of(entry));
      sights.add(entry);
    }
    if (count == 0) break;
    taken += count;
    sights.write(changes);
    changes.upsert("audit_intake", {"name"}, {{"name", name}, {"taken", taken}});
    TALON_TRY(const talon::Json answer, host_.records().apply(changes));
    static_cast<void>(answer);
  }
  std::error_code error;
  fs::remove(file, error);
  if (error) return talon::unavailable("cannot remove " + file + ": " + error.message());
  return forget(name);
}

Result<void> Intake::forget(const std::string& name) {
  TALON_TRY(
      const std::vector<Record> found,
      host_.records().query({"audit_intake", {"id", "version"}, "name is \"" + name + "\"", {}, {}, {}, 1}));
  if (found.empty()) return {};
  ChangeSet changes;
  changes.remove("audit_intake", found.front().integer("id"), found.front().integer("version"));
  TALON_TRY(const talon::Json answer, host_.records().apply(changes));
  static_cast<void>(answer);
  return {};
}

}  // namespace audit
