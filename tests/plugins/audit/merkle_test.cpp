/// Merkle trees against the recursive definition of RFC 6962, for every size and every leaf.
#include "plugins/audit/merkle.hpp"

#include <gtest/gtest.h>

namespace audit {
namespace {

constexpr int64_t kSizes = 40;

std::vector<Hash> leaves() {
  std::vector<Hash> all;
  for (int64_t i = 0; i < kSizes; ++i) all.push_back(leaf_of(sha256(std::to_string(i))));
  return all;
}

/// MTH(D[from:to]) as the standard words it.
Hash by_definition(const std::vector<Hash>& leaves, int64_t from, int64_t to) {
  if (from == to) return sha256({});
  if (to - from == 1) return leaves[static_cast<std::size_t>(from)];
  int64_t split = 1;
  while (split * 2 < to - from) split *= 2;
  return node_of(by_definition(leaves, from, from + split), by_definition(leaves, from + split, to));
}

std::vector<Hash> path_of(const std::vector<Hash>& leaves, const std::vector<Range>& ranges) {
  RangeRoots roots(ranges);
  for (std::size_t i = 0; i < leaves.size(); ++i) roots.add(static_cast<int64_t>(i), leaves[i]);
  return roots.roots();
}

TEST(MerkleTree, HashesAsTheStandardDoes) {
  // RFC 6962's empty tree, and a leaf of 32 zero bytes by any other tool: printf '\0%.0s' {1..33} |
  // sha256sum.
  EXPECT_EQ(hex(MerkleTree().root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(leaf_of(Hash{})), hex(sha256(std::string(33, '\0'))));
  const std::vector<Hash> all = leaves();
  MerkleTree tree;
  for (int64_t size = 1; size <= kSizes; ++size) {
    tree.add(all[static_cast<std::size_t>(size - 1)]);
    EXPECT_EQ(tree.root(), by_definition(all, 0, size)) << size;
    MerkleTree taken_up;
    ASSERT_TRUE(taken_up.restore(size, tree.text()));
    EXPECT_EQ(taken_up.root(), tree.root());
    EXPECT_FALSE(taken_up.restore(size + 1, size % 2 == 0 ? tree.text() : "00"));
  }
}

TEST(MerkleTree, EveryLeafIsProvedAndNoOther) {
  const std::vector<Hash> all = leaves();
  for (int64_t size = 1; size <= kSizes; ++size) {
    const Hash root = by_definition(all, 0, size);
    for (int64_t index = 0; index < size; ++index) {
      std::vector<Hash> path = path_of(all, inclusion_ranges(index, size));
      const Hash& leaf = all[static_cast<std::size_t>(index)];
      EXPECT_TRUE(is_included(leaf, index, size, path, root));
      EXPECT_FALSE(is_included(leaf, index + 1, size, path, root)) << size << " " << index;
      EXPECT_FALSE(is_included(leaf_of(leaf), index, size, path, root));
      if (path.empty()) continue;
      path.back()[7] ^= 1U;
      EXPECT_FALSE(is_included(leaf, index, size, path, root));
      path.pop_back();
      EXPECT_FALSE(is_included(leaf, index, size, path, root));
    }
  }
}

TEST(MerkleTree, GrowthIsProvedAndAnythingElseIsNot) {
  const std::vector<Hash> all = leaves();
  for (int64_t size = 1; size <= kSizes; ++size) {
    const Hash root = by_definition(all, 0, size);
    for (int64_t before = 1; before <= size; ++before) {
      const Hash old_root = by_definition(all, 0, before);
      std::vector<Hash> path = path_of(all, consistency_ranges(before, size));
      EXPECT_TRUE(is_consistent(before, old_root, size, root, path)) << before << " of " << size;
      EXPECT_FALSE(is_consistent(before, leaf_of(old_root), size, root, path)) << before << " of " << size;
      EXPECT_FALSE(is_consistent(before, old_root, size, leaf_of(root), path)) << before << " of " << size;
      if (path.empty()) continue;
      path.front()[0] ^= 1U;
      EXPECT_FALSE(is_consistent(before, old_root, size, root, path)) << before << " of " << size;
    }
  }
}

}  // namespace
}  // namespace audit
