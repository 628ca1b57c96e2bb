/// Rows as CSV or JSON lines, written as they come.
#pragma once

#include <talon/plugin.hpp>

#include <string>
#include <vector>

namespace audit {

enum class Format { JsonLines, Csv };
/// "jsonl" (also where it is empty) or "csv".  @errors InvalidArgument.
talon::Result<Format> read_format(std::string_view text);

class Table {
 public:
  /// @param out  outlives this.
  Table(talon::Output& out, Format format, std::vector<std::string> columns);
  /// As many values as columns; null: empty.
  talon::Result<void> row(const std::vector<talon::Json>& values);
  /// Writes what is still kept. Without rows a CSV has its heading.
  talon::Result<void> finish();

 private:
  talon::Output& out_;
  Format format_;
  std::vector<std::string> columns_;
  std::string kept_;
};

}  // namespace audit
