/// Reads what a plugin's file says about itself, from its bytes alone: no code of it runs.
#pragma once

#include <talon/result.hpp>

#include <cstdint>
#include <string_view>

namespace talon::plugins {

struct ElfMark {
  uint32_t abi_major = 0;
  uint32_t abi_minor = 0;
};

/// Finds the mark (section ".talon") and makes sure that the file exports the data symbol talon_plugin_v1.
///
/// Every offset is checked against the file's size, so that a truncated or hostile file is refused, never
/// followed.
/// @param bytes  the whole file.
/// @errors FailedPrecondition: no 64-bit ELF shared object of this machine, truncated, no mark, or no such
/// symbol; the
///         message says which.
/// @threads any; pure.
Result<ElfMark> read_mark(std::string_view bytes);

}  // namespace talon::plugins
