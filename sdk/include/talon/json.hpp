/// JSON as a value: ordered objects, numbers kept as their digits, strict and bounded reading.
///
/// A number is kept as text, so that no amount ever passes through a binary float; duplicate keys, non-finite
/// numbers and lone surrogates are refused. The one JSON of the sdk and the host (decisions/0003).
#pragma once

#include <talon/result.hpp>

#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace talon {

class Json {
 public:
  struct Number {
    std::string digits;  ///< as JSON writes it
    bool operator==(const Number&) const = default;
  };
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;  ///< in order, keys unique

  Json() = default;  ///< null
  Json(std::nullptr_t) {}
  Json(bool value) : state_(value) {}
  Json(int value) : state_(Number{std::to_string(value)}) {}
  Json(int64_t value) : state_(Number{std::to_string(value)}) {}
  Json(uint64_t value) : state_(Number{std::to_string(value)}) {}
  Json(Number value) : state_(std::move(value)) {}
  Json(std::string value) : state_(std::move(value)) {}
  Json(std::string_view value) : state_(std::string(value)) {}
  Json(const char* value) : state_(std::string(value)) {}
  Json(Array value) : state_(std::move(value)) {}
  Json(Object value) : state_(std::move(value)) {}

  static Json object(std::initializer_list<Member> members = {}) { return Json(Object(members)); }
  static Json array(std::initializer_list<Json> items = {}) { return Json(Array(items)); }

  /// Reads one JSON text. @param depth_max  levels of nesting that are read.
  /// @return InvalidArgument with the byte offset of the first mistake.
  static Result<Json> parse(std::string_view text, int depth_max = 64);

  bool is_null() const { return state_.index() == 0; }
  bool is_boolean() const { return state_.index() == 1; }
  bool is_number() const { return state_.index() == 2; }
  bool is_string() const { return state_.index() == 3; }
  bool is_array() const { return state_.index() == 4; }
  bool is_object() const { return state_.index() == 5; }

  /// Each gives a neutral value where the kind is another: false, 0, empty.
  bool boolean() const { return is_boolean() && std::get<1>(state_); }
  int64_t integer(int64_t otherwise = 0) const;
  std::string_view digits() const { return is_number() ? std::string_view(std::get<2>(state_).digits) : ""; }
  std::string_view string() const { return is_string() ? std::string_view(std::get<3>(state_)) : ""; }
  const Array& items() const { return is_array() ? std::get<4>(state_) : empty_array(); }
  const Object& members() const { return is_object() ? std::get<5>(state_) : empty_object(); }

  /// The member, or null where there is none (or this is no object).
  const Json& operator[](std::string_view key) const {
    const Json* member = find(key);
    return member != nullptr ? *member : null();
  }
  const Json* find(std::string_view key) const;
  /// Sets or replaces a member; a null value becomes an object first. Returns this.
  Json& set(std::string key, Json value);
  /// Appends an item; a null value becomes an array first. Returns this.
  Json& push(Json value);
  Array& mutable_items();
  Object& mutable_members();

  /// Writes compact JSON. Sorted keys make it canonical (used wherever it is hashed).
  enum class Keys { InOrder, Sorted };
  std::string to_string(Keys keys = Keys::InOrder) const;
  void write(std::string& out, Keys keys = Keys::InOrder) const;

  bool operator==(const Json&) const = default;

  static const Json& null() {
    static const Json value;
    return value;
  }

 private:
  static const Array& empty_array() {
    static const Array value;
    return value;
  }
  static const Object& empty_object() {
    static const Object value;
    return value;
  }

  std::variant<std::monostate, bool, Number, std::string, Array, Object> state_;
};

/// Appends `text` as a JSON string, quotes included.
void write_json_string(std::string& out, std::string_view text);
/// Appends `"key":"text"`.
void write_json_member(std::string& out, std::string_view key, std::string_view text);

}  // namespace talon

#ifndef TALON_SDK_LIBRARY
#include <talon/json_read.hpp>
#include <talon/json_write.hpp>
#endif
