/// Keys and checkpoints.
#include "signing.hpp"

#include "digest.hpp"
#include "system_errors.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace audit {

namespace {

using talon::Code;
using talon::Error;
using talon::Json;
using talon::Result;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// @return nothing unless `text` is exactly `size` bytes in hex.
std::string from_hex(std::string_view text, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t count = 0;
  const char* end = nullptr;
  if (text.size() != size * 2 ||
      sodium_hex2bin(bytes_of(bytes), size, text.data(), text.size(), nullptr, &count, &end) != 0 ||
      count != size) {
    return {};
  }
  return bytes;
}

/// What the signature covers.
std::string message_of(const Checkpoint& checkpoint) {
  return "talon-audit/2\n" + std::to_string(checkpoint.seq) + "\n" + checkpoint.chain + "\n" +
         checkpoint.root + "\n" + std::to_string(checkpoint.signed_at) + "\n";
}

struct File {
  explicit File(int opened) : fd(opened) {}
  ~File() {
    if (fd >= 0) ::close(fd);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd;
};

/// Writes a new key; another host or process may have been faster, then that one counts.
Result<void> make_key(const std::string& file) {
  std::string public_key(crypto_sign_PUBLICKEYBYTES, '\0');
  std::string secret(crypto_sign_SECRETKEYBYTES, '\0');
  crypto_sign_keypair(bytes_of(public_key), bytes_of(secret));
  std::string text = hex_of(secret) + "\n";
  sodium_memzero(secret.data(), secret.size());
  // Written aside and linked: nobody ever sees half a key, and an existing one is never overwritten.
  const std::string fresh = file + "." + std::to_string(::getpid()) + ".new";
  const File out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (out.fd < 0) return cannot("write " + fresh);
  const ssize_t count = ::write(out.fd, text.data(), text.size());
  const bool is_whole = count == static_cast<ssize_t>(text.size()) && ::fsync(out.fd) == 0;
  sodium_memzero(text.data(), text.size());
  const bool is_linked = is_whole && (::link(fresh.c_str(), file.c_str()) == 0 || errno == EEXIST);
  const Error failure = cannot("write " + file);
  ::unlink(fresh.c_str());
  if (!is_linked) return failure;
  return {};
}

}  // namespace

Json checkpoint_json(const Checkpoint& checkpoint) {
  return Json::object({{"seq", checkpoint.seq},
                       {"chain", checkpoint.chain},
                       {"root", checkpoint.root},
                       {"signed_at", checkpoint.signed_at},
                       {"key", checkpoint.key},
                       {"signature", checkpoint.signature}});
}

Checkpoint checkpoint_of(const Json& json) {
  return {json["seq"].integer(),
          std::string(json["chain"].string()),
          std::string(json["root"].string()),
          json["signed_at"].integer(),
          std::string(json["key"].string()),
          std::string(json["signature"].string())};
}

SigningKey::SigningKey(std::string secret) : secret_(std::move(secret)) {
  std::string public_key(crypto_sign_PUBLICKEYBYTES, '\0');
  crypto_sign_ed25519_sk_to_pk(bytes_of(public_key), bytes_of(secret_));
  public_key_ = hex_of(public_key);
}
SigningKey::SigningKey(SigningKey&& other) noexcept
    : secret_(std::move(other.secret_)), public_key_(std::move(other.public_key_)) {
  other.secret_.clear();
}
SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

Result<SigningKey> SigningKey::open(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) TALON_DO(make_key(path));
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.fd < 0) return cannot("open " + path);
  struct stat info {};
  if (::fstat(file.fd, &info) != 0) return cannot("look at " + path);
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return talon::denied("others may read or write " + path +
                         "; chmod 600 it, and make a new key if they did");
  }
  std::string text(crypto_sign_SECRETKEYBYTES * 2, '\0');
  const ssize_t count = ::read(file.fd, text.data(), text.size());
  std::string secret = from_hex(text, crypto_sign_SECRETKEYBYTES);
  sodium_memzero(text.data(), text.size());
  if (count != static_cast<ssize_t>(text.size()) || secret.empty()) {
    return Error{Code::DataLoss, path + " holds no signing key; restore it from a backup"};
  }
  return SigningKey(std::move(secret));
}

void SigningKey::sign(Checkpoint& checkpoint) const {
  checkpoint.key = public_key_;
  const std::string message = message_of(checkpoint);
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(bytes_of(signature), nullptr, bytes_of(std::string_view(message)), message.size(),
                       bytes_of(std::string_view(secret_)));
  checkpoint.signature = hex_of(signature);
}

std::string mistrust(const Checkpoint& checkpoint, const std::vector<std::string>& trusted) {
  if (std::find(trusted.begin(), trusted.end(), checkpoint.key) == trusted.end()) {
    return "its key " + checkpoint.key.substr(0, 16) + "… is not a trusted one";
  }
  const std::string key = from_hex(checkpoint.key, crypto_sign_PUBLICKEYBYTES);
  const std::string signature = from_hex(checkpoint.signature, crypto_sign_BYTES);
  const std::string message = message_of(checkpoint);
  const bool is_signed =
      !key.empty() && !signature.empty() &&
      crypto_sign_verify_detached(bytes_of(std::string_view(signature)), bytes_of(std::string_view(message)),
                                  message.size(), bytes_of(std::string_view(key))) == 0;
  return is_signed ? std::string() : std::string("its signature is wrong");
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", at), text.size());
    if (end > at) found.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return found;
}

}  // namespace audit
