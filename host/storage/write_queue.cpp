/// The queue of waiting writes.
#include "host/storage/write_queue.hpp"

#include "host/storage/group_writer.hpp"

#include <algorithm>

namespace talon::storage {

Result<void> WriteQueue::wait_for(Lane lane, std::string_view group, const WriteWork& work) {
  if (GroupWriter::is_own_thread()) return internal("a write inside a write would wait for itself");
  WaitingWrite write;
  write.work = &work;
  write.lane = lane;
  write.group = group;
  std::unique_lock lock(mutex_);
  if (is_closed_) return unavailable("the database is being closed; try again after the restart");
  lanes_[write.lane == Lane::Interactive ? 0 : 1].push_back(&write);
  arrived_.notify_one();
  write.done.wait(lock, [&] { return write.is_done; });
  return std::move(write.outcome);
}

bool WriteQueue::may_take(int writer, const WaitingWrite& write) const {
  if (write.group.empty()) return true;
  const auto holder = holders_.find(write.group);
  return holder == holders_.end() || holder->second.writer == writer;
}

bool WriteQueue::has_work(int writer) const {
  return std::any_of(lanes_.begin(), lanes_.end(), [&](const auto& lane) {
    return std::any_of(lane.begin(), lane.end(), [&](const auto* write) { return may_take(writer, *write); });
  });
}

std::vector<WaitingWrite*> WriteQueue::take_locked(int writer, std::size_t limit) {
  std::vector<WaitingWrite*> taken;
  for (auto& lane : lanes_) {
    for (auto at = lane.begin(); at != lane.end() && taken.size() < limit;) {
      if (!may_take(writer, **at)) {
        ++at;
        continue;
      }
      if (!(*at)->group.empty()) {
        Holder& holder = holders_[(*at)->group];
        holder.writer = writer;
        ++holder.writes;
      }
      taken.push_back(*at);
      at = lane.erase(at);
    }
  }
  return taken;
}

std::vector<WaitingWrite*> WriteQueue::take(int writer, std::size_t limit) {
  std::unique_lock lock(mutex_);
  const auto is_empty = [&] { return lanes_[0].empty() && lanes_[1].empty(); };
  arrived_.wait(lock, [&] { return has_work(writer) || (is_closed_ && is_empty()); });
  return take_locked(writer, limit);
}

std::vector<WaitingWrite*> WriteQueue::take_more(int writer, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  return take_locked(writer, limit);
}

void WriteQueue::let_go(int writer, const WaitingWrite& write) {
  if (write.group.empty()) return;
  const auto holder = holders_.find(write.group);
  if (holder == holders_.end() || holder->second.writer != writer) return;
  if (--holder->second.writes == 0) holders_.erase(holder);
}

void WriteQueue::finish(int writer, const std::vector<WaitingWrite*>& done) {
  const std::lock_guard lock(mutex_);
  for (WaitingWrite* write : done) {
    let_go(writer, *write);
    write->is_done = true;
    write->done.notify_one();  // with the lock: it is gone as soon as its caller wakes
  }
  if (!lanes_[0].empty() || !lanes_[1].empty())
    arrived_.notify_all();  // a group that was held may be free now
}

void WriteQueue::put_back(int writer, WaitingWrite& write) {
  const std::lock_guard lock(mutex_);
  let_go(writer, write);
  lanes_[write.lane == Lane::Interactive ? 0 : 1].push_front(&write);
  arrived_.notify_all();
}

void WriteQueue::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  arrived_.notify_all();
}

}  // namespace talon::storage
