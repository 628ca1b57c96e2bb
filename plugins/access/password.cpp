/// Passwords: which are good enough, and their argon2id hashes.
#include "password.hpp"

#include "people.hpp"

#include <sodium.h>

#include <array>
#include <chrono>

namespace talon::access {

namespace {

constexpr std::size_t kLengthMin = 12;     // NIST SP 800-63B asks for 8; we sign in without a second factor
constexpr std::size_t kLengthMax = 1024;   // bounds the work of one request
constexpr unsigned long long kPasses = 2;  // OWASP's argon2id profile: 19 MiB, 2 passes, 1 lane
constexpr std::size_t kMemoryBytes = 19 * 1024 * 1024;  // of the same profile
constexpr std::chrono::seconds kWaitMax{10};            // for a turn, before the caller is asked to come back

/// Stems of the passwords that lists of leaked ones begin with, of 12 letters or more once repeated or
/// numbered.
constexpr std::array<std::string_view, 16> kCommon = {
    "password",  "passw0rd", "motdepasse", "azerty", "qwerty", "qwertz", "letmein", "welcome",
    "bienvenue", "iloveyou", "admin",      "123456", "abcdef", "111111", "000000",  "talon"};

/// What is left of the password without the common stem's occurrences and without digits and signs.
std::size_t own_letters(std::string password, std::string_view stem) {
  for (std::size_t at = password.find(stem); at != std::string::npos; at = password.find(stem)) {
    password.erase(at, stem.size());
  }
  std::size_t count = 0;
  for (const char c : password) {
    if ((c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80) ++count;
  }
  return count;
}

class Turn {
 public:
  explicit Turn(std::counting_semaphore<2>& turns) : turns_(turns), has_(turns.try_acquire_for(kWaitMax)) {}
  ~Turn() {
    if (has_) turns_.release();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool has() const { return has_; }

 private:
  std::counting_semaphore<2>& turns_;
  bool has_;
};

Error busy() {
  return {Code::ResourceExhausted, "too many people sign in at this moment; try again in a few seconds"};
}

Result<std::string> hash_now(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str(out.data(), password.data(), password.size(), kPasses, kMemoryBytes) != 0) {
    return internal("there is no memory to hash a password");
  }
  return std::string(out.data());
}

}  // namespace

std::string password_fault(std::string_view password, std::string_view name, std::string_view email) {
  if (password.size() < kLengthMin) return "the password must have at least 12 characters";
  if (password.size() > kLengthMax) return "the password must have at most 1024 characters";
  const std::string lower = lower_case(password);
  for (const std::string_view stem : kCommon) {
    if (lower.find(stem) != std::string::npos && own_letters(lower, stem) < 6) {
      return "the password is one of those that are tried first; choose several words of your own";
    }
  }
  if (lower.find_first_not_of(lower[0]) == std::string::npos) return "the password is one character repeated";
  const std::string address = lower_case(email);
  std::vector<std::string> own = {address.substr(0, address.find('@'))};
  std::string word;
  for (const char c : lower_case(name) + " ") {
    if (c != ' ')
      word.push_back(c);
    else
      own.push_back(std::exchange(word, {}));
  }
  for (const std::string& part : own) {
    if (part.size() >= 4 && lower.find(part) != std::string::npos) {
      return "the password must not contain your name or e-mail address";
    }
  }
  return {};
}

PasswordHasher::PasswordHasher() {
  TALON_CHECK(sodium_init() >= 0);
  auto dummy = hash_now(random_code());
  if (dummy) dummy_ = *std::move(dummy);
}

Result<std::string> PasswordHasher::hash(std::string_view password) {
  const Turn turn(turns_);
  if (!turn.has()) return busy();
  return hash_now(password);
}

Result<bool> PasswordHasher::verify(const std::string& hash, std::string_view password) {
  const Turn turn(turns_);
  if (!turn.has()) return busy();
  const bool is_hash = hash.starts_with("$argon2id$");
  const std::string& against = is_hash ? hash : dummy_;
  const bool fits = crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0;
  return fits && is_hash;
}

std::string random_code() {
  static constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  std::array<unsigned char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string code;
  for (const unsigned char byte : bytes) code.push_back(kDigits[byte & 31U]);
  return code;
}

bool is_equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace talon::access
