/* The venue's word: what it says is booked once, in whatever order it comes, and nothing it
 * says ends the program. */
#include "base/rng.h"

#include "engine_world.h"

static struct world *trader(void)
{
    struct world *world = world_new();

    world_open(world, "1000000");
    world_price(world, BTC, "100");
    return world;
}

/* A limit buy of 2 at 100 that the venue has not answered yet. */
static order_number pending(struct world *world)
{
    world_limit(world, ACTION_BUY, BTC, "2", "100");
    return world_last_order(world);
}

static order_number working(struct world *world)
{
    order_number number = pending(world);

    world_say(world, number, REPORT_ACCEPTED);
    return number;
}

static uint64_t anomalies(const struct world *world)
{
    return engine_counters(world->engine).anomalies;
}

TEST(a_fill_before_the_ack_is_booked_and_the_late_ack_is_no_news)
{
    struct world *world = trader();
    order_number number = pending(world);

    world_fill(world, number, "f1", "2", "100", "1");
    world_say(world, number, REPORT_ACCEPTED);
    assert_string_equal(world_state(world, number), "FILLED");
    assert_decimal(world_position(world, BTC), "2");
    assert_decimal(world_cash(world), "999799");
    assert_int_equal(anomalies(world), 0);
    world_free(world);
}

TEST(a_fill_is_booked_once_however_often_it_is_told)
{
    struct world *world = trader();
    order_number number = working(world);

    for (int i = 0; i < 3; i++)
        world_fill(world, number, "f1", "1", "100", "0.5");
    assert_string_equal(world_state(world, number), "PARTIALLY_FILLED");
    assert_decimal(world_position(world, BTC), "1");
    assert_decimal(world_cash(world), "999899.5");
    assert_int_equal(engine_counters(world->engine).fills, 1);
    world_free(world);
}

TEST(a_late_fill_of_a_canceled_order_is_booked)
{
    struct world *world = trader();
    order_number number = working(world);

    world_say(world, number, REPORT_CANCELED);
    assert_decimal(world_held(world, "USD"), "0");
    world_fill(world, number, "late", "1", "100", "0");
    assert_string_equal(world_state(world, number), "CANCELED");
    assert_decimal(world_position(world, BTC), "1");
    assert_int_equal(anomalies(world), 0);
    world_free(world);
}

TEST(an_order_that_the_venue_ends_gives_its_funds_back)
{
    static const enum report_kind ends[] = {REPORT_REJECTED, REPORT_CANCELED, REPORT_EXPIRED};
    static const char *const states[] = {"REJECTED", "CANCELED", "EXPIRED"};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct world *world = trader();
        order_number number = pending(world);
        assert_decimal(world_held(world, "USD"), "200");
        world_say(world, number, ends[i]);
        assert_string_equal(world_state(world, number), states[i]);
        assert_decimal(world_held(world, "USD"), "0");
        world_free(world);
    }
}

TEST(the_venues_reason_is_kept_beside_our_code)
{
    struct world *world = trader();
    order_number number = pending(world);
    struct event event = world_report(world, number, REPORT_REJECTED);

    strcpy(event.report.reason, "INSUFFICIENT_FUND");
    strcpy(event.report.text, "not enough");
    world_push(world, event);
    const struct fact_order_event *fact =
        &world_last_fact(world, FACT_ORDER_EVENT)->order_event;
    assert_string_equal(refusal_name(fact->code), "insufficient_funds");
    assert_string_equal(fact->reason, "INSUFFICIENT_FUND");
    assert_string_equal(fact->text, "not enough");
    world_free(world);
}

TEST(an_answer_that_got_lost_leaves_the_order_unknown_and_its_funds_held)
{
    struct world *world = trader();
    order_number number = pending(world);

    world_say(world, number, REPORT_LOST);
    assert_string_equal(world_state(world, number), "UNKNOWN");
    assert_decimal(world_held(world, "USD"), "200");
    world_say(world, number, REPORT_LOST);
    assert_int_equal(anomalies(world), 0);
    world_free(world);
}

TEST(that_an_order_rests_at_the_venue_which_ended_here_is_an_anomaly)
{
    static const enum report_kind ends[] = {REPORT_REJECTED, REPORT_CANCELED, REPORT_EXPIRED};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct world *world = trader();
        order_number number = working(world);
        world_say(world, number, ends[i]);
        world_say(world, number, REPORT_WORKING);
        assert_int_equal(anomalies(world), 1);
        world_free(world);
    }
}

