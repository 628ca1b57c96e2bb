/// SHA-256 by OpenSSL, which uses the processor's own instructions for it.
#include "digest.hpp"

#include <talon/result.hpp>

#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <cstddef>

namespace audit {

namespace {

struct Context {
  Context() : context(EVP_MD_CTX_new()) { TALON_CHECK(context != nullptr); }
  ~Context() { EVP_MD_CTX_free(context); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  EVP_MD_CTX* context;
};

/// Looked up once: a look-up for every digest costs more than the digest.
const EVP_MD* algorithm() {
  static const EVP_MD* kSha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  return kSha256;
}

int value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

Hash sha256(std::string_view first, std::string_view second, std::string_view third) {
  static thread_local Context kept;
  Hash hash{};
  unsigned int size = 0;
  TALON_CHECK(EVP_DigestInit_ex2(kept.context, algorithm(), nullptr) == 1);
  for (const std::string_view part : {first, second, third}) {
    if (!part.empty()) TALON_CHECK(EVP_DigestUpdate(kept.context, part.data(), part.size()) == 1);
  }
  TALON_CHECK(EVP_DigestFinal_ex(kept.context, hash.data(), &size) == 1 && size == hash.size());
  return hash;
}

std::string hex_of(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text[2 * i] = kDigits[byte >> 4U];
    text[2 * i + 1] = kDigits[byte & 15U];
  }
  return text;
}

std::string hex(const Hash& hash) {
  return hex_of({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

bool read_hash(std::string_view text, Hash& hash) {
  if (text.size() != hash.size() * 2) return false;
  for (std::size_t i = 0; i < hash.size(); ++i) {
    const int high = value_of(text[2 * i]);
    const int low = value_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    hash[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return true;
}

std::string digest(std::string_view text) { return hex(sha256(text)); }

std::string new_salt() {
  // A salt's 16 bytes from a stock: each asking of the system costs as much as the digest that they go into.
  static constexpr std::size_t kBytes = 16;
  static thread_local std::array<char, kBytes * 64> stock;
  static thread_local std::size_t used = stock.size();
  if (used == stock.size()) {
    randombytes_buf(stock.data(), stock.size());
    used = 0;
  }
  used += kBytes;
  return hex_of({stock.data() + used - kBytes, kBytes});
}

}  // namespace audit
