/* Everything that is wrong or remarkable about one file of market history.
 *
 * Where reading for a backtest stops at the first fatal flaw, this reads on
 * and counts: rows that cannot be read are left out, all others are judged
 * against the row before them (store/history_flaw.h). */
#ifndef STORE_DATA_CHECK_H
#define STORE_DATA_CHECK_H

#include "store/history.h"
#include "store/history_flaw.h"

enum { DATA_CHECK_SHOWN = 5 };

struct data_place {
    uint64_t position; /* line of a CSV, row of a columnar file */
    nanos time;        /* 0 for a row that cannot be read */
    char text[FAULT_TEXT_MAX];
};

struct data_finding {
    uint64_t count;
    int shown; /* the first of them */
    struct data_place places[DATA_CHECK_SHOWN];
};

struct data_report {
    struct history_info info;
    const char *position_name; /* "line" or "row" */
    uint64_t rows;             /* that could be read */
    nanos first, last;         /* earliest and latest; 0 when there are none */
    struct data_finding findings[HISTORY_FLAW_COUNT];

    uint64_t missing;    /* bars, trade ids or book messages that the gaps leave out */
    nanos gap_longest;   /* from row to row */
    uint64_t rounded;    /* numbers with more than 12 fraction digits */
    uint64_t two_stamps; /* rows with a receiver's and the venue's stamp; of these, the first */
    nanos delay_min, delay_mean, delay_max; /* less the second, negative: clocks disagree */
};

/* ERR_IO, ERR_MISSING, ERR_CORRUPT or ERR_PARSE when the file cannot be read at all. */
enum err data_check(const struct history_input *input, struct data_report *out,
                    struct fault *why) MUST_CHECK;

/* Whether a backtest could read it to the end. */
bool data_report_is_sound(const struct data_report *report);

#endif
