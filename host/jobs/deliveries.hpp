/// The outbox' events to one subscriber: at least once, in commit order, again after a pause when it fails.
#pragma once

#include "host/storage/database.hpp"

#include <talon/json.hpp>
#include <talon/model.hpp>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace talon::jobs {

/// Where events go; implemented over the plugins room.
class EventHandler {
 public:
  virtual ~EventHandler() = default;
  /// @param event  {"id","event","type","record","version","at","data"}; the same id again after a failure.
  /// @threads any, never two at once for one plugin.
  virtual Result<void> handle(std::string_view plugin, const Json& event) = 0;
};

/// How often to try again: from `first` doubled up to `longest`.
struct Pauses {
  int64_t first_ms = 1000;
  int64_t longest_ms = 300'000;
  /// After `failures` (≥ 1) in a row.
  int64_t after(int64_t failures) const;
};

/// One subscriber's way through the outbox. @threads one at a time.
class Delivery {
 public:
  Delivery(storage::Database& database, std::string subscriber, std::set<std::string, std::less<>> events);

  /// Makes the subscriber's row, at the outbox' end: events before its first start are not for it.
  Result<void> begin();

  /// Delivers what waits, at most `limit` events, and writes down how far it came.
  /// @param model  for the ids' text forms. @param is_stopping  asked between events.
  /// @return milliseconds until more is to be done: 0 at once, −1 nothing waits.
  Result<int64_t> step(EventHandler& handler, const model::Model& model, int64_t now_us, const Pauses& pauses,
                       const std::function<bool()>& is_stopping);

  /// Reads the position again at the next step: another host may have gone on meanwhile.
  void forget() { is_loaded_ = false; }

  const std::set<std::string, std::less<>>& events() const { return events_; }

 private:
  struct Position {
    int64_t tx = 0;
    int64_t id = 0;
    int64_t attempts = 0;
    int64_t next_at = 0;
    std::string last_error;
  };
  struct Entry {
    int64_t tx = 0;
    int64_t id = 0;
    int64_t at = 0;
    std::string event;
    std::string type;
    int64_t record = 0;
    int64_t version = 0;
    std::string data;
  };
  Result<void> load();
  Result<std::vector<Entry>> waiting();
  Result<void> store(const Position& position);
  static Json event_json(const Entry& entry, const model::Model& model);

  storage::Database& database_;
  std::string subscriber_;
  std::set<std::string, std::less<>> events_;
  Position position_;
  bool is_loaded_ = false;
};

}  // namespace talon::jobs
