/// Making links and their letters.
#include "host/identity/links.hpp"

#include "host/identity/store.hpp"
#include "host/runtime/digest.hpp"
#include "host/runtime/log.hpp"
#include "host/runtime/random.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

namespace talon::identity {

namespace {

constexpr std::size_t kCodeBytes = 24;
constexpr int64_t kHourUs = 3'600'000'000;

}  // namespace

Result<void> Links::require_mail() const {
  if (parts_.mailer != nullptr && parts_.mailer->is_configured()) return {};
  return failed_precondition("no mail server is configured (config/talon.yaml, mail)");
}

Result<ChangeSet> Links::prepare(int64_t user) const {
  TALON_DO(require_mail());
  TALON_TRY(const auto row,
            find_one(*parts_.records, "user", {"version", "state", "email", "name", "language"},
                     "id is " + id_text("usr", user)));
  if (row.empty()) return not_found("there is no such user");
  if (row[1].text() == "disabled") return failed_precondition("the user is disabled; enable them first");
  if (row[1].text() == "removed") return failed_precondition("the user was removed");
  const bool is_invited = row[1].text() == "invited";
  const int64_t life = is_invited ? parts_.times.invitation_us : parts_.times.reset_us;
  const std::string code = runtime::base64url(runtime::random_bytes(kCodeBytes));
  ChangeSet changes;
  changes.change("user", user, row[0].integer(),
                 {{"invitation_hash", runtime::sha256_hex(code)},
                  {"invitation_expires_at", parts_.clock->now_us() + life}});
  const mail::Mailer::Recipient to{user, std::string(row[2].text()), std::string(row[3].text()),
                                   std::string(row[4].text())};
  TALON_DO(parts_.mailer->add(
      changes, is_invited ? "invitation" : "new_password", to,
      {{"link", parts_.mailer->link("code=" + code + "&email=" + percent_encoded(to.email))},
       {"hours", std::to_string((life + kHourUs - 1) / kHourUs)}}));
  changes.answer(Json::object({{"sent_to", to.email}}));
  return changes;
}

Result<void> Links::request(const gate::Call& call, std::string_view email) {
  if (parts_.mailer == nullptr || !parts_.mailer->is_configured())
    return failed_precondition("no mail is sent here; ask an administrator for a new password");
  const int64_t now = parts_.clock->now_us();
  const std::string address = lower_case(email);
  // Whose requests are too many takes nothing of anybody's letters.
  int64_t wait = requests_.take(call.address, now);
  if (wait == 0) wait = letters_.take(address, now);
  if (wait > 0) {
    const int64_t seconds = (wait + 999'999) / 1'000'000;
    return Error{Code::ResourceExhausted,
                 "too many letters were asked for; try again in " + std::to_string(seconds) + " s",
                 Json::object({{"retry_after_s", seconds}}).to_string()};
  }
  TALON_TRY(const auto row,
            find_one(*parts_.records, "user", {"id", "state"}, "email is " + text_literal(address)));
  const bool is_known = !row.empty() && row[1].text() != "disabled" && row[1].text() != "removed";
  // One write in either case, so that the time it takes tells nothing.
  if (!is_known) {
    const records::Records::Note note{"access", "user", row.empty() ? 0 : row[0].integer(),
                                      "new_password_refused",
                                      Json::object({{"why", row.empty() ? "no_such_user" : "not_active"}})};
    return parts_.records->note(call, note);
  }
  TALON_TRY(const ChangeSet changes, prepare(row[0].integer()));
  const auto written = write(*parts_.records, own_call(call), changes);
  if (!written && written.error().code != Code::Aborted) return written.error();
  parts_.mailer->wake();
  return {};
}

}  // namespace talon::identity
