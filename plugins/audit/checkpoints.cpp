/// Signs checkpoints and copies them.
#include "checkpoints.hpp"

#include "merkle.hpp"
#include "push.hpp"
#include "verifier.hpp"

#include <algorithm>
#include <fstream>

namespace audit {

namespace {

using talon::ChangeSet;
using talon::Code;
using talon::Error;
using talon::Query;
using talon::Record;
using talon::Result;

}  // namespace

Result<bool> Checkpoints::is_due(int64_t seq, Due due) const {
  TALON_TRY(const std::vector<Record> last,
            host_.records().query({"audit_checkpoint", {"seq", "signed_at"}, "", {"-seq"}, {}, {}, 1}));
  if (last.empty()) return due == Due::Late && seq > 0;
  const int64_t fresh = seq - last.front().integer("seq");
  if (due == Due::Enough) return fresh >= settings_.entries;
  return fresh > 0 && host_.now_us() - last.front().integer("signed_at") >= settings_.seconds * 1000000;
}

Result<void> Checkpoints::publish() {
  if (!settings_.file.empty()) {
    TALON_DO(copy("file " + settings_.file, [this](const Checkpoint& checkpoint) {
      return append_line(settings_.file, checkpoint_json(checkpoint).to_string());
    }));
  }
  if (settings_.command.empty()) return {};
  return copy("command " + settings_.command, [this](const Checkpoint& checkpoint) {
    return run_command(words(settings_.command), checkpoint_json(checkpoint).to_string() + "\n");
  });
}

Result<std::optional<Checkpoint>> read_signed(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line)) return std::optional<Checkpoint>();
  const Result<talon::Json> json = talon::Json::parse(line);
  if (!json || (*json)["seq"].integer() <= 0)
    return Error{Code::DataLoss, path + " holds no checkpoint; restore it from a backup"};
  return std::optional<Checkpoint>(checkpoint_of(*json));
}

namespace {

Error changed(int64_t seq, const std::string& what) {
  return Error{Code::DataLoss, "place " + std::to_string(seq) + " of the audit log: " + what +
                                   "; nothing is signed until that is settled: see `talon audit verify`, and "
                                   "the audit plugin's page for a database that was restored"};
}

/// The log up to its last checkpoint, as far as signing on takes it.
struct Signed {
  MerkleTree tree;
  std::string chain;
};

Result<Signed> last_signed(const talon::Records& records, const std::vector<std::string>& trusted) {
  Query newest{"audit_checkpoint", checkpoint_fields(), "", {"-seq"}, {}, {}, 1};
  newest.fields.emplace_back("peaks");
  TALON_TRY(const std::vector<Record> found, records.query(newest));
  if (found.empty()) return Signed();
  const Record& row = found.front();
  const Checkpoint last{row.integer("seq"),       row.text("chain"), row.text("root"),
                        row.integer("signed_at"), row.text("key"),   row.text("signature")};
  if (const std::string why = mistrust(last, trusted); !why.empty())
    return changed(last.seq, "of its checkpoint, " + why);
  Signed state{{}, last.chain};
  // The peaks themselves are not signed.
  if (state.tree.restore(last.seq, row.text("peaks")) && hex(state.tree.root()) == last.root) return state;
  return changed(last.seq, "the tree is not the one that was signed");
}

/// Where this host signed last, the database must still say the same.
Result<void> check_remembered(const talon::Records& records, const std::optional<Checkpoint>& remembered) {
  if (!remembered) return {};
  TALON_TRY(const std::vector<Record> found,
            records.query({"audit_entry", {"chain"}, "seq is " + std::to_string(remembered->seq)}));
  if (!found.empty() && found.front().text("chain") == remembered->chain) return {};
  return changed(remembered->seq, "this host signed another history, or a longer one");
}

/// Goes on with what this host remembers, as far as it ends at place `seq` or before.
Result<void> add_remembered(const Stretch& stretch, int64_t seq, Signed& state) {
  const Place& before = stretch.before;
  if (stretch.end.seq > seq)
    return changed(seq, "this host wrote up to place " + std::to_string(stretch.end.seq));
  if (state.tree.size() != before.seq || state.chain != before.chain)
    return changed(before.seq, "this host went on from another entry");
  for (const Hash& hash : stretch.hashes) state.tree.add(leaf_of(hash));
  state.chain = stretch.end.chain;
  return {};
}

/// Goes on with what the log holds up to place `seq`.
/// @return false: `stops` said so.
Result<bool> add_read(const talon::Records& records, int64_t seq, const std::function<bool()>& stops,
                      Signed& state) {
  if (state.tree.size() >= seq) return true;
  const Query fresh{"audit_entry",
                    entry_fields(),
                    "seq > " + std::to_string(state.tree.size()) + " and seq <= " + std::to_string(seq),
                    {"seq"}};
  bool is_stopped = false;
  const Result<void> read = records.each(fresh, [&](talon::Row row) -> Result<void> {
    is_stopped = stops();
    if (is_stopped) return talon::unavailable("somebody else goes on with it");
    const Entry entry = entry_of(row);
    const int64_t place = state.tree.size() + 1;
    const Checked checked = check_entry(entry);
    if (entry.seq != place) return changed(place, "it is missing");
    if (!checked.mistake.empty()) return changed(place, checked.mistake);
    state.chain = chain_link(state.chain, entry.hash);
    if (state.chain != entry.chain) return changed(place, "it does not follow from the entry before it");
    state.tree.add(checked.leaf);
    return {};
  });
  if (is_stopped) return false;
  TALON_DO(read);
  return true;
}

}  // namespace

