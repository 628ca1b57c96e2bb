/// Verifies the log, live and from a file.
#include "verify_commands.hpp"

#include "checkpoints.hpp"
#include "pipeline.hpp"
#include "verifier.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>

#include <cstdio>
#include <fstream>
#include <set>

namespace audit {

namespace {

using talon::Code;
using talon::Error;
using talon::Json;
using talon::Output;
using talon::Query;
using talon::Records;
using talon::Result;

constexpr std::size_t kEntriesAtOnce = 2048;     // entries
constexpr std::size_t kBytesAtOnce = 8 << 20;    // or so much of them
constexpr std::size_t kLineBytesMax = 16 << 20;  // of an export; an entry has at most a few MB
constexpr std::size_t kBatchesUnderWay = 2;

struct EntryBatch {
  std::vector<Entry> entries;
  std::vector<Checked> checked;
};

void check_all(EntryBatch& batch) {
  batch.checked.reserve(batch.entries.size());
  for (const Entry& entry : batch.entries) batch.checked.push_back(check_entry(entry));
}

/// Personal values beside the log.
struct ValueCounts {
  int64_t whole = 0;   ///< rows of entries that have their content
  int64_t erased = 0;  ///< of all
  std::string bad;
};

Result<void> report(const Findings& findings, const ValueCounts& values, Verifier& verifier, Json extra,
                    Output& out) {
  Json json = Json::object({{"ok", findings.holds()},
                            {"sealed", findings.sealed},
                            {"unsealed", findings.unsealed},
                            {"checkpoints", findings.checkpoints},
                            {"signed_up_to", findings.signed_up_to},
                            {"values", findings.marks},
                            {"erased", values.erased},
                            {"expired", verifier.absences().expired()}});
  Json erasures = Json::array();
  for (const Erasure& erasure : verifier.absences().erasures()) {
    erasures.push(Json::object({{"subject", erasure.subject},
                                {"erased_by", erasure.by},
                                {"on", talon::Timestamp(erasure.at).to_string()},
                                {"values", erasure.values}}));
  }
  json.set("erasures", std::move(erasures));
  if (verifier.absences().withheld() > 0) json.set("withheld", verifier.absences().withheld());
  if (!findings.holds()) json.set("bad_seq", findings.bad_seq).set("problem", findings.bad);
  for (const auto& [name, value] : extra.members()) json.set(name, value);
  TALON_DO(out.write(json.to_string() + "\n"));
  if (findings.holds()) return {};
  return talon::failed_precondition("the audit log does not hold: " + findings.bad);
}

Result<int64_t> last_place(const Records& records) {
  const Query newest{"audit_entry", {"seq"}, "seq is not empty", {"-seq"}, {}, {}, 1};
  TALON_TRY(const auto last, records.query(newest));
  return last.empty() ? 0 : last.front().integer("seq");
}

/// Checks the values of entries up to `seq` against their hashes and the contents that name them.
Result<ValueCounts> check_values(const Records& records, int64_t seq, Absences& absences) {
  const Query all{"audit_value",
                  {"entry", "type", "record", "path", "hash", "salt", "value", "entry.content", "entry.type",
                   "entry.record"},
                  "entry.seq <= " + std::to_string(seq),
                  {"entry"}};
  ValueCounts values;
  int64_t entry = 0;
  std::set<std::string, std::less<>> seen;  // hashes of that entry
  TALON_DO(records.each(all, [&](talon::Row row) -> Result<void> {
    const bool is_gone = row[6].is_null();
    values.erased += is_gone ? 1 : 0;
    if (row[7].is_null()) return {};  // the entry's own content has expired
    ++values.whole;
    const std::string_view hash = row[4].text();
    const bool is_named = row[7].text().find(std::string(kMarkText) + std::string(hash)) != std::string::npos;
    if (std::exchange(entry, row[0].integer()) != row[0].integer()) seen.clear();
    const bool is_once = seen.emplace(hash).second;
    const bool is_its = row[1].text() == row[8].text() && row[2].integer() == row[9].integer();
    const bool fits = is_gone || hex(sha256(row[5].text(), "\n", row[6].text())) == hash;
    if (is_gone) absences.value_gone(std::string(row[1].text()), row[2].integer(), row[0].integer());
    if ((is_named && is_once && is_its && fits) || !values.bad.empty()) return {};
    values.bad = "the personal value " + std::string(row[3].text()) + " of entry " +
                 talon::id_text("aud", row[0].integer()) + " was changed";
    return {};
  }));
  return values;
}

}  // namespace

Result<void> verify_log(const Records& records, const std::vector<std::string>& trusted,
                        const std::string& copies, Output& out) {
  Verifier verifier(trusted);
  // Values first: an erasure is in the log before the first value goes.
  TALON_TRY(const int64_t seq, last_place(records));
  TALON_TRY(ValueCounts values, check_values(records, seq, verifier.absences()));
  TALON_TRY(const std::vector<Checkpoint> elsewhere, read_copies(copies));
  TALON_TRY(CheckpointStream checkpoints, CheckpointStream::open(records, elsewhere));
  const auto take = [&](const Checkpoint& checkpoint) -> Result<void> {
    verifier.checkpoint(checkpoint);
    return {};
  };
  int64_t marks = 0;  // up to `seq`: what was sealed since may have values that were not looked at
  Pipeline<EntryBatch> pipeline(kBatchesUnderWay, check_all, [&](const EntryBatch& batch) -> Result<void> {
    for (std::size_t i = 0; i < batch.entries.size(); ++i) {
      TALON_DO(checkpoints.up_to(batch.entries[i].seq, take));
      verifier.sealed(batch.entries[i], batch.checked[i]);
      if (batch.entries[i].seq <= seq) marks += batch.checked[i].marks;
    }
    return {};
  });
  EntryBatch batch;
  std::size_t bytes = 0;
  const Query sealed{"audit_entry", entry_fields(), "seq is not empty", {"seq"}};
  TALON_DO(records.each(sealed, [&](talon::Row row) -> Result<void> {
    batch.entries.push_back(entry_of(row));
    bytes += batch.entries.back().content.size();
    if (batch.entries.size() < kEntriesAtOnce && bytes < kBytesAtOnce) return {};
    bytes = 0;
    return pipeline.put(std::exchange(batch, {}));
  }));
  TALON_DO(pipeline.put(std::move(batch)));
  TALON_DO(pipeline.finish());
  TALON_DO(checkpoints.rest(take));
  const Query open{"audit_entry", entry_fields(), "seq is empty", {"id"}};
  TALON_DO(records.each(open, [&](talon::Row row) -> Result<void> {
    const Entry entry = entry_of(row);
    verifier.unsealed(entry, check_entry(entry));
    return {};
  }));
  Findings findings = verifier.finish();
  if (findings.holds() && values.bad.empty() && marks != values.whole) {
    values.bad = std::to_string(marks) + " personal values are named in the log, and " +
                 std::to_string(values.whole) + " have their place beside it";
  }
  if (findings.holds()) findings.bad = values.bad;
  if (findings.holds() && findings.sealed > 0 && findings.signed_up_to == 0)
    findings.bad = "no checkpoint signs any of its entries";
  return report(findings, values, verifier, Json::object(), out);
}

Result<std::string> read_key(const std::string& key) {
  Hash hash{};
  if (read_hash(key, hash)) return key;
  std::ifstream file(key);
  std::string text;
  if (!(file >> text) || !read_hash(text, hash))
    return talon::invalid("--key takes a public key (64 hexadecimal digits) or a file with one: " + key);
  return text;
}

namespace {

/// Lines of an export, and what they say.
struct ExportBatch {
  int64_t first = 0;  ///< the first line's number
  std::vector<std::string> lines;
  struct Item {
    enum class Kind { Entry, Checkpoint, End, Other, NoJson } kind = Kind::NoJson;
    Entry entry;
    Checked checked;
    Checkpoint checkpoint;
    int64_t sealed = 0;  ///< of the end
  };
  std::vector<Item> items;
};

ExportBatch::Item read_item(const std::string& line) {
  using Kind = ExportBatch::Item::Kind;
  ExportBatch::Item item;
  const Result<Json> json = Json::parse(line);
  if (!json) return item;
  item.kind = Kind::Other;
  if ((*json)["entry"].is_object()) {
    item.kind = Kind::Entry;
    item.entry = entry_of_export((*json)["entry"]);
    item.checked = check_entry(item.entry);
  } else if ((*json)["checkpoint"].is_object()) {
    item.kind = Kind::Checkpoint;
    item.checkpoint = checkpoint_of((*json)["checkpoint"]);
  } else if ((*json)["end"].is_object()) {
    item.kind = Kind::End;
    item.sealed = (*json)["end"]["sealed"].integer();
  }
  return item;
}

void read_all(ExportBatch& batch) {
  batch.items.reserve(batch.lines.size());
  for (const std::string& line : batch.lines) batch.items.push_back(read_item(line));
  batch.lines.clear();
}

/// As std::getline, but a line that is too long to be one of an export ends there: what follows is no JSON.
bool read_line(std::istream& file, std::string& line) {
  line.clear();
  std::streambuf& buffer = *file.rdbuf();
  for (int next = buffer.sbumpc(); next != EOF; next = buffer.sbumpc()) {
    if (next == '\n' || line.size() == kLineBytesMax) return true;
    line += static_cast<char>(next);
  }
  return !line.empty();
}

/// Takes the items of a file one after the other.
class FileVerifier {
 public:
  FileVerifier(std::string path, Verifier& verifier) : path_(std::move(path)), verifier_(verifier) {}

