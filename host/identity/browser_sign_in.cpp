/// Signing in by a visit to a provider.
#include "host/identity/browser_sign_in.hpp"

#include "host/runtime/digest.hpp"
#include "host/runtime/random.hpp"

#include <talon/date.hpp>

#include <algorithm>

namespace talon::identity {

namespace {

constexpr int64_t kVisitUs = 10 * 60 * kSecondUs;  // a password and a second factor at the provider
constexpr std::size_t kStateBytes = 32;
constexpr std::size_t kPathBytesMax = 500;
constexpr std::size_t kCookieBytesMax = 3800;  // browsers take 4,096 with the name and its attributes

std::string visit_place(std::string_view plugin) { return "sign_in/" + std::string(plugin); }

Error not_from_here(std::string_view plugin, std::string_view why) {
  return {Code::Unauthenticated, "the sign-in was not begun in this browser, or took too long; begin again",
          Json::object({{"by", plugin}, {"why", why}}).to_string()};
}

Error too_many(int64_t wait_us) {
  const int64_t seconds = (wait_us + kSecondUs - 1) / kSecondUs;
  return {Code::ResourceExhausted,
          "too many attempts to sign in; try again in " + std::to_string(seconds) + " s",
          Json::object({{"retry_after_s", seconds}}).to_string()};
}

}  // namespace

bool is_own_path(std::string_view path) {
  if (path.empty() || path.size() > kPathBytesMax || path.front() != '/') return false;
  if (path.size() > 1 && path[1] == '/') return false;  // another host's
  return std::all_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f && c != '\\';
  });
}

struct BrowserSignIn::Visit {
  std::string state;
  std::string to;
  Json secret;
};

BrowserSignIn::BrowserSignIn(Parts parts)
    : parts_(std::move(parts)),
      begun_({60, kSecondUs}),
      refusals_({20, 3 * kSecondUs}),
      used_({1, kVisitUs}) {}

Result<BrowserSignIn::Begun> BrowserSignIn::begin(std::string_view plugin, const Json& wanted,
                                                  const gate::Call& call) {
  const std::string to = wanted["to"].is_string() ? std::string(wanted["to"].string()) : "/";
  if (!is_own_path(to)) return invalid("\"to\" is a path of this server, as in /invoices");
  const int64_t now = parts_.clock->now_us();
  if (const int64_t wait = begun_.take(call.address, now); wait > 0) return too_many(wait);
  const std::string state = runtime::base64url(runtime::random_bytes(kStateBytes));
  Json step = wanted;
  step.set("step", "begin").set("state", state);
  const auto answer = parts_.login(plugin, step);
  if (!answer) {
    if (answer.error().code != Code::Unauthenticated) return answer.error();
    return not_found("nobody signs in by " + std::string(plugin) + " here");
  }
  const std::string go_to((*answer)["go_to"].string());
  if (!go_to.starts_with("https://") && !go_to.starts_with("http://"))
    return internal("the login plugin " + std::string(plugin) + " gave no address to go to");
  const Json visit = Json::object(
      {{"state", state}, {"to", to}, {"until", now + kVisitUs}, {"secret", (*answer)["secret"]}});
  Begun begun{go_to, parts_.sealer->seal(visit.to_string(), visit_place(plugin)), kVisitUs / kSecondUs};
  if (begun.visit.size() > kCookieBytesMax)
    return internal("the login plugin " + std::string(plugin) + " keeps more than a cookie holds");
  return begun;
}

Result<BrowserSignIn::Visit> BrowserSignIn::read_visit(std::string_view plugin, const Json& parameters,
                                                       std::string_view sealed) {
  if (sealed.empty()) return not_from_here(plugin, "state_missing");
  const auto opened = parts_.sealer->open(sealed, visit_place(plugin));
  if (!opened) return not_from_here(plugin, "state_forged");
  TALON_TRY(const Json json, Json::parse(*opened));
  const int64_t now = parts_.clock->now_us();
  Visit visit{std::string(json["state"].string()), std::string(json["to"].string()), json["secret"]};
  if (!runtime::is_equal_constant_time(parameters["state"].string(), visit.state))
    return not_from_here(plugin, "state_other");
  if (now >= json["until"].integer()) return not_from_here(plugin, "state_expired");
  if (used_.take(visit.state, now) > 0) return not_from_here(plugin, "state_replayed");
  return visit;
}

Result<BrowserSignIn::Done> BrowserSignIn::finish(std::string_view plugin, const Json& parameters,
                                                  std::string_view visit, std::string_view agent,
                                                  const gate::Call& call) {
  const int64_t now = parts_.clock->now_us();
  if (const int64_t wait = refusals_.wait_us(call.address, now); wait > 0) return too_many(wait);
  const auto read = read_visit(plugin, parameters, visit);
  if (!read) return refused(read.error(), call);
  const auto answer = parts_.login(
      plugin, Json::object({{"step", "finish"}, {"parameters", parameters}, {"secret", read->secret}}));
  if (!answer) return refused(answer.error(), call);
  TALON_TRY(const Claim claim, read_claim(*answer));
  auto issued = parts_.sessions->sign_in_by(claim, call, agent, runtime::sha256_hex(read->state));
  if (issued) return Done{*std::move(issued), read->to};
  if (issued.error().code == Code::Unauthenticated) refusals_.take(call.address, now);
  return issued.error();
}

Error BrowserSignIn::refused(Error error, const gate::Call& call) {
  if (error.code == Code::Unauthenticated) refusals_.take(call.address, parts_.clock->now_us());
  return parts_.sessions->refused(std::move(error), call);
}

}  // namespace talon::identity
