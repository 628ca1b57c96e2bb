/// A report's rows as CSV or JSON.
#include "writer.hpp"

#include <talon/csv.hpp>
#include <talon/date.hpp>
#include <talon/decimal.hpp>
#include <talon/id.hpp>
#include <talon/money.hpp>
#include <talon/text.hpp>

namespace talon::reports {

namespace {

using model::FieldType;

std::string label_of(const Column& column, const std::string& language) {
  auto found = column.label.find(language);
  if (found == column.label.end()) found = column.label.find("en");
  return found == column.label.end() ? column.name : found->second;
}

std::string_view column_type(FieldType type) {
  switch (type) {
    case FieldType::Integer:
      return "integer";
    case FieldType::Decimal:
      return "decimal";
    case FieldType::Money:
      return "money";
    case FieldType::Date:
      return "date";
    case FieldType::Timestamp:
      return "timestamp";
    case FieldType::Boolean:
      return "boolean";
    case FieldType::Ref:
      return "ref";
    default:
      return "text";
  }
}

/// Which column of the answer holds each amount's currency; −1: the column holds none, or its currency is not
/// seen.
std::vector<int> currency_columns(const Shown& shown) {
  std::vector<int> out;
  for (const Column* column : shown.columns) {
    int found = -1;
    const std::string path = column->path.substr(0, column->path.rfind('.') + 1) + column->field.currency;
    for (std::size_t i = 0; column->field.type == FieldType::Money && i < shown.columns.size(); ++i) {
      if (shown.columns[i]->path == path) found = static_cast<int>(i);
    }
    out.push_back(found);
  }
  return out;
}

std::string_view currency_in(Row row, int column) {
  return column < 0 ? std::string_view() : row[static_cast<std::size_t>(column)].text();
}

class CsvWriter : public Writer {
 public:
  explicit CsvWriter(Shown shown) : shown_(std::move(shown)), currencies_(currency_columns(shown_)) {}

  void begin(std::string& out) override {
    for (std::size_t i = 0; i < shown_.columns.size(); ++i) {
      if (i > 0) out.push_back(',');
      append_csv_cell(out, label_of(*shown_.columns[i], shown_.language));
    }
    out.append("\r\n");
  }
  void row(std::string& out, Row row) override {
    for (std::size_t i = 0; i < shown_.columns.size(); ++i) {
      if (i > 0) out.push_back(',');
      const std::string text =
          value_text(*shown_.columns[i], row[i], currency_in(row, currencies_[i]), shown_.prefixes);
      if (row[i].is_text())
        append_csv_cell(out, text);
      else
        out.append(text);
    }
    out.append("\r\n");
  }
  void end(std::string&) override {}

 private:
  Shown shown_;
  std::vector<int> currencies_;
};

class JsonWriter : public Writer {
 public:
  explicit JsonWriter(Shown shown) : shown_(std::move(shown)), currencies_(currency_columns(shown_)) {}

  void begin(std::string& out) override {
    Json parameters = Json::object();
    for (const auto& [name, value] : shown_.parameters) parameters.set(name, value);
    Json columns = Json::array();
    for (const Column* column : shown_.columns) {
      columns.push(Json::object({{"name", column->name},
                                 {"label", label_of(*column, shown_.language)},
                                 {"type", column_type(column->field.type)}}));
      std::string key;
      write_json_string(key, column->name);
      keys_.push_back(key + ":");
    }
    const Json head = Json::object({{"report", shown_.definition->name},
                                    {"generated_at", shown_.generated_at},
                                    {"parameters", std::move(parameters)},
                                    {"columns", std::move(columns)}});
    head.write(out);
    out.back() = ',';
    out.append("\"rows\":[");
  }
  void row(std::string& out, Row row) override {
    out.append(count_++ > 0 ? ",{" : "{");
    for (std::size_t i = 0; i < shown_.columns.size(); ++i) {
      if (i > 0) out.push_back(',');
      out.append(keys_[i]);
      write_value(out, *shown_.columns[i], row[i], currency_in(row, currencies_[i]));
    }
    out.push_back('}');
  }
  void end(std::string& out) override { out.append("],\"count\":" + std::to_string(count_) + "}"); }

 private:
  void write_value(std::string& out, const Column& column, const Cell& cell,
                   std::string_view currency) const {
    if (cell.is_null()) {
      out.append("null");
      return;
    }
    const std::string text = value_text(column, cell, currency, shown_.prefixes);
    const bool is_bare = cell.is_integer() &&
                         (column.field.type == FieldType::Integer || column.field.type == FieldType::Boolean);
    const bool is_amount = cell.is_integer() && column.field.type == FieldType::Money;
    if (is_amount) out.append("{\"amount\":");
    if (is_bare)
      out.append(text);
    else
      write_json_string(out, text);
    if (!is_amount) return;
    out.append(",\"currency\":");
    write_json_string(out, currency);
    out.push_back('}');
  }

  Shown shown_;
  std::vector<int> currencies_;
  std::vector<std::string> keys_;
  int64_t count_ = 0;
};

}  // namespace

Result<std::unique_ptr<Writer>> make_writer(std::string_view format, Shown shown) {
  if (format == "json") return std::unique_ptr<Writer>(std::make_unique<JsonWriter>(std::move(shown)));
  if (format == "csv") return std::unique_ptr<Writer>(std::make_unique<CsvWriter>(std::move(shown)));
  return invalid("format is json or csv, not " + echoed(format));
}

std::string value_text(const Column& column, const Cell& cell, std::string_view currency,
                       const std::map<std::string, std::string>& prefixes) {
  if (cell.is_null()) return {};
  if (cell.is_text()) return std::string(cell.text());
  const int64_t value = cell.integer();
  switch (column.field.type) {
    case FieldType::Decimal:
      return Decimal(value, column.field.scale).to_string();
    case FieldType::Money: {
      const auto known = Currency::parse(currency);
      return Decimal(value, known ? known->digits() : 2).to_string();
    }
    case FieldType::Date: {
      const auto day = Date::unpack(value);
      return day ? day->to_string() : std::to_string(value);
    }
    case FieldType::Timestamp:
      return Timestamp(value).to_string();
    case FieldType::Boolean:
      return value != 0 ? "true" : "false";
    case FieldType::Ref: {
      const auto prefix = prefixes.find(column.field.to);
      return id_text(prefix == prefixes.end() ? "id" : prefix->second, value);
    }
    default:
      return std::to_string(value);
  }
}

}  // namespace talon::reports
