/* Between main.c, snapshot.c and pool.c. */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>
#include <stdint.h>

#include "quickjs.h"

/* How QuickJS gets its memory; for one runtime. */
extern const JSMallocFunctions POOL;

struct free_block {
    struct free_block *next;
};

/* A block with its header has a multiple of STEP bytes. Up to LARGEST they are kept by size. */
#define STEP 16
#define LARGEST 512

/* What is free: blocks by size, large ones of a recording, and from `at` on what was never used. */
struct pool {
    struct free_block *lists[LARGEST / STEP + 1];
    struct free_block *large;
    char *at, *end;
};
extern struct pool pool;

/* The memory of a snapshot, `at` and `end` within it; while `is_recording` there is no other. */
void pool_region(char *start, size_t size, int is_recording);

#endif
