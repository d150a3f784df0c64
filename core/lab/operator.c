#include "lab/operator.h"

#include <stdio.h>

static void plan(struct operator* operator, nanos now)
{
    operator->next = operator->every ? now + rng_between(&operator->rng, 0, 2 * operator->every)
                                     : INT64_MAX;
}

void operator_init(struct operator* operator, uint64_t seed, nanos every, nanos now)
{
    *operator=(struct operator){.every = every};
    operator->rng = rng_stream(seed, "operator");
    plan(operator, now);
}

/* Every other word is to resume, so that trading goes on. */
static enum command_kind draw_kind(struct rng *rng)
{
    static const enum command_kind kinds[] = {COMMAND_PAUSE, COMMAND_REDUCE_ONLY,
                                              COMMAND_HALT,  COMMAND_FLATTEN,
                                              COMMAND_KILL,  COMMAND_CANCEL_ALL};

    return rng_chance(rng, 0.5) ? COMMAND_RESUME : kinds[rng_below(rng, ARRAY_LEN(kinds))];
}

/* Who wants all canceled waits until there is something. */
static const struct event *say(const struct operator* operator, bool has_orders)
{
    bool waits = operator->command.command.kind == COMMAND_CANCEL_ALL && !has_orders;

    return waits ? NULL : &operator->command;
}

const struct event *operator_speak(struct operator* operator, nanos now, bool has_orders)
{
    struct command *command = &operator->command.command;

    if (operator->has_command)
        return say(operator, has_orders);
    if (now < operator->next)
        return NULL;
    plan(operator, now);
    operator->command =(struct event){.kind = EVENT_COMMAND, .product = PRODUCT_NONE};
    command->kind = draw_kind(&operator->rng);
    if (command->kind == COMMAND_PAUSE || command->kind == COMMAND_REDUCE_ONLY)
        command->duration = rng_between(&operator->rng, 0, 30) * MINUTES(1);
    snprintf(command->who, sizeof command->who, "chance");
    snprintf(command->why, sizeof command->why, "a whim");
    operator->has_command = true;
    return say(operator, has_orders);
}

void operator_hear(struct operator* operator)
{
    enum command_kind kind = operator->command.command.kind;

    if (!operator->has_command)
        return;
    operator->has_command = false;
    if (kind == COMMAND_HALT || kind == COMMAND_KILL)
        operator->is_halted = true;
    else if (kind == COMMAND_FLATTEN)
        operator->is_flattening = true;
    else if (kind == COMMAND_RESUME)
        operator->is_halted = operator->is_flattening = false;
}
