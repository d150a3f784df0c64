#include "venue/candles.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#include "check.h"

static const nanos start = SECONDS(1700006400);

/* Two trades in each of so many intervals of a second, the second one a unit higher. */
static void trade(struct candles *candles, int from, int to)
{
    for (int i = from; i < to; i++) {
        candles_add_trade(candles, start + SECONDS(i), D(100 + i), D(1));
        candles_add_trade(candles, start + SECONDS(i) + 5, D(101 + i), D(2));
    }
}

/* "start:open-close" of each, seconds from the start. */
static const char *list(const struct candles *candles, int max)
{
    static char text[4000];
    char open[DECIMAL_TEXT_MAX], close[DECIMAL_TEXT_MAX];
    struct bar *bars;
    int count = candles_list(candles, max, &bars);

    text[0] = '\0';
    for (int i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%d:%s-%s ",
                 (int)((bars[i].start - start) / SECONDS(1)),
                 decimal_format(bars[i].open, open), decimal_format(bars[i].close, close));
    mem_free(bars);
    return text;
}

TEST(what_ended_comes_oldest_first_and_what_is_under_way_last)
{
    struct candles candles;

    candles_init(&candles, SECONDS(1));
    assert_string_equal(list(&candles, 9), "");
    trade(&candles, 0, 3);
    assert_string_equal(list(&candles, 9), "0:100-101 1:101-102 2:102-103 ");
    assert_string_equal(list(&candles, 1), "1:101-102 2:102-103 ");
    assert_string_equal(list(&candles, 0), "2:102-103 ");
    candles_flush(&candles, start + SECONDS(3) - 1);
    assert_int_equal(candles.count, 2);
    candles_flush(&candles, start + SECONDS(3));
    assert_int_equal(candles.count, 3);
    assert_string_equal(list(&candles, 1), "2:102-103 ");
    candles_clear(&candles);
}

TEST(the_oldest_go_when_there_are_more_than_are_kept)
{
    struct candles candles;

    candles_init(&candles, SECONDS(1));
    candles_set_limit(&candles, 3);
    trade(&candles, 0, 1000);
    assert_in_range(candles.count, 3, 5);
    assert_string_equal(list(&candles, 2), "997:1097-1098 998:1098-1099 999:1099-1100 ");
    candles_set_limit(&candles, 1);
    assert_string_equal(list(&candles, 9), "998:1098-1099 999:1099-1100 ");
    candles_set_limit(&candles, 0);
    trade(&candles, 1000, 1010);
    assert_string_equal(list(&candles, 9), "1009:1109-1110 ");
    candles_clear(&candles);
}

TEST(without_a_length_none_are_kept)
{
    struct candles candles;
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);

    candles_init(&candles, 0);
    trade(&candles, 0, 10);
    candles_flush(&candles, INT64_MAX);
    assert_string_equal(list(&candles, 9), "");
    json_open_object(&w, NULL);
    candles_save(&candles, true, &w);
    json_close_object(&w);
    assert_string_equal(buf_text(&out), "{}");
    candles_clear(&candles);
    buf_clear(&out);
}

/* ---- saving ---- */

static void save(struct candles *candles, bool all, struct buf *out)
{
    struct json_writer w = json_writer_init(out);

    buf_reset(out);
    json_open_object(&w, NULL);
    candles_save(candles, all, &w);
    json_close_object(&w);
}

static bool load(struct candles *candles, const char *text)
{
    struct json_doc *doc;

    assert_int_equal(json_parse(text, strlen(text), &doc, NULL), OK);
    bool is_right = candles_load(candles, doc, json_root(doc));
    json_free(doc);
    return is_right;
}

TEST(what_is_saved_in_pieces_or_whole_is_what_there_was)
{
    struct candles candles, again, whole;
    struct buf text = BUF_INIT;

    candles_init(&candles, SECONDS(1));
    candles_init(&again, SECONDS(1));
    candles_init(&whole, SECONDS(1));
    for (int i = 0; i < 5; i++) {
        trade(&candles, 4 * i, 4 * i + 4);
        save(&candles, false, &text);
        assert_true(load(&again, buf_text(&text)));
    }
    char *was = mem_copy_text(list(&candles, 99));
    assert_string_equal(list(&again, 99), was);
    save(&again, true, &text);
    assert_true(load(&whole, buf_text(&text)));
    assert_string_equal(list(&whole, 99), was);
    trade(&whole, 19, 20); /* into the one that was under way */
    assert_int_equal(whole.count, 19);
    mem_free(was);
    candles_clear(&candles);
    candles_clear(&again);
    candles_clear(&whole);
    buf_clear(&text);
}

TEST(what_was_dropped_before_it_was_saved_leaves_no_gap_that_is_told)
{
    struct candles candles;
    struct buf text = BUF_INIT;

    candles_init(&candles, SECONDS(1));
    candles_set_limit(&candles, 2);
    trade(&candles, 0, 50);
    save(&candles, false, &text);
    assert_int_equal(candles.count, 2);
    struct candles again;
    candles_init(&again, SECONDS(1));
    assert_true(load(&again, buf_text(&text)));
    assert_string_equal(list(&again, 99), "47:147-148 48:148-149 49:149-150 ");
    candles_clear(&candles);
    candles_clear(&again);
    buf_clear(&text);
}

TEST(candles_of_another_length_are_left_out)
{
    struct candles candles, again;
    struct buf text = BUF_INIT;

    candles_init(&candles, SECONDS(1));
    trade(&candles, 0, 5);
    save(&candles, true, &text);
    candles_init(&again, SECONDS(2));
    assert_true(load(&again, buf_text(&text)));
    assert_string_equal(list(&again, 9), "");
    candles_clear(&candles);
    candles_clear(&again);
    buf_clear(&text);
}

TEST(what_no_save_writes_is_refused)
{
    static const char *const texts[] = {
        "{}",
        "{\"interval\":0,\"ended\":[],\"open\":[]}",
        "{\"interval\":1000000000,\"ended\":[[]],\"open\":[]}",
        "{\"interval\":1000000000,\"ended\":[[1,\"1\",\"1\",\"1\",\"1\",\"1\"]],\"open\":[]}",
        "{\"interval\":1000000000,\"ended\":[[0,\"1\",\"1\",\"2\",\"1\",\"1\"]],\"open\":[]}",
        "{\"interval\":1000000000,\"ended\":[[0,\"1\",\"x\",\"1\",\"1\",\"1\"]],\"open\":[]}",
        "{\"interval\":1000000000,\"ended\":[[0,\"1\",\"1\",\"1\",\"1\",\"1\"],"
        "[0,\"1\",\"1\",\"1\",\"1\",\"1\"]],\"open\":[]}",
        "{\"interval\":1000000000,\"ended\":[[0,\"1\",\"1\",\"1\",\"1\",\"1\"]],"
        "\"open\":[[0,\"1\",\"1\",\"1\",\"1\",\"1\"]]}",
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct candles candles;
        candles_init(&candles, SECONDS(1));
        if (load(&candles, texts[i]))
            fail_msg("%s was taken", texts[i]);
        candles_clear(&candles);
    }
}
