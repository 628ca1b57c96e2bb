/// The job `seal`.
#include "sealer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace audit {

namespace {

namespace fs = std::filesystem;
using talon::ChangeSet;
using talon::Query;
using talon::Record;
using talon::Result;
using talon::Value;

constexpr int64_t kBatch = 500;         // entries in one transaction: some 20 ms of the writer
constexpr int64_t kBatchesAtOnce = 40;  // then the job ends and comes again a second later

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
  entry.hash = digest(canonical_text(entry));
  return entry;
}

}  // namespace

Result<void> Sealer::run() {
  TALON_TRY(const std::vector<std::string> files, reads_.rotate(host_.now_us()));
  for (const std::string& file : files) TALON_DO(take_in(file));
  TALON_TRY(Head head, head_of("audit_entry"));
  for (int64_t batch = 0; batch < kBatchesAtOnce; ++batch) {
    TALON_TRY(const int64_t count, seal_batch(head));
    if (count < kBatch) break;
  }
  return sign_checkpoint(head);
}

Result<int64_t> Sealer::lines_taken(const std::string& name) {
  TALON_TRY(const std::vector<Record> found,
            host_.records().query({"audit_intake", {"taken"}, "name is \"" + name + "\"", {}, {}, {}, 1}));
  return found.empty() ? 0 : found.front().integer("taken");
}

Result<void> Sealer::take_in(const std::string& file) {
  const std::string name = fs::path(file).filename().string();
  TALON_TRY(int64_t taken, lines_taken(name));
  std::ifstream lines(file);
  if (!lines) return talon::unavailable("cannot read the read log's file " + file);
  std::string line;
  for (int64_t skip = 0; skip < taken && std::getline(lines, line); ++skip) line.clear();
  while (lines) {
    ChangeSet changes;
    int64_t count = 0;
    while (count < kBatch && std::getline(lines, line)) {
      ++count;
      if (line.empty()) continue;
      const Result<Entry> entry = entry_of_read(line);
      if (!entry) host_.log(TALON_LOG_WARN, "read_log.line_was_torn", talon::Json::object({{"file", name}}));
      changes.create("audit_entry", fields_of(entry ? *entry : torn_entry(line, host_.now_us())));
    }
    if (count == 0) break;
    taken += count;
    changes.upsert("audit_intake", {"name"}, {{"name", name}, {"taken", taken}});
    TALON_TRY(const talon::Json answer, host_.records().apply(changes));
    static_cast<void>(answer);
  }
  std::error_code error;
  fs::remove(file, error);
  if (error) return talon::unavailable("cannot remove " + file + ": " + error.message());
  return forget(name);
}

Result<void> Sealer::forget(const std::string& name) {
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

Result<Sealer::Head> Sealer::head_of(const std::string& type) {
  TALON_TRY(const std::vector<Record> last,
            host_.records().query({type, {"seq", "chain"}, "seq is not empty", {"-seq"}, {}, {}, 1}));
  if (last.empty()) return Head{};
  return Head{last.front().integer("seq"), last.front().text("chain")};
}

Result<int64_t> Sealer::seal_batch(Head& head) {
  Query open{"audit_entry", entry_fields(), "seq is empty", {"id"}, {}, {}, kBatch};
  open.fields.emplace_back("version");
  TALON_TRY(const std::vector<Record> entries, host_.records().query(open));
  if (entries.empty()) return 0;
  Head next = head;
  ChangeSet changes;
  for (const Record& record : entries) {
    next.chain = chain_link(next.chain, record.text("hash"));
    ++next.seq;
    changes.change("audit_entry", record.integer("id"), record.integer("version"),
                   {{"seq", next.seq}, {"chain", next.chain}});
  }
  // `seq` is unique: should two hosts ever seal at once, one of them fails as a whole and comes again.
  TALON_TRY(const talon::Json answer, host_.records().apply(changes));
  static_cast<void>(answer);
  head = next;
  return static_cast<int64_t>(entries.size());
}

Result<void> Sealer::sign_checkpoint(const Head& head) {
  TALON_TRY(const std::vector<Record> last,
            host_.records().query({"audit_checkpoint", {"seq", "signed_at"}, "", {"-seq"}, {}, {}, 1}));
  const int64_t before = last.empty() ? 0 : last.front().integer("seq");
  const int64_t age_us = host_.now_us() - (last.empty() ? 0 : last.front().integer("signed_at"));
  const bool is_due = head.seq - before >= settings_.checkpoint_entries ||
                      (head.seq > before && age_us >= settings_.checkpoint_seconds * 1000000);
  if (!is_due) return {};
  const Checkpoint checkpoint = key_.sign(head.seq, head.chain, host_.now_us());
  ChangeSet changes;
  changes.create("audit_checkpoint", {{"seq", checkpoint.seq},
                                      {"chain", checkpoint.chain},
                                      {"signed_at", checkpoint.signed_at},
                                      {"key", checkpoint.key},
                                      {"signature", checkpoint.signature}});
  TALON_TRY(const talon::Json answer, host_.records().apply(changes));
  static_cast<void>(answer);
  return append_to_file(checkpoint);
}

Result<void> Sealer::append_to_file(const Checkpoint& checkpoint) const {
  const std::string& path = settings_.checkpoint_file;
  if (path.empty()) return {};
  const std::string line = checkpoint_json(checkpoint).to_string() + "\n";
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const bool is_written =
      fd >= 0 && ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const std::string why = std::generic_category().message(errno);
  if (fd >= 0) ::close(fd);
  if (is_written) return {};
  return talon::unavailable("cannot append a checkpoint to " + path + ": " + why);
}

}  // namespace audit