TEST(the_late_answer_to_a_send_is_no_anomaly_for_a_canceled_order)
{
    struct world *world = trader();
    order_number number = pending(world);

    world_say(world, number, REPORT_CANCELED);
    world_say(world, number, REPORT_ACCEPTED);
    assert_string_equal(world_state(world, number), "CANCELED");
    assert_int_equal(anomalies(world), 0);
    world_free(world);
}

/* What no venue should say, and some venue will. */
TEST(fills_that_make_no_sense_are_anomalies_and_change_nothing)
{
    static const struct {
        const char *id, *size, *value, *fee;
        int product;
    } rows[] = {
        {"f1", "0", "100", "0", BTC},
        {"f1", "-1", "100", "0", BTC},
        {"f1", "1", "-100", "0", BTC},
        {"", "1", "100", "0", BTC},
        {"f1", "1", "100", "0", PRODUCTS_MAX},
        {"f1", "9000000000000000000000000", "100", "0", BTC},
        {"f1", "1", "9000000000000000000000000", "0", BTC},
        {"f1", "1", "100", "9000000000000000000000000", BTC},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *world = trader();
        order_number number = working(world);
        struct event event = world_fill_event(world, number, rows[i].id, "1", "100", "0");
        struct fill *fill = &event.report.fill;
        fill->size = dec(rows[i].size);
        fill->value = dec(rows[i].value);
        fill->fee = dec(rows[i].fee);
        fill->product = (product_ref)rows[i].product;
        world_push(world, event);
        assert_int_equal(anomalies(world), 1);
        assert_string_equal(world_state(world, number), "NEW");
        assert_decimal(world_position(world, BTC), "0");
        assert_decimal(world_cash(world), "1000000");
        world_free(world);
    }
}

TEST(totals_that_make_no_sense_are_anomalies_and_change_nothing)
{
    static const char *const rows[][3] = {
        {"-1", "100", "0"},
        {"1", "-100", "0"},
        {"9000000000000000000000000", "100", "0"},
        {"1", "9000000000000000000000000", "0"},
        {"1", "100", "-9000000000000000000000000"},
        {"0.000000000001", "999999999999999999", "0"}, /* their price leaves the range */
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *world = trader();
        order_number number = working(world);
        world_push(world, world_totals_event(world, number, REPORT_FILL, rows[i][0], rows[i][1],
                                             rows[i][2]));
        assert_int_equal(anomalies(world), 1);
        assert_string_equal(world_state(world, number), "NEW");
        assert_decimal(world_cash(world), "1000000");
        world_free(world);
    }
}

TEST(a_fill_of_a_denied_order_moves_the_money_once_and_is_an_anomaly)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "0.00001", "100"); /* below the minimum */
    order_number number = world_last_order(world);
    assert_string_equal(world_state(world, number), "DENIED");
    for (int i = 0; i < 2; i++)
        world_fill(world, number, "f1", "1", "100", "2");
    assert_string_equal(world_state(world, number), "DENIED");
    assert_decimal(world_position(world, BTC), "1");
    assert_decimal(world_cash(world), "999898");
    assert_int_equal(anomalies(world), 1);
    world_free(world);
}

TEST(a_fill_of_another_product_moves_that_products_position_and_not_the_order)
{
    struct world *world = trader();
    order_number number = working(world);
    struct event event = world_fill_event(world, number, "f1", "1", "100", "0");

    event.report.fill.product = ETH;
    world_push(world, event);
    assert_decimal(world_position(world, ETH), "1");
    assert_decimal(world_position(world, BTC), "0");
    assert_string_equal(world_state(world, number), "NEW");
    assert_int_equal(anomalies(world), 1);
    world_free(world);
}

TEST(an_overfill_is_booked_and_recorded)
{
    struct world *world = trader();
    order_number number = working(world);

    world_fill(world, number, "f1", "2", "100", "0");
    world_fill(world, number, "f2", "0.5", "100", "0");
    assert_decimal(world_order(world, number)->overfill, "0.5");
    assert_decimal(world_position(world, BTC), "2.5");
    world_free(world);
}

TEST(an_order_of_nobody_here_is_told_and_books_nothing)
{
    struct world *world = trader();
    order_number number = working(world);
    struct event event = world_fill_event(world, number, "f1", "1", "100", "0");

    strcpy(event.report.client_id.text, "somebody");
    strcpy(event.report.venue_id.text, "v-else");
    world_push(world, event);
    assert_int_equal(anomalies(world), 1);
    assert_decimal(world_position(world, BTC), "0");
    assert_string_equal(world_last_fact(world, FACT_ANOMALY)->note.subject, "external_order");
    world_free(world);
}

