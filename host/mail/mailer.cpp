/// Taking letters from the database to the server.
#include "host/mail/mailer.hpp"

#include "host/mail/smtp.hpp"
#include "host/runtime/log.hpp"

#include <talon/date.hpp>
#include <talon/id.hpp>
#include <talon/text.hpp>

#include <array>
#include <chrono>

namespace talon::mail {

namespace {

constexpr int64_t kMinuteUs = 60'000'000;
/// Pauses after a try; after the last one the letter is given up: two days in all (RFC 5321 asks for four at
/// most).
constexpr std::array<int64_t, 8> kPauses = {1, 5, 15, 60, 240, 480, 960, 1440};
constexpr int64_t kClaimUs = 5 * kMinuteUs;  // longer than any try takes; then another host may take it up
constexpr std::chrono::seconds kLook{5};
constexpr std::size_t kErrorBytesMax = 300;

gate::Call own_call() {
  gate::Call call;
  call.principal.kind = gate::Principal::Kind::System;
  call.channel = "mail";
  return call;
}

}  // namespace

std::string Mailer::link(std::string_view fragment) const {
  std::string address = parts_.settings.portal;
  if (!address.ends_with('/')) address.push_back('/');
  return address.append("#").append(fragment);
}

Result<void> Mailer::add(ChangeSet& changes, std::string_view letter, const Recipient& to,
                         std::map<std::string, std::string> values) const {
  if (!is_configured()) return failed_precondition("no mail server is configured (config/talon.yaml, mail)");
  values.emplace("name", to.name);
  values.emplace("issuer", parts_.issuer);
  TALON_TRY(const Letter written, write_letter(parts_.settings.letters, letter, to.language, values));
  const std::string place = "mail.text/" + id_text("usr", to.user);
  changes.create("mail", {{"user", to.user},
                          {"letter", letter},
                          {"address", to.email},
                          {"subject", written.subject},
                          {"text", parts_.sealer->seal(written.text, place)},
                          {"next_at", parts_.clock->now_us()}});
  return {};
}

void Mailer::start() {
  if (!is_configured() || thread_.joinable()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Mailer::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Mailer::wake() {
  const std::lock_guard lock(mutex_);
  is_woken_ = true;
  wake_.notify_all();
}

void Mailer::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto sent = send_next();
    if (!sent) runtime::log().error("mail.failed", {{"reason", sent.error().message}});
    if (sent && *sent) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, kLook, [this] { return is_woken_; });
    is_woken_ = false;
  }
}

Result<bool> Mailer::send_next() {
  const int64_t now = parts_.clock->now_us();
  records::QueryRequest request;
  request.type = "mail";
  request.fields = {"id", "version", "user", "address", "subject", "text", "tries"};
  request.where = "state is waiting and next_at <= " + Timestamp(now).to_string();
  request.order = {"next_at"};
  request.limit = 1;
  std::vector<Value> row;
  records::QuerySink sink;
  sink.columns = [](const std::vector<records::Column>&) -> Result<void> { return {}; };
  sink.row = [&](Row cells) -> Result<void> {
    for (const Cell& cell : cells) row.emplace_back(cell);
    return {};
  };
  TALON_DO(parts_.records->query(own_call(), request, sink));
  if (row.empty()) return false;
  const int64_t id = row[0].integer();
  const auto tries = static_cast<std::size_t>(row[6].integer());
  // Taken before it is sent: of two hosts one gets it, and one that dies meanwhile leaves it to the other.
  ChangeSet claim;
  claim.change("mail", id, row[1].integer(),
               {{"tries", static_cast<int64_t>(tries + 1)}, {"next_at", now + kClaimUs}});
  if (const auto claimed = parts_.records->apply(own_call(), claim.json()); !claimed) {
    return claimed.error().code == Code::Aborted ? Result<bool>(true) : Result<bool>(claimed.error());
  }
  TALON_TRY(const std::string text,
            parts_.sealer->open(row[5].text(), "mail.text/" + id_text("usr", row[2].integer())));
  TALON_TRY(const runtime::Secret password, parts_.password());
  const auto sent =
      mail::send(parts_.settings, password, std::string(row[3].text()), {std::string(row[4].text()), text});
  if (sent) {
    runtime::log().info("mail.sent", {{"mail", id_text("mai", id)}});
    TALON_DO(finish(id, {{"state", "sent"}, {"sent_at", now}, {"text", Value()}, {"trouble", Value()}}));
    return true;
  }
  const Error& error = sent.error();
  runtime::log().warn("mail.not_sent", {{"mail", id_text("mai", id)}, {"reason", error.message}});
  const std::string why =
      harmless(error.message + (error.details.empty() ? "" : ": " + error.details), kErrorBytesMax);
  const bool is_over = sent.error().code != Code::Unavailable || tries >= kPauses.size();
  if (is_over)
    TALON_DO(finish(id, {{"state", "failed"}, {"text", Value()}, {"trouble", why}}));
  else
    TALON_DO(finish(id, {{"next_at", now + kPauses[tries] * kMinuteUs}, {"trouble", why}}));
  return true;
}

Result<void> Mailer::finish(int64_t id, const ChangeSet::Fields& fields) {
  ChangeSet changes;
  changes.change("mail", id, -1, fields);
  TALON_DO(parts_.records->apply(own_call(), changes.json()));
  return {};
}

}  // namespace talon::mail
