/* Exits on random paths of prices, with a venue that fills, rejects, cancels and repeats at
 * random, products that close and open, and restarts out of snapshots and facts.
 *
 * The position is reckoned here from the fills alone, and what an order that an exit sent may
 * still sell from what was sent and answered: the engine's word is taken for neither. */
#include "base/rng.h"
#include "engine/snapshot.h"

#include "exits_world.h"

struct path {
    struct world *world;
    struct rng rng;
    uint64_t seed;
    int act, fills, restarts, by_limit;
    product_ref product;
    decimal held;     /* from the fills */
    decimal unit;     /* of sizes */
    char last_id[32]; /* of a fill, to be repeated */
    order_number last_filled;
    order_number checked; /* orders below this */
};

static struct product *product_of(struct path *path)
{
    return &path->world->products.items[path->product];
}

#define broken(path, ...)                                                                      \
    do {                                                                                       \
        fprintf(stderr, "seed %llu, act %d: ", (unsigned long long)(path)->seed, (path)->act); \
        fail_msg(__VA_ARGS__);                                                                 \
    } while (0)

/* ---- what must hold ---- */

/* E1: no more is guarded than is held, and on the side that reduces. */
static void check_book(struct path *path)
{
    decimal sum = DECIMAL_ZERO;

    for (int i = 0; i < exits(path->world)->count; i++) {
        const struct fact_exit *exit = &exits(path->world)->items[i].exit;
        sum = decimal_add(sum, exit->size);
        if (decimal_is_negative(exit->size))
            broken(path, "an exit has a negative size");
        if (decimal_is_positive(exit->size) &&
            decimal_sign(path->held) != (exit->side == SIDE_SELL ? 1 : -1))
            broken(path, "an exit is on the side that enlarges");
        if (exit->state == EXIT_HELD_BACK && exit->code == REFUSAL_NONE)
            broken(path, "an exit is held back for nothing");
    }
    if (decimal_compare(sum, decimal_abs(path->held)) > 0)
        broken(path, "exits guard more than is held");
}

/* E2: when an exit sends an order, that and all else that works on its side is no more than
 * what is held, and it may only reduce. */
static void check_order(struct path *path, const struct order *order)
{
    const struct oms *oms = engine_oms(path->world->engine);
    decimal working = oms_working_size(oms, path->product, order->request.side);

    if (!order->request.reduce_only)
        broken(path, "an exit sent an order that may do more than reduce");
    if (decimal_sign(path->held) != (order->request.side == SIDE_SELL ? 1 : -1) ||
        decimal_compare(working, decimal_abs(path->held)) > 0)
        broken(path, "an exit is about to sell more than is held");
    path->by_limit += order->request.type == ORDER_LIMIT;
}

static void check_orders(struct path *path)
{
    const struct oms *oms = engine_oms(path->world->engine);

    for (; path->checked < oms_next_number(oms); path->checked++) {
        const struct order *order = oms_find(oms, path->checked);
        if (order && order->origin == ORIGIN_EMULATION && order_state_is_open(order->state))
            check_order(path, order);
    }
}

static void check(struct path *path)
{
    if (!decimal_is_equal(world_position(path->world, path->product), path->held))
        broken(path, "the position is not the sum of the fills");
    check_book(path);
    check_orders(path);
}

/* ---- fills ---- */

static const struct fact_exit *exit_of(struct path *path, order_number order)
{
    for (int i = 0; i < exits(path->world)->count; i++)
        if (exits(path->world)->items[i].exit.order == order)
            return &exits(path->world)->items[i].exit;
    return NULL;
}

static decimal sum_of_sizes(struct path *path)
{
    decimal sum = DECIMAL_ZERO;

    for (int i = 0; i < exits(path->world)->count; i++)
        sum = decimal_add(sum, exits(path->world)->items[i].exit.size);
    return sum;
}

/* What the venue fills of it: a reduce-only order never more than there is to reduce. */
static decimal fillable(const struct path *path, const struct order *order, decimal size)
{
    bool reduces = decimal_sign(path->held) == (order->request.side == SIDE_SELL ? 1 : -1);

    if (!order->request.reduce_only)
        return size;
    return reduces ? decimal_min(size, decimal_abs(path->held)) : DECIMAL_ZERO;
}

