/* Everything a script can name, in one table: what `help` prints, what
 * docs/lua-api.md and the LuaLS meta file are written from, and what is bound
 * into a sandbox. What is not listed here does not exist. */
#ifndef SCRIPT_REGISTRY_H
#define SCRIPT_REGISTRY_H

#include <lua.h>

#include <stdbool.h>

#include "base/buf.h"

enum entry_kind {
    ENTRY_FUNCTION, /* group.name(...), a global when the group is "" */
    ENTRY_METHOD,   /* handle:name(...) */
    ENTRY_FIELD,    /* handle.name */
};

struct entry {
    enum entry_kind kind;
    const char *name;
    const char *usage;  /* "sma(length: integer): indicator", "number?": a LuaLS type */
    const char *doc;    /* sentences for the trader; units; when it is nil */
    lua_CFunction call; /* NULL: written in Lua under lua/perigee, or a field */
};

/* The entries of one noun: a class of handles ("market") or a library ("ta", "" for globals).
 */
struct group {
    const char *name;
    const char *doc;
    bool is_class;
    const struct entry *entries; /* ends with a NULL name */
};

/* Group by group; NULL past the end. */
const struct group *registry_at(int index);
const struct group *registry_find(const char *name);

/* docs/lua-api.md; the LuaLS meta file; and help(name) for "sma", "market.sma" or "market".
 * False when nothing has that name. */
void registry_write_markdown(struct buf *out);
void registry_write_meta(struct buf *out);
bool registry_write_help(const char *name, struct buf *out);

#endif
