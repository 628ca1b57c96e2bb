/// A bounded pool of worker threads with a bounded queue.
#include "host/runtime/executor.hpp"

#include "host/runtime/log.hpp"

#include <algorithm>
#include <exception>

namespace talon::runtime {

namespace {

void run_logged(const std::function<void()>& task) {
  try {
    task();
  } catch (const std::exception& error) {
    log().error("executor.task_failed", {{"reason", error.what()}});
  } catch (...) {
    log().error("executor.task_failed", {{"reason", "an exception that is no std::exception"}});
  }
}

}  // namespace

Executor::Executor(Options options) : options_(options) {
  const int count = std::max(options_.threads, 1);
  threads_.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
}

Executor::~Executor() { stop(); }

Result<void> Executor::submit(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return unavailable("the server is stopping; try again later");
    if (queue_.size() >= options_.queue_max) {
      return Error{Code::ResourceExhausted, "too much work is waiting; try again later"};
    }
    queue_.push_back(std::move(task));
    call_one();
  }
  return {};
}

void Executor::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    while (call_one()) continue;
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::size_t Executor::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

bool Executor::call_one() {
  if (idle_.empty()) return false;
  idle_.back()->is_called = true;
  idle_.back()->wake.notify_one();
  idle_.pop_back();
  return true;
}

void Executor::work() {
  Idle idle;
  while (true) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      while (queue_.empty() && !is_stopping_) {
        idle.is_called = false;
        idle_.push_back(&idle);
        idle.wake.wait(lock, [&idle] { return idle.is_called; });
      }
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    ++busy_;
    run_logged(task);
    --busy_;
  }
}

}  // namespace talon::runtime
