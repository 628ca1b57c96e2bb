/// The registry: which instance a call goes to, and how one instance takes over from another.
#include "host/plugins/inside.hpp"
#include "host/runtime/log.hpp"

#include <talon/boundary.hpp>
#include <talon/text.hpp>

#include <algorithm>

namespace talon::plugins {

namespace {

Error not_installed(std::string_view name) {
  return not_found("there is no plugin " + echoed(name) +
                   "; `talon plugin list` shows those that are installed");
}

bool is_offering(const Slot& slot, std::string_view table) {
  const std::vector<std::string>& offers = slot.spec.offers;
  const bool is_off = slot.state == State::Failed || slot.state == State::Stopped;
  return !is_off && std::find(offers.begin(), offers.end(), table) != offers.end();
}

bool is_running(State state) { return state == State::Ready || state == State::Degraded; }

/// For whoever holds the registry: counted before it is let go, so that a swap then sees this call in the old
/// instance.
Result<Lease> lease_of(const std::string& name, const Slot& slot, Plugins::Inside::From from) {
  using From = Plugins::Inside::From;
  const bool is_there = is_running(slot.state) || (from == From::Made && slot.state == State::Starting);
  if (is_there && slot.instance) return Lease(slot.instance);
  const std::string why = slot.reason.empty() ? "" : ": " + slot.reason;
  return unavailable("the plugin " + name + " is " + std::string(state_name(slot.state)) + why);
}

}  // namespace

Result<Lease> Plugins::Inside::lease(std::string_view plugin, From from) {
  const std::shared_lock lock(registry);
  const auto slot = slots.find(plugin);
  if (slot == slots.end()) return not_installed(plugin);
  return lease_of(slot->first, slot->second, from);
}

Result<void> Plugins::Inside::call(std::string_view plugin, std::string_view table, Threads threads,
                                   const Instance::Work& work, From from) {
  TALON_TRY(const Lease instance, lease(plugin, from));
  const CallFrame frame;
  return instance->call(table, threads, work);
}

Result<void> Plugins::Inside::call_first(std::string_view table, std::string_view loss,
                                         const Instance::Work& work) {
  const auto find = [&]() -> Result<Lease> {
    const std::shared_lock lock(registry);
    for (const auto& [name, slot] : slots) {
      if (is_offering(slot, table)) return lease_of(name, slot, From::Started);
    }
    return unavailable("no plugin offers " + std::string(table) + ": " + std::string(loss) +
                       "; `talon plugin list` tells which are stopped, and why");
  };
  TALON_TRY(const Lease instance, find());
  const CallFrame frame;
  return instance->call(table, Threads::Any, work);
}

std::vector<std::pair<std::string, std::string>> Plugins::Inside::checking(std::string_view type) const {
  std::vector<std::pair<std::string, std::string>> found;
  const std::shared_lock lock(registry);
  for (const auto& [name, slot] : slots) {
    const auto check = slot.spec.checks.find(type);
    if (check != slot.spec.checks.end()) found.emplace_back(name, check->second);
  }
  return found;
}

std::vector<std::string> Plugins::Inside::offering(std::string_view table) const {
  const std::shared_lock lock(registry);
  std::vector<std::string> names;
  for (const auto& [name, slot] : slots) {
    if (is_offering(slot, table)) names.push_back(name);
  }
  return names;
}

bool Plugins::Inside::add(Spec spec) {
  const std::unique_lock lock(registry);
  std::string name = spec.name;
  return slots.try_emplace(std::move(name), Slot{std::move(spec), State::Stopped, {}, nullptr, {}, {}})
      .second;
}

Result<std::shared_ptr<Instance>> Plugins::Inside::make(const Spec& spec) const {
  TALON_TRY(Library library, load_library(spec, parts.data_directory / "libraries"));
  return Instance::make(services, spec, std::move(library));
}

Result<void> Plugins::Inside::load_kept_documents(Instance& instance, const Slot& slot) const {
  if (!slot.documents) return {};
  const std::string documents = slot.documents();
  boundary::StringWriter found;
  TALON_DO(instance.call(
      TALON_CHECKER_V1, Threads::Serial, [&](const void* table, void* self, const talon_writer*) {
        const auto* checker = static_cast<const talon_checker_v1*>(table);
        return checker->load(self, boundary::text(documents), boundary::text(slot.model), &found);
      }));
  TALON_TRY(const Mistakes mistakes, read_mistakes(found.text));
  if (mistakes.empty()) return {};
  return failed_precondition("it does not take the documents in force: " + mistakes.front().to_string());
}

std::shared_ptr<Instance> Plugins::Inside::exchange(const std::string& name,
                                                    std::shared_ptr<Instance> instance, State state,
                                                    const std::string& reason) {
  const std::unique_lock lock(registry);
  Slot& slot = slots[name];
  std::shared_ptr<Instance> before = std::move(slot.instance);
  slot.instance = std::move(instance);
  slot.state = state;
  slot.reason = reason;
  if (slot.instance) slot.spec = slot.instance->spec();
  return before;
}

void Plugins::Inside::retire(std::shared_ptr<Instance> instance) {
  if (!instance) return;
  if (instance->wait_until_idle(std::chrono::milliseconds(parts.drain_ms_max))) {
    instance->stop();
  } else {
    runtime::log().error("plugin.drain_timed_out",
                         {{"plugin", instance->spec().name}, {"in_flight", instance->in_flight()}});
  }
  // Threads outside of any call may hold its tables, or the calls did not end: then it is destroyed with the
  // host.
  const std::lock_guard lock(aside_mutex);
  if (instance.use_count() > 1) aside.push_back(std::move(instance));
}

Result<void> Plugins::Inside::check_requirements(const Spec& spec) const {
  const std::shared_lock lock(registry);
  for (const std::string& need : spec.requires_plugins) {
    const auto slot = slots.find(need);
    if (slot == slots.end()) return failed_precondition("it requires " + need + ", which is not installed");
    if (is_running(slot->second.state)) continue;
    const std::string why = slot->second.reason.empty() ? "" : ": " + slot->second.reason;
    return failed_precondition("it requires " + need + ", which is " +
                               std::string(state_name(slot->second.state)) + why);
  }
  return {};
}

void Plugins::Inside::fail(const std::string& name, const std::string& reason) {
  runtime::log().error("plugin.refused", {{"plugin", name}, {"reason", reason}});
  const std::shared_ptr<Instance> before = exchange(name, nullptr, State::Failed, reason);
}

void Plugins::Inside::tell_authorizer_changed(const Spec& spec) const {
  const bool is_authorizer =
      std::find(spec.offers.begin(), spec.offers.end(), TALON_AUTHORIZER_V1) != spec.offers.end();
  if (is_authorizer && parts.on_authorizer_changed) parts.on_authorizer_changed();
}

const void* Plugins::Inside::table_for_plugin(std::string_view plugin, std::string_view id, void** instance) {
  Result<Lease> found = lease(plugin, From::Started);
  if (!found) return nullptr;
  Lease held = std::move(*found);
  const void* table = held->table(id);
  if (instance != nullptr) *instance = held->self();
  if (CallFrame* frame = CallFrame::current()) {
    frame->keep(std::move(held));
  } else {
    // A thread of the plugin's own: nobody knows until when it uses the table, so the instance stays to the
    // end.
    const std::lock_guard lock(aside_mutex);
    if (std::find(aside.begin(), aside.end(), held.instance()) == aside.end())
      aside.push_back(held.instance());
  }
  return table;
}

}  // namespace talon::plugins
