/// JSON Schemas of fields and record types, for the OpenAPI document.
#include "host/model/openapi.hpp"

#include <talon/decimal.hpp>

namespace talon::model {

namespace {

Json texts(const std::vector<std::string>& values) {
  Json list = Json::array();
  for (const std::string& value : values) list.push(value);
  return list;
}

Json reference(std::string_view name) {
  return Json::object({{"$ref", "#/components/schemas/" + std::string(name)}});
}

std::string label_of(const Field& field) {
  const auto label = field.label.find("en");
  return label != field.label.end() ? label->second : std::string();
}

Json typed_schema(const Field& field) {
  const auto text = [](std::string_view format) {
    return Json::object({{"type", "string"}, {"format", format}});
  };
  switch (field.type) {
    case FieldType::Text: {
      Json schema = Json::object({{"type", "string"}});
      if (field.max) schema.set("maxLength", *field.max);
      if (field.min) schema.set("minLength", *field.min);
      if (field.format == TextFormat::Email) schema.set("format", "email");
      if (field.is_one_line) schema.set("description", "One line of visible characters.");
      return schema;
    }
    case FieldType::Integer: {
      Json schema = Json::object({{"type", "integer"}, {"format", "int64"}});
      if (field.min) schema.set("minimum", *field.min);
      if (field.max) schema.set("maximum", *field.max);
      return schema;
    }
    case FieldType::Decimal: {
      const std::string digits = field.scale > 0 ? "(\\.[0-9]{1," + std::to_string(field.scale) + "})?" : "";
      std::string words = "A decimal number as text, up to " + std::to_string(field.scale) + " decimals.";
      if (field.min) words += " At least " + Decimal(*field.min, field.scale).to_string() + ".";
      if (field.max) words += " At most " + Decimal(*field.max, field.scale).to_string() + ".";
      return Json::object(
          {{"type", "string"}, {"pattern", "^-?[0-9]+" + digits + "$"}, {"description", words}});
    }
    case FieldType::Money:
      return reference("Money");
    case FieldType::Date:
      return text("date");
    case FieldType::Timestamp:
      return text("date-time");
    case FieldType::Boolean:
      return Json::object({{"type", "boolean"}});
    case FieldType::Choice:
    case FieldType::State:
      return Json::object({{"type", "string"}, {"enum", texts(field.choices)}});
    case FieldType::Ref:
      return Json::object({{"type", "string"}, {"description", "The id of a " + field.to + "."}});
    case FieldType::File:
      return Json::object({{"type", "string"}, {"contentEncoding", "base64"}});
    case FieldType::Json:
      return Json::object({{"description", "Any JSON value; the action checks it."}});
  }
  return Json::object();
}

bool is_writable(const Field& field) {
  return field.set_by == SetBy::Caller && field.type != FieldType::State;
}

void add_lists(Json& properties, const Model& model, const RecordType& type, SchemaUse use) {
  for (const ChildList& list : type.lists) {
    const RecordType* child = model.find(list.type);
    if (child == nullptr) continue;
    properties.set(list.name, Json::object({{"type", "array"}, {"items", type_schema(model, *child, use)}}));
  }
}

}  // namespace

Json field_schema(const Field& field) {
  Json schema = typed_schema(field);
  if (const std::string label = label_of(field); !label.empty()) schema.set("title", label);
  if (!field.is_required && field.type != FieldType::Json) {
    // An empty value is null: the schema of 3.1 says so with a second type.
    if (schema["type"].is_string() && schema.find("enum") == nullptr) {
      schema.set("type", Json::array({schema["type"], "null"}));
    } else {
      schema = Json::object({{"anyOf", Json::array({schema, Json::object({{"type", "null"}})})}});
    }
  }
  return schema;
}

Json type_schema(const Model& model, const RecordType& type, SchemaUse use) {
  Json properties = Json::object();
  Json required = Json::array();
  const bool is_answer = use == SchemaUse::Answer;
  if (is_answer) {
    for (const Field& field : host_fields_of(type)) {
      Json schema = field_schema(field);
      properties.set(field.name, std::move(schema.set("readOnly", true)));
    }
  }
  for (const Field& field : type.fields) {
    if (field.is_internal || (!is_answer && !is_writable(field))) continue;
    Json schema = field_schema(field);
    if (!is_writable(field)) schema.set("readOnly", true);
    properties.set(field.name, std::move(schema));
    const bool has_default = !field.initial.empty();
    if (use == SchemaUse::Create && field.is_required && !has_default) required.push(field.name);
  }
  add_lists(properties, model, type, use);
  Json schema = Json::object({{"type", "object"}, {"properties", std::move(properties)}});
  if (!required.items().empty()) schema.set("required", std::move(required));
  if (!is_answer) schema.set("additionalProperties", false);
  return schema;
}

}  // namespace talon::model
