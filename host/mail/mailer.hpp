/// Letters on their way: kept in the database until the mail server has them.
///
/// A letter is a record (`mail`), written in the transaction of what it tells of; its text, which may hold a
/// link, is sealed with the installation's key and gone once the letter is. A letter that the server does not
/// take is tried again, ever more seldom, for two days.
#pragma once

#include "host/config/settings.hpp"
#include "host/records/records.hpp"
#include "host/runtime/clock.hpp"
#include "host/runtime/seal.hpp"

#include <talon/changeset.hpp>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

namespace talon::mail {

/// @threads any; `start` and `stop` main.
class Mailer {
 public:
  struct Parts {
    records::Records* records = nullptr;  ///< set before `start`
    const runtime::Clock* clock = nullptr;
    const runtime::Sealer* sealer = nullptr;
    config::MailSettings settings;
    std::string issuer;  ///< as letters name us
    std::function<Result<runtime::Secret>()> password;
  };
  explicit Mailer(Parts parts) : parts_(std::move(parts)) {}
  ~Mailer() { stop(); }
  Mailer(const Mailer&) = delete;
  Mailer& operator=(const Mailer&) = delete;

  void set_records(records::Records& records) { parts_.records = &records; }
  bool is_configured() const { return !parts_.settings.server.empty(); }
  /// Where a link in a letter leads; `fragment` never reaches a server's log.
  std::string link(std::string_view fragment) const;

  struct Recipient {
    int64_t user = 0;
    std::string email;
    std::string name;
    std::string language;
  };
  /// Adds the letter to a change set: sent if that is written, and not otherwise.
  /// @errors FailedPrecondition: no mail server is configured.
  Result<void> add(ChangeSet& changes, std::string_view letter, const Recipient& to,
                   std::map<std::string, std::string> values) const;

  void start();
  void stop();
  /// There may be something to send. @threads any.
  void wake();

 private:
  void run(const std::stop_token& stop);
  /// Sends one that is due. @return whether there was one.
  Result<bool> send_next();
  Result<void> finish(int64_t id, const ChangeSet::Fields& fields);

  Parts parts_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool is_woken_ = false;
  std::jthread thread_;
};

}  // namespace talon::mail
