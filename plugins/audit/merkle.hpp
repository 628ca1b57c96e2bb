/// Merkle trees as RFC 6962 hashes them, over the hashes of entries: one root says what all of them are.
///
/// A leaf is SHA-256(0x00, the entry's hash as 32 bytes), a node SHA-256(0x01, left, right). Pure rules.
#pragma once

#include "digest.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

Hash leaf_of(const Hash& entry);
Hash node_of(const Hash& left, const Hash& right);

/// A tree that only grows; keeps the roots of its perfect subtrees alone, largest first: one for each 1 in
/// the binary form of its size.
class MerkleTree {
 public:
  void add(const Hash& leaf);
  int64_t size() const { return size_; }
  /// Of no leaves: SHA-256 of nothing.
  Hash root() const;
  /// What `restore` takes up again: hashes in hexadecimal, separated by spaces.
  std::string text() const;
  /// @return false when `text` is not of a tree of `size` leaves.
  bool restore(int64_t size, std::string_view text);

 private:
  int64_t size_ = 0;
  std::vector<Hash> peaks_;
};

/// Leaves [from, to), counted from 0.
struct Range {
  int64_t from = 0;
  int64_t to = 0;
};

/// The subtrees whose roots prove that leaf `index` is in the tree of `size` leaves (RFC 6962, 2.1.1), from
/// the leaf up. @param index  0 … size − 1.
std::vector<Range> inclusion_ranges(int64_t index, int64_t size);
/// The same for: the tree of `size` leaves begins with that of `before` leaves (2.1.2). @param before  1 …
/// size.
std::vector<Range> consistency_ranges(int64_t before, int64_t size);

/// The roots of disjoint ranges, in their order, from leaves that come one by one.
class RangeRoots {
 public:
  explicit RangeRoots(std::vector<Range> ranges) : ranges_(std::move(ranges)), trees_(ranges_.size()) {}
  /// Leaf `index`; 0 first, then one after the other.
  void add(int64_t index, const Hash& leaf);
  std::vector<Hash> roots() const;

 private:
  std::vector<Range> ranges_;
  std::vector<MerkleTree> trees_;
};

/// Whether `path` leads from `leaf` at `index` to `root` of `size` leaves.
bool is_included(const Hash& leaf, int64_t index, int64_t size, const std::vector<Hash>& path,
                 const Hash& root);
/// Whether the tree of `size` leaves with `root` begins with that of `before` leaves and `root_before`.
bool is_consistent(int64_t before, const Hash& root_before, int64_t size, const Hash& root,
                   const std::vector<Hash>& path);

}  // namespace audit
