/* The guards of the engine itself: what is watched in every cycle, and what has
 * been going wrong between them. A guard that trips holds a cause of degradation
 * under its own name; it is a FACT_GUARD the first time.
 *
 *   source               holds                         until
 *   daily_loss           REDUCE_ONLY, everything       the next 00:00 UTC
 *   drawdown             REDUCE_ONLY, everything       an operator resumes
 *   losses_in_row        REDUCE_ONLY, everything       an operator resumes
 *   equity_unknown       REDUCE_ONLY, everything       what is held has a price
 *   margin_utilisation   REDUCE_ONLY, everything       while it lasts
 *   liquidation_buffer   REDUCE_ONLY, everything       while it lasts
 *   stream_stale         REDUCE_ONLY, everything       while it lasts
 *   stream_down          REDUCE_ONLY, everything       while it lasts
 *   stream_back          PAUSED, everything            degrade.reconnect_pause
 *   clock_skew           REDUCE_ONLY, everything       while it lasts
 *   rate_usage           REDUCE_ONLY, everything       while it lasts
 *   disk_low             REDUCE_ONLY, everything       while it lasts
 *   api_health           PAUSED, everything            while it lasts
 *   error_rate           PAUSED, everything            degrade.api_health_pause
 *   broker               PAUSED, everything            degrade.broker_pause
 *   slippage             PAUSED, the symbol            degrade.slippage_pause
 *   mark_stale           PAUSED, the symbol            watch.mark_stale_pause
 *   volatility           REDUCE_ONLY, the symbol       while it lasts
 *   depth                REDUCE_ONLY, the symbol       while it lasts
 *   correlation          REDUCE_ONLY, the symbol       while it lasts
 *   order_stuck, position_stuck    nothing: they are reported
 *   guards.N:METRIC      as the profile says (engine/metric_guard.h)
 *
 * With degrade.cancel_entries the first of a loss, the margin, drift or a failing
 * guard also cancels the working orders that could make a position larger.
 *
 * "While it lasts" is a cause for a few cycles, renewed by each that still finds
 * it (engine/degrade.h: only its beginning and its end are told). Reducing orders pass all of
 * them (mark_stale: as configured). A limit that is zero is off. What cannot be computed counts
 * as tripped. */
#ifndef ENGINE_GUARDS_H
#define ENGINE_GUARDS_H

#include "engine/guard_tally.h"
#include "engine/metric_guard.h"
#include "engine/price_window.h"
#include "engine/request_watch.h"
#include "model/event.h"
#include "model/product.h"

struct engine;

struct guards {
    bool knows_equity; /* everything held at the start has got a price */
    int slippage_refusals[PRODUCTS_MAX];
    struct price_window *closes[PRODUCTS_MAX]; /* NULL where nobody asks */
    nanos exit_since[PRODUCTS_MAX];            /* an exit has been working since; 0: none */
    bool exit_reported[PRODUCTS_MAX];
    order_number orders_reported; /* up to here, those that wait for long */
    struct request_watch requests;
    int request_failures; /* in a row, since they last paused everything */
    int kept_failures;    /* of these, what the journal knows; and since when */
    nanos kept_requests;
    nanos heard; /* market data, 0: none yet */
    bool stream_is_down[2];
    struct gauge_reading {
        decimal value;
        nanos time; /* 0: never told */
    } gauges[GAUGE_COUNT];
    struct metric_watch *rules; /* NULL: the profile has none */
    struct guard_tally tally;

    /* For metrics; since the engine started, of fills since the journal began; and what sums
     * had reached before. */
    struct metric_look before[METRIC_COUNT];
    uint64_t requests_made, requests_failed, failed_in_row, rejects;
    decimal turnover, fees_today;
    nanos fee_day; /* the UTC day of fees_today */
};

void guards_clear(struct guards *guards);

/* Before anything is decided in a cycle: of the account, and of one product or
 * (PRODUCT_NONE) of all. */
void guards_run(struct engine *engine, product_ref product);

void guards_on_bar(struct engine *engine, product_ref product, const struct bar *bar);
void guards_on_stream(struct engine *engine, const struct stream_event *event);
void guards_on_gauge(struct engine *engine, const struct gauge_event *event);
/* What an adapter last told; false when it never did, or too long ago to be the truth. */
bool guards_gauge(const struct engine *engine, enum gauge gauge, decimal *out);
/* A request was answered by the venue itself, or not. */
void guards_on_request(struct engine *engine, bool is_answered);
/* An attempt at one failed and is made again: it counts in the error rate alone. */
void guards_on_failed_attempt(struct engine *engine);
/* Booked, now or in what the journal tells. */
void guards_on_fill(struct engine *engine, const struct fill *fill, nanos time);
/* What the slippage limits said to an order. */
void guards_on_slippage(struct engine *engine, product_ref product, bool is_refused);

/* Whether everything held has a price, so that equity is the truth. */
bool guards_know_equity(struct engine *engine);

#endif
