/// The pool refuses what does not fit and finishes what it took; metrics and clock beside it.
#include "host/runtime/executor.hpp"
#include "host/runtime/clock.hpp"
#include "host/runtime/metrics.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

namespace talon::runtime {
namespace {

TEST(Executor, RefusesWhenItsQueueIsFull) {
  Executor executor({.threads = 1, .queue_max = 2});
  std::promise<void> open;
  std::promise<void> entered;
  auto gate = open.get_future().share();
  ASSERT_TRUE(executor.submit([&] {
    entered.set_value();
    gate.wait();
  }));
  entered.get_future().wait();
  std::atomic<int> done{0};
  EXPECT_TRUE(executor.submit([&] { ++done; }));
  EXPECT_TRUE(executor.submit([&] { ++done; }));
  const auto refused = executor.submit([&] { ++done; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::ResourceExhausted);
  open.set_value();
  executor.stop();
  EXPECT_EQ(done, 2);
  EXPECT_EQ(executor.submit([] {}).error().code, Code::Unavailable);
}

TEST(Executor, GoesOnAfterATaskThatThrows) {
  Executor executor({.threads = 1, .queue_max = 8});
  std::promise<int> answer;
  ASSERT_TRUE(executor.submit([] { throw std::runtime_error("broken"); }));
  ASSERT_TRUE(executor.submit([&] { answer.set_value(7); }));
  EXPECT_EQ(answer.get_future().get(), 7);
}

TEST(Metrics, WritesPrometheusText) {
  Metrics all;
  all.counter("talon_http_requests_total", "Requests.", {{"method", "GET"}}).add(3);
  all.histogram("talon_http_wait_ms", "Waiting.").observe_us(1200);
  all.observe("talon_http_connections", "Open connections.", [] { return int64_t{5}; });
  const std::string text = all.text();
  EXPECT_NE(
      text.find("# TYPE talon_http_requests_total counter\ntalon_http_requests_total{method=\"GET\"} 3\n"),
      std::string::npos);
  EXPECT_NE(text.find("talon_http_wait_ms_bucket{le=\"1.000\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("talon_http_wait_ms_bucket{le=\"2.500\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("talon_http_wait_ms_sum 1.200\n"), std::string::npos);
  EXPECT_NE(text.find("talon_http_connections 5\n"), std::string::npos);
}

TEST(Clock, TodayIsTheZonesDay) {
  ASSERT_TRUE(SystemClock::set_zone("Pacific/Kiritimati"));  // UTC+14
  EXPECT_EQ(local_day(1'795'255'200'000'000), 20261122);     // 2026-11-21 10:00 UTC
  ASSERT_TRUE(SystemClock::set_zone("Europe/Paris"));
  EXPECT_EQ(local_day(1'795'255'200'000'000), 20261121);
  EXPECT_FALSE(SystemClock::set_zone("Mars/Olympus"));
  EXPECT_FALSE(SystemClock::set_zone("../../etc/passwd"));
  ASSERT_TRUE(SystemClock::set_zone("UTC"));
  const SystemClock clock;
  EXPECT_EQ(clock.today(), local_day(clock.now_us()));
}

}  // namespace
}  // namespace talon::runtime
