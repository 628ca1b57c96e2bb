/// The plugin's settings as a struct, every mistake with its place.
#pragma once

#include "retention.hpp"

#include <talon/json.hpp>
#include <talon/result.hpp>
#include <talon/settings_faults.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace audit {

struct Settings {
  std::string directory;  ///< of the read log and the key; absolute, or below the process's own
  int64_t checkpoint_entries = 0;
  int64_t checkpoint_seconds = 0;
  std::string checkpoint_file;            ///< empty: none
  std::string checkpoint_command;         ///< empty: none
  std::vector<RetentionClass> retention;  ///< the first that fits counts
  std::vector<RetentionClass> keep;
  std::vector<std::string> trusted;  ///< public keys, hex
};

/// @errors FailedPrecondition: all mistakes, each with its key and what to write there.
talon::Result<Settings> read_settings(const talon::Json& json);

/// What `talon check` says beyond that: types that the installation does not have, places that are not there.
/// None of it keeps the host from starting: a type goes with its plugin, and a medium may be away for a
/// while.
/// @param types  the installation's record types; empty: not known.
/// @errors as there.
talon::Result<void> check_settings(const talon::Json& json, const std::vector<std::string>& types);

}  // namespace audit
