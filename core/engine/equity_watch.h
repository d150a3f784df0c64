/* Equity over time, as limits look at it: the day's start, the peak, and how
 * many round trips in a row lost money. Fed by facts alone. */
#ifndef ENGINE_EQUITY_WATCH_H
#define ENGINE_EQUITY_WATCH_H

#include "engine/fact.h"
#include "model/position.h"

struct equity_watch {
    nanos day; /* start of the UTC day that the baseline belongs to; 0: none yet */
    decimal day_start, peak, last;
    int64_t losses_in_row;
    decimal trip[PRODUCTS_MAX]; /* profit of the round trip under way, fees off */
};

void equity_watch_apply_baseline(struct equity_watch *watch,
                                 const struct fact_baseline *baseline);
void equity_watch_apply_equity(struct equity_watch *watch, decimal equity);
/* A booked fill and what it did to the position. */
void equity_watch_apply_fill(struct equity_watch *watch, const struct fill *fill,
                             const struct position_change *change);

/* An operator goes on in spite of what was lost: peak and losses in a row begin anew. */
void equity_watch_apply_resume(struct equity_watch *watch);

/* As a snapshot has it. */
void equity_watch_apply_memory(struct equity_watch *watch, const struct fact_memory *memory);
void equity_watch_apply_trip(struct equity_watch *watch, const struct fact_trip *trip);

/* Whether `now` lies in a later UTC day than the baseline. */
bool equity_watch_needs_baseline(const struct equity_watch *watch, nanos now);

/* Loss since the day's start and fall from the peak, positive numbers; shares of those figures.
 */
decimal equity_watch_day_loss(const struct equity_watch *watch, decimal equity);
decimal equity_watch_day_loss_share(const struct equity_watch *watch, decimal equity);
decimal equity_watch_drawdown_share(const struct equity_watch *watch, decimal equity);

#endif
