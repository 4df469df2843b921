/*
 * What the native binary asks of the kernel: thin wrappers around POSIX calls, as the functions of
 * one object, and nothing else. `fs.ts` and `process.ts` beside this file build on them what
 * src/node/ uses of Node.
 *
 * Every function takes and returns plain values. A call that the kernel refuses throws an Error
 * whose `code` is the name of errno, as Node's do. Texts are UTF-8: what is not becomes U+FFFD on
 * its way in, a lone surrogate on its way out.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "posix.h"

extern char **environ;

/* A call that a signal may interrupt. */
#define RETRY(result, call)   \
    do                        \
        (result) = (call);    \
    while ((result) < 0 && errno == EINTR)

static JSValue refuse(JSContext *ctx, int error, const char *call)
{
    const char *name = strerrorname_np(error);
    char text[160];
    snprintf(text, sizeof(text), "%s: %s, %s", name ? name : "EUNKNOWN", strerror(error), call);
    JSValue object = JS_NewError(ctx);
    if (JS_IsException(object))
        return object;
    if (JS_DefinePropertyValueStr(ctx, object, "message", JS_NewString(ctx, text),
                                  JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE) < 0 ||
        JS_DefinePropertyValueStr(ctx, object, "code", JS_NewString(ctx, name ? name : "EUNKNOWN"),
                                  JS_PROP_C_W_E) < 0) {
        JS_FreeValue(ctx, object);
        return JS_EXCEPTION;
    }
    return JS_Throw(ctx, object);
}

static JSValue done(JSContext *ctx, int result, const char *call)
{
    return result < 0 ? refuse(ctx, errno, call) : JS_NewInt32(ctx, result);
}

/* Puts a value, which it takes, into a list. Negative with an exception, also where the value is one. */
static int append(JSContext *ctx, JSValueConst list, uint32_t n, JSValue value)
{
    return JS_IsException(value) ? -1 : JS_DefinePropertyValueUint32(ctx, list, n, value, JS_PROP_C_W_E);
}

/* A list of values, which it takes. */
static JSValue list_of(JSContext *ctx, const JSValue *values, uint32_t count)
{
    JSValue list = JS_NewArray(ctx);
    int is_bad = JS_IsException(list);
    for (uint32_t n = 0; n < count; n++) {
        if (is_bad)
            JS_FreeValue(ctx, values[n]);
        else
            is_bad = append(ctx, list, n, values[n]) < 0;
    }
    if (!is_bad)
        return list;
    JS_FreeValue(ctx, list);
    return JS_EXCEPTION;
}

/* ---- Texts ---- */

/*
 * How many bytes the first character of a text has; 0 where it is none of UTF-8 (RFC 3629), and
 * `*bad` is then how many bytes one U+FFFD stands for: the longest beginning of a character.
 */
static size_t character(const uint8_t *at, size_t left, size_t *bad)
{
    uint8_t first = at[0], low = 0x80, high = 0xbf;
    size_t more, n;
    *bad = 1;
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        more = 1;
    else if (first >= 0xe0 && first <= 0xef) {
        more = 2;
        if (first == 0xe0)
            low = 0xa0;
        if (first == 0xed)
            high = 0x9f;
    } else if (first >= 0xf0 && first <= 0xf4) {
        more = 3;
        if (first == 0xf0)
            low = 0x90;
        if (first == 0xf4)
            high = 0x8f;
    } else
        return 0;
    for (n = 1; n <= more; n++) {
        if (n >= left || at[n] < low || at[n] > high) {
            *bad = n;
            return 0;
        }
        low = 0x80;
        high = 0xbf;
    }
    return more + 1;
}

static int is_utf8(const uint8_t *at, size_t length)
{
    size_t bad;
    while (length > 0) {
        size_t n = character(at, length, &bad);
        if (n == 0)
            return 0;
        at += n;
        length -= n;
    }
    return 1;
}

