/// A report's rows as CSV (RFC 4180) or JSON, written piece by piece.
#pragma once

#include "definition.hpp"
#include "parameters.hpp"

#include <talon/json.hpp>
#include <talon/value.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace talon::reports {

/// What a report shows to this caller.
struct Shown {
  const Definition* definition = nullptr;
  std::vector<const Column*> columns;           ///< those that the caller may see, in order
  std::map<std::string, std::string> prefixes;  ///< id prefixes by record type
  Values parameters;
  std::string generated_at;  ///< RFC 3339
  std::string language = "en";
};

/// @threads one at a time.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual void begin(std::string& out) = 0;
  /// @param row  cells in the order of `Shown::columns`.
  virtual void row(std::string& out, Row row) = 0;
  virtual void end(std::string& out) = 0;
};

/// @param format  "json" or "csv". @errors InvalidArgument: another.
Result<std::unique_ptr<Writer>> make_writer(std::string_view format, Shown shown);

/// The human form of a value: "12.30", "2026-11-21", "inv_…"; a text stays as it is (masked values are
/// texts).
std::string value_text(const Column& column, const Cell& cell, std::string_view currency,
                       const std::map<std::string, std::string>& prefixes);

}  // namespace talon::reports
