/*
 * Memory for QuickJS: small blocks by size from large ones, and back to a list of their size. A
 * fifth of the instructions of a run were malloc's and free's, which also serve threads; here is
 * one, and it ends soon.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pool.h"

#define STEP 16
#define LARGEST 512
#define BLOCK (256 * 1024)

/* Before each block: how many bytes it has. */
struct header {
    size_t size;
};

struct free_block {
    struct free_block *next;
};

static struct free_block *lists[LARGEST / STEP + 1];
static char *at, *end;

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

static void *take(size_t size)
{
    size_t all = with_header(size);
    struct header *header;
    if (all > LARGEST) {
        if (!(header = malloc(all)))
            return NULL;
    } else {
        struct free_block **list = &lists[all / STEP];
        if (*list) {
            struct free_block *block = *list;
            *list = block->next;
            return block;
        }
        if ((size_t)(end - at) < all) {
            char *more = malloc(BLOCK);
            if (!more)
                return NULL;
            at = more;
            end = more + BLOCK;
        }
        header = (struct header *)(void *)at;
        at += all;
    }
    header->size = all - sizeof(struct header);
    return header + 1;
}

static void give(void *block)
{
    struct header *header = header_of(block);
    size_t all = header->size + sizeof(struct header);
    if (all > LARGEST)
        free(header);
    else {
        struct free_block *first = block;
        first->next = lists[all / STEP];
        lists[all / STEP] = first;
    }
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
    if (before + sizeof(struct header) > LARGEST && all > LARGEST) {
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
