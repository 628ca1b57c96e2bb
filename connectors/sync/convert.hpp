/// A source's text to a field's value, exactly: nothing is cut, rounded or guessed.
#pragma once

#include "mapping.hpp"

#include <talon/result.hpp>
#include <talon/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace talon::sync {

/// Applies transforms, `null_if`, `default` and `values`, then reads the text as the field's type.
///
/// @param text      as the source gave it; null where it had none.
/// @param currency  ISO 4217 code of the record's amounts, for a Money field.
/// @return Null where there is no value; InvalidArgument: why it cannot be that field's value.
/// @threads any; pure.
Result<Value> convert(const FieldMap& map, const std::optional<std::string>& text, std::string_view currency);

/// Transforms, `null_if` and `default` alone: the text that a reference is looked up by. Null: none.
std::optional<std::string> prepared(const FieldMap& map, const std::optional<std::string>& text);

/// A value in its human form, for plans and queries: "12.30", "2026-11-21", "on"; references as ids with
/// `prefix`.
std::string value_text(const model::Field& field, const Value& value, std::string_view currency,
                       std::string_view prefix);

/// A value as a literal of the condition language.
std::string literal(const model::Field& field, const Value& value, std::string_view prefix);

/// A cursor value minus `us`, in the form it came in; times only, everything else comes back as it is.
std::string earlier(std::string_view cursor, int64_t us);

}  // namespace talon::sync
