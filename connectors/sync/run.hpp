/// Runs a connector's streams: page by page, each page one transaction with the stream's state.
#pragma once

#include "writer.hpp"

#include <talon/plugin.hpp>

#include <array>
#include <functional>
#include <memory>

namespace talon::sync {

/// What a run came to, a stream.
struct StreamResult {
  std::string stream;
  Counts counts;
  std::vector<std::string> warnings;
  std::string error;        ///< empty: it went through
  bool is_waiting = false;  ///< the error may pass: try later
};

/// One planned item: what a stale plan is told apart by.
struct Planned {
  std::string stream;
  std::string external_id;
  Item::Kind kind = Item::Kind::Unchanged;
  std::string row;  ///< hash of the source row
  std::string reason;
  std::vector<std::array<std::string, 3>> changes;  ///< field, old, new
  /// All of it on one line.
  std::string line() const;
};

/// How a run goes.
struct RunOptions {
  std::string stream;                    ///< empty: all
  bool writes = true;                    ///< else it plans
  std::function<void(Planned)> planned;  ///< gets every item that is not unchanged
  const std::map<std::string, std::string>* expected =
      nullptr;                   ///< "STREAM/ID" → line: anything else ends the run
  bool retries_rejects = false;  ///< rejected rows too, not just deferred ones
};

class Run {
 public:
  Run(Host& host, const Connector& connector, const model::Model& model, RunOptions options);

  /// Runs the streams in order; one that fails does not stop those that do not need it.
  std::vector<StreamResult> run();
  /// Only what was set aside.
  std::vector<StreamResult> retry();

 private:
  StreamResult guarded(const Stream& stream, Result<void> (Run::*work)(const Stream&, StreamResult&));
  Result<void> run_stream(const Stream& stream, StreamResult& result);
  Result<void> run_pages(const Stream& stream, Writer& writer, State& state, StreamResult& result);
  Result<void> retry_stream(const Stream& stream, StreamResult& result);
  Result<void> run_page(const Stream& stream, Writer& writer, State& state, SourcePage page,
                        StreamResult& result);
  Result<void> run_waiting(const Stream& stream, Writer& writer, StreamResult& result);
  void plan_waiting(const Stream& stream, const SourceRow& row);
  Result<void> run_gone(const Stream& stream, Writer& writer, State& state, StreamResult& result);
  Result<std::vector<Item>> diff(const Stream& stream, std::vector<SourceRow> rows);
  Result<void> judge(const Stream& stream, const std::vector<Item>& items);
  Result<void> open_source();
  Result<void> check_shape(const Stream& stream, const SourcePage& page) const;
  void note_run(const StreamResult& result);
  void fail_state(const Stream& stream, const StreamResult& result);

  Host& host_;
  const Connector& connector_;
  const model::Model& model_;
  RunOptions options_;
  Records records_;
  Lookups lookups_;
  std::unique_ptr<connector::Source> source_;
  int64_t fence_ = 0;  ///< of the stream under way; 0: it was not taken
  std::map<std::string, std::map<std::string, SourceRow>>
      deferred_;  // of a plan: rows that wait, by stream and id
};

/// The connection with its secrets put in. @return NotFound: a secret that nobody configured, by name.
Result<Json> resolved_connection(const Host& host, const Connector& connector);

}  // namespace talon::sync
