/* Every sequence of what can happen while an order is changed; and exposure, by chance. */
#include "base/rng.h"

#include "amend_world.h"

/* ---- every sequence ---- */

enum { STEPS = 9, LENGTH = 4 };

/* One of the things that can happen while a change from 2 at 90 to 3 at 95 is under way. */
static void happen(struct world *world, order_number number, int what, int at)
{
    char id[16];

    snprintf(id, sizeof id, "s%d", at);
    switch (what) {
    case 0:
        when_replaced(world, number, "3", "95");
        break;
    case 1:
        world_say(world, number, REPORT_REPLACE_REFUSED);
        break;
    case 2: /* never more than there was, nor after the venue has told the totals */
        if (world_last_order(world) == number &&
            decimal_is_positive(order_exposed_size(world_order(world, number))))
            world_fill(world, number, id, "1", "90", "0");
        break;
    case 3:
        world_say(world, number, REPORT_CANCELED);
        break;
    case 4:
        world_say(world, number, REPORT_LOST);
        break;
    case 5:
        world_say(world, number, REPORT_CANCEL_REFUSED);
        break;
    case 6:
        world_decide(world, world_wish(ACTION_CANCEL, BTC, NULL));
        break;
    case 7:
        when_ended(world, number, REPORT_CANCELED, "1");
        break;
    default:
        when_amended(world, number, "4", "96");
        break;
    }
}

/* What may still trade of one logical order: its live orders, each at the larger of its terms,
 * and what is filled, never come to more than was ever asked for. */
static void check_sequence(const struct world *world, order_number first, const int *steps)
{
    int live = 0, anew = 0;
    decimal most = DECIMAL_ZERO;

    for (order_number n = first; n <= world_last_order(world); n++) {
        const struct order *order = world_order(world, n);
        anew += n > first && order->state != ORDER_DENIED;
        most = decimal_add(most, order->filled);
        if (!order_state_is_open(order->state))
            continue;
        live++;
        most = decimal_add(most, order_exposed_size(order));
    }
    if (live > 1 || anew > 1 || (decimal_compare(most, D(4)) > 0 && anew))
        fail_msg("after %d %d %d %d: %d live, %d made anew", steps[0], steps[1], steps[2],
                 steps[3], live, anew);
}

static void walk(bool cannot_edit)
{
    for (int code = 0; code < STEPS * STEPS * STEPS * STEPS; code++) {
        int steps[LENGTH], rest = code;
        struct world *world = given_trader_of(cannot_edit);
        order_number number = given_resting(world, "2", "90");
        when_amended(world, number, "3", "95");
        for (int i = 0; i < LENGTH; i++, rest /= STEPS)
            steps[i] = rest % STEPS;
        for (int i = 0; i < LENGTH; i++) {
            happen(world, number, steps[i], i);
            check_sequence(world, number, steps);
        }
        world_free(world);
    }
}

TEST(whatever_happens_during_an_edit_the_books_hold_and_one_order_lives)
{
    walk(false);
}

TEST(whatever_happens_while_an_order_is_made_anew_only_one_of_them_lives)
{
    walk(true);
}

/* ---- exposure, by chance ---- */

enum { ACTS = 400 };

/* A venue that keeps its own view of each order; the engine hears of it late, or never. */
struct truth {
    decimal size, filled;
    bool is_open, edit_waits;
    decimal edit_size;
};

static decimal exposure_of(const struct world *world, const struct truth *truths)
{
    decimal sum = DECIMAL_ZERO;

    for (order_number n = 1; n <= world_last_order(world); n++) {
        const struct truth *truth = &truths[n];
        decimal size =
            decimal_max(truth->size, truth->edit_waits ? truth->edit_size : DECIMAL_ZERO);
        sum =
            decimal_add(sum, truth->is_open ? decimal_max(size, truth->filled) : truth->filled);
    }
    return sum;
}

static void take_requests(struct world *world, struct truth *truths)
{
    for (int i = 0; i < world->sent_count; i++) {
        const struct order *order =
            oms_find_client(engine_oms(world->engine), &world->sent[i].request.client_id);
        if (!order)
            continue;
        struct truth *truth = &truths[order->number];
        if (world->sent[i].kind == SENT_SUBMIT)
            *truth = (struct truth){.size = world->sent[i].request.size, .is_open = true};
        if (world->sent[i].kind == SENT_AMEND && truth->is_open) {
            assert_false(truth->edit_waits); /* one at a time */
            truth->edit_waits = true;
            truth->edit_size = world->sent[i].request.size;
        }
    }
    world->sent_count = 0;
}

