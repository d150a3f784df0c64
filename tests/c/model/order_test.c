#include "model/order.h"

#include "model_sample.h"

/* An order of 10 units at 100, in INITIALIZED. */
static struct order order_of_ten(void)
{
    return (struct order){
        .number = 1,
        .request = sample_limit(SIDE_BUY, "10", "100"),
        .state = ORDER_INITIALIZED,
        .created = 1,
    };
}

static struct fill fill_of(const char *size)
{
    return (struct fill){
        .order = 1,
        .side = SIDE_BUY,
        .size = dec(size),
        .price = D(100),
        .value = decimal_mul(dec(size), D(100), ROUND_HALF_EVEN),
        .fee = decimal_mul(dec(size), dec("0.6"), ROUND_HALF_EVEN),
        .time = 50,
    };
}

static bool apply_fill(struct order *order, const char *size)
{
    struct fill fill = fill_of(size);
    bool takes = order_takes_fill(order, &fill), applied = order_apply_fill(order, &fill);

    assert_int_equal(takes, applied);
    return applied;
}

static struct order working(void)
{
    struct order order = order_of_ten();

    assert_true(order_apply(&order, ORDER_EVENT_SEND, 2));
    assert_true(order_apply(&order, ORDER_EVENT_ACCEPT, 3));
    return order;
}

#define assert_state(order, name) assert_string_equal(order_state_name((order).state), name)

/* Names */

TEST(types_times_and_origins_are_read_back_from_their_names)
{
    for (int i = 0; i < ORDER_TYPE_COUNT; i++) {
        enum order_type type;
        assert_true(order_type_parse(order_type_name((enum order_type)i), &type));
        assert_int_equal(type, i);
    }
    for (int i = 0; i < TIF_COUNT; i++) {
        enum time_in_force tif;
        assert_true(time_in_force_parse(time_in_force_name((enum time_in_force)i), &tif));
        assert_int_equal(tif, i);
    }
    for (int i = 0; i < ORIGIN_COUNT; i++) {
        enum order_origin origin;
        assert_true(order_origin_parse(order_origin_name((enum order_origin)i), &origin));
        assert_int_equal(origin, i);
    }
}

TEST(unknown_words_are_no_type_time_or_origin)
{
    enum order_type type;
    enum time_in_force tif;
    enum order_origin origin;

    assert_false(order_type_parse("trailing", &type));
    assert_false(time_in_force_parse("day", &tif));
    assert_false(order_origin_parse("", &origin));
}

/* Requests */

#define assert_refused(request, word)                                                          \
    do {                                                                                       \
        struct fault why_ = {OK, "accepted"};                                                  \
        assert_string_equal(err_name(order_request_validate(&(request), &why_)), "refused");   \
        if (!strstr(why_.text, (word)))                                                        \
            fail_msg("no \"%s\" in: %s", (word), why_.text);                                   \
    } while (0)

#define assert_accepted(request)                                                               \
    do {                                                                                       \
        struct fault why_ = {OK, ""};                                                          \
        if (order_request_validate(&(request), &why_))                                         \
            fail_msg("%s", why_.text);                                                         \
    } while (0)

TEST(limit_and_market_orders_in_their_usual_forms_make_sense)
{
    struct order_request limit = sample_limit(SIDE_BUY, "1", "100");
    struct order_request market = sample_market(SIDE_SELL, "1");

    assert_accepted(limit);
    assert_accepted(market);
    limit.post_only = true;
    assert_accepted(limit);
    limit.tif = TIF_GTD;
    limit.expires = SECONDS(1);
    assert_accepted(limit);
    limit = sample_limit(SIDE_BUY, "1", "100");
    limit.tif = TIF_FOK;
    assert_accepted(limit);
    market.tif = TIF_FOK;
    assert_accepted(market);
}

