/* Files, by descriptor and by name. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix.h"
#include "values.h"

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

#define CONSTANT(name) JS_PROP_INT32_DEF(#name, name, JS_PROP_ENUMERABLE)

static const JSCFunctionListEntry CONSTANTS[] = {
    CONSTANT(R_OK),       CONSTANT(O_RDONLY),   CONSTANT(O_WRONLY),   CONSTANT(O_CREAT), CONSTANT(O_EXCL),
    CONSTANT(O_NONBLOCK), CONSTANT(O_NOFOLLOW), CONSTANT(O_DIRECTORY),
};

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_OBJECT_DEF("constants", CONSTANTS, sizeof(CONSTANTS) / sizeof(*CONSTANTS), JS_PROP_ENUMERABLE),
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
};

void files_add(JSContext *ctx, JSValueConst object)
{
    JS_SetPropertyFunctionList(ctx, object, FUNCTIONS, sizeof(FUNCTIONS) / sizeof(*FUNCTIONS));
}
