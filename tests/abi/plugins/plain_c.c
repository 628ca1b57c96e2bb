/* A complete plugin in plain C11: its one command, echo, writes its arguments and the host's clock. */
#include <talon/abi/host_tables.h>
#include <talon/abi/plugin_tables.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plain {
  const talon_host* host;
};

static talon_text text_of(const char* literal) {
  talon_text text = {literal, strlen(literal)};
  return text;
}

static int is_equal(talon_text text, const char* literal) {
  return text.size == strlen(literal) && memcmp(text.data, literal, strlen(literal)) == 0;
}

static talon_status refuse(const talon_writer* error, talon_status status, const char* json) {
  if (TALON_HAS(error, write)) error->write(error->self, json, strlen(json));
  return status;
}

static talon_status run(void* self, const talon_call* call, talon_text command, talon_text args,
                        const talon_writer* out, const talon_writer* error) {
  const struct plain* plain = self;
  const talon_clock_v1* clock = plain->host->table(plain->host->self, text_of(TALON_CLOCK_V1));
  char line[64];
  talon_status status = TALON_OK;
  (void)call;
  if (!is_equal(command, "echo")) {
    return refuse(error, TALON_UNIMPLEMENTED, "{\"message\":\"plain_c knows echo alone\"}");
  }
  if (!TALON_HAS(clock, now_us)) return refuse(error, TALON_INTERNAL, "{\"message\":\"no clock\"}");
  snprintf(line, sizeof line, " at %lld", (long long)clock->now_us(clock->self));
  status = out->write(out->self, args.data, args.size);
  return status != TALON_OK ? status : out->write(out->self, line, strlen(line));
}

static const talon_commands_v1 commands = {sizeof(talon_commands_v1), run};

static talon_status create(const talon_host* host, void** self, const talon_writer* error) {
  struct plain* plain = malloc(sizeof *plain);
  if (plain == NULL) return refuse(error, TALON_RESOURCE_EXHAUSTED, "{\"message\":\"out of memory\"}");
  plain->host = host;
  *self = plain;
  return TALON_OK;
}
static talon_status start(void* self, const talon_writer* error) {
  (void)self;
  (void)error;
  return TALON_OK;
}
static void stop(void* self) { (void)self; }
static void destroy(void* self) { free(self); }
static const void* table(void* self, talon_text id) {
  (void)self;
  return is_equal(id, TALON_COMMANDS_V1) ? &commands : NULL;
}

TALON_PLUGIN_MARK;
extern TALON_EXPORT const talon_plugin talon_plugin_v1;
const talon_plugin talon_plugin_v1 = {sizeof(talon_plugin),
                                      TALON_ABI_MAJOR,
                                      TALON_ABI_MINOR,
                                      0u,
                                      "plain_c",
                                      "1.0.0",
                                      create,
                                      start,
                                      stop,
                                      destroy,
                                      table};
