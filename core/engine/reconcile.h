/* Holds the engine's books against the venue's: nothing that streams is trusted
 * alone.
 *
 * A sweep lists every order that works or was touched since the sweep before, and
 * every fill since. What it says goes the way of all reports. An open order that
 * a complete listing does not show becomes UNKNOWN, and the resolver asks. One
 * that ended here and rests there is canceled once it was found often enough.
 * Sweeps come every reconcile.order_sweep_every, and at once after an anomaly, a
 * gap in a stream or a reconnect.
 *
 * A check of the account compares balances, and positions of futures (a spot
 * position is the coins that were traded here; when the venue has fewer, it
 * shrinks to those). A difference is drift once degrade.drift_checks readings in
 * a row have found the same: then the books take over the venue's figure as a
 * FACT_REPAIR, and everything reduces only for degrade.api_health_pause. While a
 * reading may have crossed with a fill or a request, it does not count; nor does
 * one before a complete sweep has followed the reading before it: what a fill that
 * nobody told of explains is not drift, and would be booked twice.
 *
 * What does not come right is looked at again soon, degrade.drift_checks times, then
 * after twice the time each, up to the usual interval; a venue that fails is asked
 * again after twice the time each at once. When orders that were on their way have
 * arrived, when a difference is another, and when the venue answers again, the next
 * look is soon.
 *
 * Orders of the account that are not ours are taken in as they are found, so that
 * they count in exposure: policy `ignore` leaves them alone, `adopt` treats them
 * as ours (cancel-all, flatten), `cancel` cancels them.
 *
 * Coins that were there before the bot began stay a balance, or (reconcile.holdings)
 * become a position at the start.
 *
 * After a start from a journal new risk waits until a first sweep and a first
 * check were complete. All of it is off where cycles follow bars. */
#ifndef ENGINE_RECONCILE_H
#define ENGINE_RECONCILE_H

#include "model/event.h"
#include "model/product.h"

struct engine;
struct order;

enum { READINGS_MAX = 256, ZOMBIES_MAX = 16 };

/* A difference to the venue, how many readings in a row found it, and when the last of them
 * was taken. */
struct drift {
    decimal difference;
    int64_t checks;
    nanos seen;
};

struct reconcile {
    bool is_on;
    bool is_starting;  /* no new risk yet */
    bool is_answering; /* the report under way answers a question of ours */
    nanos next;        /* when there is something to do; INT64_MAX: never */
    nanos next_sweep, next_positions, next_balances;

    struct {
        uint64_t orders, fills; /* queries under way, 0: none */
        nanos asked, from;      /* `from`: where the next one begins */
        nanos complete;         /* when the last complete one was asked */
        bool failed;
        int64_t failures; /* in a row */
    } sweep;
    struct {
        uint64_t query;
        nanos asked;
        uint64_t fills;    /* counter when it was asked */
        int64_t failures;  /* in a row */
        int64_t unsettled; /* readings in a row that settled nothing */
        bool in_motion;    /* the last did not count: orders were on their way */
        nanos restless;    /* when a difference was another one last */
    } account;

    struct reading {
        char currency[CURRENCY_MAX];
        decimal total;
        bool is_read; /* in the reading under way */
        struct drift drift;
    } balances[READINGS_MAX];
    int balance_count;
    struct holding holdings[PRODUCTS_MAX];
    struct drift holding_drift[PRODUCTS_MAX];

    struct {
        order_number order;
        int64_t checks;
    } zombies[ZOMBIES_MAX];
};

/* Begins the intervals; `from` is the time since when things may have been missed. With
 * `is_starting` everything is due at once, and new risk waits. */
void reconcile_start(struct engine *engine, nanos from, bool is_starting);
/* Something is wrong or was missed: sweep as soon as may be. */
void reconcile_want(struct engine *engine);
void reconcile_run(struct engine *engine);

/* An order has changed: if the account waits for what is on its way, it may have arrived. */
void reconcile_on_motion(struct engine *engine);
void reconcile_on_answer(struct engine *engine, const struct answer *answer);
void reconcile_on_balance(struct engine *engine, const struct event *event);
void reconcile_on_holding(struct engine *engine, const struct event *event);
/* A report about an order that is not known here; one about an order of ours in a listing; and
 * one that says that an order works which ended here. */
void reconcile_on_stranger(struct engine *engine, const struct event *event);
void reconcile_on_zombie(struct engine *engine, const struct order *order);
/* One that works here as well: the policy for orders of others is insisted upon, since a cancel
 * that was refused once may be taken the next time. */
void reconcile_on_listed(struct engine *engine, const struct order *order);

/* Whether an order carries this bot's name. */
bool reconcile_is_named_ours(const struct engine *engine, const client_order_id *id);

#endif
