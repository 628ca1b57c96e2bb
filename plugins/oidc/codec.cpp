/// Texts on the wire.
#include "codec.hpp"

#include <talon/text.hpp>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>

namespace talon::oidc {

namespace {

constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string encoded(std::string_view bytes, std::string_view letters) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out.push_back(letters[(bits >> (count - 6)) & 63U]);
  }
  if (count > 0) out.push_back(letters[(bits << (6 - count)) & 63U]);
  return out;
}

}  // namespace

std::string base64url(std::string_view bytes) { return encoded(bytes, kUrl); }

std::string base64(std::string_view bytes) {
  std::string out = encoded(bytes, kPlain);
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

Result<std::string> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return invalid("not base64url");
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t digit = kUrl.find(c);
    if (digit == std::string_view::npos) return invalid("not base64url");
    bits = (bits << 6U) | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>((bits >> count) & 255U));
  }
  if ((bits & ((1U << count) - 1U)) != 0) return invalid("not base64url");
  return out;
}

std::string form_encoded(const Form& form) {
  std::string out;
  for (const auto& [name, value] : form) {
    if (!out.empty()) out.push_back('&');
    out.append(percent_encoded(name)).append("=").append(percent_encoded(value));
  }
  return out;
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  TALON_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Result<std::string> random_text() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    return unavailable("the system gives no random numbers");
  return base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace talon::oidc
