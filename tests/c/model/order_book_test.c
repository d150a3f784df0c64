#include "model/order_book.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/rng.h"
#include "model_sample.h"

static void set(struct order_book *book, enum side side, const char *price, const char *size)
{
    order_book_set_level(book, side, dec(price), dec(size));
}

/* "price x size, ..." from the best on. */
static const char *shown(const struct order_book *book, enum side side)
{
    static char text[512];
    char price[DECIMAL_TEXT_MAX], size[DECIMAL_TEXT_MAX];
    size_t len = 0;

    text[0] = '\0';
    for (int i = 0; i < order_book_depth(book, side); i++) {
        const struct book_level *level = order_book_level(book, side, i);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s x %s", i ? ", " : "",
                                decimal_format(level->price, price),
                                decimal_format(level->size, size));
    }
    return text;
}

static struct order_book *small_book(void)
{
    struct order_book *book = order_book_new();

    set(book, SIDE_BUY, "99", "1");
    set(book, SIDE_BUY, "100", "2");
    set(book, SIDE_BUY, "98", "4");
    set(book, SIDE_SELL, "102", "3");
    set(book, SIDE_SELL, "101", "1");
    return book;
}

TEST(levels_are_kept_best_first_on_both_sides)
{
    struct order_book *book = small_book();

    assert_string_equal(shown(book, SIDE_BUY), "100 x 2, 99 x 1, 98 x 4");
    assert_string_equal(shown(book, SIDE_SELL), "101 x 1, 102 x 3");
    order_book_free(book);
}

TEST(a_level_is_replaced_by_size_and_removed_by_zero)
{
    struct order_book *book = small_book();

    set(book, SIDE_BUY, "99", "5");
    set(book, SIDE_BUY, "100", "0");
    set(book, SIDE_BUY, "97.5", "0"); /* was never there */
    set(book, SIDE_SELL, "101.5", "2");
    assert_string_equal(shown(book, SIDE_BUY), "99 x 5, 98 x 4");
    assert_string_equal(shown(book, SIDE_SELL), "101 x 1, 101.5 x 2, 102 x 3");
    order_book_free(book);
}

TEST(an_empty_book_answers_with_nothing)
{
    struct order_book *book = order_book_new();
    struct book_sweep sweep = order_book_sweep(book, SIDE_BUY, D(1));

    assert_null(order_book_best(book, SIDE_BUY));
    assert_null(order_book_level(book, SIDE_SELL, 3));
    assert_int_equal(order_book_depth(book, SIDE_BUY), 0);
    assert_decimal(order_book_mid(book), "0");
    assert_decimal(order_book_spread_bps(book), "0");
    assert_decimal(order_book_size(book, SIDE_BUY, 10), "0");
    assert_decimal(sweep.size, "0");
    assert_decimal(sweep.worst_price, "0");
    order_book_free(book);
}

TEST(a_cleared_book_is_empty_and_can_be_filled_again)
{
    struct order_book *book = small_book();

    order_book_clear(book);
    assert_int_equal(order_book_depth(book, SIDE_BUY), 0);
    assert_int_equal(order_book_depth(book, SIDE_SELL), 0);
    set(book, SIDE_BUY, "5", "1");
    set(book, SIDE_BUY, "6", "1");
    assert_string_equal(shown(book, SIDE_BUY), "6 x 1, 5 x 1");
    order_book_free(book);
}

TEST(the_middle_and_the_spread_are_those_of_the_best_prices)
{
    struct order_book *book = small_book();

    assert_decimal(order_book_mid(book), "100.5");
    assert_decimal(order_book_spread_bps(book), "99.502487562189");
    set(book, SIDE_BUY, "101.5", "1");
    assert_decimal(order_book_mid(book), "101.25");
    assert_true(decimal_is_negative(order_book_spread_bps(book)));
    order_book_clear(book);
    set(book, SIDE_BUY, "100", "1");
    assert_decimal(order_book_mid(book), "0");
    order_book_free(book);
}

TEST(a_sweep_takes_level_after_level_of_the_other_side)
{
    struct order_book *book = small_book();

    struct book_sweep buy = order_book_sweep(book, SIDE_BUY, D(2));
    assert_decimal(buy.size, "2");
    assert_decimal(buy.value, "203");
    assert_decimal(buy.worst_price, "102");

    struct book_sweep sell = order_book_sweep(book, SIDE_SELL, D(2));
    assert_decimal(sell.value, "200");
    assert_decimal(sell.worst_price, "100");

    struct book_sweep all = order_book_sweep(book, SIDE_BUY, D(100));
    assert_decimal(all.size, "4");
    assert_decimal(all.value, "407");
    order_book_free(book);
}

