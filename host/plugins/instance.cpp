/// Instances: making, starting, calling, draining.
#include "host/plugins/instance.hpp"

#include "host/runtime/log.hpp"

#include <talon/boundary.hpp>

namespace talon::plugins {

namespace {

constexpr std::chrono::seconds kTurnWait{30};  // longer than any action should take
constexpr int64_t kFailureShows_us =
    60LL * 1000 * 1000;  // a plugin is "degraded" for a minute after a failure

}  // namespace

Instance::Instance(const HostServices& services, const Spec& spec, Library library)
    : services_(services), spec_(spec), library_(std::move(library)), tables_(services, spec) {}

Result<std::shared_ptr<Instance>> Instance::make(const HostServices& services, const Spec& spec,
                                                 Library library) {
  std::shared_ptr<Instance> instance(new Instance(services, spec, std::move(library)));
  boundary::StringWriter error;
  const talon_status status =
      instance->library_.descriptor->create(instance->tables_.host(), &instance->self_, &error);
  if (status != TALON_OK) {
    instance->self_ = nullptr;
    return failed_precondition("its create failed: " + boundary::read_error(status, error.text).message);
  }
  for (const std::string& offer : spec.offers) {
    if (instance->table(offer) != nullptr) continue;
    return failed_precondition("its manifest offers " + offer + ", but the library has no such table");
  }
  return instance;
}

Instance::~Instance() {
  stop();
  if (self_ != nullptr) library_.descriptor->destroy(self_);
}

Result<void> Instance::start() {
  boundary::StringWriter error;
  const talon_status status = library_.descriptor->start(self_, &error);
  if (status != TALON_OK) {
    return failed_precondition("its start failed: " + boundary::read_error(status, error.text).message);
  }
  is_started_ = true;
  return {};
}

void Instance::stop() {
  if (!is_started_) return;
  is_started_ = false;
  library_.descriptor->stop(self_);
}

const void* Instance::table(std::string_view id) const {
  return library_.descriptor->table(self_, boundary::text(id));
}

Result<void> Instance::call(std::string_view id, Threads threads, const Work& work) {
  const void* found = table(id);
  if (found == nullptr) return Error{Code::Unimplemented, spec_.name + " does not offer " + std::string(id)};
  std::unique_lock turn(turn_, std::defer_lock);
  const bool is_concurrent = (library_.descriptor->flags & TALON_CONCURRENT) != 0;
  if (threads == Threads::Serial && !is_concurrent && !turn.try_lock_for(kTurnWait)) {
    return unavailable(spec_.name + " is busy: another call has been under way for 30 s; try again later");
  }
  boundary::StringWriter error;
  const talon_status status = work(found, self_, &error);
  if (status == TALON_OK) return {};
  Error failure = boundary::read_error(status, error.text);
  if (status == TALON_INTERNAL || failure.code == Code::Unknown) note_failure(failure.message);
  return failure;
}

void Instance::note_failure(const std::string& message) {
  ++failures_;
  runtime::log().error("plugin.call_failed", {{"plugin", spec_.name}, {"reason", message}});
  const std::lock_guard lock(mutex_);
  failed_at_us_ = services_.clock->now_us();
  failure_ = message;
}

std::string Instance::recent_failure(int64_t now_us) const {
  const std::lock_guard lock(mutex_);
  return failed_at_us_ != 0 && now_us - failed_at_us_ < kFailureShows_us ? failure_ : std::string();
}

void Instance::leave() {
  if (--in_flight_ != 0) return;
  const std::lock_guard lock(mutex_);  // so that a waiter between its test and its sleep does not miss it
  idle_.notify_all();
}

bool Instance::wait_until_idle(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, at_most, [&] { return in_flight_.load() == 0; });
}

}  // namespace talon::plugins
