/* The memory of one Lua state: a private mapping with a hard limit, dropped whole. Jumping
 * out of the state at any instruction is therefore harmless, and teardown costs one munmap.
 *
 * The limit counts what is handed out, rounded up to the sizes kept; the mapping is twice
 * as large, so that blocks of other sizes left behind by garbage cannot eat it up. `grace`
 * is head room that opens once, for the report of a breach.
 *
 * Where blocks lie depends on nothing but the sequence of calls: two processes that do the
 * same get the same offsets, and the order of addresses may be used as the order of things
 * without a natural one. */
#ifndef SCRIPT_ARENA_H
#define SCRIPT_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/* NULL when the mapping is refused (address space, overcommit). */
struct arena *arena_new(size_t limit, size_t grace);
void arena_free(struct arena *arena);

/* The contract of lua_Alloc: NULL when it does not fit, except that shrinking never fails;
 * size 0 frees. */
void *arena_resize(struct arena *arena, void *old, size_t old_size, size_t size);

size_t arena_used(const struct arena *arena);   /* bytes handed out now */
size_t arena_mapped(const struct arena *arena); /* bytes of address space */
void arena_open_grace(struct arena *arena);

/* Fault injection for tests: the nth request from now on and the `times - 1` after it fail.
 * 0 turns it off. */
void arena_fail_at(struct arena *arena, uint64_t nth, uint64_t times);

#endif
