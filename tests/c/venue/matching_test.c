#include "venue/matching.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/rng.h"

#include "venue_check.h"

/* What the book told, in words: "1 takes 2 @ 100 from 7; 1 filled". Tags are the names. */
static struct buf told;

static void add_separator(struct buf *out)
{
    if (out->len)
        buf_add_text(out, "; ");
}

static void say_trade(struct buf *out, uint64_t taker, uint64_t maker, decimal size,
                      decimal price)
{
    char s[DECIMAL_TEXT_MAX], p[DECIMAL_TEXT_MAX];

    add_separator(out);
    buf_add_format(out, "%d takes %s @ %s from %d", (int)taker, decimal_format(size, s),
                   decimal_format(price, p), (int)maker);
}

static void say_end(struct buf *out, uint64_t tag, enum match_end end)
{
    add_separator(out);
    buf_add_format(out, "%d %s", (int)tag, match_end_name(end));
}

static void on_trade(void *ctx, const struct match_trade *trade)
{
    (void)ctx;
    say_trade(&told, trade->taker_tag, trade->maker_tag, trade->size, trade->price);
}

static void on_end(void *ctx, match_id id, uint64_t tag, uint32_t owner, enum match_end end)
{
    (void)ctx, (void)id, (void)owner;
    say_end(&told, tag, end);
}

static struct matching *book;
static match_id ids[100];

static void begin(void)
{
    struct match_listener listener = {.on_trade = on_trade, .on_end = on_end};

    buf_clear(&told);
    book = matching_new(&listener);
}

static void end(void)
{
    matching_check(book);
    matching_free(book);
    buf_clear(&told);
}

static const char *heard(void)
{
    static char text[2000];

    snprintf(text, sizeof text, "%s", buf_text(&told));
    buf_reset(&told);
    if (told.data)
        told.data[0] = '\0';
    return text;
}

static struct match_order limit(int tag, enum side side, int size, int price)
{
    return (struct match_order){.tag = (uint64_t)tag,
                                .side = side,
                                .type = ORDER_LIMIT,
                                .size = D(size),
                                .limit_price = D(price)};
}

static struct match_order market(int tag, enum side side, int size)
{
    return (struct match_order){.tag = (uint64_t)tag,
                                .side = side,
                                .type = ORDER_MARKET,
                                .tif = TIF_IOC,
                                .size = D(size)};
}

static struct match_order stop(int tag, enum side side, int size, int price)
{
    struct match_order order = market(tag, side, size);

    order.type = ORDER_STOP;
    order.tif = TIF_GTC;
    order.stop_price = D(price);
    return order;
}

static void submit(struct match_order order)
{
    assert_true(matching_submit(book, &order, &ids[order.tag]));
}

static void submit_owned(struct match_order order, uint32_t owner)
{
    order.owner = owner;
    submit(order);
}

static void submit_tif(struct match_order order, enum time_in_force tif)
{
    order.tif = tif;
    submit(order);
}

TEST(the_best_price_trades_first_and_the_oldest_at_one_price)
{
    begin();
    submit(limit(1, SIDE_SELL, 2, 101));
    submit(limit(2, SIDE_SELL, 2, 100));
    submit(limit(3, SIDE_SELL, 2, 100));
    submit(market(4, SIDE_BUY, 5));
    assert_string_equal("4 takes 2 @ 100 from 2; 2 filled; 4 takes 2 @ 100 from 3; 3 filled; "
                        "4 takes 1 @ 101 from 1; 4 filled",
                        heard());
    end();
}

TEST(a_limit_order_trades_at_the_resting_price_and_rests_with_what_is_left)
{
    begin();
    submit(limit(1, SIDE_BUY, 2, 99));
    submit(limit(2, SIDE_SELL, 5, 95));
    assert_string_equal("2 takes 2 @ 99 from 1; 1 filled", heard());
    assert_decimal("95", matching_best(book, SIDE_SELL).price);
    assert_decimal("3", matching_best(book, SIDE_SELL).size);
    assert_int_equal(matching_depth(book, SIDE_BUY), 0);
    end();
}

TEST(a_market_order_that_empties_the_book_ends)
{
    begin();
    submit(market(1, SIDE_BUY, 1));
    submit(limit(2, SIDE_SELL, 1, 100));
    submit(market(3, SIDE_BUY, 2));
    assert_string_equal("1 unmatched; 3 takes 1 @ 100 from 2; 2 filled; 3 unmatched", heard());
    end();
}

