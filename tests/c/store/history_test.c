/* Several files as one stream. */
#include "history_rows.h"
#include "model/order_book.h"

static struct history_input input_of(const char *name, const char *text)
{
    return (struct history_input){.path = write_text(name, text)};
}

#define BARS   "ts_ms,open,high,low,close,volume\n"
#define TRADES "local_ts_ns,trade_id,price,qty,side\n"
#define QUOTES "local_ts_ns,bid,bid_size,ask,ask_size\n"

TEST(files_of_one_kind_follow_each_other_whatever_their_order)
{
    struct history_input inputs[] = {
        input_of("b.csv", BARS "180000,3,3,3,3,1\n240000,4,4,4,4,1\n"),
        input_of("a.csv", BARS "0,1,1,1,1,1\n60000,2,2,2,2,1\n"),
    };

    assert_string_equal(rows_of_inputs(inputs, 2, 0, 0),
                        "1970-01-01T00:01:00Z bar 1 1 1 1 1\n"
                        "1970-01-01T00:02:00Z bar 2 2 2 2 1\n"
                        "1970-01-01T00:04:00Z bar 3 3 3 3 1\n"
                        "1970-01-01T00:05:00Z bar 4 4 4 4 1\n");
}

TEST(files_that_overlap_are_refused_and_both_are_named)
{
    struct history_input inputs[] = {
        input_of("late.csv", BARS "120000,3,3,3,3,1\n180000,4,4,4,4,1\n"),
        input_of("early.csv", BARS "0,1,1,1,1,1\n60000,1,1,1,1,1\n120000,2,2,2,2,1\n"),
    };
    const char *message = rows_of_inputs(inputs, 2, 0, 0);

    assert_contains(message, "/early.csv and ");
    assert_contains(message,
                    "/late.csv overlap: the first reaches to 1970-01-01T00:02:00Z, the "
                    "second begins at 1970-01-01T00:02:00Z");
    assert_contains(message, "leave one out");
    inputs[1] = inputs[0];
    assert_contains(rows_of_inputs(inputs, 2, 0, 0), "overlap");
    inputs[0].symbol = "BTC-USD";
    inputs[1].symbol = "ETH-USD";
    assert_contains(rows_of_inputs(inputs, 2, 0, 0), "1970-01-01T00:03:00Z bar 3 3 3 3 1\n"
                                                     "1970-01-01T00:03:00Z bar 3 3 3 3 1\n");
}

TEST(a_recording_may_be_cut_between_ticks_of_one_time)
{
    struct history_input inputs[] = {
        input_of("t1.csv", TRADES "5,1,10,1,buy\n6,2,11,1,buy\n"),
        input_of("t2.csv", TRADES "6,3,12,1,buy\n7,4,13,1,sell\n"),
    };

    assert_string_equal(rows_of_inputs(inputs, 2, 0, 0),
                        "1970-01-01T00:00:00.000000005Z buy 1 at 10 id 1\n"
                        "1970-01-01T00:00:00.000000006Z buy 1 at 11 id 2\n"
                        "1970-01-01T00:00:00.000000006Z buy 1 at 12 id 3\n"
                        "1970-01-01T00:00:00.000000007Z sell 1 at 13 id 4\n");
}

