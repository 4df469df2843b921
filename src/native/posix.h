/* What main.c asks of posix.c, and posix.c of files.c and programs.c. */
#ifndef POSIX_H
#define POSIX_H

#include "quickjs.h"

/* Signals and limits as the program needs them; before all else. */
void posix_begin(void);

/* What posix_begin changed, as it was: for a program that is started. */
void posix_end(void);

/* Milliseconds of a clock that nobody sets; as in Node, it stands still while the machine sleeps. */
double now(void);

/* Gives an object the functions of files.c. */
void files_add(JSContext *ctx, JSValueConst object);

/* Gives an object the functions of programs.c. */
void programs_add(JSContext *ctx, JSValueConst object);

/* Gives an object the functions of all of them. */
void posix_add(JSContext *ctx, JSValueConst object);

/* A text of the system's, as a string. */
JSValue posix_text(JSContext *ctx, const char *text);

/* What the program wants to end with. */
int posix_status(void);

#endif
