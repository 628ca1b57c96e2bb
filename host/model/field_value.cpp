/// Reading and writing field values: one function a field type, all with the same refusals.
#include "host/model/field_value.hpp"

#include "host/config/text.hpp"
#include "host/model/base64.hpp"
#include "host/model/field_writer.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>
#include <talon/money.hpp>
#include <talon/text.hpp>

#include <charconv>

namespace talon::model {

namespace {

using config::in_quotes;

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

Result<int64_t> parse_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return invalid(in_quotes(text) + " is not a whole number");
  }
  return value;
}

Result<Value> in_range(const Field& field, int64_t value) {
  const auto shown = [&](int64_t number) { return Decimal(number, field.scale).to_string(); };
  if (field.min && value < *field.min) return invalid(shown(value) + " is less than " + shown(*field.min));
  if (field.max && value > *field.max) return invalid(shown(value) + " is more than " + shown(*field.max));
  return Value(value);
}

Result<Value> read_words(const Field& field, std::string_view text) {
  if (text.empty()) return Value();
  const bool is_ascii = is_printable_ascii(text);
  if (!is_ascii && config::find_bad_utf8(text)) return invalid("the text is not UTF-8");
  if (!is_ascii && config::find_control_character(text)) return invalid("the text has control characters");
  const auto length = static_cast<int64_t>(is_ascii ? text.size() : config::count_code_points(text));
  const int64_t longest = field.max.value_or(kTextMax);
  if (length > longest) {
    return invalid("the text has " + std::to_string(length) + " characters; at most " +
                   std::to_string(longest) + " are allowed");
  }
  if (field.min && length < *field.min) {
    return invalid("the text is shorter than " + std::to_string(*field.min) + " characters");
  }
  if (field.format == TextFormat::Email && !is_email_address(text))
    return invalid("the text " + email_address_fault(text));
  if (field.is_one_line) {
    if (const std::string fault = one_line_fault(text); !fault.empty()) return invalid("the text " + fault);
  }
  return Value(text);
}

Result<Value> read_money(const Field& field, std::string_view amount, std::string_view currency) {
  if (currency.empty()) {
    return invalid("the currency is not known: set " + field.currency +
                   R"(, or write {"amount", "currency"})");
  }
  TALON_TRY(const Currency parsed, Currency::parse(currency));
  TALON_TRY(const Money money, Money::parse(amount, parsed));
  if ((field.min && money.minor() < *field.min) || (field.max && money.minor() > *field.max)) {
    return invalid(money.amount() + " is out of range");
  }
  return Value(money.minor());
}

Result<Value> read_money_object(const Field& field, const Json& json, std::string_view currency) {
  for (const auto& [name, value] : json.members()) {
    if (name != "amount" && name != "currency")
      return invalid("money has amount and currency, no " + in_quotes(name));
  }
  const std::string_view given = json["currency"].string();
  if (!json["amount"].is_string() || given.empty()) {
    return invalid(R"(money is written as {"amount": "12.30", "currency": "EUR"})");
  }
  if (!currency.empty() && given != currency) {
    return invalid("the amount is in " + in_quotes(given) + ", the record in " + std::string(currency));
  }
  return read_money(field, json["amount"].string(), given);
}

Result<Value> read_text(const Model& model, const Field& field, std::string_view text,
                        std::string_view currency) {
  switch (field.type) {
    case FieldType::Text:
      return read_words(field, text);
    case FieldType::Choice:
    case FieldType::State:
      for (const std::string& choice : field.choices) {
        if (choice == text) return Value(text);
      }
      return invalid(in_quotes(text) + " is not one of [" + joined(field.choices) + "]." +
                     suggestion(text, field.choices));
    case FieldType::Integer: {
      TALON_TRY(const int64_t value, parse_integer(text));
      return in_range(field, value);
    }
    case FieldType::Decimal: {
      TALON_TRY(const Decimal value, Decimal::parse(text, field.scale));
      return in_range(field, value.units());
    }
    case FieldType::Money:
      return read_money(field, text, currency);
    case FieldType::Date: {
      TALON_TRY(const Date value, Date::parse(text));
      return Value(value.packed());
    }
    case FieldType::Timestamp: {
      TALON_TRY(const Timestamp value, Timestamp::parse(text));
      return Value(value.us());
    }
    case FieldType::Boolean: {
      const std::optional<bool> value = config::parse_boolean(text);
      if (!value) return invalid(in_quotes(text) + " is not on or off");
      return Value(*value ? 1 : 0);
    }
    case FieldType::Ref: {
      const std::string_view prefix = prefix_of(model, field);
      if (prefix.empty()) return invalid("refers to " + in_quotes(field.to) + ", which no plugin declares");
      TALON_TRY(const int64_t value, parse_id(text, prefix));
      return Value(value);
    }
    case FieldType::File: {
      if (static_cast<int64_t>(text.size()) / 4 * 3 > field.max.value_or(kFileBytesMax)) {
        return invalid("the file is larger than " + std::to_string(field.max.value_or(kFileBytesMax)) +
                       " bytes");
      }
      TALON_TRY(std::string bytes, read_base64(text));
      return Value(Value::Bytes{std::move(bytes)});
    }
    case FieldType::Json: {
      TALON_TRY(const Json json, Json::parse(text));
      return Value(json.to_string());
    }
  }
  return internal("a field type that is not known");
}

