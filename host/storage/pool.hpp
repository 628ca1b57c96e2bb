/// Connections for reading: kept, lent to one thread at a time.
#pragma once

#include <talon/result.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace talon::storage {

/// Lends up to `limit` connections; who comes later waits. A thread that already holds one of this kind gets
/// another beyond the limit, since it would wait for itself. @threads any.
template <typename Connection>
class Pool {
 public:
  using Open = std::function<Result<std::unique_ptr<Connection>>()>;
  /// Asked with the pool's lock before a connection waits for its next use: brief. @return false: close it.
  using Settle = std::function<bool(Connection&)>;

  Pool(std::size_t limit, Open open, Settle settle = {})
      : limit_(limit), open_(std::move(open)), settle_(std::move(settle)) {}

  /// Runs `use(Connection&)` with a connection of its own. @return what it returned, or why none could be
  /// opened.
  template <typename Use>
  Result<void> with(const Use& use) {
    TALON_TRY(Lease lease, take());
    return use(*lease.connection);
  }

  /// Calls `visit(Connection&)` with each that nobody uses, with the pool's lock: brief.
  template <typename Visit>
  void for_idle(const Visit& visit) {
    const std::lock_guard lock(mutex_);
    for (const auto& connection : idle_) visit(*connection);
  }

 private:
  struct Lease {
    Lease(Pool& owner, std::unique_ptr<Connection> lent) : pool(&owner), connection(std::move(lent)) {
      ++depth();
    }
    Lease(Lease&& other) noexcept
        : pool(std::exchange(other.pool, nullptr)), connection(std::move(other.connection)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool == nullptr) return;
      --depth();
      pool->give_back(std::move(connection));
    }
    Pool* pool;
    std::unique_ptr<Connection> connection;
  };

  static int& depth() {
    static thread_local int held = 0;
    return held;
  }

  Result<Lease> take() {
    {
      std::unique_lock lock(mutex_);
      if (depth() == 0) free_.wait(lock, [&] { return !idle_.empty() || lent_ < limit_; });
      ++lent_;
      if (!idle_.empty()) {
        std::unique_ptr<Connection> connection = std::move(idle_.back());
        idle_.pop_back();
        return Lease(*this, std::move(connection));
      }
    }
    auto opened = open_();
    if (!opened) {
      give_back(nullptr);
      return std::move(opened).error();
    }
    return Lease(*this, *std::move(opened));
  }

  void give_back(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    --lent_;
    const bool is_wanted = connection && idle_.size() < limit_;
    if (is_wanted && (!settle_ || settle_(*connection))) idle_.push_back(std::move(connection));
    free_.notify_one();
  }

  const std::size_t limit_;
  Open open_;
  Settle settle_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::size_t lent_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace talon::storage
