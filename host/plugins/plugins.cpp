/// The life cycle: load, start, stop, swap; and how each plugin is.
#include "host/plugins/plugins.hpp"

#include "host/plugins/adapters.hpp"
#include "host/plugins/inside.hpp"
#include "host/runtime/log.hpp"

#include <talon/text.hpp>

#include <algorithm>
#include <set>

namespace talon::plugins {

namespace {

bool is_named(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string_view state_name(State state) {
  constexpr std::string_view kNames[] = {"starting", "ready", "degraded", "failed", "stopped"};
  return kNames[static_cast<std::size_t>(state)];
}

Plugins::Plugins(Parts parts) : inside_(std::make_unique<Inside>(std::move(parts))) {
  Inside& inside = *inside_;
  inside.services.clock = inside.parts.clock;
  inside.services.secret = inside.parts.secret;
  inside.services.command = [&inside](const gate::Call* call, std::string_view plugin,
                                      std::string_view command, const Json& args, const Sink& out) {
    return inside.run_command(call, plugin, command, args, out, Inside::From::Started);
  };
  inside.services.table = [&inside](std::string_view plugin, std::string_view id, void** instance) {
    return inside.table_for_plugin(plugin, id, instance);
  };
  make_adapters(inside);
}

Plugins::~Plugins() { stop_all(); }

void Plugins::load_all(std::vector<Spec> specs, const std::vector<model::Refused>& left_out) {
  const std::lock_guard turn(inside_->life_cycle);
  std::map<std::string, std::string> refused;
  for (const model::Refused& plugin : left_out) {
    Spec spec;
    spec.name = plugin.plugin;
    spec.folder = plugin.folder;
    spec.is_mandatory = is_named(inside_->parts.mandatory, spec.name);
    refused[spec.name] = plugin.reason;
    inside_->add(std::move(spec));
  }
  std::string authorizer;
  std::vector<model::Manifest> enabled;
  for (Spec& spec : specs) {
    spec.is_mandatory = spec.is_mandatory || is_named(inside_->parts.mandatory, spec.name);
    if (!inside_->add(spec)) {
      refused[spec.name] = "two plugins have this name; remove one of the folders";
      continue;
    }
    if (!spec.is_enabled) continue;
    if (is_named(spec.offers, TALON_AUTHORIZER_V1)) {
      if (!authorizer.empty())
        refused[spec.name] = authorizer + " offers the authorizer already; disable one of them";
      else
        authorizer = spec.name;
    }
    model::Manifest manifest;
    manifest.name = spec.name;
    manifest.requires_plugins = spec.requires_plugins;
    enabled.push_back(std::move(manifest));
  }
  std::vector<model::Refused> unordered;
  const std::vector<std::size_t> order = model::start_order(enabled, unordered);
  for (const model::Refused& plugin : unordered) refused.emplace(plugin.plugin, plugin.reason);
  for (const auto& [name, reason] : refused) inside_->fail(name, reason);
  for (const std::size_t position : order) {
    const std::string& name = enabled[position].name;
    if (refused.count(name) != 0) continue;
    Result<std::shared_ptr<Instance>> made = inside_->make(inside_->slots[name].spec);
    if (made)
      inside_->exchange(name, *made, State::Starting, "");
    else
      inside_->fail(name, made.error().message);
    inside_->order.push_back(name);
  }
}

void Plugins::open(records::Records& records, gate::Gate& gate) {
  inside_->services.records = &records;
  inside_->gate = &gate;
}

void Plugins::start_all() {
  const std::lock_guard turn(inside_->life_cycle);
  for (const std::string& name : inside_->order) {
    const auto slot = inside_->slots.find(name);
    if (slot == inside_->slots.end() || slot->second.state != State::Starting) continue;
    const std::shared_ptr<Instance> instance = slot->second.instance;
    Result<void> started = inside_->check_requirements(instance->spec());
    if (started) started = instance->start();
    if (!started) {
      inside_->fail(name, started.error().message);
      continue;
    }
    inside_->exchange(name, instance, State::Ready, "");
    runtime::log().info("plugin.started", {{"plugin", name}, {"version", instance->spec().version}});
    inside_->tell_authorizer_changed(instance->spec());
  }
}

void Plugins::stop_all() {
  const std::lock_guard turn(inside_->life_cycle);
  for (auto name = inside_->order.rbegin(); name != inside_->order.rend(); ++name) {
    const auto slot = inside_->slots.find(*name);
    if (slot == inside_->slots.end() || !slot->second.instance) continue;
    inside_->retire(inside_->exchange(*name, nullptr, State::Stopped, ""));
  }
  const std::lock_guard lock(inside_->aside_mutex);
  inside_->aside.clear();
  inside_->services.records = nullptr;
  inside_->gate = nullptr;
}

Result<void> Plugins::start(std::string_view name) {
  Result<Health> known = find(name);
  if (!known) return known.error();
  if (known->state == State::Ready || known->state == State::Degraded) return {};
  return restart(name);
}

Result<void> Plugins::stop(std::string_view name) {
  const std::lock_guard turn(inside_->life_cycle);
  Spec spec;
  {
    const std::shared_lock lock(inside_->registry);
    const auto slot = inside_->slots.find(name);
    if (slot == inside_->slots.end()) return not_found("there is no plugin " + echoed(name));
    spec = slot->second.spec;
    if (slot->second.instance && is_named(spec.offers, TALON_AUTHORIZER_V1)) {
      return failed_precondition(
          spec.name +
          " decides what everybody may do: without it nobody could start it again. `talon plugin restart " +
          spec.name +
          "` puts another version in its place; to do without it, stop talond and put another plugin that "
          "offers " TALON_AUTHORIZER_V1 " into the folder of plugins");
    }
    for (const auto& [other, running] : inside_->slots) {
      const std::vector<std::string>& needs = running.spec.requires_plugins;
      if (!running.instance || std::find(needs.begin(), needs.end(), name) == needs.end()) continue;
      return failed_precondition(other + " requires " + std::string(name) + " and is running; stop it first");
    }
  }
  inside_->retire(inside_->exchange(spec.name, nullptr, State::Stopped, "stopped by an administrator"));
  runtime::log().info("plugin.stopped", {{"plugin", spec.name}});
  inside_->tell_authorizer_changed(spec);
  return {};
}

Result<void> Plugins::restart(std::string_view name) {
  Spec spec;
  {
    const std::shared_lock lock(inside_->registry);
    const auto slot = inside_->slots.find(name);
    if (slot == inside_->slots.end()) return not_found("there is no plugin " + echoed(name));
    spec = slot->second.spec;
  }
  TALON_TRY(Spec fresh, read_again(spec));
  return swap(std::move(fresh));
}

Result<void> Plugins::swap(Spec spec) {
  const std::lock_guard turn(inside_->life_cycle);
  const std::string name = spec.name;
  Slot before;
  {
    const std::shared_lock lock(inside_->registry);
    const auto slot = inside_->slots.find(name);
    if (slot != inside_->slots.end()) before = slot->second;
  }
  spec.is_enabled = true;
  spec.is_mandatory = spec.is_mandatory || before.spec.is_mandatory;
  const auto made = [&]() -> Result<std::shared_ptr<Instance>> {
    TALON_DO(inside_->check_requirements(spec));
    TALON_TRY(std::shared_ptr<Instance> instance, inside_->make(spec));
    TALON_DO(inside_->load_kept_documents(*instance, before));
    TALON_DO(instance->start());
    return instance;
  }();
  if (!made) {
    runtime::log().error("plugin.swap_refused", {{"plugin", name}, {"reason", made.error().message}});
    if (!before.instance) {
      const std::unique_lock lock(inside_->registry);
      inside_->slots[name].spec = spec;
    }
    if (!before.instance) inside_->fail(name, made.error().message);
    return failed_precondition(name + ": " + made.error().message);
  }
  before.instance.reset();
  inside_->retire(inside_->exchange(name, *made, State::Ready, ""));
  std::vector<std::string>& order = inside_->order;
  if (std::find(order.begin(), order.end(), name) == order.end()) order.push_back(name);
  runtime::log().info("plugin.swapped", {{"plugin", name}, {"version", spec.version}});
  inside_->tell_authorizer_changed(spec);
  return {};
}

std::vector<Health> Plugins::health() const {
  const int64_t now = inside_->parts.clock->now_us();
  const std::shared_lock lock(inside_->registry);
  std::vector<Health> all;
  for (const auto& [name, slot] : inside_->slots) {
    Health health{name,
                  slot.spec.version,
                  slot.state,
                  slot.reason,
                  slot.spec.is_mandatory,
                  slot.spec.requires_plugins,
                  slot.spec.offers};
    if (slot.instance) {
      health.failures = slot.instance->failures();
      health.in_flight = slot.instance->in_flight();
      const std::string recent = slot.instance->recent_failure(now);
      if (slot.state == State::Ready && !recent.empty()) {
        health.state = State::Degraded;
        health.reason = recent;
      }
    }
    all.push_back(std::move(health));
  }
  return all;
}

Result<Health> Plugins::find(std::string_view name) const {
  for (Health& health : health()) {
    if (health.name == name) return std::move(health);
  }
  return not_found("there is no plugin " + echoed(name));
}

Json Plugins::list() const {
  const auto names = [](const std::vector<std::string>& texts) {
    Json array = Json::array();
    for (const std::string& text : texts) array.push(text);
    return array;
  };
  Json list = Json::array();
  for (const Health& health : health()) {
    list.push(Json::object({{"name", health.name},
                            {"version", health.version},
                            {"state", state_name(health.state)},
                            {"reason", health.reason},
                            {"mandatory", health.is_mandatory},
                            {"requires", names(health.requires_plugins)},
                            {"offers", names(health.offers)},
                            {"failures", health.failures}}));
  }
  return list;
}

bool Plugins::is_ready(std::string* reason) const {
  std::set<std::string> missing(inside_->parts.mandatory.begin(), inside_->parts.mandatory.end());
  const auto say = [&](const std::string& why) {
    if (reason != nullptr) *reason = why;
    return false;
  };
  for (const Health& health : health()) {
    missing.erase(health.name);
    if (!health.is_mandatory || health.state == State::Ready || health.state == State::Degraded) continue;
    return say("the mandatory plugin " + health.name + " is " + std::string(state_name(health.state)) +
               (health.reason.empty() ? "" : ": " + health.reason));
  }
  return missing.empty() || say("the mandatory plugin " + *missing.begin() + " is not installed");
}

}  // namespace talon::plugins
