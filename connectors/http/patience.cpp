/// When to send again, and when to wait: back-off with full jitter, Retry-After as a floor, rate budget,
/// breaker.
#include "patience.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <map>
#include <thread>

namespace talon::http_connector {
namespace {

using Instant = std::chrono::steady_clock::time_point;

constexpr std::size_t kBreakerFailures = 5;
constexpr std::chrono::minutes kBreakerWindow{1};
constexpr std::chrono::minutes kBreakerOpen{2};

bool is_worth_a_retry(int status) {
  static constexpr std::array kStatuses = {408, 425, 429, 500, 502, 503, 504};
  return std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end();
}

}  // namespace

Milliseconds retry_after(std::string_view header, std::chrono::system_clock::time_point now) {
  if (header.empty()) return Milliseconds(0);
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (error == std::errc() && end == header.data() + header.size()) {
    return std::chrono::seconds(std::clamp<int64_t>(seconds, 0, 86400 * 7));
  }
  std::tm parts{};
  if (::strptime(std::string(header).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr)
    return Milliseconds(0);
  const auto at = std::chrono::system_clock::from_time_t(::timegm(&parts));
  return std::max(Milliseconds(0), std::chrono::ceil<Milliseconds>(at - now));
}

Origin& Origin::of(const std::string& origin) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<Origin>> origins;
  const std::lock_guard lock(mutex);
  auto& known = origins[origin];
  if (known == nullptr) known = std::make_unique<Origin>();
  return *known;
}

Milliseconds Origin::take_place(int64_t requests, Milliseconds per, Instant now) {
  if (requests <= 0) return Milliseconds(0);
  const std::lock_guard lock(mutex_);
  const Instant place = std::max(next_place_, now);
  next_place_ = place + std::chrono::nanoseconds(per) / requests;
  return std::chrono::ceil<Milliseconds>(place - now);
}

bool Origin::may_send(Instant now) {
  const std::lock_guard lock(mutex_);
  if (now < open_until_) return false;
  if (failures_.size() >= kBreakerFailures) open_until_ = now + kBreakerOpen;  // this caller is the probe
  return true;
}

void Origin::report(bool is_failure, Instant now) {
  const std::lock_guard lock(mutex_);
  if (!is_failure) {
    failures_.clear();
    open_until_ = {};
    return;
  }
  std::erase_if(failures_, [&](Instant at) { return now - at > kBreakerWindow && now > open_until_; });
  failures_.push_back(now);
  if (failures_.size() >= kBreakerFailures) open_until_ = now + kBreakerOpen;
}

Patience::Patience(const Settings& settings, Waiting waiting)
    : settings_(settings),
      waiting_(std::move(waiting)),
      origin_(Origin::of(settings.base.origin())),
      random_(std::random_device{}()) {}

Milliseconds Patience::back_off(int64_t attempt) {
  Milliseconds most = settings_.retry.initial;
  for (int64_t i = 1; i < attempt && most < settings_.retry.wait_max; ++i) most *= 2;
  most = std::min(most, settings_.retry.wait_max);
  return Milliseconds(std::uniform_int_distribution<int64_t>(0, most.count())(random_));
}

void Patience::wait(Milliseconds time) {
  if (time.count() <= 0) return;
  if (waiting_.sleep)
    waiting_.sleep(time);
  else
    std::this_thread::sleep_for(time);
}

Result<Answer> Patience::send(bool is_repeatable, const std::function<Result<Answer>()>& send) {
  const Instant started = waiting_.now();
  for (int64_t attempt = 1;; ++attempt) {
    if (!origin_.may_send(waiting_.now())) {
      return unavailable(settings_.base.origin() +
                         " failed several times within a minute; nothing is sent for two minutes");
    }
    wait(origin_.take_place(settings_.budget_requests, settings_.budget_per, waiting_.now()));
    auto answer = send();
    Milliseconds floor(0);
    std::string reason;
    if (answer) {
      origin_.report(answer->status >= 500, waiting_.now());
      if (!is_worth_a_retry(answer->status)) return answer;
      floor = retry_after(answer->header("retry-after"), waiting_.wall());
      reason = "answered " + std::to_string(answer->status);
    } else {
      const Code code = answer.error().code;
      const bool is_passing = code == Code::Unavailable || code == Code::DeadlineExceeded;
      origin_.report(is_passing, waiting_.now());
      if (!is_passing || !is_repeatable) return answer;
      reason = answer.error().message;
    }
    const bool is_known =
        answer && (answer->status == 429 || answer->status == 503);  // refused, not half done
    if (!is_repeatable && !is_known) return unavailable(settings_.base.origin() + " " + reason);
    const Milliseconds time = std::max(floor, back_off(attempt));
    const auto elapsed = std::chrono::ceil<Milliseconds>(waiting_.now() - started);
    if (attempt >= settings_.retry.attempts_max || elapsed + time > settings_.retry.elapsed_max) {
      return unavailable(
          settings_.base.origin() + " " + reason + " after " + std::to_string(attempt) + " tries" +
          (floor.count() > 0 ? "; it asks to wait " + std::to_string(floor.count() / 1000) + " s" : ""));
    }
    wait(time);
  }
}

}  // namespace talon::http_connector