static JSValue text_of(JSContext *ctx, const uint8_t *bytes, size_t length)
{
    if (is_utf8(bytes, length))
        return JS_NewStringLen(ctx, (const char *)bytes, length);
    uint8_t *clean = js_malloc(ctx, length * 3 + 1);
    size_t from = 0, to = 0, bad;
    if (!clean)
        return JS_EXCEPTION;
    while (from < length) {
        size_t n = character(bytes + from, length - from, &bad);
        if (n > 0) {
            memcpy(clean + to, bytes + from, n);
            from += n;
            to += n;
        } else {
            memcpy(clean + to, "\xef\xbf\xbd", 3);
            from += bad;
            to += 3;
        }
    }
    JSValue text = JS_NewStringLen(ctx, (const char *)clean, to);
    js_free(ctx, clean);
    return text;
}

JSValue posix_text(JSContext *ctx, const char *text)
{
    return text_of(ctx, (const uint8_t *)text, strlen(text));
}

/* Lone surrogates are three bytes each in what QuickJS gives, and so is U+FFFD. */
static void without_surrogates(char *text, size_t length)
{
    uint8_t *at = (uint8_t *)text;
    for (size_t n = 0; n + 2 < length; n++) {
        if (at[n] == 0xed && at[n + 1] >= 0xa0)
            memcpy(at + n, "\xef\xbf\xbd", 3);
    }
}

/* A copy for the kernel, to be freed by `free`; NULL with an exception. No NUL may be in it. */
static char *words_of(JSContext *ctx, JSValueConst value)
{
    size_t length;
    const char *text = JS_ToCStringLen(ctx, &length, value);
    if (!text)
        return NULL;
    char *copy = NULL;
    if (memchr(text, 0, length))
        JS_ThrowTypeError(ctx, "a NUL byte in a name");
    else if (!(copy = malloc(length + 1)))
        JS_ThrowOutOfMemory(ctx);
    else {
        memcpy(copy, text, length);
        copy[length] = 0;
        without_surrogates(copy, length);
    }
    JS_FreeCString(ctx, text);
    return copy;
}

static JSValue js_encode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t length;
    const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
    if (!text)
        return JS_EXCEPTION;
    JSValue buffer = JS_NewArrayBufferCopy(ctx, (const uint8_t *)text, length);
    JS_FreeCString(ctx, text);
    if (!JS_IsException(buffer)) {
        size_t size;
        uint8_t *bytes = JS_GetArrayBuffer(ctx, &size, buffer);
        if (bytes)
            without_surrogates((char *)bytes, size);
    }
    return buffer;
}

/* The part of an ArrayBuffer that arguments 1 and 2 name, offset and length; NULL with an exception. */
static uint8_t *part_of(JSContext *ctx, JSValueConst *argv, size_t *length)
{
    size_t size;
    int64_t offset, wanted;
    if (JS_ToInt64(ctx, &offset, argv[1]) || JS_ToInt64(ctx, &wanted, argv[2]))
        return NULL;
    /* One of no bytes has an address, too. */
    uint8_t *bytes = JS_GetArrayBuffer(ctx, &size, argv[0]);
    if (!bytes)
        return NULL;
    if (offset < 0 || wanted < 0 || (uint64_t)offset > size || (uint64_t)wanted > size - (size_t)offset) {
        JS_ThrowRangeError(ctx, "outside of the buffer");
        return NULL;
    }
    *length = (size_t)wanted;
    return bytes + offset;
}

static JSValue js_decode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t length;
    uint8_t *bytes = part_of(ctx, argv, &length);
    return bytes ? text_of(ctx, bytes, length) : JS_EXCEPTION;
}

static JSValue js_is_utf8(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t length;
    uint8_t *bytes = part_of(ctx, argv, &length);
    return bytes ? JS_NewBool(ctx, is_utf8(bytes, length)) : JS_EXCEPTION;
}

/* ---- Descriptors ---- */

/* [mode, uid, gid, size, dev, ino], the last two as texts: they may need all of 64 bits. */
static JSValue list_of_stat(JSContext *ctx, int result, const struct stat *stat, const char *call)
{
    char dev[24], ino[24];
    if (result < 0)
        return refuse(ctx, errno, call);
    snprintf(dev, sizeof(dev), "%llu", (unsigned long long)stat->st_dev);
    snprintf(ino, sizeof(ino), "%llu", (unsigned long long)stat->st_ino);
    JSValue values[] = {
        JS_NewUint32(ctx, stat->st_mode), JS_NewUint32(ctx, stat->st_uid),
        JS_NewUint32(ctx, stat->st_gid),  JS_NewInt64(ctx, stat->st_size),
        JS_NewString(ctx, dev),           JS_NewString(ctx, ino),
    };
    return list_of(ctx, values, sizeof(values) / sizeof(*values));
}

