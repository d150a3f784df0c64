/* A trader with a position that the engine guards: what the tests of exits share. */
#ifndef TESTS_ENGINE_EXITS_WORLD_H
#define TESTS_ENGINE_EXITS_WORLD_H

#include "engine/exits.h"
#include "engine/recover.h"

#include "engine_world.h"

static inline struct world *trader(void)
{
    struct world *world = world_new();

    world_open(world, "100000");
    world_price(world, BTC, "100");
    return world;
}

static inline struct exit_plan plan(const char *stop, const char *target, const char *trail)
{
    struct exit_plan plan = {.stop = DECIMAL_ZERO};

    if (stop)
        plan.stop = dec(stop);
    if (target)
        plan.target = dec(target);
    if (trail)
        plan.trail = dec(trail);
    return plan;
}

/* Asks for a market order with exits; its number. */
static inline order_number enter(struct world *world, enum action action, const char *size,
                                 struct exit_plan plan)
{
    struct decision wish = world_wish(action, BTC, size);

    wish.plan = plan;
    world_decide(world, wish);
    return world_last_order(world);
}

/* A long position of 2 at 100, guarded. */
static inline order_number guarded(struct world *world, struct exit_plan plan)
{
    order_number number = enter(world, ACTION_BUY, "2", plan);

    world_say(world, number, REPORT_ACCEPTED);
    world_fill(world, number, "in", "2", "100", "0");
    return number;
}

static inline const struct exits *exits(const struct world *world)
{
    return engine_exits(world->engine);
}

/* State and size of the first exit: "armed 2". */
static inline const char *first(const struct world *world)
{
    static char text[64];
    char size[DECIMAL_TEXT_MAX];

    if (exits(world)->count == 0)
        return "none";
    const struct fact_exit *exit = &exits(world)->items[0].exit;
    snprintf(text, sizeof text, "%s %s", exit_state_name(exit->state),
             decimal_format(exit->size, size));
    return text;
}

static inline void restart(struct world *world)
{
    struct fault why = {OK, ""};

    engine_free(world->engine);
    world_make_engine(world, "r2");
    if (engine_recover(world->engine, world->now, &why))
        fail_msg("%s", why.text);
    world_start(world);
}

#endif
