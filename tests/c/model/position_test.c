#include "model/position.h"

#include <gmp.h>

#include "base/rng.h"
#include "exact.h"
#include "model_sample.h"

static struct fill fill_of(enum side side, const char *size, const char *value)
{
    return (struct fill){.side = side,
                         .size = dec(size),
                         .price = D(1),
                         .value = dec(value),
                         .fee = dec("0.1"),
                         .time = 5};
}

#define BUY(p, size, value)                                                                    \
    position_apply_fill(&(p), &(struct fill[]){fill_of(SIDE_BUY, size, value)}[0])
#define SELL(p, size, value)                                                                   \
    position_apply_fill(&(p), &(struct fill[]){fill_of(SIDE_SELL, size, value)}[0])

/* Stories */

TEST(a_long_position_realises_the_difference_to_its_average_cost)
{
    position p = {0};

    struct position_change opened = BUY(p, "1", "100");
    assert_true(opened.opened && !opened.flat);
    struct position_change added = BUY(p, "1", "200");
    assert_false(added.opened);
    assert_decimal(p.cost, "300");

    struct position_change half = SELL(p, "1", "180");
    assert_decimal(half.closed, "1");
    assert_decimal(half.realised, "30");
    assert_false(half.opened || half.flat);

    struct position_change rest = SELL(p, "1", "140");
    assert_decimal(rest.realised, "-10");
    assert_true(rest.flat);
    assert_decimal(p.realised, "20");
    assert_decimal(p.cost, "0");
    assert_decimal(p.fees, "0.4");
}

TEST(a_short_position_gains_when_it_is_bought_back_lower)
{
    position p = {0};

    SELL(p, "2", "200");
    assert_decimal(p.size, "-2");
    assert_decimal(p.cost, "-200");
    struct position_change change = BUY(p, "1", "80");
    assert_decimal(change.realised, "20");
    assert_decimal(p.cost, "-100");
}

TEST(a_fill_beyond_the_position_closes_it_and_opens_the_other_way)
{
    position p = {0};

    BUY(p, "1", "100");
    struct position_change change = SELL(p, "4", "480");
    assert_decimal(change.closed, "1");
    assert_decimal(change.realised, "20");
    assert_true(change.opened && !change.flat);
    assert_decimal(p.size, "-3");
    assert_decimal(p.cost, "-360");
}

TEST(a_position_is_as_old_as_its_last_opening)
{
    position p = {0};
    struct fill fill = fill_of(SIDE_BUY, "1", "100");

    position_apply_fill(&p, &fill);
    fill.time = 6;
    position_apply_fill(&p, &fill);
    assert_int_equal(p.opened, 5);
    fill = fill_of(SIDE_SELL, "3", "300");
    fill.time = 7;
    position_apply_fill(&p, &fill);
    assert_int_equal(p.opened, 7);
    BUY(p, "1", "100");
    assert_int_equal(p.opened, 0);
}

TEST(a_third_of_a_cost_is_rounded_once_and_nothing_is_lost)
{
    position p = {0};

    BUY(p, "3", "100");
    assert_decimal(SELL(p, "1", "50").realised, "16.666666666667");
    assert_decimal(p.cost, "66.666666666667");
    assert_decimal(SELL(p, "1", "50").realised, "16.666666666666");
    assert_decimal(SELL(p, "1", "50").realised, "16.666666666667");
    assert_decimal(p.realised, "50");
}

TEST(rebates_lower_the_fees)
{
    position p = {0};
    struct fill fill = fill_of(SIDE_BUY, "1", "100");

    fill.fee = dec("-0.25");
    position_apply_fill(&p, &fill);
    assert_decimal(p.fees, "-0.25");
}

TEST(averages_and_values_count_the_contract_size)
{
    struct product spot = sample_spot("BTC", "USD"), future = sample_future();
    position p = {0};

    assert_decimal(position_average_price(&p, &spot), "0");
    SELL(p, "3", "1803.9");
    assert_decimal(position_average_price(&p, &future), "60130");
    assert_decimal(position_value(&p, &future, D(60000)), "-1800");
    assert_decimal(position_unrealised(&p, &future, D(60000)), "3.9");
    assert_decimal(position_average_price(&p, &spot), "601.3");
}

TEST(an_average_price_out_of_all_range_is_none)
{
    struct product spot = sample_spot("BTC", "USD");
    position p = {0};

    BUY(p, "0.000000000001", "99999999999999");
    assert_decimal(position_average_price(&p, &spot), "0");
}

