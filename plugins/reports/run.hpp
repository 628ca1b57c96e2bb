/// Running a report: the caller's rights decide which reports, columns and rows there are.
#pragma once

#include "definition.hpp"
#include "parameters.hpp"

#include <talon/plugin.hpp>

namespace talon::reports {

/// The reports that this caller may run, as JSON: {"reports":[{name, label, from, parameters, columns}]}.
Result<Json> list_reports(const Definitions& definitions, const Records& records);

struct RunRequest {
  const Definition& definition;
  Values values;
  std::string format = "json";
  std::string language = "en";
  std::string generated_at;  ///< RFC 3339
  const talon_host* host = nullptr;
  const talon_call* call = nullptr;  ///< of whoever asks
};

/// Streams the report. Columns that the caller may not see are left out. A file (csv) holds what the caller
/// may export, what is shown (json) what they may view.
/// @errors PermissionDenied: a file of what they may view alone; NotFound: the caller may see nothing of what
/// it is made from; InvalidArgument: it filters or sorts by a field
///         that the caller may not see.
Result<void> run_report(const RunRequest& request, const model::Model& model, const Records& records,
                        Output& out);

}  // namespace talon::reports
