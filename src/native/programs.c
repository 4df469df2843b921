/* Programs that are run to their end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "posix.h"
#include "values.h"

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
    posix_end();
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

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_CFUNC_DEF("spawn", 7, js_spawn),
};

void programs_add(JSContext *ctx, JSValueConst object)
{
    JS_SetPropertyFunctionList(ctx, object, FUNCTIONS, sizeof(FUNCTIONS) / sizeof(*FUNCTIONS));
}
