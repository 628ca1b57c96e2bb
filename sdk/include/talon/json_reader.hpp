/// A strict recursive-descent reader of JSON (RFC 8259) with a depth limit; for whoever reads without a tree
/// too.
#pragma once

#include <talon/json.hpp>
#include <talon/json_scan.hpp>

#include <algorithm>
#include <unordered_set>

namespace talon {

namespace detail {

class JsonReader {
 public:
  JsonReader(std::string_view text, int depth_max) : text_(text), depth_max_(depth_max) {}

  Result<Json> document() {
    Json value;
    TALON_DO(read(value, 0));
    skip_space();
    if (at_ != text_.size()) return mistake("unexpected text after the value");
    return value;
  }

 protected:
  Error mistake(const std::string& what) const {
    return invalid("JSON, byte " + std::to_string(at_) + ": " + what);
  }

  [[gnu::always_inline]] void skip_space() {
    if (static_cast<unsigned char>(peek()) <= ' ') skip_some_space();  // programs write none
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool take(char sign) {
    if (peek() != sign) return false;
    ++at_;
    return true;
  }

  bool is_at_end() const { return at_ == text_.size(); }
  std::size_t offset() const { return at_; }
  /// What was read since, word for word. @param offset  of its beginning.
  std::string_view read_since(std::size_t offset) const { return text_.substr(offset, at_ - offset); }

  /// Reads the string that begins here if no escape is in it. @return whether it did.
  bool take_plain(std::string_view& out) {
    if (peek() != '"') return false;
    const std::string_view rest(text_.data() + at_ + 1, text_.size() - at_ - 1);
    const std::size_t plain = find_json_sign(rest);
    if (plain >= rest.size() || rest[plain] != '"') return false;
    out = {rest.data(), plain};
    at_ += plain + 2;
    return true;
  }

  /// Reads the string that begins here. @return its text: where it stands, or in `kept`, which is
  /// overwritten, where escapes had to be replaced.
  Result<std::string_view> read_view(std::string& kept) {
    if (std::string_view plain; take_plain(plain)) return plain;
    kept.clear();
    TALON_DO(read_string(kept));
    return std::string_view(kept);
  }

  /// Appends the text of the string that begins here.
  Result<void> read_string(std::string& out) {
    ++at_;
    while (true) {
      const std::size_t plain = find_json_sign(text_.substr(at_));
      out.append(text_, at_, plain);
      at_ += plain;
      if (at_ >= text_.size()) return mistake("a string without its closing quote");
      if (take('"')) return {};
      if (!take('\\')) return mistake("a control character in a string");
      TALON_DO(read_escape(out));
    }
  }

  /// Passes over a list or object, whose brackets are matched and whose words are not looked at: whoever
  /// reads it judges them. @param out  its text.
  Result<void> skip_nested(std::string_view& out) {
    skip_space();
    const std::size_t from = at_;
    if (peek() != '[' && peek() != '{') return mistake("expected a list or an object");
    int depth = 0;
    do {
      const char sign = peek();
      if (sign == '"') skip_string();
      if (sign == '[' || sign == '{') ++depth;
      if (sign == ']' || sign == '}') --depth;
      if (at_ >= text_.size()) return mistake("a list or an object without its end");
      ++at_;
    } while (depth > 0);
    out = text_.substr(from, at_ - from);
    return {};
  }

  /// Reads an object. @param read_one  called with each key, good until it returns, and reads its value.
  template <typename Read>
  Result<void> each_member(const Read& read_one) {
    skip_space();
    if (!take('{')) return mistake("expected {");
    skip_space();
    if (take('}')) return {};
    std::string kept;
    do {
      skip_space();
      if (peek() != '"') return mistake("expected a key in quotes");
      std::string_view key;
      if (!take_plain(key)) {
        TALON_TRY(key, read_view(kept));
      }
      skip_space();
      if (!take(':')) return mistake("expected :");
      skip_space();
      TALON_DO(read_one(key));
      skip_space();
    } while (take(','));
    return take('}') ? Result<void>() : mistake("expected , or }");
  }
  /// Reads a list. @param read_one  reads an item.
  template <typename Read>
  Result<void> each_item(const Read& read_one) {
    skip_space();
    if (!take('[')) return mistake("expected [");
    skip_space();
    if (take(']')) return {};
    do {
      skip_space();
      TALON_DO(read_one());
      skip_space();
    } while (take(','));
    return take(']') ? Result<void>() : mistake("expected , or ]");
  }
  /// Reads a value that nobody asks about.
  Result<void> pass_over() {
    Json passed_over;
    return read(passed_over, 0);
  }

  Result<void> read(Json& out, int depth) {
    if (depth > depth_max_) return mistake("nested deeper than " + std::to_string(depth_max_) + " levels");
    skip_space();
    switch (peek()) {
      case '{':
        return read_object(out, depth);
      case '[':
        return read_array(out, depth);
      case '"': {
        std::string text;
        TALON_DO(read_string(text));
        out = Json(std::move(text));
        return {};
      }
      default:
        break;
    }
    if (take("true"))
      out = Json(true);
    else if (take("false"))
      out = Json(false);
    else if (take("null"))
      out = Json();
    else
      return read_number(out);
    return {};
  }

 private:
  static constexpr std::size_t kKeysCompared = 16;
  // A vector that grows by itself moves the first ones twice.
  static constexpr std::size_t kMembersMostly = 4;

  void skip_some_space() {
    const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  /// To the closing quote of the string that begins here, or to the end.
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
  }

  Result<void> read_number(Json& out) {
    const std::size_t from = at_;
    const auto digits = [&] {
      const std::size_t start = at_;
      while (peek() >= '0' && peek() <= '9') ++at_;
      return at_ > start;
    };
    take('-');
    const bool starts_with_zero = peek() == '0';
    if (!digits()) return mistake("expected a value");
    if (starts_with_zero && text_[from] == '-' ? at_ - from > 2 : starts_with_zero && at_ - from > 1) {
      return mistake("a number must not start with 0");
    }
    if (take('.') && !digits()) return mistake("expected digits after the point");
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (!take('+')) take('-');
      if (!digits()) return mistake("expected digits in the exponent");
    }
    out = Json(Json::Number{std::string(text_.substr(from, at_ - from))});
    return {};
  }