TEST(an_order_needs_a_product_and_a_size)
{
    struct order_request request = sample_limit(SIDE_BUY, "0", "100");

    assert_refused(request, "above zero, and is 0");
    request.size = D(-1);
    assert_refused(request, "above zero, and is -1");
    request.size = D(1);
    request.product = PRODUCT_NONE;
    assert_refused(request, "no product");
}

TEST(prices_are_there_when_and_only_when_the_type_has_them)
{
    struct order_request limit = sample_limit(SIDE_BUY, "1", "0");
    struct order_request market = sample_market(SIDE_BUY, "1");
    struct order_request stop = {.type = ORDER_STOP, .size = D(1)};

    assert_refused(limit, "needs a limit price");
    limit.limit_price = D(-5);
    assert_refused(limit, "has -5");
    limit = sample_limit(SIDE_BUY, "1", "100");
    limit.stop_price = D(90);
    assert_refused(limit, "has no stop price");
    market.limit_price = D(100);
    assert_refused(market, "has no limit price");
    assert_refused(stop, "needs a stop price");
    stop.stop_price = D(90);
    assert_accepted(stop);
}

TEST(the_limit_of_a_stop_limit_lies_beyond_its_stop)
{
    struct order_request request = {
        .type = ORDER_STOP_LIMIT,
        .side = SIDE_BUY,
        .size = D(1),
        .stop_price = D(100),
        .limit_price = D(99),
    };

    assert_refused(request, "must not be below");
    request.limit_price = D(100);
    assert_accepted(request);
    request.side = SIDE_SELL;
    assert_accepted(request);
    request.limit_price = D(101);
    assert_refused(request, "must not be above");
}

TEST(market_orders_do_not_rest_and_stops_do_not_hurry)
{
    struct order_request market = sample_market(SIDE_BUY, "1");
    struct order_request stop = {.type = ORDER_STOP, .size = D(1), .stop_price = D(90)};

    market.tif = TIF_GTC;
    assert_refused(market, "cannot rest");
    stop.tif = TIF_IOC;
    assert_refused(stop, "waits");
}

TEST(gtd_has_an_expiry_and_nothing_else_has)
{
    struct order_request request = sample_limit(SIDE_BUY, "1", "100");

    request.tif = TIF_GTD;
    assert_refused(request, "needs the time");
    request.tif = TIF_GTC;
    request.expires = SECONDS(5);
    assert_refused(request, "only gtd");
}

TEST(post_only_is_for_limits_that_rest)
{
    struct order_request limit = sample_limit(SIDE_BUY, "1", "100");
    struct order_request market = sample_market(SIDE_BUY, "1");

    limit.post_only = market.post_only = true;
    limit.tif = TIF_IOC;
    assert_refused(limit, "post-only");
    limit.tif = TIF_FOK;
    assert_refused(limit, "post-only");
    assert_refused(market, "post-only");
}

/* Fills */

TEST(fills_add_up_and_the_last_one_fills)
{
    struct order order = working();

    assert_true(apply_fill(&order, "4"));
    assert_state(order, "PARTIALLY_FILLED");
    assert_decimal(order_remaining(&order), "6");
    assert_true(apply_fill(&order, "6"));
    assert_state(order, "FILLED");
    assert_decimal(order_remaining(&order), "0");
    assert_decimal(order.filled_value, "1000");
    assert_decimal(order.fees, "6");
    assert_decimal(order.overfill, "0");
    assert_decimal(order_average_price(&order), "100");
}

TEST(the_average_price_is_zero_before_the_first_fill)
{
    struct order order = working();

    assert_decimal(order_average_price(&order), "0");
}

TEST(an_average_price_out_of_all_range_is_no_price)
{
    struct order order = working();
    struct fill fill = fill_of("0.000000000001");

    fill.value = dec("9999999999999999");
    assert_true(order_apply_fill(&order, &fill));
    assert_decimal(order_average_price(&order), "0");
}

TEST(a_wish_for_nothing_or_less_can_be_denied)
{
    const char *sizes[] = {"0", "-1"};

    for (int i = 0; i < 2; i++) {
        struct order order = {.state = ORDER_INITIALIZED, .request = {.size = dec(sizes[i])}};
        assert_true(order_apply(&order, ORDER_EVENT_DENY, 60));
        assert_state(order, "DENIED");
        assert_decimal(order.overfill, "0");
    }
}

