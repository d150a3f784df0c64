/* The scripts under lua/, compiled in (.ci/embed writes the table). */
#ifndef SCRIPT_LUA_FILES_H
#define SCRIPT_LUA_FILES_H

#include <stddef.h>

struct lua_file {
    const char *name; /* "lua/perigee/ta.lua" */
    const char *bytes;
    size_t len;
};

extern const struct lua_file lua_files[]; /* ends with a NULL name */

/* By its whole name; NULL when there is none. */
const struct lua_file *lua_files_find(const char *name);

#endif
