/// The writing half of talon/json.hpp.
#pragma once

#include <talon/bodies.hpp>
#include <talon/json.hpp>
#include <talon/json_scan.hpp>

#include <algorithm>

namespace talon {

TALON_INLINE void write_json_string(std::string& out, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  while (true) {
    const std::size_t plain = detail::find_json_sign(text);
    out.append(text.substr(0, plain));
    if (plain == text.size()) break;
    const auto sign = static_cast<unsigned char>(text[plain]);
    text.remove_prefix(plain + 1);
    switch (sign) {
      case '"':
        out.append("\\\"", 2);
        break;
      case '\\':
        out.append("\\\\", 2);
        break;
      case '\n':
        out.append("\\n", 2);
        break;
      case '\r':
        out.append("\\r", 2);
        break;
      case '\t':
        out.append("\\t", 2);
        break;
      default:
        out.append("\\u00", 4);
        out.push_back(kHex[sign >> 4U]);
        out.push_back(kHex[sign & 15U]);
    }
  }
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
