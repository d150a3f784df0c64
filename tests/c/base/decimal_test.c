#include "base/decimal.h"

#include "decimal_random.h"

static decimal dec(const char *text)
{
    decimal out;
    struct fault why;

    if (decimal_parse(text, strlen(text), &out, &why))
        fail_msg("%s", why.text);
    return out;
}

#define assert_decimal(value, expected)                                                        \
    assert_string_equal(decimal_format((value), (char[DECIMAL_TEXT_MAX]){0}), expected)

/* Tables */

TEST(sums_and_differences_are_exact)
{
    assert_decimal(decimal_add(dec("0.1"), dec("0.2")), "0.3");
    assert_decimal(decimal_add(dec("9999999999999.999999999999"), dec("0.000000000001")),
                   "10000000000000");
    assert_decimal(decimal_sub(dec("1"), dec("0.000000000001")), "0.999999999999");
    assert_decimal(decimal_sub(dec("-5"), dec("-5")), "0");
}

TEST(small_values_have_the_usual_helpers)
{
    assert_decimal(D(500), "500");
    assert_decimal(D(-3), "-3");
    assert_decimal(DECIMAL_ZERO, "0");
    assert_decimal(decimal_from_int(INT64_MIN), "-9223372036854775808");
    assert_decimal(decimal_negate(dec("1.5")), "-1.5");
    assert_decimal(decimal_abs(dec("-1.5")), "1.5");
    assert_decimal(decimal_min(dec("-1"), dec("2")), "-1");
    assert_decimal(decimal_max(dec("-1"), dec("2")), "2");
    assert_int_equal(decimal_sign(dec("-0.1")), -1);
    assert_int_equal(decimal_sign(DECIMAL_ZERO), 0);
    assert_int_equal(decimal_sign(dec("0.1")), 1);
    assert_true(decimal_is_positive(dec("0.1")) && !decimal_is_positive(DECIMAL_ZERO));
    assert_true(decimal_is_negative(dec("-0.1")) && !decimal_is_negative(DECIMAL_ZERO));
    assert_true(decimal_is_less(dec("-2"), dec("1")) && !decimal_is_less(dec("1"), dec("1")));
}