TEST(what_the_venue_fills_beyond_the_size_is_recorded)
{
    struct order order = working();

    assert_true(apply_fill(&order, "12.5"));
    assert_state(order, "FILLED");
    assert_decimal(order.filled, "12.5");
    assert_decimal(order.overfill, "2.5");
    assert_decimal(order_remaining(&order), "0");
    assert_true(apply_fill(&order, "1"));
    assert_state(order, "FILLED");
    assert_decimal(order.overfill, "3.5");
}

TEST(single_executions_explain_what_totals_had_told_and_correct_its_money)
{
    struct order order = working();
    struct fill guess = fill_of("3"), one = fill_of("1"), two = fill_of("2");

    guess.is_inferred = true;
    guess.value = D(305);
    guess.fee = D(2);
    assert_true(order_apply_fill(&order, &guess));
    assert_decimal(order.inferred.size, "3");
    assert_decimal(order.filled_value, "305");
    order_explain(&order, &one);
    assert_decimal(order.inferred.size, "2");
    assert_decimal(order.inferred.value, "205");
    assert_decimal(order.filled_value, "305"); /* still a guess */
    order_explain(&order, &two);
    assert_decimal(order.inferred.size, "0");
    assert_decimal(order.inferred.value, "0");
    assert_decimal(order.filled, "3");
    assert_decimal(order.filled_value, "300");
    assert_decimal(order.fees, "1.8");
}

TEST(later_totals_correct_the_money_of_earlier_ones)
{
    struct order order = working();
    struct fill guess = fill_of("3");
    struct fill correction = {.is_inferred = true, .value = D(-5), .fee = D(1)};

    guess.is_inferred = true;
    assert_true(order_apply_fill(&order, &guess));
    order_explain(&order, &correction);
    assert_decimal(order.filled, "3");
    assert_decimal(order.filled_value, "295");
    assert_decimal(order.fees, "2.8");
    assert_decimal(order.inferred.value, "295");
    assert_decimal(order.inferred.size, "3");
}

TEST(a_late_fill_after_a_cancel_is_added_and_the_completing_one_fills)
{
    struct order order = working();

    assert_true(apply_fill(&order, "3"));
    assert_true(order_apply(&order, ORDER_EVENT_CANCEL, 60));
    assert_true(apply_fill(&order, "3"));
    assert_state(order, "CANCELED");
    assert_decimal(order.filled, "6");
    assert_true(apply_fill(&order, "4"));
    assert_state(order, "FILLED");
    assert_decimal(order.overfill, "0");
}

TEST(a_fill_that_cannot_be_of_this_order_is_refused)
{
    struct order order = working(), before = order;
    struct fill other_side = fill_of("1"), other_product = fill_of("1");
    struct fill nothing = fill_of("0"), negative = fill_of("-1"), paid = fill_of("1");

    other_side.side = SIDE_SELL;
    other_product.product = 3;
    assert_false(order_takes_fill(&order, &other_side));
    assert_false(order_apply_fill(&order, &other_side));
    assert_false(order_apply_fill(&order, &other_product));
    assert_false(order_apply_fill(&order, &nothing));
    assert_false(order_apply_fill(&order, &negative));
    paid.value = D(-1);
    assert_false(order_apply_fill(&order, &paid));
    assert_memory_equal(&order, &before, sizeof order);
}

TEST(figures_out_of_all_range_are_refused_and_change_nothing)
{
    struct order order = working();
    struct fill fill = fill_of("1");

    fill.value = dec("9999999999999999999999999");
    assert_true(order_apply_fill(&order, &fill));
    struct order before = order;
    assert_false(order_apply_fill(&order, &fill));
    fill = fill_of("1");
    fill.size = dec("9999999999999999999999999");
    assert_false(order_apply_fill(&order, &fill));
    assert_memory_equal(&order, &before, sizeof order);
}

