/// A line of the read log, as the host wrote it, and the entry that it becomes.
#pragma once

#include "entry.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

struct ReadEntry {
  Entry entry;
  std::string prefix;            ///< of the ids
  std::vector<int64_t> records;  ///< ids of what was shown
};

/// One line of the read log ({"at","principal",…}) as an entry of kind read; hashes filled in. Callers write
/// into it (a reason, a condition): what of that no field takes is replaced.
/// @errors InvalidArgument: no JSON object with a time and a list of ids (a line torn by a crash).
talon::Result<ReadEntry> entry_of_read(std::string_view line);

}  // namespace audit
