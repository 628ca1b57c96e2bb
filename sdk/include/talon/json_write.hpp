/// The writing half of talon/json.hpp.
#pragma once

#include <talon/bodies.hpp>
#include <talon/json.hpp>

#include <algorithm>

namespace talon {

TALON_INLINE void write_json_string(std::string& out, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, from, i - from);
    from = i + 1;
    switch (c) {
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      default:
        out.append("\\u00");
        out.push_back(kHex[c >> 4U]);
        out.push_back(kHex[c & 15U]);
    }
  }
  out.append(text, from);
  out.push_back('"');
}

TALON_INLINE void write_json_member(std::string& out, std::string_view key, std::string_view text) {
  write_json_string(out, key);
  out.push_back(':');
  write_json_string(out, text);
}

TALON_INLINE const Json* Json::find(std::string_view key) const {
  for (const Member& member : members()) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

TALON_INLINE Json& Json::set(std::string key, Json value) {
  for (Member& member : mutable_members()) {
    if (member.first == key) {
      member.second = std::move(value);
      return *this;
    }
  }
  mutable_members().emplace_back(std::move(key), std::move(value));
  return *this;
}

TALON_INLINE Json& Json::push(Json value) {
  mutable_items().push_back(std::move(value));
  return *this;
}

TALON_INLINE Json::Array& Json::mutable_items() {
  if (is_null()) state_ = Array();
  TALON_CHECK(is_array());
  return std::get<4>(state_);
}

TALON_INLINE Json::Object& Json::mutable_members() {
  if (is_null()) state_ = Object();
  TALON_CHECK(is_object());
  return std::get<5>(state_);
}

TALON_INLINE int64_t Json::integer(int64_t otherwise) const {
  const std::string_view text = digits();
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

TALON_INLINE std::string Json::to_string(Keys keys) const {
  std::string out;
  write(out, keys);
  return out;
}

TALON_INLINE void Json::write(std::string& out, Keys keys) const {
  if (is_null()) {
    out.append("null");
  } else if (is_boolean()) {
    out.append(boolean() ? "true" : "false");
  } else if (is_number()) {
    out.append(digits());
  } else if (is_string()) {
    write_json_string(out, string());
  } else if (is_array()) {
    out.push_back('[');
    for (std::size_t i = 0; i < items().size(); ++i) {
      if (i > 0) out.push_back(',');
      items()[i].write(out, keys);
    }
    out.push_back(']');
  } else {
    const char* before = "{";
    const auto write_member = [&](const Member& member) {
      out.append(before);
      write_json_string(out, member.first);
      out.push_back(':');
      member.second.write(out, keys);
      before = ",";
    };
    if (members().empty()) out.push_back('{');
    if (keys == Keys::InOrder) {
      std::for_each(members().begin(), members().end(), write_member);
    } else {
      std::vector<const Member*> order;
      for (const Member& member : members()) order.push_back(&member);
      std::sort(order.begin(), order.end(),
                [](const Member* a, const Member* b) { return a->first < b->first; });
      for (const Member* member : order) write_member(*member);
    }
    out.push_back('}');
  }
}

}  // namespace talon