TEST(a_wish_for_nothing_can_be_denied_like_any_other)
{
    struct order order = order_of_ten();

    order.request.size = DECIMAL_ZERO;
    order_check(&order);
    assert_true(order_apply(&order, ORDER_EVENT_DENY, 2));
    assert_state(order, "DENIED");
    assert_decimal(order.overfill, "0");
    assert_int_equal(order.updated, 2);
}

/* Times */

TEST(a_resent_order_keeps_the_time_of_its_first_departure)
{
    struct order order = order_of_ten();

    assert_true(order_apply(&order, ORDER_EVENT_SEND, 10));
    assert_true(order_apply(&order, ORDER_EVENT_LOSE, 20));
    assert_true(order_apply(&order, ORDER_EVENT_SEND, 30));
    assert_int_equal(order.sent, 10);
    assert_int_equal(order.updated, 30);
}

TEST(an_order_is_lost_since_it_became_unknown_until_it_is_found)
{
    struct order order = order_of_ten();

    assert_true(order_apply(&order, ORDER_EVENT_SEND, 10));
    assert_int_equal(order.lost_since, 0);
    assert_true(order_apply(&order, ORDER_EVENT_LOSE, 20));
    assert_true(order_apply(&order, ORDER_EVENT_LOSE, 25));
    assert_int_equal(order.lost_since, 20);
    assert_true(order_apply(&order, ORDER_EVENT_ACCEPT, 30));
    assert_int_equal(order.lost_since, 0);
}

/* Replace */

TEST(a_replace_brings_its_terms_along)
{
    struct order order = working();

    assert_true(order_apply(&order, ORDER_EVENT_ASK_REPLACE, 4));
    assert_true(apply_fill(&order, "4"));
    assert_true(order_apply_replace(&order, D(20), D(99), 5));
    assert_state(order, "PARTIALLY_FILLED");
    assert_decimal(order_remaining(&order), "16");
    assert_decimal(order.request.limit_price, "99");
}

TEST(a_replace_to_what_is_filled_already_completes_the_order)
{
    struct order order = working();

    assert_true(order_apply(&order, ORDER_EVENT_ASK_REPLACE, 4));
    assert_true(apply_fill(&order, "4"));
    assert_true(order_apply_replace(&order, D(3), D(100), 5));
    assert_state(order, "FILLED");
    assert_decimal(order.overfill, "1");
}

TEST(a_lost_order_that_a_replace_completes_is_lost_no_more)
{
    struct order order = working();

    assert_true(apply_fill(&order, "4"));
    assert_true(order_apply(&order, ORDER_EVENT_ASK_REPLACE, 4));
    assert_true(order_apply(&order, ORDER_EVENT_LOSE, 5));
    assert_true(order_apply_replace(&order, D(4), D(100), 6));
    assert_state(order, "FILLED");
    assert_int_equal(order.lost_since, 0);
}

TEST(a_replace_of_an_order_that_ended_is_refused_and_changes_nothing)
{
    struct order order = working();

    assert_true(order_apply(&order, ORDER_EVENT_CANCEL, 4));
    struct order before = order;
    assert_false(order_apply_replace(&order, D(20), D(99), 5));
    assert_memory_equal(&order, &before, sizeof order);
}

/* Everything, everywhere: sizes are whole numbers here, and a plain count of what was filled is
 * the oracle. */

/* Steps 0..ORDER_EVENT_COUNT-1 are the events; these go beyond. */
enum {
    STEP_OVERFILL = ORDER_EVENT_COUNT,
    STEP_REPLACE_SMALLER,
    STEP_REPLACE_LARGER,
    STEP_COUNT
};

struct walk {
    struct order order;
    int size, filled; /* the oracle */
};