TEST(immediate_or_cancel_takes_what_is_there_and_ends)
{
    begin();
    submit(limit(1, SIDE_SELL, 1, 100));
    submit(limit(2, SIDE_SELL, 1, 102));
    submit_tif(limit(3, SIDE_BUY, 3, 101), TIF_IOC);
    assert_string_equal("3 takes 1 @ 100 from 1; 1 filled; 3 unmatched", heard());
    assert_int_equal(matching_depth(book, SIDE_BUY), 0);
    end();
}

TEST(fill_or_kill_fills_whole_or_not_at_all)
{
    begin();
    submit(limit(1, SIDE_SELL, 1, 100));
    submit(limit(2, SIDE_SELL, 1, 101));
    submit_tif(limit(3, SIDE_BUY, 3, 101), TIF_FOK);
    submit_tif(limit(4, SIDE_BUY, 2, 100), TIF_FOK);
    assert_string_equal("3 unmatched; 4 unmatched", heard());
    submit_tif(limit(5, SIDE_BUY, 2, 101), TIF_FOK);
    assert_string_equal("5 takes 1 @ 100 from 1; 1 filled; 5 takes 1 @ 101 from 2; 2 filled; "
                        "5 filled",
                        heard());
    end();
}

TEST(a_post_only_order_that_would_take_is_not_accepted)
{
    struct match_order order = limit(2, SIDE_BUY, 1, 100);
    match_id id;

    begin();
    submit(limit(1, SIDE_SELL, 1, 100));
    order.post_only = true;
    assert_false(matching_submit(book, &order, &id));
    order.limit_price = D(99);
    assert_true(matching_submit(book, &order, &id));
    assert_string_equal("", heard());
    assert_int_equal(matching_amend(book, id, D(1), D(100)), MATCH_AMEND_POST_ONLY);
    end();
}

TEST(the_newer_of_two_orders_of_one_owner_ends_where_they_meet)
{
    begin();
    submit(limit(1, SIDE_SELL, 1, 100));
    submit_owned(limit(2, SIDE_SELL, 1, 100), 7);
    submit_owned(limit(3, SIDE_BUY, 5, 100), 7);
    assert_string_equal("3 takes 1 @ 100 from 1; 1 filled; 3 self_trade", heard());
    submit_owned(market(4, SIDE_BUY, 1), 8);
    assert_string_equal("4 takes 1 @ 100 from 2; 2 filled; 4 filled", heard());
    end();
}

TEST(fill_or_kill_does_not_count_its_owners_own_orders)
{
    struct match_order order = limit(3, SIDE_BUY, 2, 100);

    begin();
    submit(limit(1, SIDE_SELL, 1, 100));
    submit_owned(limit(2, SIDE_SELL, 1, 100), 7);
    order.tif = TIF_FOK;
    submit_owned(order, 7);
    assert_string_equal("3 unmatched", heard());
    end();
}

TEST(a_stop_enters_when_a_trade_reaches_it_after_the_order_whose_trade_it_was)
{
    begin();
    submit(limit(1, SIDE_BUY, 1, 100));
    submit(limit(2, SIDE_BUY, 5, 98));
    submit(stop(3, SIDE_SELL, 1, 100));
    assert_string_equal("", heard());
    submit(market(4, SIDE_SELL, 2));
    assert_string_equal("4 takes 1 @ 100 from 1; 1 filled; 4 takes 1 @ 98 from 2; 4 filled; "
                        "3 takes 1 @ 98 from 2; 3 filled",
                        heard());
    end();
}

TEST(stops_fire_by_price_then_age_and_one_can_set_off_the_next)
{
    begin();
    for (int i = 0; i < 6; i++)
        submit(limit(10 + i, SIDE_SELL, 1, 100 + i));
    submit(stop(1, SIDE_BUY, 1, 102));
    submit(stop(2, SIDE_BUY, 1, 101));
    submit(stop(3, SIDE_BUY, 1, 101));
    submit(market(4, SIDE_BUY, 2));
    heard();
    assert_decimal("104", matching_last_price(book));
    assert_decimal("105", matching_best(book, SIDE_SELL).price);
    submit(limit(20, SIDE_BUY, 1, 90));
    submit(stop(5, SIDE_SELL, 1, 104));
    assert_string_equal("5 takes 1 @ 90 from 20; 20 filled; 5 filled", heard());
    end();
}

