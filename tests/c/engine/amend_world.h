/* An order that rests, changes of it, and what a venue says of both. */
#ifndef TESTS_ENGINE_AMEND_WORLD_H
#define TESTS_ENGINE_AMEND_WORLD_H

#include "engine_world.h"

static inline struct world *given_trader_of(bool cannot_edit)
{
    struct world *world = world_new();

    world->cannot_edit = cannot_edit;
    world_open(world, "100000");
    world_price(world, BTC, "100");
    return world;
}

static inline struct world *given_trader(void)
{
    return given_trader_of(false);
}

/* A limit buy that rests. */
static inline order_number given_resting(struct world *world, const char *size,
                                         const char *price)
{
    world_limit(world, ACTION_BUY, BTC, size, price);
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
    return world_last_order(world);
}

static inline struct decision change(order_number number, const char *size, const char *price)
{
    struct decision decision = {.action = ACTION_AMEND, .product = BTC, .order = number};

    decision.has_size = size != NULL;
    if (size)
        decision.size = dec(size);
    if (price)
        decision.limit_price = dec(price);
    return decision;
}

static inline void when_amended(struct world *world, order_number number, const char *size,
                                const char *price)
{
    world_decide(world, change(number, size, price));
}

static inline struct event terms(struct world *world, order_number number,
                                 enum report_kind kind, const char *size, const char *price)
{
    struct event event = world_report(world, number, kind);

    event.report.has_request = true;
    event.report.request = world_order(world, number)->request;
    event.report.request.size = dec(size);
    event.report.request.limit_price = dec(price);
    return event;
}

static inline void when_shown(struct world *world, order_number number, enum report_kind kind,
                              const char *size, const char *price, const char *filled)
{
    struct event event = terms(world, number, kind, size, price);

    event.report.query = 99;
    event.report.has_totals = true;
    event.report.total_size = dec(filled);
    event.report.total_value =
        decimal_mul(dec(filled), world_order(world, number)->request.limit_price, ROUND_DOWN);
    world_push(world, event);
}

static inline void when_ended(struct world *world, order_number number, enum report_kind kind,
                              const char *filled)
{
    decimal value =
        decimal_mul(dec(filled), world_order(world, number)->request.limit_price, ROUND_DOWN);
    char text[DECIMAL_TEXT_MAX];

    world_push(world, world_totals_event(world, number, kind, filled,
                                         decimal_format(value, text), "0"));
}

/* The venue made the change that was asked for. */
static inline void when_replaced(struct world *world, order_number number, const char *size,
                                 const char *price)
{
    world_push(world, terms(world, number, REPORT_REPLACED, size, price));
}

/* The pipeline's answer to a change. */
#define then_amend(world, number, size, price, code)                                           \
    do {                                                                                       \
        when_amended(world, number, size, price);                                              \
        then_code(world, code);                                                                \
    } while (0)

/* The last order, which may have taken the place of another. */
#define then_last_size(world, amount)                                                          \
    assert_decimal(world_order(world, world_last_order(world))->request.size, amount)

#endif
