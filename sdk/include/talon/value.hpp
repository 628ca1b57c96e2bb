/// Values as they cross the boundary and the storage: `Cell` borrows, `Value` owns.
#pragma once

#include <talon/abi/base.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace talon {

/// A borrowed value, laid out as `talon_value`: an array of cells is an array of talon_value.
struct Cell : talon_value {
  Cell() : talon_value{TALON_KIND_NULL, 0, {}} {}
  Cell(int64_t number) : talon_value{TALON_KIND_INTEGER, 0, {}} { as.integer = number; }
  Cell(std::string_view text) : talon_value{TALON_KIND_TEXT, 0, {}} { as.text = {text.data(), text.size()}; }

  /// Bytes, borrowed from `data`.
  static Cell bytes(std::string_view data) {
    Cell cell(data);
    cell.kind = TALON_KIND_BYTES;
    return cell;
  }

  bool is_null() const { return kind == TALON_KIND_NULL; }
  bool is_integer() const { return kind == TALON_KIND_INTEGER; }
  bool is_text() const { return kind == TALON_KIND_TEXT || kind == TALON_KIND_BYTES; }
  int64_t integer() const { return is_integer() ? as.integer : 0; }  ///< 0 when it is no integer
  std::string_view text() const {                                    ///< empty when it is no text or bytes
    return is_text() && as.text.size > 0 ? std::string_view(as.text.data, as.text.size) : std::string_view();
  }
};
static_assert(sizeof(Cell) == sizeof(talon_value));

/// An owned value: nothing, an integer, text, or bytes. What the integer means, the field's type says
/// (abi/base.h lists it).
class Value {
 public:
  struct Bytes {
    std::string data;
    bool operator==(const Bytes&) const = default;
  };

  Value() = default;
  Value(int64_t number) : state_(number) {}
  Value(int number) : state_(static_cast<int64_t>(number)) {}
  Value(std::string text) : state_(std::move(text)) {}
  Value(std::string_view text) : state_(std::string(text)) {}
  Value(const char* text) : state_(std::string(text)) {}
  Value(Bytes bytes) : state_(std::move(bytes)) {}
  Value(bool) = delete;  // say 0 or 1: a pointer would convert too
  explicit Value(const Cell& cell) {
    if (cell.kind == TALON_KIND_INTEGER) state_ = cell.as.integer;
    if (cell.kind == TALON_KIND_TEXT) state_ = std::string(cell.text());
    if (cell.kind == TALON_KIND_BYTES) state_ = Bytes{std::string(cell.text())};
  }

  bool is_null() const { return state_.index() == 0; }
  bool is_integer() const { return state_.index() == 1; }
  bool is_text() const { return state_.index() == 2; }
  bool is_bytes() const { return state_.index() == 3; }
  int64_t integer() const { return is_integer() ? std::get<1>(state_) : 0; }  ///< 0 when it is no integer
  std::string_view text() const {  ///< empty when it is no text or bytes
    if (is_text()) return std::get<2>(state_);
    return is_bytes() ? std::string_view(std::get<3>(state_).data) : std::string_view();
  }
  /// Borrows from this value.
  Cell cell() const {
    if (is_integer()) return Cell(std::get<1>(state_));
    if (is_text()) return Cell(std::string_view(std::get<2>(state_)));
    return is_bytes() ? Cell::bytes(std::get<3>(state_).data) : Cell();
  }

  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, int64_t, std::string, Bytes> state_;
};

using Row = std::span<const Cell>;

}  // namespace talon
