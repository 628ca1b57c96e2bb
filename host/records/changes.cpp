/// The change feed: what was committed, in commit order, as far as the caller may see it (decisions 15).
#include "host/gate/row_filter.hpp"
#include "host/records/cursor.hpp"
#include "host/records/inside.hpp"
#include "host/storage/condition_sql.hpp"
#include "host/storage/outbox.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>

#include <algorithm>

namespace talon::records {

namespace {

/// Rows of the outbox that are judged together.
constexpr std::size_t kRowsOfBatch = 1000;

struct FeedRow {
  int64_t tx = 0;
  int64_t id = 0;
  std::string event;
  std::string type;
  int64_t record = 0;
  int64_t version = 0;
  int64_t at = 0;
};

storage::Sql feed_sql(storage::Dialect dialect, int64_t tx, int64_t id, int64_t limit) {
  return {"select tx, id, event, type, record, version, at from outbox where " +
              storage::outbox_after(dialect) + " order by tx, id limit ?",
          {tx, id, limit}};
}

storage::Sql end_sql(storage::Dialect dialect) {
  const std::string settled = dialect == storage::Dialect::Postgresql
                                  ? " where tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                                  : "";
  return {"select tx, id from outbox" + settled + " order by tx desc, id desc limit 1", {}};
}

/// The ids among `records` that `decision` shows.
Result<std::vector<int64_t>> visible_of(storage::Reader& reader, const Generation& generation,
                                        const gate::Decision& decision, const TypeInfo& type,
                                        const std::vector<int64_t>& records, const Records::Inside& inside) {
  std::vector<int64_t> visible;
  if (decision.verdict() == gate::Decision::Verdict::Never || records.empty()) return visible;
  storage::Sql sql{"select t.id from " + type.table + " as t where t.id in (", {}};
  for (const int64_t record : records) {
    sql.text += sql.binds.empty() ? "?" : ", ?";
    sql.binds.emplace_back(record);
  }
  sql.text += ") and ";
  gate::write_row_filter(decision, inside.path_sql(generation, type, "t"), inside.parts.today(),
                         inside.dialect(), sql);
  TALON_DO(reader.rows(sql, [&](Row row) -> Result<void> {
    visible.push_back(row[0].integer());
    return {};
  }));
  return visible;
}

class Feed {
 public:
  Feed(Records::Inside& inside, const Call& call, const std::vector<std::string>& types)
      : inside_(inside), call_(call), types_(types), generation_(inside.generation()) {}

  Result<Json> read(std::string_view token, int64_t limit) {
    const std::string binding = "changes\n" + call_.principal.json().to_string();
    if (token.empty()) return begin(binding, Reset::No);
    TALON_TRY(const storage::OutboxPlace place, open_place(token, binding, inside_.parts.signing_key));
    return page(place, static_cast<std::size_t>(limit), binding);
  }

 private:
  std::string next_token(const storage::OutboxPlace& place, const std::string& binding) const {
    return seal_place(place, binding, inside_.parts.signing_key);
  }

  /// From now on. Reset: events before that are lost to the caller, who has to read everything again.
  enum class Reset { No, Yes };
  Result<Json> begin(const std::string& binding, Reset is_reset) {
    storage::OutboxPlace end;
    TALON_DO(inside_.parts.database->read([&](storage::Reader& reader) {
      return reader.rows(end_sql(inside_.dialect()), [&](Row row) -> Result<void> {
        end = {row[0].integer(), row[1].integer()};
        return {};
      });
    }));
    return Json::object({{"changes", Json::array()},
                         {"next", next_token(end, binding)},
                         {"more", false},
                         {"reset", is_reset == Reset::Yes}});
  }

