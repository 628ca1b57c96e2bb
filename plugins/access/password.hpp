/// Passwords: which are good enough, and their argon2id hashes (libsodium).
#pragma once

#include <talon/result.hpp>

#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

namespace talon::access {

/// What an installation asks of passwords (the plugin's settings).
struct PasswordRules {
  std::size_t length_min = 12;            ///< characters
  int strength_min = 3;                   ///< 0 to 4, as `password_strength` measures
  std::vector<std::string> blocked = {};  ///< words that no password is made of, in small letters
};

/// Why a password is refused, for machines and for people.
struct PasswordFault {
  std::string code;  ///< too_short, too_long, common, personal, blocked, weak
  std::string en;
  std::string fr;
};

/// Whose password it is: none is made of these.
struct Owner {
  std::string name;
  std::string email;
};

/// Nothing: the password is good. Nobody has to change one that is, however old.
std::optional<PasswordFault> password_fault(std::string_view password, const Owner& owner,
                                            const PasswordRules& rules);
/// The fault as an InvalidArgument at /password, in `language` (en, fr).
Error fault_error(const PasswordFault& fault, std::string_view language);
/// How hard a password is to guess for somebody with lists of leaked ones, names, words and keyboard rows
/// (zxcvbn): 0 some thousand tries, 1 a million, 2 a hundred million, 3 ten thousand million, 4 more.
int password_strength(std::string_view password, const Owner& owner);

/// Hashes and verifies, at most two at a time: each takes 19 MiB and some 20 ms. @threads any.
class PasswordHasher {
 public:
  PasswordHasher();

  /// @errors ResourceExhausted: too many sign-ins at once; Internal: no memory for the hash.
  Result<std::string> hash(std::string_view password);
  /// Takes as long for a hash that is none ("", an invitation) as for one that is: nobody learns who has an
  /// account.
  /// @errors ResourceExhausted: too many sign-ins at once.
  Result<bool> verify(const std::string& hash, std::string_view password);

 private:
  std::counting_semaphore<2> turns_{2};
  std::string dummy_;  ///< the hash of a password that nobody knows
};

/// A code for single use, 32 letters and digits from the system's random source.
std::string random_code();
/// Compares without telling by its time how much is equal.
bool is_equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace talon::access
