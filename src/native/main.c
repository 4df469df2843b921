/*
 * The native binary: QuickJS, the program as bytecode, and posix.c. There is no `eval`, and no
 * module but those in the binary. One is read when it is needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool.h"
#include "posix.h"

/* The modules of the program, made by the build. */
struct module {
    const char *name;
    const uint8_t *bytes;
    const uint32_t *size;
};
extern const struct module MODULES[];

/* Of 8 MiB that a process has; a text nested too deeply is refused long before. */
#define STACK (4 * 1024 * 1024)

/* Cycles are looked for only in a run that is large: one host's takes a tenth of this. */
#define COLLECT_FROM (64 * 1024 * 1024)

/* A stream that is closed would be the next file that is opened. */
static void open_streams(void)
{
    struct stat about;
    for (int fd = 0; fd < 3; fd++) {
        if (fstat(fd, &about) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd)
            _exit(1);
    }
}

static void print_error(JSContext *ctx)
{
    JSValue error = JS_GetException(ctx);
    const char *text = JS_ToCString(ctx, error);
    fprintf(stderr, "%s\n", text ? text : "internal error");
    JS_FreeCString(ctx, text);
    JSValue stack = JS_GetPropertyStr(ctx, error, "stack");
    if (JS_IsString(stack)) {
        text = JS_ToCString(ctx, stack);
        fprintf(stderr, "%s", text ? text : "");
        JS_FreeCString(ctx, text);
    }
    JS_FreeValue(ctx, stack);
    JS_FreeValue(ctx, error);
}

static JSContext *context_of(JSRuntime *runtime)
{
    JSContext *ctx = JS_NewContextRaw(runtime);
    if (!ctx)
        return NULL;
    JS_AddIntrinsicBaseObjects(ctx);
    JS_AddIntrinsicDate(ctx);
    JS_AddIntrinsicStringNormalize(ctx);
    JS_AddIntrinsicRegExpCompiler(ctx);
    JS_AddIntrinsicRegExp(ctx);
    JS_AddIntrinsicJSON(ctx);
    JS_AddIntrinsicProxy(ctx);
    JS_AddIntrinsicMapSet(ctx);
    JS_AddIntrinsicTypedArrays(ctx);
    JS_AddIntrinsicPromise(ctx);
    JS_AddIntrinsicWeakRef(ctx);
    return ctx;
}

/* The global `posixCalls`, with the words of the command line as `args`. */
static int add_posix(JSContext *ctx, int argc, char **argv)
{
    JSValue posix = JS_NewObject(ctx), args = JS_NewArray(ctx), global = JS_GetGlobalObject(ctx);
    int result = 0;
    posix_add(ctx, posix);
    for (int n = 1; n < argc; n++)
        JS_DefinePropertyValueUint32(ctx, args, (uint32_t)(n - 1), posix_text(ctx, argv[n]), JS_PROP_C_W_E);
    if (JS_DefinePropertyValueStr(ctx, posix, "args", args, JS_PROP_C_W_E) < 0 ||
        JS_DefinePropertyValueStr(ctx, global, "posixCalls", posix, JS_PROP_C_W_E) < 0)
        result = -1;
    JS_FreeValue(ctx, global);
    return result;
}

/* One of MODULES, not linked yet. */
static JSValue module_of(JSContext *ctx, const char *name)
{
    for (const struct module *of = MODULES; of->name; of++) {
        if (!strcmp(of->name, name))
            return JS_ReadObject(ctx, of->bytes, *of->size, JS_READ_OBJ_BYTECODE | JS_READ_OBJ_ROM_DATA);
    }
    return JS_ThrowReferenceError(ctx, "no module %s", name);
}

static JSModuleDef *load(JSContext *ctx, const char *name, void *opaque)
{
    JSValue module = module_of(ctx, name);
    if (JS_IsException(module))
        return NULL;
    /* The context keeps it. */
    JSModuleDef *definition = JS_VALUE_GET_PTR(module);
    JS_FreeValue(ctx, module);
    return definition;
}

/* Runs the program, and what it waits for. */
static int run(JSContext *ctx)
{
    JSValue function = module_of(ctx, MODULES[0].name);
    if (JS_IsException(function) || JS_ResolveModule(ctx, function) < 0)
        return -1;
    JSValue promise = JS_EvalFunction(ctx, function);
    if (JS_IsException(promise))
        return -1;
    JSContext *other;
    int jobs;
    while ((jobs = JS_ExecutePendingJob(JS_GetRuntime(ctx), &other)) > 0)
        ;
    if (jobs == 0 && JS_PromiseState(ctx, promise) == JS_PROMISE_REJECTED) {
        JS_Throw(ctx, JS_PromiseResult(ctx, promise));
        jobs = -1;
    }
    JS_FreeValue(ctx, promise);
    return jobs;
}

int main(int argc, char **argv)
{
    open_streams();
    posix_begin();
#ifdef FREE_ALL
    /* malloc, which is watched. */
    JSRuntime *runtime = JS_NewRuntime();
#else
    JSRuntime *runtime = JS_NewRuntime2(&POOL, NULL);
#endif
    if (!runtime)
        return 1;
    JS_SetModuleLoaderFunc(runtime, NULL, load, NULL);
    JS_SetMaxStackSize(runtime, STACK);
    JS_SetGCThreshold(runtime, COLLECT_FROM);
    JSContext *ctx = context_of(runtime);
    if (!ctx)
        return 1;
    int status = 1;
    if (add_posix(ctx, argc, argv) < 0 || run(ctx) < 0)
        print_error(ctx);
    else
        status = posix_status();
#ifdef FREE_ALL
    JS_FreeContext(ctx);
    JS_FreeRuntime(runtime);
#endif
    /* The kernel frees it all at once. */
    fflush(stderr);
    _exit(status);
}
