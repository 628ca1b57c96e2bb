/* The one exported symbol of a plugin, `talon_plugin_v1`, and what the host hands it. */
#ifndef TALON_ABI_PLUGIN_H
#define TALON_ABI_PLUGIN_H

#include <talon/abi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The host, as a plugin sees it: tables by id ("talon.records/1"). NULL when the host has no such table or
 * the manifest did not ask for it. Tables live as long as the plugin's instance. [any] */
typedef struct talon_host {
  uint32_t struct_size;
  void* self;
  const void* (*table)(void* self, talon_text id);
} talon_host;

/* Who is asking and in which request: principal, request id, deadline. Owned by the host, valid for the call
 * that brought it; a plugin passes it on and never keeps it. */
typedef struct talon_call talon_call;

#define TALON_CONCURRENT 1u /* flag: [serial] functions of this plugin may run at the same time */

typedef struct talon_plugin {
  uint32_t struct_size;
  uint32_t abi_major; /* must equal the host's */
  uint32_t abi_minor; /* the newest minor whose members the plugin needs */
  uint32_t flags;
  const char* name;    /* as in plugin.yaml */
  const char* version; /* semantic version, as in plugin.yaml */
  /* Makes the instance. Keeps `host`, calls nothing of it but log and config. [main] */
  talon_status (*create)(const talon_host* host, void** self, const talon_writer* error);
  /* Everything in `requires` has started. [main] */
  talon_status (*start)(void* self, const talon_writer* error);
  /* No call is under way and none follows; joins the plugin's threads. [main] */
  void (*stop)(void* self);
  void (*destroy)(void* self);
  /* What the plugin offers: "talon.actions/1" and so on; NULL for what it does not. [any] */
  const void* (*table)(void* self, talon_text id);
} talon_plugin;

/* The mark that the host reads from the file, before any code of the library runs. */
typedef struct talon_mark {
  char magic[8]; /* "TALONv1" */
  uint32_t abi_major;
  uint32_t abi_minor;
} talon_mark;

#if defined(__GNUC__)
#define TALON_EXPORT __attribute__((visibility("default")))
#define TALON_MARK_SECTION __attribute__((used, section(".talon")))
#else
#define TALON_EXPORT
#define TALON_MARK_SECTION
#endif

/* Stands once in each plugin, at file scope. */
#define TALON_PLUGIN_MARK \
  static const talon_mark talon_mark_v1 TALON_MARK_SECTION = {"TALONv1", TALON_ABI_MAJOR, TALON_ABI_MINOR}

#ifdef __cplusplus
}
#endif
#endif
