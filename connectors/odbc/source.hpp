/// talon.source/1 and talon.sink/1 over ODBC: JSON requests to pages and statements.
#pragma once

#include <talon/offers.hpp>

#include <memory>

namespace talon::odbc {

/// A session for `connection`, connected. @return as Session::open.
///
/// `read` takes {"table" or "query", "columns", "cursor", "position", "since", "settle_s", "limit", "in":
/// {"column", "values"}} and gives {"next": the cursor's values of the last row or null where the page was
/// not full, "fingerprint", "rows", "faults": [{"row","column","reason"}], "warnings": [TEXT]}.
Result<std::unique_ptr<SourceSession>> open_source(const Json& connection);

/// `send` takes {"statement": SQL with :name places, "parameters": {…}, "expect_rows": N or absent} and gives
/// {"rows": N}. Aborted: another count than expected, rolled back (somebody else changed the row).
Result<std::unique_ptr<SinkSession>> open_sink(const Json& connection);

}  // namespace talon::odbc
