/* Values of QuickJS, as posix.c, files.c and programs.c take and return them. */
#ifndef VALUES_H
#define VALUES_H

#include <stdint.h>
#include <stdio.h>

#include "quickjs.h"

/* A call that a signal may interrupt. */
#define RETRY(result, call)   \
    do                        \
        (result) = (call);    \
    while ((result) < 0 && errno == EINTR)

/* Throws an Error for a number of errno. */
JSValue refuse(JSContext *ctx, int error, const char *call);

/* What a call returned, or the Error of errno where it is negative. */
JSValue done(JSContext *ctx, int result, const char *call);

/* Puts a value, which it takes, into a list. Negative with an exception, also where the value is one. */
int append(JSContext *ctx, JSValueConst list, uint32_t n, JSValue value);

/* A list of values, which it takes. */
JSValue list_of(JSContext *ctx, const JSValue *values, uint32_t count);

/* Bytes as a string: what is not UTF-8 becomes U+FFFD. */
JSValue text_of(JSContext *ctx, const uint8_t *bytes, size_t length);

/* A copy for the kernel, to be freed by `free`; NULL with an exception. No NUL may be in it. */
char *words_of(JSContext *ctx, JSValueConst value);

/* The part of an ArrayBuffer that arguments 1 and 2 name, offset and length; NULL with an exception. */
uint8_t *part_of(JSContext *ctx, JSValueConst *argv, size_t *length);

/* Gives an object the functions of values.c: texts to bytes and back. */
void values_add(JSContext *ctx, JSValueConst object);

#endif