TEST(an_order_is_found_by_the_venues_id_alone)
{
    struct world *world = trader();
    order_number number = working(world);
    struct event event = world_report(world, number, REPORT_CANCELED);

    event.report.client_id.text[0] = '\0';
    world_push(world, event);
    assert_string_equal(world_state(world, number), "CANCELED");
    world_free(world);
}

/* ---- replaces ---- */

static struct event terms(struct world *world, order_number number, enum report_kind kind,
                          const char *size, const char *price)
{
    struct event event = world_report(world, number, kind);

    event.report.has_request = true;
    event.report.request = world_order(world, number)->request;
    event.report.request.size = dec(size);
    event.report.request.limit_price = dec(price);
    return event;
}

TEST(a_replaced_order_holds_what_its_new_terms_need)
{
    struct world *world = trader();
    order_number number = working(world);

    world_push(world, terms(world, number, REPORT_REPLACED, "3", "99"));
    assert_decimal(world_order(world, number)->request.size, "3");
    assert_decimal(world_held(world, "USD"), "297");
    assert_string_equal(world_state(world, number), "NEW");
    world_free(world);
}

TEST(an_order_made_no_larger_than_its_fills_is_filled)
{
    struct world *world = trader();
    order_number number = working(world);

    world_fill(world, number, "f1", "1", "100", "0");
    world_push(world, terms(world, number, REPORT_REPLACED, "1", "100"));
    assert_string_equal(world_state(world, number), "FILLED");
    assert_decimal(world_held(world, "USD"), "0");
    world_free(world);
}

TEST(terms_that_a_query_shows_are_taken_over_since_the_answer_to_a_replace_can_be_lost)
{
    struct world *world = trader();
    order_number number = working(world);

    world_say(world, number, REPORT_LOST);
    world_push(world, terms(world, number, REPORT_WORKING, "1.5", "98"));
    assert_string_equal(world_state(world, number), "NEW");
    assert_decimal(world_order(world, number)->request.size, "1.5");
    assert_decimal(world_order(world, number)->request.limit_price, "98");
    assert_decimal(world_held(world, "USD"), "147");
    world_free(world);
}

TEST(terms_that_make_no_sense_are_not_taken_over)
{
    struct world *world = trader();
    order_number number = working(world);

    world_push(world, terms(world, number, REPORT_WORKING, "0", "98"));
    world_push(world, terms(world, number, REPORT_WORKING, "1", "-98"));
    assert_decimal(world_order(world, number)->request.size, "2");
    world_free(world);
}

TEST(a_replace_of_a_final_order_is_an_anomaly)
{
    struct world *world = trader();
    order_number number = working(world);

    world_say(world, number, REPORT_CANCELED);
    world_push(world, terms(world, number, REPORT_REPLACED, "3", "99"));
    assert_int_equal(anomalies(world), 1);
    assert_decimal(world_order(world, number)->request.size, "2");
    world_free(world);
}

/* ---- cancels ---- */

static void cancel(struct world *world)
{
    world_decide(world, world_wish(ACTION_CANCEL, BTC, NULL));
}

TEST(a_cancel_before_the_ack_waits_for_it_and_then_leaves)
{
    struct world *world = trader();
    order_number number = pending(world);

    cancel(world);
    assert_int_equal(world_sent(world, SENT_CANCEL), 0);
    world_say(world, number, REPORT_ACCEPTED);
    assert_string_equal(world_state(world, number), "PENDING_CANCEL");
    assert_int_equal(world_sent(world, SENT_CANCEL), 1);
    assert_string_equal(world_last_sent(world, SENT_CANCEL)->venue_id.text, "v-1");
    world_say(world, number, REPORT_CANCELED);
    assert_string_equal(world_state(world, number), "CANCELED");
    world_free(world);
}

TEST(a_cancel_is_asked_once_while_its_answer_is_out)
{
    struct world *world = trader();

    working(world);
    cancel(world);
    cancel(world);
    assert_int_equal(world_sent(world, SENT_CANCEL), 1);
    world_free(world);
}

TEST(a_lost_cancel_is_asked_again_when_the_order_turns_out_to_work)
{
    struct world *world = trader();
    order_number number = working(world);

    cancel(world);
    world_say(world, number, REPORT_LOST);
    assert_string_equal(world_state(world, number), "UNKNOWN");
    world_say(world, number, REPORT_WORKING);
    assert_string_equal(world_state(world, number), "PENDING_CANCEL");
    assert_int_equal(world_sent(world, SENT_CANCEL), 2);
    world_free(world);
}

