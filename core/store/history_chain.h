/* Private to the history files: several files of the same kind and symbol,
 * one after the other in time, as one sequence of rows that are in order and
 * make sense. */
#ifndef STORE_HISTORY_CHAIN_H
#define STORE_HISTORY_CHAIN_H

#include "store/history_flaw.h"
#include "store/history_source.h"

struct history_link {
    struct history_source *source;
    int input; /* its index among the inputs */
};

struct history_chain {
    struct history_link *links;
    int count;
    int current;
    struct history_track track;
    nanos from; /* rows before are left out; 0: none */
};

/* Takes the source over. */
void history_chain_add(struct history_chain *chain, struct history_source *source, int input);
void history_chain_clear(struct history_chain *chain);

/* Sorts the files by time. ERR_REFUSED when two overlap, naming both. */
enum err history_chain_sort(struct history_chain *chain, struct fault *why) MUST_CHECK;
/* Before the first row: leaves out what is older, at little cost where the file allows it. */
void history_chain_skip_to(struct history_chain *chain, nanos from);

/* The next row with its input's index; *has is false after the last. Any failure is final. */
enum err history_chain_next(struct history_chain *chain, struct history_row *row, bool *has,
                            struct fault *why) MUST_CHECK;

#endif
