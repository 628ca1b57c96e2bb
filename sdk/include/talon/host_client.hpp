/// The bodies of `Host` and `Output`: the host's tables as C++.
#pragma once

#include <talon/boundary.hpp>
#include <talon/plugin.hpp>

#include <string>
#include <string_view>

namespace talon {

namespace detail {

inline Error no_table(std::string_view id) {
  return {Code::Unimplemented,
          "the host offers no " + std::string(id) + "; it is older than this plugin needs"};
}

}  // namespace detail

inline void Host::log(uint32_t level, std::string_view event, const Json& fields) const {
  const auto* table = boundary::host_table<talon_log_v1>(host_, TALON_LOG_V1);
  if (!TALON_HAS(table, write)) return;
  const std::string text = fields.to_string();
  table->write(table->self, level, boundary::text(event), boundary::text(text));
}

inline int64_t Host::now_us() const {
  const auto* table = boundary::host_table<talon_clock_v1>(host_, TALON_CLOCK_V1);
  TALON_CHECK(TALON_HAS(table, now_us));
  return table->now_us(table->self);
}

inline Date Host::today() const {
  const auto* table = boundary::host_table<talon_clock_v1>(host_, TALON_CLOCK_V1);
  TALON_CHECK(TALON_HAS(table, today));
  const Result<Date> date = Date::unpack(table->today(table->self));
  TALON_CHECK(static_cast<bool>(date));
  return *date;
}

inline Result<Json> Host::settings() const {
  const auto* table = boundary::host_table<talon_config_v1>(host_, TALON_CONFIG_V1);
  if (!TALON_HAS(table, settings)) return detail::no_table(TALON_CONFIG_V1);
  boundary::StringWriter out;
  boundary::StringWriter error;
  TALON_DO(boundary::outcome(table->settings(table->self, &out, &error), error));
  return Json::parse(out.text);
}

inline Result<std::string> Host::secret(std::string_view name) const {
  const auto* table = boundary::host_table<talon_config_v1>(host_, TALON_CONFIG_V1);
  if (!TALON_HAS(table, secret)) return detail::no_table(TALON_CONFIG_V1);
  boundary::StringWriter out;
  boundary::StringWriter error;
  TALON_DO(boundary::outcome(table->secret(table->self, boundary::text(name), &out, &error), error));
  return std::move(out.text);
}

inline Result<model::Model> Host::model() const {
  const auto* table = boundary::host_table<talon_model_v1>(host_, TALON_MODEL_V1);
  if (!TALON_HAS(table, json)) return detail::no_table(TALON_MODEL_V1);
  boundary::StringWriter out;
  const talon_status status = table->json(table->self, &out);
  if (status != TALON_OK) return boundary::read_error(status, "");
  TALON_TRY(const Json json, Json::parse(out.text));
  return model::read_model(json);
}

inline Records Host::records() const {
  return {boundary::host_table<talon_records_v1>(host_, TALON_RECORDS_V1), nullptr};
}

inline Result<std::string> Host::command(const talon_call* call, std::string_view plugin,
                                         std::string_view name, const Json& args) const {
  const auto* table = boundary::host_table<talon_plugins_v1>(host_, TALON_PLUGINS_V1);
  if (!TALON_HAS(table, command)) return detail::no_table(TALON_PLUGINS_V1);
  boundary::StringWriter out;
  boundary::StringWriter error;
  const std::string json = args.to_string();
  const talon_status status = table->command(table->self, call, boundary::text(plugin), boundary::text(name),
                                             boundary::text(json), &out, &error);
  TALON_DO(boundary::outcome(status, error));
  return std::move(out.text);
}

template <typename Table>
const Table* Host::table_of(std::string_view plugin, std::string_view id, void** instance) const {
  const auto* table = boundary::host_table<talon_plugins_v1>(host_, TALON_PLUGINS_V1);
  if (!TALON_HAS(table, table)) return nullptr;
  return static_cast<const Table*>(
      table->table(table->self, boundary::text(plugin), boundary::text(id), instance));
}

inline Result<void> Output::write(std::string_view text) { return boundary::give(writer_, text); }

}  // namespace talon
