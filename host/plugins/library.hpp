/// A plugin's library: checked as a file, copied under a name made of its content, loaded, and never
/// unmapped.
#pragma once

#include "host/plugins/spec.hpp"

#include <talon/abi/plugin.h>
#include <talon/result.hpp>

#include <filesystem>
#include <string>

namespace talon::plugins {

struct Library {
  const talon_plugin* descriptor = nullptr;  ///< lives as long as the process
  std::string sha256;                        ///< of the file, hex
  std::filesystem::path copy;                ///< what is mapped
};

/// The library's bytes, if the file and its folder can be trusted: a regular file (no link), owned by root or
/// the running user, writable by nobody else.
/// @errors NotFound: no such file; PermissionDenied: what is wrong with it and how to mend it.
Result<std::string> read_trusted_file(const std::filesystem::path& file);

/// Checks `spec`'s library and loads it: the file's owner and mode, then its mark and symbol from the bytes,
/// then a copy under `directory`, then the descriptor against the manifest. Loading the same bytes twice maps
/// them once.
/// @errors FailedPrecondition: built for another major version (both are named), not the manifest's name or
/// version, no
///         plugin; PermissionDenied, NotFound: as read_trusted_file; Unavailable: the copy cannot be written.
/// @threads any.
Result<Library> load_library(const Spec& spec, const std::filesystem::path& directory);

}  // namespace talon::plugins
