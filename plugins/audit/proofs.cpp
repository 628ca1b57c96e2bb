/// Proofs of single entries and of growth.
#include "proofs.hpp"

#include "checkpoints.hpp"
#include "entry.hpp"
#include "filter.hpp"
#include "verify_commands.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace audit {

namespace {

using talon::Json;
using talon::Query;
using talon::Record;
using talon::Records;
using talon::Result;

constexpr std::string_view kInclusion = "talon-audit/2 inclusion";
constexpr std::string_view kConsistency = "talon-audit/2 consistency";

/// The roots of `ranges` over all entries up to `seq`.
Result<Json> path_of(const Records& records, int64_t seq, std::vector<Range> ranges) {
  RangeRoots roots(std::move(ranges));
  const Query all{"audit_entry", {"seq", "hash"}, "seq <= " + std::to_string(seq), {"seq"}};
  int64_t next = 0;
  TALON_DO(records.each(all, [&](talon::Row row) -> Result<void> {
    Hash hash{};
    if (row[0].integer() != next + 1 || !read_hash(row[1].text(), hash)) {
      return talon::failed_precondition("place " + std::to_string(next + 1) +
                                        " is missing or has no hash; `talon audit verify` says more");
    }
    roots.add(next++, leaf_of(hash));
    return {};
  }));
  Json path = Json::array();
  for (const Hash& root : roots.roots()) path.push(hex(root));
  return path;
}

Result<Checkpoint> find_checkpoint(const Records& records, const std::string& where, bool is_newest) {
  TALON_TRY(const std::vector<Record> found,
            records.query({"audit_checkpoint",
                           {"seq", "chain", "root", "signed_at", "key", "signature"},
                           where,
                           {is_newest ? "-seq" : "seq"},
                           {},
                           {},
                           1}));
  if (found.empty()) return talon::not_found("there is no such checkpoint");
  const Record& row = found.front();
  return Checkpoint{row.integer("seq"),       row.text("chain"), row.text("root"),
                    row.integer("signed_at"), row.text("key"),   row.text("signature")};
}

Result<std::vector<Hash>> hashes_of(const Json& path) {
  std::vector<Hash> hashes;
  for (const Json& item : path.items()) {
    if (!read_hash(item.string(), hashes.emplace_back()))
      return talon::invalid("the proof's path has no hash");
  }
  return hashes;
}

Result<Hash> root_of(const Checkpoint& checkpoint) {
  Hash root{};
  if (!read_hash(checkpoint.root, root)) return talon::invalid("a checkpoint of the proof has no root");
  return root;
}

talon::Error not_held(const std::string& why) {
  return talon::failed_precondition("the proof does not hold: " + why);
}

Result<Json> check_inclusion(const Json& proof, const std::vector<std::string>& trusted) {
  const Entry entry = entry_of_export(proof["entry"]);
  const Checkpoint checkpoint = checkpoint_of(proof["checkpoint"]);
  if (const std::string why = mistrust(checkpoint, trusted); !why.empty())
    return not_held("the checkpoint: " + why);
  if (const std::string why = mistake_of(entry); !why.empty()) return not_held("the entry: " + why);
  TALON_TRY(const std::vector<Hash> path, hashes_of(proof["path"]));
  TALON_TRY(const Hash root, root_of(checkpoint));
  Hash hash{};
  if (!read_hash(entry.hash, hash) ||
      !is_included(leaf_of(hash), entry.seq - 1, checkpoint.seq, path, root)) {
    return not_held("the entry is not at place " + std::to_string(entry.seq) + " of the log that was signed");
  }
  return Json::object({{"ok", true},
                       {"entry", talon::id_text("aud", entry.id)},
                       {"place", entry.seq},
                       {"of", checkpoint.seq},
                       {"signed_at", talon::Timestamp(checkpoint.signed_at).to_string()},
                       {"shows_content", !entry.is_emptied()}});
}

Result<Json> check_consistency(const Json& proof, const std::vector<std::string>& trusted) {
  const Checkpoint from = checkpoint_of(proof["from"]);
  const Checkpoint to = checkpoint_of(proof["to"]);
  for (const Checkpoint* checkpoint : {&from, &to}) {
    if (const std::string why = mistrust(*checkpoint, trusted); !why.empty())
      return not_held("the checkpoint at place " + std::to_string(checkpoint->seq) + ": " + why);
  }
  TALON_TRY(const std::vector<Hash> path, hashes_of(proof["path"]));
  TALON_TRY(const Hash root_before, root_of(from));
  TALON_TRY(const Hash root, root_of(to));
  if (!is_consistent(from.seq, root_before, to.seq, root, path))
    return not_held("the log of the second checkpoint does not begin with that of the first");
  return Json::object({{"ok", true}, {"from", from.seq}, {"to", to.seq}});
}

}  // namespace

