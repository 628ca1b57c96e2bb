/// The jobs `take_in` and `catch_up`.
#include "intake.hpp"

#include "line_reader.hpp"
#include "system_errors.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

namespace audit {

namespace {

namespace fs = std::filesystem;
using talon::ChangeSet;
using talon::Record;
using talon::Result;

// Lines in one transaction: what whoever wants it done waits for at most, and enough that its commit weighs
// little.
constexpr std::size_t kLinesAtOnce = 500;
constexpr std::size_t kBytesAtOnce = 4 << 20;  // of them: a line may be long
constexpr std::size_t kTornBytesMax = 10'000;

/// A line that is no entry: cut short by a crash, or refused. What is there of it is kept, as text.
Entry torn_entry(std::string_view line, int64_t now_us) {
  Entry entry;
  entry.kind = "read";
  entry.at = now_us;
  entry.action = "view";
  entry.principal = "system";
  entry.content = talon::Json::object({{"torn", talon::harmless(line.substr(0, kTornBytesMax))}})
                      .to_string(talon::Json::Keys::Sorted);
  seal_content(entry);
  return entry;
}

}  // namespace

void Sights::add(const ReadEntry& read) {
  const Entry& entry = read.entry;
  if (read.records.empty()) return;
  auto& seen = seen_[{entry.principal, entry.channel, entry.action, entry.type, read.prefix}];
  for (const int64_t record : read.records) {
    Times& times = seen[record];
    times.first_at = times.count == 0 ? entry.at : std::min(times.first_at, entry.at);
    times.last_at = std::max(times.last_at, entry.at);
    ++times.count;
  }
}

void Sights::write(ChangeSet& changes) const {
  talon::NewRecords rows{"audit_sight",
                         {"record", "principal", "channel", "action", "type", "first_at", "last_at", "reads"},
                         {}};
  for (const auto& [who, records] : seen_) {
    const auto& [principal, channel, action, type, prefix] = who;
    for (const auto& [record, times] : records) {
      for (talon::Value& value :
           std::to_array<talon::Value>({talon::id_text(prefix, record), principal, channel, action, type,
                                        times.first_at, times.last_at, times.count})) {
        rows.values.push_back(std::move(value));
      }
    }
  }
  changes.create_all(std::move(rows));
}

Result<void> Intake::run(Pace pace) {
  const auto turn = pace == Pace::WhenIdle ? turns_.try_take() : turns_.take();
  if (!turn.owns_lock()) return {};
  // What cannot be done now holds up nothing else: a full disk needs what is taken in to be removed.
  Result<void> outcome = reads_.rotate(host_.now_us());
  TALON_TRY(const ReadLog::Leftovers left, reads_.leftovers());
  outcome = both(outcome, LogBuffer::complete(left.buffers));
  for (const std::string& file : left.files) {
    // Another host on the same folder may be at it: then it is that one's. A process that was killed a moment
    // ago may have left lines for it: then the next turn has it.
    const FileLock lock(file);
    if (!lock.is_held() || LogBuffer::have_lines_of(left.buffers, fs::path(file).filename().string()))
      continue;
    // A file that cannot be taken in holds up no other.
    if (const Result<void> taken = take_in(file, lock, pace); !taken && outcome) outcome = taken.error();
  }
  return outcome;
}

Result<int64_t> Intake::lines_taken(const std::string& name) {
  TALON_TRY(const std::vector<Record> found,
            host_.records().query({"audit_intake", {"taken"}, "name is \"" + name + "\"", {}, {}, {}, 1}));
  return found.empty() ? 0 : found.front().integer("taken");
}

Result<void> Intake::take_in(const std::string& file, const FileLock& lock, Pace pace) {
  const std::string name = fs::path(file).filename().string();
  TALON_TRY(int64_t taken, lines_taken(name));
  LineReader lines(lock.fd(), file, LogBuffer::lines_begin(lock.fd()));
  std::string line;
  bool has_more = true;
  for (int64_t skip = 0; skip < taken && has_more; ++skip) {
    TALON_TRY(has_more, lines.next(line));
  }
  std::vector<std::string> batch;
  while (has_more) {
    if (pace == Pace::WhenIdle && turns_.is_wanted()) return {};
    batch.clear();
    for (std::size_t bytes = 0; batch.size() < kLinesAtOnce && bytes < kBytesAtOnce;) {
      TALON_TRY(has_more, lines.next(line));
      if (!has_more) break;
      bytes += line.size();
      batch.push_back(line);
    }
    if (batch.empty()) break;
    Result<void> written = write(name, batch, taken, Manner::AsTheySay);
    if (!written && written.error().code == talon::Code::InvalidArgument) {
      // One line that is refused must not hold up the rest for ever: it is kept as bare text.
      host_.log(TALON_LOG_WARN, "read_log.lines_were_refused",
                talon::Json::object({{"file", name}, {"why", written.error().message}}));
      written = write_one_by_one(name, batch, taken);
    }
    TALON_DO(std::move(written));
    taken += static_cast<int64_t>(batch.size());
  }
  std::error_code error;
  fs::remove(file, error);
  if (error) return talon::unavailable("cannot remove " + file + ": " + error.message());
  return forget(name);
}

Result<void> Intake::write(const std::string& name, std::span<const std::string> lines, int64_t taken,
                           Manner manner) {
  TALON_TRY(std::optional<Chain::Turn> turn, chain_.try_turn());
  // The first places are the sealer's, which signs them in the same run: no log has places and no signature.
  if (turn && turn->end().seq == 0) turn.reset();
  Result<void> written = write_in_turn(name, lines, taken, manner, turn ? &*turn : nullptr);
  // Another host gave the same places away meanwhile.
  if (turn && !written && written.error().code == talon::Code::AlreadyExists)
    written = write_in_turn(name, lines, taken, manner, nullptr);
  return written;
}

Result<void> Intake::write_in_turn(const std::string& name, std::span<const std::string> lines, int64_t taken,
                                   Manner manner, Chain::Turn* turn) {
  talon::NewRecords entries{"audit_entry", new_entry_fields(), {}};
  entries.values.reserve(lines.size() * entries.fields.size());
  Sights sights;
  const auto add = [&](std::string_view line) {
    if (line.empty()) return;
    Result<ReadEntry> read = manner == Manner::AsText ? talon::invalid("refused") : entry_of_read(line);
    if (!read && manner == Manner::AsTheySay)
      host_.log(TALON_LOG_WARN, "read_log.line_was_torn", talon::Json::object({{"file", name}}));
    ReadEntry one = read ? *std::move(read) : ReadEntry{torn_entry(line, host_.now_us()), {}, {}};
    if (turn != nullptr) {
      const Place& place = turn->next(one.entry.hash);
      one.entry.seq = place.seq;
      one.entry.chain = place.chain;
    }
    sights.add(one);
    append_values(std::move(one.entry), entries.values);
  };
  for (std::string_view line : lines) {
    // Behind a zero another line begins: the one before it was cut short.
    for (std::size_t zero = 0; (zero = line.find('\0')) != std::string_view::npos;) {
      add(line.substr(0, zero));
      line.remove_prefix(zero + 1);
    }
    add(line);
  }
  ChangeSet changes;
  changes.create_all(std::move(entries));
  sights.write(changes);
  changes.upsert("audit_intake", {"name"},
                 {{"name", name}, {"taken", taken + static_cast<int64_t>(lines.size())}});
  TALON_DO(host_.records().apply(changes));
  if (turn != nullptr) turn->remember();
  return {};
}

Result<void> Intake::write_one_by_one(const std::string& name, std::span<const std::string> lines,
                                      int64_t taken) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const int64_t before = taken + static_cast<int64_t>(i);
    Result<void> written = write(name, lines.subspan(i, 1), before, Manner::AsTheySay);
    if (!written && written.error().code == talon::Code::InvalidArgument)
      written = write(name, lines.subspan(i, 1), before, Manner::AsText);
    TALON_DO(std::move(written));
  }
  return {};
}

Result<void> Intake::forget(const std::string& name) {
  TALON_TRY(
      const std::vector<Record> found,
      host_.records().query({"audit_intake", {"id", "version"}, "name is \"" + name + "\"", {}, {}, {}, 1}));
  if (found.empty()) return {};
  ChangeSet changes;
  changes.remove("audit_intake", found.front().integer("id"), found.front().integer("version"));
  TALON_DO(host_.records().apply(changes));
  return {};
}

}  // namespace audit