/* A fill of an exit's own order is gone from that exit, and from the sum, once. */
static void fill(struct path *path, const struct order *order, decimal size)
{
    char text[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];
    const struct fact_exit *exit = exit_of(path, order->number);
    order_number number = order->number;
    decimal before = sum_of_sizes(path);
    bool is_exit = exit && order->origin == ORIGIN_EMULATION;
    decimal own = is_exit ? exit->size : DECIMAL_ZERO;
    uint64_t id = is_exit ? exit->id : 0;

    size = fillable(path, order, size);
    if (decimal_is_zero(size))
        return;
    path->held = order->request.side == SIDE_BUY ? decimal_add(path->held, size)
                                                 : decimal_sub(path->held, size);
    snprintf(path->last_id, sizeof path->last_id, "f%d", path->fills++);
    path->last_filled = number;
    decimal mark = engine_market(path->world->engine, path->product)->mark;
    world_fill(path->world, number, path->last_id, decimal_format(size, text),
               decimal_format(mark, price), "0");
    if (!is_exit)
        return;
    decimal taken = decimal_min(size, own);
    exit = exit_of(path, number);
    if (exit && exit->id == id && decimal_compare(exit->size, decimal_sub(own, taken)) > 0)
        broken(path, "an exit still guards what its order has closed");
    if (decimal_compare(sum_of_sizes(path), decimal_sub(before, taken)) > 0)
        broken(path, "what one leg closed another still guards");
}

/* The same execution once more changes nothing. */
static void repeat_fill(struct path *path)
{
    const struct oms *oms = engine_oms(path->world->engine);
    decimal before = sum_of_sizes(path);
    char price[DECIMAL_TEXT_MAX], size[DECIMAL_TEXT_MAX];

    if (!path->last_filled || !oms_find(oms, path->last_filled))
        return;
    decimal mark = engine_market(path->world->engine, path->product)->mark;
    world_fill(path->world, path->last_filled, path->last_id, decimal_format(path->unit, size),
               decimal_format(mark, price), "0");
    if (decimal_compare(sum_of_sizes(path), before) > 0)
        broken(path, "a fill that was told twice was guarded twice");
}

static void answer(struct path *path)
{
    static const enum report_kind ends[] = {REPORT_CANCELED, REPORT_EXPIRED, REPORT_CANCELED,
                                            REPORT_REJECTED};
    struct rng *rng = &path->rng;
    const struct oms *oms = engine_oms(path->world->engine);

    if (oms_open_count(oms) == 0)
        return;
    const struct order *order = oms_open(oms)[rng_below(rng, (uint64_t)oms_open_count(oms))];
    bool is_new = order->state == ORDER_PENDING_NEW;
    if (rng_chance(rng, 0.2) && is_new)
        world_say(path->world, order->number, REPORT_ACCEPTED);
    else if (rng_chance(rng, 0.2))
        world_say(path->world, order->number, ends[rng_below(rng, is_new ? 4 : 3)]);
    else
        fill(path, order,
             rng_chance(rng, 0.5) ? order_remaining(order)
                                  : decimal_min(order_remaining(order), path->unit));
}

/* ---- what happens ---- */

static struct exit_plan any_plan(struct path *path)
{
    struct rng *rng = &path->rng;
    struct exit_plan plan = {.stop = DECIMAL_ZERO};

    if (rng_chance(rng, 0.7))
        plan.stop_share = (decimal){rng_between(rng, 5, 40) * (DECIMAL_ONE / 1000)};
    if (rng_chance(rng, 0.5))
        plan.target_share = (decimal){rng_between(rng, 5, 40) * (DECIMAL_ONE / 1000)};
    if (rng_chance(rng, 0.3))
        plan.trail_share = (decimal){rng_between(rng, 5, 40) * (DECIMAL_ONE / 1000)};
    return plan;
}

static void decide(struct path *path)
{
    struct rng *rng = &path->rng;
    enum action way = path->product == BIP && rng_chance(rng, 0.5) ? ACTION_SELL : ACTION_BUY;
    struct decision wish = world_wish(way, path->product, NULL);

    wish.has_size = true;
    wish.size = decimal_mul(path->unit, D(rng_between(rng, 1, 5)), ROUND_DOWN);
    wish.plan = any_plan(path);
    if (rng_chance(rng, 0.3)) {
        wish.type = ORDER_LIMIT;
        wish.tif = TIF_GTC;
        wish.limit_price = engine_market(path->world->engine, path->product)->mark;
    }
    world_decide(path->world, wish);
}

/* Sells by other ways: at the market, or by an order that rests and is in the way. */
static void reduce(struct path *path)
{
    struct decision wish = world_wish(ACTION_CLOSE, path->product, NULL);

    if (rng_chance(&path->rng, 0.5)) {
        wish.has_size = true;
        wish.size = path->unit;
    }
    world_decide(path->world, wish);
}

static void protect(struct path *path)
{
    struct decision wish = world_wish(ACTION_PROTECT, path->product, NULL);

    wish.plan = any_plan(path);
    world_decide(path->world, wish);
}

