/// The second factor: one-time codes by RFC 6238 (TOTP, SHA-1, six digits, 30 s), and recovery codes.
///
/// The secret is sealed with the installation's key; of recovery codes only digests are kept. A code is good
/// once: the last step that was taken is remembered, and nothing at or before it is taken again.
#pragma once

#include "host/identity/attempts.hpp"
#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"
#include "host/runtime/seal.hpp"

#include <talon/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace talon::identity {

/// @threads any.
class SecondFactor {
 public:
  struct Parts {
    records::Records* records = nullptr;
    const runtime::Clock* clock = nullptr;
    const runtime::Sealer* sealer = nullptr;
    std::string issuer = "Talon";  ///< as the person's app shows it
  };
  explicit SecondFactor(Parts parts);

  /// Whether `user` has one that was confirmed.
  Result<bool> is_set_up(int64_t user);
  /// Begins to set one up; a confirmed one stays until `confirm`.
  /// @return {"secret" (base 32), "uri" (otpauth://, for a QR code)}.
  Result<Json> begin(const gate::Call& call);
  /// The first code of the new secret: from here on it is the person's second factor.
  /// @return {"recovery_codes": ten, shown once}. @errors Unauthenticated: not that code; FailedPrecondition:
  ///         nothing was begun; ResourceExhausted: too many tries.
  Result<Json> confirm(const gate::Call& call, std::string_view code);
  /// Takes a code or a recovery code of `user`, once. A refusal goes into the audit log.
  /// @errors Unauthenticated; FailedPrecondition: none is set up; ResourceExhausted: too many tries.
  Result<void> show(const gate::Call& call, int64_t user, std::string_view code);
  /// Ten new recovery codes in place of the old ones. @errors FailedPrecondition: none is set up.
  Result<Json> new_recovery_codes(const gate::Call& call);

 private:
  struct Kept;
  Result<Kept> find(int64_t user);
  Result<void> take_turn(const gate::Call& call, int64_t user);
  Error refuse(const gate::Call& call, int64_t user, std::string_view why);

  Parts parts_;
  Attempts attempts_;
};

/// The step (of 30 s since 1970) whose code `code` is: now, the one before or the one after; −1: none.
/// @param secret  raw bytes.
int64_t totp_step(std::string_view secret, std::string_view code, int64_t now_us);

}  // namespace talon::identity