TEST(every_rounding_does_what_its_name_says)
{
    static const struct {
        const char *value;
        const char *rounded[6]; /* down, up, floor, ceiling, half up, half even */
    } rows[] = {
        {"1", {"1", "1", "1", "1", "1", "1"}},
        {"1.1", {"1", "2", "1", "2", "1", "1"}},
        {"1.5", {"1", "2", "1", "2", "2", "2"}},
        {"2.5", {"2", "3", "2", "3", "3", "2"}},
        {"2.500000000001", {"2", "3", "2", "3", "3", "3"}},
        {"2.499999999999", {"2", "3", "2", "3", "2", "2"}},
        {"-1.1", {"-1", "-2", "-2", "-1", "-1", "-1"}},
        {"-1.5", {"-1", "-2", "-2", "-1", "-2", "-2"}},
        {"-2.5", {"-2", "-3", "-3", "-2", "-3", "-2"}},
        {"0.5", {"0", "1", "0", "1", "1", "0"}},
        {"-0.5", {"0", "-1", "-1", "0", "-1", "0"}},
        {"0.000000000001", {"0", "1", "0", "1", "0", "0"}},
        {"0", {"0", "0", "0", "0", "0", "0"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t r = 0; r < ARRAY_LEN(all_roundings); r++)
            assert_decimal(decimal_quantize(dec(rows[i].value), D(1), all_roundings[r]),
                           rows[i].rounded[r]);
}

TEST(a_product_is_rounded_to_twelve_digits_once)
{
    decimal price = dec("61234.567891"), size = dec("0.012345678901");

    assert_decimal(decimal_mul(price, size, ROUND_DOWN), "755.98231282377");
    assert_decimal(decimal_mul(price, size, ROUND_UP), "755.982312823771");
}

TEST(a_product_below_half_a_unit_is_nothing_unless_rounded_up)
{
    decimal tiny = dec("0.000000000001");

    assert_decimal(decimal_mul(tiny, tiny, ROUND_HALF_EVEN), "0");
    assert_decimal(decimal_mul(tiny, tiny, ROUND_UP), "0.000000000001");
    assert_decimal(decimal_mul(tiny, decimal_negate(tiny), ROUND_FLOOR), "-0.000000000001");
    assert_decimal(decimal_mul(tiny, dec("0.5"), ROUND_HALF_UP), "0.000000000001");
    assert_decimal(decimal_mul(tiny, dec("0.5"), ROUND_HALF_EVEN), "0");
    assert_decimal(decimal_mul(dec("0.000000000003"), dec("0.5"), ROUND_HALF_EVEN),
                   "0.000000000002");
}

TEST(the_largest_sizes_times_the_smallest_prices_are_exact)
{
    assert_decimal(decimal_mul(dec("9999999999999"), dec("0.0000000001"), ROUND_DOWN),
                   "999.9999999999");
    assert_decimal(decimal_mul(dec("9999999999999.99"), dec("0.0000000001"), ROUND_DOWN),
                   "999.999999999999");
}

TEST(a_quotient_can_have_any_sign)
{
    assert_decimal(decimal_div(D(1), D(3), ROUND_DOWN), "0.333333333333");
    assert_decimal(decimal_div(D(-1), D(3), ROUND_DOWN), "-0.333333333333");
    assert_decimal(decimal_div(D(1), D(-3), ROUND_FLOOR), "-0.333333333334");
    assert_decimal(decimal_div(D(-1), D(-3), ROUND_UP), "0.333333333334");
    assert_decimal(decimal_div(D(0), D(-3), ROUND_UP), "0");
}

TEST(multiplying_and_dividing_at_once_rounds_once)
{
    decimal third = decimal_div(D(1), D(3), ROUND_HALF_EVEN);

    assert_decimal(decimal_mul(third, D(3), ROUND_HALF_EVEN), "0.999999999999");
    assert_decimal(decimal_mul_div(D(1), D(3), D(3), ROUND_HALF_EVEN), "1");
    assert_decimal(decimal_mul_div(dec("9999999999999999999999999"),
                                   dec("9999999999999999999999999"),
                                   dec("-9999999999999999999999999"), ROUND_DOWN),
                   "-9999999999999999999999999");
}

TEST(steps_need_not_be_powers_of_ten)
{
    assert_decimal(decimal_quantize(dec("0.37"), dec("0.05"), ROUND_DOWN), "0.35");
    assert_decimal(decimal_quantize(dec("0.375"), dec("0.05"), ROUND_HALF_EVEN), "0.4");
    assert_decimal(decimal_quantize(dec("7"), dec("2.5"), ROUND_UP), "7.5");
    assert_decimal(decimal_quantize(dec("-7"), dec("2.5"), ROUND_CEILING), "-5");
    assert_true(decimal_is_multiple(dec("7.5"), dec("2.5")));
    assert_true(decimal_is_multiple(dec("-7.5"), dec("2.5")));
    assert_true(decimal_is_multiple(DECIMAL_ZERO, dec("2.5")));
    assert_false(decimal_is_multiple(dec("7.500000000001"), dec("2.5")));
}

TEST(leaving_the_range_is_reported_and_leaves_the_result_alone)
{
    decimal end = dec("10000000000000000000000000"), unit = dec("0.000000000001");
    decimal out = D(42);

    assert_false(decimal_try_add(end, unit, &out));
    assert_false(decimal_try_sub(decimal_negate(end), unit, &out));
    assert_false(decimal_try_mul(end, dec("1.000000000001"), ROUND_DOWN, &out));
    assert_false(decimal_try_mul(end, end, ROUND_DOWN, &out));
    assert_false(decimal_try_div(end, dec("0.9"), ROUND_DOWN, &out));
    assert_false(decimal_try_div(end, unit, ROUND_DOWN, &out));
    assert_false(decimal_try_div(D(1), DECIMAL_ZERO, ROUND_DOWN, &out));
    assert_false(decimal_try_mul_div(end, end, D(1), ROUND_DOWN, &out));
    assert_false(decimal_try_mul_div(D(1), D(1), DECIMAL_ZERO, ROUND_DOWN, &out));
    assert_false(decimal_try_quantize(end, D(3), ROUND_UP, &out));
    assert_decimal(out, "42");
}

TEST(the_ends_of_the_range_belong_to_it)
{
    decimal end = dec("10000000000000000000000000"), out;

    assert_true(decimal_is_in_range(end) && decimal_is_in_range(decimal_negate(end)));
    assert_false(decimal_is_in_range((decimal){end.units + 1}));
    assert_false(decimal_is_in_range((decimal){-end.units - 1}));
    assert_true(decimal_try_add(end, DECIMAL_ZERO, &out));
    assert_true(decimal_try_mul(end, D(-1), ROUND_DOWN, &out));
    assert_decimal(out, "-10000000000000000000000000");
    assert_true(decimal_try_div(end, D(1), ROUND_DOWN, &out));
    assert_true(decimal_try_mul_div(end, end, end, ROUND_DOWN, &out));
    assert_true(decimal_try_quantize(end, end, ROUND_UP, &out));
    assert_decimal(out, "10000000000000000000000000");
}

static void add_beyond_the_range(void)
{
    decimal_add(dec("10000000000000000000000000"), D(1));
}

static void subtract_beyond_the_range(void)
{
    decimal_sub(dec("-10000000000000000000000000"), D(1));
}

static void multiply_beyond_the_range(void)
{
    decimal_mul(dec("10000000000000"), dec("10000000000000"), ROUND_DOWN);
}

static void divide_by_zero(void)
{
    decimal_div(D(1), DECIMAL_ZERO, ROUND_DOWN);
}

static void scale_by_zero(void)
{
    decimal_mul_div(D(1), D(1), DECIMAL_ZERO, ROUND_DOWN);
}

static void quantize_beyond_the_range(void)
{
    decimal_quantize(dec("10000000000000000000000000"), D(3), ROUND_UP);
}

static void quantize_by_nothing(void)
{
    decimal_quantize(D(1), DECIMAL_ZERO, ROUND_UP);
}

TEST(the_plain_forms_die_where_the_others_report)
{
    assert_true(check_dies(add_beyond_the_range));
    assert_true(check_dies(subtract_beyond_the_range));
    assert_true(check_dies(multiply_beyond_the_range));
    assert_true(check_dies(divide_by_zero));
    assert_true(check_dies(scale_by_zero));
    assert_true(check_dies(quantize_beyond_the_range));
    assert_true(check_dies(quantize_by_nothing));
}

/* Properties, against GMP */

enum operation { ADD, SUB, MUL, DIV, MUL_DIV, QUANTIZE, OPERATIONS };
static const char *const operation_names[] = {"add", "sub",     "mul",
                                              "div", "mul_div", "quantize"};

struct trial {
    enum operation operation;
    decimal a, b, c;
    enum rounding rounding;
};

static bool compute(const struct trial *t, decimal *out)
{
    switch (t->operation) {
    case ADD:
        return decimal_try_add(t->a, t->b, out);
    case SUB:
        return decimal_try_sub(t->a, t->b, out);
    case MUL:
        return decimal_try_mul(t->a, t->b, t->rounding, out);
    case DIV:
        return decimal_try_div(t->a, t->b, t->rounding, out);
    case MUL_DIV:
        return decimal_try_mul_div(t->a, t->b, t->c, t->rounding, out);
    case QUANTIZE:
        return decimal_try_quantize(t->a, t->b, t->rounding, out);
    case OPERATIONS:
        break;
    }
    return false;
}

static mpz_t gmp_a, gmp_b, gmp_c, gmp_result, gmp_one;

/* The same from GMP's integers. */
static bool expect(const struct trial *t, decimal *out)
{
    mpz_set_int128(gmp_a, t->a.units);
    mpz_set_int128(gmp_b, t->b.units);
    mpz_set_int128(gmp_c, t->c.units);
    mpz_set_int128(gmp_one, DECIMAL_ONE);
    switch (t->operation) {
    case ADD:
        mpz_add(gmp_result, gmp_a, gmp_b);
        break;
    case SUB:
        mpz_sub(gmp_result, gmp_a, gmp_b);
        break;
    case MUL:
        mpz_mul(gmp_a, gmp_a, gmp_b);
        mpz_divide_rounded(gmp_result, gmp_a, gmp_one, t->rounding);
        break;
    case DIV:
        if (mpz_sgn(gmp_b) == 0)
            return false;
        mpz_mul(gmp_a, gmp_a, gmp_one);
        mpz_divide_rounded(gmp_result, gmp_a, gmp_b, t->rounding);
        break;
    case MUL_DIV:
        if (mpz_sgn(gmp_c) == 0)
            return false;
        mpz_mul(gmp_a, gmp_a, gmp_b);
        mpz_divide_rounded(gmp_result, gmp_a, gmp_c, t->rounding);
        break;
    case QUANTIZE:
        mpz_set(gmp_c, gmp_b);
        mpz_divide_rounded(gmp_result, gmp_a, gmp_b, t->rounding);
        mpz_mul(gmp_result, gmp_result, gmp_c);
        break;
    case OPERATIONS:
        return false;
    }
    return mpz_get_decimal(gmp_result, out);
}

static const char *describe(bool ok, decimal value, char out[DECIMAL_TEXT_MAX])
{
    return ok ? decimal_format(value, out) : "out of range";
}

static void report(const struct trial *t, bool ok, decimal got, bool expected_ok, decimal want)
{
    char text[5][DECIMAL_TEXT_MAX];

    fail_msg("%s(%s, %s, %s), rounding %s: got %s, expected %s (PERIGEE_SEED=%" PRIu64 ")",
             operation_names[t->operation], decimal_format(t->a, text[0]),
             decimal_format(t->b, text[1]), decimal_format(t->c, text[2]),
             rounding_name(t->rounding), describe(ok, got, text[3]),
             describe(expected_ok, want, text[4]), test_seed());
}

static void try_one(const struct trial *t)
{
    decimal got = {1}, want = {2};
    bool ok = compute(t, &got);
    bool expected_ok = expect(t, &want);

    if (ok != expected_ok || (ok && !decimal_is_equal(got, want)))
        report(t, ok, got, expected_ok, want);
}

static void each_trial(struct trial (*draw)(struct rng *), const char *name, long count)
{
    struct rng rng = rng_stream(test_seed(), name);

    mpz_inits(gmp_a, gmp_b, gmp_c, gmp_result, gmp_one, NULL);
    for (long i = 0; i < count; i++) {
        struct trial t = draw(&rng);
        t.rounding = random_rounding(&rng);
        for (t.operation = ADD; t.operation < OPERATIONS; t.operation++)
            if (t.operation != QUANTIZE || decimal_is_positive(t.b))
                try_one(&t);
    }
    mpz_clears(gmp_a, gmp_b, gmp_c, gmp_result, gmp_one, NULL);
}

static struct trial draw_any(struct rng *rng)
{
    return (struct trial){
        .a = random_decimal(rng), .b = random_decimal(rng), .c = random_decimal(rng)};
}

/* Numbers that divide evenly, or leave exactly half, or a unit to either side of it. */
static struct trial draw_ties(struct rng *rng)
{
    int128 step =
        2 * (int128)rng_between(rng, 1, 1000000) * power_of_ten((unsigned)rng_below(rng, 13));
    int128 a = step * rng_between(rng, -1000000, 1000000) + step / 2 * rng_between(rng, 0, 1) +
               rng_between(rng, -1, 1);
    decimal scaled = {a % LIMIT_UNITS};

    return (struct trial){.a = scaled, .b = {step}, .c = {DECIMAL_ONE / 2}};
}

/* What is traded: prices and sizes with a few digits. */
static struct trial draw_tame(struct rng *rng)
{
    decimal price = {(int128)rng_between(rng, 1, 1000000000) *
                     power_of_ten((unsigned)rng_below(rng, 12))};
    decimal size = {(int128)rng_between(rng, -1000000000, 1000000000) *
                    power_of_ten((unsigned)rng_below(rng, 12))};

    return (struct trial){.a = size, .b = price, .c = random_positive(rng)};
}

TEST(arithmetic_agrees_with_gmp_over_the_whole_range)
{
    each_trial(draw_any, "any", 120000);
}

TEST(arithmetic_agrees_with_gmp_near_ties)
{
    each_trial(draw_ties, "ties", 40000);
}

TEST(arithmetic_agrees_with_gmp_on_what_is_traded)
{
    each_trial(draw_tame, "tame", 40000);
}

/* Values whose products and quotients sit at the ends of words and of the range. */
TEST(arithmetic_agrees_with_gmp_on_every_triple_of_edges)
{
    const int128 word = (int128)1 << 64;
    const int128 edges[] = {0,
                            1,
                            -1,
                            2,
                            3,
                            DECIMAL_ONE - 1,
                            DECIMAL_ONE,
                            -DECIMAL_ONE,
                            DECIMAL_ONE + 1,
                            INT64_MAX,
                            word - 1,
                            word,
                            word + 1,
                            -word,
                            (word - 1) * DECIMAL_ONE,
                            word << 32,
                            (word << 58) - 1,
                            LIMIT_UNITS / 2,
                            LIMIT_UNITS / 3,
                            LIMIT_UNITS - 1,
                            LIMIT_UNITS,
                            -LIMIT_UNITS};
    const size_t n = ARRAY_LEN(edges);

    mpz_inits(gmp_a, gmp_b, gmp_c, gmp_result, gmp_one, NULL);
    for (size_t i = 0; i < n * n * n; i++) {
        struct trial t = {
            .a = {edges[i % n]}, .b = {edges[i / n % n]}, .c = {edges[i / n / n]}};
        t.rounding = all_roundings[i % ARRAY_LEN(all_roundings)];
        for (t.operation = ADD; t.operation < OPERATIONS; t.operation++)
            if (t.operation != QUANTIZE || decimal_is_positive(t.b))
                try_one(&t);
    }
    mpz_clears(gmp_a, gmp_b, gmp_c, gmp_result, gmp_one, NULL);
}

TEST(the_plain_forms_give_what_the_reporting_forms_give)
{
    struct rng rng = rng_stream(test_seed(), "plain");

    for (int i = 0; i < 20000; i++) {
        struct trial t = draw_tame(&rng);
        enum rounding r = random_rounding(&rng);
        decimal sum, difference, product, quotient, scaled, stepped;

        if (!decimal_try_add(t.a, t.b, &sum) || !decimal_try_sub(t.a, t.b, &difference) ||
            !decimal_try_mul(t.a, t.b, r, &product) ||
            !decimal_try_div(t.a, t.b, r, &quotient) ||
            !decimal_try_mul_div(t.a, t.b, t.b, r, &scaled) ||
            !decimal_try_quantize(t.a, t.b, r, &stepped))
            continue;
        assert_true(decimal_is_equal(decimal_add(t.a, t.b), sum));
        assert_true(decimal_is_equal(decimal_sub(t.a, t.b), difference));
        assert_true(decimal_is_equal(decimal_mul(t.a, t.b, r), product));
        assert_true(decimal_is_equal(decimal_div(t.a, t.b, r), quotient));
        assert_true(decimal_is_equal(decimal_mul_div(t.a, t.b, t.b, r), scaled));
        assert_true(decimal_is_equal(decimal_quantize(t.a, t.b, r), stepped));
        assert_true(decimal_is_multiple(stepped, t.b));
        assert_true(decimal_is_equal(scaled, t.a));
    }
}

TEST(comparison_and_multiples_agree_with_gmp)
{
    struct rng rng = rng_stream(test_seed(), "compare");
    mpz_t a, b;

    mpz_inits(a, b, NULL);
    for (int i = 0; i < 100000; i++) {
        decimal x = random_decimal(&rng);
        decimal y = i % 8 ? random_decimal(&rng) : x;
        mpz_set_int128(a, x.units);
        mpz_set_int128(b, y.units);
        int order = mpz_cmp(a, b);
        assert_int_equal(decimal_compare(x, y), (order > 0) - (order < 0));
        assert_int_equal(decimal_is_equal(x, y), order == 0);
        assert_int_equal(decimal_is_less(x, y), order < 0);
        if (decimal_is_positive(y))
            assert_int_equal(decimal_is_multiple(x, y), mpz_divisible_p(a, b) != 0);
    }
    mpz_clears(a, b, NULL);
}
