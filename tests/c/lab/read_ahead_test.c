#include "lab/read_ahead.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

/* Minutes whose close is their number; `bad`, if not negative, is a row with a close of zero.
 */
static struct history *history_of(int rows, int bad)
{
    char path[256];
    struct history *history;
    struct fault why = {OK, ""};

    snprintf(path, sizeof path, "%s/rows%d_%d.csv", check_tmp(), rows, bad);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("ts_ms,open,high,low,close,volume\n", file);
    for (int i = 0; i < rows; i++)
        fprintf(file, "%lld,1,%d,1,%d,1\n", 1704067200000LL + i * 60000LL, i + 1,
                i == bad ? 0 : i + 1);
    fclose(file);
    struct history_input input = {.path = path, .symbol = "BTC-USD", .interval = MINUTES(1)};
    if (history_open(&input, 1, 0, 0, &history, &why))
        fail_msg("%s", why.text);
    return history;
}

/* Reads all rows; how many came before the end or the failure. */
static int count_rows(struct read_ahead *ahead, enum err *err, struct fault *why)
{
    struct history_row row;
    bool has = true;
    int count = 0;

    while (!(*err = read_ahead_next(ahead, &row, &has, why)) && has) {
        count++;
        assert_true(decimal_is_equal(row.bar.close, D(count)));
    }
    return count;
}

static void check_rows(int rows, bool in_thread)
{
    struct history *history = history_of(rows, -1);
    struct read_ahead *ahead = read_ahead_new(history, in_thread);
    struct history_row row;
    struct fault why = {OK, ""};
    enum err err;
    bool has = true;

    assert_int_equal(count_rows(ahead, &err, &why), rows);
    assert_int_equal(err, OK);
    assert_int_equal(read_ahead_permille(ahead), 1000);
    assert_int_equal(read_ahead_next(ahead, &row, &has, &why), OK); /* asked once more */
    assert_false(has);
    read_ahead_free(ahead);
    history_close(history);
}

/* Around the ends of blocks of 256, of half of the ring of eight, and of all of it. */
TEST(every_row_comes_once_and_in_order)
{
    const int rows[] = {1, 255, 256, 257, 1023, 1024, 1025, 2047, 2048, 2049, 2305, 20000};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        check_rows(rows[i], true);
        check_rows(rows[i], false);
    }
}

TEST(a_bad_row_is_told_behind_those_before_it)
{
    for (int in_thread = 0; in_thread < 2; in_thread++) {
        const int bad[] = {0, 1, 255, 256, 700, 2100};
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
            struct history *history = history_of(5000, bad[i]);
            struct read_ahead *ahead = read_ahead_new(history, in_thread);
            struct fault why = {OK, ""};
            char row[32];
            enum err err;
            assert_int_equal(count_rows(ahead, &err, &why), bad[i]);
            assert_int_not_equal(err, OK);
            snprintf(row, sizeof row, ": line %d:", bad[i] + 2);
            if (!strstr(why.text, row))
                fail_msg("row %d is not named: %s", bad[i] + 2, why.text);
            read_ahead_free(ahead);
            history_close(history);
        }
    }
}

/* The thread is then at its first blocks, or asleep before a full ring. */
TEST(who_needs_no_more_rows_need_not_read_them)
{
    for (int taken = 0; taken < 3000; taken += 500) {
        struct history *history = history_of(50000, -1);
        struct read_ahead *ahead = read_ahead_new(history, true);
        struct history_row row;
        struct fault why;
        bool has;
        for (int i = 0; i < taken; i++)
            assert_int_equal(read_ahead_next(ahead, &row, &has, &why), OK);
        read_ahead_free(ahead);
        history_close(history);
    }
    read_ahead_free(NULL);
}
