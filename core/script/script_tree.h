/* A folder of Lua files that no name leads out of: not by "..", not by an absolute path,
 * not by a link that points outside. Files are regular, text, and at most
 * SANDBOX_SOURCE_MAX bytes.
 *
 * Links that stay beneath the root are followed where the kernel can promise that (openat2,
 * Linux 5.6); elsewhere no link is followed at all. */
#ifndef SCRIPT_SCRIPT_TREE_H
#define SCRIPT_SCRIPT_TREE_H

#include "base/err.h"
#include "script/sandbox.h"

struct script_tree;

enum err script_tree_open(const char *root, struct script_tree **out,
                          struct fault *why) MUST_CHECK;
void script_tree_close(struct script_tree *tree);

/* Reads a file by its path beneath the root, "signals/momentum.lua". ERR_MISSING when there
 * is none, ERR_REFUSED when it lies outside or is not text, ERR_RANGE when it is too large. */
enum err script_tree_read(const struct script_tree *tree, const char *path,
                          struct sandbox_source *out, struct fault *why) MUST_CHECK;

/* Reads a module by the name a script gives to require: "signals.momentum". */
enum err script_tree_find(const struct script_tree *tree, const char *module,
                          struct sandbox_source *out, struct fault *why) MUST_CHECK;

/* The same among the files compiled in. */
enum err script_builtin_find(const char *module, struct sandbox_source *out,
                             struct fault *why) MUST_CHECK;

#endif
