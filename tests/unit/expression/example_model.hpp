/// A small model that the tests of conditions share: invoices of parties, with lines.
#pragma once

#include <talon/model.hpp>

#include <string>
#include <utility>
#include <vector>

namespace talon::expression::testing {

inline model::Field field(std::string name, model::FieldType type, std::string of = {}) {
  model::Field made;
  made.name = std::move(name);
  made.type = type;
  if (type == model::FieldType::Ref)
    made.to = std::move(of);
  else if (type == model::FieldType::Money)
    made.currency = std::move(of);
  return made;
}

inline model::Field choice(std::string name, model::FieldType type, std::vector<std::string> choices) {
  model::Field made = field(std::move(name), type);
  made.choices = std::move(choices);
  return made;
}

inline model::RecordType record_type(std::string name, std::string plural, std::string prefix) {
  model::RecordType type;
  type.name = std::move(name);
  type.plural = std::move(plural);
  type.prefix = std::move(prefix);
  type.base_actions = {"view", "create", "edit", "delete", "export"};
  return type;
}

inline model::RecordType invoice_type() {
  using model::FieldType;
  model::RecordType invoice = record_type("invoice", "invoices", "inv");
  invoice.fields = {field("number", FieldType::Text),
                    field("note", FieldType::Text),
                    choice("state", FieldType::State, {"draft", "approved", "issued"}),
                    choice("kind", FieldType::Choice, {"plain", "credit"}),
                    field("client", FieldType::Ref, "party"),
                    field("partner", FieldType::Ref, "party"),
                    field("approved_by", FieldType::Ref, "user"),
                    field("currency", FieldType::Text),
                    field("net", FieldType::Money, "currency"),
                    field("gross", FieldType::Money, "currency"),
                    field("limit", FieldType::Money, "limit_currency"),
                    field("limit_currency", FieldType::Text),
                    field("stray", FieldType::Money, "nowhere"),
                    field("rate", FieldType::Decimal),
                    field("floor_rate", FieldType::Decimal),
                    field("count", FieldType::Integer),
                    field("wanted", FieldType::Integer),
                    field("due", FieldType::Date),
                    field("day", FieldType::Date),
                    field("seen", FieldType::Timestamp),
                    field("is_open", FieldType::Boolean),
                    field("is_late", FieldType::Boolean),
                    field("scan", FieldType::File)};
  for (model::Field& each : invoice.fields) {
    if (each.name == "rate" || each.name == "floor_rate") each.scale = 4;
    if (each.name == "is_late")
      each.computed = "due before today and state is issued and not (is_open is off)";
  }
  invoice.lists = {{"lines", "invoice_line"}};
  return invoice;
}

/// invoice (with lines), party (refers to parties), user.
inline model::Model example_model() {
  using model::FieldType;
  model::Model model;
  model::RecordType party = record_type("party", "parties", "pty");
  party.fields = {field("name", FieldType::Text),
                  field("country", FieldType::Text),
                  field("partner", FieldType::Ref, "party"),
                  field("access", FieldType::Boolean),
                  field("credit", FieldType::Money, "currency"),
                  field("currency", FieldType::Text)};
  model::RecordType user = record_type("user", "users", "usr");
  user.fields = {field("name", FieldType::Text)};
  model::RecordType line = record_type("invoice_line", "invoice_lines", "inl");
  line.kind = model::Kind::Child;
  line.parent = "invoice";
  line.fields = {field("amount", FieldType::Money, "currency")};
  model.types = {invoice_type(), std::move(party), std::move(user), std::move(line)};
  return model;
}

}  // namespace talon::expression::testing