  /// A page is full of what the caller sees: how much else happened shows in no count and no page end.
  Result<Json> page(storage::OutboxPlace place, std::size_t limit, const std::string& binding) {
    Json changes = Json::array();
    bool has_more = false;
    std::vector<FeedRow> rows;
    do {
      TALON_TRY(const bool is_expired, read_rows(place, rows));
      if (is_expired) return begin(binding, Reset::Yes);
      std::map<std::string, std::vector<int64_t>> visible;
      TALON_DO(judge(rows, visible));
      for (const FeedRow& row : rows) {
        const std::vector<int64_t>& ids = visible[row.type];
        const bool is_shown = std::find(ids.begin(), ids.end(), row.record) != ids.end();
        has_more = is_shown && changes.items().size() == limit;
        if (has_more) break;
        if (is_shown) changes.push(shown(row));
        place = {row.tx, row.id};
      }
    } while (!has_more && rows.size() == kRowsOfBatch);
    return Json::object({{"changes", std::move(changes)},
                         {"next", next_token(place, binding)},
                         {"more", has_more},
                         {"reset", false}});
  }

  /// @return whether what came after `place` is no longer kept.
  Result<bool> read_rows(const storage::OutboxPlace& place, std::vector<FeedRow>& rows) {
    bool is_expired = false;
    TALON_DO(inside_.parts.database->read([&](storage::Reader& reader) -> Result<void> {
      rows.clear();
      TALON_TRY(const storage::OutboxPlace trimmed, storage::trimmed_to(reader));
      is_expired = place < trimmed;
      const auto sql = feed_sql(inside_.dialect(), place.tx, place.id, static_cast<int64_t>(kRowsOfBatch));
      return reader.rows(sql, [&](Row row) -> Result<void> {
        rows.push_back({row[0].integer(), row[1].integer(), std::string(row[2].text()),
                        std::string(row[3].text()), row[4].integer(), row[5].integer(), row[6].integer()});
        return {};
      });
    }));
    return is_expired;
  }

  Json shown(const FeedRow& row) const {
    const model::RecordType& type = *generation_->find(row.type)->type;
    return Json::object({{"event", row.event},
                         {"type", row.type},
                         {"id", id_text(type.prefix, row.record)},
                         {"version", row.version},
                         {"at", Timestamp(row.at).to_string()}});
  }

  /// Which records of the rows are visible now. The authorizer is a plugin and may read for itself, so that
  /// no snapshot is open while it is asked.
  Result<void> judge(const std::vector<FeedRow>& rows, std::map<std::string, std::vector<int64_t>>& visible) {
    std::map<std::string, std::vector<int64_t>> asked;
    for (const FeedRow& row : rows) {
      const bool is_wanted =
          types_.empty() || std::find(types_.begin(), types_.end(), row.type) != types_.end();
      const TypeInfo* const type = is_wanted ? generation_->find(row.type) : nullptr;
      // What was a type of records when it was written may be a view by now.
      if (type != nullptr && type->type->kind == model::Kind::Stored) asked[row.type].push_back(row.record);
    }
    if (asked.empty()) return {};
    std::map<std::string, std::shared_ptr<const gate::Decision>> decisions;
    for (const auto& [name, records] : asked) {
      TALON_TRY(decisions[name], inside_.parts.gate->decide(call_.principal, "view", name));
    }
    return inside_.parts.database->read([&](storage::Reader& reader) -> Result<void> {
      for (const auto& [name, records] : asked) {
        TALON_TRY(visible[name], visible_of(reader, *generation_, *decisions[name], *generation_->find(name),
                                            records, inside_));
      }
      return {};
    });
  }

  Records::Inside& inside_;
  const Call& call_;
  const std::vector<std::string>& types_;
  std::shared_ptr<const Generation> generation_;
};

}  // namespace

Result<Json> Records::changes(const Call& call, std::string_view token, const std::vector<std::string>& types,
                              int64_t limit) {
  if (limit < 1 || limit > 1000) return invalid("limit is 1 to 1000");
  return Feed(*inside_, call, types).read(token, limit);
}

uint64_t Records::wait_for_commit(uint64_t seen, std::chrono::milliseconds at_most) {
  std::unique_lock lock(inside_->commit_mutex);
  inside_->commit_done.wait_for(lock, at_most, [&] { return inside_->commits != seen; });
  return inside_->commits;
}

}  // namespace talon::records
