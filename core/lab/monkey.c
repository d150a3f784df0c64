#include "lab/monkey.h"

#include <stdio.h>

static const char name[] = "monkey";

static int weight(struct rng *rng)
{
    static const int weights[] = {0, 1, 3, 10};

    return weights[rng_below(rng, ARRAY_LEN(weights))];
}

void monkey_init(struct monkey *monkey, uint64_t seed, decimal value_max)
{
    struct rng rng = rng_stream(seed, "monkey:habits");

    *monkey = (struct monkey){.value_max = value_max};
    monkey->rng = rng_stream(seed, "monkey");
    monkey->guard_rng = rng_stream(seed, "monkey:guard");
    for (int i = 0; i < HABIT_COUNT; i++)
        monkey->weight_sum += monkey->weights[i] = weight(&rng);
    if (monkey->weight_sum == 0)
        monkey->weight_sum = monkey->weights[HABIT_MARKET] = 1;
    monkey->acts_per_mille = (int)rng_between(&rng, 20, 400);
    monkey->bursts_per_mille = (int)rng_between(&rng, 0, 50);
    monkey->plans_per_mille = rng_chance(&rng, 0.5) ? 500 : 0;
    monkey->fails_per_mille = rng_chance(&rng, 0.3) ? 1 : 0;
    monkey->vetoes_per_mille = rng_chance(&rng, 0.3) ? 50 : 0;
    monkey->alarms_per_mille = rng_chance(&rng, 0.3) ? 5 : 0;
}

static bool happens(struct rng *rng, int per_mille)
{
    return rng_below(rng, 1000) < (uint64_t)per_mille;
}

static enum habit draw_habit(struct monkey *monkey)
{
    int at = (int)rng_below(&monkey->rng, (uint64_t)monkey->weight_sum), habit = 0;

    while (at >= monkey->weights[habit])
        at -= monkey->weights[habit++];
    return (enum habit)habit;
}

/* The price moved by so many basis points; rounding does not matter to a monkey. */
static decimal moved(decimal price, int64_t bps)
{
    return decimal_mul_div(price, decimal_from_int(10000 + bps), D(10000), ROUND_HALF_EVEN);
}

/* Worth between a hundredth and the whole of value_max, not rounded to any step. */
static decimal draw_size(struct monkey *monkey, const struct market *market)
{
    decimal value =
        decimal_mul_div(monkey->value_max, decimal_from_int(rng_between(&monkey->rng, 1, 100)),
                        D(100), ROUND_DOWN);
    decimal each = decimal_mul(market->mark, market->product->contract_size, ROUND_UP);

    return decimal_div(value, each, ROUND_DOWN);
}

/* Basis points better than the mark for the side that waits. */
static void set_limit(struct decision *decision, decimal mark, int64_t bps)
{
    decision->type = ORDER_LIMIT;
    decision->limit_price = moved(mark, decision->action == ACTION_BUY ? -bps : bps);
}

static void set_stop(struct decision *decision, decimal mark, int64_t bps)
{
    bool is_buy = decision->action == ACTION_BUY;

    decision->type = ORDER_STOP_LIMIT;
    decision->stop_price = moved(mark, is_buy ? bps : -bps);
    decision->limit_price = moved(mark, is_buy ? 2 * bps : -2 * bps);
}

static void cancel(struct monkey *monkey, const struct view *view, struct decision *decision,
                   bool one)
{
    decision->action = ACTION_CANCEL;
    if (!one || view->order_count == 0)
        return;
    const struct order *order =
        view->orders[rng_below(&monkey->rng, (uint64_t)view->order_count)];
    decision->product = order->request.product;
    decision->order = order->number;
}

/* Near enough to be reached; some on the wrong side. */
static void plan(struct monkey *monkey, decimal mark, bool is_long, struct exit_plan *plan)
{
    struct rng *rng = &monkey->rng;
    int way = is_long ? 1 : -1;

    if (rng_chance(rng, 0.7))
        plan->stop = moved(mark, -way * rng_between(rng, -2, 60));
    else
        plan->stop_share = (decimal){rng_between(rng, 1, 50) * (DECIMAL_ONE / 10000)};
    if (rng_chance(rng, 0.5))
        plan->target = moved(mark, way * rng_between(rng, -2, 60));
    if (rng_chance(rng, 0.3))
        plan->trail_share = (decimal){rng_between(rng, 1, 50) * (DECIMAL_ONE / 10000)};
}

static void protect(struct monkey *monkey, const struct view *view, struct decision *decision)
{
    decimal held = portfolio_position(view->portfolio, decision->product)->size;

    decision->action = ACTION_PROTECT;
    if (rng_chance(&monkey->rng, 0.8))
        plan(monkey, view->market->mark, decimal_is_positive(held), &decision->plan);
}

/* Larger or smaller, nearer or further away, of any order that is open. */
static void amend(struct monkey *monkey, const struct view *view, struct decision *decision)
{
    struct rng *rng = &monkey->rng;

    cancel(monkey, view, decision, true);
    decision->action = decision->order ? ACTION_AMEND : ACTION_HOLD;
    if (!decision->order)
        return;
    decimal mark = view->markets[decision->product].mark;
    if (rng_chance(rng, 0.7))
        decision->limit_price = moved(mark, rng_between(rng, -200, 200));
    if (rng_chance(rng, 0.3))
        decision->size = DECIMAL_ZERO;
}

static void shape(struct monkey *monkey, const struct view *view, enum habit habit,
                  struct decision *decision)
{
    struct rng *rng = &monkey->rng;
    decimal mark = view->market->mark;

