/* An engine that previews its orders, and the venue's answers to it. */
#ifndef TESTS_PREVIEW_WORLD_H
#define TESTS_PREVIEW_WORLD_H

#include "engine/preview.h"

#include "engine/degrade.h"
#include "engine/engine_private.h"
#include "engine/recover.h"

#include "engine_world.h"

/* A world in which every order that takes risk waits for its preview. BTC at 100. */
static inline struct world *begin_with(void (*change)(struct engine_settings *settings))
{
    struct world *world = world_new();

    world->settings.preview = true;
    world->settings.limits.allow_shorts = true;
    if (change)
        change(&world->settings);
    world_open(world, "1000");
    world_price(world, BTC, "100");
    return world;
}

static inline struct world *begin(void)
{
    return begin_with(NULL);
}

static inline struct event preview_of(uint64_t query, const char *reason)
{
    struct event event = {.kind = EVENT_PREVIEW, .preview = {.query = query}};

    event.preview.total = dec("101.2");
    event.preview.commission = dec("1.2");
    snprintf(event.preview.reason, sizeof event.preview.reason, "%s", reason);
    return event;
}

static inline struct event end_of(uint64_t query, const char *text)
{
    struct event event = {.kind = EVENT_ANSWER, .answer = {.query = query}};

    event.answer.is_complete = text[0] == '\0';
    event.answer.outcome = text[0] ? OUTCOME_UNAVAILABLE : OUTCOME_ANSWERED;
    snprintf(event.answer.text, sizeof event.answer.text, "%s", text);
    return event;
}

static inline uint64_t asked(const struct world *world)
{
    return world_last_sent(world, SENT_PREVIEW)->query;
}

/* The venue's whole answer to the last question; "": it would take the order. */
static inline void answer(struct world *world, const char *reason)
{
    uint64_t query = asked(world);

    world_push(world, preview_of(query, reason));
    world_push(world, end_of(query, ""));
}

static inline void fail_to_answer(struct world *world)
{
    world_push(world, end_of(asked(world), "after 3 attempts: 503 Service Unavailable"));
}

static inline const struct fact_order_event *last_move(const struct world *world)
{
    return &world_last_fact(world, FACT_ORDER_EVENT)->order_event;
}

static inline const struct trace *last_trace(const struct world *world)
{
    return &world_last_fact(world, FACT_TRACE)->trace;
}

static inline const char *verdict(const struct world *world, enum stage stage)
{
    return (int)stage < last_trace(world)->count
               ? verdict_name(last_trace(world)->verdicts[stage])
               : "none";
}

static inline void command(struct world *world, enum command_kind kind)
{
    world_push(world, (struct event){.kind = EVENT_COMMAND,
                                     .product = PRODUCT_NONE,
                                     .command = {.kind = kind, .who = "anna"}});
}

#endif
