/*
 * QuickJS's memory as it is when the program has been evaluated and has not run yet. The build runs
 * the binary once, records that memory, and puts it into the binary; what each run would read and
 * evaluate first is then there. build/snapshot.ts writes what is loaded here.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pool.h"
#include "snapshot.h"

/* What is evaluated takes a fifth of it. */
#define RECORDED_AT_MOST (16 * 1024 * 1024)
/* What the first blocks of a run are taken from. */
#define SPARE (256 * 1024)

/* Of the linker: where this program is loaded, and its end. */
extern const char __executable_start[], _end[];

/* At the start of the recorded memory. */
struct start {
    JSContext *ctx;
    struct pool pool;
};

static struct start *start;

int snapshot_begin(void)
{
    void *at = mmap(NULL, RECORDED_AT_MOST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return 0;
    start = at;
    /* Blocks start at a multiple of 8 that is none of 16, as in all of the pool. */
    pool.at = (char *)at + (sizeof(struct start) + STEP - 1) / STEP * STEP;
    pool.end = (char *)at + RECORDED_AT_MOST;
    pool_region(at, RECORDED_AT_MOST, 1);
    return 1;
}

static int print(const void *bytes, size_t size)
{
    for (const char *from = bytes; size > 0;) {
        ssize_t done = write(1, from, size);
        if (done <= 0)
            return -1;
        from += done;
        size -= (size_t)done;
    }
    return 0;
}

int snapshot_record(JSContext *ctx)
{
    size_t used = (size_t)(pool.at - (char *)start);
    start->ctx = ctx;
    start->pool = pool;
    start->pool.end = pool.at;
    uint64_t about[] = {(uintptr_t)start, used, (uintptr_t)__executable_start, (uintptr_t)_end, (uintptr_t)&used};
    return print(about, sizeof(about)) || print(start, used) ? -1 : 0;
}

/* Copies in steps of 16 bytes from the first step that is left, up to 15 past the end. */
static void copy(uint8_t *to, const uint8_t *from, size_t step, size_t size)
{
    for (size_t n = step; n < size; n += 16)
        memcpy(to + n, from + n, 16);
}

static size_t length_of(const uint8_t **from, size_t first)
{
    size_t all = first;
    if (first == 15) {
        uint8_t more;
        do
            all += more = *(*from)++;
        while (more == 255);
    }
    return all;
}

/*
 * LZ4's block format (lz4_Block_format.md, 1.6); the build writes no distance below 16. Most lengths
 * are short: so many bytes are copied first, whatever the length is, as a wrong guess of the
 * processor would take longer.
 */
uint8_t *unpack(const uint8_t *from, size_t size, uint8_t *to)
{
    const uint8_t *end = from + size;
    while (from < end) {
        size_t literals = *from >> 4, length = *from & 15;
        from++;
        memcpy(to, from, 16);
        if (literals == 15) {
            literals = length_of(&from, literals);
            memcpy(to, from, 16);
            copy(to, from, 16, literals);
        }
        to += literals;
        from += literals;
        if (from >= end)
            break;
        const uint8_t *match = to - (from[0] | (size_t)from[1] << 8);
        from += 2;
        memcpy(to, match, 16);
        memcpy(to + 16, match + 16, 16);
        if (length == 15) {
            length = length_of(&from, length);
            copy(to, match, 32, length + 4);
        }
        to += length + 4;
    }
    return to;
}

/*
 * A recorded pointer is an offset: from the memory; from the word that has it, which is often the
 * same for many words, and so packed better; or from the program.
 */
#define NEAR 0x40000000u
#define NEAR_ZERO 0x60000000u
#define IN_PROGRAM 0x80000000u

/* A bit for each word of the memory: whether it is a pointer. */
static void relocate(uint64_t *words, const uint64_t *bits, size_t count)
{
    for (size_t n = 0; n < count; n++) {
        for (uint64_t left = bits[n]; left; left &= left - 1) {
            uint64_t *word = &words[n * 64 + (size_t)__builtin_ctzll(left)];
            if (*word < NEAR)
                *word += (uintptr_t)words;
            else if (*word < IN_PROGRAM)
                *word += (uintptr_t)word - NEAR_ZERO;
            else
                *word += (uintptr_t)__executable_start - IN_PROGRAM;
        }
    }
}

#define HUGE_PAGE ((size_t)2 * 1024 * 1024)

/*
 * Memory at once, and not page by page when it is written: half of the time of loading. Whole huge
 * pages where the kernel has some to give (madvise(2); MADV_POPULATE_WRITE from Linux 5.14 on).
 */
static char *memory_of(size_t size)
{
    char *at = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    at += -(uintptr_t)at % HUGE_PAGE;
    madvise(at, size / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
    madvise(at, size / 4096 * 4096, MADV_POPULATE_WRITE);
    return at;
}

/* `bytes`: the size of the memory, a multiple of 512; then memory and bits, packed. */
JSContext *snapshot_load(const uint8_t *bytes, size_t size)
{
    uint64_t used;
    memcpy(&used, bytes, sizeof(used));
    size_t all = used + used / 64 + SPARE;
    char *at = memory_of(all);
    if (!at)
        return NULL;
    unpack(bytes + sizeof(used), size - sizeof(used), (uint8_t *)at);
    relocate((uint64_t *)(void *)at, (const uint64_t *)(const void *)(at + used), used / 512);
    start = (struct start *)(void *)at;
    pool = start->pool;
    pool.end = at + all;
    pool_region(at, all, 0);
    return start->ctx;
}
