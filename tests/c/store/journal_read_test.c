#include "store/journal_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "journal_help.h"

/* A journal that is being written, and a reader beside it. */
static struct story *story;
static struct journal *journal;
static struct journal_reader *reader;

static void begin(uint64_t seed, int steps)
{
    const char *path = fresh_path();
    struct fault why;

    story = story_new(seed);
    journal = open_journal(path, &story->products);
    tell(story, journal, steps);
    if (journal_reader_open(path, &reader, &why))
        fail_msg("%s", why.text);
}

static void end(void)
{
    journal_reader_close(reader);
    journal_close(journal);
    story_free(story);
}

struct rows {
    int count;
    uint64_t first, last; /* sequence numbers */
    bool ascends;
    int kinds[FACT_KIND_COUNT];
    char *last_json;
};

static struct rows rows;

static bool count_row(void *to, const struct journal_row *row)
{
    struct rows *r = to;

    if (r->count++ == 0)
        r->first = row->sequence;
    r->ascends = r->ascends && row->sequence > r->last;
    r->last = row->sequence;
    r->kinds[row->kind]++;
    free(r->last_json);
    r->last_json = strdup(row->json);
    return true;
}

static void clear_rows(void)
{
    free(rows.last_json);
    rows = (struct rows){.ascends = true};
}

static struct rows *events(struct journal_filter filter)
{
    struct fault why;

    clear_rows();
    if (journal_read_events(reader, &filter, count_row, &rows, &why))
        fail_msg("%s", why.text);
    assert_true(rows.ascends);
    return &rows;
}

static struct rows *table(const char *name, struct journal_filter filter)
{
    struct fault why;

    clear_rows();
    if (journal_read_table(reader, name, &filter, count_row, &rows, &why))
        fail_msg("%s", why.text);
    return &rows;
}

TEST(without_a_filter_every_event_is_told_oldest_first)
{
    begin(1, 100);
    struct rows *all = events((struct journal_filter){.limit = 0});
    assert_int_equal(all->count, story->told);
    assert_int_equal(all->first, 1);
    assert_int_equal(all->last, story->told);
    clear_rows();
    end();
}

TEST(a_limit_takes_the_newest)
{
    begin(2, 100);
    struct rows *newest = events((struct journal_filter){.limit = 5});
    assert_int_equal(newest->count, 5);
    assert_int_equal(newest->first, story->told - 4);
    assert_int_equal(newest->last, story->told);
    assert_int_equal(events((struct journal_filter){.limit = UINT64_MAX})->count, story->told);
    clear_rows();
    end();
}

TEST(what_is_new_since_the_last_look_can_be_followed)
{
    begin(3, 50);
    uint64_t seen = events((struct journal_filter){.limit = 0})->last;
    assert_int_equal(events((struct journal_filter){.after = seen})->count, 0);
    story_balance(story);
    story_balance(story);
    assert_int_equal(events((struct journal_filter){.after = seen})->count, 0);
    commit(journal, false);
    assert_int_equal(events((struct journal_filter){.after = seen})->count, 2);
    assert_int_equal(rows.first, seen + 1);
    clear_rows();
    end();
}

TEST(kinds_times_and_all_filters_together_narrow_the_events)
{
    begin(4, 200);
    uint64_t kinds = JOURNAL_KIND(FACT_FILL) | JOURNAL_KIND(FACT_BALANCE);
    struct rows all = *events((struct journal_filter){.limit = 0});
    rows.last_json = NULL;
    struct rows *some = events((struct journal_filter){.kinds = kinds});
    assert_int_equal(some->count, all.kinds[FACT_FILL] + all.kinds[FACT_BALANCE]);
    assert_int_equal(some->kinds[FACT_FILL], all.kinds[FACT_FILL]);
    nanos middle = (SECONDS(1723161254) + story->now) / 2;
    int before = events((struct journal_filter){.until = middle})->count;
    int after = events((struct journal_filter){.since = middle})->count;
    assert_int_equal(before + after, all.count);
    assert_true(before > 0 && after > 0);
    some = events((struct journal_filter){
        .since = middle, .kinds = JOURNAL_KIND(FACT_FILL), .symbol = "BTC-USD", .limit = 2});
    assert_int_equal(some->count, some->kinds[FACT_FILL]);
    free(all.last_json);
    clear_rows();
    end();
}

