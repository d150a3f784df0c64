#include "store/history_block.h"

#include <inttypes.h>

#include "base/mem.h"
#include "base/rng.h"
#include "files.h"

enum { ROWS = 700 };

static int128 random_wide(struct rng *rng)
{
    return (int128)(((uint128)rng_next(rng) << 64) | rng_next(rng));
}

/* One of the ways in which columns look: constant, a grid, small, or anything at all. */
static void fill(struct rng *rng, int128 *values, int rows)
{
    int128 base = random_wide(rng) >> rng_below(rng, 128);
    int128 step = (int128)(rng_next(rng) >> rng_below(rng, 63));
    uint64_t bound = (rng_next(rng) >> rng_below(rng, 64)) | 1;
    uint64_t style = rng_below(rng, 4);

    for (int i = 0; i < rows; i++) {
        if (style == 0)
            values[i] = base;
        else if (style == 1)
            values[i] = (base >> 8) + (step >> 8) * (int128)(rng_below(rng, bound) >> 8);
        else if (style == 2)
            values[i] = (int128)rng_below(rng, bound);
        else
            values[i] = random_wide(rng);
    }
}

static void assert_same(const struct history_block *block, int128 *const *values, uint64_t seed,
                        int turn)
{
    int128 row[HISTORY_COLUMNS_MAX];

    for (int i = 0; i < block->rows; i++) {
        history_block_row(block, i, row);
        for (int c = 0; c < block->columns; c++)
            if (row[c] != values[c][i] || history_block_value(block, c, i) != row[c])
                fail_msg("seed %" PRIu64 ", turn %d: row %d, column %d", seed, turn, i, c);
    }
}

TEST(columns_come_back_as_they_were_packed)
{
    const uint64_t seed = 7;
    struct rng rng = rng_stream(seed, "blocks");
    int128 *values[HISTORY_COLUMNS_MAX];
    struct buf bytes = BUF_INIT;
    struct history_block block;
    struct fault why;

    for (int c = 0; c < HISTORY_COLUMNS_MAX; c++)
        values[c] = mem_new_array(ROWS, sizeof **values);
    for (int turn = 0; turn < 100; turn++) {
        int rows = 1 + (int)rng_below(&rng, ROWS), columns = 1 + (int)rng_below(&rng, 8);
        for (int c = 0; c < columns; c++)
            fill(&rng, values[c], rows);
        buf_reset(&bytes);
        history_block_encode(values, columns, rows, &bytes);
        if (history_block_decode(bytes.data, bytes.len, columns, rows, &block, &why))
            fail_msg("seed %" PRIu64 ", turn %d: %s", seed, turn, why.text);
        assert_same(&block, values, seed, turn);
    }
    for (int c = 0; c < HISTORY_COLUMNS_MAX; c++)
        mem_free(values[c]);
    buf_clear(&bytes);
}

TEST(prices_on_a_grid_take_few_bytes)
{
    int128 minutes[1000], cents[1000];
    int128 *const values[] = {minutes, cents};
    struct buf bytes = BUF_INIT;
    struct history_block block;

    for (int i = 0; i < 1000; i++) {
        minutes[i] = DAYS(18628) + MINUTES(i);
        cents[i] = dec("60000.07").units + (int128)(i * 7919 % 1000) * 10000000000;
    }
    history_block_encode(values, 2, 1000, &bytes);
    assert_int_equal(bytes.len, 2 * HISTORY_BLOCK_HEADER + 1000 * 2 + 1000 * 2);
    assert_int_equal(history_block_decode(bytes.data, bytes.len, 2, 1000, &block, NULL), OK);
    assert_decimal(((decimal){block.column[1].low}), "60000.07");
    assert_decimal(((decimal){block.column[1].high}), "60010.06");
    assert_true(block.column[0].step == MINUTES(1));
    buf_clear(&bytes);
}

TEST(blocks_that_are_cut_or_padded_are_refused)
{
    int128 numbers[100];
    int128 *const values[] = {numbers, numbers};
    struct buf bytes = BUF_INIT;
    struct history_block block;
    struct fault why;

    for (int i = 0; i < 100; i++)
        numbers[i] = i;
    history_block_encode(values, 2, 100, &bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        assert_int_equal(history_block_decode(bytes.data, len, 2, 100, &block, &why),
                         ERR_CORRUPT);
        assert_contains(why.text, "cut short");
    }
    buf_add(&bytes, "x", 1);
    assert_int_equal(history_block_decode(bytes.data, bytes.len, 2, 100, &block, &why),
                     ERR_CORRUPT);
    assert_contains(why.text, "bytes follow the last column");
    bytes.data[48] = 3; /* a width that does not exist */
    assert_int_equal(history_block_decode(bytes.data, bytes.len, 2, 100, &block, &why),
                     ERR_CORRUPT);
    buf_clear(&bytes);
}
