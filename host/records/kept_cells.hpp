/// Rows that wait to be shown.
#pragma once

#include <talon/value.hpp>

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace talon::records {

/// Copies of cells, with their texts in blocks.
class KeptCells {
 public:
  void add(Cell cell) {
    if (cell.is_text()) cell.as.text.data = keep(cell.text());
    cells_.push_back(cell);
  }
  std::size_t size() const { return cells_.size(); }
  Row row(std::size_t at, std::size_t width) const { return Row(cells_).subspan(at, width); }
  void clear() {
    cells_.clear();
    blocks_.clear();
  }

 private:
  static constexpr std::size_t kBlock = 16 * 1024;

  const char* keep(std::string_view text) {
    if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < text.size())
      blocks_.emplace_back().reserve(std::max(kBlock, text.size()));
    std::string& block = blocks_.back();
    block.append(text);  // stays where it is: there is room
    return block.data() + block.size() - text.size();
  }

  std::vector<Cell> cells_;
  std::deque<std::string> blocks_;
};

}  // namespace talon::records
