/* What the rows of a CSV become, and what is said about those that are wrong. */
#include "history_rows.h"

static void assert_rows(const char *text, const char *rows)
{
    assert_string_equal(rows_of(write_text("rows.csv", text)), rows);
}

static void assert_refused(const char *text, const char *place, const char *reason,
                           const char *remedy)
{
    const char *message = rows_of(write_text("refused.csv", text));

    assert_contains(message, "/refused.csv: ");
    assert_contains(message, place);
    assert_contains(message, reason);
    assert_contains(message, remedy);
}

#define BARS "ts_ms,open,high,low,close,volume\n"

TEST(a_bar_is_known_at_its_end)
{
    struct history *history;
    struct history_row row;
    bool has;

    assert_int_equal(
        history_open(
            &(struct history_input){.path = write_text("bars.csv", BARS "60000,1,4,0.5,2,10.5\n"
                                                                        "120000,2,3,2,3,0\n")},
            1, 0, 0, &history, NULL),
        OK);
    assert_int_equal(history_input_info(history, 0)->interval, MINUTES(1));
    assert_int_equal(history_next(history, &row, &has, NULL), OK);
    assert_int_equal(row.bar.start, MINUTES(1));
    assert_int_equal(row.bar.interval, MINUTES(1));
    assert_int_equal(row.time, MINUTES(2));
    assert_decimal(row.bar.open, "1");
    assert_decimal(row.bar.high, "4");
    assert_decimal(row.bar.low, "0.5");
    assert_decimal(row.bar.close, "2");
    assert_decimal(row.bar.volume, "10.5");
    history_close(history);
}

TEST(bars_are_read_in_any_spelling)
{
    static const char *const files[] = {
        BARS "1502942400000,1,4,0.5,2,10.5\n1502942460000,2,3,2,3,1\n",
        "Date,Close,Open,High,Low,Volume,Trades\n2017-08-17 04:00:00,2,1,4,0.50,10.5,7\n"
        "2017-08-17 04:01:00,3,2,3,2,1,8\n",
        "\xef\xbb\xbf\"time\";\"open\";\"high\";\"low\";\"close\";\"volume\"\r\n"
        "\"1502942400\";1;4;0.5;2;1.05e1\r\n1502942460;2;3;2;3;1\r\n\r\n",
        "t\to\th\tl\tc\tv\n1502942400000000\t1\t4\t.5\t2\t10.5\n"
        "1502942460000000\t2\t3\t2\t3\t1",
    };

    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        assert_rows(files[i], "2017-08-17T04:01:00Z bar 1 4 0.5 2 10.5\n"
                              "2017-08-17T04:02:00Z bar 2 3 2 3 1\n");
}

TEST(trades_carry_both_stamps_and_the_takers_side)
{
    assert_rows("local_ts_ns,exch_ts_ms,trade_id,price,qty,aggressor\n"
                "1723161254087896568,1723161255342,3735683259,61837.63,0.02,sell\n",
                "2024-08-08T23:54:14.087896568Z sell 0.02 at 61837.63 id 3735683259\n");
    assert_rows("id,price,qty,time,isBuyerMaker\n7,5,1,1723161255342,true\n"
                "8,6,1,1723161255342,false\n",
                "2024-08-08T23:54:15.342Z sell 1 at 5 id 7\n"
                "2024-08-08T23:54:15.342Z buy 1 at 6 id 8\n");
    assert_rows("time,price,size,maker_side\n2024-08-08T23:54:15.342Z,5,1,BUY\n",
                "2024-08-08T23:54:15.342Z sell 1 at 5 id 0\n");
}

TEST(quotes_of_bars_are_the_closing_ones_at_the_bars_end)
{
    assert_rows("ts_ms,bid_open,bid_high,bid_low,bid_close,bid_size,ask_open,ask_high,ask_low,"
                "ask_close,ask_size\n"
                "60000,1,2,1,1.5,7,2,3,2,2.5,9.342381490000001\n"
                "120000,1,2,1,1.6,7,2,3,2,2.6,9\n",
                "1970-01-01T00:02:00Z bid 1.5 of 7, ask 2.5 of 9.34238149, id 0\n"
                "1970-01-01T00:03:00Z bid 1.6 of 7, ask 2.6 of 9, id 0\n");
}

