/* The engine's state, for the files that together are the engine: engine.c (the
 * turn), apply.c (facts to state), submit.c (decisions to orders), amend.c (changes
 * to orders), report.c and booking.c (the venue's word), script_calls.c (strategies
 * and guards) and cycle.c. */
#ifndef ENGINE_ENGINE_PRIVATE_H
#define ENGINE_ENGINE_PRIVATE_H

#include "engine/commands.h"
#include "engine/degrade.h"
#include "engine/engine.h"
#include "engine/equity_watch.h"
#include "engine/exit_orders.h"
#include "engine/exits.h"
#include "engine/guard_memory.h"
#include "engine/guards.h"
#include "engine/intent.h"
#include "engine/oms.h"
#include "engine/pace.h"
#include "engine/preview.h"
#include "engine/reconcile.h"
#include "engine/reducers.h"
#include "engine/resolver.h"
#include "engine/saved_states.h"
#include "engine/snapshot.h"

enum { STRATEGIES_MAX = 256, GUARDS_MAX = 32, RUN_MAX = 13, RENEWALS_MAX = 64 };

/* What leaves for the venue once the turn is committed. */
enum request_kind {
    REQUEST_SUBMIT,
    REQUEST_CANCEL,
    REQUEST_AMEND,
    REQUEST_QUERY_ORDER, /* from here on questions, which change nothing at the venue */
    REQUEST_QUERY_ORDERS,
    REQUEST_QUERY_FILLS,
    REQUEST_QUERY_ACCOUNT,
    REQUEST_PREVIEW,
};

struct request {
    enum request_kind kind;
    union {
        struct order_request submit;
        struct {
            client_order_id client_id;
            venue_order_id venue_id;
        } cancel;
        struct venue_amend amend;
        struct {
            uint64_t number;
            client_order_id client_id;
            venue_order_id venue_id;
            nanos since;
        } query;
        struct {
            uint64_t number;
            struct order_request order;
        } preview;
    };
};

struct strategy_slot {
    struct strategy_port port;
    int strikes; /* failures in a row */
    bool is_off;
};

/* The last snapshot: its end. */
struct snapshot_clock {
    nanos time; /* 0: none, and no cycle yet */
    uint64_t sequence;
};

struct engine {
    struct engine_settings settings;
    const struct product_table *products;
    struct engine_ports ports;
    char run[RUN_MAX];

    struct bus *bus;
    struct portfolio *portfolio;
    struct oms *oms;
    struct degrade *degrade;
    struct pace *pace;
    uint32_t idle_limits; /* rows of the limits that the settings leave idle */
    struct equity_watch watch;
    struct resolver resolver;
    struct previews previews;
    struct exits exits;
    order_number renewals[RENEWALS_MAX]; /* orders that are to be made anew */
    int renewal_count;
    struct flatten flatten;
    struct reconcile reconcile;
    struct guards guards;
    struct snapshot_clock snapshot;
    struct saved_states states;
    bool is_guarded; /* some guard of the settings is on, or a stream was heard of */
    struct market markets[PRODUCTS_MAX];
    struct candle_builder builders[PRODUCTS_MAX]; /* of settings.timeframe */

    product_set ended;               /* bars ended of these, whose cycle is due (backtest) */
    enum level levels[PRODUCTS_MAX]; /* what portfolio strategies are shown */

    struct strategy_slot *strategies;
    int strategy_count;
    uint32_t wants; /* HOOK_BIT of what any of them wants */
    struct guard_port script_guards[GUARDS_MAX];
    int guard_strikes[GUARDS_MAX]; /* failures in a row */
    int guard_count;

    struct request *outbox;
    int outbox_count, outbox_cap;
    uint64_t last_query;

    nanos now;
    nanos next_cycle;  /* INT64_MAX when cycles follow bars */
    bool is_dirty;     /* facts were appended since the last commit */
    bool has_command;  /* and an operator's word is among them */
    bool is_broken;    /* the journal failed: nothing may leave any more */
    bool is_replaying; /* facts are applied, none is emitted */
    struct {
        bool (*wants)(void *ctx); /* NULL: nobody interrupts */
        void *ctx;
        bool was_noted; /* in this turn */
    } interrupt;
    struct engine_counters counters;
};

/* Appends the fact to the journal, stamped with the turn's time, and applies it. */
void engine_emit(struct engine *engine, struct fact *fact);
/* The first half of it, for what is the state already. */
void engine_append(struct engine *engine, struct fact *fact);
/* A FACT_ANOMALY, _GUARD, _SCRIPT or _REPAIR in one line. */
void engine_note(struct engine *engine, enum fact_kind kind, const char *subject,
                 const char *severity, order_number order, product_ref product,
                 const char *format, ...) PRINTF_LIKE(7, 8);
/* Begins or extends a cause; duration 0: until an operator ends it. */
void engine_add_cause(struct engine *engine, enum level level, product_ref product,
                      const char *source, const char *why, nanos duration, bool allow_reduce);
