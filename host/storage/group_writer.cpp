/// The loop of group commit.
#include "host/storage/group_writer.hpp"

#include <algorithm>
#include <chrono>
#include <exception>

namespace talon::storage {

namespace {

int64_t now_us() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

thread_local bool is_writer = false;

/// The work is the host's own code, but what it throws must not end the writer.
Result<void> call(const WriteWork& work, Transaction& transaction) {
  try {
    return work(transaction);
  } catch (const std::exception& thrown) {
    return internal(std::string("a write threw an exception: ") + thrown.what());
  }
}

}  // namespace

GroupWriter::GroupWriter(WriteQueue& queue, int number, std::unique_ptr<GroupConnection> connection,
                         GroupLimits limits)
    : queue_(queue), number_(number), connection_(std::move(connection)), limits_(limits), thread_([this] {
        serve();
      }) {}

bool GroupWriter::is_own_thread() { return is_writer; }

void GroupWriter::serve() {
  is_writer = true;
  while (true) {
    std::vector<WaitingWrite*> writes = queue_.take(number_, limits_.writes);
    if (writes.empty()) return;
    done_.clear();
    run_group(writes);
    queue_.finish(number_, done_);
  }
}

void GroupWriter::run_group(std::vector<WaitingWrite*>& writes) {
  bool checked = false;
  while (!writes.empty() && run_once(writes, checked)) checked = true;
}

void GroupWriter::run_one(WaitingWrite& write, std::size_t index, bool savepoint, bool checked) {
  ++write.runs;
  write.outcome = connection_->start(index, savepoint);
  if (write.outcome) write.outcome = call(*write.work, connection_->transaction());
  if (write.outcome) write.outcome = connection_->keep(checked);
  if (write.outcome || connection_->late_failure()) return;
  if (const auto undone = connection_->undo(); !undone) is_lost_ = true;
}

bool GroupWriter::redo_without(std::vector<WaitingWrite*>& writes,
                               const GroupConnection::LateFailure& failure) {
  connection_->roll_back();
  WaitingWrite* failed = writes[failure.index];
  failed->outcome = failure.error;
  // Errors of the works' own that came before are final; those that had succeeded run again.
  std::vector<WaitingWrite*> again;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const bool gives_up = !failure.may_run_again || failed->runs >= limits_.runs;
    const bool is_final = i == failure.index ? gives_up : i < failure.index && !writes[i]->outcome;
    (is_final ? done_ : again).push_back(writes[i]);
  }
  writes = std::move(again);
  return true;
}

bool GroupWriter::run_once(std::vector<WaitingWrite*>& writes, bool checked) {
  const int64_t started = now_us();
  const bool is_alone = writes.size() == 1;
  is_lost_ = false;
  Result<void> state = connection_->begin();
  for (std::size_t i = 0; state && !is_lost_; ++i) {
    if (i == writes.size()) {
      if (is_alone || writes.size() >= limits_.writes || now_us() - started > limits_.hold_us) break;
      const auto more = queue_.take_more(number_, limits_.writes - writes.size());
      if (more.empty()) break;
      writes.insert(writes.end(), more.begin(), more.end());
    }
    run_one(*writes[i], i, !is_alone, checked);
    if (const auto failure = connection_->late_failure()) return redo_without(writes, *failure);
    if (!writes[i]->outcome && connection_->may_run_again() && writes[i]->runs < limits_.runs) {
      queue_.put_back(number_, *writes[i]);
      writes.erase(writes.begin() + static_cast<std::ptrdiff_t>(i));
      --i;
    }
  }
  if (state && is_lost_) {
    connection_->roll_back();
    state = unavailable("the transaction was lost with its neighbour's; nothing is written, try again");
  } else if (state) {
    state = connection_->commit();
    if (const auto failure = connection_->late_failure()) return redo_without(writes, *failure);
  }
  for (WaitingWrite* write : writes) {
    if (!state && write->outcome) write->outcome = state.error();
    done_.push_back(write);
  }
  writes.clear();
  return false;
}

}  // namespace talon::storage
