/// A unified diff by Myers' algorithm: time and memory go with the number of changed lines.
#include "host/cli/unified_diff.hpp"

#include <algorithm>
#include <vector>

namespace talon::cli {

namespace {

constexpr int kContext = 3;

using Lines = std::vector<std::string_view>;

/// With their line feeds, so that a missing one at the end is a difference.
Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

struct Step {
  char kind;  ///< ' ', '-' or '+'
  int before;
  int after;  ///< indexes of the lines, or where they would stand
};

/// The shortest way from one to the other (E. Myers, "An O(ND) difference algorithm", 1986).
std::vector<Step> steps_between(const Lines& a, const Lines& b) {
  const int n = static_cast<int>(a.size());
  const int m = static_cast<int>(b.size());
  const int most = n + m;
  std::vector<std::vector<int>> trace;
  std::vector<int> far(static_cast<std::size_t>(2 * most) + 2, 0);
  const auto at = [most](std::vector<int>& row, int k) -> int& {
    return row[static_cast<std::size_t>(k + most)];
  };
  for (int d = 0; d <= most; ++d) {
    bool is_done = false;
    for (int k = -d; k <= d && !is_done; k += 2) {
      const bool is_down = k == -d || (k != d && at(far, k - 1) < at(far, k + 1));
      int x = is_down ? at(far, k + 1) : at(far, k - 1) + 1;
      while (x < n && x - k < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)]) ++x;
      at(far, k) = x;
      is_done = x >= n && x - k >= m;
    }
    // Only the diagonals that this round could reach are kept.
    trace.emplace_back(far.begin() + (most - d), far.begin() + (most + d + 1));
    if (is_done) break;
  }
  std::vector<Step> steps;
  int x = n;
  int y = m;
  for (int d = static_cast<int>(trace.size()) - 1; d > 0; --d) {
    const std::vector<int>& row = trace[static_cast<std::size_t>(d - 1)];
    const auto reached = [&](int k) {
      return k < -(d - 1) || k > d - 1 ? -1 : row[static_cast<std::size_t>(k + d - 1)];
    };
    const int k = x - y;
    const bool is_down = k == -d || (k != d && reached(k - 1) < reached(k + 1));
    const int from = is_down ? reached(k + 1) : reached(k - 1);
    const int start = is_down ? from : from + 1;
    while (x > start) steps.push_back({' ', --x, --y});
    if (is_down)
      steps.push_back({'+', x, --y});
    else
      steps.push_back({'-', --x, y});
  }
  while (x > 0) steps.push_back({' ', --x, --y});
  std::reverse(steps.begin(), steps.end());
  return steps;
}

void write_line(std::string& out, char kind, std::string_view line) {
  out.push_back(kind);
  out.append(line);
  if (!line.ends_with('\n')) out.append("\n\\ No newline at end of file\n");
}

std::string range(int first, int count) {
  return std::to_string(count == 0 ? first : first + 1) + "," + std::to_string(count);
}

}  // namespace

std::string unified_diff(std::string_view file, std::string_view before, std::string_view after) {
  if (before == after) return {};
  const Lines a = split(before);
  const Lines b = split(after);
  const std::vector<Step> steps = steps_between(a, b);
  const auto count = static_cast<int>(steps.size());
  const auto is_kept = [&](int i) { return steps[static_cast<std::size_t>(i)].kind == ' '; };
  std::string out = "--- a/" + std::string(file) + "\n+++ b/" + std::string(file) + "\n";
  for (int i = 0; i < count;) {
    if (is_kept(i)) {
      ++i;
      continue;
    }
    const int begin = std::max(0, i - kContext);
    int end = i;  // behind the last change that is near enough to the one before it
    for (int j = i; j < count && j - end <= 2 * kContext; ++j) {
      if (!is_kept(j)) end = j + 1;
    }
    const int stop = std::min(count, end + kContext);
    std::string body;
    int removed = 0;
    int added = 0;
    for (int j = begin; j < stop; ++j) {
      const Step& step = steps[static_cast<std::size_t>(j)];
      if (step.kind != '+') ++removed;
      if (step.kind != '-') ++added;
      write_line(body, step.kind,
                 step.kind == '+' ? b[static_cast<std::size_t>(step.after)]
                                  : a[static_cast<std::size_t>(step.before)]);
    }
    const Step& first = steps[static_cast<std::size_t>(begin)];
    out += "@@ -" + range(first.before, removed) + " +" + range(first.after, added) + " @@\n" + body;
    i = stop;
  }
  return out;
}

}  // namespace talon::cli
