/// Texts of a policy set in few large blocks: a small one costs its letters, and a set that goes gives whole
/// pages back.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_set>
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

 private:
  static constexpr std::size_t kBlock = 65536;

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t room_ = 0;
  std::unordered_set<std::string_view> once_;
};

}  // namespace talon::access