/// The raw value of abi/base.h, checked: what a change set's integer says.
Result<Value> read_raw(const Field& field, int64_t value) {
  switch (field.type) {
    case FieldType::Integer:
    case FieldType::Decimal:
      return in_range(field, value);
    case FieldType::Money:
      if (value > Money::kMax || value < -Money::kMax)
        return invalid("an amount goes up to " + std::to_string(Money::kMax) + " minor units");
      if ((field.min && value < *field.min) || (field.max && value > *field.max)) {
        return invalid(std::to_string(value) + " minor units are out of range");
      }
      return Value(value);
    case FieldType::Date: {
      TALON_DO(Date::unpack(value));
      return Value(value);
    }
    case FieldType::Timestamp:
      return Value(value);
    case FieldType::Boolean:
      if (value != 0 && value != 1) return invalid("a boolean's integer is 0 or 1");
      return Value(value);
    case FieldType::Ref:
      if (value <= 0) return invalid("an id is more than 0");
      return Value(value);
    default:
      return invalid("takes text, no number");
  }
}

Result<Value> read_number(const Field& field, const Json& json, const ReadOptions& options) {
  if (field.type != FieldType::Integer && !options.allow_raw) {
    if (field.type == FieldType::Decimal || field.type == FieldType::Money) {
      return invalid("write the number as text, as in \"12.30\": a JSON number may lose digits on its way");
    }
    return invalid("takes text, no number");
  }
  TALON_TRY(const int64_t value, parse_integer(json.digits()));
  return read_raw(field, value);
}

Result<Value> read_json(const Model& model, const Field& field, const Json& json,
                        const ReadOptions& options) {
  if (json.is_null()) return Value();
  if (field.type == FieldType::Json) return Value(json.to_string());
  if (json.is_number()) return read_number(field, json, options);
  if (json.is_boolean()) {
    if (field.type != FieldType::Boolean) return invalid("takes no true or false");
    return Value(json.boolean() ? 1 : 0);
  }
  if (json.is_object() && field.type == FieldType::Money)
    return read_money_object(field, json, options.currency);
  if (!json.is_string()) return invalid("takes one value, no list or object");
  if (field.type == FieldType::Boolean && !options.allow_raw)
    return invalid("is true or false, without quotes");
  return read_text(model, field, json.string(), options.currency);
}

Result<Value> finished(const Field& field, Result<Value> value) {
  if (value && value->is_null() && field.is_required) return invalid("is required");
  return value;
}

/// With the field's name, for who reads the message alone.
Result<Value> named(const Field& field, Result<Value> value) {
  if (!value) return Error{value.error().code, field.name + ": " + value.error().message};
  return value;
}

}  // namespace

std::string_view prefix_of(const Model& model, const Field& field) {
  const RecordType* type = model.find(field.to);
  return type != nullptr ? std::string_view(type->prefix) : std::string_view();
}

Result<Value> read_field(const Model& model, const Field& field, const Json& json,
                         const ReadOptions& options) {
  return finished(field, read_json(model, field, json, options));
}

Result<Value> read_field_text(const Model& model, const Field& field, std::string_view text,
                              std::string_view currency) {
  return named(field, finished(field, text.empty() ? Result<Value>(Value())
                                                   : read_text(model, field, text, currency)));
}

Result<Value> read_field_cell(const Model& model, const Field& field, const Cell& cell) {
  if (cell.is_integer()) return finished(field, read_raw(field, cell.integer()));
  if (cell.kind > TALON_KIND_BYTES)
    return finished(field, invalid("is of a kind that abi/base.h does not have"));
  if (cell.is_text() && cell.as.text.data == nullptr && cell.as.text.size > 0)
    return finished(field, invalid("has a size and no text"));
  if (cell.text().empty()) return finished(field, Value());
  // What cannot be read is told back, so it must be text; of a Text it is asked where it is read.
  if (field.type != FieldType::Text && !is_plain(cell.text()))
    return finished(field, invalid("is not UTF-8, or has control characters"));
  if (cell.kind == TALON_KIND_BYTES || field.type == FieldType::Money)
    return finished(field, invalid("takes a raw integer or a text here, an amount in minor units"));
  return finished(field, read_text(model, field, cell.text(), {}));
}

Result<Value> initial_value(const Model& model, const Field& field, std::string_view currency) {
  if (field.initial.empty()) return Value();
  return named(field, finished(field, read_text(model, field, field.initial, currency)));
}

std::string write_field_text(const Model& model, const Field& field, const Cell& cell,
                             std::string_view currency) {
  std::string text;
  FieldWriter(model, field).write_text(text, cell, currency);
  return text;
}

Json write_field(const Model& model, const Field& field, const Cell& cell, std::string_view currency) {
  if (cell.is_null()) return {};
  std::string text = write_field_text(model, field, cell, currency);
  if (cell.is_text()) return Json(std::move(text));
  if (field.type == FieldType::Boolean) return Json(cell.integer() != 0);
  if (field.type == FieldType::Integer) return Json(cell.integer());
  if (field.type != FieldType::Money) return Json(std::move(text));
  const auto known = Currency::parse(currency);
  return Json::object({{"amount", std::move(text)}, {"currency", (known ? *known : Currency()).code()}});
}

}  // namespace talon::model
