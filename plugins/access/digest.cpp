/// SHA-256, by OpenSSL's libcrypto.
#include "digest.hpp"

#include <openssl/evp.h>
#include <talon/result.hpp>

#include <array>

namespace talon::access {

std::string sha256_hex(std::string_view data) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int done = EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha256(), nullptr);
  TALON_CHECK(done == 1 && size == 32);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text.push_back(kHex[digest[i] >> 4U]);
    text.push_back(kHex[digest[i] & 15U]);
  }
  return text;
}

}  // namespace talon::access
