/* A random but legal history of trading, told to a journal fact by fact, and the
 * state it amounts to, kept here by the model's own functions: what the journal's
 * tables are compared with. */
#ifndef TESTS_STORY_H
#define TESTS_STORY_H

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "engine/engine.h"
#include "engine/recover.h"
#include "model/portfolio.h"

enum { STORY_ORDERS_MAX = 400, STORY_CAUSES = 6, STORY_EXITS = 4, STORY_STATES = 3 };

struct story {
    struct rng rng;
    struct product_table products;
    struct journal_port port;
    struct engine *engine; /* that follows */
    struct recovery recovery;
    nanos now;
    uint64_t told; /* facts */

    struct order orders[STORY_ORDERS_MAX];
    int order_count;
    struct portfolio *portfolio;
    struct fact causes[STORY_CAUSES]; /* kind FACT_RUN (0): not held */
    struct fact exits[STORY_EXITS];
    char states[STORY_STATES][32];
    decimal baselines[4];
    int days;
};

static inline void story_add_product(struct story *story, const char *symbol, const char *base,
                                     enum product_type type)
{
    struct product *product = &story->products.items[story->products.count++];

    snprintf(product->symbol, sizeof product->symbol, "%s", symbol);
    snprintf(product->base, sizeof product->base, "%s", base);
    snprintf(product->quote, sizeof product->quote, "USD");
    product->type = type;
    product->contract_size = D(1);
}

static inline struct story *story_new(uint64_t seed)
{
    struct story *story = mem_new(sizeof *story);

    story->rng = rng_stream(seed, "story");
    story->now = SECONDS(1723161254);
    story_add_product(story, "BTC-USD", "BTC", PRODUCT_SPOT);
    story_add_product(story, "ETH-USD", "ETH", PRODUCT_SPOT);
    story_add_product(story, "BIP-20DEC30-CDE", "BTC", PRODUCT_FUTURE);
    story->portfolio = portfolio_new(&story->products, "USD");
    struct engine_settings settings;
    struct engine_ports ports = {.venue = {0}};
    engine_settings_init_unlimited(&settings);
    story->engine = engine_new(&settings, &story->products, &ports, "s");
    story->recovery.engine = story->engine;
    return story;
}

static inline void story_free(struct story *story)
{
    engine_free(story->engine);
    portfolio_free(story->portfolio);
    mem_free(story);
}

static inline void story_tell(struct story *story, struct fact *fact)
{
    struct fault why = {OK, ""};

    fact->time = story->now;
    fact->sequence = story->port.append(story->port.ctx, fact);
    story->told++;
    if (story->recovery.engine && recovery_take(&story->recovery, fact, &why))
        story->recovery.engine = NULL; /* a lie: nobody follows any more */
}

static inline decimal story_decimal(struct story *story, int64_t low, int64_t high)
{
    return (decimal){(int128)rng_between(&story->rng, low, high) * (DECIMAL_ONE / 1000)};
}

static inline void story_order_event(struct story *story, struct order *order,
                                     enum order_event event)
{
    struct fact fact = {.kind = FACT_ORDER_EVENT,
                        .order_event = {.order = order->number, .event = event}};

    if (event == ORDER_EVENT_ACCEPT)
        snprintf(fact.order_event.venue_id.text, VENUE_ORDER_ID_MAX, "venue-%llu",
                 (unsigned long long)order->number);
    if (!order_apply(order, event, story->now))
        return;
    if (!order->venue_id.text[0])
        order->venue_id = fact.order_event.venue_id;
    story_tell(story, &fact);
}

/* What the venue says of an order that waits: now and then, and now and then without a price.
 */
static inline void story_preview(struct story *story, struct order *order)
{
    struct fact fact = {.kind = FACT_PREVIEW, .preview = {.order = order->number}};

    if (!order->awaits_preview || rng_chance(&story->rng, 0.2))
        return;
    fact.preview.preview.total = story_decimal(story, 1, 70000000);
    if (rng_chance(&story->rng, 0.8))
        order->reserved_price = fact.preview.reserved_price =
            story_decimal(story, 1000, 70000000);
    story_tell(story, &fact);
}

