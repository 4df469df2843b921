/*
 * The native binary: QuickJS, the program as a snapshot and as bytecode, and posix.c. There is no
 * `eval`, and no module but those in the binary. What is not in the snapshot is read when it is needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool.h"
#include "posix.h"
#include "snapshot.h"

/*
 * Made by the build. The first modules are those that are recorded: evaluated before the program
 * runs. Where they are recorded there is a snapshot, and of the modules the others alone.
 */
extern const uint8_t first_modules[], other_modules[], snapshot[];
extern const uint64_t first_modules_size, other_modules_size, snapshot_size;

/* Of 8 MiB that a process has; a text nested too deeply is refused long before. */
#define STACK (4 * 1024 * 1024)

/* Cycles are looked for only in a run that is large: one host's takes a tenth of this. */
#define COLLECT_FROM (64 * 1024 * 1024)

#ifdef FREE_ALL
#define FREES_ALL 1
#else
#define FREES_ALL 0
#endif

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

/* The global `posixCalls`. */
static int add_posix(JSContext *ctx)
{
    JSValue posix = JS_NewObject(ctx), global = JS_GetGlobalObject(ctx);
    posix_add(ctx, posix);
    int result = JS_DefinePropertyValueStr(ctx, global, "posixCalls", posix, JS_PROP_C_W_E);
    JS_FreeValue(ctx, global);
    return result;
}

struct module {
    const char *name;
    const uint8_t *packed;
    uint32_t packed_size, size;
};

/* The module at `from`. @returns where the next is */
static const uint8_t *module_at(const uint8_t *from, struct module *module)
{
    uint32_t sizes[3];
    memcpy(sizes, from, sizeof(sizes));
    module->name = (const char *)from + sizeof(sizes);
    module->packed = from + sizeof(sizes) + sizes[0];
    module->packed_size = sizes[1];
    module->size = sizes[2];
    return module->packed + sizes[1];
}

static int find_module(const uint8_t *from, size_t size, const char *name, struct module *module)
{
    for (const uint8_t *end = from + size; from < end;) {
        from = module_at(from, module);
        if (!strcmp(module->name, name))
            return 1;
    }
    return 0;
}

/* Functions are copied out of what is recorded; of all else they run from where it is, to the end. */
static JSValue read_module(JSContext *ctx, const struct module *module, int is_copied)
{
    uint8_t *bytes = malloc(module->size + PAST_END);
    if (!bytes)
        return JS_ThrowOutOfMemory(ctx);
    unpack(module->packed, module->packed_size, bytes);
    int flags = JS_READ_OBJ_BYTECODE | (is_copied ? 0 : JS_READ_OBJ_ROM_DATA);
    JSValue value = JS_ReadObject(ctx, bytes, module->size, flags);
    if (is_copied)
        free(bytes);
    return value;
}

static JSModuleDef *load(JSContext *ctx, const char *name, void *opaque)
{
    struct module module;
    int is_first = find_module(first_modules, first_modules_size, name, &module);
    if (!is_first && !find_module(other_modules, other_modules_size, name, &module)) {
        JS_ThrowReferenceError(ctx, "no module %s", name);
        return NULL;
    }
    JSValue value = read_module(ctx, &module, is_first || FREES_ALL);
    if (JS_IsException(value))
        return NULL;
    /* The context keeps it. */
    JSModuleDef *definition = JS_VALUE_GET_PTR(value);
    JS_FreeValue(ctx, value);
    return definition;
}

/* Runs what waits. @returns 0, or -1 for an error, which also one of `promise` is */
static int finish(JSContext *ctx, JSValue promise)
{
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

/* Evaluates the first modules, each with what it imports. */
static int evaluate(JSContext *ctx)
{
    struct module module;
    for (const uint8_t *at = first_modules; at < first_modules + first_modules_size;) {
        at = module_at(at, &module);
        if (finish(ctx, JS_LoadModule(ctx, "", module.name)) < 0)
            return -1;
    }
    return 0;
}

static JSContext *new_context(JSRuntime *runtime)
{
    if (!runtime)
        return NULL;
    JS_SetModuleLoaderFunc(runtime, NULL, load, NULL);
    JS_SetMaxStackSize(runtime, STACK);
    JS_SetGCThreshold(runtime, COLLECT_FROM);
    JSContext *ctx = context_of(runtime);
    if (!ctx)
        return NULL;
    if (add_posix(ctx) < 0 || evaluate(ctx) < 0) {
        print_error(ctx);
        return NULL;
    }
    return ctx;
}

/* Calls `main` of `posixCalls`, which the program has put there, with the words of the command line as `args`. */
static int run(JSContext *ctx, int argc, char **argv)
{
    JSValue global = JS_GetGlobalObject(ctx), args = JS_NewArray(ctx);
    JSValue posix = JS_GetPropertyStr(ctx, global, "posixCalls");
    JS_FreeValue(ctx, global);
    for (int n = 1; n < argc; n++)
        JS_DefinePropertyValueUint32(ctx, args, (uint32_t)(n - 1), posix_text(ctx, argv[n]), JS_PROP_C_W_E);
    int result = JS_DefinePropertyValueStr(ctx, posix, "args", args, JS_PROP_C_W_E);
    if (result >= 0) {
        JSValue main = JS_GetPropertyStr(ctx, posix, "main");
        result = finish(ctx, JS_Call(ctx, main, posix, 0, NULL));
        JS_FreeValue(ctx, main);
    }
    JS_FreeValue(ctx, posix);
    return result;
}

int main(int argc, char **argv)
{
    open_streams();
    posix_begin();
#ifdef FREE_ALL
    /* malloc, which is watched. */
    JSContext *ctx = new_context(JS_NewRuntime());
#else
    if (snapshot_size == 0) {
        JSContext *recorded = snapshot_begin() ? new_context(JS_NewRuntime2(&POOL, NULL)) : NULL;
        if (recorded)
            JS_SetMaxStackSize(JS_GetRuntime(recorded), 0);
        return recorded && snapshot_record(recorded) == 0 ? 0 : 1;
    }
    JSContext *ctx = snapshot_load(snapshot, snapshot_size);
#endif
    if (!ctx)
        return 1;
    JSRuntime *runtime = JS_GetRuntime(ctx);
    JS_UpdateStackTop(runtime);
    JS_SetMaxStackSize(runtime, STACK);
    int status = 1;
    if (run(ctx, argc, argv) < 0)
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
