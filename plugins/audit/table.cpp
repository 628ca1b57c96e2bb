/// CSV and JSON lines.
#include "table.hpp"

#include <talon/csv.hpp>

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

Table::Table(talon::Output& out, Format format, std::vector<std::string> columns)
    : out_(out), format_(format), columns_(std::move(columns)) {
  if (format_ != Format::Csv) return;
  for (const std::string& column : columns_) kept_ += (kept_.empty() ? "" : ",") + column;
  kept_ += "\r\n";
}

Result<void> Table::row(const std::vector<Json>& values) {
  if (format_ == Format::Csv) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) kept_.push_back(',');
      talon::append_csv_cell(kept_, text_of(values[i]));
    }
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
