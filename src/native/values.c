/* Values of QuickJS that the functions of this folder take and return: errors, lists, texts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "values.h"

JSValue refuse(JSContext *ctx, int error, const char *call)
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

JSValue done(JSContext *ctx, int result, const char *call)
{
    return result < 0 ? refuse(ctx, errno, call) : JS_NewInt32(ctx, result);
}

int append(JSContext *ctx, JSValueConst list, uint32_t n, JSValue value)
{
    return JS_IsException(value) ? -1 : JS_DefinePropertyValueUint32(ctx, list, n, value, JS_PROP_C_W_E);
}

JSValue list_of(JSContext *ctx, const JSValue *values, uint32_t count)
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

JSValue text_of(JSContext *ctx, const uint8_t *bytes, size_t length)
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

char *words_of(JSContext *ctx, JSValueConst value)
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

uint8_t *part_of(JSContext *ctx, JSValueConst *argv, size_t *length)
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

static const JSCFunctionListEntry FUNCTIONS[] = {
    JS_CFUNC_DEF("encode", 1, js_encode),
    JS_CFUNC_DEF("decode", 3, js_decode),
    JS_CFUNC_DEF("isUtf8", 3, js_is_utf8),
};

void values_add(JSContext *ctx, JSValueConst object)
{
    JS_SetPropertyFunctionList(ctx, object, FUNCTIONS, sizeof(FUNCTIONS) / sizeof(*FUNCTIONS));
}