TEST(a_stop_limit_becomes_a_limit_that_rests)
{
    struct match_order order = stop(1, SIDE_BUY, 2, 101);

    begin();
    order.type = ORDER_STOP_LIMIT;
    order.limit_price = D(102);
    submit(order);
    matching_set_last_price(book, D(100));
    submit(limit(2, SIDE_SELL, 1, 101));
    submit(limit(3, SIDE_SELL, 1, 102));
    submit(limit(4, SIDE_SELL, 1, 103));
    submit(market(5, SIDE_BUY, 1));
    assert_string_equal("5 takes 1 @ 101 from 2; 2 filled; 5 filled; "
                        "1 takes 1 @ 102 from 3; 3 filled",
                        heard());
    assert_decimal("102", matching_best(book, SIDE_BUY).price);
    end();
}

TEST(a_budget_bounds_what_a_buy_spends_in_whole_steps)
{
    struct match_order order = market(3, SIDE_BUY, 100);

    begin();
    submit(limit(1, SIDE_SELL, 2, 100));
    submit(limit(2, SIDE_SELL, 9, 150));
    order.budget = D(500);
    order.size_step = dec("0.01");
    submit(order);
    assert_string_equal("3 takes 2 @ 100 from 1; 1 filled; 3 takes 2 @ 150 from 2; 3 budget",
                        heard());
    order.tag = 4;
    order.budget = D(100);
    submit(order);
    assert_string_equal("4 takes 0.66 @ 150 from 2; 4 budget", heard());
    end();
}

TEST(a_budget_without_a_size_is_spent_to_the_last_digit)
{
    struct match_order order = market(2, SIDE_BUY, 0);

    begin();
    submit(limit(1, SIDE_SELL, 9, 3));
    order.budget = D(10);
    submit(order);
    assert_string_equal("2 takes 3.333333333333 @ 3 from 1; 2 budget", heard());
    end();
}

TEST(an_edit_to_a_smaller_size_keeps_the_place_and_any_other_loses_it)
{
    begin();
    submit(limit(1, SIDE_BUY, 5, 100));
    submit(limit(2, SIDE_BUY, 5, 100));
    assert_int_equal(matching_amend(book, ids[1], D(3), D(100)), MATCH_AMENDED);
    submit(market(3, SIDE_SELL, 1));
    assert_string_equal("3 takes 1 @ 100 from 1; 3 filled", heard());
    assert_int_equal(matching_amend(book, ids[1], D(9), D(100)), MATCH_AMENDED);
    submit(market(4, SIDE_SELL, 6));
    assert_string_equal("4 takes 5 @ 100 from 2; 2 filled; 4 takes 1 @ 100 from 1; 4 filled",
                        heard());
    struct match_view view;
    assert_true(matching_find(book, ids[1], &view));
    assert_decimal("2", view.filled);
    assert_decimal("7", view.remaining);
    assert_int_equal(matching_amend(book, ids[1], D(2), D(100)), MATCH_AMEND_FILLED);
    assert_int_equal(matching_amend(book, ids[2], D(2), D(100)), MATCH_AMEND_ABSENT);
    end();
}

TEST(an_edit_across_the_spread_trades)
{
    begin();
    submit(limit(1, SIDE_BUY, 1, 99));
    submit(limit(2, SIDE_SELL, 1, 101));
    assert_int_equal(matching_amend(book, ids[1], D(1), D(101)), MATCH_AMENDED);
    assert_string_equal("1 takes 1 @ 101 from 2; 2 filled; 1 filled", heard());
    end();
}

TEST(the_queue_ahead_of_an_order_is_known)
{
    struct match_view view;

    begin();
    submit(limit(1, SIDE_BUY, 5, 100));
    submit(limit(2, SIDE_BUY, 7, 100));
    submit(limit(3, SIDE_BUY, 1, 100));
    assert_true(matching_find(book, ids[3], &view));
    assert_decimal("12", view.ahead);
    assert_true(matching_cancel(book, ids[2]));
    assert_true(matching_find(book, ids[3], &view));
    assert_decimal("5", view.ahead);
    assert_false(matching_cancel(book, ids[2]));
    end();
}