  Result<void> take(const ExportBatch& batch) {
    using Kind = ExportBatch::Item::Kind;
    for (std::size_t i = 0; i < batch.items.size(); ++i) {
      const ExportBatch::Item& item = batch.items[i];
      const std::string place = path_ + ", line " + std::to_string(batch.first + static_cast<int64_t>(i));
      if (item.kind == Kind::NoJson)
        return Error{Code::DataLoss, place + ": not JSON: the line was changed or cut"};
      if (sealed_ >= 0) return Error{Code::DataLoss, place + ": something stands behind the end"};
      if (item.kind == Kind::Entry)
        verifier_.sealed(item.entry, item.checked);
      else if (item.kind == Kind::Checkpoint)
        verifier_.checkpoint(item.checkpoint);
      else if (item.kind == Kind::End)
        sealed_ = item.sealed;
      else
        return Error{Code::DataLoss, place + ": neither an entry nor a checkpoint"};
    }
    return {};
  }
  /// As the end says; −1: there was none.
  int64_t sealed() const { return sealed_; }

 private:
  std::string path_;
  Verifier& verifier_;
  int64_t sealed_ = -1;
};

}  // namespace

Result<void> verify_file(const std::string& path, const std::string& key, const std::string& copies,
                         Output& out) {
  std::ifstream file(path);
  if (!file) return talon::not_found("cannot open " + path);
  std::string line;
  if (!read_line(file, line)) return Error{Code::DataLoss, path + " is empty"};
  const Result<Json> header = Json::parse(line);
  if (!header || (*header)["export"].string() != "talon-audit/2") {
    return talon::invalid(path +
                          ", line 1: this is no sealed export; `talon audit export` writes one where it is " +
                          "given no filter and no --format csv (a proof is for `talon audit verify-proof`)");
  }
  if ((*header)["partial"].boolean())
    return talon::invalid(path +
                          " is an extract: it has no chain; `talon audit prove` proves single entries");
  std::string trusted((*header)["public_key"].string());
  if (!key.empty()) {
    TALON_TRY(trusted, read_key(key));
  }
  Verifier verifier(words(trusted));
  TALON_TRY(const std::vector<Checkpoint> elsewhere, read_copies(copies));
  for (const Checkpoint& checkpoint : elsewhere) verifier.checkpoint(checkpoint);
  FileVerifier reading(path, verifier);
  Pipeline<ExportBatch> pipeline(kBatchesUnderWay, read_all,
                                 [&](const ExportBatch& batch) { return reading.take(batch); });
  ExportBatch batch;
  batch.first = 2;
  std::size_t bytes = 0;
  for (int64_t number = 2; read_line(file, line); ++number) {
    bytes += line.size();
    batch.lines.push_back(std::move(line));
    if (batch.lines.size() < kEntriesAtOnce && bytes < kBytesAtOnce) continue;
    bytes = 0;
    TALON_DO(pipeline.put(std::exchange(batch, {})));
    batch.first = number + 1;
  }
  TALON_DO(pipeline.put(std::move(batch)));
  TALON_DO(pipeline.finish());
  Findings findings = verifier.finish();
  if (findings.holds() && reading.sealed() != findings.sealed) {
    findings.bad_seq = findings.sealed + 1;
    findings.bad =
        "place " + std::to_string(findings.sealed + 1) + ": the file was cut: it has " +
        std::to_string(findings.sealed) + " entries and " +
        (reading.sealed() < 0 ? std::string("no end") : "says " + std::to_string(reading.sealed()));
  }
  // An export ends with the checkpoint that it was made up to.
  if (findings.holds() && findings.signed_up_to != findings.sealed) {
    findings.bad_seq = findings.signed_up_to + 1;
    findings.bad = "place " + std::to_string(findings.signed_up_to + 1) +
                   ": no checkpoint signs what stands from here on";
  }
  Json extra = Json::object({{"file", path}});
  if (key.empty())
    extra.set("note", "checked with the key in the file itself; give --key to know who signed it");
  return report(findings, {}, verifier, std::move(extra), out);
}

}  // namespace audit
