/* Profiles: settings in a Lua file that returns a table.
 *
 *     return {
 *        extends = "paper",
 *        symbols = { "BTC-USD" },
 *        risk = { max_order_value = 500 },
 *     }
 *
 * A profile may extend another, by name or file (a file beside it: "./base.lua").
 * Tables are merged key by key; a list is replaced whole. */
#ifndef SCRIPT_PROFILE_H
#define SCRIPT_PROFILE_H

#include "base/options.h"
#include "script/script_file.h"

enum { PROFILE_CHAIN_MAX = 8 };

/* The files it was made of: the profile itself, then what it extends, and so on. */
struct profile {
    int count;
    char paths[PROFILE_CHAIN_MAX][SCRIPT_PATH_MAX];
    bool is_builtin[PROFILE_CHAIN_MAX];
};

/* Sets everything the profile says, from OPTION_FROM_PROFILE and "file:line". All mistakes are
 * found, not only the first: one line each in *problems (may be NULL), in the order of the
 * files; *why has the first and how many there are. After an error the options' targets are
 * half filled and good for nothing: load into fresh ones and swap. */
enum err profile_load(const char *name, struct options *options, struct profile *out,
                      struct buf *problems, struct fault *why) MUST_CHECK;

#endif
