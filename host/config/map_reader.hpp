/// Takes typed values out of a YAML map, notes every mistake with its place, and finds the keys that nobody
/// knows.
#pragma once

#include <talon/document.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace talon::config {

/// Where the mistakes of one file go. Borrows `mistakes`.
class Report {
 public:
  Report(std::string file, Mistakes& mistakes) : file_(std::move(file)), mistakes_(&mistakes) {}

  void mistake(Place place, std::string message) { mistakes_->push_back({file_, place, std::move(message)}); }
  void mistake(const Node& node, std::string message) { mistake(node.place, std::move(message)); }
  const std::string& file() const { return file_; }
  /// How many mistakes there are so far, of all files: compare to see whether a step added one.
  std::size_t count() const { return mistakes_->size(); }

 private:
  std::string file_;
  Mistakes* mistakes_;
};

/// A text that may name a secret instead of holding the value.
struct MaybeSecret {
  std::string text;        ///< the value, or the secret's name
  bool is_secret = false;  ///< `!secret NAME`
};

/// What a number must lie between.
struct Range {
  int64_t min = INT64_MIN;
  int64_t max = INT64_MAX;
};

/// Reads one map. Each function takes one key: where it is missing or empty the value keeps its default;
/// where it is wrong a mistake is noted and the value keeps its default. `finish` reports the keys that no
/// function asked for.
///
/// @threads one at a time. Borrows the report and the node.
class MapReader {
 public:
  /// A node that is no map is a mistake ("a plugin is a map: KEY: VALUE"), and then reads as an empty one.
  /// @param what  what the map describes, for messages: "a field".
  MapReader(Report& report, const Node& node, std::string what);

  void text(std::string_view key, std::string& out);
  void boolean(std::string_view key, bool& out);  ///< yes/no, on/off, true/false
  void integer(std::string_view key, int64_t& out, Range range = {});
  void integer(std::string_view key, int& out, Range range = {INT32_MIN, INT32_MAX});
  /// "250ms", "1s", "5m", "2h", "30d".
  void duration_ms(std::string_view key, int64_t& out, Range range_ms = {0, INT64_MAX});
  /// "4096", "64KiB", "1MiB", "2GiB".
  void bytes(std::string_view key, int64_t& out, Range range = {0, INT64_MAX});
  /// A list of texts, or one text.
  void texts(std::string_view key, std::vector<std::string>& out);
  /// One of `words`. @return its index, or nothing where it is missing or wrong.
  std::optional<std::size_t> word(std::string_view key, const std::vector<std::string>& words);
  void secret(std::string_view key, MaybeSecret& out);
  /// A map of texts: {en: Invoice, fr: Facture}; one text alone is the value of `alone`.
  void text_map(std::string_view key, std::map<std::string, std::string, std::less<>>& out,
                std::string_view alone);

  /// The node under `key` as it is (null where it is missing), for the caller to read.
  const Node* node(std::string_view key);
  /// As `node`, but notes a mistake where it is missing.
  const Node* required(std::string_view key);
  /// The map or list under `key`; another kind is a mistake. An empty value reads as missing.
  const Node* map(std::string_view key);
  const Node* sequence(std::string_view key);
  /// Adds the mistake that `key` is missing, unless it is there.
  void require(std::string_view key);
  bool has(std::string_view key) const { return node_->find(key) != nullptr; }

  /// Reports unknown keys, each with the nearest known one. Call it last.
  void finish();
  Report& report() { return *report_; }
  const Node& root() const { return *node_; }

 private:
  /// The scalar under `key`; a list or map there is a mistake.
  const Node* scalar(std::string_view key, bool may_be_secret = false);

  Report* report_;
  const Node* node_;
  std::string what_;
  std::vector<std::string> known_;
};

/// Reads "250ms", "1s", "5m", "2h", "30d". @return nothing where it is no such text.
std::optional<int64_t> parse_duration_ms(std::string_view text);

}  // namespace talon::config