enum { READ, WRITE };

/* As in Node a read is not tried again after a signal, a write is. */
static JSValue js_transfer(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int magic)
{
    int32_t fd;
    size_t length;
    if (JS_ToInt32(ctx, &fd, argv[3]))
        return JS_EXCEPTION;
    uint8_t *bytes = part_of(ctx, argv, &length);
    if (!bytes)
        return JS_EXCEPTION;
    ssize_t count;
    if (magic == READ)
        count = read(fd, bytes, length);
    else
        RETRY(count, write(fd, bytes, length));
    return count < 0 ? refuse(ctx, errno, magic == READ ? "read" : "write") : JS_NewInt64(ctx, count);
}

enum { CLOSE, FSYNC, FSTAT, FCHMOD, FCHOWN };

static JSValue js_descriptor(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int magic)
{
    int32_t fd, mode;
    uint32_t uid, gid;
    struct stat about;
    int result;
    if (JS_ToInt32(ctx, &fd, argv[0]))
        return JS_EXCEPTION;
    switch (magic) {
    case CLOSE:
        /* After a signal it is closed all the same (close(2)). */
        result = close(fd);
        return done(ctx, result < 0 && errno == EINTR ? 0 : result, "close");
    case FSYNC:
        RETRY(result, fsync(fd));
        return done(ctx, result, "fsync");
    case FSTAT:
        return list_of_stat(ctx, fstat(fd, &about), &about, "fstat");
    case FCHMOD:
        return JS_ToInt32(ctx, &mode, argv[1]) ? JS_EXCEPTION : done(ctx, fchmod(fd, (mode_t)mode), "fchmod");
    default:
        if (JS_ToUint32(ctx, &uid, argv[1]) || JS_ToUint32(ctx, &gid, argv[2]))
            return JS_EXCEPTION;
        return done(ctx, fchown(fd, uid, gid), "fchown");
    }
}

/* ---- Files by name ---- */

static JSValue open_named(JSContext *ctx, const char *path, JSValueConst *argv)
{
    int32_t flags, mode;
    if (JS_ToInt32(ctx, &flags, argv[1]) || JS_ToInt32(ctx, &mode, argv[2]))
        return JS_EXCEPTION;
    int fd;
    RETRY(fd, open(path, flags | O_CLOEXEC, (mode_t)mode));
    return done(ctx, fd, "open");
}

static JSValue target_of(JSContext *ctx, const char *path)
{
    /* Linux has no longer one. */
    uint8_t text[4096];
    ssize_t length = readlink(path, (char *)text, sizeof(text));
    return length < 0 ? refuse(ctx, errno, "readlink") : text_of(ctx, text, (size_t)length);
}

/* Names and kinds by turns: [name, DT_…, name, DT_…]. */
static JSValue entries_of(JSContext *ctx, const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return refuse(ctx, errno, "opendir");
    JSValue list = JS_NewArray(ctx);
    uint32_t n = 0;
    int is_bad = JS_IsException(list), error = 0;
    while (!is_bad) {
        errno = 0;
        struct dirent *entry = readdir(folder);
        if (!entry) {
            error = errno;
            break;
        }
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        is_bad = append(ctx, list, n++, posix_text(ctx, entry->d_name)) < 0 ||
                 append(ctx, list, n++, JS_NewInt32(ctx, entry->d_type)) < 0;
    }
    closedir(folder);
    if (!is_bad && !error)
        return list;
    JS_FreeValue(ctx, list);
    return is_bad ? JS_EXCEPTION : refuse(ctx, error, "readdir");
}

enum { OPEN, STAT, LSTAT, READLINK, READDIR, UNLINK, RMDIR, MKDIR, ACCESS };

