/// Passwords: which are good enough, and their argon2id hashes (libsodium).
#pragma once

#include <talon/result.hpp>

#include <semaphore>
#include <string>
#include <string_view>

namespace talon::access {

/// Why `password` is refused; empty: it is good.
/// @param name, email  of its owner: no password is made of those.
std::string password_fault(std::string_view password, std::string_view name, std::string_view email);

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
