/* Between main.c and pool.c. */
#ifndef POOL_H
#define POOL_H

#include "quickjs.h"

/* How QuickJS gets its memory; for one runtime. */
extern const JSMallocFunctions POOL;

#endif