static JSValue with_name(JSContext *ctx, const char *path, JSValueConst *argv, int magic)
{
    struct stat about;
    int32_t mode;
    switch (magic) {
    case OPEN:
        return open_named(ctx, path, argv);
    case STAT:
        return list_of_stat(ctx, stat(path, &about), &about, "stat");
    case LSTAT:
        return list_of_stat(ctx, lstat(path, &about), &about, "lstat");
    case READLINK:
        return target_of(ctx, path);
    case READDIR:
        return entries_of(ctx, path);
    case UNLINK:
        return done(ctx, unlink(path), "unlink");
    case RMDIR:
        return done(ctx, rmdir(path), "rmdir");
    }
    if (JS_ToInt32(ctx, &mode, argv[1]))
        return JS_EXCEPTION;
    return magic == MKDIR ? done(ctx, mkdir(path, (mode_t)mode), "mkdir")
                          : done(ctx, access(path, mode), "access");
}

/* What has one name, the first argument. */
static JSValue js_named(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int magic)
{
    char *path = words_of(ctx, argv[0]);
    if (!path)
        return JS_EXCEPTION;
    JSValue result = with_name(ctx, path, argv, magic);
    free(path);
    return result;
}

enum { LINK, SYMLINK, RENAME };

static JSValue js_two(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int magic)
{
    JSValue result = JS_EXCEPTION;
    char *from = words_of(ctx, argv[0]);
    char *to = from ? words_of(ctx, argv[1]) : NULL;
    if (to) {
        switch (magic) {
        case LINK:
            result = done(ctx, link(from, to), "link");
            break;
        case SYMLINK:
            result = done(ctx, symlink(from, to), "symlink");
            break;
        default:
            result = done(ctx, rename(from, to), "rename");
        }
    }
    free(from);
    free(to);
    return result;
}

static JSValue js_getcwd(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    char *path = getcwd(NULL, 0);
    if (!path)
        return refuse(ctx, errno, "getcwd");
    JSValue result = posix_text(ctx, path);
    free(path);
    return result;
}

/* ---- The process ---- */

static JSValue js_umask(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    int32_t mask;
    if (JS_ToInt32(ctx, &mask, argv[0]))
        return JS_EXCEPTION;
    return JS_NewInt32(ctx, (int32_t)umask((mode_t)mask));
}

static JSValue js_geteuid(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    return JS_NewUint32(ctx, geteuid());
}

static JSValue js_getpid(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    return JS_NewInt32(ctx, getpid());
}

/* Milliseconds of a clock that nobody sets; as in Node, it stands still while the machine sleeps. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static JSValue js_now(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    return JS_NewFloat64(ctx, now());
}

static JSValue js_sleep(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    double wanted;
    if (JS_ToFloat64(ctx, &wanted, argv[0]))
        return JS_EXCEPTION;
    if (wanted > 0) {
        double seconds = wanted / 1e3;
        struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
        while (nanosleep(&time, &time) < 0 && errno == EINTR)
            ;
    }
    return JS_UNDEFINED;
}

static JSValue js_environ(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    JSValue list = JS_NewArray(ctx);
    int is_bad = JS_IsException(list);
    for (uint32_t n = 0; !is_bad && environ[n]; n++)
        is_bad = append(ctx, list, n, posix_text(ctx, environ[n])) < 0;
    if (!is_bad)
        return list;
    JS_FreeValue(ctx, list);
    return JS_EXCEPTION;
}

/* ---- Programs ---- */

static void free_words(char **words)
{
    for (char **at = words; words && *at; at++)
        free(*at);
    free(words);
}

/* A list of texts, ended by NULL; NULL with an exception. */
static char **list_of_words(JSContext *ctx, JSValueConst list)
{
    int64_t length;
    JSValue value = JS_GetPropertyStr(ctx, list, "length");
    int is_bad = JS_ToInt64(ctx, &length, value);
    JS_FreeValue(ctx, value);
    if (is_bad || length < 0 || length > 1 << 20) {
        if (!is_bad)
            JS_ThrowRangeError(ctx, "too many words");
        return NULL;
    }
    char **words = calloc((size_t)length + 1, sizeof(*words));
    if (!words) {
        JS_ThrowOutOfMemory(ctx);
        return NULL;
    }
    for (int64_t n = 0; n < length; n++) {
        value = JS_GetPropertyUint32(ctx, list, (uint32_t)n);
        words[n] = words_of(ctx, value);
        JS_FreeValue(ctx, value);
        if (!words[n]) {
            free_words(words);
            return NULL;
        }
    }
    return words;
}