static void answer_edit(struct world *world, struct truth *truth, order_number number,
                        struct rng *rng)
{
    char size[DECIMAL_TEXT_MAX], filled[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];
    const struct order *order = world_order(world, number);
    bool is_taken = rng_chance(rng, 0.6) && decimal_is_less(truth->filled, truth->edit_size);

    if (!truth->edit_waits)
        return;
    if (is_taken)
        truth->size = truth->edit_size;
    truth->edit_waits = false;
    if (rng_chance(rng, 0.3)) { /* lost; the question is answered, later than it can arrive */
        world_say(world, number, REPORT_LOST);
        world->now += MINUTES(3);
        when_shown(world, number, REPORT_WORKING, decimal_format(truth->size, size),
                   decimal_format(
                       is_taken ? order->asked.limit_price : order->request.limit_price, price),
                   decimal_format(truth->filled, filled));
    } else if (is_taken) {
        world_push(world,
                   terms(world, number, REPORT_REPLACED, decimal_format(truth->size, size),
                         decimal_format(order->asked.limit_price, price)));
    } else {
        world_say(world, number, REPORT_REPLACE_REFUSED);
    }
}

static void fill_some(struct world *world, struct truth *truth, order_number number,
                      struct rng *rng, int act)
{
    decimal rest = decimal_sub(truth->size, truth->filled);
    decimal size = decimal_min(rest, decimal_from_int(rng_between(rng, 1, 2)));
    char id[32], text[DECIMAL_TEXT_MAX];

    if (!truth->is_open || !decimal_is_positive(size))
        return;
    truth->filled = decimal_add(truth->filled, size);
    truth->is_open = decimal_is_less(truth->filled, truth->size) || truth->edit_waits;
    snprintf(id, sizeof id, "x%d", act);
    world_fill(world, number, id, decimal_format(size, text), "90", "0");
}

static order_number some_order(const struct world *world, struct rng *rng)
{
    return 1 + rng_below(rng, world_last_order(world));
}

static void act_by_chance(struct world *world, struct truth *truths, struct rng *rng, int act)
{
    char size[8], price[8];
    order_number number = world_last_order(world) ? some_order(world, rng) : 0;

    snprintf(size, sizeof size, "%d", (int)rng_between(rng, 1, 9));
    snprintf(price, sizeof price, "%d", (int)rng_between(rng, 80, 95));
    switch (rng_below(rng, 5)) {
    case 0:
        world_limit(world, ACTION_BUY, BTC, size, price);
        take_requests(world, truths);
        if (world_order(world, world_last_order(world))->state == ORDER_PENDING_NEW)
            world_say(world, world_last_order(world), REPORT_ACCEPTED);
        break;
    case 1:
    case 2:
        if (number)
            when_amended(world, number, size, price);
        break;
    case 3:
        if (number)
            answer_edit(world, &truths[number], number, rng);
        break;
    default:
        if (number)
            fill_some(world, &truths[number], number, rng, act);
        break;
    }
    take_requests(world, truths);
}

TEST(exposure_never_crosses_the_limit_whatever_is_changed_and_when_it_is_heard_of)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct rng rng = rng_stream(seed, "amend");
        struct world *world = world_new();
        struct truth *truths = mem_new_array(ACTS + 2, sizeof *truths);
        world->settings.limits.symbol_count = 1;
        strcpy(world->settings.limits.symbols[0].symbol, "BTC-USD");
        world->settings.limits.symbols[0].max_position_size = D(20);
        world_open(world, "100000");
        world_price(world, BTC, "100");
        for (int act = 0; act < ACTS; act++) {
            act_by_chance(world, truths, &rng, act);
            if (decimal_compare(exposure_of(world, truths), D(20)) > 0)
                fail_msg("seed %llu, act %d: more may be held than the limit",
                         (unsigned long long)seed, act);
        }
        mem_free(truths);
        world_free(world);
    }
}
