/// Ed25519 keys and signed checkpoints (libsodium).
#pragma once

#include <talon/json.hpp>
#include <talon/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

/// "Up to entry `seq` the chain is `chain`, and the tree over the entries' hashes has this root", signed.
struct Checkpoint {
  int64_t seq = 0;
  std::string chain;
  std::string root;       ///< of the Merkle tree (merkle.hpp), 64 hexadecimal digits
  int64_t signed_at = 0;  ///< microseconds since 1970-01-01 UTC
  std::string key;        ///< the public key, 64 hexadecimal digits
  std::string signature;  ///< 128 hexadecimal digits
};

talon::Json checkpoint_json(const Checkpoint& checkpoint);
Checkpoint checkpoint_of(const talon::Json& json);

/// A signing key. Its secret half is wiped when it ends.
class SigningKey {
 public:
  /// Reads the key from `file`, or makes one there with mode 0600.
  /// @errors PermissionDenied: others may read the file; DataLoss: it holds no key; Unavailable: it cannot be
  /// written.
  static talon::Result<SigningKey> open(const std::string& file);
  ~SigningKey();
  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&&) = delete;

  const std::string& public_key() const { return public_key_; }  ///< hex
  /// Fills in key and signature.
  void sign(Checkpoint& checkpoint) const;

 private:
  explicit SigningKey(std::string secret);
  std::string secret_;  // 64 bytes
  std::string public_key_;
};

/// @param trusted  public keys, hex.  @return why the checkpoint cannot be trusted, or empty.
std::string mistrust(const Checkpoint& checkpoint, const std::vector<std::string>& trusted);

/// The words of `text`.
std::vector<std::string> words(std::string_view text);

}  // namespace audit