Result<void> prove_entry(const Records& own, const Records& caller, const std::string& id,
                         talon::Output& out) {
  const std::string entry_id = id_part(id);
  if (!talon::parse_id(entry_id, "aud")) {
    const bool is_record = static_cast<bool>(talon::parse_id(entry_id));
    return talon::invalid(talon::echoed(id) +
                          " is no entry of the log, whose ids begin with aud_; `talon audit log" +
                          (is_record ? " --record TYPE/" + entry_id + "` shows those about this record"
                                     : std::string("` shows them")));
  }
  TALON_TRY(const Record found, caller.get("audit_entry", entry_id, entry_fields()));
  Entry entry = entry_of(found);
  if (entry.seq == 0) return talon::failed_precondition("the entry has no place yet; try again in a second");
  withhold_masked(entry);
  const auto checkpoint = find_checkpoint(own, "seq >= " + std::to_string(entry.seq), false);
  if (!checkpoint)
    return talon::failed_precondition("no checkpoint covers the entry yet; try again in a minute");
  TALON_TRY(Json path, path_of(own, checkpoint->seq, inclusion_ranges(entry.seq - 1, checkpoint->seq)));
  return out.write(Json::object({{"proof", kInclusion},
                                 {"entry", export_json(entry)},
                                 {"checkpoint", checkpoint_json(*checkpoint)},
                                 {"path", std::move(path)}})
                       .to_string() +
                   "\n");
}

Result<void> prove_growth(const Records& own, int64_t from, int64_t to, talon::Output& out) {
  TALON_TRY(const Checkpoint first, find_checkpoint(own, "seq is " + std::to_string(from), false));
  TALON_TRY(const Checkpoint second,
            find_checkpoint(own, to > 0 ? "seq is " + std::to_string(to) : std::string(), true));
  if (second.seq < first.seq) return talon::invalid("the second checkpoint is the later one");
  TALON_TRY(Json path, path_of(own, second.seq, consistency_ranges(first.seq, second.seq)));
  return out.write(Json::object({{"proof", kConsistency},
                                 {"from", checkpoint_json(first)},
                                 {"to", checkpoint_json(second)},
                                 {"path", std::move(path)}})
                       .to_string() +
                   "\n");
}

Result<void> verify_proof(const std::string& path, const std::string& key, talon::Output& out) {
  std::ifstream file(path);
  if (!file) return talon::not_found("cannot open " + path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto proof = Json::parse(text);
  const std::string wrong = path + " is no proof: `talon audit prove` and `consistency` write one " +
                            "(an export is for `talon audit verify`)";
  if (!proof || !proof->is_object()) return talon::invalid(wrong);
  if (key.empty()) return talon::invalid("give --key: who signed is what a proof stands on");
  TALON_TRY(const std::string trusted, read_key(key));
  const std::string_view kind = (*proof)["proof"].string();
  if (kind != kInclusion && kind != kConsistency) return talon::invalid(wrong);
  TALON_TRY(const Json answer, kind == kInclusion ? check_inclusion(*proof, words(trusted))
                                                  : check_consistency(*proof, words(trusted)));
  return out.write(answer.to_string() + "\n");
}

}  // namespace audit
