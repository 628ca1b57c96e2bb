/// Connections for reading that keep their snapshots.
#include "host/storage/sqlite/readers.hpp"

#include <ctime>

#include <utility>

namespace talon::storage::sqlite {

namespace {

/// Reads that follow each other within this time keep the snapshot for each other; a lone one ends it, so
/// that a database nobody asks is held by nobody.
constexpr int64_t kNextReadMs = 20;
/// No snapshot is older: programs from outside (a backup, a checkpoint by hand) find their moment.
constexpr int64_t kSnapshotMsMax = 100;

const Sql kBeginRead{"begin", {}};
const Sql kEndRead{"rollback", {}};

/// Monotonic, exact to a tick of the kernel (1 to 10 ms), and cheap: it is asked twice in every read.
int64_t coarse_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

class SnapshotReader : public Reader {
 public:
  explicit SnapshotReader(ReadConnection& connection) : connection_(connection) {}
  Result<void> rows(const Sql& sql, const RowSink& sink) override { return connection_.rows(sql, sink); }

 private:
  ReadConnection& connection_;
};

}  // namespace

Result<std::unique_ptr<ReadConnection>> ReadConnection::open(const std::string& path) {
  TALON_TRY(auto connection, Connection::open(path, Access::Read));
  return std::unique_ptr<ReadConnection>(new ReadConnection(std::move(connection)));
}

Result<bool> ReadConnection::begin() {
  const int64_t now = coarse_ms();
  if (std::exchange(is_kept_, false)) {
    if (now - taken_ms_ <= kSnapshotMsMax && index_.is_still(taken_)) return false;
    if (!let_go()) return unavailable("SQLite: a read that was over could not be ended; try again");
  }
  // The first statement takes the snapshot: later than this look, so it is never older.
  has_taken_ = index_.is_found();
  if (has_taken_) taken_ = index_.look();
  taken_ms_ = now;
  TALON_DO(connection_->run(kBeginRead, nullptr));
  return true;
}

Result<void> ReadConnection::rows(const Sql& sql, const RowSink& sink) {
  TALON_DO(connection_->run(sql, &sink));
  return {};
}

Result<void> ReadConnection::finish(bool may_keep) {
  if (connection_->is_idle()) return {};  // some failures end the transaction by themselves
  const int64_t now = coarse_ms();
  const bool is_close = now - std::exchange(finished_ms_, now) <= kNextReadMs;
  is_kept_ = may_keep && is_close && has_taken_;
  if (is_kept_) return {};
  if (!index_.is_found()) index_.find(connection_->handle());
  TALON_DO(connection_->run(kEndRead, nullptr));
  return {};
}

bool ReadConnection::let_go() {
  is_kept_ = false;
  if (connection_->is_idle()) return true;
  return connection_->run(kEndRead, nullptr) && connection_->is_idle();
}

void ReadConnection::let_go_if_old() {
  if (is_kept_ && coarse_ms() - taken_ms_ > kSnapshotMsMax) let_go();
}

Readers::Readers(std::string path, int limit)
    : pool_(
          static_cast<std::size_t>(limit), [path = std::move(path)] { return ReadConnection::open(path); },
          [this](ReadConnection& connection) {
            return (connection.is_kept() && may_keep_) || connection.let_go();
          }) {}

Result<void> Readers::read(const ReadWork& work) {
  return pool_.with([&](ReadConnection& connection) -> Result<void> {
    TALON_TRY(const bool is_new, connection.begin());
    if (is_new) pool_.for_idle([](ReadConnection& idle) { idle.let_go_if_old(); });
    SnapshotReader reader(connection);
    auto outcome = work(reader);
    if (auto finished = connection.finish(outcome && may_keep_); !finished && outcome) return finished;
    return outcome;
  });
}

void Readers::must_let_go() {
  // Who gives a connection back after the visit below sees it, since both hold the pool's lock.
  may_keep_ = false;
  pool_.for_idle([](ReadConnection& idle) { idle.let_go(); });
}

}  // namespace talon::storage::sqlite
