/// What a page does to the records: one item a row, with its field changes.
#pragma once

#include "mapper.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace talon::sync {

/// An identity: what ties an external id to a record. One row of sync_ref.
struct Ref {
  int64_t id = 0;  ///< 0: there is none yet
  int64_t version = 0;
  int64_t record = 0;  ///< 0: of another type, from before the stream's target was changed
  std::string hash;
};

struct FieldChange {
  const FieldMap* map = nullptr;
  Value after;
  std::string before_text;
  std::string after_text;
};

struct Item {
  enum class Kind { Create, Change, Delete, Unchanged, Proposal, Rejected, Deferred };
  Kind kind = Kind::Unchanged;
  std::string external_id;
  int64_t record = 0;
  int64_t version = 0;
  std::vector<FieldChange> changes;
  Json lists;              ///< written with a create or a change; null: none
  std::string hash;        ///< of the mapped row
  Ref ref;                 ///< the identity as it is
  bool needs_ref = false;  ///< the identity must be written
  std::string field;       ///< of Rejected and Deferred
  std::string reason;
  bool is_bare = false;  ///< a reject that is kept without its row
  SourceRow row;         ///< as it was read: kept with a reject, and what a plan is held to
};

inline const char* kind_name(Item::Kind kind) {
  static constexpr const char* kNames[] = {"create",   "change", "delete", "unchanged",
                                           "proposal", "reject", "defer"};
  return kNames[static_cast<std::size_t>(kind)];
}

struct Counts {
  int64_t created = 0;
  int64_t changed = 0;
  int64_t deleted = 0;
  int64_t unchanged = 0;
  int64_t proposed = 0;
  int64_t rejected = 0;
  int64_t deferred = 0;

  void add(Item::Kind kind);
  void add(const Counts& other);
  /// {"created": N, …} in a fixed order.
  Json json() const;
  /// "12 created, 3 changed, 1 rejected": what is not zero.
  std::string text() const;
  bool is_quiet() const { return created + changed + deleted + proposed + rejected + deferred == 0; }
};

/// Compares mapped rows with what is there. Reads only. @threads serial.
class Differ {
 public:
  Differ(const Connector& connector, const Stream& stream, const model::Model& model, Records records)
      : connector_(connector),
        stream_(stream),
        model_(model),
        type_(*model.find(stream.type)),
        records_(records) {}

  /// One item a row that is not filtered out, in order.
  Result<std::vector<Item>> items(std::vector<Mapped> rows);
  /// Marks records as gone, by their external ids (key_diff).
  Result<std::vector<Item>> gone(const std::set<std::string>& external_ids);

 private:
  struct Current {
    int64_t version = 0;
    std::vector<Value> values;
    bool is_frozen = false;
  };

  Result<void> load_refs(const std::set<std::string>& ids);
  Result<void> load_matches(const std::vector<Mapped>& rows);
  Result<void> load_current(const std::set<int64_t>& ids);
  Result<void> load_frozen(const std::string& ids);
  std::string match_key(const Mapped& row) const;
  Item item(Mapped row);
  void fill_changes(Item& item, const Mapped& row, const std::vector<FieldMap>& fields,
                    const std::vector<Value>& values);
  std::vector<Value> deleted_values() const;
  void freeze(Item& item);
  std::string text(const FieldMap& map, const Value& value, std::string_view currency) const;
  std::string prefix(const model::Field& field) const;

  const Connector& connector_;
  const Stream& stream_;
  const model::Model& model_;
  const model::RecordType& type_;
  Records records_;
  std::unordered_map<std::string, Ref> refs_;
  std::map<std::string, std::pair<int64_t, std::string>>
      matches_;  // natural key → record, who has it already
  std::map<int64_t, Current> current_;
};

}  // namespace talon::sync