struct output {
    uint8_t *bytes;
    size_t length, room;
};

struct run {
    pid_t pid;
    /* Ends of pipes on this side; -1 where closed. */
    int input, outputs[2];
    struct output texts[2];
};

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* How many files the process could have open when it began; nothing where that is not known. */
static struct rlimit files;

/*
 * As Node begins. A file that becomes too large and a reader that is gone are errors of write(2),
 * the end of a child is waited for even where the parent ignores that of its own, and what the
 * parent blocked is let through. A fleet has thousands of folders open at once.
 */
void posix_begin(void)
{
    sigset_t none;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        struct rlimit most = {files.rlim_max, files.rlim_max};
        setrlimit(RLIMIT_NOFILE, &most);
    }
}

/* A daemon that a program starts would hold what this process was given, a lock among it. */
static void close_others_at_exec(void)
{
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    /* Before Linux 5.11: as libuv, which takes a gap above the first few for the end. */
    for (int fd = 3; fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 || fd < 16; fd++)
        ;
}

/* The child after fork(2): its three streams, what posix_begin changed as it was, the program. */
static void become(char **argv, char **env, int streams[3], int report)
{
    /* First out of the way of 0, 1 and 2, which the others may be. */
    for (int n = 0; n < 3; n++) {
        if (streams[n] < 3 && (streams[n] = fcntl(streams[n], F_DUPFD_CLOEXEC, 3)) < 0)
            goto failed;
    }
    if (report < 3 && (report = fcntl(report, F_DUPFD_CLOEXEC, 3)) < 0)
        _exit(127);
    for (int n = 0; n < 3; n++) {
        if (dup2(streams[n], n) < 0)
            goto failed;
    }
    close_others_at_exec();
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    if (files.rlim_max > 0)
        setrlimit(RLIMIT_NOFILE, &files);
    environ = env;
    execvp(argv[0], argv);
failed:;
    int error = errno;
    ssize_t written = write(report, &error, sizeof(error));
    (void)written;
    _exit(127);
}

/* Starts it. 0, or errno. */
static int start(struct run *run, char **argv, char **env)
{
    int pipes[4][2] = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    int error = 0;
    for (int n = 0; n < 4 && !error; n++) {
        if (pipe2(pipes[n], O_CLOEXEC) < 0)
            error = errno;
    }
    if (!error && (run->pid = fork()) < 0)
        error = errno;
    if (!error && run->pid == 0) {
        int streams[3] = {pipes[0][0], pipes[1][1], pipes[2][1]};
        become(argv, env, streams, pipes[3][1]);
    }
    close_one(&pipes[0][0]);
    close_one(&pipes[1][1]);
    close_one(&pipes[2][1]);
    close_one(&pipes[3][1]);
    if (!error) {
        int reported;
        ssize_t count;
        RETRY(count, read(pipes[3][0], &reported, sizeof(reported)));
        if (count == (ssize_t)sizeof(reported)) {
            error = reported;
            while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
                ;
        }
    }
    close_one(&pipes[3][0]);
    if (error) {
        close_one(&pipes[0][1]);
        close_one(&pipes[1][0]);
        close_one(&pipes[2][0]);
        return error;
    }
    run->input = pipes[0][1];
    run->outputs[0] = pipes[1][0];
    run->outputs[1] = pipes[2][0];
    fcntl(run->input, F_SETFL, O_NONBLOCK);
    return 0;
}