TEST(orders_expire_by_time_then_age)
{
    struct match_order order = limit(1, SIDE_BUY, 1, 100);

    begin();
    order.tif = TIF_GTD;
    order.expires = SECONDS(20);
    submit(order);
    order.tag = 2;
    order.expires = SECONDS(10);
    submit(order);
    order.tag = 3;
    submit(order);
    assert_int_equal(matching_next_expiry(book), SECONDS(10));
    matching_expire(book, SECONDS(10) - 1);
    assert_string_equal("", heard());
    matching_expire(book, SECONDS(15));
    assert_string_equal("2 expired; 3 expired", heard());
    assert_int_equal(matching_next_expiry(book), SECONDS(20));
    matching_expire(book, SECONDS(20));
    assert_string_equal("1 expired", heard());
    assert_int_equal(matching_next_expiry(book), INT64_MAX);
    end();
}

TEST(an_id_of_an_order_that_ended_is_not_taken_for_a_newer_one)
{
    match_id old;

    begin();
    submit(limit(1, SIDE_BUY, 1, 100));
    old = ids[1];
    assert_true(matching_cancel(book, old));
    submit(limit(2, SIDE_BUY, 1, 100));
    assert_false(matching_cancel(book, old));
    assert_true(matching_cancel(book, ids[2]));
    end();
}

/* The oracle: every order ever in one array, and a search through all of it for each step.
 * Slow, and simple enough to be believed. */
struct naive {
    struct match_order order;
    decimal remaining, filled, budget;
    int age;
    bool rests, waits;
    match_id id;
};

enum { NAIVE_MAX = 4000 };

static struct naive naive[NAIVE_MAX];
static int naive_count, naive_age;
static decimal naive_last;
static struct buf expected;

static bool naive_better(enum side side, decimal a, decimal b)
{
    return side == SIDE_BUY ? decimal_compare(a, b) > 0 : decimal_compare(a, b) < 0;
}

static struct naive *naive_best(enum side side)
{
    struct naive *best = NULL;

    for (int i = 0; i < naive_count; i++) {
        struct naive *n = &naive[i];
        if (!n->rests || n->order.side != side)
            continue;
        int c = best ? decimal_compare(n->order.limit_price, best->order.limit_price) : 0;
        if (!best || naive_better(side, n->order.limit_price, best->order.limit_price) ||
            (c == 0 && n->age < best->age))
            best = n;
    }
    return best;
}

static bool naive_has_limit(const struct naive *n)
{
    return n->order.type == ORDER_LIMIT || n->order.type == ORDER_STOP_LIMIT;
}

static bool naive_reaches(const struct naive *taker, const struct naive *maker)
{
    return maker && (!naive_has_limit(taker) ||
                     !naive_better(taker->order.side, maker->order.limit_price,
                                   taker->order.limit_price));
}

static bool naive_is_self(const struct naive *a, const struct naive *b)
{
    return a->order.owner && a->order.owner == b->order.owner;
}

/* Fill or kill is tried on a copy of the world. */
static bool naive_could_fill(const struct naive *taker)
{
    static struct naive saved[NAIVE_MAX];
    decimal left = taker->remaining;
    int count = naive_count;
    struct naive *maker;

    memcpy(saved, naive, sizeof saved);
    while (decimal_is_positive(left) &&
           naive_reaches(taker, maker = naive_best(side_opposite(taker->order.side))) &&
           !naive_is_self(taker, maker)) {
        left = decimal_sub(left, decimal_min(left, maker->remaining));
        maker->rests = false;
    }
    memcpy(naive, saved, sizeof saved);
    naive_count = count;
    return decimal_is_zero(left);
}

static void naive_end(struct naive *n, enum match_end end)
{
    n->rests = n->waits = false;
    say_end(&expected, n->order.tag, end);
}

static enum match_end naive_take(struct naive *taker)
{
    bool may_rest =
        naive_has_limit(taker) && taker->order.tif != TIF_IOC && taker->order.tif != TIF_FOK;
    struct naive *maker;