static inline void story_new_order(struct story *story)
{
    if (story->order_count == STORY_ORDERS_MAX)
        return;
    struct order *order = &story->orders[story->order_count++];
    order->number = (order_number)story->order_count;
    snprintf(order->request.client_id.text, CLIENT_ORDER_ID_MAX, "bot-r-%d",
             story->order_count);
    order->request.product = (product_ref)rng_below(&story->rng, 3);
    order->request.side = (enum side)rng_below(&story->rng, 2);
    order->request.type = ORDER_LIMIT;
    order->request.size = story_decimal(story, 1, 5000);
    order->request.limit_price = story_decimal(story, 1000, 70000000);
    order->reserved_price = order->request.limit_price;
    snprintf(order->strategy, sizeof order->strategy, "trend \"%d\"", story->order_count % 3);
    order->state = ORDER_INITIALIZED;
    order->awaits_preview = rng_chance(&story->rng, 0.3);
    order->created = order->updated = story->now;
    struct fact fact = {.kind = FACT_ORDER};
    fact.order = *order;
    story_tell(story, &fact);
    fact.kind = FACT_TRACE;
    fact.trace = (struct trace){.order = order->number, .count = STAGE_COUNT};
    for (int i = 0; i < STAGE_COUNT; i++)
        fact.trace.sizes[i] = order->request.size;
    story_tell(story, &fact);
    story_preview(story, order);
    story_order_event(story, order,
                      rng_chance(&story->rng, 0.2) ? ORDER_EVENT_DENY : ORDER_EVENT_SEND);
}

static inline struct order *story_some_order(struct story *story)
{
    return story->order_count
               ? &story->orders[rng_below(&story->rng, (uint64_t)story->order_count)]
               : NULL;
}

static inline struct fact story_fill_fact(struct story *story, const struct order *order,
                                          enum fact_kind kind)
{
    struct fact fact = {.kind = kind};
    struct fill *fill = &fact.fill;

    snprintf(fill->id.text, FILL_ID_MAX, "fill-%llu", (unsigned long long)story->told);
    fill->order = order->number;
    fill->product = order->request.product;
    fill->side = order->request.side;
    fill->size = story_decimal(story, 1, 3000);
    fill->price = story_decimal(story, 1000, 70000000);
    fill->value = decimal_mul(fill->price, fill->size, ROUND_HALF_EVEN);
    fill->fee = story_decimal(story, -50, 5000);
    fill->time = story->now;
    return fact;
}

/* Now and then one is told that the order has no arrow for, or that is in another product. */
static inline void story_fill(struct story *story, struct order *order)
{
    struct fact fact = story_fill_fact(story, order, FACT_FILL);

    fact.fill.is_inferred = rng_chance(&story->rng, 0.2);
    if (rng_chance(&story->rng, 0.02))
        fact.fill.product = (product_ref)rng_below(&story->rng, 3);
    if (!order_apply_fill(order, &fact.fill) && rng_chance(&story->rng, 0.9))
        return;
    portfolio_apply_fill(story->portfolio, &fact.fill);
    story_tell(story, &fact);
}

/* An execution that explains a part, or all, of what totals had told; or totals again. */
static inline void story_explain(struct story *story, struct order *order)
{
    struct fact fact = story_fill_fact(story, order, FACT_FILL_KNOWN);

    if (!decimal_is_positive(order->inferred.size))
        return;
    fact.fill.size = decimal_min(fact.fill.size, order->inferred.size);
    if (rng_chance(&story->rng, 0.3)) {
        fact.fill.is_inferred = true;
        fact.fill.size = DECIMAL_ZERO;
    }
    order_explain(order, &fact.fill);
    story_tell(story, &fact);
}

static inline void story_amend(struct story *story, struct order *order)
{
    struct fact fact = {.kind = FACT_AMEND,
                        .amend = {.order = order->number,
                                  .size = story_decimal(story, 1, 9000),
                                  .limit_price = story_decimal(story, 1000, 70000000)}};

    if (!order_apply_replace(order, fact.amend.size, fact.amend.limit_price, story->now))
        return;
    order->reserved_price = fact.amend.limit_price;
    story_tell(story, &fact);
}

static inline void story_move(struct story *story)
{
    struct order *order = story_some_order(story);

    if (!order)
        return;
    switch (rng_below(&story->rng, 12)) {
    case 0:
    case 1:
    case 2:
        story_fill(story, order);
        break;
    case 3:
        story_explain(story, order);
        break;
    case 4:
        story_amend(story, order);
        break;
    case 5:
    case 6:
        story_order_event(story, order, ORDER_EVENT_ACCEPT);
        break;
    default:
        do {
            enum order_event event =
                (enum order_event)rng_below(&story->rng, ORDER_EVENT_COUNT);
            if (event != ORDER_EVENT_PARTIAL_FILL && event != ORDER_EVENT_FULL_FILL &&
                event != ORDER_EVENT_SEND) {
                story_order_event(story, order, event);
                return;
            }
        } while (1);
    }
}

