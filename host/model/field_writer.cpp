/// Writing the values of one field: one form a field type.
#include "host/model/field_writer.hpp"

#include "host/model/base64.hpp"
#include "host/model/field_value.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>
#include <talon/json.hpp>

namespace talon::model {

FieldWriter::FieldWriter(const Model& model, const Field& field)
    : field_(field), prefix_(field.type == FieldType::Ref ? prefix_of(model, field) : std::string_view()) {}

const Currency& FieldWriter::currency_of(std::string_view code) {
  if (code == currency_.code()) return currency_;
  const auto parsed = Currency::parse(code);
  currency_ = parsed ? *parsed : Currency();
  return currency_;
}

/// @param digits  of an amount's currency.
void FieldWriter::write_number(std::string& out, int64_t number, int digits) const {
  switch (field_.type) {
    case FieldType::Decimal:
      return Decimal(number, field_.scale).append_to(out);
    case FieldType::Money:
      return Decimal(number, digits).append_to(out);
    case FieldType::Date:
      if (const auto date = Date::unpack(number)) return date->append_to(out);
      break;
    case FieldType::Timestamp:
      return Timestamp(number).append_to(out);
    case FieldType::Boolean:
      out.append(number != 0 ? "true" : "false");
      return;
    case FieldType::Ref:
      return append_id(out, prefix_, number);
    default:
      break;
  }
  out.append(std::to_string(number));
}

void FieldWriter::write_text(std::string& out, const Cell& cell, std::string_view currency) {
  if (cell.is_null()) return;
  if (cell.kind == TALON_KIND_BYTES) {
    out.append(write_base64(cell.text()));
  } else if (cell.is_text()) {
    out.append(cell.text());
  } else {
    const bool is_money = field_.type == FieldType::Money;
    write_number(out, cell.integer(), is_money ? currency_of(currency).digits() : 0);
  }
}

void FieldWriter::write_json(std::string& out, const Cell& cell, std::string_view currency) {
  if (cell.is_null()) {
    out.append("null");
  } else if (cell.kind == TALON_KIND_BYTES) {
    write_json_string(out, write_base64(cell.text()));
  } else if (cell.is_text()) {
    write_json_string(out, cell.text());
  } else if (field_.type == FieldType::Integer || field_.type == FieldType::Boolean) {
    write_number(out, cell.integer(), 0);
  } else if (field_.type == FieldType::Money) {
    const Currency& known = currency_of(currency);
    out.append(R"({"amount":")");
    write_number(out, cell.integer(), known.digits());
    out.append(R"(","currency":")").append(known.code()).append("\"}");
  } else {
    out.push_back('"');
    write_number(out, cell.integer(), 0);
    out.push_back('"');
  }
}

}  // namespace talon::model
