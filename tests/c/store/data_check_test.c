#include "store/data_check.h"

#include "history_rows.h"

#define BARS "ts_ms,open,high,low,close,volume\n"

static const struct data_report *check_path(const char *path)
{
    static struct data_report report;
    struct fault why;

    if (data_check(&(struct history_input){.path = path}, &report, &why))
        fail_msg("%s", why.text);
    return &report;
}

static const struct data_report *check(const char *text)
{
    return check_path(write_text("check.csv", text));
}

/* "gap 1, disorder 2" of everything that was found. */
static const char *findings_of(const struct data_report *report)
{
    static char out[400];
    size_t n = 0;

    out[0] = '\0';
    for (int flaw = 0; flaw < HISTORY_FLAW_COUNT; flaw++)
        if (report->findings[flaw].count > 0)
            n += (size_t)snprintf(out + n, sizeof out - n, "%s%s %" PRIu64, n > 0 ? ", " : "",
                                  history_flaw_name((enum history_flaw)flaw),
                                  report->findings[flaw].count);
    return out;
}

TEST(a_clean_file_has_nothing_to_report)
{
    const struct data_report *report =
        check(BARS "0,1,2,1,2,1\n60000,2,3,2,3,0\n120000,3,3,3,3,1\n");

    assert_string_equal(findings_of(report), "");
    assert_true(data_report_is_sound(report));
    assert_int_equal(report->rows, 3);
    assert_int_equal(report->info.interval, MINUTES(1));
    assert_time(report->first, "1970-01-01T00:00:00Z");
    assert_time(report->last, "1970-01-01T00:02:00Z");
    assert_string_equal(report->position_name, "line");
}

TEST(gaps_are_reported_and_are_no_fault)
{
    const struct data_report *report =
        check(BARS "0,1,2,1,2,1\n60000,2,3,2,3,0\n300000,3,3,3,3,1\n360000,3,3,3,3,1\n");

    assert_string_equal(findings_of(report), "gap 1");
    assert_true(data_report_is_sound(report));
    assert_int_equal(report->missing, 3);
    assert_int_equal(report->gap_longest, MINUTES(4));
    assert_int_equal(report->findings[HISTORY_FLAW_GAP].places[0].position, 4);
    assert_string_equal(report->findings[HISTORY_FLAW_GAP].places[0].text,
                        "3 bars are missing after 1970-01-01T00:01:00Z");
}

TEST(every_flaw_of_a_bar_is_found_and_placed)
{
    static const struct {
        const char *row, *findings;
    } rows[] = {
        {"60000,1,2,1,2,1\n", "duplicate 1"},
        {"0,1,2,1,2,1\n", "disorder 1, gap 1"},
        {"90000,1,2,1,2,1\n", "overlap 2, misaligned 1"},
        {"120000,1,0.5,1,2,1\n", "bad_ohlc 1"},
        {"120000,1,2,1.5,2,1\n", "bad_ohlc 1"},
        {"120000,-1,2,-1,2,1\n", "bad_price 1"},
        {"120000,1,2,0,2,1\n", "bad_price 1"},
        {"120000,1,2,1,2,-1\n", "bad_size 1"},
        {"120000,1,2,1,2,x\n", "unreadable 1, gap 1"},
        {"120000,1,2,1,2\n", "unreadable 1, gap 1"},
        {"", "gap 1"},
    };
    char text[300];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        snprintf(text, sizeof text,
                 BARS "0,1,2,1,2,1\n60000,1,2,1,2,1\n%s%s180000,1,2,1,2,1\n"
                      "240000,1,2,1,2,1\n300000,1,2,1,2,1\n",
                 rows[i].row, i < 3 ? "120000,1,2,1,2,1\n" : "");
        const struct data_report *report = check(text);
        assert_string_equal(findings_of(report), rows[i].findings);
        for (int flaw = 0; flaw < HISTORY_FLAW_COUNT; flaw++)
            if (history_flaw_is_fatal((enum history_flaw)flaw) && report->findings[flaw].count)
                assert_int_equal(report->findings[flaw].places[0].position, 4);
        assert_int_equal(data_report_is_sound(report), i + 1 == ARRAY_LEN(rows));
    }
}

TEST(rows_that_cannot_be_read_are_quoted_and_the_rest_is_read)
{
    const struct data_report *report =
        check(BARS "0,1,2,1,2,1\n60000,one,2,1,2,1\n120000,1,2,1,2,1\n180000,1,2,1\n"
                   "240000,1,2,1,2,1\n300000,1,2,1,2,1\n");
    const struct data_finding *finding = &report->findings[HISTORY_FLAW_UNREADABLE];

    assert_int_equal(report->rows, 4);
    assert_int_equal(finding->count, 2);
    assert_int_equal(finding->places[0].position, 3);
    assert_contains(finding->places[0].text,
                    "check.csv: line 3, column \"open\": \"one\" is not a number");
    assert_contains(finding->places[1].text, "line 5: 4 cells");
}