static bool is_of_symbol(const struct journal_row *row, product_ref wanted)
{
    struct product_table products;
    struct buf text = BUF_INIT;
    struct fact fact;
    struct fault why;
    bool is = false;

    if (journal_row_decode(reader, row, &products, &text, &fact, &why))
        fail_msg("%s", why.text);
    order_number order = fact.kind == FACT_ORDER         ? fact.order.number
                         : fact.kind == FACT_TRACE       ? fact.trace.order
                         : fact.kind == FACT_ORDER_EVENT ? fact.order_event.order
                         : fact.kind == FACT_AMEND       ? fact.amend.order
                                                         : 0;
    if (order)
        is = story->orders[order - 1].request.product == wanted;
    else if (products.count)
        is = strcmp(products.items[0].symbol, story->products.items[wanted].symbol) == 0;
    buf_clear(&text);
    return is;
}

static bool count_btc(void *to, const struct journal_row *row)
{
    *(int *)to += is_of_symbol(row, 0);
    return true;
}

TEST(a_symbol_asks_for_its_orders_events_too)
{
    struct journal_filter everything = {.limit = 0};
    struct fault why;
    int expected = 0;

    begin(5, 200);
    assert_int_equal(journal_read_events(reader, &everything, count_btc, &expected, &why), OK);
    struct rows *some = events((struct journal_filter){.symbol = "BTC-USD"});
    assert_int_equal(some->count, expected);
    assert_true(some->kinds[FACT_ORDER] > 0 && some->kinds[FACT_ORDER_EVENT] > 0 &&
                some->kinds[FACT_TRACE] > 0 && some->kinds[FACT_FILL] > 0);
    assert_int_equal(events((struct journal_filter){.symbol = "DOGE-USD"})->count, 0);
    clear_rows();
    end();
}

TEST(the_story_of_one_order_is_told_from_its_intent_on)
{
    begin(6, 200);
    struct rows *one = events((struct journal_filter){.order = 3});
    assert_int_equal(one->kinds[FACT_ORDER], 1);
    assert_int_equal(one->kinds[FACT_TRACE], 1);
    assert_true(one->kinds[FACT_ORDER_EVENT] >= 1);
    assert_int_equal(one->count, one->kinds[FACT_ORDER] + one->kinds[FACT_TRACE] +
                                     one->kinds[FACT_ORDER_EVENT] + one->kinds[FACT_FILL] +
                                     one->kinds[FACT_FILL_KNOWN] + one->kinds[FACT_AMEND]);
    int fills = one->kinds[FACT_FILL];
    assert_int_equal(table("fills", (struct journal_filter){.order = 3})->count, fills);
    assert_int_equal(table("orders", (struct journal_filter){.order = 3})->count, 1);
    assert_int_equal(table("traces", (struct journal_filter){.order = 3})->count, 1);
    clear_rows();
    end();
}

TEST(an_order_is_found_by_number_and_by_either_id)
{
    order_number number = 0;
    struct fault why;
    char text[32];

    begin(7, 200);
    int accepted = 0;
    while (!story->orders[accepted].venue_id.text[0])
        accepted++;
    order_number wanted = (order_number)accepted + 1;
    snprintf(text, sizeof text, "%d", accepted + 1);
    assert_int_equal(journal_find_order(reader, text, &number, &why), OK);
    assert_int_equal(number, wanted);
    number = 0;
    assert_int_equal(journal_find_order(reader, story->orders[accepted].request.client_id.text,
                                        &number, &why),
                     OK);
    assert_int_equal(number, wanted);
    number = 0;
    assert_int_equal(
        journal_find_order(reader, story->orders[accepted].venue_id.text, &number, &why), OK);
    assert_int_equal(number, wanted);
    assert_int_equal(journal_find_order(reader, "nonsense", &number, &why), ERR_MISSING);
    assert_non_null(strstr(why.text, "there is no order nonsense"));
    assert_int_equal(journal_find_order(reader, "'; DROP TABLE orders", &number, &why),
                     ERR_MISSING);
    end();
}

