/// "Who saw this record" and "what did this user see", out of the index of the read entries.
#pragma once

#include "log_commands.hpp"

#include <talon/plugin.hpp>

namespace audit {

// The index belongs to the plugin, so that each question is also put to the log as the caller: whoever reads
// the proof of reads stands in it by what they asked for, as by `log`, `report` and `export`.

/// One row for each user, channel and action: {"user","channel","action","first","last","reads"}.
/// @param own     the plugin's own reading, for the index.
/// @param caller  who asks: reads that their rights keep from them are not counted.
/// @param args    {"record","from","to","format"}.
talon::Result<void> who_saw(const talon::Records& own, const talon::Records& caller, const Prefixes& prefixes,
                            const talon::Json& args, talon::Output& out);

/// One row for each record, channel and action: {"record","type","channel","action","first","last","reads"}.
/// @param args  {"user","type","from","to","format"}.
talon::Result<void> seen_by(const talon::Records& own, const talon::Records& caller, const talon::Json& args,
                            talon::Output& out);

}  // namespace audit
