/* Proof that a journal is whole and adds up (`perigee verify`):
 *
 *   1  the file is undamaged, by SQLite's own check, and has a journal's schema
 *   2  every event is the one that was written, none is missing, the last is the
 *      one that was committed last (the hash chain)
 *   3  every payload is a fact, in its one form, and possible: orders move along
 *      their table of states, fills belong to orders that exist
 *   4  snapshots restate exactly what a replay of all events before them gives, and
 *      leave nothing out; what the tables hold they say as those do
 *   5  the tables hold what the events amount to, row by row
 *   6  orders, positions and balances are the sums of their fills
 *
 * It reads one state of the file, whatever an engine writes meanwhile. */
#ifndef STORE_JOURNAL_VERIFY_H
#define STORE_JOURNAL_VERIFY_H

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"

struct journal_report {
    uint64_t events, runs, orders, fills, snapshots;
    nanos first, last;          /* times of the first and last event */
    char hash[DIGEST_TEXT_MAX]; /* of the last event: note it elsewhere, and it proves them all
                                 */
};

struct journal_verify_options {
    const char *path;
    void (*progress)(void *to, uint64_t done, uint64_t all); /* events; may be NULL */
    void *to;
};

/* ERR_CORRUPT with the first thing that is wrong, by sequence number. */
enum err journal_verify(const struct journal_verify_options *options,
                        struct journal_report *out, struct fault *why) MUST_CHECK;

#endif