TEST(tables_are_read_by_name_and_narrowed)
{
    int open = 0, btc = 0;

    begin(8, 300);
    for (int i = 0; i < story->order_count; i++) {
        open += order_state_is_open(story->orders[i].state);
        btc += story->orders[i].request.product == 0;
    }
    assert_int_equal(table("orders", (struct journal_filter){.limit = 0})->count,
                     story->order_count);
    assert_int_equal(table("orders", (struct journal_filter){.open_only = true})->count, open);
    assert_true(open > 0 && open < story->order_count);
    assert_int_equal(table("orders", (struct journal_filter){.symbol = "BTC-USD"})->count, btc);
    assert_int_equal(table("traces", (struct journal_filter){.symbol = "BTC-USD"})->count, btc);
    assert_int_equal(table("orders", (struct journal_filter){.limit = 2})->count, 2);
    assert_non_null(strstr(rows.last_json, "\"number\":"));
    assert_int_equal(table("positions", (struct journal_filter){.symbol = "ETH-USD"})->count,
                     1);
    assert_int_equal(table("runs", (struct journal_filter){.limit = 0})->count, 0);
    assert_int_equal(table("positions", (struct journal_filter){.order = 5})->count, 0);
    clear_rows();
    end();
}

TEST(a_table_that_is_not_there_is_wrong_usage)
{
    struct journal_filter filter = {.limit = 0};
    struct fault why;

    begin(9, 1);
    assert_int_equal(journal_read_table(reader, "events; --", &filter, count_row, &rows, &why),
                     ERR_USAGE);
    end();
}

static bool take_one(void *to, const struct journal_row *row)
{
    (void)row;
    ++*(int *)to;
    return false;
}

TEST(whoever_takes_rows_may_stop)
{
    struct journal_filter filter = {.limit = 0};
    struct fault why;
    int taken = 0;

    begin(10, 50);
    assert_int_equal(journal_read_events(reader, &filter, take_one, &taken, &why), OK);
    assert_int_equal(taken, 1);
    end();
}

TEST(the_head_is_the_last_event)
{
    struct journal_head head;
    struct fault why;

    begin(11, 50);
    assert_int_equal(journal_read_head(reader, &head, &why), OK);
    assert_int_equal(head.sequence, journal_sequence(journal));
    assert_string_equal(head.hash, journal_hash(journal));
    end();
}

TEST(a_file_that_is_not_there_or_no_journal_is_refused)
{
    struct fault why;

    assert_int_equal(journal_reader_open("/nowhere/journal.db", &reader, &why), ERR_MISSING);
    const char *path = fresh_path();
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        fputs("no database", file);
    fclose(file);
    assert_int_equal(journal_reader_open(path, &reader, &why), ERR_CORRUPT);
}

TEST(what_a_snapshot_says_again_is_shown_when_asked_for)
{
    struct journal_filter plain = {.kinds = 0}, all = {.with_restated = true};
    struct fault why;

    begin(9, 100);
    clear_rows();
    assert_int_equal(journal_read_events(reader, &plain, count_row, &rows, &why), OK);
    int before = rows.count, orders = rows.kinds[FACT_ORDER];
    story_snapshot(story);
    tell(story, journal, 0);
    clear_rows();
    assert_int_equal(journal_read_events(reader, &plain, count_row, &rows, &why), OK);
    assert_int_equal(rows.count, before + 1); /* its end stands for all of it */
    assert_int_equal(rows.kinds[FACT_ORDER], orders);
    clear_rows();
    assert_int_equal(journal_read_events(reader, &all, count_row, &rows, &why), OK);
    assert_int_equal(rows.count, story->told);
    assert_true(rows.kinds[FACT_ORDER] > orders);
    clear_rows();
    end();
}
