/// Makes a C plugin of a Plugin class: the descriptor, the mark, and a noexcept shim for every function of
/// the tables.
#pragma once

#include <talon/boundary.hpp>
#include <talon/plugin.hpp>
#include <talon/shim_offers.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace talon {

namespace shim {

inline talon_status run_action(void* self, const talon_call* call, talon_text type, talon_text id,
                               talon_text action, talon_text input, const talon_writer* changeset,
                               const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    Instance& instance = *static_cast<Instance*>(self);
    const std::string name = std::string(boundary::view(type)) + "." + std::string(boundary::view(action));
    const auto handler = instance.plugin->actions().find(name);
    if (handler == instance.plugin->actions().end()) return no_handler("action", name);
    TALON_TRY(Json json, read_json(input));
    ActionRequest request{call,
                          instance.records(call),
                          std::string(boundary::view(type)),
                          std::string(boundary::view(id)),
                          std::string(boundary::view(action)),
                          std::move(json)};
    TALON_TRY(const ChangeSet changes, handler->second(request));
    return boundary::give(changeset, changes.text());
  });
}

inline talon_status run_command(void* self, const talon_call* call, talon_text command, talon_text args,
                                const talon_writer* out, const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    Instance& instance = *static_cast<Instance*>(self);
    const auto handler = instance.plugin->commands().find(boundary::view(command));
    if (handler == instance.plugin->commands().end()) return no_handler("command", boundary::view(command));
    TALON_TRY(Json json, read_json(args));
    CommandRequest request{call, instance.records(call), std::string(boundary::view(command)),
                           std::move(json)};
    Output output(out);
    return handler->second(request, output);
  });
}

inline talon_status run_job(void* self, talon_text job, const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    Instance& instance = *static_cast<Instance*>(self);
    const auto handler = instance.plugin->jobs().find(boundary::view(job));
    if (handler == instance.plugin->jobs().end()) return no_handler("job", boundary::view(job));
    return handler->second();
  });
}

inline talon_status handle_event(void* self, talon_text event, const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    Instance& instance = *static_cast<Instance*>(self);
    TALON_TRY(const Json json, read_json(event));
    const Event read{std::string(json["id"].string()),   std::string(json["event"].string()),
                     std::string(json["type"].string()), std::string(json["record"].string()),
                     json["version"].integer(),          json["data"]};
    const auto handler = instance.plugin->events().find(read.event);
    if (handler == instance.plugin->events().end()) return no_handler("event", read.event);
    return handler->second(read);
  });
}

/// `check` and `load` of a language of documents; `is_load` says which.
inline talon_status judge_documents(void* self, talon_text documents, talon_text model,
                                    const talon_writer* mistakes, bool is_load) noexcept {
  return boundary::guarded(nullptr, [&]() -> Result<void> {
    Plugin& plugin = *static_cast<Instance*>(self)->plugin;
    TALON_TRY(const Json json, Json::parse(boundary::view(model)));
    TALON_TRY(const model::Model types, model::read_model(json));
    const std::string_view text = boundary::view(documents);
    TALON_TRY(const Mistakes found,
              is_load ? plugin.load_written(text, types) : plugin.check_written(text, types));
    return boundary::give(mistakes, write_mistakes(found));
  });
}
inline talon_status check_documents(void* self, talon_text documents, talon_text model,
                                    const talon_writer* mistakes) noexcept {
  return judge_documents(self, documents, model, mistakes, false);
}
inline talon_status load_documents(void* self, talon_text documents, talon_text model,
                                   const talon_writer* mistakes) noexcept {
  return judge_documents(self, documents, model, mistakes, true);
}
inline talon_status documents_in_force(void* self, const talon_writer* set,
                                       const talon_writer* error) noexcept {
  return boundary::guarded(error, [&]() -> Result<void> {
    return boundary::give(set, static_cast<Instance*>(self)->plugin->documents_in_force());
  });
}

inline constexpr talon_actions_v1 kActions{sizeof(talon_actions_v1), &run_action};
inline constexpr talon_commands_v1 kCommands{sizeof(talon_commands_v1), &run_command};
inline constexpr talon_jobs_v1 kJobs{sizeof(talon_jobs_v1), &run_job};
inline constexpr talon_events_v1 kEvents{sizeof(talon_events_v1), &handle_event};
inline constexpr talon_checker_v1 kChecker{sizeof(talon_checker_v1), &check_documents, &load_documents,
                                           &documents_in_force};

