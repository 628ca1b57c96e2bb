/// Links by mail: to take an invitation up, to choose a new password. Each works once, and for a while.
#pragma once

#include "host/identity/attempts.hpp"
#include "host/mail/mailer.hpp"
#include "host/records/records.hpp"

namespace talon::identity {

/// @threads any.
class Links {
 public:
  struct Times {
    int64_t invitation_us = 7LL * 24 * 3600 * 1'000'000;
    int64_t reset_us = 3600LL * 1'000'000;
  };
  struct Parts {
    records::Records* records = nullptr;
    const runtime::Clock* clock = nullptr;
    mail::Mailer* mailer = nullptr;
    Times times;
  };
  explicit Links(Parts parts) : parts_(parts) {}
  void set_records(records::Records& records) { parts_.records = &records; }

  /// @errors FailedPrecondition: no mail server is configured, so that no letters go out.
  Result<void> require_mail() const;
  /// What is to be written so that `user` gets a letter with a fresh link; the one before no longer works.
  /// @errors FailedPrecondition: no mail server, or the user is disabled; NotFound.
  Result<ChangeSet> prepare(int64_t user) const;
  /// Somebody who is not signed in asks for a new password. Whether the address is known is not told; the
  /// letter goes out later.
  /// @errors FailedPrecondition: no mail server; ResourceExhausted: too many letters for this address.
  Result<void> request(const gate::Call& call, std::string_view email);

 private:
  Parts parts_;
  Throttle letters_{{3, 600'000'000}};   // of one address: three, then one in ten minutes
  Throttle requests_{{20, 60'000'000}};  // from one network address
};

}  // namespace talon::identity