TEST(sizes_add_up_over_as_many_levels_as_there_are)
{
    struct order_book *book = small_book();

    assert_decimal(order_book_size(book, SIDE_BUY, 0), "0");
    assert_decimal(order_book_size(book, SIDE_BUY, 2), "3");
    assert_decimal(order_book_size(book, SIDE_BUY, 50), "7");
    order_book_free(book);
}

TEST(a_deep_snapshot_may_come_best_first_or_worst_first)
{
    enum { LEVELS = 20000 };
    struct order_book *book = order_book_new();

    for (int i = 0; i < LEVELS; i++) {
        order_book_set_level(book, SIDE_BUY, D(2 * LEVELS - i), D(1));
        order_book_set_level(book, SIDE_SELL, D(4 * LEVELS - i), D(1));
    }
    assert_int_equal(order_book_depth(book, SIDE_BUY), LEVELS);
    assert_decimal_equal(order_book_best(book, SIDE_BUY)->price, D(2 * LEVELS));
    assert_decimal_equal(order_book_best(book, SIDE_SELL)->price, D(3 * LEVELS + 1));
    assert_decimal_equal(order_book_level(book, SIDE_BUY, LEVELS - 1)->price, D(LEVELS + 1));
    order_book_free(book);
}

/* Against a book that is nothing but a size for each price */

enum { PRICES = 300 };

static struct book_sweep naive_sweep(const int sizes[PRICES], enum side taker, int size)
{
    int taken = 0, value = 0, worst = 0;

    for (int i = 1; i < PRICES && taken < size; i++) {
        int price = taker == SIDE_BUY ? i : PRICES - i;
        int part = sizes[price] < size - taken ? sizes[price] : size - taken;
        taken += part;
        value += part * price;
        worst = part ? price : worst;
    }
    return (struct book_sweep){D(taken), D(value), D(worst)};
}

static bool is_same_side(const struct order_book *book, enum side side, const int sizes[PRICES])
{
    int index = 0;

    for (int i = 1; i < PRICES; i++) {
        int price = side == SIDE_BUY ? PRICES - i : i;
        if (!sizes[price])
            continue;
        const struct book_level *level = order_book_level(book, side, index++);
        if (!level || !decimal_is_equal(level->price, D(price)) ||
            !decimal_is_equal(level->size, D(sizes[price])))
            return false;
    }
    return index == order_book_depth(book, side);
}

static bool is_same_sweep(const struct order_book *book, enum side taker,
                          const int sizes[PRICES], int size)
{
    struct book_sweep want = naive_sweep(sizes, taker, size);
    struct book_sweep got = order_book_sweep(book, taker, D(size));

    return decimal_is_equal(got.size, want.size) && decimal_is_equal(got.value, want.value) &&
           decimal_is_equal(got.worst_price, want.worst_price);
}

static void run_random_book(uint64_t seed)
{
    struct rng rng = rng_stream(seed, "book");
    struct order_book *book = order_book_new();
    int sizes[SIDE_COUNT][PRICES] = {{0}};
    int spread = (int)rng_between(&rng, 2, PRICES - 1);

    for (int step = 0; step < 400; step++) {
        enum side side = (enum side)rng_below(&rng, 2);
        int price = (int)rng_between(&rng, 1, spread);
        int size = rng_chance(&rng, 0.4) ? 0 : (int)rng_between(&rng, 1, 9);
        if (rng_chance(&rng, 0.002)) {
            order_book_clear(book);
            memset(sizes, 0, sizeof sizes);
        }
        order_book_set_level(book, side, D(price), D(size));
        sizes[side][price] = size;
        int wanted = (int)rng_below(&rng, 300);
        if (!is_same_side(book, SIDE_BUY, sizes[SIDE_BUY]) ||
            !is_same_side(book, SIDE_SELL, sizes[SIDE_SELL]) ||
            !is_same_sweep(book, side, sizes[side_opposite(side)], wanted))
            fail_msg("seed %llu, step %d", (unsigned long long)seed, step);
    }
    order_book_free(book);
}