TEST(quotes_of_bars_at_the_end_of_time_are_refused)
{
    assert_refused("ts_ns,bid_close,bid_size,ask_close,ask_size\n1000000000000000000,1,1,2,1\n"
                   "9000000000000000000,1,1,2,1\n",
                   "line 3: ", "the bar ends after the year 2261", "remove this row");
    assert_refused("ts_ns,bid_close,bid_size,ask_close,ask_size\n9000000000000000000,1,1,2,1\n"
                   "1000000000000000000,1,1,2,1\n",
                   "line 2: ", "the bar ends after the year 2261", "remove this row");
}

TEST(a_snapshot_begins_by_clearing_the_book)
{
    assert_rows("local_ts_ns,last_update_id,side,price,qty\n"
                "1000000000000000000,5,bid,10,1\n"
                "1000000000000000000,5,ask,11,2\n"
                "1000000000000000001,5,bid,10,3\n"
                "1000000000000000001,6,bid,10,4\n",
                "2001-09-09T01:46:40Z snapshot clear 0 of 0, id 5\n"
                "2001-09-09T01:46:40Z snapshot bid 10 of 1, id 5\n"
                "2001-09-09T01:46:40Z snapshot ask 11 of 2, id 5\n"
                "2001-09-09T01:46:40.000000001Z snapshot clear 0 of 0, id 5\n"
                "2001-09-09T01:46:40.000000001Z snapshot bid 10 of 3, id 5\n"
                "2001-09-09T01:46:40.000000001Z snapshot clear 0 of 0, id 6\n"
                "2001-09-09T01:46:40.000000001Z snapshot bid 10 of 4, id 6\n");
}

TEST(a_column_may_tell_snapshots_from_changes)
{
    assert_rows("timestamp,is_snapshot,side,price,amount\n"
                "1723161255342,true,bid,10,1\n"
                "1723161255342,true,ask,11,1\n"
                "1723161255343,false,bid,10,0\n"
                "1723161255344,true,bid,9,1\n",
                "2024-08-08T23:54:15.342Z snapshot clear 0 of 0, id 0\n"
                "2024-08-08T23:54:15.342Z snapshot bid 10 of 1, id 0\n"
                "2024-08-08T23:54:15.342Z snapshot ask 11 of 1, id 0\n"
                "2024-08-08T23:54:15.343Z bid 10 of 0, id 0\n"
                "2024-08-08T23:54:15.344Z snapshot clear 0 of 0, id 0\n"
                "2024-08-08T23:54:15.344Z snapshot bid 9 of 1, id 0\n");
}

TEST(a_wrong_cell_is_named_by_line_and_column)
{
    static const struct {
        const char *row, *place, *reason;
    } rows[] = {
        {"120000,x,3,2,3,1\n", "line 3, column \"open\": ", "\"x\" is not a number such as"},
        {"120000,2,,2,3,1\n", "line 3, column \"high\": ", "the cell is empty"},
        {"120000,2,3,1..5,3,1\n", "line 3, column \"low\": ", "\"1..5\" is not a number"},
        {"120000,2,3,2,nan,1\n", "line 3, column \"close\": ", "\"nan\" is not a number"},
        {"120000,2,3,2,3,1e40\n", "line 3, column \"volume\": ", "larger than any price"},
        {"12o000,2,3,2,3,1\n", "line 3, column \"ts_ms\": ", "not a unix time in milliseconds"},
        {"120000,2,3,2,3\n", "line 3: ", "5 cells where the header names 6 columns"},
        {"120000,2,3,2,3,1,7\n", "line 3: ", "more cells than the 6 columns"},
        {"9223372036800,2,3,2,3,1\n", "line 3: ", "the bar ends after the year 2261"},
    };
    char text[200];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(text, sizeof text,
                 BARS "60000,1,4,0.5,2,10.5\n%s180000,2,3,2,3,1\n240000,2,3,2,3,1\n"
                      "300000,2,3,2,3,1\n360000,2,3,2,3,1\n",
                 rows[i].row);
        assert_refused(text, rows[i].place, rows[i].reason, "orrect or remove this row");
    }
    assert_refused("time,price,size,side\n1723161255342,1,1,up\n",
                   "line 2, column \"side\": ", "\"up\" is not a side; expected buy or sell",
                   "correct or remove this row");
    assert_refused("time,price,size,side,trade_id\n1723161255342,1,1,buy,x7\n",
                   "line 2, column \"trade_id\": ", "\"x7\" is not a whole number",
                   "correct or remove this row");
}

