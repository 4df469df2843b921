/*
 * What the native binary asks of the kernel: thin wrappers around POSIX calls, as the functions of
 * one object, and nothing else; files are in files.c, programs in programs.c, texts in values.c.
 * `fs.ts` and `process.ts` beside this file build on them what src/node/ uses of Node.
 *
 * Every function takes and returns plain values. A call that the kernel refuses throws an Error
 * whose `code` is the name of errno, as Node's do. Texts are UTF-8: what is not becomes U+FFFD on
 * its way in, a lone surrogate on its way out.
 */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "posix.h"
#include "values.h"

extern char **environ;

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

void posix_end(void)
{
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    if (files.rlim_max > 0)
        setrlimit(RLIMIT_NOFILE, &files);
}

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

double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static JSValue js_now(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    return JS_NewFloat64(ctx, now());
}

static volatile sig_atomic_t is_interrupted;

static void note_interrupt(int number)
{
    is_interrupted = 1;
}

/*
 * Until it is called with false, SIGINT makes `sleep` throw; one that was ignored stays so. Returns
 * whether there was one since the last call.
 */
static JSValue js_catch_interrupt(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    static struct sigaction before;
    static int is_caught;
    struct sigaction noted = {.sa_handler = note_interrupt};
    int was_interrupted = is_interrupted;
    if (is_caught)
        sigaction(SIGINT, &before, NULL);
    is_caught = 0;
    is_interrupted = 0;
    if (JS_ToBool(ctx, argv[0]) && sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        is_caught = sigaction(SIGINT, &noted, NULL) == 0;
    return JS_NewBool(ctx, was_interrupted);
}

static JSValue js_sleep(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    double wanted;
    if (JS_ToFloat64(ctx, &wanted, argv[0]))
        return JS_EXCEPTION;
    if (wanted > 0) {
        double seconds = wanted / 1e3;
        struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
        while (!is_interrupted && nanosleep(&time, &time) < 0 && errno == EINTR)
            ;
        if (is_interrupted)
            return refuse(ctx, EINTR, "sleep");
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

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_CFUNC_DEF("umask", 1, js_umask),
    JS_CFUNC_DEF("geteuid", 0, js_geteuid),
    JS_CFUNC_DEF("getpid", 0, js_getpid),
    JS_CFUNC_DEF("now", 0, js_now),
    JS_CFUNC_DEF("catchInterrupt", 1, js_catch_interrupt),
    JS_CFUNC_DEF("sleep", 1, js_sleep),
    JS_CFUNC_DEF("environ", 0, js_environ),
    JS_CFUNC_DEF("status", 1, js_status),
};

static void process_add(JSContext *ctx, JSValueConst object)
{
    JS_SetPropertyFunctionList(ctx, object, FUNCTIONS, sizeof(FUNCTIONS) / sizeof(*FUNCTIONS));
}

void posix_add(JSContext *ctx, JSValueConst object)
{
    values_add(ctx, object);
    files_add(ctx, object);
    programs_add(ctx, object);
    process_add(ctx, object);
}