static bool walk_fill(struct walk *w, int size)
{
    struct fill fill = {.order = 1,
                        .side = SIDE_BUY,
                        .size = D(size),
                        .price = D(100),
                        .value = D(100 * size),
                        .time = 7};

    if (!order_apply_fill(&w->order, &fill))
        return false;
    w->filled += size;
    return true;
}

static bool walk_replace(struct walk *w, int size)
{
    if (!order_apply_replace(&w->order, D(size), D(99), 7))
        return false;
    w->size = size;
    return true;
}

static bool walk_step(struct walk *w, int step)
{
    int remaining = w->size > w->filled ? w->size - w->filled : 0;

    switch (step) {
    case ORDER_EVENT_PARTIAL_FILL:
        return remaining > 1 && walk_fill(w, 1);
    case ORDER_EVENT_FULL_FILL:
        return walk_fill(w, remaining ? remaining : 1);
    case STEP_OVERFILL:
        return walk_fill(w, remaining + 2);
    case STEP_REPLACE_SMALLER:
        return walk_replace(w, w->size > 2 ? w->size / 3 : 1);
    case STEP_REPLACE_LARGER:
        return walk_replace(w, w->size + 1);
    default:
        return order_apply(&w->order, (enum order_event)step, 7);
    }
}

static bool step_is_fill(int step)
{
    return step == ORDER_EVENT_PARTIAL_FILL || step == ORDER_EVENT_FULL_FILL ||
           step == STEP_OVERFILL;
}

static void walk_check(const struct walk *before, const struct walk *now, int step)
{
    const struct order *order = &now->order;
    bool was_final = order_state_is_final(before->order.state);
    int over = now->filled > now->size ? now->filled - now->size : 0;

    order_check(order);
    assert_true(decimal_is_equal(order->filled, D(now->filled)));
    assert_true(decimal_is_equal(order->filled_value, D(100 * now->filled)));
    assert_true(decimal_is_equal(order->overfill, D(over)));
    assert_true(decimal_is_equal(order->request.size, D(now->size)));
    assert_true(decimal_is_zero(order->overfill) || order->state == ORDER_FILLED);
    if (was_final && order->state != before->order.state)
        assert_true(step_is_fill(step) && order_state_is_final(order->state));
    if (was_final && !step_is_fill(step))
        assert_int_equal(order->state, before->order.state);
}

/* Tries every step from here, and from wherever a step leads, `depth` steps deep. */
static long walk_all(const struct walk *from, int depth)
{
    long steps = 0;

    for (int step = 0; step < STEP_COUNT; step++) {
        struct walk next;

        memcpy(&next, from, sizeof next);
        if (!walk_step(&next, step)) {
            assert_int_equal(memcmp(&next, from, sizeof next), 0);
            continue;
        }
        walk_check(from, &next, step);
        steps += 1 + (depth > 1 ? walk_all(&next, depth - 1) : 0);
    }
    return steps;
}

TEST(every_sequence_of_seven_steps_keeps_the_invariants)
{
    struct walk start = {.size = 10};

    start.order = order_of_ten();
    assert_true(walk_all(&start, 7) > 300000);
}

TEST(every_sequence_of_four_steps_keeps_the_invariants_from_every_state_with_and_without_fills)
{
    for (int s = ORDER_INITIALIZED; s < ORDER_STATE_COUNT; s++) {
        for (int filled = 0; filled <= 10; filled += 5) {
            struct walk start = {.size = 10, .filled = filled};
            bool before_venue = s == ORDER_INITIALIZED || s == ORDER_DENIED;
            bool is_empty = before_venue || s == ORDER_NEW || s == ORDER_REJECTED;
            if ((filled == 10) != (s == ORDER_FILLED) || (filled && is_empty) ||
                (!filled && s == ORDER_PARTIALLY_FILLED))
                continue;
            start.order = order_of_ten();
            start.order.state = (enum order_state)s;
            start.order.filled = D(filled);
            start.order.filled_value = D(100 * filled);
            order_check(&start.order);
            long steps = walk_all(&start, 4);
            assert_true((s == ORDER_DENIED) == (steps == 0));
        }
    }
}
