/// Event streams: one thread watches the change feed and tells each listener what it may see.
#pragma once

#include "host/gate/principal.hpp"
#include "host/http/message.hpp"
#include "host/identity/sessions.hpp"
#include "host/records/records.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace talon::http {

/// Sends changes as server-sent events, judged for each listener when they are sent. @threads any.
class EventHub {
 public:
  EventHub(records::Records& records, identity::Sessions& sessions);
  ~EventHub();
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  struct Listener {
    std::shared_ptr<PushStream> stream;
    gate::Call call;
    std::string who;                 ///< whose it is; set by `add`
    std::string session_token;       ///< asked again before each sending: an ended session hears nothing more
    std::vector<std::string> types;  ///< empty: all
    std::string feed_token;          ///< where it stands in the feed
    bool is_new = true;
    uint64_t epoch = 0;  ///< of security, when it was last told
  };
  /// How many open streams one principal may have: each open page of the portal is one.
  static constexpr std::size_t kStreamsMax = 20;
  /// @errors ResourceExhausted: the principal has all that it may have.
  Result<void> has_room(const gate::Principal& principal) const;
  /// Adds a listener; the hub's thread starts with the first one. One too many is closed at once.
  void add(Listener listener);
  std::size_t listeners() const;
  void stop();

 private:
  std::size_t open_of(const std::string& who) const;  // under mutex_
  void run();
  void round(bool has_news, bool is_beat);
  /// @return false: forget it.
  bool serve(Listener& listener, bool has_news, bool is_beat);

  records::Records& records_;
  identity::Sessions& sessions_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::atomic<bool> is_stopping_{false};
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace talon::http