TEST(a_position_that_shrinks_keeps_its_average_and_realises_nothing)
{
    static const char *const rows[][5] = {
        /* size, cost, most, size and cost after */
        {"3", "100", "5", "3", "100"}, {"3", "99", "1", "1", "33"}, {"3", "99", "-1", "0", "0"},
        {"-2", "-50", "4", "0", "0"},  {"0", "0", "1", "0", "0"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        position p = {.size = dec(rows[i][0]), .cost = dec(rows[i][1]), .realised = D(7)};
        p.opened = position_is_flat(&p) ? 0 : SECONDS(1);
        position_shrink(&p, dec(rows[i][2]));
        assert_decimal(p.size, rows[i][3]);
        assert_decimal(p.cost, rows[i][4]);
        assert_decimal(p.realised, "7");
        assert_int_equal(p.opened, position_is_flat(&p) ? 0 : SECONDS(1));
    }
}

TEST(a_position_is_reduced_by_the_other_side_up_to_its_size)
{
    position p = {0};

    assert_false(position_is_reduced_by(&p, SIDE_SELL, D(1)));
    BUY(p, "2", "200");
    assert_true(position_is_reduced_by(&p, SIDE_SELL, D(2)));
    assert_false(position_is_reduced_by(&p, SIDE_SELL, dec("2.000000000001")));
    assert_false(position_is_reduced_by(&p, SIDE_SELL, D(0)));
    assert_false(position_is_reduced_by(&p, SIDE_BUY, D(1)));
    SELL(p, "3", "300");
    assert_true(position_is_reduced_by(&p, SIDE_BUY, D(1)));
    assert_false(position_is_reduced_by(&p, SIDE_SELL, D(1)));
}

/* Against exact rational arithmetic */

/* Average cost as the books define it, without any rounding. */
struct oracle {
    mpq_t size, cost, realised;
    mpz_t cash; /* sells less buys, in units */
};

static void oracle_init(struct oracle *o)
{
    mpq_inits(o->size, o->cost, o->realised, NULL);
    mpz_init(o->cash);
}

static void oracle_clear(struct oracle *o)
{
    mpq_clears(o->size, o->cost, o->realised, NULL);
    mpz_clear(o->cash);
}

static void oracle_fill(struct oracle *o, enum side side, decimal size, decimal value)
{
    mpq_t signed_size, signed_value, share, part;

    mpq_inits(signed_size, signed_value, share, part, NULL);
    exact_set(signed_size, side == SIDE_BUY ? size : decimal_negate(size));
    exact_set(signed_value, side == SIDE_BUY ? value : decimal_negate(value));
    exact_sub_units(o->cash, side == SIDE_BUY ? value : decimal_negate(value));
    if (mpq_sgn(o->size) * mpq_sgn(signed_size) < 0) {
        /* The share of the position that is closed, and the share of the fill that closes. */
        mpq_div(share, signed_size, o->size);
        mpq_neg(share, share);
        if (mpq_cmp_ui(share, 1, 1) > 0)
            mpq_set_ui(share, 1, 1);
        mpq_mul(part, o->size, share);
        mpq_div(part, part, signed_size);
        mpq_mul(part, part, signed_value); /* what closing brought in */
        mpq_add(o->realised, o->realised, part);
        mpq_add(signed_value, signed_value, part);
        mpq_mul(part, o->cost, share);
        mpq_sub(o->realised, o->realised, part);
        mpq_sub(o->cost, o->cost, part);
    }
    mpq_add(o->cost, o->cost, signed_value);
    exact_set(part, side == SIDE_BUY ? size : decimal_negate(size));
    mpq_add(o->size, o->size, part);
    mpq_clears(signed_size, signed_value, share, part, NULL);
}

static decimal random_size(struct rng *rng, const position *p)
{
    decimal held = decimal_abs(p->size);

    if (!position_is_flat(p) && rng_chance(rng, 0.2))
        return held;
    if (held.units > 9 && rng_chance(rng, 0.3))
        return (decimal){held.units / (int128)rng_between(rng, 2, 9)};
    int128 units = (int128)(rng_next(rng) >> rng_below(rng, 63)) + 1;
    return (decimal){rng_chance(rng, 0.1) ? units * 500000 : units};
}

static void run_random_fills(uint64_t seed)
{
    struct rng rng = rng_stream(seed, "position");
    position p = {0};
    struct oracle o;
    decimal fees = DECIMAL_ZERO;

    oracle_init(&o);
    for (int step = 1; step <= 200; step++) {
        struct fill fill = {.side = (enum side)rng_below(&rng, 2), .time = step};
        decimal before = p.size;
        fill.size = random_size(&rng, &p);
        fill.price = (decimal){(int128)(rng_next(&rng) >> rng_below(&rng, 50)) + 1};
        if (!decimal_try_mul(fill.size, fill.price, ROUND_HALF_EVEN, &fill.value) ||
            fill.value.units > D(1000000000000000000).units)
            continue;
        fill.fee = (decimal){fill.value.units / 1000};
        fees = decimal_add(fees, fill.fee);

        struct position_change change = position_apply_fill(&p, &fill);
        oracle_fill(&o, fill.side, fill.size, fill.value);

        bool ok = exact_is_equal(o.size, p.size) && decimal_is_equal(p.fees, fees);
        ok = ok && exact_is_units(o.cash, decimal_sub(p.realised, p.cost)); /* P3 */
        ok = ok && exact_is_near(o.realised, p.realised, step) &&
             exact_is_near(o.cost, p.cost, step);
        ok = ok && change.flat == position_is_flat(&p) &&
             !decimal_is_less(decimal_abs(before), change.closed);
        if (!ok)
            fail_msg("seed %llu, step %d", (unsigned long long)seed, step);
    }
    oracle_clear(&o);
}

TEST(random_fills_agree_with_exact_arithmetic_and_lose_not_a_unit)
{
    for (uint64_t seed = 1; seed <= 100; seed++)
        run_random_fills(seed);
}
