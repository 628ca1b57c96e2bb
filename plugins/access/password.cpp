/// Passwords: which are good enough, and their argon2id hashes.
#include "password.hpp"

#include "people.hpp"

#include <talon/text.hpp>

#include <sodium.h>
#include <zxcvbn.h>

#include <array>
#include <chrono>

namespace talon::access {

namespace {

constexpr std::size_t kLengthMax = 1024;                // bounds the work of one request
constexpr unsigned long long kPasses = 2;               // OWASP's argon2id profile: 19 MiB, 2 passes, 1 lane
constexpr std::size_t kMemoryBytes = 19 * 1024 * 1024;  // of the same profile
constexpr int kStrengthOfCommon = 0;                    // a thousand tries: it is in the lists of leaked ones
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

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return count;
}

/// The owner's names, and the e-mail address before and behind the @, from four letters on, in small letters.
std::vector<std::string> words_of(const Owner& owner) {
  std::vector<std::string> words;
  std::string word;
  const std::string email = lower_case(owner.email);
  const std::size_t at = email.find('@');
  std::vector<std::string> all = {email.substr(0, at)};
  if (at != std::string::npos) all.push_back(email.substr(at + 1, email.find('.', at) - at - 1));
  for (const char c : lower_case(owner.name) + " ") {
    if (c != ' ')
      word.push_back(c);
    else
      all.push_back(std::exchange(word, {}));
  }
  for (std::string& part : all) {
    if (characters(part) >= 4) words.push_back(std::move(part));
  }
  return words;
}

PasswordFault common() {
  return {"common", "the password is one of those that are tried first; choose several words of your own",
          "ce mot de passe est de ceux que l'on essaie en premier ; choisissez plusieurs mots à vous"};
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

std::optional<PasswordFault> password_fault(std::string_view password, const Owner& owner,
                                            const PasswordRules& rules) {
  const std::string least = std::to_string(rules.length_min);
  if (characters(password) < rules.length_min) {
    return PasswordFault{"too_short", "the password must have at least " + least + " characters",
                         "le mot de passe doit avoir au moins " + least + " caractères"};
  }
  if (password.size() > kLengthMax) {
    return PasswordFault{"too_long", "the password must have at most 1024 bytes",
                         "le mot de passe doit avoir au plus 1024 octets"};
  }
  const std::string lower = lower_case(password);
  for (const std::string_view stem : kCommon) {
    if (lower.find(stem) != std::string::npos && own_letters(lower, stem) < 6) return common();
  }
  for (const std::string& part : words_of(owner)) {
    if (lower.find(part) == std::string::npos) continue;
    return PasswordFault{"personal", "the password must not contain your name or e-mail address",
                         "le mot de passe ne doit contenir ni votre nom ni votre adresse e-mail"};
  }
  for (const std::string& word : rules.blocked) {
    if (lower.find(word) == std::string::npos) continue;
    return PasswordFault{"blocked", "the password contains a word that is not allowed here",
                         "le mot de passe contient un mot qui n'est pas permis ici"};
  }
  const int strength = password_strength(password, owner);
  if (strength <= kStrengthOfCommon) return common();
  if (strength >= rules.strength_min) return std::nullopt;
  return PasswordFault{"weak", "the password is too easy to guess; add a word or two of your own",
                       "le mot de passe est trop facile à deviner ; ajoutez un ou deux mots à vous"};
}

Error fault_error(const PasswordFault& fault, std::string_view language) {
  const std::string& text = language == "fr" ? fault.fr : fault.en;
  return {Code::InvalidArgument, text,
          Json::array({Json::object({{"pointer", "/password"}, {"code", fault.code}, {"message", text}})})
              .to_string()};
}

int password_strength(std::string_view password, const Owner& owner) {
  // Beyond that its cost grows and its judgement does not.
  const std::string measured(password.substr(0, 100));
  const std::vector<std::string> own = words_of(owner);
  std::vector<const char*> words;
  for (const std::string& word : own) words.push_back(word.c_str());
  words.push_back(nullptr);
  const auto bits = static_cast<int>(ZxcvbnMatch(measured.c_str(), words.data(), nullptr));
  // Powers of ten in bits, as zxcvbn's own scores have them: 10^3, 10^6, 10^8, 10^10.
  if (bits < 10) return 0;
  if (bits < 20) return 1;
  if (bits < 26) return 2;
  return bits < 33 ? 3 : 4;
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
