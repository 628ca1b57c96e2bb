/// Typed values out of YAML maps, with every mistake noted at its place.
#include "host/config/map_reader.hpp"

#include "host/config/text.hpp"

#include <talon/model.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace talon::config {

namespace {

const Node& empty_map() {
  static const Node node{.kind = Node::Kind::Map};
  return node;
}

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

struct Unit {
  std::string_view name;
  int64_t factor;
};

/// A whole number and one of `units`. @return nothing for other texts and what does not fit.
std::optional<int64_t> parse_with_unit(std::string_view text, const std::vector<Unit>& units) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::optional<int64_t> count = parse_integer(text.substr(0, digits));
  for (const Unit& unit : units) {
    if (!count || text.substr(digits) != unit.name) continue;
    if (*count > INT64_MAX / unit.factor) return {};
    return *count * unit.factor;
  }
  return {};
}

}  // namespace

std::optional<int64_t> parse_duration_ms(std::string_view text) {
  static const std::vector<Unit> units = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  return parse_with_unit(text, units);
}

MapReader::MapReader(Report& report, const Node& node, std::string what)
    : report_(&report), node_(&node), what_(std::move(what)) {
  if (node.is_map()) return;
  node_ = &empty_map();
  if (node.kind != Node::Kind::Null) report.mistake(node, what_ + " is a map, with lines of KEY: VALUE");
}

const Node* MapReader::node(std::string_view key) {
  known_.emplace_back(key);
  return node_->find(key);
}

void MapReader::require(std::string_view key) {
  if (has(key)) return;
  const Place place = node_->place.line > 0 ? node_->place : Place{1, 1};
  report_->mistake(place, what_ + " needs \"" + std::string(key) + "\"");
}

const Node* MapReader::required(std::string_view key) {
  require(key);
  return node(key);
}

const Node* MapReader::map(std::string_view key) {
  const Node* found = node(key);
  if (found == nullptr || found->kind == Node::Kind::Null) return nullptr;
  if (found->is_map()) return found;
  report_->mistake(*found, "\"" + std::string(key) + "\" is a map, with lines of KEY: VALUE");
  return nullptr;
}

const Node* MapReader::sequence(std::string_view key) {
  const Node* found = node(key);
  if (found == nullptr || found->kind == Node::Kind::Null) return nullptr;
  if (found->is_sequence()) return found;
  report_->mistake(*found, "\"" + std::string(key) + "\" is a list, as in [a, b]");
  return nullptr;
}

const Node* MapReader::scalar(std::string_view key, bool may_be_secret) {
  const Node* found = node(key);
  if (found == nullptr || found->kind == Node::Kind::Null) return nullptr;
  if (!found->is_scalar()) {
    report_->mistake(*found, "\"" + std::string(key) + "\" is one value, no list or map");
    return nullptr;
  }
  if (!found->tag.empty() && !may_be_secret) {
    report_->mistake(*found, "\"" + std::string(key) + "\" cannot be a secret");
    return nullptr;
  }
  return found;
}

void MapReader::text(std::string_view key, std::string& out) {
  if (const Node* found = scalar(key)) out = found->text;
}

void MapReader::secret(std::string_view key, MaybeSecret& out) {
  if (const Node* found = scalar(key, true)) out = {found->text, !found->tag.empty()};
}

void MapReader::boolean(std::string_view key, bool& out) {
  const Node* found = scalar(key);
  if (found == nullptr) return;
  if (const std::optional<bool> value = parse_boolean(found->text)) {
    out = *value;
  } else {
    report_->mistake(*found, in_quotes(found->text) + " is not yes or no");
  }
}

void MapReader::integer(std::string_view key, int64_t& out, Range range) {
  const Node* found = scalar(key);
  if (found == nullptr) return;
  const std::optional<int64_t> value = parse_integer(found->text);
  if (!value) return report_->mistake(*found, in_quotes(found->text) + " is not a whole number");
  if (*value < range.min || *value > range.max) {
    const std::string limit =
        *value < range.min ? "at least " + std::to_string(range.min) : "at most " + std::to_string(range.max);
    return report_->mistake(*found, "\"" + std::string(key) + "\" is " + limit);
  }
  out = *value;
}

