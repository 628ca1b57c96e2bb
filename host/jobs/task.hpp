/// What the scheduler runs: a plugin's job, the events for a plugin, or housekeeping.
#pragma once

#include "host/jobs/scheduler.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace talon::jobs {

struct Scheduler::Task {
  enum class Kind { Job, Events, Housekeeping };
  Kind kind = Kind::Job;
  std::string plugin;
  std::string name;
  std::string lease_name;
  std::chrono::milliseconds every{0};
  bool is_on_each_host = false;  ///< needs no lease
  bool is_when_idle = false;
  std::unique_ptr<Delivery> delivery;

  // Guarded by the scheduler's mutex; the lease only by who runs the task, or the coordinator while it runs.
  Time due;
  bool is_running = false;
  bool is_dropped = false;  ///< no longer in the model: give the lease back and go
  bool is_woken = false;    ///< while it ran
  std::optional<Lease> lease;
  int64_t runs = 0;
  int64_t failures = 0;  ///< in a row
  int64_t last_run_us = 0;
  std::string last_error;
};

}  // namespace talon::jobs
