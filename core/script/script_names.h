/* The scripts that are there, and what to say when the one asked for is not: where it was
 * looked for, what is like it, and what to do. */
#ifndef SCRIPT_SCRIPT_NAMES_H
#define SCRIPT_SCRIPT_NAMES_H

#include "base/err.h"

/* `folder` is the role's: "profiles", "strategies". Both are ERR_MISSING. */
enum err script_names_fail_name(const char *folder, const char *name, struct fault *why);
enum err script_names_fail_path(const char *folder, const char *path, struct fault *why);

#endif
