/// One-time codes over liboath, and recovery codes.
#include "host/identity/second_factor.hpp"

#include "host/identity/store.hpp"
#include "host/runtime/digest.hpp"
#include "host/runtime/random.hpp"

#include <talon/id.hpp>
#include <talon/text.hpp>

#include <liboath/oath.h>

#include <array>
#include <cstdlib>

namespace talon::identity {

namespace {

constexpr int64_t kStepUs = 30'000'000;   // RFC 6238's default, which every app knows
constexpr unsigned kDigits = 6;           // the same
constexpr std::size_t kSecretBytes = 20;  // RFC 4226: as long as the digest
constexpr int kRecoveryCodes = 10;
constexpr std::size_t kRecoveryBytes = 10;  // 80 bits: nothing to guess, so a plain digest is enough
constexpr int64_t kTriesFromAnywhere = 20;  // of one person, before they are slowed down

std::string base32(std::string_view bytes) {
  char* text = nullptr;
  std::size_t size = 0;
  TALON_CHECK(oath_base32_encode(bytes.data(), bytes.size(), &text, &size) == OATH_OK);
  std::string out(text, size);
  std::free(text);
  while (out.ends_with('=')) out.pop_back();
  return out;
}

/// What a person types: blanks and hyphens are for the eye.
std::string compact(std::string_view code) {
  std::string out;
  for (const char c : code) {
    if (c != ' ' && c != '-') out.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return out;
}

std::string secret_place(int64_t user) { return "authenticator.secret/" + id_text("usr", user); }

struct RecoveryCodes {
  Json shown = Json::array();
  std::string digests;  ///< one after another, separated by spaces
};

RecoveryCodes make_recovery_codes() {
  RecoveryCodes codes;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    const std::string code = base32(runtime::random_bytes(kRecoveryBytes));  // 16 letters and digits
    codes.shown.push(code.substr(0, 4) + "-" + code.substr(4, 4) + "-" + code.substr(8, 4) + "-" +
                     code.substr(12));
    codes.digests += (i > 0 ? " " : "") + runtime::sha256_hex(code);
  }
  return codes;
}

}  // namespace

int64_t totp_step(std::string_view secret, std::string_view code, int64_t now_us) {
  int64_t found = -1;
  for (const int64_t step : {now_us / kStepUs - 1, now_us / kStepUs, now_us / kStepUs + 1}) {
    std::array<char, kDigits + 1> expected{};
    if (oath_hotp_generate(secret.data(), secret.size(), static_cast<uint64_t>(step), kDigits, false,
                           OATH_HOTP_DYNAMIC_TRUNCATION, expected.data()) != OATH_OK) {
      return -1;
    }
    if (runtime::is_equal_constant_time(code, expected.data())) found = step;
  }
  return found;
}

/// The person's authenticator as it is stored.
struct SecondFactor::Kept {
  int64_t id = 0;  ///< 0: there is none
  int64_t version = 0;
  std::string secret;   ///< sealed; empty: not confirmed yet
  std::string pending;  ///< sealed; empty: nothing was begun
  int64_t last_step = 0;
  std::string recovery;
};

SecondFactor::SecondFactor(Parts parts) : parts_(std::move(parts)), attempts_({}, kTriesFromAnywhere) {
  TALON_CHECK(oath_init() == OATH_OK);
}

Result<SecondFactor::Kept> SecondFactor::find(int64_t user) {
  TALON_TRY(const auto row, find_one(*parts_.records, "authenticator",
                                     {"id", "version", "secret", "pending", "last_step", "recovery_hashes"},
                                     "user is " + id_text("usr", user)));
  if (row.empty()) return Kept{};
  return Kept{row[0].integer(),           row[1].integer(), std::string(row[2].text()),
              std::string(row[3].text()), row[4].integer(), std::string(row[5].text())};
}

Result<bool> SecondFactor::is_set_up(int64_t user) {
  TALON_TRY(const Kept kept, find(user));
  return !kept.secret.empty();
}

Result<Json> SecondFactor::begin(const gate::Call& call) {
  const int64_t user = call.principal.user;
  TALON_TRY(const Kept kept, find(user));
  TALON_TRY(const auto person, find_one(*parts_.records, "user", {"email"}, "id is " + id_text("usr", user)));
  if (person.empty()) return not_found("there is no such user");
  const std::string secret = runtime::random_bytes(kSecretBytes);
  const std::string sealed = parts_.sealer->seal(secret, secret_place(user));
  ChangeSet changes;
  if (kept.id == 0)
    changes.create("authenticator", {{"user", user}, {"pending", sealed}});
  else
    changes.change("authenticator", kept.id, kept.version, {{"pending", sealed}});
  TALON_DO(write(*parts_.records, own_call(call), changes));
  const std::string shown = base32(secret);
  const std::string issuer = percent_encoded(parts_.issuer);
  return Json::object({{"secret", shown},
                       {"uri", "otpauth://totp/" + issuer + ":" + percent_encoded(person[0].text()) +
                                   "?secret=" + shown + "&issuer=" + issuer + "&digits=6&period=30"}});
}

Result<Json> SecondFactor::confirm(const gate::Call& call, std::string_view code) {
  const int64_t user = call.principal.user;
  TALON_DO(take_turn(call, user));
  TALON_TRY(const Kept kept, find(user));
  if (kept.pending.empty())
    return failed_precondition(
        "nothing to confirm yet: begin with `talon second-factor begin` or POST /api/v1/me/second_factor");
  TALON_TRY(const std::string secret, parts_.sealer->open(kept.pending, secret_place(user)));
  const int64_t step = totp_step(secret, compact(code), parts_.clock->now_us());
  if (step < 0) return refuse(call, user, "code_wrong");
  const RecoveryCodes recovery = make_recovery_codes();
  ChangeSet changes;
  changes.change("authenticator", kept.id, kept.version,
                 {{"secret", kept.pending},
                  {"pending", Value()},
                  {"last_step", step},
                  {"confirmed_at", parts_.clock->now_us()},
                  {"recovery_hashes", recovery.digests},
                  {"recovery_left", kRecoveryCodes}});
  TALON_DO(write(*parts_.records, own_call(call), changes));
  attempts_.succeeded(std::to_string(user), call.address);
  return Json::object({{"recovery_codes", recovery.shown}});
}

Result<void> SecondFactor::show(const gate::Call& call, int64_t user, std::string_view code) {
  TALON_DO(take_turn(call, user));
  const std::string typed = compact(code);
  for (int run = 1;; ++run) {
    TALON_TRY(const Kept kept, find(user));
    if (kept.secret.empty()) return failed_precondition("no second factor is set up");
    TALON_TRY(const std::string secret, parts_.sealer->open(kept.secret, secret_place(user)));
    ChangeSet::Fields fields;
    if (const int64_t step = totp_step(secret, typed, parts_.clock->now_us()); step >= 0) {
      if (step <= kept.last_step) return refuse(call, user, "code_used");
      fields = {{"last_step", step}};
    } else {
      const std::string digest = runtime::sha256_hex(typed);
      const std::size_t at = typed.empty() ? std::string::npos : kept.recovery.find(digest);
      if (at == std::string::npos) return refuse(call, user, "code_wrong");
      std::string left = kept.recovery;
      left.erase(at, digest.size() + (at + digest.size() < left.size() ? 1 : 0));
      while (left.ends_with(' ')) left.pop_back();
      const auto count = static_cast<int64_t>((left.size() + 1) / (digest.size() + 1));
      fields = {{"recovery_hashes", left.empty() ? Value() : Value(left)}, {"recovery_left", count}};
    }
    ChangeSet changes;
    changes.change("authenticator", kept.id, kept.version, fields);
    const auto written = write(*parts_.records, own_call(call), changes);
    // Somebody came with a code at the same moment: read again, and the same code is refused as used.
    if (!written && written.error().code == Code::Aborted && run < kWritesMax) continue;
    if (!written) return written.error();
    attempts_.succeeded(std::to_string(user), call.address);
    return {};
  }
}

Result<Json> SecondFactor::new_recovery_codes(const gate::Call& call) {
  TALON_TRY(const Kept kept, find(call.principal.user));
  if (kept.secret.empty()) return failed_precondition("no second factor is set up");
  const RecoveryCodes recovery = make_recovery_codes();
  ChangeSet changes;
  changes.change("authenticator", kept.id, kept.version,
                 {{"recovery_hashes", recovery.digests}, {"recovery_left", kRecoveryCodes}});
  TALON_DO(write(*parts_.records, own_call(call), changes));
  return Json::object({{"recovery_codes", recovery.shown}});
}

Result<void> SecondFactor::take_turn(const gate::Call& call, int64_t user) {
  const Attempts::Verdict verdict =
      attempts_.take(std::to_string(user), call.address, parts_.clock->now_us());
  if (verdict.wait_us == 0) return {};
  const int64_t seconds = (verdict.wait_us + 999'999) / 1'000'000;
  return Error{Code::ResourceExhausted, "too many codes; try again in " + std::to_string(seconds) + " s",
               Json::object({{"retry_after_s", seconds}}).to_string()};
}

Error SecondFactor::refuse(const gate::Call& call, int64_t user, std::string_view why) {
  const Json content = Json::object({{"user", id_text("usr", user)}, {"why", why}});
  const auto noted = parts_.records->note(call, {"access", "user", user, "second_factor_refused", content});
  if (!noted) return noted.error();
  return {Code::Unauthenticated, "the code is not right, or was used before; wait for the next one"};
}

}  // namespace talon::identity
