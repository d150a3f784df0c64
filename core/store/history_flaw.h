/* What can be wrong with a row of market history, judged by itself and by the
 * row before it.
 *
 * A fatal flaw makes the row unusable: reading for a backtest stops at it with
 * an error, `data check` counts it. The others are facts of markets and
 * recordings (nobody traded, two clocks disagree) that are only reported. */
#ifndef STORE_HISTORY_FLAW_H
#define STORE_HISTORY_FLAW_H

#include "store/history_row.h"

enum history_flaw {
    HISTORY_FLAW_UNREADABLE, /* a cell is not what it should be */
    HISTORY_FLAW_DISORDER,   /* older than the row before */
    HISTORY_FLAW_DUPLICATE,  /* the same bar or trade again */
    HISTORY_FLAW_OVERLAP,    /* a bar begins before the one before has ended */
    HISTORY_FLAW_OHLC,       /* high below, or low above, another price of the bar */
    HISTORY_FLAW_PRICE,      /* not positive */
    HISTORY_FLAW_SIZE,       /* negative, or a trade of nothing */
    HISTORY_FLAW_GAP,        /* bars, trade ids or book messages are missing before it */
    HISTORY_FLAW_MISALIGNED, /* a bar whose start is no multiple of its interval */
    HISTORY_FLAW_CROSSED,    /* bid above ask */
    HISTORY_FLAW_SKEW,       /* received before the venue sent it: two clocks disagree */
    HISTORY_FLAW_COUNT
};

#define HISTORY_FLAW_BIT(flaw) (1u << (flaw))

/* "bad_ohlc"; what it means; what to do about it, NULL where there is nothing to do. */
const char *history_flaw_name(enum history_flaw flaw);
const char *history_flaw_text(enum history_flaw flaw);
const char *history_flaw_remedy(enum history_flaw flaw);
bool history_flaw_is_fatal(enum history_flaw flaw);

/* What has to be remembered of the rows before. Zeroed at the start. */
struct history_track {
    bool has_row;
    nanos key;   /* of the row before */
    uint64_t id; /* its trade id, or the last id of its book message */
};

/* The flaws of the row, as bits, after those that `track` has seen. */
uint32_t history_track_judge(const struct history_track *track, const struct history_row *row);
void history_track_add(struct history_track *track, const struct history_row *row);

/* Adds the row, or refuses it for its first fatal flaw: ERR_REFUSED with its values and what to
 * do. */
enum err history_track_accept(struct history_track *track, const struct history_row *row,
                              struct fault *why) MUST_CHECK;

/* How many bars, trade ids or book messages a gap leaves out; 0 if unknown. */
uint64_t history_track_missing(const struct history_track *track,
                               const struct history_row *row);

enum { HISTORY_FLAW_TEXT_MAX = 288 };

/* A sentence with the values of this row: "high 5 is below the close 7". */
void history_flaw_explain(enum history_flaw flaw, const struct history_track *track,
                          const struct history_row *row, char out[HISTORY_FLAW_TEXT_MAX]);

#endif
