/* Between main.c and posix.c. */
#ifndef POSIX_H
#define POSIX_H

#include <stdint.h>
#include <stdio.h>

#include "quickjs.h"

/* Signals and limits as the program needs them; before all else. */
void posix_begin(void);

/* Gives an object the functions of posix.c. */
void posix_add(JSContext *ctx, JSValueConst object);

/* A text of the system's, as a string. */
JSValue posix_text(JSContext *ctx, const char *text);

/* What the program wants to end with. */
int posix_status(void);

#endif
