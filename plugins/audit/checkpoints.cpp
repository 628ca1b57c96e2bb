/// Signs checkpoints and copies them.
#include "checkpoints.hpp"

#include "push.hpp"

namespace audit {

namespace {

using talon::ChangeSet;
using talon::Query;
using talon::Record;
using talon::Result;

const std::vector<std::string>& checkpoint_fields() {
  static const std::vector<std::string> kFields = {"seq", "chain", "root", "signed_at", "key", "signature"};
  return kFields;
}

Checkpoint checkpoint_of(talon::Row row) {
  return {row[0].integer(), std::string(row[1].text()), std::string(row[2].text()),
          row[3].integer(), std::string(row[4].text()), std::string(row[5].text())};
}

}  // namespace

Result<std::vector<Checkpoint>> read_checkpoints(const talon::Records& records) {
  const Query all{"audit_checkpoint", checkpoint_fields(), "", {"seq"}};
  std::vector<Checkpoint> checkpoints;
  TALON_DO(records.each(all, [&](talon::Row row) -> Result<void> {
    checkpoints.push_back(checkpoint_of(row));
    return {};
  }));
  return checkpoints;
}

Result<void> grow_tree(const talon::Records& records, int64_t seq, MerkleTree& tree) {
  const Query fresh{"audit_entry",
                    {"seq", "hash"},
                    "seq > " + std::to_string(tree.size()) + " and seq <= " + std::to_string(seq),
                    {"seq"}};
  return records.each(fresh, [&](talon::Row row) -> Result<void> {
    Hash hash{};
    if (row[0].integer() != tree.size() + 1 || !read_hash(row[1].text(), hash)) {
      return talon::failed_precondition("place " + std::to_string(tree.size() + 1) +
                                        " of the audit log is missing or has no hash; `talon audit verify` "
                                        "says more");
    }
    tree.add(leaf_of(hash));
    return {};
  });
}

Result<void> Checkpoints::sign_due(int64_t seq, const std::string& chain) {
  TALON_TRY(const std::vector<Record> last,
            host_.records().query({"audit_checkpoint", {"seq", "signed_at"}, "", {"-seq"}, {}, {}, 1}));
  const int64_t before = last.empty() ? 0 : last.front().integer("seq");
  const int64_t age_us = host_.now_us() - (last.empty() ? 0 : last.front().integer("signed_at"));
  const bool is_due =
      seq - before >= settings_.entries || (seq > before && age_us >= settings_.seconds * 1000000);
  return is_due ? sign(seq, chain, before) : Result<void>();
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

Result<void> Checkpoints::sign(int64_t seq, const std::string& chain, int64_t before) {
  MerkleTree tree;
  if (before > 0) {
    TALON_TRY(const std::vector<Record> last,
              host_.records().query({"audit_checkpoint", {"peaks"}, "seq is " + std::to_string(before)}));
    // Where the peaks do not fit, the tree is made anew from all entries: the root is the same.
    if (last.empty() || !tree.restore(before, last.front().text("peaks"))) tree = MerkleTree();
  }
  TALON_DO(grow_tree(host_.records(), seq, tree));
  Checkpoint checkpoint{seq, chain, hex(tree.root()), host_.now_us(), {}, {}};
  key_.sign(checkpoint);
  ChangeSet changes;
  changes.create("audit_checkpoint", {{"seq", checkpoint.seq},
                                      {"chain", checkpoint.chain},
                                      {"root", checkpoint.root},
                                      {"peaks", tree.text()},
                                      {"signed_at", checkpoint.signed_at},
                                      {"key", checkpoint.key},
                                      {"signature", checkpoint.signature}});
  TALON_TRY(const talon::Json answer, host_.records().apply(changes));
  static_cast<void>(answer);
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
    waiting.push_back(checkpoint_of(row));
    return {};
  }));
  for (const Checkpoint& checkpoint : waiting) {
    TALON_DO(put(checkpoint));
    ChangeSet changes;
    changes.upsert("audit_intake", {"name"}, {{"name", name}, {"taken", checkpoint.seq}});
    TALON_TRY(const talon::Json answer, host_.records().apply(changes));
    static_cast<void>(answer);
  }
  return {};
}

}  // namespace audit