    if (taker->order.tif == TIF_FOK && !naive_could_fill(taker))
        return MATCH_END_UNMATCHED;
    while (decimal_is_positive(taker->remaining)) {
        maker = naive_best(side_opposite(taker->order.side));
        if (!naive_reaches(taker, maker))
            return may_rest ? MATCH_END_COUNT : MATCH_END_UNMATCHED;
        if (naive_is_self(taker, maker))
            return MATCH_END_SELF_TRADE;
        decimal size = decimal_min(taker->remaining, maker->remaining);
        decimal price = maker->order.limit_price;
        if (decimal_is_positive(taker->order.budget))
            size = decimal_min(size,
                               decimal_quantize(decimal_div(taker->budget, price, ROUND_DOWN),
                                                taker->order.size_step, ROUND_DOWN));
        if (decimal_is_zero(size))
            return MATCH_END_BUDGET;
        taker->budget = decimal_sub(taker->budget, decimal_mul(size, price, ROUND_HALF_EVEN));
        taker->remaining = decimal_sub(taker->remaining, size);
        maker->remaining = decimal_sub(maker->remaining, size);
        taker->filled = decimal_add(taker->filled, size);
        maker->filled = decimal_add(maker->filled, size);
        naive_last = price;
        say_trade(&expected, taker->order.tag, maker->order.tag, size, price);
        if (decimal_is_zero(maker->remaining))
            naive_end(maker, MATCH_END_FILLED);
    }
    return MATCH_END_FILLED;
}

static void naive_enter(struct naive *n)
{
    enum match_end end;

    n->waits = false;
    end = naive_take(n);
    if (end == MATCH_END_COUNT)
        n->rests = true;
    else
        naive_end(n, end);
}

static struct naive *naive_triggered(enum side side)
{
    struct naive *found = NULL;

    for (int i = 0; i < naive_count; i++) {
        struct naive *n = &naive[i];
        int gap = decimal_compare(naive_last, n->order.stop_price);
        if (!n->waits || n->order.side != side || (side == SIDE_BUY ? gap < 0 : gap > 0))
            continue;
        int c = found ? decimal_compare(n->order.stop_price, found->order.stop_price) : 0;
        c = side == SIDE_SELL ? -c : c;
        if (!found || c < 0 || (c == 0 && n->age < found->age))
            found = n;
    }
    return found;
}

static void naive_trigger(void)
{
    struct naive *n;

    while (!decimal_is_zero(naive_last) &&
           ((n = naive_triggered(SIDE_BUY)) || (n = naive_triggered(SIDE_SELL)))) {
        n->age = ++naive_age;
        naive_enter(n);
    }
}

static bool naive_would_take(enum side side, decimal price)
{
    struct naive *best = naive_best(side_opposite(side));

    return best && !naive_better(side, best->order.limit_price, price);
}

static bool naive_submit(const struct match_order *order)
{
    struct naive *n = &naive[naive_count];

    if (order->post_only && naive_would_take(order->side, order->limit_price))
        return false;
    naive_count++;
    *n = (struct naive){
        .order = *order, .remaining = order->size, .budget = order->budget, .age = ++naive_age};
    if (order->type == ORDER_STOP || order->type == ORDER_STOP_LIMIT)
        n->waits = true;
    else
        naive_enter(n);
    naive_trigger();
    return true;
}

static enum match_amend naive_amend(struct naive *n, decimal size, decimal price)
{
    decimal remaining = decimal_sub(size, n->filled);
    bool stays = decimal_is_equal(price, n->order.limit_price) &&
                 decimal_compare(remaining, n->remaining) <= 0;

    if (!n->rests && !n->waits)
        return MATCH_AMEND_ABSENT;
    if (!decimal_is_positive(remaining))
        return MATCH_AMEND_FILLED;
    if (n->order.post_only && naive_would_take(n->order.side, price))
        return MATCH_AMEND_POST_ONLY;
    n->order.size = size;
    n->order.limit_price = price;
    n->remaining = remaining;
    if (stays || n->waits)
        return MATCH_AMENDED;
    n->age = ++naive_age;
    n->rests = false;
    naive_enter(n);
    naive_trigger();
    return MATCH_AMENDED;
}

static struct match_order random_order(struct rng *rng, int tag)
{
    static const enum time_in_force tifs[] = {TIF_GTC, TIF_GTC, TIF_GTC, TIF_IOC, TIF_FOK};
    int64_t kind = rng_between(rng, 0, 9);
    enum side side = rng_below(rng, 2) ? SIDE_BUY : SIDE_SELL;
    int size = (int)rng_between(rng, 1, 20), price = (int)rng_between(rng, 90, 110);
    struct match_order order = limit(tag, side, size, price);

