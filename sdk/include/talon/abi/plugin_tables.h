/* What a plugin may offer to the host. Each table's functions take the plugin's instance as `self`. */
#ifndef TALON_ABI_PLUGIN_TABLES_H
#define TALON_ABI_PLUGIN_TABLES_H

#include <talon/abi/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TALON_ACTIONS_V1 "talon.actions/1"
#define TALON_COMMANDS_V1 "talon.commands/1"
#define TALON_EVENTS_V1 "talon.events/1"
#define TALON_JOBS_V1 "talon.jobs/1"
#define TALON_CHECKER_V1 "talon.checker/1"
#define TALON_AUTHORIZER_V1 "talon.authorizer/1"
#define TALON_AUDIT_V1 "talon.audit/1"
#define TALON_LOGIN_V1 "talon.login/1"
#define TALON_SOURCE_V1 "talon.source/1"
#define TALON_SINK_V1 "talon.sink/1"

/* Actions with `run: code`. Reads through records as `call`'s principal, computes, and writes one change set
 * (docs/changesets.md) to `changeset`; the host writes it, and runs the action again when a version it read
 * has changed. No transaction is open meanwhile. `id` is empty for an action on the type itself. [serial] */
typedef struct talon_actions_v1 {
  uint32_t struct_size;
  talon_status (*run)(void* self, const talon_call* call, talon_text type, talon_text id, talon_text action,
                      talon_text input, const talon_writer* changeset, const talon_writer* error);
} talon_actions_v1;

/* Commands of the manifest's `commands:`; `args` is a JSON object, `out` is streamed to the caller.
 * With `call` NULL it runs offline (the command line without a server), where only `offline: true` ones come.
 * A command with `shows: records` writes JSON objects, one a line, that say what they show
 * (docs/manifest.md). [serial] */
typedef struct talon_commands_v1 {
  uint32_t struct_size;
  talon_status (*run)(void* self, const talon_call* call, talon_text command, talon_text args,
                      const talon_writer* out, const talon_writer* error);
} talon_commands_v1;

/* Events of the manifest's `subscribes:`, at least once, in order per record; {"id","event","type","record",
 * "version","at","data"}. A failure is retried later. [serial] */
typedef struct talon_events_v1 {
  uint32_t struct_size;
  talon_status (*handle)(void* self, talon_text event, const talon_writer* error);
} talon_events_v1;

/* Jobs of the manifest's `jobs:`; the host holds the job's lease while it runs, one runner in the
 * installation. [serial] */
typedef struct talon_jobs_v1 {
  uint32_t struct_size;
  talon_status (*run)(void* self, talon_text job, const talon_writer* error);
} talon_jobs_v1;

/* Owns a language of configuration files (the manifest's `documents:`). `documents` is JSON:
 * {"documents":[{"file", "root": NODE}…]} (talon/document.hpp). `mistakes` receives a JSON array of
 * {"file","line","column","message"}; any mistake leaves the old set in force. `check` works before `start`,
 * with no host data; `load` checks, then swaps at once, or keeps the set until it is put in force on command.
 * [serial] */
typedef struct talon_checker_v1 {
  uint32_t struct_size;
  talon_status (*check)(void* self, talon_text documents, talon_text model, const talon_writer* mistakes);
  talon_status (*load)(void* self, talon_text documents, talon_text model, const talon_writer* mistakes);
  /* 1.1. `set` receives the SHA-256, 64 small hexadecimal digits, of the `documents` that are in force, which
   * may be others than those loaded last; nothing: those loaded last. Asked once `start` is over. [any] */
  talon_status (*in_force)(void* self, const talon_writer* set, const talon_writer* error);
} talon_checker_v1;

/* Plans access; the host evaluates (docs/authorizer.md). `principal` as in talon_records_v1.principal. [any]
 */
typedef struct talon_authorizer_v1 {
  uint32_t struct_size;
  talon_status (*plan)(void* self, talon_text principal, talon_text action, talon_text type,
                       const talon_writer* out, const talon_writer* error);
  /* {"user","action","type","record","field","at"} → why, as JSON; answers from the same rules as `plan`. */
  talon_status (*explain)(void* self, talon_text question, const talon_writer* out,
                          const talon_writer* error);
} talon_authorizer_v1;

/* The read log. `read` returns only when the entry would survive kill -9 of the process (decision 5). [any]
 */
typedef struct talon_audit_v1 {
  uint32_t struct_size;
  talon_status (*read)(void* self, talon_text entry, const talon_writer* error);
} talon_audit_v1;

/* Verifies who somebody is. `credentials` is a JSON object ({"email","password"}, or a step); `user` receives
 * the user's id or JSON (docs/abi.md, "Sign-in"). Unauthenticated, without saying what was wrong. [any] */
typedef struct talon_login_v1 {
  uint32_t struct_size;
  talon_status (*verify)(void* self, talon_text credentials, const talon_writer* user,
                         const talon_writer* error);
} talon_login_v1;

/* A connector's reading end. `connection` and `request` are JSON from the mapping; values arrive as text or
 * null, digits exactly as the peer sent them, in the order of the request's `columns`. */
typedef struct talon_source_v1 {
  uint32_t struct_size;
  /* Opens a session; `handle` is closed by `close`. One thread at a time. [serial per handle] */
  talon_status (*open)(void* self, talon_text connection, void** handle, const talon_writer* error);
  /* Reads one page. `page` receives JSON {"next": CURSOR or null, "fingerprint": TEXT} after the last row. */
  talon_status (*read)(void* self, void* handle, talon_text request, const talon_rows* rows,
                       const talon_writer* page, const talon_writer* error);
  /* Names and types that the peer offers, as JSON. */
  talon_status (*describe)(void* self, void* handle, talon_text request, const talon_writer* out,
                           const talon_writer* error);
  /* Ends a `read` under way on `handle` from another thread. [any] */
  void (*cancel)(void* self, void* handle);
  void (*close)(void* self, void* handle);
} talon_source_v1;

/* A connector's writing end. */
typedef struct talon_sink_v1 {
  uint32_t struct_size;
  talon_status (*open)(void* self, talon_text connection, void** handle, const talon_writer* error);
  /* Sends one request (method, path, headers, body…); `out` receives the answer as JSON. Unavailable and
   * DeadlineExceeded mean that the outcome is not known. */
  talon_status (*send)(void* self, void* handle, talon_text request, const talon_writer* out,
                       const talon_writer* error);
  void (*close)(void* self, void* handle);
} talon_sink_v1;

#ifdef __cplusplus
}
#endif
#endif
