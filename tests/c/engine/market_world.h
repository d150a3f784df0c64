/* What adapters tell about markets and machines, for the tests of guards. */
#ifndef TESTS_ENGINE_MARKET_WORLD_H
#define TESTS_ENGINE_MARKET_WORLD_H

#include "engine_world.h"

static inline void world_cycle(struct world *world)
{
    world_wait(world, SECONDS(1));
}

/* A bar of one second that ends now, all at one price. */
static inline void world_bar(struct world *world, product_ref product, const char *close)
{
    struct event event = {.kind = EVENT_BAR, .product = product};
    decimal price = dec(close);

    event.bar = (struct bar){.start = world->now,
                             .interval = SECONDS(1),
                             .open = price,
                             .high = price,
                             .low = price,
                             .close = price};
    world_push(world, event);
}

static inline void world_level_of(struct world *world, enum side side, const char *price,
                                  const char *size)
{
    struct event event = {.kind = EVENT_BOOK, .product = BTC};

    event.book = (struct book_update){.side = side, .price = dec(price), .size = dec(size)};
    world_push(world, event);
}

static inline void world_quote(struct world *world, product_ref product, const char *bid,
                               const char *ask)
{
    struct event event = {.kind = EVENT_QUOTE, .product = product};

    event.quote.bid = dec(bid);
    event.quote.ask = dec(ask);
    world_push(world, event);
}

static inline void world_gauge(struct world *world, enum gauge which, const char *value)
{
    struct event event = {.kind = EVENT_GAUGE, .product = PRODUCT_NONE};

    event.gauge = (struct gauge_event){which, dec(value)};
    world_push(world, event);
}

static inline void world_stream(struct world *world, enum stream_kind kind,
                                enum stream_change change)
{
    struct event event = {.kind = EVENT_STREAM, .product = PRODUCT_NONE};

    event.stream = (struct stream_event){kind, change};
    world_push(world, event);
}

static inline void world_command(struct world *world, enum command_kind kind, nanos duration)
{
    struct event event = {.kind = EVENT_COMMAND, .product = PRODUCT_NONE};

    event.command = (struct command){.kind = kind, .duration = duration};
    strcpy(event.command.who, "anna");
    strcpy(event.command.why, "to be sure");
    world_push(world, event);
}

#endif