    switch (habit) {
    case HABIT_LIMIT_NEAR:
        set_limit(decision, mark, rng_between(rng, -5, 20));
        break;
    case HABIT_LIMIT_FAR:
        set_limit(decision, mark, rng_between(rng, 20, 2000));
        break;
    case HABIT_POST_ONLY:
        set_limit(decision, mark, rng_between(rng, -5, 20));
        decision->post_only = true;
        break;
    case HABIT_IOC:
    case HABIT_FOK:
        set_limit(decision, mark, rng_between(rng, -30, 5));
        decision->tif = habit == HABIT_IOC ? TIF_IOC : TIF_FOK;
        break;
    case HABIT_GTD:
        set_limit(decision, mark, rng_between(rng, 0, 100));
        decision->tif = TIF_GTD;
        decision->expires = view->now + rng_between(rng, SECONDS(1), HOURS(1));
        break;
    case HABIT_STOP:
        set_stop(decision, mark, rng_between(rng, 1, 200));
        break;
    case HABIT_SIGNAL:
        decision->has_size = false;
        break;
    case HABIT_REDUCE:
        decision->reduce_only = true;
        if (rng_chance(rng, 0.5))
            set_limit(decision, mark, rng_between(rng, 0, 50));
        break;
    case HABIT_CLOSE:
        decision->action = ACTION_CLOSE;
        decision->has_size = false;
        break;
    case HABIT_CANCEL_ONE:
    case HABIT_CANCEL_ALL:
        cancel(monkey, view, decision, habit == HABIT_CANCEL_ONE);
        break;
    case HABIT_AMEND:
        amend(monkey, view, decision);
        break;
    case HABIT_PROTECT:
        protect(monkey, view, decision);
        break;
    case HABIT_HUGE:
        decision->size = decimal_mul(decision->size, D(1000), ROUND_DOWN);
        break;
    case HABIT_DUST:
        decision->size = (decimal){rng_between(rng, 0, 1000000)};
        break;
    default:
        break;
    }
}

static void act(struct monkey *monkey, const struct view *view, struct decision_list *out)
{
    struct decision *decision = &out->items[out->count++];
    bool is_buy = rng_chance(&monkey->rng, 0.5);

    *decision = (struct decision){.action = is_buy ? ACTION_BUY : ACTION_SELL,
                                  .product = view->market->ref,
                                  .type = ORDER_MARKET,
                                  .tif = TIF_GTC,
                                  .has_size = true,
                                  .size = draw_size(monkey, view->market)};
    shape(monkey, view, draw_habit(monkey), decision);
    bool enters = decision->action == ACTION_BUY || decision->action == ACTION_SELL;
    if (enters && happens(&monkey->rng, monkey->plans_per_mille))
        plan(monkey, view->market->mark, decision->action == ACTION_BUY, &decision->plan);
    if (decision->type == ORDER_MARKET && decision->action != ACTION_CANCEL)
        decision->tif = TIF_IOC;
    snprintf(decision->reason, sizeof decision->reason, "by chance");
}

static enum err call(void *ctx, const struct strategy_call *call, struct decision_list *out,
                     struct fault *why)
{
    struct monkey *monkey = ctx;
    int count = 1;

    if (call->hook != HOOK_CYCLE || monkey->is_silent)
        return OK;
    if (happens(&monkey->rng, monkey->fails_per_mille))
        return fail(why, ERR_SCRIPT, "the monkey fell off the tree");
    if (!happens(&monkey->rng, monkey->acts_per_mille))
        return OK;
    if (happens(&monkey->rng, monkey->bursts_per_mille))
        count = (int)rng_between(&monkey->rng, 2, 16);
    while (count-- > 0)
        act(monkey, call->view, out);
    return OK;
}

struct strategy_port monkey_strategy(struct monkey *monkey, product_ref product)
{
    struct strategy_port port = {.ctx = monkey,
                                 .product = product,
                                 .wants = HOOK_BIT(HOOK_CYCLE) | HOOK_BIT(HOOK_FILL) |
                                          HOOK_BIT(HOOK_ORDER),
                                 .call = call};

    snprintf(port.name, sizeof port.name, "%s", name);
    return port;
}

static enum err check(void *ctx, const struct order_request *request, const struct view *view,
                      bool *allow, char reason[GUARD_REASON_MAX], struct fault *why)
{
    struct monkey *monkey = ctx;

    (void)request;
    (void)view;
    *allow = !happens(&monkey->guard_rng, monkey->vetoes_per_mille);
    snprintf(reason, GUARD_REASON_MAX, "not today");
    if (happens(&monkey->guard_rng, monkey->vetoes_per_mille / 10))
        return fail(why, ERR_SCRIPT, "the guard is asleep");
    return OK;
}

static enum err cycle(void *ctx, const struct view *view, struct guard_action *out,
                      struct fault *why)
{
    struct monkey *monkey = ctx;
    struct rng *rng = &monkey->guard_rng;

    (void)view;
    (void)why;
    if (monkey->is_silent || !happens(rng, monkey->alarms_per_mille))
        return OK;
    out->level = (enum level)rng_between(rng, LEVEL_REDUCE_ONLY,
                                         monkey->can_halt ? LEVEL_HALTED : LEVEL_PAUSED);
    out->duration = rng_between(rng, SECONDS(10), MINUTES(30));
    out->global = true;
    snprintf(out->reason, sizeof out->reason, "by chance");
    return OK;
}

struct guard_port monkey_guard(struct monkey *monkey)
{
    struct guard_port port = {
        .ctx = monkey, .has_check = true, .has_cycle = true, .check = check, .cycle = cycle};

    snprintf(port.name, sizeof port.name, "%s", name);
    return port;
}
