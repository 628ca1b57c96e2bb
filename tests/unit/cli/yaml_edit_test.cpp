/// Changes to YAML texts by place, and the diff that shows them.
#include "host/cli/yaml_edit.hpp"
#include "host/cli/unified_diff.hpp"
#include "host/config/yaml.hpp"

#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <vector>

namespace talon::cli {
namespace {

Node read(const std::string& text) {
  auto document = config::read_yaml_text(text, "x.yaml");
  EXPECT_TRUE(document) << document.error().message << "\n" << text;
  return document ? document->root : Node();
}

std::string without(const std::string& text, std::size_t item) {
  const Node root = read(text);
  const auto out = without_item(text, *root.find("a"), item);
  return out ? *out : "by hand: " + out.error().message;
}

TEST(YamlEdit, TakesAnItemOutOfAListHoweverItIsWritten) {
  EXPECT_EQ(without("a: [x, y, z]  # why\nb: 1\n", 1), "a: [x, z]  # why\nb: 1\n");
  EXPECT_EQ(without("a: [x, y, z]\n", 2), "a: [x, y]\n");
  EXPECT_EQ(without("a: [x, y, z]\n", 0), "a: [y, z]\n");
  EXPECT_EQ(without("a: [x]\n", 0), "a: []\n");
  EXPECT_EQ(without("a: x\nb: 1\n", 0), "a: []\nb: 1\n");
  EXPECT_EQ(without("a: [{r: \"é, ]\", u: 1}, {r: y}]\n", 0), "a: [{r: y}]\n");
  EXPECT_EQ(without("a: [\n  x,\n  y]\nb: 1\n", 0), "a: [\n  y]\nb: 1\n");
  EXPECT_EQ(without("a:\n  - x\n  # about y\n  - y\nb: 1\n", 0), "a:\n  # about y\n  - y\nb: 1\n");
  EXPECT_EQ(without("a:\n  - x\n\nb: 1\n", 0), "a:\n  []\n\nb: 1\n");
  EXPECT_EQ(without("a:\n  - r: x\n    u: 1\n\n  - r: y\n", 0), "a:\n\n  - r: y\n");
  EXPECT_EQ(without("a:\n  - r: x\n    # of it\n    u: 1\n  - r: y", 1),
            "a:\n  - r: x\n    # of it\n    u: 1\n");
  EXPECT_EQ(without("b: {c: 1}\na:\n- x\n- y\nd: 2\n", 1), "b: {c: 1}\na:\n- x\nd: 2\n");
}

TEST(YamlEdit, ChangesAWordAndAddsAnEntry) {
  const std::string text = "a: [x, \"y\"]\nb:\n  - {r: x}\n  - r: y\n    u: 2026-01-01\n  - r: z\n";
  const Node root = read(text);
  EXPECT_EQ(*with_scalar("a: [x, \"y\"]\n", root.find("a")->items[1], "long"), "a: [x, long]\n");
  const Node& list = *root.find("b");
  EXPECT_NE(with_entry(text, list.items[0], "u", "2027-01-01")->find("- {u: 2027-01-01, r: x}"),
            std::string::npos);
  EXPECT_NE(with_entry(text, list.items[1], "u", "2027-01-01")->find("- r: y\n    u: 2027-01-01\n"),
            std::string::npos);
  EXPECT_NE(with_entry(text, list.items[2], "u", "2027-01-01")->find("- r: z\n    u: 2027-01-01\n"),
            std::string::npos);
}

TEST(YamlEdit, WhatItWritesIsReadAsMeantForAnyList) {
  std::mt19937 random(7);
  const auto any = [&](int count) { return std::uniform_int_distribution<>(0, count - 1)(random); };
  for (int round = 0; round < 2000; ++round) {
    const int count = 1 + any(5);
    const int style = any(3);
    std::string text = any(2) == 0 ? "# first\n\n" : "";
    text += style == 0 ? "a: [" : "a:\n";
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) {
      const std::string name = (any(2) == 0 ? "é" : "w") + std::to_string(i);
      names.push_back(name);
      const std::string item = any(2) == 0 ? name : "{r: " + name + ", u: \"a, b] #\"}";
      if (style == 0)
        text += (i == 0 ? "" : any(2) == 0 ? ", " : ",") + item;
      else if (style == 1)
        text += "  - " + item + (any(2) == 0 ? "  # note\n" : "\n");
      else
        text += "- r: " + name + "\n  u: 1\n" + (any(3) == 0 ? "\n" : "");
    }
    text += style == 0 ? "]\nb: 1\n" : "b: 1\n";
    const auto gone = static_cast<std::size_t>(any(count));
    const auto out = without_item(text, *read(text).find("a"), gone);
    ASSERT_TRUE(out) << text;
    names.erase(names.begin() + static_cast<std::ptrdiff_t>(gone));
    const Node after = read(*out);
    ASSERT_EQ(after.find("a")->items.size(), names.size()) << text << "---\n" << *out;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Node& item = after.find("a")->items[i];
      EXPECT_EQ(item.is_map() ? item.find("r")->text : item.text, names[i]) << text << "---\n" << *out;
    }
    EXPECT_EQ(after.find("b")->text, "1");
  }
}

/// What `patch` makes of a unified diff; empty where it does not fit.
std::string patched(const std::string& before, const std::string& diff) {
  std::vector<std::string> lines;
  std::istringstream in(before);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::istringstream patch(diff);
  std::string out;
  std::size_t at = 0;
  std::string line;
  std::getline(patch, line);
  std::getline(patch, line);
  while (std::getline(patch, line)) {
    if (line.starts_with("@@ -")) {
      const std::size_t comma = line.find(',');
      const auto start = static_cast<std::size_t>(std::stoi(line.substr(4)));
      const bool is_empty = line.substr(comma + 1, 2) == "0 ";
      for (const std::size_t to = is_empty ? start : start - 1; at < to; ++at) out += lines.at(at) + "\n";
      continue;
    }
    if (line[0] == '+') {
      out += line.substr(1) + "\n";
      continue;
    }
    if (lines.at(at) != line.substr(1)) return {};
    if (line[0] == ' ') out += lines[at] + "\n";
    ++at;
  }
  for (; at < lines.size(); ++at) out += lines[at] + "\n";
  return out;
}

TEST(UnifiedDiff, LeadsFromOneTextToTheOther) {
  EXPECT_EQ(unified_diff("x", "a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(unified_diff("x", "a\nb\nc\n", "a\nc\n"), "--- a/x\n+++ b/x\n@@ -1,3 +1,2 @@\n a\n-b\n c\n");
  EXPECT_EQ(unified_diff("x", "a", "a\n"),
            "--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n");
  std::mt19937 random(11);
  const auto any = [&](int count) { return std::uniform_int_distribution<>(0, count - 1)(random); };
  for (int round = 0; round < 2000; ++round) {
    std::string before;
    std::string after;
    for (int i = any(60); i >= 0; --i) {
      const std::string line = std::string(1, static_cast<char>('a' + any(6))) + "\n";
      const int change = any(12);
      if (change != 0) before += line;
      if (change != 1) after += change == 2 ? "z\n" : line;
    }
    if (before == after) continue;
    const std::string diff = unified_diff("x", before, after);
    ASSERT_EQ(patched(before, diff), after) << before << "---\n" << diff;
  }
}

}  // namespace
}  // namespace talon::cli