TEST(a_row_that_cannot_be_is_named_by_its_line)
{
    static const struct {
        const char *row, *reason, *remedy;
    } rows[] = {
        {"60000,2,3,2,3,1\n", "1970-01-01T00:01:00Z occurs a second time",
         "remove one of the two"},
        {"0,2,3,2,3,1\n",
         "1970-01-01T00:00:00Z is older than the row before it (1970-01-01T00:01",
         "sort the file: perigee data import --sort"},
        {"120000,2,1,2,3,1\n", "high or low does not enclose the other prices: open 2, high 1",
         "correct or remove such rows"},
        {"120000,2,3,2.5,3,1\n", "high or low does not enclose", "correct or remove"},
        {"120000,0,3,0,3,1\n", "a price is not positive: open 0,", "correct or remove"},
        {"120000,2,3,-2,3,1\n", "a price is not positive", "correct or remove"},
        {"120000,2,3,2,3,-1\n", "a size or volume is negative", "correct or remove"},
    };
    char text[200];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(text, sizeof text, BARS "60000,1,4,0.5,2,10.5\n%s180000,2,3,2,3,1\n",
                 rows[i].row);
        assert_refused(text, "line 3: ", rows[i].reason, rows[i].remedy);
    }
    assert_refused(BARS "60000,1,4,0.5,2,10.5\n120000,2,3,2,3,1\n180000,2,3,2,3,1\n"
                        "200000,2,3,2,3,1\n260000,2,3,2,3,1\n",
                   "line 5: ", "begins 20s after the one before it, but bars are 1m long",
                   "give the right --interval");
    assert_refused("time,price,size,side\n1723161255342,1,0,buy\n",
                   "line 2: ", "the size is not positive: price 1, size 0",
                   "correct or remove");
    assert_refused(
        "time,price,size,side,id\n1723161255342,1,1,buy,7\n1723161255343,1,1,buy,7\n",
        "line 3: ", "occurs a second time", "remove one of the two");
    assert_refused("time,bid,bid_size,ask,ask_size\n1723161255342,1,1,-2,1\n",
                   "line 2: ", "a price is not positive: bid 1 of 1, ask -2 of 1",
                   "correct or remove");
}

TEST(a_side_without_quotes_is_written_as_zeros)
{
    assert_rows("time,bid,bid_size,ask,ask_size\n1723161255342,1,1,0,0\n",
                "2024-08-08T23:54:15.342Z bid 1 of 1, ask 0 of 0, id 0\n");
}

TEST(a_broken_row_far_into_a_file_is_named_and_ends_it)
{
    const char *path = tmp_path("far.csv");
    FILE *file = fopen(path, "w");
    struct history *history;
    struct history_row row;
    struct fault why;
    bool has;
    enum err err = OK;
    int rows = 0;

    fputs(BARS, file);
    for (int i = 0; i < 100000; i++)
        fprintf(file, "%lld,1,2,1,2,%s\n", 1502942400000 + i * 60000LL,
                i == 69998 ? "12,5" : "3.25");
    fclose(file);
    assert_int_equal(
        history_open(&(struct history_input){.path = path}, 1, 0, 0, &history, NULL), OK);
    for (; !err; rows += !err)
        err = history_next(history, &row, &has, &why);
    assert_int_equal(rows, 69998);
    assert_contains(why.text, "/far.csv: line 70000: more cells than the 6 columns");
    assert_contains(why.text, "is there a comma inside a number? Correct or remove this row");
    assert_int_equal(history_next(history, &row, &has, &why), err);
    history_close(history);
}

