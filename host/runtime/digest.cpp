/// Digests, keyed digests and their text forms, over OpenSSL's EVP.
#include "host/runtime/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace talon::runtime {

namespace {

constexpr std::size_t kSha256Bytes = 32;
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const unsigned char* bytes_of(std::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// Looking an algorithm up costs more than hashing a short text with it, so it is done once.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  TALON_CHECK(algorithm != nullptr);
  return algorithm;
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  bool is_begun = false;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { TALON_CHECK(state_->context != nullptr); }
Sha256::~Sha256() { EVP_MD_CTX_free(state_->context); }

Sha256& Sha256::add(std::string_view data) {
  if (!state_->is_begun) TALON_CHECK(EVP_DigestInit_ex2(state_->context, sha256_algorithm(), nullptr) == 1);
  state_->is_begun = true;
  TALON_CHECK(EVP_DigestUpdate(state_->context, data.data(), data.size()) == 1);
  return *this;
}

std::string Sha256::finish() {
  if (!state_->is_begun) add({});
  std::string out(kSha256Bytes, '\0');
  unsigned int size = 0;
  TALON_CHECK(EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(out.data()), &size) == 1);
  TALON_CHECK(size == kSha256Bytes);
  state_->is_begun = false;
  return out;
}

std::string sha256(std::string_view data) {
  thread_local Sha256 digest;
  return digest.add(data).finish();
}

std::string sha256_hex(std::string_view data) { return hex(sha256(data)); }

std::string hmac_sha256(std::string_view key, std::string_view data) {
  std::string out(kSha256Bytes, '\0');
  unsigned int size = 0;
  TALON_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(data), data.size(),
                   reinterpret_cast<unsigned char*>(out.data()), &size) != nullptr);
  return out;
}

bool is_equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kHex[byte >> 4U]);
    out.push_back(kHex[byte & 15U]);
  }
  return out;
}

Result<std::string> from_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
    if (high < 0 || low < 0) return invalid("not hexadecimal text at character " + std::to_string(i + 1));
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

std::string base64url(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    held = held << 8U | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) out.push_back(kBase64[held >> (bits - 6) & 63U]);
  }
  if (bits > 0) out.push_back(kBase64[held << (6 - bits) & 63U]);
  return out;
}

Result<std::string> from_base64url(std::string_view text) {
  std::string out;
  uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::size_t value = kBase64.find(c);
    if (value == std::string_view::npos || c == '\0') return invalid("not base64url text");
    held = held << 6U | static_cast<uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>(held >> bits & 255U));
    }
  }
  const bool has_rest = bits > 0 && (held & ((1U << bits) - 1)) != 0;
  if (bits >= 6 || has_rest) return invalid("not base64url text: it ends in the middle of a byte");
  return out;
}

std::string chain_link(std::string_view before_hex, std::string_view content) {
  thread_local Sha256 digest;
  return digest.add(before_hex).add("\n").add(content).finish_hex();
}

}  // namespace talon::runtime
