/// Random bytes from the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace talon::runtime {

/// Fills `out` with bytes fit for keys. Ends the process when the kernel has none (it never happens after
/// boot).
void fill_random(std::span<unsigned char> out);
/// @return `count` bytes.
std::string random_bytes(std::size_t count);
/// @return 0 … 2⁶⁴−1, each as likely.
uint64_t random_u64();

}  // namespace talon::runtime
