/// A handler and a running listener for the tests.
#pragma once

#include "host/http/listener.hpp"
#include "host/http/problem.hpp"
#include "tests/unit/http/client.hpp"

#include <atomic>
#include <functional>
#include <memory>

namespace talon::http::test {

/// Answers "METHOD path|body"; /quick on the listener's thread, /brief… there where it can; others as
/// `special` says.
class Echo : public Handler {
 public:
  Response handle(Request& request) override {
    ++handled;
    if (special && request.path != "/quick") {
      Response answer = special(request);
      if (answer.status != 0) return answer;
    }
    Response answer;
    answer.header("Content-Type", "text/plain");
    answer.body = request.method + " " + request.path + "|" + request.body;
    return answer;
  }
  bool is_quick(const Request& request) const override { return request.path == "/quick"; }
  bool is_brief(const Request& request) const override { return request.path.starts_with("/brief"); }

  std::function<Response(Request&)> special;
  std::atomic<int> handled{0};
};

struct Running {
  explicit Running(ListenerOptions options = {}, int workers = 2)
      : executor({.threads = workers, .queue_max = 256}),
        listener(std::move(options), echo, executor, metrics) {
    const auto started = listener.start();
    TALON_CHECK(started);
  }
  ~Running() { listener.stop(std::chrono::milliseconds(2000)); }
  uint16_t port() const { return listener.port(); }

  runtime::Metrics metrics;
  Echo echo;
  runtime::Executor executor;
  Listener listener;
};

}  // namespace talon::http::test
