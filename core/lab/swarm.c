#include "lab/swarm.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"

/* One of the values, each as likely. */
#define PICK(rng, ...) pick(rng, (const int64_t[]){__VA_ARGS__}, sizeof(int64_t[]){__VA_ARGS__})

static int64_t pick(struct rng *rng, const int64_t *values, size_t size)
{
    return values[rng_below(rng, size / sizeof *values)];
}

static void add_product(struct product_table *table, const char *symbol)
{
    struct product product;
    product_ref ref;
    bool is_known = catalogue_find(symbol, &product, NULL);
    enum err err = product_table_add(table, &product, &ref, NULL);

    assert(is_known && !err);
    (void)is_known;
    (void)err;
}

/* Bitcoin always, and some of the others. */
static void choose_products(struct product_table *table, struct rng *rng)
{
    static const char *const others[] = {"ETH-USD", "DOGE-USD", "XRP-USD", "BIP-20DEC30-CDE"};

    product_table_init(table);
    add_product(table, "BTC-USD");
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (rng_chance(rng, 0.4))
            add_product(table, others[i]);
}

/* One of so many parts of a thousand; 0: no limit. */
#define SHARE(rng, ...) per_mille(PICK(rng, __VA_ARGS__))

static decimal per_mille(int64_t n)
{
    return decimal_div(decimal_from_int(n), D(1000), ROUND_HALF_EVEN);
}

static void choose_symbol_limits(struct symbol_limits *own, struct rng *rng)
{
    *own = (struct symbol_limits){.symbol = "BTC-USD"};
    own->max_order_size = SHARE(rng, 0, 5);
    own->max_order_value = D(PICK(rng, 0, 0, 0, 200));
    own->max_position_size = SHARE(rng, 5, 20);
    own->max_position_value = D(PICK(rng, 0, 0, 800));
    own->max_position_share = SHARE(rng, 0, 0, 0, 5, 10);
    own->max_leverage_day = SHARE(rng, 0, 0, 0, 5, 10);
    own->max_leverage_night = SHARE(rng, 0, 0, 0, 2, 10);
}

static void choose_rates(struct limits *limits, struct rng *rng)
{
    limits->orders_per_second = PICK(rng, 0, 1, 5);
    limits->orders_per_minute = PICK(rng, 0, 3, 20);
    limits->orders_per_hour = PICK(rng, 0, 30, 200);
    limits->orders_per_day = PICK(rng, 0, 300, 2000);
    limits->has_window = rng_chance(rng, 0.15);
    limits->window_start_minute = PICK(rng, 0, 300, 1320);
    limits->window_end_minute = PICK(rng, 240, 900, 1440);
    limits->window_days = rng_chance(rng, 0.5) ? 0x7F : (uint32_t)rng_between(rng, 1, 0x7F);
    limits->day_start_minute = PICK(rng, 0, 480);
    limits->day_end_minute = PICK(rng, 960, 1440);
}

static void choose_losses(struct limits *limits, struct rng *rng)
{
    limits->daily_loss_value = D(PICK(rng, 0, 0, 0, 0, 20, 200));
    limits->daily_loss_share =
        decimal_div(D(PICK(rng, 0, 0, 0, 0, 5, 20)), D(10000), ROUND_HALF_EVEN);
    limits->max_drawdown_share =
        decimal_div(D(PICK(rng, 0, 0, 0, 0, 5, 30)), D(10000), ROUND_HALF_EVEN);
    limits->max_losses_in_row = PICK(rng, 0, 0, 0, 0, 5, 50);
}

static void choose_prices(struct limits *limits, struct rng *rng)
{
    limits->price_band_share = SHARE(rng, 0, 0, 0, 5, 50);
    limits->max_slippage_bps = D(PICK(rng, 0, 0, 5, 50));
    limits->max_impact_bps = D(PICK(rng, 0, 0, 0, 10, 100));
    limits->max_spread_bps = D(PICK(rng, 0, 0, 0, 20));
}