/* Takes what there is of an output. 0, or errno: ENOBUFS above the limit. */
static int take(struct run *run, int n, double limit)
{
    struct output *text = &run->texts[n];
    if (text->room - text->length < 65536) {
        size_t room = text->room * 2 + 131072;
        uint8_t *bytes = realloc(text->bytes, room);
        if (!bytes)
            return ENOMEM;
        text->bytes = bytes;
        text->room = room;
    }
    ssize_t count = read(run->outputs[n], text->bytes + text->length, 65536);
    if (count < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : errno;
    if (count == 0)
        close_one(&run->outputs[n]);
    text->length += (size_t)count;
    return (double)text->length > limit ? ENOBUFS : 0;
}

/*
 * Until both outputs are at their end, and the program has its input or wants no more of it: one
 * that closes its outputs first would wait for the rest of it for ever. 0, or errno: ENOBUFS,
 * ETIMEDOUT.
 */
static int attend(struct run *run, const uint8_t *input, size_t left, double limit, double deadline)
{
    if (left == 0)
        close_one(&run->input);
    while (run->outputs[0] >= 0 || run->outputs[1] >= 0 || run->input >= 0) {
        struct pollfd of[3] = {
            {run->outputs[0], POLLIN, 0}, {run->outputs[1], POLLIN, 0}, {run->input, POLLOUT, 0}};
        double wait = deadline < 0 ? -1 : deadline - now();
        if (deadline >= 0 && wait <= 0)
            return ETIMEDOUT;
        int ready = poll(of, 3, deadline < 0 ? -1 : wait > 1e6 ? 1000000 : (int)wait + 1);
        if (ready < 0 && errno != EINTR)
            return errno;
        if (ready <= 0)
            continue;
        for (int n = 0; n < 2; n++) {
            int error = of[n].fd >= 0 && of[n].revents ? take(run, n, limit) : 0;
            if (error)
                return error;
        }
        if (of[2].fd >= 0 && of[2].revents) {
            ssize_t count = write(run->input, input, left > 65536 ? 65536 : left);
            if (count > 0) {
                input += count;
                left -= (size_t)count;
            }
            /* A program need not read what it is given. */
            if (left == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
                close_one(&run->input);
        }
    }
    return 0;
}

/* The end of a program. 0, or ETIMEDOUT; its status as waitpid(2) has it. */
static int reap(struct run *run, double deadline, int *status)
{
    for (;;) {
        pid_t ended = waitpid(run->pid, status, deadline < 0 ? 0 : WNOHANG);
        if (ended == run->pid)
            return 0;
        if (ended < 0 && errno != EINTR)
            return errno;
        if (deadline >= 0) {
            if (now() >= deadline)
                return ETIMEDOUT;
            poll(NULL, 0, 2);
        }
    }
}

/*
 * spawn(input buffer, offset, length, words, environment, limit, milliseconds or -1): runs a
 * program to its end. The first word is searched for in the PATH of its environment.
 * [errno's name or '', status or -1, standard output, standard error], the last two buffers.
 */
static JSValue js_spawn(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t length;
    double limit, timeout;
    if (JS_ToFloat64(ctx, &limit, argv[5]) || JS_ToFloat64(ctx, &timeout, argv[6]))
        return JS_EXCEPTION;
    char **words = list_of_words(ctx, argv[3]);
    char **env = words ? list_of_words(ctx, argv[4]) : NULL;
    if (!env || !words[0]) {
        free_words(words);
        free_words(env);
        return env ? JS_ThrowRangeError(ctx, "no program") : JS_EXCEPTION;
    }
    /* Last: no JavaScript runs from here on, which might take the bytes away. */
    uint8_t *input = part_of(ctx, argv, &length);
    if (!input) {
        free_words(words);
        free_words(env);
        return JS_EXCEPTION;
    }
    struct run run = {.pid = -1, .input = -1, .outputs = {-1, -1}};
    int status = 0;
    double deadline = timeout < 0 ? -1 : now() + timeout;
    int error = start(&run, words, env);
    int is_started = !error;
    free_words(words);
    free_words(env);
    if (is_started) {
        error = attend(&run, input, length, limit, deadline);
        if (!error)
            error = reap(&run, deadline, &status);
        if (error) {
            kill(run.pid, SIGKILL);
            reap(&run, -1, &status);
        }
    }
    close_one(&run.input);
    close_one(&run.outputs[0]);
    close_one(&run.outputs[1]);
    const char *name = error ? strerrorname_np(error) : "";
    JSValue values[] = {
        JS_NewString(ctx, name ? name : "EUNKNOWN"),
        JS_NewInt32(ctx, is_started && !error && WIFEXITED(status) ? WEXITSTATUS(status) : -1),
        JS_NewArrayBufferCopy(ctx, run.texts[0].bytes ? run.texts[0].bytes : (uint8_t *)"", run.texts[0].length),
        JS_NewArrayBufferCopy(ctx, run.texts[1].bytes ? run.texts[1].bytes : (uint8_t *)"", run.texts[1].length),
    };
    free(run.texts[0].bytes);
    free(run.texts[1].bytes);
    return list_of(ctx, values, sizeof(values) / sizeof(*values));
}

/* A run that does not come to its end has failed. */
static int wanted_status = 1;

int posix_status(void)
{
    return wanted_status;
}

static JSValue js_status(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    return JS_ToInt32(ctx, &wanted_status, argv[0]) ? JS_EXCEPTION : JS_UNDEFINED;
}

#define CONSTANT(name) JS_PROP_INT32_DEF(#name, name, JS_PROP_ENUMERABLE)

static const JSCFunctionListEntry CONSTANTS[] = {
    CONSTANT(R_OK),       CONSTANT(O_RDONLY),   CONSTANT(O_WRONLY),   CONSTANT(O_CREAT), CONSTANT(O_EXCL),
    CONSTANT(O_NONBLOCK), CONSTANT(O_NOFOLLOW), CONSTANT(O_DIRECTORY),
};

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_OBJECT_DEF("constants", CONSTANTS, sizeof(CONSTANTS) / sizeof(*CONSTANTS), JS_PROP_ENUMERABLE),
    JS_CFUNC_DEF("encode", 1, js_encode),
    JS_CFUNC_DEF("decode", 3, js_decode),
    JS_CFUNC_DEF("isUtf8", 3, js_is_utf8),
    JS_CFUNC_MAGIC_DEF("read", 4, js_transfer, READ),
    JS_CFUNC_MAGIC_DEF("write", 4, js_transfer, WRITE),
    JS_CFUNC_MAGIC_DEF("close", 1, js_descriptor, CLOSE),
    JS_CFUNC_MAGIC_DEF("fsync", 1, js_descriptor, FSYNC),
    JS_CFUNC_MAGIC_DEF("fstat", 1, js_descriptor, FSTAT),
    JS_CFUNC_MAGIC_DEF("fchmod", 2, js_descriptor, FCHMOD),
    JS_CFUNC_MAGIC_DEF("fchown", 3, js_descriptor, FCHOWN),
    JS_CFUNC_MAGIC_DEF("open", 3, js_named, OPEN),
    JS_CFUNC_MAGIC_DEF("stat", 1, js_named, STAT),
    JS_CFUNC_MAGIC_DEF("lstat", 1, js_named, LSTAT),
    JS_CFUNC_MAGIC_DEF("readlink", 1, js_named, READLINK),
    JS_CFUNC_MAGIC_DEF("readdir", 1, js_named, READDIR),
    JS_CFUNC_MAGIC_DEF("unlink", 1, js_named, UNLINK),
    JS_CFUNC_MAGIC_DEF("rmdir", 1, js_named, RMDIR),
    JS_CFUNC_MAGIC_DEF("mkdir", 2, js_named, MKDIR),
    JS_CFUNC_MAGIC_DEF("access", 2, js_named, ACCESS),
    JS_CFUNC_MAGIC_DEF("link", 2, js_two, LINK),
    JS_CFUNC_MAGIC_DEF("symlink", 2, js_two, SYMLINK),
    JS_CFUNC_MAGIC_DEF("rename", 2, js_two, RENAME),
    JS_CFUNC_DEF("getcwd", 0, js_getcwd),
    JS_CFUNC_DEF("umask", 1, js_umask),
    JS_CFUNC_DEF("geteuid", 0, js_geteuid),
    JS_CFUNC_DEF("getpid", 0, js_getpid),
    JS_CFUNC_DEF("now", 0, js_now),
    JS_CFUNC_DEF("sleep", 1, js_sleep),
    JS_CFUNC_DEF("environ", 0, js_environ),
    JS_CFUNC_DEF("spawn", 7, js_spawn),
    JS_CFUNC_DEF("status", 1, js_status),
};

void posix_add(JSContext *ctx, JSValueConst object)
{
    JS_SetPropertyFunctionList(ctx, object, FUNCTIONS, sizeof(FUNCTIONS) / sizeof(*FUNCTIONS));
}
