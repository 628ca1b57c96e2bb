/// Event streams: one thread watches the change feed and tells each listener what it may see.
#include "host/http/event_hub.hpp"

#include "host/runtime/clock.hpp"
#include "host/runtime/log.hpp"

#include <algorithm>

namespace talon::http {

namespace {

// A wait for a commit ends at least this often: so late an ended session is noticed. Commits of other hosts
// are looked for at every fifth.
constexpr std::chrono::milliseconds kWait{200};
constexpr uint64_t kPollsForOthers = 5;
constexpr int64_t kBeatNs = 15'000'000'000;  // proxies cut streams that are silent for 30 or 60 s
constexpr int64_t kPageSize = 500;

std::string event_text(std::string_view event, std::string_view data, std::string_view id) {
  std::string text = "event: ";
  text.append(event).append("\n");
  if (!id.empty()) text.append("id: ").append(id).append("\n");
  return text.append("data: ").append(data).append("\n\n");
}

}  // namespace

EventHub::EventHub(records::Records& records, identity::Sessions& sessions)
    : records_(records), sessions_(sessions) {}
EventHub::~EventHub() { stop(); }

std::size_t EventHub::open_of(const std::string& who) const {
  return static_cast<std::size_t>(std::count_if(
      listeners_.begin(), listeners_.end(),
      [&](const auto& listener) { return listener->who == who && listener->stream->is_open(); }));
}

Result<void> EventHub::has_room(const gate::Principal& principal) const {
  const std::lock_guard lock(mutex_);
  if (open_of(principal.author()) < kStreamsMax) return {};
  return Error{Code::ResourceExhausted, "you have " + std::to_string(kStreamsMax) +
                                            " event streams open, which is the most; close one of them"};
}

void EventHub::add(Listener listener) {
  listener.who = listener.call.principal.author();
  const std::lock_guard lock(mutex_);
  // Asked once more: requests that came together were all told that there is room.
  if (is_stopping_ || open_of(listener.who) >= kStreamsMax) return listener.stream->close();
  listeners_.push_back(std::make_shared<Listener>(std::move(listener)));
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  wake_.notify_all();
}

std::size_t EventHub::listeners() const {
  const std::lock_guard lock(mutex_);
  return listeners_.size();
}

void EventHub::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  for (const auto& listener : listeners_) listener->stream->close();
  listeners_.clear();
}

void EventHub::run() {
  uint64_t commits = 0;
  uint64_t polls = 0;
  int64_t beat_ns = runtime::steady_ns();
  while (!is_stopping_) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return is_stopping_ || !listeners_.empty(); });
    }
    if (is_stopping_) return;
    const uint64_t before = commits;
    commits = records_.wait_for_commit(commits, kWait);
    ++polls;
    const bool has_news = commits != before || polls % kPollsForOthers == 0;
    const bool is_beat = runtime::steady_ns() - beat_ns > kBeatNs;
    if (is_beat) beat_ns = runtime::steady_ns();
    round(has_news, is_beat);
  }
}

void EventHub::round(bool has_news, bool is_beat) {
  std::vector<std::shared_ptr<Listener>> all;
  {
    const std::lock_guard lock(mutex_);
    all = listeners_;
  }
  for (const auto& listener : all) {
    if (is_stopping_) return;
    if (serve(*listener, has_news, is_beat)) continue;
    listener->stream->close();
    const std::lock_guard lock(mutex_);
    std::erase(listeners_, listener);
  }
}

bool EventHub::serve(Listener& listener, bool has_news, bool is_beat) {
  if (!listener.stream->is_open()) return false;
  // An open page is no use of its session, and sees what its person may see now.
  auto principal = sessions_.principal_of(listener.session_token, identity::Sessions::Use::No);
  if (!principal) return principal.error().code != Code::Unauthenticated;
  if (principal->missing != gate::Principal::Missing::Nothing) return false;
  listener.call.principal = *std::move(principal);
  if (const uint64_t epoch = sessions_.epoch(); epoch != listener.epoch) {
    // What the listener may see may have changed: it reads everything again rather than trusting what it has.
    listener.epoch = epoch;
    if (!listener.stream->send(event_text("reset", "{}", listener.feed_token))) return false;
  }
  bool has_more = has_news || listener.is_new;
  listener.is_new = false;
  while (has_more && !is_stopping_) {
    const auto page = records_.changes(listener.call, listener.feed_token, listener.types, kPageSize);
    if (!page) {
      runtime::log().warn("events.read_failed", {{"reason", page.error().message}});
      return page.error().code == Code::Unavailable;
    }
    const std::string next((*page)["next"].string());
    if ((*page)["reset"].boolean()) {
      listener.feed_token = next;
      if (!listener.stream->send(event_text("reset", "{}", next))) return false;
      continue;
    }
    std::string text;
    for (const Json& change : (*page)["changes"].items()) {
      // Only the last one carries the place: a client that lost a part gets the page again, never a gap.
      const bool is_last = &change == &(*page)["changes"].items().back();
      text += event_text("change", change.to_string(), is_last ? std::string_view(next) : std::string_view());
    }
    listener.feed_token = next;
    if (!text.empty() && !listener.stream->send(text)) return false;
    has_more = (*page)["more"].boolean();
  }
  return !is_beat || listener.stream->send(": beat\n\n");
}

}  // namespace talon::http