TEST(only_the_first_of_many_are_listed)
{
    char text[4000] = BARS;
    size_t n = strlen(text);

    for (int i = 0; i < 50; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%d,1,0.5,1,2,1\n", i * 60000);
    const struct data_finding *finding = &check(text)->findings[HISTORY_FLAW_OHLC];
    assert_int_equal(finding->count, 50);
    assert_int_equal(finding->shown, DATA_CHECK_SHOWN);
    assert_int_equal(finding->places[DATA_CHECK_SHOWN - 1].position, 1 + DATA_CHECK_SHOWN);
}

TEST(ticks_are_checked_for_missing_numbers_crossed_quotes_and_clocks)
{
    const struct data_report *report =
        check("local_ts_ms,exch_ts_ms,trade_id,price,qty,side\n"
              "1000,900,1,5,1,buy\n1001,1101,2,5,1,buy\n1002,1002,6,5,1,buy\n"
              "1003,1003,6,5,0,buy\n");

    assert_string_equal(findings_of(report), "duplicate 1, bad_size 1, gap 1, clock_skew 1");
    assert_int_equal(report->missing, 3);
    assert_int_equal(report->two_stamps, 4);
    assert_int_equal(report->delay_min, MILLISECONDS(-100));
    assert_int_equal(report->delay_max, MILLISECONDS(100));
    assert_int_equal(report->delay_mean, 0);
    assert_string_equal(report->findings[HISTORY_FLAW_SKEW].places[0].text,
                        "received 100ms before the venue's own stamp");

    report = check("ts,bid,bid_size,ask,ask_size\n1723161255342,5,1,4,1.0000000000001\n");
    assert_string_equal(findings_of(report), "crossed 1");
    assert_int_equal(report->rounded, 1);
    assert_string_equal(report->findings[HISTORY_FLAW_CROSSED].places[0].text,
                        "the bid is above the ask: bid 5 of 1, ask 4 of 1");
}

TEST(a_columnar_file_is_checked_by_rows)
{
    struct rng rng = rng_stream(3, "check");
    const struct data_report *report =
        check_path(write_random("check.pgh", HISTORY_QUOTES, 500, &rng));

    assert_string_equal(report->position_name, "row");
    assert_int_equal(report->rows, 500);
    assert_true(data_report_is_sound(report));
    assert_true(report->info.is_columnar);
}

TEST(what_is_no_market_data_cannot_be_checked)
{
    struct data_report report;
    struct fault why;

    assert_int_equal(
        data_check(&(struct history_input){.path = write_text("no.csv", "a,b\n1,2\n")}, &report,
                   &why),
        ERR_PARSE);
    assert_contains(why.text, "no.csv: line 1: the columns (a, b)");
    assert_int_equal(
        data_check(&(struct history_input){.path = tmp_path("none")}, &report, &why),
        ERR_MISSING);
}

TEST(every_flaw_has_a_name_and_a_text_and_fatal_ones_a_remedy)
{
    for (int i = 0; i < HISTORY_FLAW_COUNT; i++) {
        enum history_flaw flaw = (enum history_flaw)i;
        assert_true(strlen(history_flaw_name(flaw)) > 0);
        assert_true(strlen(history_flaw_text(flaw)) > 0);
        assert_int_equal(history_flaw_remedy(flaw) != NULL, history_flaw_is_fatal(flaw));
    }
}

TEST(the_recordings_are_what_their_description_says)
{
    if (!real_data("coinbase_BTC-USD_1m.csv")) {
        print_message("no recordings here: ran on generated data only\n");
        return;
    }
    const struct data_report *report = check_path(real_data("coinbase_BTC-USD_1m.csv"));
    assert_true(data_report_is_sound(report));
    assert_int_equal(report->rows, 12423);
    assert_int_equal(report->findings[HISTORY_FLAW_GAP].count, 99);
    report = check_path(real_data("binance_spot_BTCUSDT_trades.csv"));
    assert_string_equal(findings_of(report), "clock_skew 19904");
    assert_true(report->delay_mean < -SECONDS(1) && report->delay_min > -MILLISECONDS(1280));
    report = check_path(real_data("coinbase_BTC-USD_1m_quotes.csv"));
    assert_true(report->rounded > 0 && data_report_is_sound(report));
    report = check_path(real_data("binance_spot_BTCUSDT_l2_deltas_part1.csv"));
    assert_int_equal(report->rows, 124090);
    assert_int_equal(report->findings[HISTORY_FLAW_GAP].count, 0);
}
