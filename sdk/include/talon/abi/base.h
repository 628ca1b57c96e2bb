/* The ground of the C boundary: status codes, borrowed text, values, writers. C11, fixed-width types only.
 *
 * Memory never changes hands: inputs are borrowed until the call returns, outputs go through a
 * `talon_writer`, long-lived things are opaque handles. No exception crosses. Tables start with `struct_size`
 * and grow at the end. Thread tags: [any] safe from any thread · [serial] never two at once on one instance ·
 * [main] life cycle.
 */
#ifndef TALON_ABI_BASE_H
#define TALON_ABI_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TALON_ABI_MAJOR 1u
#define TALON_ABI_MINOR 2u

/* True when the other side's table is new enough to have `member`. */
#define TALON_HAS(table, member) \
  ((table) != NULL &&            \
   (table)->struct_size >= offsetof(__typeof__(*(table)), member) + sizeof((table)->member))

/* The sixteen status codes of RPC practice; docs/errors.md maps each to HTTP and to "may retry". */
typedef int32_t talon_status;
#define TALON_OK 0
#define TALON_CANCELLED 1
#define TALON_UNKNOWN 2
#define TALON_INVALID_ARGUMENT 3
#define TALON_DEADLINE_EXCEEDED 4
#define TALON_NOT_FOUND 5
#define TALON_ALREADY_EXISTS 6
#define TALON_PERMISSION_DENIED 7
#define TALON_RESOURCE_EXHAUSTED 8
#define TALON_FAILED_PRECONDITION 9
#define TALON_ABORTED 10
#define TALON_OUT_OF_RANGE 11
#define TALON_UNIMPLEMENTED 12
#define TALON_INTERNAL 13
#define TALON_UNAVAILABLE 14
#define TALON_DATA_LOSS 15
#define TALON_UNAUTHENTICATED 16

/* UTF-8 text or bytes, not terminated; borrowed until the call returns. `data` may be NULL when `size` is 0.
 */
typedef struct talon_text {
  const char* data;
  uint64_t size; /* bytes */
} talon_text;

/* What `talon_value.kind` says. Every field type of the model travels as one of these four:
 * integer: integer, boolean (0/1), decimal (unscaled, scale from the model), money (minor units), date
 * (yyyymmdd), timestamp (microseconds since 1970-01-01 UTC), ref and id (64-bit id); text: text, choice,
 * state; bytes: file. */
#define TALON_KIND_NULL 0u
#define TALON_KIND_INTEGER 1u
#define TALON_KIND_TEXT 2u
#define TALON_KIND_BYTES 3u

typedef struct talon_value {
  uint32_t kind;
  uint32_t reserved; /* 0 */
  union {
    int64_t integer;
    talon_text text; /* text and bytes */
  } as;
} talon_value;

/* Takes output in pieces. `write` returns TALON_OK or why it takes no more (then stop and return that).
 * [serial] */
typedef struct talon_writer {
  uint32_t struct_size;
  void* self;
  talon_status (*write)(void* self, const char* data, uint64_t size);
} talon_writer;

/* Takes rows. `values` is borrowed for the call; a status other than TALON_OK ends the query with it.
 * [serial] */
typedef struct talon_rows {
  uint32_t struct_size;
  void* self;
  talon_status (*row)(void* self, const talon_value* values, uint32_t count);
} talon_rows;

/* Every function that can fail takes `const talon_writer *error`; on failure it receives one JSON object
 * {"message": TEXT, "details": ANY}. It may be NULL. */

#ifdef __cplusplus
}
#endif
#endif
