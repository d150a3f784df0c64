#include "store/history_sort.h"

#include "history_rows.h"

#define BARS   "ts_ms,open,high,low,close,volume\n"
#define TRADES "ts_ms,trade_id,price,qty,side\n"

/* All rows in order, one a line, or the message. */
static const char *sorted(const struct history_input *inputs, int count)
{
    static char out[4000];
    char text[400];
    struct history_sort *sort;
    struct fault why;
    size_t n = 0;

    out[0] = '\0';
    if (history_sort_open(inputs, count, &sort, &why))
        return strcpy(out, why.text);
    for (const struct history_row *row = history_sort_next(sort); row;
         row = history_sort_next(sort))
        n += (size_t)snprintf(out + n, sizeof out - n, "%s\n", row_text(row, text));
    snprintf(out + n, sizeof out - n, "dropped %" PRIu64, history_sort_dropped(sort));
    history_sort_close(sort);
    return out;
}

TEST(a_file_that_runs_backwards_is_turned_around)
{
    struct history_input input = {
        .path =
            write_text("back.csv", BARS "120000,3,3,3,3,1\n60000,2,2,2,2,1\n0,1,1,1,1,1\n")};

    assert_string_equal(sorted(&input, 1), "1970-01-01T00:01:00Z bar 1 1 1 1 1\n"
                                           "1970-01-01T00:02:00Z bar 2 2 2 2 1\n"
                                           "1970-01-01T00:03:00Z bar 3 3 3 3 1\n"
                                           "dropped 0");
}

TEST(trades_of_one_time_are_put_in_the_order_of_their_numbers)
{
    struct history_input input = {
        .path = write_text("trades.csv", TRADES "5,3,30,1,buy\n5,2,20,1,buy\n5,1,10,1,sell\n")};

    assert_string_equal(sorted(&input, 1), "1970-01-01T00:00:00.005Z sell 1 at 10 id 1\n"
                                           "1970-01-01T00:00:00.005Z buy 1 at 20 id 2\n"
                                           "1970-01-01T00:00:00.005Z buy 1 at 30 id 3\n"
                                           "dropped 0");
}

TEST(pages_that_overlap_become_one)
{
    struct history_input inputs[] = {
        {.path = write_text("page2.csv", BARS "120000,3,3,3,3,1\n60000,2,2,2,2,1\n")},
        {.path = write_text("page1.csv", BARS "60000,2.0,2,2,2,1\n0,1,1,1,1,1\n")},
    };

    assert_string_equal(sorted(inputs, 2), "1970-01-01T00:01:00Z bar 1 1 1 1 1\n"
                                           "1970-01-01T00:02:00Z bar 2 2 2 2 1\n"
                                           "1970-01-01T00:03:00Z bar 3 3 3 3 1\n"
                                           "dropped 1");
}

TEST(a_row_can_be_named_by_where_it_was)
{
    struct history_sort *sort;
    struct fault why;
    struct history_input input = {
        .path = write_text("named.csv", BARS "120000,3,3,3,3,1\n60000,2,2,2,2,1\n")};

    assert_int_equal(history_sort_open(&input, 1, &sort, NULL), OK);
    assert_non_null(history_sort_next(sort));
    fail(&why, ERR_REFUSED, "it is bad");
    assert_int_equal(history_sort_place(sort, ERR_REFUSED, &why), ERR_REFUSED);
    assert_contains(why.text, "/named.csv: line 3: it is bad");
    history_sort_close(sort);
}

TEST(what_cannot_be_sorted_is_refused)
{
    struct history_input inputs[] = {
        {.path = write_text("one.csv", BARS "60000,2,2,2,2,1\n0,1,1,1,1,1\n")},
        {.path = write_text("two.csv", TRADES "5,3,30,1,buy\n")},
    };
    struct history_input book = {
        .path = write_text("book.csv", "ts_ms,update_id,side,price,qty\n5,1,bid,1,1\n")};
    struct history_input bad = {
        .path = write_text("bad.csv", BARS "60000,2,2,2,2,1\n0,1,1,1,x,1\n120000,1,1,1,1,1\n")};

    assert_contains(sorted(inputs, 2), "two.csv differ in kind, symbol or interval");
    assert_contains(sorted(&book, 1), "book.csv: the rows of a book cannot be sorted");
    assert_contains(sorted(&bad, 1),
                    "bad.csv: line 3, column \"close\": \"x\" is not a number");
}
