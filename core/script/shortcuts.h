/* Rewrites a script so that it finds what never changes without looking for it.
 *
 * Globals and libraries are read-only, so `ta.crossed_above` means the same
 * function from the first line of a chunk to its last. But Lua looks both names up
 * on every call, and twice each, since what is read-only lies behind a stand-in
 * (sandbox_env.c). This puts
 *
 *     local crossed_above<const>,buy<const> = ta.crossed_above,buy;
 *
 * before the first line of the chunk and writes `crossed_above` where it said
 * `ta.crossed_above`. A constant local is a quarter of the cost of a global and an
 * eighth of that of a function in a library.
 *
 * What is promised: if both texts compile, they mean the same. All lines keep their
 * numbers. Nothing becomes writable; the shortcuts are read through the same
 * stand-ins, once. Where it cannot be sure, it leaves the text as it is. */
#ifndef SCRIPT_SHORTCUTS_H
#define SCRIPT_SHORTCUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct shortcuts;

struct shortcuts *shortcuts_new(void);
void shortcuts_free(struct shortcuts *shortcuts);

/* A name that means the same as long as the sandbox lives: a global, or one in a
 * library. Tables do not belong here, they are what hides behind stand-ins. */
void shortcuts_add(struct shortcuts *shortcuts, const char *library_or_null, const char *name);

/* Appends the chunk with shortcuts. False, and nothing appended, when it has no use for any. */
bool shortcuts_apply(const struct shortcuts *shortcuts, const char *text, size_t len,
                     struct buf *out);

#endif