/* The same for what may be found again and again: from the second time on the cause lasts as
 * long as its reason and the duration (engine/degrade.h). */
void engine_hold_cause(struct engine *engine, enum level level, product_ref product,
                       const char *source, const char *why, nanos duration, bool allow_reduce);
/* Whether what is held already is all of that, so that nobody needs to be told. If it lasts, it
 * is renewed by this. */
bool engine_keeps_cause(struct engine *engine, enum level level, product_ref product,
                        const char *source, nanos duration, bool allow_reduce);

/* Fact to state; cannot fail. Recovery calls it with what the journal holds. */
void engine_apply(struct engine *engine, const struct fact *fact);

/* What scripts and checks are shown, of one product (PRODUCT_NONE: of none). */
struct view engine_view(const struct engine *engine, product_ref product);

/* Passes an intent through the pipeline and, if it holds, into the outbox, at once or after the
 * venue's preview (engine/preview.h). The order's number. */
order_number engine_submit(struct engine *engine, const struct intent *intent,
                           enum refusal *code);
/* Asks the venue to cancel, at once or as soon as it has answered the send; false when the
 * order has ended. An order that was to be made anew is not. */
bool engine_cancel(struct engine *engine, const struct order *order);

/* New terms for a working order, through the pipeline: an edit where the venue can, else a
 * cancel and a new order in its place (amend.c). Zeros leave what is. REFUSAL_NONE: it is asked
 * for, or there is nothing to ask for. */
struct amend_terms {
    decimal size; /* new total, what is filled included */
    decimal limit_price, stop_price;
    const char *reason;
};
enum refusal engine_amend(struct engine *engine, const struct order *order,
                          const struct amend_terms *terms);
/* After a report: an order that has ended so that it can be made anew, an edit that the venue
 * shows not to have happened. */
void amend_on_report(struct engine *engine, const struct order *order,
                     const struct order_report *report);
/* Orders that were to take the place of others never will: of one strategy (NULL: all) and
 * product (PRODUCT_NONE: all), `number` 0: any. */
void amend_forget(struct engine *engine, const char *strategy, product_ref product,
                  order_number number, const char *why);
/* Room in the outbox for a request of this kind, which leaves once the turn is committed. */
struct request *engine_request(struct engine *engine, enum request_kind kind);
/* The ports and the state that the pipeline looks at; `view` is of the product. */
struct pipeline;
struct pipeline engine_pipeline(struct engine *engine, const struct view *view,
                                const struct order_request *request);
/* Asks the venue once the turn is committed: about one order, or about all since a time. The
 * number that reports and EVENT_ANSWER will carry. */
uint64_t engine_ask(struct engine *engine, enum request_kind kind, const struct order *order,
                    nanos since);
/* The same, and asked again until the order has ended: a venue may refuse a cancel of an order
 * that works on. For those who will not look again. */
bool engine_end(struct engine *engine, const struct order *order);
/* The cancel is asked for as soon as it can be: with the next report about the order. */
void engine_wish_cancel(struct engine *engine, order_number number);
/* The cancel request alone, for an order that has ended here. */
void engine_ask_cancel(struct engine *engine, const struct order *order);
void engine_decide(struct engine *engine, const struct strategy_port *strategy,
                   const struct decision *decision);

void engine_on_report(struct engine *engine, const struct event *event);
void engine_on_retry(struct engine *engine, const struct retry_event *retry);
/* The world contradicted what is known of an order: an anomaly, and reason to ask. */
void engine_suspect(struct engine *engine, const struct order *order, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Executions into the books: one by one, and as cumulative totals. */
void engine_book_fill(struct engine *engine, const struct order *order,
                      const struct fill *fill);
void engine_book_totals(struct engine *engine, const struct order *order,
                        const struct order_report *report);

/* Calls a hook of every strategy that wants it and is concerned with the product. */
void engine_call_strategies(struct engine *engine, enum hook hook, product_ref product,
                            const struct event *event);
/* Tells the strategy that an order came from. */
void engine_tell_order(struct engine *engine, const struct order *order,
                       const struct fill *fill);
/* Ends a strategy: its product may only be reduced from now on. */
void engine_switch_off(struct engine *engine, struct strategy_slot *slot, const char *why);
void engine_call_guards(struct engine *engine, product_ref product);
/* Gives scripts what they have saved last. A strategy that fails at that is switched off, a
 * guard holds REDUCE_ONLY. */
void engine_restore_scripts(struct engine *engine);
/* Journals a state that is to be kept, unless it is the one that was journaled last. */
void engine_keep_state(struct engine *engine, const char *subject, uint64_t version,
                       const char *json);

/* The cycles of the products whose bars ended (backtest), or of all by the timer. Portfolio
 * strategies come last: they see what the others have asked for. */
void engine_cycle_ended(struct engine *engine);
void engine_cycle(struct engine *engine);
/* Baseline and peak, before anything of a new day is decided. */
void engine_watch_equity(struct engine *engine);

#endif