static void move(struct path *path)
{
    decimal mark = engine_market(path->world->engine, path->product)->mark;
    char price[DECIMAL_TEXT_MAX];
    int64_t bps = rng_between(&path->rng, -150, 150);

    mark = decimal_quantize(
        decimal_add(mark, decimal_mul(mark, (decimal){bps * 100000000}, ROUND_DOWN)),
        product_of(path)->price_increment, ROUND_HALF_EVEN);
    world_price(path->world, path->product, decimal_format(decimal_max(mark, D(10)), price));
}

static void change_rules(struct path *path)
{
    struct product *product = product_of(path);
    bool *const flags[] = {&product->limit_only, &product->auction_mode, &product->cancel_only,
                           &product->post_only, &product->trading_disabled};

    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        *flags[i] = false;
    if (rng_chance(&path->rng, 0.5))
        *flags[rng_below(&path->rng, ARRAY_LEN(flags))] = true;
    product->base_min_size = rng_chance(&path->rng, 0.3)
                                 ? decimal_mul(path->unit, D(2), ROUND_DOWN)
                                 : product->base_increment;
}

/* Every exit in words: what a journal would hold of it. */
static void write_book(const struct world *world, struct buf *out)
{
    buf_reset(out);
    for (int i = 0; i < exits(world)->count; i++) {
        struct fact fact = {.kind = FACT_EXIT, .exit = exits(world)->items[i].exit};
        fact_encode(&fact, &world->products, out);
        buf_add_text(out, "\n");
    }
}

/* With a snapshot in the facts before it or not: the exits are the same. */
static void restart_it(struct path *path)
{
    struct world *world = path->world;
    struct buf before = BUF_INIT, after = BUF_INIT;
    struct fault why = {OK, ""};

    if (rng_chance(&path->rng, 0.3)) {
        snapshot_write(world->engine);
        world_turn(world);
    }
    write_book(world, &before);
    engine_free(world->engine);
    world_make_engine(world, path->restarts % 2 ? "r3" : "r2");
    if (engine_recover(world->engine, world->now, &why))
        broken(path, "%s", why.text);
    write_book(world, &after);
    if (strcmp(buf_text(&before), buf_text(&after)) != 0)
        broken(path, "other exits after a restart:\n%s\nand before:\n%s", buf_text(&after),
               buf_text(&before));
    buf_clear(&before);
    buf_clear(&after);
    world_start(world);
    path->restarts++;
}

static void act(struct path *path)
{
    switch (rng_below(&path->rng, 16)) {
    case 0:
    case 1:
        decide(path);
        break;
    case 2:
        reduce(path);
        break;
    case 3:
        protect(path);
        break;
    case 4:
    case 5:
    case 6:
    case 7:
        answer(path);
        break;
    case 8:
        repeat_fill(path);
        break;
    case 9:
        if (rng_chance(&path->rng, 0.3))
            change_rules(path);
        break;
    case 10:
        if (rng_chance(&path->rng, 0.3))
            restart_it(path);
        break;
    case 11:
    case 12:
        world_wait(path->world, rng_chance(&path->rng, 0.1) ? MINUTES(11) : SECONDS(1));
        break;
    default:
        move(path);
        break;
    }
}

static struct path path_new(uint64_t seed)
{
    struct path path = {.seed = seed,
                        .rng = rng_stream(seed, "exits"),
                        .product = seed % 2 ? BIP : BTC,
                        .unit = seed % 2 ? D(2) : dec("0.4"),
                        .world = world_new()};

    path.world->settings.limits.allow_shorts = true;
    path.world->settings.degrade.broker_failures = 1000000; /* it answers no questions */
    path.world->settings.retry.answer_deadline = DAYS(1);
    path.world->settings.exits.order = seed % 3 ? EXIT_BY_MARKET : EXIT_BY_LIMIT;
    world_open(path.world, "10000000");
    world_price(path.world, path.product, "1000");
    return path;
}

static int count_states(const struct path *path, enum exit_state state)
{
    int count = 0;

    for (int i = 0; i < path->world->fact_count; i++)
        count += path->world->facts[i].kind == FACT_EXIT &&
                 path->world->facts[i].exit.state == state;
    return count;
}

TEST(whatever_happens_exits_guard_no_more_than_is_held_and_only_reduce)
{
    int fills = 0, restarts = 0, triggered = 0, held_back = 0, by_limit = 0;

    for (uint64_t seed = 0; seed < 200; seed++) {
        struct path path = path_new(seed);
        for (path.act = 0; path.act < 400; path.act++) {
            act(&path);
            check(&path);
        }
        fills += path.fills;
        restarts += path.restarts;
        triggered += count_states(&path, EXIT_TRIGGERED);
        held_back += count_states(&path, EXIT_HELD_BACK);
        by_limit += path.by_limit;
        world_free(path.world);
    }

    assert_true(fills > 1500 && restarts > 1000 && triggered > 1000);
    assert_true(held_back > 250 && by_limit > 150);
}