TEST(a_refused_cancel_is_not_asked_again_by_itself)
{
    struct world *world = trader();
    order_number number = working(world);

    cancel(world);
    world_say(world, number, REPORT_CANCEL_REFUSED);
    assert_string_equal(world_state(world, number), "NEW");
    world_say(world, number, REPORT_WORKING);
    assert_int_equal(world_sent(world, SENT_CANCEL), 1);
    world_free(world);
}

TEST(a_full_fill_beats_a_cancel_already_on_its_way)
{
    struct world *world = trader();
    order_number number = working(world);

    cancel(world);
    world_fill(world, number, "f1", "2", "100", "0");
    world_say(world, number, REPORT_CANCEL_REFUSED);
    assert_string_equal(world_state(world, number), "FILLED");
    assert_int_equal(anomalies(world), 0);
    world_free(world);
}

/* ---- totals ---- */

TEST(totals_book_what_they_exceed_and_single_executions_explain_it)
{
    struct world *world = trader();
    order_number number = working(world);

    world_push(world, world_totals_event(world, number, REPORT_FILL, "2", "199", "1"));
    assert_string_equal(world_state(world, number), "FILLED");
    assert_decimal(world_cash(world), "999800");
    world_fill(world, number, "f1", "1", "100", "0.5");
    world_fill(world, number, "f2", "1", "99", "0.5");
    assert_decimal(world_position(world, BTC), "2");
    assert_decimal(world_cash(world), "999800");
    assert_int_equal(world_facts(world, FACT_FILL), 1);
    assert_int_equal(world_facts(world, FACT_FILL_KNOWN), 2);
    world_free(world);
}

TEST(totals_without_money_are_a_guess_that_later_totals_correct)
{
    struct world *world = trader();
    order_number number = working(world);

    world_push(world, world_totals_event(world, number, REPORT_FILL, "2", "0", "0"));
    assert_decimal(world_cash(world), "999800");
    world_push(world, world_totals_event(world, number, REPORT_FILL, "2", "198", "1"));
    assert_decimal(world_cash(world), "999801");
    assert_decimal(world_order(world, number)->filled_value, "198");
    assert_decimal(world_order(world, number)->fees, "1");
    world_push(world, world_totals_event(world, number, REPORT_FILL, "2", "198", "1"));
    assert_int_equal(world_facts(world, FACT_POSITION), 1);
    world_free(world);
}

TEST(totals_of_long_ago_say_nothing)
{
    struct world *world = trader();
    order_number number = working(world);

    world_fill(world, number, "f1", "1", "100", "0");
    world_push(world, world_totals_event(world, number, REPORT_WORKING, "0", "0", "0"));
    assert_decimal(world_position(world, BTC), "1");
    assert_int_equal(world_facts(world, FACT_FILL), 1);
    world_free(world);
}

/* ---- over random interleavings ---- */

enum { FILLS = 6, ROUNDS = 600 };

struct truth {
    struct event fills[FILLS];  /* single executions */
    struct event totals[FILLS]; /* cumulative, after each */
    decimal size, value, fee;
    bool buys;
};

static decimal random_units(struct rng *rng, int64_t low, int64_t high, int64_t unit)
{
    return (decimal){(int128)rng_between(rng, low, high) * unit};
}

static struct truth make_truth(struct world *world, order_number number, struct rng *rng)
{
    const struct order *order = world_order(world, number);
    struct truth truth = {.buys = order->request.side == SIDE_BUY};
    char id[32];

    for (int i = 0; i < FILLS; i++) {
        snprintf(id, sizeof id, "f%d", i);
        truth.fills[i] = world_fill_event(world, number, id, "1", "100", "0");
        struct fill *fill = &truth.fills[i].report.fill;
        fill->size = random_units(rng, 1, 30000000, 10000);
        fill->price = random_units(rng, 90000000, 110000000, 1000000);
        fill->value = decimal_mul(fill->size, fill->price, ROUND_HALF_EVEN);
        fill->fee = random_units(rng, -1000, 5000000, 1000);
        truth.size = decimal_add(truth.size, fill->size);
        truth.value = decimal_add(truth.value, fill->value);
        truth.fee = decimal_add(truth.fee, fill->fee);
        truth.totals[i] = world_report(world, number, REPORT_FILL);
        truth.totals[i].report.has_totals = true;
        truth.totals[i].report.total_size = truth.size;
        truth.totals[i].report.total_value = truth.value;
        truth.totals[i].report.total_fees = truth.fee;
    }
    return truth;
}