TEST(a_file_without_rows_is_refused)
{
    assert_refused(BARS, "refused.csv: ", "there is a line of column names but no row below it",
                   "");
    assert_refused(BARS "x,1,1,1,1,1\n",
                   "line 2, column \"ts_ms\": ", "\"x\" is not a unix time",
                   "correct or remove this row");
}

TEST(bars_of_unknown_length_ask_for_it)
{
    struct history_input input = {.path = write_text("one.csv", BARS "60000,1,4,0.5,2,10.5\n")};

    assert_contains(rows_of(input.path),
                    "one.csv: the distances of its rows do not tell how long "
                    "a bar is; say it with --interval");
    input.interval = MINUTES(15);
    assert_string_equal(rows_of_inputs(&input, 1, 0, 0),
                        "1970-01-01T00:16:00Z bar 1 4 0.5 2 10.5\n");
}

TEST(a_given_interval_wins_over_the_recognised_one)
{
    struct history_input input = {
        .path = write_text("two.csv", BARS "0,1,4,0.5,2,10.5\n3600000,1,4,0.5,2,10.5\n"),
        .interval = MINUTES(1)};

    assert_string_equal(rows_of_inputs(&input, 1, 0, 0),
                        "1970-01-01T00:01:00Z bar 1 4 0.5 2 10.5\n"
                        "1970-01-01T01:01:00Z bar 1 4 0.5 2 10.5\n");
}

TEST(a_file_of_several_symbols_is_refused)
{
    struct history *history;

    assert_refused("ts,symbol,price,size,side\n1723161255342,BTC-USD,1,1,buy\n"
                   "1723161255342,ETH-USD,1,1,buy\n",
                   "line 3, column \"symbol\": ",
                   "\"ETH-USD\" is another symbol than \"BTC-USD\" in the rows before",
                   "put each symbol into a file of its own");
    assert_refused("ts,symbol,price,size,side\n1723161255342,,1,1,buy\n",
                   "line 2, column \"symbol\": ", "expected a symbol such as BTC-USD", "");
    struct history_input input = {
        .path = write_text("symbol.csv",
                           "ts,symbol,price,size,side\n1723161255342,BTCUSD,1,1,buy\n")};
    assert_int_equal(history_open(&input, 1, 0, 0, &history, NULL), OK);
    assert_string_equal(history_input_info(history, 0)->symbol, "BTCUSD");
    history_close(history);
    input.symbol = "BTC-USD";
    assert_int_equal(history_open(&input, 1, 0, 0, &history, NULL), OK);
    assert_string_equal(history_input_info(history, 0)->symbol, "BTC-USD");
    history_close(history);
}

/* The first rows are looked at when the file is opened, and read again afterwards. */
TEST(a_line_that_is_too_long_is_told_wherever_it_stands)
{
    enum { LEN = 200000 };
    char *text = malloc(LEN + 1);

    memset(text, 'x', LEN);
    text[LEN] = '\0';
    memcpy(text, BARS "60000,1,4,0.5,2,1\n120000,1,4,0.5,2,1\n", sizeof BARS + 36);
    assert_contains(rows_of(write_text("long.csv", text)), "long.csv: line 4: longer than");
    memcpy(text, BARS "oops,1,4,0.5,2,10\n120000,1,4,0.5,,xx\n", sizeof BARS + 36);
    assert_contains(rows_of(write_text("long.csv", text)),
                    "long.csv: line 2, column \"ts_ms\"");
    free(text);
}
