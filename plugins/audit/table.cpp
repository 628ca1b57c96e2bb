/// CSV and JSON lines.
#include "table.hpp"

namespace audit {

namespace {

using talon::Json;
using talon::Result;

constexpr std::size_t kKeptMax = 64 << 10;

std::string text_of(const Json& value) {
  if (value.is_null()) return {};
  return value.is_string() ? std::string(value.string()) : value.to_string(Json::Keys::Sorted);
}

}  // namespace

Result<Format> read_format(std::string_view text) {
  if (text.empty() || text == "jsonl") return Format::JsonLines;
  if (text == "csv") return Format::Csv;
  return talon::invalid("the format is jsonl or csv, not \"" + std::string(text) + "\"");
}

std::string csv_cell(std::string_view text) {
  std::string cell;
  // What spreadsheets take for a formula, also behind the white space that they skip.
  constexpr std::string_view kFormula = "=+-@|";
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_formula =
      !text.empty() &&
      (std::string_view("\t\r\n").find(text[0]) != std::string_view::npos ||
       (first != std::string_view::npos && kFormula.find(text[first]) != std::string_view::npos));
  if (is_formula) cell.push_back('\'');
  // Where the list separator is another one (";" in France and Germany, TAB), a spreadsheet begins a new cell
  // behind it, whatever the quotes say.
  bool begins_cell = !is_formula;
  for (const char c : text) {
    if (begins_cell && kFormula.find(c) != std::string_view::npos) cell.push_back('\'');
    if (std::string_view(";\t\r\n").find(c) != std::string_view::npos)
      begins_cell = true;
    else if (c != ' ' && c != '"')
      begins_cell = false;
    cell.push_back(c);
  }
  if (cell.find_first_of(",;\"\r\n\t") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted.append(c == '"' ? "\"\"" : std::string(1, c));
  return quoted + "\"";
}

Table::Table(talon::Output& out, Format format, std::vector<std::string> columns)
    : out_(out), format_(format), columns_(std::move(columns)) {
  if (format_ != Format::Csv) return;
  for (const std::string& column : columns_) kept_ += (kept_.empty() ? "" : ",") + column;
  kept_ += "\r\n";
}

Result<void> Table::row(const std::vector<Json>& values) {
  if (format_ == Format::Csv) {
    for (std::size_t i = 0; i < values.size(); ++i)
      kept_ += (i > 0 ? "," : "") + csv_cell(text_of(values[i]));
    kept_ += "\r\n";
  } else {
    Json object = Json::object();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!values[i].is_null()) object.set(columns_[i], values[i]);
    }
    object.write(kept_);
    kept_ += "\n";
  }
  return kept_.size() < kKeptMax ? Result<void>() : finish();
}

Result<void> Table::finish() {
  if (kept_.empty()) return {};
  TALON_DO(out_.write(kept_));
  kept_.clear();
  return {};
}

}  // namespace audit