TEST(kinds_are_merged_by_the_time_they_became_known)
{
    struct history_input inputs[] = {
        input_of("m1.csv", TRADES "59000000000,1,10,1,buy\n60000000000,2,11,1,buy\n"
                                  "120000000001,3,12,1,buy\n"),
        input_of("m2.csv", BARS "0,1,1,1,1,1\n60000,2,2,2,2,1\n"),
        input_of("m3.csv", QUOTES "60000000000,1,1,2,1\n119000000000,1,1,2,1\n"),
        input_of("m4.csv", "ts_ms,bid_close,bid_size,ask_close,ask_size\n0,1,1,2,1\n"
                           "60000,3,1,4,1\n"),
    };

    /* At the minute: the bar's closing quote, the bar, and then what happened in the next one.
     */
    assert_string_equal(rows_of_inputs(inputs, 4, 0, 0),
                        "1970-01-01T00:00:59Z buy 1 at 10 id 1\n"
                        "1970-01-01T00:01:00Z bid 1 of 1, ask 2 of 1, id 0\n"
                        "1970-01-01T00:01:00Z bar 1 1 1 1 1\n"
                        "1970-01-01T00:01:00Z buy 1 at 11 id 2\n"
                        "1970-01-01T00:01:00Z bid 1 of 1, ask 2 of 1, id 0\n"
                        "1970-01-01T00:01:59Z bid 1 of 1, ask 2 of 1, id 0\n"
                        "1970-01-01T00:02:00Z bid 3 of 1, ask 4 of 1, id 0\n"
                        "1970-01-01T00:02:00Z bar 2 2 2 2 1\n"
                        "1970-01-01T00:02:00.000000001Z buy 1 at 12 id 3\n");
}

TEST(rows_say_which_input_they_come_from)
{
    struct history_input inputs[] = {
        {.path = write_text("s1.csv", TRADES "5,1,10,1,buy\n7,2,10,1,buy\n"),
         .symbol = "BTC-USD"},
        {.path = write_text("s2.csv", TRADES "6,1,99,1,buy\n"), .symbol = "ETH-USD"},
    };
    static const int sources[] = {0, 1, 0};
    struct history *history;
    struct history_row row;
    bool has;

    assert_int_equal(history_open(inputs, 2, 0, 0, &history, NULL), OK);
    assert_int_equal(history_input_count(history), 2);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(history_next(history, &row, &has, NULL), OK);
        assert_int_equal(row.source, sources[i]);
    }
    assert_string_equal(history_input_info(history, 1)->symbol, "ETH-USD");
    history_close(history);
}

TEST(a_range_begins_with_its_first_moment_and_ends_before_its_last)
{
    struct history_input input =
        input_of("range.csv", BARS "0,1,1,1,1,1\n60000,2,2,2,2,1\n120000,3,3,3,3,1\n"
                                   "180000,4,4,4,4,1\n");

    assert_string_equal(rows_of_inputs(&input, 1, MINUTES(1), MINUTES(3)),
                        "1970-01-01T00:02:00Z bar 2 2 2 2 1\n"
                        "1970-01-01T00:03:00Z bar 3 3 3 3 1\n");
    assert_string_equal(rows_of_inputs(&input, 1, MINUTES(9), 0), "");
    assert_contains(rows_of_inputs(&input, 1, MINUTES(2), MINUTES(2)),
                    "the range is empty: it begins at 1970-01-01T00:02:00Z and ends at");
}

TEST(a_range_of_a_columnar_file_is_the_same_as_of_its_csv)
{
    struct rng rng = rng_stream(11, "range");
    struct history_input input = {.path = write_random("r.pgh", HISTORY_BARS, 40000, &rng)};
    struct history *all, *part;
    struct history_row row, wanted;
    bool has;
    nanos from = DAYS(17250), to = DAYS(17252);

    assert_int_equal(history_open(&input, 1, 0, 0, &all, NULL), OK);
    assert_int_equal(history_open(&input, 1, from, to, &part, NULL), OK);
    do
        assert_int_equal(history_next(all, &wanted, &has, NULL), OK);
    while (wanted.bar.start < from);
    for (; wanted.bar.start < to;
         assert_int_equal(history_next(all, &wanted, &has, NULL), OK)) {
        assert_int_equal(history_next(part, &row, &has, NULL), OK);
        assert_true(has);
        assert_row_equal(&row, &wanted);
    }
    assert_int_equal(history_next(part, &row, &has, NULL), OK);
    assert_false(has);
    history_close(all);
    history_close(part);
}

