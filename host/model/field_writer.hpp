/// Writing the values of one field, over and over: what lists are made of.
#pragma once

#include <talon/model.hpp>
#include <talon/money.hpp>
#include <talon/value.hpp>

#include <string>
#include <string_view>

namespace talon::model {

/// Writes values of one field; what is the same for all or most of them is looked up once.
class FieldWriter {
 public:
  /// Both outlive this.
  FieldWriter(const Model& model, const Field& field);

  /// Appends the value's JSON form. A text where the field has numbers (a masked value) is written as it is.
  /// @param currency  ISO 4217 code for Money; an unknown one is written as "XXX" with two digits.
  void write_json(std::string& out, const Cell& cell, std::string_view currency);
  /// Appends the human form, as `read_field_text` reads it: "12.30", "2026-11-21", "inv_…"; nothing for an
  /// empty value.
  void write_text(std::string& out, const Cell& cell, std::string_view currency);

 private:
  const Currency& currency_of(std::string_view code);
  void write_number(std::string& out, int64_t number, int digits) const;

  const Field& field_;
  std::string_view prefix_;  ///< of a Ref
  Currency currency_;        ///< of the amount before
};

}  // namespace talon::model
