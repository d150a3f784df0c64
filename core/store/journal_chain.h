/* The hash chain over the journal's events: each hash covers the one before it,
 * the sequence number, the time, the kind and the payload.
 *
 * Whoever changes, removes, inserts or swaps events has to compute every later
 * hash anew, so a hash noted elsewhere (a log, a mail, another disk) proves all
 * events up to it. It is no signature: it shows accidents and casual edits by
 * itself, and deliberate forgery only against such a note. */
#ifndef STORE_JOURNAL_CHAIN_H
#define STORE_JOURNAL_CHAIN_H

#include <stdint.h>

#include "base/clock.h"
#include "base/digest.h"

struct journal_chain {
    struct digest *digest;
    uint64_t sequence;          /* of the last event, 0 before the first */
    char hash[DIGEST_TEXT_MAX]; /* of the last event; 64 zeros before the first */
};

void journal_chain_init(struct journal_chain *chain);
void journal_chain_clear(struct journal_chain *chain);
/* Continues behind an event that is there already. */
void journal_chain_resume(struct journal_chain *chain, uint64_t sequence, const char *hash);

/* Appends the next event; its hash is chain->hash then. */
void journal_chain_add(struct journal_chain *chain, nanos time, const char *kind,
                       const char *payload, size_t len);

#endif
