/// talon.source/1 and talon.sink/1 over HTTP.
#pragma once

#include "patience.hpp"

#include <talon/offers.hpp>

#include <memory>

namespace talon::http_connector {

/// `read` takes {"path", "query": {…}, "records": PATH, "columns": [PATH…], "pagination": {…}, "position",
/// "since", "since_query", "limit"} and gives {"next", "fingerprint", "rows"}. One page is one request.
Result<std::unique_ptr<SourceSession>> open_source(const Json& connection, Waiting waiting = {});

/// `send` takes {"method", "path", "query": {…}, "headers": {…}, "body": JSON} and gives {"status", "body":
/// JSON, "etag"}; every status below 500 comes back, for the caller to judge.
Result<std::unique_ptr<SinkSession>> open_sink(const Json& connection, Waiting waiting = {});

}  // namespace talon::http_connector
