/// Writes a page: records, identities, rejects, proposals and the stream's state in one transaction.
#pragma once

#include "item.hpp"

namespace talon::sync {

/// A stream's progress; one row of sync_state.
struct State {
  int64_t id = 0;
  int64_t version = 0;
  int64_t fence = 0;
  int64_t rows_total = 0;
  Json position;
  std::string since;
  std::string high_water;
  std::string fingerprint;
  std::string mapping;
  std::string last_error;
  int64_t last_started = 0;
  int64_t last_success = 0;
  int64_t last_key_diff = 0;
};

/// Reads a stream's state, or makes it.
Result<State> load_state(const Records& records, const std::string& connector, const std::string& stream);
/// The state without making it; `id` is 0 where there is none.
Result<State> find_state(const Records& records, const std::string& connector, const std::string& stream);

/// @threads serial.
class Writer {
 public:
  Writer(const Connector& connector, const Stream& stream, Records records)
      : connector_(connector), stream_(stream), records_(records) {}

  /// External ids that have a reject now; they lose it when their row goes through.
  Result<void> load_rejects();
  /// Writes on as the run that took the stream with that fence.
  void hold(const State& state, int64_t fence) {
    state_id_ = state.id;
    fence_ = fence;
  }
  /// Takes the stream: another run that still writes finds its state changed and stops.
  Result<void> take(State& state, int64_t now_us);
  /// Writes items and the state in one transaction. A row that the host refuses is found by halving and set
  /// aside; the others go through. The items' kinds tell what became of them.
  /// @return Aborted: another run took the stream over. Unavailable: nothing of this call but whole halves is
  /// written,
  ///         and the state has not moved.
  Result<void> write(std::vector<Item>& items, State& state);
  /// Writes items alone.
  Result<void> write(std::vector<Item>& items);

 private:
  using Range = std::pair<std::size_t, std::size_t>;
  Result<void> reload_rejects();
  Result<void> write_range(std::vector<Item>& items, Range range, const State* state);
  void add(ChangeSet& changes, const Item& item, std::size_t index);
  void add_ref(ChangeSet& changes, const Item& item, const Value& record);
  void add_reject(ChangeSet& changes, const Item& item);
  void add_state(ChangeSet& changes, const State& state);
  Result<void> set_aside(Item& item, const Error& error) const;

  const Connector& connector_;
  const Stream& stream_;
  Records records_;
  int64_t state_id_ = 0;
  int64_t fence_ = 0;                                           // of the stream that was taken; 0: none was
  std::map<std::string, std::pair<int64_t, int64_t>> rejects_;  // external id → id, version
  bool has_touched_rejects_ = false;                            // since they were loaded
};

}  // namespace talon::sync