static void choose_limits(struct limits *limits, struct rng *rng)
{
    limits->max_order_value = D(PICK(rng, 0, 300, 1000));
    limits->max_position_value = D(PICK(rng, 0, 0, 500, 2000));
    limits->max_position_share = SHARE(rng, 0, 0, 0, 0, 5, 20);
    limits->max_exposure_value = D(PICK(rng, 0, 0, 1000, 5000));
    limits->max_exposure_share = SHARE(rng, 0, 0, 0, 0, 10, 50);
    limits->max_leverage = D(PICK(rng, 0, 1, 2));
    limits->max_positions = PICK(rng, 0, 0, 1, 2);
    limits->max_open_orders = PICK(rng, 0, 0, 3, 20);
    limits->min_balance = D(PICK(rng, 0, 0, 98000));
    limits->min_liquidation_buffer_share = SHARE(rng, 0, 0, 200, 995);
    limits->allow_shorts = rng_chance(rng, 0.7);
    limits->limit_only = rng_chance(rng, 0.1);
    choose_rates(limits, rng);
    choose_losses(limits, rng);
    choose_prices(limits, rng);
    if (rng_chance(rng, 0.4))
        choose_symbol_limits(&limits->symbols[limits->symbol_count++], rng);
}

static void choose_settings(struct swarm *swarm, struct rng *rng)
{
    struct engine_settings *settings = &swarm->settings;
    nanos step = SECONDS(PICK(rng, 10, 20, 30, 60));

    engine_settings_init(settings);
    snprintf(settings->bot, sizeof settings->bot, "sim");
    snprintf(settings->currency, sizeof settings->currency, "USD");
    swarm->venue.market.step = step;
    settings->cycle_every = step * PICK(rng, 1, 2, 3);
    settings->guards.mark_stale_after = step * PICK(rng, 0, 3, 10);
    settings->guards.stream_stale_after = step * PICK(rng, 0, 3, 10);
    settings->reconcile.order_sweep_every = SECONDS(PICK(rng, 20, 60, 300));
    settings->reconcile.position_check_every = SECONDS(PICK(rng, 20, 60, 300));
    settings->reconcile.balance_check_every = SECONDS(PICK(rng, 20, 60, 300));
    settings->reconcile.balance_tolerance = DECIMAL_ZERO;
    settings->snapshot.every = MINUTES(PICK(rng, 0, 1, 10, 60));
    settings->snapshot.facts = PICK(rng, 0, 100, 10000);
    choose_limits(&settings->limits, rng);
}

static void choose_venue(struct swarm *swarm, struct rng *rng)
{
    struct mock_setup *venue = &swarm->venue;

    venue->market.fees =
        (struct fee_schedule){swarm->settings.maker_rate, swarm->settings.taker_rate};
    venue->market.refuses_duplicates = rng_chance(rng, 0.2);
    venue->latency_min = MILLISECONDS(PICK(rng, 0, 20, 100));
    venue->latency_max = venue->latency_min + MILLISECONDS(PICK(rng, 0, 200, 3000));
    venue->clock_skew = MILLISECONDS(PICK(rng, 0, 0, -300, 300));
    venue->fills_delay = MILLISECONDS(PICK(rng, 0, 0, 2000));
    venue->has_book = rng_chance(rng, 0.25);
    venue->market.edit_span = MILLISECONDS(PICK(rng, 0, 0, 500, 5000));
    /* A client that gives up hangs up: what it sent does not arrive after its deadline. */
    swarm->fault_span = MILLISECONDS(PICK(rng, 300, 2000, 15000));
    swarm->settings.retry.answer_deadline =
        swarm->fault_span + 2 * venue->latency_max + MILLISECONDS(PICK(rng, 500, 5000, 20000));
}

/* How soon an attempt is given up: after the longest way there and back, or, now and then, at
 * half of it, so that answers come when nobody waits for them any more. (Sooner than that, and
 * with breakers that open for long, nothing would ever be found out.) */
