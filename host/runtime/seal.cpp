/// AES-256-GCM over OpenSSL's EVP.
#include "host/runtime/seal.hpp"

#include "host/runtime/digest.hpp"
#include "host/runtime/random.hpp"

#include <openssl/evp.h>

#include <memory>

namespace talon::runtime {

namespace {

constexpr std::string_view kVersion = "v1.";
constexpr std::size_t kNonceBytes =
    12;  // NIST SP 800-38D's; chosen by chance, good for 2^32 seals of one key
constexpr std::size_t kTagBytes = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Error unreadable() {
  return {Code::DataLoss,
          "a sealed secret does not open: it was sealed with another installation key, or is damaged"};
}

}  // namespace

Sealer::Sealer(const Secret& key) : key_(sha256(key.reveal())) {}

std::string Sealer::seal(std::string_view plain, std::string_view place) const {
  std::string nonce = random_bytes(kNonceBytes);
  std::string out(plain.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int size = 0;
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const bool is_sealed =
      context &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key_.reveal()), bytes(nonce)) ==
          1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, bytes(place), static_cast<int>(place.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes(out), &size, bytes(plain), static_cast<int>(plain.size())) ==
          1 &&
      EVP_EncryptFinal_ex(context.get(), bytes(out) + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagBytes), tag.data()) == 1;
  TALON_CHECK(is_sealed);  // with a key and nonce of the right size it fails only when there is no memory
  return std::string(kVersion) + base64url(nonce + out + tag);
}

Result<std::string> Sealer::open(std::string_view sealed, std::string_view place) const {
  if (!sealed.starts_with(kVersion)) return unreadable();
  const auto raw = from_base64url(sealed.substr(kVersion.size()));
  if (!raw || raw->size() < kNonceBytes + kTagBytes) return unreadable();
  const std::string_view nonce = std::string_view(*raw).substr(0, kNonceBytes);
  const std::string_view body =
      std::string_view(*raw).substr(kNonceBytes, raw->size() - kNonceBytes - kTagBytes);
  std::string tag = raw->substr(raw->size() - kTagBytes);
  std::string out(body.size(), '\0');
  int size = 0;
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const bool is_open =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key_.reveal()), bytes(nonce)) ==
          1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, bytes(place), static_cast<int>(place.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes(out), &size, bytes(body), static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTagBytes), tag.data()) ==
          1 &&
      EVP_DecryptFinal_ex(context.get(), bytes(out) + size, &size) == 1;
  if (!is_open) return unreadable();
  return out;
}

std::string Sealer::mark() const {
  return hex(hmac_sha256(key_.reveal(), "talon installation key")).substr(0, 16);
}

}  // namespace talon::runtime