  Result<void> read_array(Json& out, int depth) {
    Json::Array items;
    TALON_DO(each_item([&] { return read(items.emplace_back(), depth + 1); }));
    out = Json(std::move(items));
    return {};
  }

  Result<void> read_object(Json& out, int depth) {
    Json::Object members;
    std::unordered_set<std::string> keys;  // of a long object: most have a few members
    const auto is_new = [&](std::string_view key) {
      if (members.size() < kKeysCompared) {
        return std::none_of(members.begin(), members.end(),
                            [&](const Json::Member& member) { return member.first == key; });
      }
      if (keys.empty()) {
        for (const Json::Member& member : members) keys.insert(member.first);
      }
      return keys.emplace(key).second;
    };
    TALON_DO(each_member([&](std::string_view key) -> Result<void> {
      if (!is_new(key)) return mistake("the key \"" + std::string(key) + "\" stands twice");
      if (members.empty()) members.reserve(kMembersMostly);
      members.emplace_back(key, Json());
      return read(members.back().second, depth + 1);
    }));
    out = Json(std::move(members));
    return {};
  }

  Result<uint32_t> read_hex() {
    uint32_t value = 0;
    const char* from = text_.data() + at_;
    if (at_ + 4 > text_.size()) return mistake("expected four hexadecimal digits");
    const auto [end, error] = std::from_chars(from, from + 4, value, 16);
    if (error != std::errc() || end != from + 4) return mistake("expected four hexadecimal digits");
    at_ += 4;
    return value;
  }

  static void append_utf8(std::string& out, uint32_t c) {
    if (c < 0x80) {
      out.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
      out.push_back(static_cast<char>(0xC0U | (c >> 6U)));
      out.push_back(static_cast<char>(0x80U | (c & 63U)));
    } else if (c < 0x10000) {
      out.push_back(static_cast<char>(0xE0U | (c >> 12U)));
      out.push_back(static_cast<char>(0x80U | ((c >> 6U) & 63U)));
      out.push_back(static_cast<char>(0x80U | (c & 63U)));
    } else {
      out.push_back(static_cast<char>(0xF0U | (c >> 18U)));
      out.push_back(static_cast<char>(0x80U | ((c >> 12U) & 63U)));
      out.push_back(static_cast<char>(0x80U | ((c >> 6U) & 63U)));
      out.push_back(static_cast<char>(0x80U | (c & 63U)));
    }
  }

  Result<void> read_escape(std::string& out) {
    static constexpr std::string_view kFrom = "/bfnrt";
    static constexpr std::string_view kTo = "/\b\f\n\r\t";
    const char escape = peek();
    ++at_;
    if (escape == '"' || escape == '\\') {  // nearly all: texts that are JSON themselves
      out.push_back(escape);
      return {};
    }
    if (const std::size_t i = kFrom.find(escape); escape != '\0' && i != std::string_view::npos) {
      out.push_back(kTo[i]);
      return {};
    }
    if (escape != 'u') return mistake("unknown escape");
    TALON_TRY(uint32_t c, read_hex());
    if (c >= 0xDC00 && c < 0xE000) return mistake("a low surrogate without its high one");
    if (c >= 0xD800 && c < 0xDC00) {
      if (!take("\\u")) return mistake("a high surrogate without its low one");
      TALON_TRY(const uint32_t low, read_hex());
      if (low < 0xDC00 || low > 0xDFFF) return mistake("a high surrogate without its low one");
      c = 0x10000 + ((c - 0xD800) << 10U) + (low - 0xDC00);
    }
    append_utf8(out, c);
    return {};
  }

  std::string_view text_;
  int depth_max_;
  std::size_t at_ = 0;
};

}  // namespace detail

}  // namespace talon
