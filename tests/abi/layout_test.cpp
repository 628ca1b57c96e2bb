/// Locks size and offset of every released member, and the value of every constant. Lines are added, never
/// edited.
#include <talon/abi/host_tables.h>
#include <talon/abi/plugin_tables.h>

#include <gtest/gtest.h>

#include <string_view>

#define LOCK_SIZE(type, size) \
  static_assert(sizeof(type) == (size), #type " is another size than it was released with")
#define LOCK_SIZE_AT_LEAST(type, size) \
  static_assert(sizeof(type) >= (size), #type " is smaller than it was released with")
#define LOCK(type, member, offset) \
  static_assert(offsetof(type, member) == (offset), #type "::" #member " has moved since it was released")

// Version 1.0, 64-bit machines. A table may get longer than here by members at its end: then its LOCK_SIZE
// becomes a lower bound, and the new members get their own LOCK.

LOCK_SIZE(talon_text, 16);
LOCK(talon_text, data, 0);
LOCK(talon_text, size, 8);

LOCK_SIZE(talon_value, 24);
LOCK(talon_value, kind, 0);
LOCK(talon_value, reserved, 4);
LOCK(talon_value, as, 8);

LOCK_SIZE(talon_writer, 24);
LOCK(talon_writer, struct_size, 0);
LOCK(talon_writer, self, 8);
LOCK(talon_writer, write, 16);

LOCK_SIZE(talon_rows, 24);
LOCK(talon_rows, struct_size, 0);
LOCK(talon_rows, self, 8);
LOCK(talon_rows, row, 16);

LOCK_SIZE(talon_host, 24);
LOCK(talon_host, struct_size, 0);
LOCK(talon_host, self, 8);
LOCK(talon_host, table, 16);

LOCK_SIZE(talon_plugin, 72);
LOCK(talon_plugin, struct_size, 0);
LOCK(talon_plugin, abi_major, 4);
LOCK(talon_plugin, abi_minor, 8);
LOCK(talon_plugin, flags, 12);
LOCK(talon_plugin, name, 16);
LOCK(talon_plugin, version, 24);
LOCK(talon_plugin, create, 32);
LOCK(talon_plugin, start, 40);
LOCK(talon_plugin, stop, 48);
LOCK(talon_plugin, destroy, 56);
LOCK(talon_plugin, table, 64);

LOCK_SIZE(talon_mark, 16);
LOCK(talon_mark, magic, 0);
LOCK(talon_mark, abi_major, 8);
LOCK(talon_mark, abi_minor, 12);

LOCK_SIZE(talon_log_v1, 24);
LOCK(talon_log_v1, struct_size, 0);
LOCK(talon_log_v1, self, 8);
LOCK(talon_log_v1, write, 16);

LOCK_SIZE(talon_clock_v1, 32);
LOCK(talon_clock_v1, struct_size, 0);
LOCK(talon_clock_v1, self, 8);
LOCK(talon_clock_v1, now_us, 16);
LOCK(talon_clock_v1, today, 24);

LOCK_SIZE(talon_config_v1, 32);
LOCK(talon_config_v1, struct_size, 0);
LOCK(talon_config_v1, self, 8);
LOCK(talon_config_v1, settings, 16);
LOCK(talon_config_v1, secret, 24);

LOCK_SIZE(talon_model_v1, 24);
LOCK(talon_model_v1, struct_size, 0);
LOCK(talon_model_v1, self, 8);
LOCK(talon_model_v1, json, 16);

LOCK_SIZE(talon_records_v1, 56);
LOCK(talon_records_v1, struct_size, 0);
LOCK(talon_records_v1, self, 8);
LOCK(talon_records_v1, query, 16);
LOCK(talon_records_v1, apply, 24);
LOCK(talon_records_v1, act, 32);
LOCK(talon_records_v1, principal, 40);
LOCK(talon_records_v1, apply_all, 48);  // 1.2

LOCK_SIZE(talon_plugins_v1, 32);
LOCK(talon_plugins_v1, struct_size, 0);
LOCK(talon_plugins_v1, self, 8);
LOCK(talon_plugins_v1, table, 16);
LOCK(talon_plugins_v1, command, 24);

LOCK_SIZE(talon_actions_v1, 16);
LOCK(talon_actions_v1, struct_size, 0);
LOCK(talon_actions_v1, run, 8);

LOCK_SIZE(talon_commands_v1, 16);
LOCK(talon_commands_v1, struct_size, 0);
LOCK(talon_commands_v1, run, 8);

LOCK_SIZE(talon_events_v1, 16);
LOCK(talon_events_v1, struct_size, 0);
LOCK(talon_events_v1, handle, 8);

LOCK_SIZE(talon_jobs_v1, 16);
LOCK(talon_jobs_v1, struct_size, 0);
LOCK(talon_jobs_v1, run, 8);

LOCK_SIZE_AT_LEAST(talon_checker_v1, 24);
LOCK(talon_checker_v1, struct_size, 0);
LOCK(talon_checker_v1, check, 8);
LOCK(talon_checker_v1, load, 16);
LOCK(talon_checker_v1, in_force, 24);  // 1.1

LOCK_SIZE(talon_authorizer_v1, 24);
LOCK(talon_authorizer_v1, struct_size, 0);
LOCK(talon_authorizer_v1, plan, 8);
LOCK(talon_authorizer_v1, explain, 16);

LOCK_SIZE(talon_audit_v1, 16);
LOCK(talon_audit_v1, struct_size, 0);
LOCK(talon_audit_v1, read, 8);

LOCK_SIZE(talon_login_v1, 16);
LOCK(talon_login_v1, struct_size, 0);
LOCK(talon_login_v1, verify, 8);

LOCK_SIZE(talon_source_v1, 48);
LOCK(talon_source_v1, struct_size, 0);
LOCK(talon_source_v1, open, 8);
LOCK(talon_source_v1, read, 16);
LOCK(talon_source_v1, describe, 24);
LOCK(talon_source_v1, cancel, 32);
LOCK(talon_source_v1, close, 40);

LOCK_SIZE(talon_sink_v1, 32);
LOCK(talon_sink_v1, struct_size, 0);
LOCK(talon_sink_v1, open, 8);
LOCK(talon_sink_v1, send, 16);
LOCK(talon_sink_v1, close, 24);

#define LOCK_VALUE(name, value) \
  static_assert((name) == (value), #name " has another value than it was released with")

LOCK_VALUE(TALON_ABI_MAJOR, 1u);
LOCK_VALUE(TALON_OK, 0);
LOCK_VALUE(TALON_CANCELLED, 1);
LOCK_VALUE(TALON_UNKNOWN, 2);
LOCK_VALUE(TALON_INVALID_ARGUMENT, 3);
LOCK_VALUE(TALON_DEADLINE_EXCEEDED, 4);
LOCK_VALUE(TALON_NOT_FOUND, 5);
LOCK_VALUE(TALON_ALREADY_EXISTS, 6);
LOCK_VALUE(TALON_PERMISSION_DENIED, 7);
LOCK_VALUE(TALON_RESOURCE_EXHAUSTED, 8);
LOCK_VALUE(TALON_FAILED_PRECONDITION, 9);
LOCK_VALUE(TALON_ABORTED, 10);
LOCK_VALUE(TALON_OUT_OF_RANGE, 11);
LOCK_VALUE(TALON_UNIMPLEMENTED, 12);
LOCK_VALUE(TALON_INTERNAL, 13);
LOCK_VALUE(TALON_UNAVAILABLE, 14);
LOCK_VALUE(TALON_DATA_LOSS, 15);
LOCK_VALUE(TALON_UNAUTHENTICATED, 16);
LOCK_VALUE(TALON_KIND_NULL, 0u);
LOCK_VALUE(TALON_KIND_INTEGER, 1u);
LOCK_VALUE(TALON_KIND_TEXT, 2u);
LOCK_VALUE(TALON_KIND_BYTES, 3u);
LOCK_VALUE(TALON_CONCURRENT, 1u);
LOCK_VALUE(TALON_LOG_DEBUG, 0u);
LOCK_VALUE(TALON_LOG_INFO, 1u);
LOCK_VALUE(TALON_LOG_WARN, 2u);
LOCK_VALUE(TALON_LOG_ERROR, 3u);

#define LOCK_TEXT(name, text) static_assert(std::string_view(name) == (text), #name " is another id")

LOCK_TEXT(TALON_LOG_V1, "talon.log/1");
LOCK_TEXT(TALON_CLOCK_V1, "talon.clock/1");
LOCK_TEXT(TALON_CONFIG_V1, "talon.config/1");
LOCK_TEXT(TALON_MODEL_V1, "talon.model/1");
LOCK_TEXT(TALON_RECORDS_V1, "talon.records/1");
LOCK_TEXT(TALON_PLUGINS_V1, "talon.plugins/1");
LOCK_TEXT(TALON_ACTIONS_V1, "talon.actions/1");
LOCK_TEXT(TALON_COMMANDS_V1, "talon.commands/1");
LOCK_TEXT(TALON_EVENTS_V1, "talon.events/1");
LOCK_TEXT(TALON_JOBS_V1, "talon.jobs/1");
LOCK_TEXT(TALON_CHECKER_V1, "talon.checker/1");
LOCK_TEXT(TALON_AUTHORIZER_V1, "talon.authorizer/1");
LOCK_TEXT(TALON_AUDIT_V1, "talon.audit/1");
LOCK_TEXT(TALON_LOGIN_V1, "talon.login/1");
LOCK_TEXT(TALON_SOURCE_V1, "talon.source/1");
LOCK_TEXT(TALON_SINK_V1, "talon.sink/1");

// The rest is told by the compiler; this test says in the run that the locks were compiled.
TEST(LayoutTest, EveryReleasedMemberStandsWhereItWasReleased) {
  const std::string_view magic("TALONv1");
  const talon_mark mark = {"TALONv1", TALON_ABI_MAJOR, TALON_ABI_MINOR};
  EXPECT_EQ(std::string_view(mark.magic), magic);
}
