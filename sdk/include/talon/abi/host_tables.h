/* What the host offers to plugins. */
#ifndef TALON_ABI_HOST_TABLES_H
#define TALON_ABI_HOST_TABLES_H

#include <talon/abi/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TALON_LOG_V1 "talon.log/1"
#define TALON_CLOCK_V1 "talon.clock/1"
#define TALON_CONFIG_V1 "talon.config/1"
#define TALON_MODEL_V1 "talon.model/1"
#define TALON_RECORDS_V1 "talon.records/1"
#define TALON_PLUGINS_V1 "talon.plugins/1"

#define TALON_LOG_DEBUG 0u
#define TALON_LOG_INFO 1u
#define TALON_LOG_WARN 2u
#define TALON_LOG_ERROR 3u

/* One JSON line an event; the host adds time, level, plugin and request id. `fields` is a JSON object. [any]
 */
typedef struct talon_log_v1 {
  uint32_t struct_size;
  void* self;
  void (*write)(void* self, uint32_t level, talon_text event, talon_text fields);
} talon_log_v1;

/* Microseconds since 1970-01-01 UTC, and today in the installation's zone as yyyymmdd. [any] */
typedef struct talon_clock_v1 {
  uint32_t struct_size;
  void* self;
  int64_t (*now_us)(void* self);
  int64_t (*today)(void* self);
} talon_clock_v1;

/* Settings and files. `settings` writes the plugin's settings (defaults filled in) as one JSON object.
 * `secret` resolves a name from a `!secret NAME` value; the text never enters a log. [any] */
typedef struct talon_config_v1 {
  uint32_t struct_size;
  void* self;
  talon_status (*settings)(void* self, const talon_writer* out, const talon_writer* error);
  talon_status (*secret)(void* self, talon_text name, const talon_writer* out, const talon_writer* error);
} talon_config_v1;

/* The model of this generation, as JSON (docs/manifest.md, "The model as JSON"). [any] */
typedef struct talon_model_v1 {
  uint32_t struct_size;
  void* self;
  talon_status (*json)(void* self, const talon_writer* out);
} talon_model_v1;

/* The one door to data. Every call is judged for the principal in `call`; with `call` NULL, as the plugin
 * itself (principal "plugin:NAME", which holds just what its manifest's `elevates` names). [any] */
typedef struct talon_records_v1 {
  uint32_t struct_size;
  void* self;
  /* Runs a query (docs/queries.md); rows come as values in the order of the query's `fields`. */
  talon_status (*query)(void* self, const talon_call* call, talon_text query, const talon_rows* rows,
                        const talon_writer* error);
  /* Applies a change set (docs/changesets.md) in one transaction; `out` receives its answer, one JSON object.
   */
  talon_status (*apply)(void* self, const talon_call* call, talon_text changeset, const talon_writer* out,
                        const talon_writer* error);
  /* Runs an action, `id` empty for one on the type itself. `out` receives its answer. */
  talon_status (*act)(void* self, const talon_call* call, talon_text type, talon_text id, talon_text action,
                      talon_text input, const talon_writer* out, const talon_writer* error);
  /* {"user":"usr_…","kind":"user|plugin|system","roles":[…],"request":"…"} of `call`. */
  talon_status (*principal)(void* self, const talon_call* call, const talon_writer* out);
  /* As `apply`, of a change set with `create_all` operations: their records' values stand in `values`, record
   * after record in the order of the operation's `fields`, operation after operation. Since minor 2. */
  talon_status (*apply_all)(void* self, const talon_call* call, talon_text changeset,
                            const talon_value* values, uint64_t count, const talon_writer* out,
                            const talon_writer* error);
} talon_records_v1;

/* Tables of other plugins. `table` answers for plugins in the manifest's `requires`, and NULL otherwise; what
 * it returned is asked for again at each use, since plugins are swapped. `command` runs another plugin's
 * command. [any] */
typedef struct talon_plugins_v1 {
  uint32_t struct_size;
  void* self;
  const void* (*table)(void* self, talon_text plugin, talon_text id, void** instance);
  talon_status (*command)(void* self, const talon_call* call, talon_text plugin, talon_text command,
                          talon_text args, const talon_writer* out, const talon_writer* error);
} talon_plugins_v1;

#ifdef __cplusplus
}
#endif
#endif
