/// Tables for a terminal; control characters of values never reach it.
#include "host/cli/output.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace talon::cli {

namespace {

constexpr std::size_t kCellMax = 60;

/// How many columns `text` takes, as far as one code point is one column.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string cut(std::string text, std::size_t width) {
  const std::size_t all = width_of(text);
  if (all <= width) return text;
  if (text.front() == '/') {  // of a path the end tells more: the file and the line
    std::size_t at = 0;
    for (std::size_t left = all; left >= width; ++at) {
      if ((static_cast<unsigned char>(text[at + 1]) & 0xC0U) != 0x80U) --left;
    }
    return "…" + text.substr(at);
  }
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U && ++seen == width) break;
  }
  return text.substr(0, at) + "…";
}

bool is_table(const Json& json) {
  return json.is_array() && !json.items().empty() &&
         std::all_of(json.items().begin(), json.items().end(),
                     [](const Json& item) { return item.is_object(); });
}

/// Recovery codes, roles: one a line.
bool is_list_of_texts(const Json& json) {
  return json.is_array() && json.items().size() > 1 &&
         std::all_of(json.items().begin(), json.items().end(),
                     [](const Json& item) { return item.is_string(); });
}

/// What a person calls it: a label in English, a list of texts, a list of things that have names.
std::optional<std::string> names_in(const Json& value) {
  if (value["en"].is_string()) return std::string(value["en"].string());
  if (!value.is_array()) return std::nullopt;
  std::string names;
  for (const Json& item : value.items()) {
    const Json& name = item.is_object() ? item["name"] : item;
    if (!name.is_string()) return std::nullopt;
    names += (names.empty() ? "" : ", ") + std::string(name.string());
  }
  return names;
}

void print_objects(std::ostream& out, const Json& list) {
  std::vector<std::string> headings;
  const auto has_id = [](const Json& item) { return item.find("id") != nullptr; };
  if (std::any_of(list.items().begin(), list.items().end(), has_id)) headings.push_back("id");
  for (const Json& item : list.items()) {
    for (const auto& [name, value] : item.members()) {
      if (name == "etag") continue;  // the version says the same
      if (std::find(headings.begin(), headings.end(), name) == headings.end()) headings.push_back(name);
    }
  }
  std::vector<std::vector<std::string>> rows;
  for (const Json& item : list.items()) {
    std::vector<std::string>& row = rows.emplace_back();
    for (const std::string& heading : headings) row.push_back(cell_text(item[heading]));
  }
  print_table(out, headings, rows);
}

}  // namespace

std::string cell_text(const Json& value) {
  std::string text;
  if (value.is_string()) {
    text = value.string();
  } else if (value["amount"].is_string() && value["currency"].is_string()) {
    text = std::string(value["amount"].string()) + " " + std::string(value["currency"].string());
  } else if (const std::optional<std::string> names = names_in(value)) {
    text = *names;
  } else if (!value.is_null()) {
    text = value.to_string();
  }
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

TablePrinter::TablePrinter(std::ostream& out, std::vector<std::string> headings, std::size_t together)
    : out_(out), together_(together), widths_(headings.size()), waiting_{std::move(headings)} {}

void TablePrinter::add(std::vector<std::string> row) {
  is_empty_ = false;
  waiting_.push_back(std::move(row));
  if (waiting_.size() >= together_) finish();
}

void TablePrinter::finish() {
  for (const auto& row : waiting_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths_[i] = std::max(widths_[i], std::min(width_of(row[i]), kCellMax));
  }
  for (const auto& row : waiting_) print(row);
  waiting_.clear();
}

void TablePrinter::print(const std::vector<std::string>& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string text = cut(row[i], kCellMax);
    line += text;
    if (i + 1 < row.size()) line.append(widths_[i] + 2 - std::min(width_of(text), widths_[i]), ' ');
  }
  out_ << line << "\n";
}

void print_table(std::ostream& out, const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows) {
  TablePrinter table(out, headings, SIZE_MAX);
  for (const auto& row : rows) table.add(row);
  table.finish();
}

void print_json(std::ostream& out, const Json& json) {
  if (json.is_null()) return;
  if (is_table(json)) return print_objects(out, json);
  if (json["items"].is_array()) {
    if (json["items"].items().empty()) {
      out << "nothing\n";
    } else {
      print_json(out, json["items"]);
    }
    if (json["total"].is_number()) out << "total " << json["total"].digits() << "\n";
    if (!json["next"].string().empty()) out << "more: --cursor " << json["next"].string() << "\n";
    return;
  }
  if (!json.is_object()) {
    out << (json.is_string() ? cell_text(json) : json.to_string()) << "\n";
    return;
  }
  std::size_t width = 0;
  for (const auto& [name, value] : json.members()) width = std::max(width, width_of(name));
  for (const auto& [name, value] : json.members()) {
    if (is_table(value)) {
      out << name << "\n";
      print_objects(out, value);
    } else if (is_list_of_texts(value)) {
      std::string margin = name + std::string(width + 2 - width_of(name), ' ');
      for (const Json& item : value.items()) {
        out << margin << cell_text(item) << "\n";
        margin.assign(width + 2, ' ');
      }
    } else {
      out << name << std::string(width + 2 - width_of(name), ' ') << cell_text(value) << "\n";
    }
  }
}

}  // namespace talon::cli
