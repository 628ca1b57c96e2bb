/// Pushes: an event becomes a delivery in order per lane; a delivery becomes one document over there,
/// whatever breaks.
#pragma once

#include "service.hpp"

namespace talon::sync {

/// Notes what `event` must bring to whom. The same event noted twice is one delivery.
Result<void> note_event(Service& service, const Event& event);

struct PushResult {
  int64_t delivered = 0;
  int64_t adopted = 0;  ///< had arrived before, without our knowing
  int64_t waiting = 0;
  int64_t conflicts = 0;
  int64_t failed = 0;

  Json json() const;
  std::string text() const;
};

/// Sends what is due.
///
/// An attempt is noted before it is sent. After an attempt whose outcome is not known, the peer is asked by
/// our reference first: equal is adopted, different is a conflict, absent is sent again.
Result<PushResult> deliver(Service& service);

}  // namespace talon::sync