/* Writes the rows of some inputs to a columnar file. */
static const char *import(const struct history_input *inputs, int count, const char *name)
{
    const char *path = tmp_path(name);
    struct history *history;
    struct history_row row;
    struct history_writer *writer;
    struct fault why;
    bool has;

    if (history_open(inputs, count, 0, 0, &history, &why))
        fail_msg("%s", why.text);
    const struct history_info *info = history_input_info(history, 0);
    assert_int_equal(history_writer_open(path, info->kind, "", info->interval, &writer, NULL),
                     OK);
    while (history_next(history, &row, &has, &why) == OK && has)
        if (history_writer_add(writer, &row, &why))
            fail_msg("%s", why.text);
    assert_int_equal(history_writer_commit(writer, NULL), OK);
    history_writer_close(writer);
    history_close(history);
    return path;
}

/* Books */

#define DELTAS    "local_ts_ns,first_update_id,last_update_id,side,price,qty\n"
#define SNAPSHOTS "local_ts_ns,last_update_id,side,price,qty\n"

TEST(changes_that_the_snapshot_holds_are_dropped_and_others_wait_for_it)
{
    struct history_input inputs[] = {
        input_of("deltas.csv", DELTAS "10,1,2,bid,9,1\n"  /* part of the snapshot */
                                      "11,3,5,bid,9,2\n"  /* across its end, received before */
                                      "11,3,5,ask,12,2\n" /* of the same message */
                                      "12,6,6,bid,10,0\n" /* newer, received before */
                                      "30,7,9,bid,8,1\n"),
        input_of("snapshot.csv", SNAPSHOTS "20,4,bid,10,1\n20,4,ask,11,1\n"),
    };
    static const char rows[] = "1970-01-01T00:00:00.000000020Z snapshot clear 0 of 0, id 4\n"
                               "1970-01-01T00:00:00.000000020Z snapshot bid 10 of 1, id 4\n"
                               "1970-01-01T00:00:00.000000020Z snapshot ask 11 of 1, id 4\n"
                               "1970-01-01T00:00:00.000000020Z bid 9 of 2, id 5\n"
                               "1970-01-01T00:00:00.000000020Z ask 12 of 2, id 5\n"
                               "1970-01-01T00:00:00.000000020Z bid 10 of 0, id 6\n"
                               "1970-01-01T00:00:00.000000030Z bid 8 of 1, id 9\n";

    assert_string_equal(rows_of_inputs(inputs, 2, 0, 0), rows);
    assert_string_equal(rows_of(import(inputs, 2, "book.pgh")), rows);
}

TEST(the_first_change_behind_a_gap_says_so)
{
    struct history_input inputs[] = {
        input_of("deltas.csv", DELTAS "30,5,6,bid,9,1\n40,8,9,bid,9,2\n40,8,9,bid,8,2\n"
                                      "50,10,10,bid,9,3\n"),
        input_of("snapshot.csv", SNAPSHOTS "20,4,bid,10,1\n"),
    };
    static const char rows[] = "1970-01-01T00:00:00.000000020Z snapshot clear 0 of 0, id 4\n"
                               "1970-01-01T00:00:00.000000020Z snapshot bid 10 of 1, id 4\n"
                               "1970-01-01T00:00:00.000000030Z bid 9 of 1, id 6\n"
                               "1970-01-01T00:00:00.000000040Z bid 9 of 2, id 9 gap\n"
                               "1970-01-01T00:00:00.000000040Z bid 8 of 2, id 9\n"
                               "1970-01-01T00:00:00.000000050Z bid 9 of 3, id 10\n";

    assert_string_equal(rows_of_inputs(inputs, 2, 0, 0), rows);
    assert_string_equal(rows_of(import(inputs, 2, "book.pgh")), rows);
}

