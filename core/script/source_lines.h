/* Which line of a Lua file a key of its table stands on.
 *
 * A table that a script returned no longer knows where its keys were written.
 * This reads the source again, just enough to see table constructors: names,
 * strings, brackets, comments. It follows what people write in data files: nested
 * constructors, lists, `local limits = { ... }` used later, `profile.risk = { ... }`.
 * It never runs anything, and being wrong costs a line number, nothing more. */
#ifndef SCRIPT_SOURCE_LINES_H
#define SCRIPT_SOURCE_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct source_lines;

struct source_lines *source_lines_new(const char *text, size_t len);
void source_lines_free(struct source_lines *lines);

/* The line of "risk.symbols.BTC-USD.max_order_size" in the table that the file returns; items
 * of lists are numbered from 1. Where the key is not seen, the line of the nearest table around
 * it; 0 when not even `return` is. */
int source_lines_find(const struct source_lines *lines, const char *path);

/* A key that one constructor writes twice, of which Lua keeps the later without a word: the
 * first such in the file. Borrowed. */
struct source_repeat {
    const char *key;
    int first, second; /* lines */
};
bool source_lines_find_repeat(const struct source_lines *lines, struct source_repeat *out);

#endif
