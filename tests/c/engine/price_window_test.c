#include "engine/price_window.h"

#include "base/rng.h"

#include "model/model_sample.h"

TEST(the_spread_is_the_furthest_close_from_the_mean)
{
    struct price_window *window = price_window_new(10);
    decimal spread;

    for (int i = 0; i < 4; i++)
        price_window_add(window, i, D(100));
    assert_false(price_window_spread(window, 5, &spread));
    price_window_add(window, 4, D(150));
    assert_true(price_window_spread(window, 5, &spread));
    assert_decimal(spread, "0.363636363637"); /* 40 of 110 */
    for (int i = 0; i < 20; i++)
        price_window_add(window, 5 + i, D(7));
    assert_true(price_window_spread(window, 5, &spread));
    assert_decimal(spread, "0");
    price_window_free(window);
}

static int64_t correlation(const char *const *a, const char *const *b, int count)
{
    struct price_window *x = price_window_new(20), *y = price_window_new(20);
    int64_t r = 0;

    for (int i = 0; i < count; i++) {
        if (a[i])
            price_window_add(x, i, dec(a[i]));
        if (b[i])
            price_window_add(y, i, dec(b[i]));
    }
    assert_true(price_window_correlation(x, y, 4, &r));
    price_window_free(x);
    price_window_free(y);
    return r;
}

TEST(products_that_move_alike_correlate_and_gaps_of_one_are_left_out)
{
    const char *up[] = {"100", "101", "100", "103", "102"};
    const char *twice[] = {"10", "10.2", "10", "10.6", "10.4"};
    const char *down[] = {"100", "99", "100", "97", "98"};
    const char *gaps[] = {"100", "101", "100", NULL, "103", "102"};
    const char *other[] = {"100", "101", "100", "500", "103", "102"};

    assert_true(correlation(up, twice, 5) > 990000);
    assert_true(correlation(up, down, 5) < -990000);
    assert_true(correlation(gaps, other, 6) > 999000);
}

TEST(without_enough_bars_or_movement_there_is_no_correlation)
{
    struct price_window *x = price_window_new(20), *y = price_window_new(20);
    int64_t r;

    for (int i = 0; i < 3; i++) {
        price_window_add(x, i, D(100 + i % 2));
        price_window_add(y, i, D(100 + i % 2));
    }
    assert_false(price_window_correlation(x, y, 4, &r));
    for (int i = 3; i < 10; i++) {
        price_window_add(x, i, D(100));
        price_window_add(y, i, D(100 + i % 2));
    }
    assert_false(price_window_correlation(x, y, 4, &r));
    price_window_free(x);
    price_window_free(y);
}

/* Against the formula in doubles. */
TEST(the_correlation_is_pearsons)
{
    struct rng rng = rng_stream(3, "correlation");

    for (int round = 0; round < 200; round++) {
        enum { N = 12 };
        struct price_window *a = price_window_new(20), *b = price_window_new(20);
        double x[N], y[N], sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0, n = N - 1;
        int64_t r;
        for (int i = 0; i < N; i++) {
            int64_t p = rng_between(&rng, 90, 110), q = p + rng_between(&rng, -5, 5);
            price_window_add(a, i, D(p));
            price_window_add(b, i, D(q));
            x[i] = (double)p, y[i] = (double)q;
        }
        for (int i = 1; i < N; i++) {
            double dx = x[i] / x[i - 1] - 1, dy = y[i] / y[i - 1] - 1;
            sx += dx, sy += dy, sxx += dx * dx, syy += dy * dy, sxy += dx * dy;
        }
        double top = n * sxy - sx * sy, below = (n * sxx - sx * sx) * (n * syy - sy * sy);
        assert_true(price_window_correlation(a, b, N, &r));
        double is = (double)r / 1e6;
        assert_true((is * is - top * top / below) < 0.001 &&
                    (is * is - top * top / below) > -0.001);
        assert_true((is > 0) == (top > 0) || (is < 0.001 && is > -0.001));
        price_window_free(a);
        price_window_free(b);
    }
}
