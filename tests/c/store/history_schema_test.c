#include "store/history_schema.h"

#include "files.h"

/* "bars time=0 open=1 ..." for a header, or the message. */
static const char *schema_of(const char *header, enum history_format wanted)
{
    static char out[1024];
    struct csv *csv;
    struct history_schema schema;
    struct fault why;
    size_t n;

    assert_int_equal(csv_open(write_text("schema.csv", header), &csv, &why), OK);
    if (history_schema_find(csv, wanted, &schema, &why)) {
        csv_close(csv);
        return strcpy(out, why.text);
    }
    n = (size_t)snprintf(out, sizeof out, "%s", history_format_name(schema.format));
    for (int field = 0; field < HISTORY_FIELD_COUNT; field++)
        if (schema.columns[field] >= 0)
            n += (size_t)snprintf(out + n, sizeof out - n, ", %s %d",
                                  history_field_name((enum history_field)field),
                                  schema.columns[field]);
    csv_close(csv);
    return out;
}

TEST(files_are_recognised_by_their_columns)
{
    static const struct {
        const char *header, *schema;
    } rows[] = {
        {"ts_ms,open,high,low,close,volume",
         "bars, time 0, open 1, high 2, low 3, close 4, volume 5, size 5"},
        {"Close,Open,Low,High,Volume,ignored,Date",
         "bars, time 6, open 1, high 3, low 2, close 0, volume 4, size 4"},
        {"t,o,h,l,c,v", "bars, time 0, open 1, high 2, low 3, close 4, volume 5"},
        {"unix,date,symbol,open,high,low,close,Base Volume",
         "bars, time 0, symbol 2, open 3, high 4, low 5, close 6, volume 7"},
        {"local_ts_ns,exch_ts_ms,trade_id,price,qty,aggressor",
         "trades, receiver's time 0, time 1, price 3, size 4, side 5, trade id 2"},
        {"time,price,amount,side", "trades, time 0, price 1, size 2, side 3"},
        {"id,price,qty,time,isBuyerMaker",
         "trades, time 3, price 1, size 2, buyer is maker 4, trade id 0"},
        {"time,price,size,maker_side", "trades, time 0, price 1, size 2, maker's side 3"},
        {"local_ts_ns,update_id,bid_px,bid_qty,ask_px,ask_qty",
         "quotes, receiver's time 0, bid 2, bid size 3, ask 4, ask size 5, update id 1"},
        {"ts_ms,bid_open,bid_high,bid_low,bid_close,bid_size,ask_open,ask_high,ask_low,"
         "ask_close,ask_size",
         "bar_quotes, time 0, bid size 5, ask size 10, bid close 4, ask close 9"},
        {"local_ts_ns,last_update_id,side,price,qty",
         "snapshots, receiver's time 0, price 3, size 4, side 2, update id 1"},
        {"local_ts_ns,exch_ts_ms,first_update_id,last_update_id,side,price,qty",
         "deltas, receiver's time 0, time 1, price 5, size 6, side 4, first update id 2, "
         "update id 3"},
        {"exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount",
         "book, receiver's time 3, time 2, symbol 1, price 6, size 7, side 5, is snapshot 4"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(schema_of(rows[i].header, HISTORY_FORMAT_ANY), rows[i].schema);
}

TEST(a_wanted_format_wins_over_the_recognised_one)
{
    assert_contains(schema_of("ts,price,qty,side", HISTORY_FORMAT_SNAPSHOTS), "snapshots, ");
    assert_contains(schema_of("ts,price,qty,side,update_id", HISTORY_FORMAT_DELTAS),
                    "deltas, ");
}

TEST(columns_that_say_nothing_are_refused_with_what_was_expected)
{
    static const struct {
        const char *header;
        enum history_format wanted;
        const char *message[3];
    } rows[] = {
        {"a,b,c",
         HISTORY_FORMAT_ANY,
         {"line 1: the columns (a, b, c) do not say what this is",
          "bars need a time and open, high, low, close, volume", "rename the columns"}},
        {"1502942400000,4261.48,4313.62,4261.32,4308.83,47.18",
         HISTORY_FORMAT_ANY,
         {"line 1: the first line must name the columns, but reads 1502942400000, 4261.48",
          "put a line such as ts_ms,open,high,low,close,volume before it", ""}},
        {"ts,open,high,low,close",
         HISTORY_FORMAT_BARS,
         {"line 1: no column for the volume of bars",
          "it may be called volume base_volume vol v",
          "the columns are ts, open, high, low, close"}},
        {"open,high,low,close,volume",
         HISTORY_FORMAT_ANY,
         {"line 1: no column for the time of bars", "ts time timestamp", "rename one"}},
        {"ts,price,qty",
         HISTORY_FORMAT_TRADES,
         {"no column for the side of trades", "aggressor", "rename one"}},
        {"ts,open,high,low,close,volume,Open",
         HISTORY_FORMAT_ANY,
         {"line 1: two columns are named \"open\"", "rename or remove one", ""}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int k = 0; k < 3; k++)
            assert_contains(schema_of(rows[i].header, rows[i].wanted), rows[i].message[k]);
}

TEST(formats_are_read_back_from_their_names)
{
    for (int i = 0; i < HISTORY_FORMAT_COUNT; i++) {
        enum history_format format = HISTORY_FORMAT_COUNT;
        assert_true(history_format_parse(history_format_name((enum history_format)i), &format));
        assert_int_equal(format, i);
    }
    assert_false(history_format_parse("candles", &(enum history_format){0}));
}

TEST(the_reference_page_names_every_format_and_every_field)
{
    struct buf page = BUF_INIT;

    history_schema_write_markdown(&page);
    for (int i = HISTORY_FORMAT_ANY + 1; i < HISTORY_FORMAT_COUNT; i++)
        assert_contains(buf_text(&page), history_format_name((enum history_format)i));
    for (int i = 0; i < HISTORY_FIELD_COUNT; i++)
        assert_contains(buf_text(&page), history_field_names((enum history_field)i));
    buf_clear(&page);
}