    order.owner = (uint32_t)rng_below(rng, 4);
    order.tif = tifs[rng_below(rng, ARRAY_LEN(tifs))];
    if (kind == 0) {
        order.type = ORDER_MARKET;
        order.tif = rng_below(rng, 2) ? TIF_IOC : TIF_FOK;
        if (order.tif == TIF_IOC && side == SIDE_BUY && rng_below(rng, 2)) {
            order.budget = D(rng_between(rng, 1, 2000));
            order.size_step = dec("0.01");
        }
    } else if (kind <= 2) {
        order.type = kind == 1 ? ORDER_STOP : ORDER_STOP_LIMIT;
        order.tif = TIF_GTC;
        order.stop_price = D(rng_between(rng, 90, 110));
    } else if (order.tif == TIF_GTC) {
        order.post_only = rng_below(rng, 4) == 0;
    }
    return order;
}

/* Sums over both worlds: whatever was bought was sold, and every order's parts make it whole.
 */
static void check_conservation(uint64_t seed)
{
    decimal bought = DECIMAL_ZERO, sold = DECIMAL_ZERO;
    struct match_view view;

    for (int i = 0; i < naive_count; i++) {
        const struct naive *n = &naive[i];
        decimal *sum = n->order.side == SIDE_BUY ? &bought : &sold;
        *sum = decimal_add(*sum, n->filled);
        bool there = matching_find(book, n->id, &view);
        if (there != (n->rests || n->waits))
            fail_msg("seed %llu: order %d is only in one book", (unsigned long long)seed, i);
        if (!there)
            continue;
        assert_true(decimal_is_equal(view.remaining, n->remaining));
        assert_true(decimal_is_equal(view.filled, n->filled));
        assert_true(decimal_is_equal(decimal_add(view.filled, view.remaining), n->order.size));
    }
    assert_true(decimal_is_equal(bought, sold));
}

static void compare(uint64_t seed, int step)
{
    if (strcmp(buf_text(&told), buf_text(&expected)) != 0)
        fail_msg("seed %llu, step %d:\n  book   %s\n  oracle %s", (unsigned long long)seed,
                 step, buf_text(&told), buf_text(&expected));
    buf_clear(&told);
    buf_clear(&expected);
}

/* Both books are asked the same; a refused post-only order must be refused by both. */
static void step_submit(struct rng *rng)
{
    struct match_order order = random_order(rng, naive_count + 1);
    struct naive *added = &naive[naive_count];
    match_id id = 0;
    bool taken = matching_submit(book, &order, &id);

    assert_int_equal(naive_submit(&order), taken);
    if (taken)
        added->id = id;
}

static void step_cancel(struct naive *n)
{
    bool there = n->rests || n->waits;

    if (there)
        naive_end(n, MATCH_END_CANCELED);
    assert_int_equal(matching_cancel(book, n->id), there);
}

static void step_amend(struct rng *rng, struct naive *n)
{
    decimal size = D(rng_between(rng, 1, 20)), price = D(rng_between(rng, 90, 110));

    if (naive_has_limit(n))
        assert_int_equal(matching_amend(book, n->id, size, price), naive_amend(n, size, price));
}

static void step(struct rng *rng)
{
    uint64_t kind = rng_below(rng, 10);

    if (naive_count == 0 || kind < 7)
        step_submit(rng);
    else if (kind == 7)
        step_cancel(&naive[rng_below(rng, (uint64_t)naive_count)]);
    else
        step_amend(rng, &naive[rng_below(rng, (uint64_t)naive_count)]);
}

static void run_against_oracle(uint64_t seed, int steps)
{
    struct rng rng = rng_stream(seed, "matching");

    assert_true(steps < NAIVE_MAX);
    begin();
    naive_count = naive_age = 0;
    naive_last = DECIMAL_ZERO;
    for (int i = 0; i < steps; i++) {
        step(&rng);
        compare(seed, i);
        matching_check(book);
    }
    check_conservation(seed);
    end();
}

TEST(random_sequences_give_the_trades_of_a_naive_oracle)
{
    for (uint64_t seed = 1; seed <= 40; seed++)
        run_against_oracle(seed, 400);
}