TEST(a_fresh_snapshot_does_not_hold_up_the_changes_received_before_it)
{
    struct history_input inputs[] = {
        input_of("deltas.csv", DELTAS "30,5,5,bid,9,1\n31,6,6,bid,9,2\n32,7,7,bid,9,3\n"),
        input_of("snapshots.csv", SNAPSHOTS "20,4,bid,10,1\n40,6,bid,9,2\n"),
    };

    assert_string_equal(rows_of_inputs(inputs, 2, 0, 0),
                        "1970-01-01T00:00:00.000000020Z snapshot clear 0 of 0, id 4\n"
                        "1970-01-01T00:00:00.000000020Z snapshot bid 10 of 1, id 4\n"
                        "1970-01-01T00:00:00.000000030Z bid 9 of 1, id 5\n"
                        "1970-01-01T00:00:00.000000031Z bid 9 of 2, id 6\n"
                        "1970-01-01T00:00:00.000000032Z snapshot clear 0 of 0, id 6\n"
                        "1970-01-01T00:00:00.000000032Z snapshot bid 9 of 2, id 6\n"
                        "1970-01-01T00:00:00.000000032Z bid 9 of 3, id 7\n");
}

TEST(changes_alone_make_a_book_from_nothing)
{
    assert_string_equal(
        rows_of(write_text("deltas.csv", DELTAS "30,5,5,bid,9,1\n31,6,6,bid,9,0\n")),
        "1970-01-01T00:00:00.000000030Z bid 9 of 1, id 5\n"
        "1970-01-01T00:00:00.000000031Z bid 9 of 0, id 6\n");
}

TEST(a_range_of_a_book_begins_with_what_the_past_left)
{
    struct history_input inputs[] = {
        input_of("deltas.csv", DELTAS "30,5,5,bid,9,1\n31,6,6,bid,10,0\n32,7,7,ask,12,3\n"
                                      "50,8,8,bid,7,1\n"),
        input_of("snapshots.csv", SNAPSHOTS "20,4,bid,10,1\n20,4,ask,11,1\n"),
    };

    assert_string_equal(rows_of_inputs(inputs, 2, 40, 60),
                        "1970-01-01T00:00:00.000000040Z snapshot clear 0 of 0, id 0\n"
                        "1970-01-01T00:00:00.000000040Z snapshot bid 9 of 1, id 0\n"
                        "1970-01-01T00:00:00.000000040Z snapshot ask 11 of 1, id 0\n"
                        "1970-01-01T00:00:00.000000040Z snapshot ask 12 of 3, id 0\n"
                        "1970-01-01T00:00:00.000000050Z bid 7 of 1, id 8\n");
    assert_string_equal(rows_of_inputs(inputs, 2, 60, 0), "");
}

/* Real recordings, where they lie beside the checkout */

static bool has_real_data(void)
{
    if (real_data("coinbase_BTC-USD_1m.csv"))
        return true;
    print_message("no recordings here: ran on generated data only\n");
    return false;
}

static int count_rows(const char *name, enum history_kind kind, nanos interval)
{
    struct history *history;
    struct history_row row;
    struct fault why;
    bool has = true;
    int count = 0;

    if (history_open(&(struct history_input){.path = real_data(name)}, 1, 0, 0, &history, &why))
        fail_msg("%s", why.text);
    assert_int_equal(history_input_info(history, 0)->kind, kind);
    assert_int_equal(history_input_info(history, 0)->interval, interval);
    while (has) {
        if (history_next(history, &row, &has, &why))
            fail_msg("%s", why.text);
        count += has && !(kind == HISTORY_BOOK && row.level.update.clears);
    }
    history_close(history);
    return count;
}

TEST(recordings_have_as_many_rows_as_they_should)
{
    if (!has_real_data())
        return;
    assert_int_equal(count_rows("coinbase_BTC-USD_1m.csv", HISTORY_BARS, MINUTES(1)), 12423);
    assert_int_equal(count_rows("coinbase_BTC-USD_1s.csv", HISTORY_BARS, SECONDS(1)), 11520);
    assert_int_equal(count_rows("coinbase_BTC-USD_1d.csv", HISTORY_BARS, DAYS(1)), 1318);
    assert_int_equal(count_rows("coinbase_BTC-USD_1m_quotes.csv", HISTORY_QUOTES, MINUTES(1)),
                     7188);
    assert_int_equal(count_rows("binance_spot_BTCUSDT_trades.csv", HISTORY_TRADES, 0), 19904);
    assert_int_equal(count_rows("binance_spot_BTCUSDT_l1.csv", HISTORY_QUOTES, 0), 73174);
    assert_int_equal(count_rows("binance_spot_BTCUSDT_l2_snapshots.csv", HISTORY_BOOK, 0),
                     2000);
    assert_int_equal(
        count_rows("binance_spot_BTCUSDT_l2_deltas_part1.csv", HISTORY_BOOK, 0) +
            count_rows("binance_spot_BTCUSDT_l2_deltas_part2.csv", HISTORY_BOOK, 0),
        298111);
}

