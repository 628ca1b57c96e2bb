/// Reads a map node key by key: unknown keys are mistakes with a suggestion, values get their types.
#pragma once

#include <talon/document.hpp>
#include <talon/model.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace talon::sync {

/// Where mistakes of one file go.
class Report {
 public:
  Report(std::string file, Mistakes& mistakes) : file_(std::move(file)), mistakes_(mistakes) {}
  void add(Place place, std::string message) { mistakes_.push_back({file_, place, std::move(message)}); }
  const std::string& file() const { return file_; }

 private:
  std::string file_;
  Mistakes& mistakes_;
};

inline std::string listed(const std::vector<std::string>& words) {
  std::string result = "[";
  for (const std::string& word : words) result += (result.size() > 1 ? ", " : "") + word;
  return result + "]";
}
inline std::string suggestion(std::string_view word, const std::vector<std::string>& words) {
  const std::string near = model::nearest(word, words);
  return near.empty() ? std::string() : ". Did you mean \"" + near + "\"?";
}

/// "250ms", "30s", "10m", "2h", "1d" as microseconds; −1: not a time.
inline int64_t read_duration(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error != std::errc() || number < 0 || number > 100000) return -1;
  if (unit == "ms") return number * 1000;
  if (unit == "s") return number * 1000000;
  if (unit == "m") return number * 60000000;
  if (unit == "h") return number * 3600000000;
  return unit == "d" ? number * 86400000000 : -1;
}

class NodeReader {
 public:
  /// @param what  names the map in messages ("stream").
  NodeReader(const Node& node, std::string what, Report& report)
      : node_(node), what_(std::move(what)), report_(report) {
    if (!node.is_map() && node.kind != Node::Kind::Null) {
      report_.add(node.place, what_ + " must be a map of keys and values");
    }
  }
  NodeReader(const NodeReader&) = delete;
  NodeReader& operator=(const NodeReader&) = delete;
  /// Names every key that nobody asked for.
  ~NodeReader() {
    for (const auto& [key, value] : node_.entries) {
      bool is_known = false;
      for (const std::string& name : known_) is_known = is_known || name == key.text;
      if (!is_known) {
        const std::string near = suggestion(key.text, known_);
        report_.add(key.place, what_ + " has no key \"" + key.text + "\"" +
                                   (near.empty() ? ". It knows " + listed(known_) : near));
      }
    }
  }

  Place place() const { return node_.place; }
  Report& report() const { return report_; }
  const Node* find(const std::string& key) {
    known_.push_back(key);
    return node_.find(key);
  }
  const Node* require(const std::string& key) {
    const Node* found = find(key);
    if (found == nullptr) report_.add(node_.place, what_ + " needs `" + key + ":`");
    return found;
  }
  std::string text(const std::string& key, std::string otherwise = {}) {
    const Node* found = find(key);
    if (found == nullptr) return otherwise;
    if (!found->is_scalar()) {
      report_.add(found->place, key + " must be one value");
      return otherwise;
    }
    return found->text;
  }
  std::string required_text(const std::string& key) {
    const std::string value = text(key);
    if (value.empty() && node_.find(key) == nullptr)
      report_.add(node_.place, what_ + " needs `" + key + ":`");
    return value;
  }
  int64_t integer(const std::string& key, int64_t otherwise, int64_t least, int64_t most) {
    const Node* found = find(key);
    if (found == nullptr) return otherwise;
    int64_t value = 0;
    const std::string& text = found->text;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!found->is_scalar() || error != std::errc() || end != text.data() + text.size() || value < least ||
        value > most) {
      report_.add(found->place, key + " must be a whole number from " + std::to_string(least) + " to " +
                                    std::to_string(most));
      return otherwise;
    }
    return value;
  }
  /// Microseconds.
  int64_t duration(const std::string& key, int64_t otherwise) {
    const Node* found = find(key);
    if (found == nullptr) return otherwise;
    const int64_t value = read_duration(found->text);
    if (value >= 0) return value;
    report_.add(found->place, key + " must be a time, as in 30s, 10m, 24h");
    return otherwise;
  }
  bool flag(const std::string& key, bool otherwise) {
    const std::size_t index = word(key, {"no", "yes"}, otherwise ? 1 : 0);
    return index == 1;
  }
  /// The index of a word of `words`.
  std::size_t word(const std::string& key, const std::vector<std::string>& words, std::size_t otherwise) {
    const Node* found = find(key);
    if (found == nullptr) return otherwise;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == found->text) return i;
    }
    report_.add(found->place,
                "\"" + found->text + "\" is not one of " + listed(words) + suggestion(found->text, words));
    return otherwise;
  }
  /// A list of texts; one text stands for a list of one.
  std::vector<std::string> texts(const std::string& key) {
    std::vector<std::string> result;
    const Node* found = find(key);
    if (found == nullptr) return result;
    if (found->is_scalar()) result.push_back(found->text);
    for (const Node& item : found->items) {
      if (!item.is_scalar()) report_.add(item.place, key + " must be a list of values");
      result.push_back(item.text);
    }
    return result;
  }

 private:
  const Node& node_;
  std::string what_;
  Report& report_;
  std::vector<std::string> known_;
};

}  // namespace talon::sync