void MapReader::integer(std::string_view key, int& out, Range range) {
  int64_t value = out;
  integer(key, value, range);
  out = static_cast<int>(value);
}

void MapReader::duration_ms(std::string_view key, int64_t& out, Range range_ms) {
  const Node* found = scalar(key);
  if (found == nullptr) return;
  const std::optional<int64_t> value = parse_duration_ms(found->text);
  if (!value) {
    report_->mistake(*found, in_quotes(found->text) + " is not a duration, as in 250ms, 5s, 10m, 2h or 30d");
  } else if (*value < range_ms.min || *value > range_ms.max) {
    report_->mistake(*found, in_quotes(found->text) + " is out of range: " + std::to_string(range_ms.min) +
                                 "ms to " + std::to_string(range_ms.max) + "ms");
  } else {
    out = *value;
  }
}

void MapReader::bytes(std::string_view key, int64_t& out, Range range) {
  static const std::vector<Unit> units = {
      {"", 1}, {"KiB", 1LL << 10U}, {"MiB", 1LL << 20U}, {"GiB", 1LL << 30U}};
  const Node* found = scalar(key);
  if (found == nullptr) return;
  const std::optional<int64_t> value = parse_with_unit(found->text, units);
  if (!value) {
    report_->mistake(*found, in_quotes(found->text) + " is not a size in bytes, as in 4096, 64KiB or 1MiB");
  } else if (*value < range.min || *value > range.max) {
    report_->mistake(*found, in_quotes(found->text) + " is out of range: " + std::to_string(range.min) +
                                 " to " + std::to_string(range.max) + " bytes");
  } else {
    out = *value;
  }
}

void MapReader::texts(std::string_view key, std::vector<std::string>& out) {
  const Node* found = node(key);
  if (found == nullptr || found->kind == Node::Kind::Null) return;
  if (found->is_scalar() && found->tag.empty()) {
    out = {found->text};
    return;
  }
  if (!found->is_sequence()) {
    return report_->mistake(*found, "\"" + std::string(key) + "\" is a list of words, as in [a, b]");
  }
  out.clear();
  for (const Node& item : found->items) {
    if (item.is_scalar() && item.tag.empty()) {
      out.push_back(item.text);
    } else {
      report_->mistake(item, "each entry of \"" + std::string(key) + "\" is one word");
    }
  }
}

std::optional<std::size_t> MapReader::word(std::string_view key, const std::vector<std::string>& words) {
  const Node* found = scalar(key);
  if (found == nullptr) return {};
  const auto at = std::find(words.begin(), words.end(), found->text);
  if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  report_->mistake(*found, in_quotes(found->text) + " is not one of [" + list + "]." +
                               model::suggestion(found->text, words));
  return {};
}

void MapReader::text_map(std::string_view key, std::map<std::string, std::string, std::less<>>& out,
                         std::string_view alone) {
  const Node* found = node(key);
  if (found == nullptr || found->kind == Node::Kind::Null) return;
  if (found->is_scalar()) {
    out[std::string(alone)] = found->text;
    return;
  }
  if (!found->is_map()) {
    return report_->mistake(*found, "\"" + std::string(key) + "\" is a text, or a map as in {en: Invoice}");
  }
  for (const auto& [name, value] : found->entries) {
    if (value.is_scalar()) {
      out[name.text] = value.text;
    } else {
      report_->mistake(value, in_quotes(name.text) + " is a text");
    }
  }
}

void MapReader::finish() {
  for (const auto& [key, value] : node_->entries) {
    if (std::find(known_.begin(), known_.end(), key.text) != known_.end()) continue;
    std::string message = "unknown key " + in_quotes(key.text) + " in " + what_ + ".";
    const std::string near = model::suggestion(key.text, known_);
    if (near.empty()) {
      std::string list;
      for (const std::string& word : known_) list += (list.empty() ? "" : ", ") + word;
      message += " Known are: " + list;
    }
    report_->mistake(key, message + near);
  }
}

}  // namespace talon::config