/* The venue's own best bid and ask after some update, against the book put together here. */
static int compare_best(struct order_book *book, uint64_t update_id, struct history *quotes,
                        struct history_row *quote, bool *has_quote)
{
    while (*has_quote && quote->update_id < update_id)
        assert_int_equal(history_next(quotes, quote, has_quote, NULL), OK);
    if (!*has_quote || quote->update_id != update_id)
        return 0;
    assert_decimal(order_book_best(book, SIDE_BUY)->price,
                   decimal_format(quote->quote.bid, (char[DECIMAL_TEXT_MAX]){0}));
    assert_decimal(order_book_best(book, SIDE_BUY)->size,
                   decimal_format(quote->quote.bid_size, (char[DECIMAL_TEXT_MAX]){0}));
    assert_decimal(order_book_best(book, SIDE_SELL)->price,
                   decimal_format(quote->quote.ask, (char[DECIMAL_TEXT_MAX]){0}));
    assert_decimal(order_book_best(book, SIDE_SELL)->size,
                   decimal_format(quote->quote.ask_size, (char[DECIMAL_TEXT_MAX]){0}));
    return 1;
}

TEST(the_recorded_book_agrees_with_the_recorded_quotes)
{
    struct history_input inputs[3] = {{0}};
    char paths[3][400];
    static const char *const names[] = {"binance_spot_BTCUSDT_l2_deltas_part2.csv",
                                        "binance_spot_BTCUSDT_l2_deltas_part1.csv",
                                        "binance_spot_BTCUSDT_l2_snapshots.csv"};
    struct history *levels, *quotes;
    struct history_row row, quote;
    bool has, has_quote;
    uint64_t update_id = 0;
    int compared = 0;

    if (!has_real_data())
        return;
    for (int i = 0; i < 3; i++) {
        strcpy(paths[i], real_data(names[i]));
        inputs[i].path = paths[i];
    }
    struct order_book *book = order_book_new();
    assert_int_equal(history_open(inputs, 3, 0, 0, &levels, NULL), OK);
    assert_int_equal(
        history_open(&(struct history_input){.path = real_data("binance_spot_BTCUSDT_l1.csv")},
                     1, 0, 0, &quotes, NULL),
        OK);
    assert_int_equal(history_next(quotes, &quote, &has_quote, NULL), OK);
    for (;;) {
        assert_int_equal(history_next(levels, &row, &has, NULL), OK);
        if (update_id != 0 && (!has || row.update_id != update_id))
            compared += compare_best(book, update_id, quotes, &quote, &has_quote);
        if (!has)
            break;
        update_id = row.level.is_snapshot ? 0 : row.update_id;
        if (row.level.update.clears)
            order_book_clear(book);
        else
            order_book_set_level(book, row.level.update.side, row.level.update.price,
                                 row.level.update.size);
    }
    assert_int_equal(compared, 1072);
    assert_int_equal(history_dropped(levels), 17);
    assert_int_equal(history_gaps(levels), 0);
    order_book_free(book);
    history_close(levels);
    history_close(quotes);
}

