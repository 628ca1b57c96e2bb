/// Random bytes from the kernel.
#include "host/runtime/random.hpp"

#include <talon/result.hpp>

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace talon::runtime {

void fill_random(std::span<unsigned char> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = ::getrandom(out.data() + done, out.size() - done, 0);
    if (got < 0 && errno == EINTR) continue;
    TALON_CHECK(got > 0);
    done += static_cast<std::size_t>(got);
  }
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  fill_random({reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
  return bytes;
}

uint64_t random_u64() {
  std::array<unsigned char, 8> bytes{};
  fill_random(bytes);
  uint64_t number = 0;
  std::memcpy(&number, bytes.data(), bytes.size());
  return number;
}

}  // namespace talon::runtime
