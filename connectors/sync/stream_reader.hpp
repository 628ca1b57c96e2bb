/// Reads one stream of a mapping, in or out.
#pragma once

#include "field_reader.hpp"

namespace talon::sync {

struct StreamScope {
  const model::Model* model;
  const std::map<std::string, std::string>* types;  ///< streams of this connector → target types
  std::string driver;                               ///< "odbc" or "http"
};

Stream read_stream(const Node& node, const StreamScope& scope, Report& report);

/// Reads the parts of a stream out; called by read_stream.
void read_push(NodeReader& reader, const StreamScope& scope, Report& report, Stream& stream);

/// A YAML node as JSON, scalars as text.
Json plain_json(const Node& node);

/// 64-bit FNV-1a as 16 hex digits.
std::string text_hash(std::string_view text);

}  // namespace talon::sync
