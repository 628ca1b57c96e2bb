/// Batches through threads and out again in their order, a few at a time: the memory is that of those few.
#pragma once

#include <talon/result.hpp>

#include <deque>
#include <functional>
#include <future>
#include <utility>

namespace audit {

/// @tparam Batch  movable.  @threads one, which `put`s; `work` runs on others, `done` on the one that puts.
template <typename Batch>
class Pipeline {
 public:
  using Work = std::function<void(Batch&)>;
  using Done = std::function<talon::Result<void>(const Batch&)>;
  /// @param depth  batches that are worked on while the next one is filled.
  Pipeline(std::size_t depth, Work work, Done done)
      : depth_(depth), work_(std::move(work)), done_(std::move(done)) {}

  talon::Result<void> put(Batch batch) {
    under_way_.push_back(std::async(std::launch::async, [this, batch = std::move(batch)]() mutable {
      work_(batch);
      return std::move(batch);
    }));
    return under_way_.size() > depth_ ? take() : talon::Result<void>();
  }
  /// Waits for all that is under way.
  talon::Result<void> finish() {
    while (!under_way_.empty()) TALON_DO(take());
    return {};
  }

 private:
  talon::Result<void> take() {
    const Batch batch = under_way_.front().get();
    under_way_.pop_front();
    return done_(batch);
  }

  std::size_t depth_;
  Work work_;
  Done done_;
  std::deque<std::future<Batch>> under_way_;  // their destructors wait
};

}  // namespace audit