static void shuffle(int *items, int count, struct rng *rng)
{
    for (int i = count - 1; i > 0; i--) {
        int k = (int)rng_below(rng, (uint64_t)i + 1), held = items[i];
        items[i] = items[k];
        items[k] = held;
    }
}

/* Any order, each item up to three times: 0..FILLS-1 executions, the rest totals. */
static void tell_at_random(struct world *world, const struct truth *truth, struct rng *rng,
                           bool every_fill)
{
    int items[3 * 2 * FILLS], count = 0;

    for (int i = 0; i < 2 * FILLS; i++) {
        bool is_fill = i < FILLS;
        int times = (int)rng_below(rng, 4);
        if (times == 0 && is_fill && every_fill)
            times = 1;
        for (int k = 0; k < times && k < 3; k++)
            items[count++] = i;
    }
    shuffle(items, count, rng);
    for (int i = 0; i < count; i++)
        world_push(world,
                   items[i] < FILLS ? truth->fills[items[i]] : truth->totals[items[i] - FILLS]);
}

static void check_against(const struct world *world, const struct truth *truth,
                          order_number number, decimal cash_before, int round)
{
    decimal paid = truth->buys ? truth->value : decimal_negate(truth->value);
    decimal expected = decimal_sub(cash_before, decimal_add(paid, truth->fee));
    char is[DECIMAL_TEXT_MAX], want[DECIMAL_TEXT_MAX];
    const struct order *order = world_order(world, number);

    if (!decimal_is_equal(world_cash(world), expected))
        fail_msg("round %d: cash %s, the truth is %s", round,
                 decimal_format(world_cash(world), is), decimal_format(expected, want));
    assert_decimal_equal(order->filled, truth->size);
    assert_decimal_equal(order->filled_value, truth->value);
    assert_decimal_equal(order->fees, truth->fee);
}

static order_number place(struct world *world, enum action action)
{
    world_limit(world, action, BTC, "2", "100");
    order_number number = world_last_order(world);
    world_say(world, number, REPORT_ACCEPTED);
    return number;
}

static void play(int round, bool every_fill)
{
    struct rng rng = rng_stream((uint64_t)round, every_fill ? "executions" : "totals");
    struct world *world = trader();
    decimal before;

    world_hold(world, BTC, "5", "100");
    order_number number = place(world, rng_chance(&rng, 0.5) ? ACTION_BUY : ACTION_SELL);
    struct truth truth = make_truth(world, number, &rng);
    before = world_cash(world);
    tell_at_random(world, &truth, &rng, every_fill);
    if (!every_fill)
        world_push(world, truth.totals[FILLS - 1]);
    check_against(world, &truth, number, before, round);
    world_free(world);
}

TEST(the_ledger_is_the_truth_once_every_execution_was_told_however_totals_were_mixed_in)
{
    for (int round = 0; round < ROUNDS; round++)
        play(round, true);
}

TEST(the_ledger_is_the_truth_once_the_last_totals_were_told_whatever_executions_were_lost)
{
    for (int round = 0; round < ROUNDS; round++)
        play(round, false);
}

static struct event given_up(struct world *world, order_number number, enum report_kind kind,
                             const char *code, enum outcome outcome)
{
    struct event event = world_report(world, number, kind);

    snprintf(event.report.reason, sizeof event.report.reason, "%s", code);
    event.report.outcome = outcome;
    return event;
}

TEST(an_order_that_never_left_is_denied_with_our_code_and_its_funds_are_free)
{
    struct world *world = trader();
    order_number number = pending(world);

    world_push(world, given_up(world, number, REPORT_WITHDRAWN, "paused", OUTCOME_NOT_SENT));
    assert_string_equal(world_state(world, number), "DENIED");
    const struct fact_order_event *told =
        &world_last_fact(world, FACT_ORDER_EVENT)->order_event;
    assert_string_equal(refusal_name(told->code), "paused");
    assert_string_equal(told->reason, "");
    assert_string_equal(told->venue_id.text, "");
    assert_decimal(world_held(world, "USD"), "0");
    assert_int_equal(engine_counters(world->engine).refusals, 1);
    world_push(world, given_up(world, number, REPORT_WITHDRAWN, "paused", OUTCOME_NOT_SENT));
    assert_int_equal(anomalies(world), 0);
    world_free(world);
}

