/// Statements kept for the next call with the same query.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace talon::records {

struct Select;

/// Keeps built statements by what they were built from. What is found is used only while the gate gives the
/// very decisions, and the host the very model, that it was built with (`find_select`), so that a change of
/// rules, people or plugins can never be missed. @threads any.
class SelectCache {
 public:
  /// @return null: not there.
  std::shared_ptr<const Select> find(const std::string& key) const;
  void keep(const std::string& key, std::shared_ptr<const Select> select);

 private:
  // Beyond either the cache begins anew. Most statements take some KiB; of ten thousand rules one takes MiB.
  static constexpr std::size_t kKeptMax = 512;
  static constexpr std::size_t kBytesMax = std::size_t{64} << 20U;
  static constexpr std::size_t kKeyMax = 2048;  // longer ones are hardly asked twice

  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Select>> kept_;
  std::size_t bytes_ = 0;  // of what is kept
};

}  // namespace talon::records
