/// Reads lines of the read log. They are most of what the log takes in, so none becomes a tree of JSON.
#include "read_line.hpp"

#include <talon/id_list.hpp>
#include <talon/json_reader.hpp>
#include <talon/text.hpp>

#include <algorithm>
#include <utility>

namespace audit {

namespace {

using talon::Json;
using talon::Result;

class LineReader : private talon::detail::JsonReader {
 public:
  explicit LineReader(std::string_view line) : JsonReader(line, kDepthMax) {}

  Result<ReadEntry> read_entry() {
    Entry& entry = read_.entry;
    entry.kind = "read";
    entry.action = "view";
    TALON_DO(each_member([&](std::string_view name) { return member(name); }));
    skip_space();
    if (!is_at_end()) return mistake("unexpected text after the entry");
    if (entry.at <= 0) return talon::invalid("a read log's line has no time");
    std::sort(rest_.begin(), rest_.end());
    const auto same = std::adjacent_find(rest_.begin(), rest_.end(),
                                         [](const auto& a, const auto& b) { return a.first == b.first; });
    if (same != rest_.end()) return mistake("the key \"" + same->first + "\" stands twice");
    std::string content = "{";
    for (const auto& [name, value] : rest_) {
      if (content.size() > 1) content += ',';
      talon::write_json_string(content, name);
      content.append(":").append(value);
    }
    content += '}';
    make_harmless(content);
    entry.content = std::move(content);
    seal_content(entry);
    return std::move(read_);
  }

 private:
  static constexpr int kDepthMax = 16;

  Result<void> member(std::string_view name) {
    if (name == "at") {
      Json at;
      TALON_DO(read(at, 0));
      read_.entry.at = at.integer();
      return {};
    }
    if (std::string* known = text_member(name)) {
      known->clear();
      if (peek() != '"') return pass_over();
      TALON_DO(read_string(*known));
      make_harmless(*known);
      return {};
    }
    std::string& value = rest_.emplace_back(name, std::string()).second;
    if (name == "records") return records(value);
    if (peek() == '[') return list(value);
    return other(value);
  }

  /// Most are lists of words, such as the fields that were shown.
  Result<void> list(std::string& value) {
    std::string kept;
    TALON_DO(each_item([&]() -> Result<void> {
      value += value.empty() ? '[' : ',';
      if (peek() != '"') return other(value);
      TALON_TRY(const std::string_view word, read_view(kept));
      talon::write_json_string(value, word);
      return {};
    }));
    value += value.empty() ? "[]" : "]";
    return {};
  }

  Result<void> other(std::string& value) {
    Json json;
    TALON_DO(read(json, 0));
    json.write(value, Json::Keys::Sorted);
    return {};
  }

  static void make_harmless(std::string& text) {
    if (!talon::is_printable_ascii(text)) text = talon::harmless(text);
  }

  Result<void> records(std::string& value) {
    if (peek() != '"') return mistake("the ids are a text");
    std::string kept;
    TALON_TRY(const std::string_view text, read_view(kept));
    TALON_TRY(talon::IdList list, talon::parse_ids(text));
    read_.prefix = list.prefix;
    read_.records = std::move(list.ids);
    talon::write_json_string(value, text);
    return {};
  }

  std::string* text_member(std::string_view name) {
    Entry& entry = read_.entry;
    return name == "principal"      ? &entry.principal
           : name == "on_behalf_of" ? &entry.on_behalf_of
           : name == "channel"      ? &entry.channel
           : name == "address"      ? &entry.address
           : name == "request"      ? &entry.request
           : name == "type"         ? &entry.type
           : name == "action"       ? &entry.action
           : name == "reason"       ? &entry.reason
           : name == "policy_set"   ? &entry.policy_set
                                    : nullptr;
  }

  ReadEntry read_;
  std::vector<std::pair<std::string, std::string>> rest_;  // what of the line is the entry's content
};

}  // namespace

Result<ReadEntry> entry_of_read(std::string_view line) { return LineReader(line).read_entry(); }

}  // namespace audit
