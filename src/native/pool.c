/*
 * Memory for QuickJS: small blocks by size from large ones, and back to a list of their size. A
 * fifth of the instructions of a run were malloc's and free's, which also serve threads; here is
 * one, and it ends soon.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "pool.h"

#define BLOCK (256 * 1024)

/* Before each block: how many bytes it has. */
struct header {
    size_t size;
};

struct pool pool;

static char *region;
static size_t region_size;
static int is_recording;

void pool_region(char *start, size_t size, int is_for_recording)
{
    region = start;
    region_size = size;
    is_recording = is_for_recording;
}

/* Such a block is not malloc's, whatever its size. */
static int is_in_region(const void *block)
{
    return (uintptr_t)block - (uintptr_t)region < region_size;
}

uintptr_t engine_address(const void *object)
{
    return object ? (uintptr_t)object - (uintptr_t)region : 0;
}

static struct header *header_of(const void *block)
{
    return (struct header *)block - 1;
}

/*
 * With its header a block has a multiple of 16 bytes; it starts at one of 8, as all of C needs
 * here. A size that no memory can have stays one, and does not wrap to a small one.
 */
static size_t with_header(size_t size)
{
    return size > PTRDIFF_MAX ? PTRDIFF_MAX : (size + sizeof(struct header) + STEP - 1) / STEP * STEP;
}

static void give(void *block)
{
    struct header *header = header_of(block);
    size_t all = header->size + sizeof(struct header);
    /* What was in it differs from run to run, where it was an address. */
    if (is_recording)
        memset(block, 0, header->size);
    if (all <= LARGEST || is_recording) {
        struct free_block *first = block, **list = all > LARGEST ? &pool.large : &pool.lists[all / STEP];
        first->next = *list;
        *list = first;
    } else if (!is_in_region(block))
        free(header);
}

/*
 * While recording also the large blocks are the pool's: the first that is free and long enough, cut
 * to size, as each page of a snapshot is loaded by every run. They are few.
 */
static struct header *recorded_block(size_t all)
{
    for (struct free_block **at = &pool.large; *at; at = &(*at)->next) {
        struct header *header = header_of(*at), *rest;
        size_t more = header->size + sizeof(struct header) - all;
        if (header->size + sizeof(struct header) < all)
            continue;
        struct free_block *next = (*at)->next;
        (*at)->next = NULL;
        *at = next;
        if (more > 0) {
            rest = (struct header *)(void *)((char *)header + all);
            rest->size = more - sizeof(struct header);
            give(rest + 1);
        }
        return header;
    }
    return NULL;
}

static void *take(size_t size)
{
    size_t all = with_header(size);
    struct header *header;
    if (all > LARGEST && !is_recording) {
        if (!(header = malloc(all)))
            return NULL;
    } else if (all <= LARGEST || !(header = recorded_block(all))) {
        struct free_block **list = all > LARGEST ? NULL : &pool.lists[all / STEP];
        if (list && *list) {
            struct free_block *block = *list;
            *list = block->next;
            if (is_recording)
                block->next = NULL;
            return block;
        }
        if ((size_t)(pool.end - pool.at) < all) {
            char *more = is_recording ? NULL : malloc(BLOCK);
            if (!more)
                return NULL;
            pool.at = more;
            pool.end = more + BLOCK;
        }
        header = (struct header *)(void *)pool.at;
        pool.at += all;
    }
    header->size = all - sizeof(struct header);
    return header + 1;
}

static void *pool_malloc(JSMallocState *state, size_t size)
{
    void *block = take(size);
    if (block) {
        state->malloc_count++;
        state->malloc_size += header_of(block)->size;
    }
    return block;
}

static void pool_free(JSMallocState *state, void *block)
{
    if (!block)
        return;
    state->malloc_count--;
    state->malloc_size -= header_of(block)->size;
    give(block);
}

static void *pool_realloc(JSMallocState *state, void *block, size_t size)
{
    if (!block)
        return size ? pool_malloc(state, size) : NULL;
    if (!size) {
        pool_free(state, block);
        return NULL;
    }
    size_t before = header_of(block)->size;
    if (size <= before && (size > before / 2 || before <= LARGEST))
        return block;
    size_t all = with_header(size);
    if (before + sizeof(struct header) > LARGEST && all > LARGEST && !is_recording && !is_in_region(block)) {
        struct header *header = realloc(header_of(block), all);
        if (!header)
            return NULL;
        header->size = all - sizeof(struct header);
        state->malloc_size += header->size - before;
        return header + 1;
    }
    void *other = pool_malloc(state, size);
    if (other) {
        memcpy(other, block, before < size ? before : size);
        pool_free(state, block);
    }
    return other;
}

static size_t pool_size(const void *block)
{
    return block ? header_of(block)->size : 0;
}

const JSMallocFunctions POOL = {pool_malloc, pool_free, pool_realloc, pool_size};
