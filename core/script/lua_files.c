#include "script/lua_files.h"

#include <string.h>

const struct lua_file *lua_files_find(const char *name)
{
    for (const struct lua_file *file = lua_files; file->name; file++)
        if (strcmp(file->name, name) == 0)
            return file;
    return NULL;
}
