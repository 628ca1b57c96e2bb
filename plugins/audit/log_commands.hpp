/// The commands that show the log: log, export, report. All as far as the caller's rights go.
#pragma once

#include <talon/plugin.hpp>

#include <map>
#include <string>

namespace audit {

/// How ids of a record type begin, by its name: a record stands in answers as everywhere else, "inv_…".
using Prefixes = std::map<std::string, std::string, std::less<>>;
Prefixes prefixes_of(const talon::model::Model& model);

/// Streams entries, newest first, with the personal values that the caller may see.
/// @param args  the filter of filter.hpp, "limit" (1,000 unless told), "format".
talon::Result<void> show_log(const talon::Records& own, const talon::Records& caller,
                             const Prefixes& prefixes, const talon::Json& args, talon::Output& out);

/// Streams the sealed log. As JSON lines and unfiltered it verifies anywhere: a header, entries in the order
/// of the chain, each checkpoint behind the entry that it names, an end with the counts. With a filter or as
/// CSV it is an extract. In the sealed log a record is the number that its hash is over, in an extract its
/// id. Personal values stand by their hashes. Memory does not grow with the log.
/// @param args  the filter of filter.hpp, "format".
talon::Result<void> export_log(const talon::Records& own, const talon::Records& caller,
                               const Prefixes& prefixes, const std::string& public_key,
                               const talon::Json& args, talon::Output& out);

/// Streams one row for each value that changed in a sealed entry, oldest first: when, who, on whose behalf,
/// from where, what, the value before and after, under which rules. Other entries are one row each.
/// @param args  the filter of filter.hpp, "field", "format" (CSV unless told).
talon::Result<void> report_log(const talon::Records& own, const talon::Records& caller,
                               const Prefixes& prefixes, const talon::Json& args, talon::Output& out);

}  // namespace audit