TEST(random_updates_agree_with_a_naive_book)
{
    for (uint64_t seed = 1; seed <= 60; seed++)
        run_random_book(seed);
}

/* A recorded stream: 11 minutes of BTCUSDT, snapshot, deltas, and what the best prices were.
 * Its files are not part of the project; without them the tests above must do. */

static bool read_data(struct buf *buf, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/../shared/data/%s", check_root(), name);
    if (buf_read_file(buf, path, 100u << 20, NULL) != OK) {
        print_message("no %s: only generated books were tested\n", path);
        return false;
    }
    return true;
}

/* The next line split at commas; false at the end. */
static bool next_row(char **at, char *columns[], int count)
{
    char *line = strsep(at, "\n");

    if (!line || !*line)
        return false;
    for (int i = 0; i < count; i++)
        columns[i] = strsep(&line, ",");
    return true;
}

static void apply_row(struct order_book *book, char *columns[3])
{
    enum side side = strcmp(columns[0], "bid") == 0 ? SIDE_BUY : SIDE_SELL;

    order_book_set_level(book, side, dec(columns[1]), dec(columns[2]));
}

static long load_snapshot(struct order_book *book, char *at)
{
    char *columns[5];
    long id = 0;

    next_row(&at, columns, 5);
    while (next_row(&at, columns, 5)) {
        id = atol(columns[1]);
        apply_row(book, columns + 2);
    }
    return id;
}

struct replay {
    struct order_book *book;
    long snapshot, last; /* update ids */
    char *quotes;        /* rows not yet compared */
    char *quote[6];
    bool has_quote;
    int dropped, compared, wrong;
};

static void next_quote(struct replay *replay)
{
    replay->has_quote = next_row(&replay->quotes, replay->quote, 6);
}

/* Compares the book, complete up to update `last`, with the quote of that update if there is
 * one. */
static void compare(struct replay *replay)
{
    while (replay->has_quote && atol(replay->quote[1]) < replay->last)
        next_quote(replay);
    if (!replay->has_quote || atol(replay->quote[1]) != replay->last)
        return;
    const struct book_level *bid = order_book_best(replay->book, SIDE_BUY);
    const struct book_level *ask = order_book_best(replay->book, SIDE_SELL);
    bool same = bid && ask && decimal_is_equal(bid->price, dec(replay->quote[2])) &&
                decimal_is_equal(bid->size, dec(replay->quote[3])) &&
                decimal_is_equal(ask->price, dec(replay->quote[4])) &&
                decimal_is_equal(ask->size, dec(replay->quote[5]));
    replay->compared++;
    replay->wrong += !same;
}

static void replay_deltas(struct replay *replay, char *at)
{
    char *columns[7];

    next_row(&at, columns, 7);
    while (next_row(&at, columns, 7)) {
        long id = atol(columns[3]);
        if (id <= replay->snapshot) {
            replay->dropped++;
            continue;
        }
        if (id != replay->last && replay->last)
            compare(replay);
        replay->last = id;
        apply_row(replay->book, columns + 4);
    }
}

TEST(a_recorded_stream_rebuilds_the_best_prices_at_every_update_that_can_be_compared)
{
    struct buf snapshot = BUF_INIT, part1 = BUF_INIT, part2 = BUF_INIT, quotes = BUF_INIT;

    if (read_data(&snapshot, "binance_spot_BTCUSDT_l2_snapshots.csv") &&
        read_data(&part1, "binance_spot_BTCUSDT_l2_deltas_part1.csv") &&
        read_data(&part2, "binance_spot_BTCUSDT_l2_deltas_part2.csv") &&
        read_data(&quotes, "binance_spot_BTCUSDT_l1.csv")) {
        struct replay replay = {.book = order_book_new(), .quotes = quotes.data};
        next_quote(&replay); /* the header */
        next_quote(&replay);
        replay.snapshot = load_snapshot(replay.book, snapshot.data);
        assert_int_equal(order_book_depth(replay.book, SIDE_BUY), 1000);
        replay_deltas(&replay, part1.data);
        replay_deltas(&replay, part2.data);
        compare(&replay);
        assert_int_equal(replay.dropped, 17);
        assert_int_equal(replay.compared, 1072);
        assert_int_equal(replay.wrong, 0);
        order_book_free(replay.book);
    }
    buf_clear(&snapshot);
    buf_clear(&part1);
    buf_clear(&part2);
    buf_clear(&quotes);
}
