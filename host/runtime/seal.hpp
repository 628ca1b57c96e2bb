/// Secrets at rest: sealed with the installation's key (decision 27), by AES-256-GCM.
#pragma once

#include "host/runtime/secret.hpp"

#include <talon/result.hpp>

#include <string>
#include <string_view>

namespace talon::runtime {

/// Seals and opens small texts. What is sealed for one place does not open at another.
/// @threads any.
class Sealer {
 public:
  /// @param key  any text with enough chance in it; what is used is its SHA-256.
  explicit Sealer(const Secret& key);

  /// @param place  what the secret is and of whom: "authenticator.secret/usr_…".  @return text, "v1.…".
  std::string seal(std::string_view plain, std::string_view place) const;
  /// @errors DataLoss: sealed with another key or for another place, or damaged.
  Result<std::string> open(std::string_view sealed, std::string_view place) const;
  /// Tells one key from another and nothing about it: kept in the database to notice a wrong one.
  std::string mark() const;

 private:
  Secret key_;  // 32 bytes
};

}  // namespace talon::runtime
