/* Finding a script by name or by file.
 *
 * "dev" is lua/profiles/dev.lua below the working directory, else below
 * the home (base/home.h), else the copy compiled into the program. What has a slash in it
 * or ends with .lua is a file and nothing else. */
#ifndef SCRIPT_SCRIPT_FILE_H
#define SCRIPT_SCRIPT_FILE_H

#include <stdbool.h>

#include "base/buf.h"

enum { SCRIPT_PATH_MAX = 512 };

struct script_file {
    char path[SCRIPT_PATH_MAX]; /* for messages: "lua/profiles/dev.lua" */
    bool is_builtin;            /* the copy in the program: there is no such file */
    struct buf text;
};

/* `folder` is the role's: "profiles", "strategies". ERR_MISSING says where it looked and what
 * is like it; ERR_RANGE for more than SANDBOX_SOURCE_MAX bytes. script_file_clear afterwards.
 */
enum err script_file_load(const char *folder, const char *name, struct script_file *out,
                          struct fault *why) MUST_CHECK;
void script_file_clear(struct script_file *file);

/* Whether a word names a file rather than a script of the tree. */
bool script_name_is_path(const char *name);

#endif