static inline void story_cause(struct story *story)
{
    size_t at = rng_below(&story->rng, STORY_CAUSES);
    struct fact *cause = &story->causes[at];

    if (cause->kind) {
        struct fact end = {.kind = FACT_CAUSE_END, .cause_end = {.id = at + 1, .who = "clock"}};
        cause->kind = (enum fact_kind)0;
        story_tell(story, &end);
        return;
    }
    *cause = (struct fact){.kind = FACT_CAUSE,
                           .cause = {.id = at + 1,
                                     .level = LEVEL_PAUSED,
                                     .product = at % 2 ? PRODUCT_NONE : (product_ref)(at / 2),
                                     .until = story->now + SECONDS(60),
                                     .source = "test",
                                     .why = "because"}};
    story_tell(story, cause);
}

static inline void story_exit(struct story *story)
{
    size_t at = rng_below(&story->rng, STORY_EXITS);
    struct fact *exit = &story->exits[at];

    exit->kind = FACT_EXIT;
    exit->exit = (struct fact_exit){
        .id = at + 1,
        .product = (product_ref)(at % 3),
        .side = SIDE_SELL,
        .size = rng_chance(&story->rng, 0.3) ? DECIMAL_ZERO : story_decimal(story, 1, 1000),
        .plan = {.stop = story_decimal(story, 1, 1000)}};
    exit->exit.state = decimal_is_zero(exit->exit.size) ? EXIT_ENDED : EXIT_ARMED;
    story_tell(story, exit);
}

static inline void story_state(struct story *story)
{
    size_t at = rng_below(&story->rng, STORY_STATES);
    char json[32];
    struct fact fact = {.kind = FACT_STATE, .state = {.json = json}};

    snprintf(fact.state.subject, sizeof fact.state.subject, "script %zu", at);
    snprintf(json, sizeof json, "{\"n\":%llu}", (unsigned long long)story->told);
    memcpy(story->states[at], json, sizeof json);
    story_tell(story, &fact);
    memset(json, 'x', sizeof json - 1); /* it was lent for the call only */
}

static inline void story_balance(struct story *story)
{
    const char *names[] = {"USD", "BTC", "EUR"};
    const char *name = names[rng_below(&story->rng, 3)];
    struct fact fact = {.kind = FACT_BALANCE,
                        .balance = {.total = story_decimal(story, 0, 100000000)}};

    snprintf(fact.balance.currency, sizeof fact.balance.currency, "%s", name);
    snprintf(fact.balance.why, sizeof fact.balance.why, "deposit");
    portfolio_set_balance(story->portfolio, name, fact.balance.total);
    story_tell(story, &fact);
}

static inline void story_remark(struct story *story)
{
    struct fact fact = {.kind = FACT_ANOMALY};

    switch (rng_below(&story->rng, 4)) {
    case 0:
        fact.note = (struct fact_note){.subject = "order",
                                       .severity = "warning",
                                       .product = PRODUCT_NONE,
                                       .text = "odd\nvery \xE2\x82\xAC"};
        break;
    case 1:
        fact.kind = FACT_CYCLE;
        fact.cycle = (struct fact_cycle){.number = story->told, .equity = D(1000)};
        break;
    case 2:
        fact.kind = FACT_COMMAND;
        fact.command = (struct command){
            .kind = COMMAND_PAUSE, .who = "anna", .why = "lunch", .product = PRODUCT_NONE};
        break;
    default:
        if (story->days == 4)
            return;
        story->now += DAYS(1);
        fact.kind = FACT_BASELINE;
        fact.baseline.day = nanos_day(story->now);
        fact.baseline.equity = story->baselines[story->days++] = D(story->days);
    }
    story_tell(story, &fact);
}

/* One or a few facts, or none when chance picked what cannot be. */
static inline void story_step(struct story *story)
{
    story->now += rng_between(&story->rng, 0, 5000000000);
    switch (rng_below(&story->rng, 12)) {
    case 0:
    case 1:
        story_new_order(story);
        break;
    case 2:
        story_cause(story);
        break;
    case 3:
        story_exit(story);
        break;
    case 4:
        story_state(story);
        break;
    case 5:
        story_balance(story);
        break;
    case 6:
        story_remark(story);
        break;
    default:
        story_move(story);
    }
}

static inline void story_take(void *to, struct fact *fact)
{
    story_tell(to, fact);
}

/* Restates everything, as a snapshot does. */
static inline void story_restate(struct story *story)
{
    snapshot_restate(story->engine, story->now, story_take, story);
}

static inline void story_mark(struct story *story, bool ends)
{
    struct fact fact = {.kind = FACT_SNAPSHOT, .snapshot_ends = ends};

    story_tell(story, &fact);
}

static inline void story_snapshot(struct story *story)
{
    story_mark(story, false);
    story_restate(story);
    story_mark(story, true);
}

#endif