static void choose_patience(struct swarm *swarm, uint64_t seed)
{
    struct rng rng = rng_stream(seed, "swarm:patience");
    struct engine_settings *settings = &swarm->settings;
    nanos there_and_back = 2 * swarm->venue.latency_max;

    settings->retry.attempts = PICK(&rng, 1, 2, 3, 3, 5);
    settings->retry.attempt_timeout = there_and_back * PICK(&rng, 2, 4, 4, 4, 4, 4, 4, 4) / 4 +
                                      MILLISECONDS(PICK(&rng, 100, 1000, 5000));
    for (int i = 0; i < ERRAND_CLASS_COUNT; i++)
        settings->budgets[i] = (struct budget){PICK(&rng, 1, 5, 10), PICK(&rng, 1, 3, 10)};
    /* A sweep is two requests, the account another: who gives up before his budget lets them
     * leave never learns anything. */
    settings->retry.answer_deadline +=
        SECONDS(4) / settings->budgets[ERRANDS_QUERIES].per_second;
    settings->breaker.failures = PICK(&rng, 2, 5, 20);
    settings->breaker.cool_down = SECONDS(PICK(&rng, 5, 30, 120));
}

/* In a third of the worlds orders are previewed. */
static void choose_preview(struct swarm *swarm, uint64_t seed)
{
    struct rng rng = rng_stream(seed, "swarm:preview");

    swarm->settings.preview = rng_chance(&rng, 0.35);
}

/* In a third of them exits leave by limits, narrow ones now and then. */
static void choose_exits(struct swarm *swarm, uint64_t seed)
{
    struct rng rng = rng_stream(seed, "swarm:exits");
    struct exit_settings *exits = &swarm->settings.exits;

    exits->order = rng_chance(&rng, 0.35) ? EXIT_BY_LIMIT : EXIT_BY_MARKET;
    exits->limit_share = (decimal){PICK(&rng, 0, 1, 50) * (DECIMAL_ONE / 10000)};
    exits->limit_step_share = (decimal){PICK(&rng, 1, 50) * (DECIMAL_ONE / 10000)};
    exits->retry_base = SECONDS(PICK(&rng, 1, 1, 10));
}

void swarm_init(struct swarm *swarm, uint64_t seed, nanos start)
{
    struct rng rng = rng_stream(seed, "swarm");

    memset(swarm, 0, sizeof *swarm);
    swarm->venue.market.seed = seed;
    swarm->venue.market.start = start;
    swarm->cash = D(100000);
    swarm->order_value_max = D(PICK(&rng, 50, 400, 2000));
    choose_products(&swarm->products, &rng);
    choose_settings(swarm, &rng);
    choose_venue(swarm, &rng);
    swarm->quiet_every = HOURS(PICK(&rng, 1, 3, 6));
    swarm->commands_every = HOURS(PICK(&rng, 0, 0, 1, 4));
    swarm->strangers_every = MINUTES(PICK(&rng, 0, 0, 20, 120));
    swarm->settings.reconcile.external_orders =
        (enum external_orders)PICK(&rng, EXTERNAL_IGNORE, EXTERNAL_ADOPT, EXTERNAL_CANCEL);
    choose_patience(swarm, seed);
    choose_preview(swarm, seed);
    choose_exits(swarm, seed);
    swarm->steps_to_crash = PICK(&rng, 0, 50, 300, 2000);
    swarm->power_cuts_per_cent = (int)PICK(&rng, 0, 30);
}

struct fault_plan *swarm_faults(const struct swarm *swarm)
{
    uint64_t seed = swarm->venue.market.seed;
    struct rng rng = rng_stream(seed, "swarm:faults");

    if (rng_chance(&rng, 0.1))
        return NULL;
    struct fault_plan *plan = fault_plan_new(seed);
    for (int kind = FAULT_NONE + 1; kind < FAULT_KIND_COUNT; kind++) {
        int64_t chance = PICK(&rng, 0, 0, 2, 10, 50);
        if (kind == FAULT_DISCONNECT && chance > 2)
            chance = 2; /* each message of the market meets it */
        fault_plan_set_chance(plan, (enum fault_kind)kind, per_mille(chance));
    }
    fault_plan_set_span(plan, MILLISECONDS(50), swarm->fault_span);
    return plan;
}
