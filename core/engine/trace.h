/* The decision trace of an order: every stage of the pipeline, and what it said. */
#ifndef ENGINE_TRACE_H
#define ENGINE_TRACE_H

#include <stdbool.h>

#include "base/decimal.h"
#include "engine/refusal.h"
#include "model/ids.h"

/* The stages in the order in which every order passes them. */
enum stage {
    STAGE_KILL_SWITCH,
    STAGE_DEGRADATION,
    STAGE_SIZING,
    STAGE_REDUCE_REQUEST,
    STAGE_HARD_LIMITS,
    STAGE_REDUCE_MODE,
    STAGE_MARK_STALENESS,
    STAGE_EXCHANGE_RULES,
    STAGE_PRE_TRADE,
    STAGE_FUNDS,
    STAGE_SLIPPAGE,
    STAGE_GUARDS,
    STAGE_PREVIEW,
    STAGE_SUBMISSION,
    STAGE_COUNT
};

const char *stage_name(enum stage stage);
bool stage_parse(const char *text, enum stage *out);

enum verdict {
    VERDICT_PASSED,
    VERDICT_CHANGED,
    VERDICT_REFUSED,
    VERDICT_SKIPPED,
    VERDICT_WAITING, /* for an answer of the venue; another trace follows */
    VERDICT_COUNT
};

const char *verdict_name(enum verdict verdict);
bool verdict_parse(const char *text, enum verdict *out);

enum { TRACE_DETAIL_MAX = 120 };

struct trace {
    order_number order;
    bool is_amend; /* of a change to the order, not of the order itself */
    int count;     /* stages reached */
    enum verdict verdicts[STAGE_COUNT];
    decimal sizes[STAGE_COUNT];    /* size after the stage */
    enum refusal code;             /* of the stage that refused, else REFUSAL_NONE */
    enum stage refused_by;         /* void unless code */
    char detail[TRACE_DETAIL_MAX]; /* of the refusal or the last change: figures, limit, wish */
};

#endif