inline const void* table_of(Instance& instance, std::string_view id) {
  Plugin& plugin = *instance.plugin;
  if (id == TALON_ACTIONS_V1) return plugin.actions().empty() ? nullptr : &kActions;
  if (id == TALON_COMMANDS_V1) return plugin.commands().empty() ? nullptr : &kCommands;
  if (id == TALON_JOBS_V1) return plugin.jobs().empty() ? nullptr : &kJobs;
  if (id == TALON_EVENTS_V1) return plugin.events().empty() ? nullptr : &kEvents;
  if (id == TALON_CHECKER_V1) return plugin.owns_documents() ? &kChecker : nullptr;
  const void* offered = offered_table(instance, id);
  return offered != nullptr ? offered : plugin.table(id);
}

inline const void* table(void* self, talon_text id) noexcept {
  const void* found = nullptr;
  const talon_status status = boundary::guarded(nullptr, [&]() -> Result<void> {
    found = table_of(*static_cast<Instance*>(self), boundary::view(id));
    return {};
  });
  return status == TALON_OK ? found : nullptr;
}

inline talon_status start(void* self, const talon_writer* error) noexcept {
  return boundary::guarded(error, [&] { return static_cast<Instance*>(self)->plugin->start(); });
}

inline void stop(void* self) noexcept {
  auto& instance = *static_cast<Instance*>(self);
  const talon_status status = boundary::guarded(nullptr, [&]() -> Result<void> {
    instance.plugin->stop();
    return {};
  });
  if (status != TALON_OK) instance.host.log(TALON_LOG_ERROR, "plugin.stop_failed");
}

inline void destroy(void* self) noexcept { delete static_cast<Instance*>(self); }

template <typename Class>
talon_status create(const talon_host* host, void** self, const talon_writer* error) noexcept {
  static_assert(std::is_base_of_v<Plugin, Class>, "a plugin's class derives from talon::Plugin");
  return boundary::guarded(error, [&]() -> Result<void> {
    auto instance = std::make_unique<Instance>(host);
    auto plugin = std::make_unique<Class>(instance->host);
    if constexpr (std::is_base_of_v<AuthorizerOffer, Class>) instance->authorizer = plugin.get();
    if constexpr (std::is_base_of_v<AuditOffer, Class>) instance->audit = plugin.get();
    if constexpr (std::is_base_of_v<LoginOffer, Class>) instance->login = plugin.get();
    if constexpr (std::is_base_of_v<SourceOffer, Class>) instance->source = plugin.get();
    if constexpr (std::is_base_of_v<SinkOffer, Class>) instance->sink = plugin.get();
    instance->plugin = std::move(plugin);
    *self = instance.release();
    return {};
  });
}

}  // namespace shim

/// The plugin's object behind the `self` of a table that its own `table()` override answered with.
template <typename Class>
Class& plugin_of(void* self) {
  return static_cast<Class&>(*static_cast<shim::Instance*>(self)->plugin);
}

}  // namespace talon

/// Stands once in each plugin, at file scope, outside any namespace: TALON_PLUGIN(Hello, "hello", "1.0.0").
/// A fourth argument sets flags: TALON_CONCURRENT when the class's handlers may run at the same time.
#define TALON_PLUGIN(Class, name, version, ...)                         \
  TALON_PLUGIN_MARK;                                                    \
  extern "C" TALON_EXPORT const talon_plugin talon_plugin_v1;           \
  const talon_plugin talon_plugin_v1 = {sizeof(talon_plugin),           \
                                        TALON_ABI_MAJOR,                \
                                        TALON_ABI_MINOR,                \
                                        0u __VA_OPT__(| (__VA_ARGS__)), \
                                        name,                           \
                                        version,                        \
                                        &talon::shim::create<Class>,    \
                                        &talon::shim::start,            \
                                        &talon::shim::stop,             \
                                        &talon::shim::destroy,          \
                                        &talon::shim::table}
