/// The mappings in force and who runs now; the schedule.
#include "service.hpp"

namespace talon::sync {

const Connector* Mappings::find(std::string_view name) const {
  for (const Connector& connector : connectors) {
    if (connector.name == name) return &connector;
  }
  return nullptr;
}

std::shared_ptr<const Mappings> Service::mappings() const {
  const std::lock_guard lock(mutex_);
  return mappings_;
}

void Service::set_mappings(std::shared_ptr<const Mappings> mappings) {
  const std::lock_guard lock(mutex_);
  mappings_ = std::move(mappings);
}

Service::Hold::~Hold() {
  if (service_ == nullptr) return;
  const std::lock_guard lock(service_->mutex_);
  service_->running_.erase(name_);
}

Result<Service::Hold> Service::hold(const std::string& connector) {
  const std::lock_guard lock(mutex_);
  if (!running_.insert(connector).second) {
    return unavailable("a run of " + connector + " is under way; see `talon sync status " + connector + "`");
  }
  return Hold(*this, connector);
}

Result<void> run_due(Service& service) {
  const auto mappings = service.mappings();
  Result<void> outcome;
  for (const Connector& connector : mappings->connectors) {
    if (connector.every_us == 0) continue;
    int64_t last = 0;
    bool has_streams = false;
    for (const Stream& stream : connector.streams) {
      if (stream.is_out) continue;
      has_streams = true;
      TALON_TRY(const State state, find_state(service.host().records(), connector.name, stream.name));
      last = std::max(last, state.last_started);
    }
    if (!has_streams || service.host().now_us() - last < connector.every_us) continue;
    auto hold = service.hold(connector.name);
    if (!hold) continue;  // somebody runs it by hand
    for (const StreamResult& result : Run(service.host(), connector, mappings->model, {}).run()) {
      Json fields = Json::object({{"connector", connector.name}, {"stream", result.stream}});
      fields.set("counts", result.counts.json());
      if (result.error.empty()) {
        if (!result.counts.is_quiet()) service.host().log(TALON_LOG_INFO, "sync.stream_ran", fields);
        continue;
      }
      service.host().log(result.is_waiting ? TALON_LOG_WARN : TALON_LOG_ERROR, "sync.stream_failed",
                         fields.set("error", result.error));
      if (!result.is_waiting) outcome = internal(connector.name + "." + result.stream + ": " + result.error);
    }
  }
  return outcome;
}

}  // namespace talon::sync
