/* Reads events one by one, and proves the chain on the way: an event that it
 * hands out is the one that was written. */
#ifndef STORE_JOURNAL_CURSOR_H
#define STORE_JOURNAL_CURSOR_H

#include "engine/fact.h"
#include "store/db.h"

struct journal_cursor;

struct journal_event {
    uint64_t sequence;
    nanos time;
    enum fact_kind kind;
    char *payload; /* borrowed until the next event; may be written to, as fact_decode does */
    size_t len;
    const char *hash;
};

/* From event `start` (1: the first) on; what stands before it is taken for granted. */
enum err journal_cursor_open(struct db *db, uint64_t start, struct journal_cursor **out,
                             struct fault *why) MUST_CHECK;
void journal_cursor_close(struct journal_cursor *cursor); /* NULL is fine */

/* *has_event is false behind the last one. ERR_CORRUPT names the event that is missing, is not
 * what was written, or is of an unknown kind. */
enum err journal_cursor_next(struct journal_cursor *cursor, struct journal_event *out,
                             bool *has_event, struct fault *why) MUST_CHECK;

#endif
