/* Between main.c and snapshot.c. */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "quickjs.h"

/* Memory for QuickJS that can be recorded. @returns whether there is any */
int snapshot_begin(void);

/* Prints the memory for the build. @returns 0, or -1 where it cannot be printed */
int snapshot_record(JSContext *ctx);

/* The context that was recorded, at an address that is new in each run; NULL where there is no memory. */
JSContext *snapshot_load(const uint8_t *bytes, size_t size);

/* Unpacks LZ4's block format; both have `PAST_END` bytes (build/native.ts) more than they need. @returns the end */
uint8_t *unpack(const uint8_t *from, size_t size, uint8_t *to);

#endif
