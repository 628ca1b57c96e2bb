/// Merkle trees as RFC 6962 hashes them.
#include "merkle.hpp"

#include <algorithm>

namespace audit {

namespace {

std::string_view bytes(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

/// The largest power of two below `size`, which is at least 2.
int64_t split_of(int64_t size) {
  int64_t split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

void add_inclusion(int64_t index, Range range, std::vector<Range>& out) {
  if (range.to - range.from <= 1) return;
  const int64_t middle = range.from + split_of(range.to - range.from);
  const Range left{range.from, middle};
  const Range right{middle, range.to};
  const bool is_left = index < middle;
  add_inclusion(index, is_left ? left : right, out);
  out.push_back(is_left ? right : left);
}

void add_consistency(int64_t before, Range range, bool is_whole, std::vector<Range>& out) {
  if (before == range.to) {
    if (!is_whole) out.push_back(range);
    return;
  }
  const int64_t middle = range.from + split_of(range.to - range.from);
  const Range left{range.from, middle};
  const Range right{middle, range.to};
  if (before <= middle) {
    add_consistency(before, left, is_whole, out);
    out.push_back(right);
  } else {
    add_consistency(before, right, false, out);
    out.push_back(left);
  }
}

}  // namespace

Hash leaf_of(const Hash& entry) { return sha256(std::string_view("\0", 1), bytes(entry)); }

Hash node_of(const Hash& left, const Hash& right) { return sha256("\1", bytes(left), bytes(right)); }

void MerkleTree::add(const Hash& leaf) {
  Hash node = leaf;
  for (int64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    node = node_of(peaks_.back(), node);
    peaks_.pop_back();
  }
  peaks_.push_back(node);
  ++size_;
}

Hash MerkleTree::root() const {
  if (peaks_.empty()) return sha256({});
  Hash node = peaks_.back();
  for (auto peak = peaks_.rbegin() + 1; peak != peaks_.rend(); ++peak) node = node_of(*peak, node);
  return node;
}

std::string MerkleTree::text() const {
  std::string text;
  for (const Hash& peak : peaks_) text += (text.empty() ? "" : " ") + hex(peak);
  return text;
}

bool MerkleTree::restore(int64_t size, std::string_view text) {
  size_ = 0;
  peaks_.clear();
  std::vector<Hash> peaks;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (!read_hash(text.substr(0, end), peaks.emplace_back())) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::size_t ones = 0;
  for (int64_t rest = size; rest > 0; rest >>= 1) ones += static_cast<std::size_t>(rest & 1);
  if (ones != peaks.size()) return false;
  size_ = size;
  peaks_ = std::move(peaks);
  return true;
}

std::vector<Range> inclusion_ranges(int64_t index, int64_t size) {
  std::vector<Range> ranges;
  add_inclusion(index, {0, size}, ranges);
  return ranges;
}

std::vector<Range> consistency_ranges(int64_t before, int64_t size) {
  std::vector<Range> ranges;
  add_consistency(before, {0, size}, true, ranges);
  return ranges;
}

void RangeRoots::add(int64_t index, const Hash& leaf) {
  for (std::size_t i = 0; i < ranges_.size(); ++i) {
    if (index < ranges_[i].from || index >= ranges_[i].to) continue;
    trees_[i].add(leaf);
    return;
  }
}

std::vector<Hash> RangeRoots::roots() const {
  std::vector<Hash> roots;
  for (const MerkleTree& tree : trees_) roots.push_back(tree.root());
  return roots;
}

bool is_included(const Hash& leaf, int64_t index, int64_t size, const std::vector<Hash>& path,
                 const Hash& root) {
  if (index < 0 || index >= size) return false;
  const std::vector<Range> ranges = inclusion_ranges(index, size);
  if (ranges.size() != path.size()) return false;
  Hash node = leaf;
  for (std::size_t i = 0; i < path.size(); ++i) {
    node = ranges[i].from > index ? node_of(node, path[i]) : node_of(path[i], node);
  }
  return node == root;
}

bool is_consistent(int64_t before, const Hash& root_before, int64_t size, const Hash& root,
                   const std::vector<Hash>& path) {
  if (before < 1 || before > size) return false;
  if (before == size) return path.empty() && root == root_before;
  const std::vector<Range> ranges = consistency_ranges(before, size);
  std::size_t next = 0;
  Hash old_node = root_before;
  Hash new_node = root_before;
  int64_t start = 0;
  // A first tree that is perfect is not part of its own proof.
  const bool begins_whole = (before & (before - 1)) == 0;
  if (!begins_whole) {
    if (path.empty()) return false;
    old_node = new_node = path[next];
    start = ranges[next++].from;
  }
  if (path.size() != ranges.size()) return false;
  for (; next < path.size(); ++next) {
    if (ranges[next].from < start) {
      old_node = node_of(path[next], old_node);
      new_node = node_of(path[next], new_node);
      start = ranges[next].from;
    } else {
      new_node = node_of(new_node, path[next]);
    }
  }
  return old_node == root_before && new_node == root;
}

}  // namespace audit
