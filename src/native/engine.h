/* Included before each file of QuickJS by the build: what its changes there (build/engine.ts) need. */
#ifndef ENGINE_H
#define ENGINE_H

#include <stdint.h>

/*
 * An object's address as a key of hash tables: counted from where its memory begins, so that the
 * tables of a snapshot are right wherever it is loaded. In qjsc it is the address itself.
 */
#ifdef ENGINE_ALONE
#define engine_address(object) ((uintptr_t)(object))
#else
uintptr_t engine_address(const void *object);
#endif

#endif
