/// Events from the outbox to a subscriber.
#include "host/jobs/deliveries.hpp"

#include "host/runtime/log.hpp"
#include "host/storage/outbox.hpp"

#include <talon/id.hpp>

#include <algorithm>

namespace talon::jobs {

namespace {

constexpr int64_t kEntriesMax = 500;  // read at once

/// On PostgreSQL only transactions before the oldest that still runs: later ones may yet commit before them.
std::string settled(storage::Dialect dialect) {
  return dialect == storage::Dialect::Postgresql
             ? " and tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
             : "";
}

}  // namespace

int64_t Pauses::after(int64_t failures) const {
  int64_t pause = first_ms;
  for (int64_t i = 1; i < failures && pause < longest_ms; ++i) pause *= 2;
  return std::min(pause, longest_ms);
}

Delivery::Delivery(storage::Database& database, std::string subscriber,
                   std::set<std::string, std::less<>> events)
    : database_(database), subscriber_(std::move(subscriber)), events_(std::move(events)) {}

Result<void> Delivery::begin() {
  const std::string end =
      " from outbox where 1 = 1" + settled(database_.dialect()) + " order by tx desc, id desc limit 1";
  return database_.write(
      storage::Lane::Interactive, "deliveries/" + subscriber_, [&](storage::Transaction& transaction) {
        return transaction.post(
            {"insert into deliveries (subscriber, last_tx, last_id) values (?, coalesce((select tx" + end +
                 "), 0), coalesce((select id" + end + "), 0)) on conflict (subscriber) do nothing",
             {subscriber_}});
      });
}

Result<void> Delivery::load() {
  return database_.read([&](storage::Reader& reader) {
    return reader.rows(
        {"select last_tx, last_id, attempts, next_at from deliveries where subscriber = ?", {subscriber_}},
        [&](Row row) -> Result<void> {
          position_ = {row[0].integer(), row[1].integer(), row[2].integer(), row[3].integer(), {}};
          is_loaded_ = true;
          return {};
        });
  });
}

Result<std::vector<Delivery::Entry>> Delivery::waiting() {
  std::vector<Entry> entries;
  const storage::Sql sql{"select tx, id, at, event, type, record, version, data from outbox where " +
                             storage::outbox_after(database_.dialect()) + " order by tx, id limit ?",
                         {position_.tx, position_.id, kEntriesMax}};
  TALON_DO(database_.read([&](storage::Reader& reader) {
    entries.clear();
    return reader.rows(sql, [&](Row row) -> Result<void> {
      entries.push_back({row[0].integer(), row[1].integer(), row[2].integer(), std::string(row[3].text()),
                         std::string(row[4].text()), row[5].integer(), row[6].integer(),
                         std::string(row[7].text())});
      return {};
    });
  }));
  return entries;
}

Result<void> Delivery::store(const Position& position) {
  TALON_DO(database_.write(
      storage::Lane::Batch, "deliveries/" + subscriber_, [&](storage::Transaction& transaction) {
        return transaction.post(
            {"update deliveries set last_tx = ?, last_id = ?, attempts = ?, next_at = ?, last_error = ? "
             "where subscriber = ?",
             {position.tx, position.id, position.attempts, position.next_at,
              position.last_error.empty() ? Value() : Value(position.last_error), subscriber_}},
            1);
      }));
  return {};
}

Json Delivery::event_json(const Entry& entry, const model::Model& model) {
  const model::RecordType* type = model.find(entry.type);
  const auto data = Json::parse(entry.data);
  return Json::object(
      {{"id", Json(id_text("evt", entry.id))},
       {"event", Json(entry.event)},
       {"type", Json(entry.type)},
       {"record", entry.record > 0 && type != nullptr ? Json(id_text(type->prefix, entry.record)) : Json()},
       {"version", Json(entry.version)},
       {"at", Json(entry.at)},
       {"data", data ? *data : Json()}});
}

Result<int64_t> Delivery::step(EventHandler& handler, const model::Model& model, int64_t now_us,
                               const Pauses& pauses, const std::function<bool()>& is_stopping) {
  if (!is_loaded_) TALON_DO(load());
  if (!is_loaded_) {
    TALON_DO(begin());
    return 0;
  }
  if (position_.next_at > now_us) return (position_.next_at - now_us) / 1000 + 1;
  TALON_TRY(const std::vector<Entry> entries, waiting());
  bool has_delivered = false;
  int64_t passed = 0;
  for (const Entry& entry : entries) {
    if (is_stopping()) break;
    if (events_.contains(entry.event)) {
      if (const auto handled = handler.handle(subscriber_, event_json(entry, model)); !handled) {
        ++position_.attempts;
        const int64_t pause_ms = pauses.after(position_.attempts);
        position_.next_at = now_us + pause_ms * 1000;
        position_.last_error = handled.error().message;
        runtime::log().warn("event.delivery_failed", {{"plugin", Json(subscriber_)},
                                                      {"event", Json(id_text("evt", entry.id))},
                                                      {"attempts", Json(position_.attempts)},
                                                      {"error", Json(position_.last_error)}});
        TALON_DO(store(position_));
        return pause_ms;
      }
      has_delivered = true;
    } else {
      ++passed;
    }
    position_ = {entry.tx, entry.id, 0, 0, {}};
  }
  // Foreign events alone are not worth a write each time: after a restart they are passed again.
  if (has_delivered || passed == kEntriesMax) TALON_DO(store(position_));
  return static_cast<int64_t>(entries.size()) == kEntriesMax ? 0 : -1;
}

}  // namespace talon::jobs
