/// A field's value between its JSON form (the API's and change sets') and the value that storage and plugins
/// see.
#pragma once

#include <talon/json.hpp>
#include <talon/model.hpp>
#include <talon/value.hpp>

#include <string>
#include <string_view>

namespace talon::model {

/// The longest text of a Text field that sets no `max`, in code points, and the largest File, in bytes.
inline constexpr int64_t kTextMax = 1'000'000;
inline constexpr int64_t kFileBytesMax = 10'000'000;

struct ReadOptions {
  /// An integer is the raw value of abi/base.h (minor units, unscaled, yyyymmdd, µs, id, 0/1): change sets.
  /// API callers write decimals, money, dates and ids as text.
  bool allow_raw = false;
  /// ISO 4217 code that the record's money is in: what the field's `currency` sibling holds. Empty: not
  /// known, then only {"amount","currency"} can be read.
  std::string_view currency = {};
};

/// Reads one value: checks its form, UTF-8, control characters, length, choices, min and max. Null gives an
/// empty value, as "" does for a Text. Whether the record that a Ref names exists is the caller's to check.
/// @return InvalidArgument: what is wrong with the value, not naming the field, whose place the caller knows
/// (`Faults::add_value`). Empty for a required field is one too.
/// @threads any; pure.
Result<Value> read_field(const Model& model, const Field& field, const Json& json,
                         const ReadOptions& options = {});

/// Reads the human form of a text: what files, command lines and `initial:` have ("12.30", "2026-11-21",
/// "on").
Result<Value> read_field_text(const Model& model, const Field& field, std::string_view text,
                              std::string_view currency = {});

/// Reads a value as plugins hand it over: an integer is raw, a text is its human form. Checked as by
/// `read_field`; an amount is raw, since its currency is another field's. @errors as `read_field`.
Result<Value> read_field_cell(const Model& model, const Field& field, const Cell& cell);

/// The value that a new record's field has when nobody gives one (`initial:`), or an empty one.
Result<Value> initial_value(const Model& model, const Field& field, std::string_view currency = {});

/// The value's JSON form, as `FieldWriter::write_json` writes it.
Json write_field(const Model& model, const Field& field, const Cell& cell, std::string_view currency);

/// The human form, as `FieldWriter::write_text` writes it.
std::string write_field_text(const Model& model, const Field& field, const Cell& cell,
                             std::string_view currency);

/// The id prefix of the type that a Ref field names; empty when there is no such type.
std::string_view prefix_of(const Model& model, const Field& field);

}  // namespace talon::model
