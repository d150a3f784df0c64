/* The limits of the settings, one row each, in one table.
 *
 * Most limits are a size: given what is held and what already works, the row
 * says how much of this order it would allow, its *room*. An order with a size
 * of its own is refused when the size exceeds the room; one that the sizing rule
 * sized is capped to it. Other limits are a yes or no. Working orders and their
 * funds count in every row, so that ten symbols in one cycle cannot together
 * cross what one could not.
 *
 * An order that only reduces a position is never asked about limits, except the
 * rows marked `always`: funds and the rules of the venue hold for everyone. */
#ifndef ENGINE_LIMITS_H
#define ENGINE_LIMITS_H

#include "engine/equity_watch.h"
#include "engine/oms.h"
#include "engine/pace.h"
#include "engine/settings.h"
#include "engine/trace.h"
#include "engine/view.h"

/* What the rows look at. Borrowed. */
struct limit_check {
    const struct engine_settings *settings;
    const struct view *view; /* .market is the order's */
    const struct oms *oms;
    struct pace *pace;
    const struct equity_watch *watch;
    const struct order_request *request;
    decimal price;               /* that funds and exposure are reckoned at, > 0 */
    bool reduces;                /* the order only makes a position smaller */
    uint32_t idle;               /* limits_idle() of the settings, or 0: every row is asked */
    const struct order *changed; /* the order that the request changes: what it holds and counts
                                    now is counted as if it were gone; NULL: a new order */
};

enum { LIMIT_DETAIL_MAX = TRACE_DETAIL_MAX };

/* The first row of this stage that the request breaks: its code and a sentence with the
 * figures; REFUSAL_NONE when all hold. */
enum refusal limits_check(const struct limit_check *check, enum stage stage,
                          char detail[LIMIT_DETAIL_MAX]);

/* The largest size every row of every stage allows, at most `size`; the row that decided in
 * *by, NULL if none did. */
decimal limits_cap(const struct limit_check *check, decimal size, const char **by);

/* A bit for each row that these limits leave nothing to refuse, by its index. An order of a
 * profile with few limits then costs few questions. */
uint32_t limits_idle(const struct limits *limits);

/* Margin that held and working futures need, by the initial or the maintenance rate. */
decimal limits_margin(const struct view *view, const struct oms *oms, bool initial);

/* For docs and tests: name, setting and code of each row; NULL past the end. */
struct limit_info {
    const char *name, *setting;
    enum stage stage;
    enum refusal code;
};
bool limits_describe(int index, struct limit_info *out);

#endif
