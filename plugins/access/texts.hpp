/// What a policy set keeps, in few large blocks: a small text costs its letters, and what is only needed
/// while the set is made leaves whole pages behind when it goes.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace talon::access {

/// Its texts live as long as it does, wherever it is moved. @threads one at a time.
class Texts {
 public:
  /// @return a copy.
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > room_) {
      room_ = text.size() > kBlock ? text.size() : kBlock;
      blocks_.push_back(std::make_unique<char[]>(room_));
      next_ = blocks_.back().get();
    }
    std::memcpy(next_, text.data(), text.size());
    const std::string_view kept(next_, text.size());
    next_ += text.size();
    room_ -= text.size();
    return kept;
  }
  /// @return the one copy of all texts that say this, as files and reasons do.
  std::string_view keep_once(std::string_view text) {
    if (const auto known = once_.find(text); known != once_.end()) return *known;
    return *once_.insert(keep(text)).first;
  }
  /// The set is made: what finds equal texts goes.
  void close() { std::unordered_set<std::string_view>().swap(once_); }

 private:
  static constexpr std::size_t kBlock = 65536;

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t room_ = 0;
  std::unordered_set<std::string_view> once_;
};

/// Things that stay where they are, whatever is added and wherever this is moved.
template <typename T>
class Kept {
 public:
  template <typename... Arguments>
  T& add(Arguments&&... arguments) {
    if (blocks_.empty() || blocks_.back().size() == kBlock) blocks_.emplace_back().reserve(kBlock);
    return blocks_.back().emplace_back(std::forward<Arguments>(arguments)...);
  }
  std::size_t size() const {
    return blocks_.empty() ? 0 : (blocks_.size() - 1) * kBlock + blocks_.back().size();
  }
  T& operator[](std::size_t place) { return blocks_[place / kBlock][place % kBlock]; }

 private:
  static constexpr std::size_t kBlock = 1024;

  std::vector<std::vector<T>> blocks_;  // each of room for kBlock from the beginning
};

}  // namespace talon::access