Result<void> Checkpoints::sign(const Place& end, const std::function<bool()>& stops) {
  const auto& [seq, chain] = end;
  TALON_TRY(const std::optional<Checkpoint> remembered, read_signed(settings_.signed_file));
  TALON_DO(check_remembered(host_.records(), remembered));
  // Whoever restored a database on purpose moved that file away: nothing from before counts then.
  if (!remembered) chain_.forget(INT64_MAX);
  TALON_TRY(Signed state, last_signed(host_.records(), settings_.trusted));
  const Chain::Stretches stretches = chain_.remembered(state.tree.size());
  TALON_TRY(const Place now, chain_.end());  // each stretch was in the log before it was remembered
  for (const auto& stretch : stretches) {
    const bool is_later = stretch->before.seq >= seq && stretch->end.seq <= now.seq;
    if (is_later) continue;
    TALON_TRY(const bool is_read,
              add_read(host_.records(), std::min(seq, stretch->before.seq), stops, state));
    if (!is_read) return {};
    TALON_DO(add_remembered(*stretch, seq, state));
  }
  TALON_TRY(const bool is_read, add_read(host_.records(), seq, stops, state));
  if (!is_read) return {};
  if (state.tree.size() != seq || state.chain != chain) return changed(seq, "it is not the end of the chain");
  Checkpoint checkpoint{seq, chain, hex(state.tree.root()), host_.now_us(), {}, {}};
  key_.sign(checkpoint);
  // First here, then there: what was signed once is remembered.
  TALON_DO(replace_file(settings_.signed_file, checkpoint_json(checkpoint).to_string() + "\n"));
  ChangeSet changes;
  changes.create("audit_checkpoint", {{"seq", checkpoint.seq},
                                      {"chain", checkpoint.chain},
                                      {"root", checkpoint.root},
                                      {"peaks", state.tree.text()},
                                      {"signed_at", checkpoint.signed_at},
                                      {"key", checkpoint.key},
                                      {"signature", checkpoint.signature}});
  TALON_DO(host_.records().apply(changes));
  chain_.forget(seq);
  return {};
}

Result<void> Checkpoints::copy(const std::string& place, const Put& put) {
  const std::string name = digest(place).substr(0, 32);
  TALON_TRY(const std::vector<Record> known,
            host_.records().query({"audit_intake", {"taken"}, "name is \"" + name + "\"", {}, {}, {}, 1}));
  const int64_t copied = known.empty() ? 0 : known.front().integer("taken");
  const Query fresh{"audit_checkpoint", checkpoint_fields(), "seq > " + std::to_string(copied), {"seq"}};
  std::vector<Checkpoint> waiting;
  TALON_DO(host_.records().each(fresh, [&](talon::Row row) -> Result<void> {
    waiting.push_back(checkpoint_in(row));
    return {};
  }));
  for (const Checkpoint& checkpoint : waiting) {
    TALON_DO(put(checkpoint));
    ChangeSet changes;
    changes.upsert("audit_intake", {"name"}, {{"name", name}, {"taken", checkpoint.seq}});
    TALON_DO(host_.records().apply(changes));
  }
  return {};
}

}  // namespace audit