TEST(an_order_of_unknown_fate_that_never_left_is_rejected)
{
    struct world *world = trader();
    order_number number = pending(world);

    world_say(world, number, REPORT_LOST);
    world_push(world,
               given_up(world, number, REPORT_WITHDRAWN, "rate_limit", OUTCOME_NOT_SENT));
    assert_string_equal(world_state(world, number), "REJECTED");
    world_free(world);
}

TEST(that_an_order_at_work_never_left_is_not_believed)
{
    struct world *world = trader();
    order_number number = working(world);

    world_push(world, given_up(world, number, REPORT_WITHDRAWN, "paused", OUTCOME_NOT_SENT));
    assert_string_equal(world_state(world, number), "NEW");
    world_free(world);
}

TEST(an_order_that_was_given_up_without_effect_is_rejected_with_our_code)
{
    struct world *world = trader();
    order_number number = pending(world);

    world_push(world,
               given_up(world, number, REPORT_REJECTED, "network", OUTCOME_NO_CONNECTION));
    assert_string_equal(world_state(world, number), "REJECTED");
    const struct fact_order_event *told =
        &world_last_fact(world, FACT_ORDER_EVENT)->order_event;
    assert_string_equal(refusal_name(told->code), "network");
    assert_string_equal(told->reason, "");
    world_free(world);
}

TEST(a_cancel_that_was_taken_changes_nothing_until_the_end_comes)
{
    struct world *world = trader();
    order_number number = working(world);

    cancel(world);
    world_say(world, number, REPORT_CANCEL_TAKEN);
    assert_string_equal(world_state(world, number), "PENDING_CANCEL");
    world_say(world, number, REPORT_CANCELED);
    assert_string_equal(world_state(world, number), "CANCELED");
    world_say(world, number, REPORT_CANCEL_TAKEN);
    assert_int_equal(anomalies(world), 0);
    world_free(world);
}

TEST(an_attempt_that_is_made_again_is_noted_on_its_order)
{
    struct world *world = trader();
    order_number number = pending(world);
    struct event event = {.kind = EVENT_RETRY, .product = PRODUCT_NONE};

    event.retry =
        (struct retry_event){.errand = ERRAND_SUBMIT,
                             .client_id = world_order(world, number)->request.client_id,
                             .outcome = OUTCOME_UNAVAILABLE,
                             .attempt = 1,
                             .wait = MILLISECONDS(500)};
    world_push(world, event);
    const struct fact_note *note = &world_last_fact(world, FACT_ANOMALY)->note;
    assert_string_equal(note->text,
                        "attempt 1 at submit failed: 503 Service Unavailable; again in 500ms");
    assert_int_equal(note->order, number);
    assert_string_equal(world_state(world, number), "PENDING_NEW");
    world_free(world);
}

/* Any report at any time, sane or not: the invariants hold, and the program goes on. */
TEST(no_sequence_of_reports_breaks_the_books)
{
    for (int seed = 0; seed < 150; seed++) {
        struct rng rng = rng_stream((uint64_t)seed, "soup");
        struct world *world = trader();
        order_number number = pending(world);
        struct truth truth = make_truth(world, number, &rng);
        for (int i = 0; i < 40; i++) {
            enum report_kind kind = (enum report_kind)rng_below(&rng, REPORT_KIND_COUNT);
            struct event event = world_report(world, number, kind);
            if (rng_chance(&rng, 0.4))
                event = truth.fills[rng_below(&rng, FILLS)];
            else if (rng_chance(&rng, 0.3))
                event = truth.totals[rng_below(&rng, FILLS)];
            else if (rng_chance(&rng, 0.3))
                event = terms(world, number, kind, "1.5", "99");
            event.report.kind = kind;
            if (rng_chance(&rng, 0.1))
                cancel(world);
            world_push(world, event); /* checks oms and portfolio */
        }
        world_free(world);
    }
}

TEST(a_late_fill_is_booked_however_many_orders_were_refused_meanwhile)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "2", "90");
    world_say(world, 1, REPORT_ACCEPTED);
    struct event late = world_fill_event(world, 1, "late", "1", "90", "0");
    world_say(world, 1, REPORT_CANCELED);
    for (int i = 0; i < 2 * ORDERS_KEPT; i++)
        world_buy(world, BTC, "100000000"); /* more than there is money for */
    world_push(world, late);
    assert_decimal(world_position(world, BTC), "1");
    world_free(world);
}
