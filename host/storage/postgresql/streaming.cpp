/// Rows one by one as the server sends them, and statements that start while others still give rows.
#include "host/storage/postgresql/connection.hpp"
#include "host/storage/postgresql/rows.hpp"

#include <memory>
#include <utility>

namespace talon::storage::postgresql {

namespace {

constexpr std::size_t kPendingMax = 2000;    // queued results; beyond it they are read
constexpr std::size_t kDiscardedMax = 2000;  // rows nobody wants; beyond it the server is told to stop

}  // namespace

/// The rows of the statement under way. Who starts another statement meanwhile first takes the rest into
/// memory.
struct Connection::Stream {
  std::deque<ResultHandle> spooled;
  bool is_complete = false;
};

/// The next result with rows, or null after the last one; the statement and its sync are then off the queue.
PGresult* Connection::next_of(Stream& stream) {
  while (!stream.is_complete) {
    PGresult* result = is_lost_ ? nullptr : PQgetResult(handle_);
    if (result == nullptr) {
      stream.is_complete = true;
      if (PQstatus(handle_) != CONNECTION_OK) fail(pending_.front(), lost(), false);
      pending_.pop_front();
      collect(0);
      return nullptr;
    }
    take(pending_.front(), result);
    if (PQntuples(result) > 0) return result;
    PQclear(result);
  }
  return nullptr;
}

void Connection::spool(Stream& stream) {
  while (PGresult* result = next_of(stream)) stream.spooled.emplace_back(result);
}

void Connection::discard(Stream& stream) {
  std::size_t discarded = 0;
  stream.spooled.clear();
  while (PGresult* result = next_of(stream)) {
    PQclear(result);
    if (++discarded != kDiscardedMax) continue;
    PGcancel* cancel = PQgetCancel(handle_);
    char reason[256];
    PQcancel(cancel, reason, sizeof(reason));  // if it cannot be stopped, the rows are read to their end
    PQfreeCancel(cancel);
  }
}

Result<void> Connection::stream_rows(const RowSink& sink) {
  Stream stream;
  Stream* outer = std::exchange(stream_, &stream);
  RowReader reader;
  Result<void> outcome;
  while (outcome) {
    ResultHandle result;
    if (stream.spooled.empty()) {
      result.reset(next_of(stream));
    } else {
      result = std::move(stream.spooled.front());
      stream.spooled.pop_front();
    }
    if (!result) break;
    for (int row = 0; outcome && row < PQntuples(result.get()); ++row) {
      auto cells = reader.read(result.get(), row);
      outcome = cells ? sink(*cells) : Result<void>(std::move(cells).error());
    }
  }
  if (!outcome) {
    const auto before = failure_;
    discard(stream);
    failure_ = before;  // that it was cancelled is no news
  }
  stream_ = outer;
  return outcome;
}

Result<void> Connection::post(const Sql& sql, int64_t expect_rows, std::size_t owner) {
  if (stream_ != nullptr) spool(*stream_);
  TALON_DO(send(sql, expect_rows, owner));
  return pending_.size() > kPendingMax ? flush() : Result<void>();
}

Result<void> Connection::finish(const Sql& sql) {
  TALON_DO(send(sql, -1, 0));
  return sync();
}

Result<void> Connection::flush() {
  if (pending_.empty() && !is_lost_) return failure_ ? Result<void>(failure_->error) : Result<void>();
  TALON_DO(sync());
  collect(0);
  if (failure_) return failure_->error;
  return {};
}

Result<int64_t> Connection::run(const Sql& sql, const RowSink* sink, std::size_t owner) {
  if (stream_ != nullptr) spool(*stream_);
  TALON_DO(send(sql, -1, owner));
  TALON_DO(sync());
  collect(2);  // the statement and its sync
  if (sink != nullptr && !failure_ && !is_lost_) {
    PQsetSingleRowMode(handle_);  // where it cannot, all rows come in one result
    TALON_DO(stream_rows(*sink));
  } else {
    collect(0);
  }
  if (failure_) return failure_->error;
  return affected_;
}

}  // namespace talon::storage::postgresql