TEST(recordings_come_back_from_a_columnar_file_as_they_were)
{
    static const char *const names[] = {
        "coinbase_BTC-USD_1m.csv", "coinbase_BTC-USD_1m_quotes.csv",
        "binance_spot_BTCUSDT_trades.csv", "binance_spot_BTCUSDT_l1.csv"};
    struct history *csv, *columnar;
    struct history_row a, b;
    bool has_a = true, has_b = true;

    for (size_t i = 0; has_real_data() && i < ARRAY_LEN(names); i++) {
        struct history_input input = {.path = real_data(names[i])}, imported = {0};
        imported.path = import(&input, 1, "real.pgh");
        assert_int_equal(history_open(&input, 1, 0, 0, &csv, NULL), OK);
        assert_int_equal(history_open(&imported, 1, 0, 0, &columnar, NULL), OK);
        for (;;) {
            assert_int_equal(history_next(csv, &a, &has_a, NULL), OK);
            assert_int_equal(history_next(columnar, &b, &has_b, NULL), OK);
            assert_int_equal(has_a, has_b);
            if (!has_a)
                break;
            assert_row_equal(&a, &b);
        }
        history_close(csv);
        history_close(columnar);
    }
}

/* Random rows as text and as a columnar file */

static const char *write_as_csv(const char *name, enum history_kind kind, int rows,
                                struct rng *rng)
{
    const char *path = tmp_path(name);
    FILE *file = fopen(path, "w");
    struct history_row row = first_row(kind);
    char n[5][DECIMAL_TEXT_MAX];

    fputs(kind == HISTORY_BARS ? "ts_ns,open,high,low,close,volume\n"
                               : "local_ts_ns,exch_ts_ns,trade_id,price,qty,side\n",
          file);
    for (int i = 0; i < rows; i++) {
        make_next_row(rng, &row);
        if (kind == HISTORY_BARS)
            fprintf(file, "%" PRId64 ",%s,%s,%s,%s,%s\n", row.bar.start,
                    decimal_format(row.bar.open, n[0]), decimal_format(row.bar.high, n[1]),
                    decimal_format(row.bar.low, n[2]), decimal_format(row.bar.close, n[3]),
                    decimal_format(row.bar.volume, n[4]));
        else
            fprintf(file, "%" PRId64 ",%" PRId64 ",%" PRIu64 ",%s,%s,%s\n", row.time,
                    row.venue_time, row.trade.id, decimal_format(row.trade.price, n[0]),
                    decimal_format(row.trade.size, n[1]), side_name(row.trade.taker));
    }
    fclose(file);
    return path;
}

TEST(text_and_columns_hold_the_same_rows)
{
    static const enum history_kind kinds[] = {HISTORY_BARS, HISTORY_TRADES};
    const uint64_t seed = 99;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct rng a = rng_stream(seed, "text"), expected = a;
        struct history_input input = {.path = write_as_csv("text.csv", kinds[i], 5000, &a),
                                      .interval = kinds[i] == HISTORY_BARS ? MINUTES(5) : 0};
        struct history_input imported = {.path = import(&input, 1, "text.pgh")};
        struct history *csv, *columnar;
        struct history_row x, y, wanted = first_row(kinds[i]);
        bool has;
        assert_int_equal(history_open(&input, 1, 0, 0, &csv, NULL), OK);
        assert_int_equal(history_open(&imported, 1, 0, 0, &columnar, NULL), OK);
        for (int k = 0; k < 5000; k++) {
            make_next_row(&expected, &wanted);
            assert_int_equal(history_next(csv, &x, &has, NULL), OK);
            assert_int_equal(history_next(columnar, &y, &has, NULL), OK);
            assert_true(has);
            assert_row_equal(&x, &wanted);
            assert_row_equal(&y, &wanted);
        }
        history_close(csv);
        history_close(columnar);
    }
}

TEST(rows_become_events_of_the_time_they_became_known)
{
    struct history_input input = input_of("event.csv", BARS "0,1,1,1,1,1\n60000,2,2,2,2,1\n");
    struct history *history;
    struct history_row row;
    struct event event;
    bool has;

    assert_int_equal(history_open(&input, 1, 0, 0, &history, NULL), OK);
    assert_int_equal(history_next(history, &row, &has, NULL), OK);
    history_row_to_event(&row, 3, &event);
    assert_string_equal(event_kind_name(event.kind), "bar");
    assert_int_equal(event.product, 3);
    assert_int_equal(event.time, MINUTES(1));
    assert_int_equal(event.bar.start, 0);
    history_close(history);
}
