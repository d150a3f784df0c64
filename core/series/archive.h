/* The state of an indicator as text, written and read by the same code: each
 * part visits its fields in order, and an archive that saves prints them while
 * one that loads sets them. Exact: doubles go as their bits.
 *
 * Loading checks every number against the bounds its owner names, so that a
 * damaged text is refused and never breaks an invariant. The first failure
 * sticks; fields visited after it keep what they were. */
#ifndef SERIES_ARCHIVE_H
#define SERIES_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "series/exact.h"

struct archive {
    struct buf *out;        /* NULL when loading */
    const char *next, *end; /* what is still to be read */
    bool has_failed;
};

struct archive archive_saver(struct buf *out);
struct archive archive_loader(const char *text, size_t len); /* borrows text */

static inline bool archive_is_loading(const struct archive *archive)
{
    return !archive->out;
}

/* A word without blanks; name has room for cap bytes. */
void archive_word(struct archive *archive, char *word, size_t cap);
void archive_int64(struct archive *archive, int64_t *number, int64_t min, int64_t max);
void archive_int(struct archive *archive, int *number, int min, int max);
void archive_bool(struct archive *archive, bool *value);
void archive_units(struct archive *archive, int128 *units, int128 limit); /* +-limit */
void archive_wide(struct archive *archive, wide *number);
void archive_double(struct archive *archive, double *number); /* finite */

/* Ends a record: a newline. Loading: ERR_CORRUPT if anything was wrong, is missing or is left
 * over.
 */
enum err archive_end(struct archive *archive, struct fault *why) MUST_CHECK;

#endif
