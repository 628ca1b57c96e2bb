/// A small model for tests: an invoice that freezes, its lines, an append-only note, a party.
#pragma once

#include <talon/model.hpp>

#include <string>
#include <utility>
#include <vector>

namespace talon::storage {

struct FieldExtras {
  std::vector<std::string> choices = {};
  std::string initial = {};
  std::string to = {};
  int scale = 0;
};

inline model::Field field(std::string name, model::FieldType type, const FieldExtras& extras = {}) {
  model::Field made;
  made.name = std::move(name);
  made.type = type;
  made.choices = extras.choices;
  made.initial = extras.initial;
  made.to = extras.to;
  made.scale = extras.scale;
  if (type == model::FieldType::Money) made.currency = "currency";
  return made;
}

inline model::RecordType stored(std::string name, std::string plural, std::vector<model::Field> fields) {
  model::RecordType type;
  type.name = std::move(name);
  type.plural = std::move(plural);
  type.prefix = type.name.substr(0, 3);
  type.plugin = "sample";
  type.fields = std::move(fields);
  type.base_actions = {"view", "create", "edit", "delete", "export"};
  return type;
}

/// invoice (0), invoice_line (1), note (2, append-only), party (3).
inline model::Model sample_model() {
  using model::FieldType;
  model::RecordType invoice =
      stored("invoice", "invoices",
             {field("number", FieldType::Text),
              field("state", FieldType::State, {{"draft", "issued", "cancelled"}, "draft"}),
              field("client", FieldType::Ref, {.to = "party"}), field("currency", FieldType::Text),
              field("net_total", FieldType::Money), field("paid_total", FieldType::Money)});
  invoice.unique = {{"number"}};
  invoice.lists = {{"lines", "invoice_line"}};
  invoice.frozen = {"state is issued", {"paid_total"}};
  model::RecordType line =
      stored("invoice_line", "invoice_lines",
             {field("from", FieldType::Date), field("quantity", FieldType::Decimal, {.scale = 4})});
  line.kind = model::Kind::Child;
  line.parent = "invoice";
  model::RecordType note = stored("note", "notes", {field("text", FieldType::Text)});
  note.is_append_only = true;
  model::Model all;
  all.types = {invoice, line, note, stored("party", "parties", {field("name", FieldType::Text)})};
  return all;
}

}  // namespace talon::storage
