/* Previews on the wire of the mock: asked, answered, and what goes wrong in between. */
#include "venue/mock.h"

#include <string.h>

#include "venue_check.h"

static struct product_table products;
static struct bus *bus;
static struct mock *mock;
static struct venue_port port;
static struct fault_plan *plan;
static nanos now;
static const nanos start = SECONDS(1700006400);

static void begin(const char *rule)
{
    struct mock_setup setup = {.latency_min = MILLISECONDS(50),
                               .latency_max = MILLISECONDS(50),
                               .market.fees = {dec("0.001"), dec("0.002")}};
    struct fault why = {0};

    product_table_init(&products);
    add_product(&products, spot_product());
    setup.market.start = now = start;
    setup.market.step = SECONDS(1);
    setup.market.no_crowd = true;
    bus = bus_new(10000);
    plan = fault_plan_new(1);
    mock = mock_new(&products, &setup);
    mock_deposit(mock, "USD", D(100000));
    mock_connect(mock, bus);
    mock_set_faults(mock, plan);
    port = mock_port(mock);
    if (rule && fault_plan_parse_rule(plan, rule, &why) != OK)
        fail_msg("%s", why.text);
    simulator_crowd_order(mock_simulator(mock), SPOT, SIDE_SELL, ORDER_LIMIT, D(5), D(100),
                          now);
    drain(bus);
}

static void end(void)
{
    simulator_check(mock_simulator(mock));
    mock_free(mock);
    fault_plan_free(plan);
    bus_free(bus);
}

static void ask(uint64_t number, const char *size)
{
    struct order_request request = market_order("a", SIDE_BUY, size);

    port.preview(port.ctx, number, &request);
}

/* "7: 100.2" for a preview, "7." for the end of a question, "7! outcome". */
static const char *within(nanos span)
{
    static char text[400];
    const struct event *event;
    size_t len = 0;

    now += span;
    mock_advance(mock, now);
    text[0] = '\0';
    while ((event = bus_pop(bus))) {
        char total[DECIMAL_TEXT_MAX];
        const char *gap = len ? " " : "";
        size_t room = sizeof text - len;
        if (event->kind == EVENT_PREVIEW)
            len += (size_t)snprintf(
                text + len, room, "%s%llu: %s%s", gap, (unsigned long long)event->preview.query,
                event->preview.reason[0] ? event->preview.reason
                                         : decimal_format(event->preview.total, total),
                event->product == SPOT ? "" : " of what?");
        else if (event->kind == EVENT_ANSWER && event->answer.is_complete)
            len += (size_t)snprintf(text + len, room, "%s%llu.", gap,
                                    (unsigned long long)event->answer.query);
        else if (event->kind == EVENT_ANSWER)
            len += (size_t)snprintf(text + len, room, "%s%llu! %s", gap,
                                    (unsigned long long)event->answer.query,
                                    outcome_name(event->answer.outcome));
    }
    return text;
}

TEST(a_preview_is_asked_and_answered_and_places_nothing)
{
    begin(NULL);
    ask(7, "1");
    assert_string_equal("", within(MILLISECONDS(99)));
    assert_string_equal("7: 100.2 7.", within(MILLISECONDS(1)));
    assert_int_equal(simulator_order_count(mock_simulator(mock)), 0);
    assert_decimal("0", ledger_held(simulator_ledger(mock_simulator(mock)), "USD"));
    end();
}

TEST(it_is_answered_from_the_book_as_it_is_when_it_arrives)
{
    begin(NULL);
    ask(7, "1");
    within(MILLISECONDS(49));
    simulator_crowd_order(mock_simulator(mock), SPOT, SIDE_SELL, ORDER_LIMIT, D(1), D(90), now);
    assert_string_equal("7: 90.18 7.", within(MILLISECONDS(51)));
    end();
}

TEST(what_would_be_refused_is_an_answer_like_any_other)
{
    begin(NULL);
    ask(7, "0.0001");
    assert_string_equal("7: PREVIEW_INVALID_SIZE_PRECISION 7.", within(SECONDS(1)));
    end();
}

TEST(each_fault_shows_as_it_does_in_other_questions)
{
    static const struct {
        const char *rule, *heard;
    } rows[] = {
        {"preview 1 lose_request", ""},
        {"preview 1 lose_answer", ""},
        {"preview 1 no_connection", "7! no_connection"},
        {"preview 1 timeout", "7! timeout"},
        {"preview 1 server_before", "7! unavailable"},
        {"preview 1 server_after", "7! unavailable"},
        {"preview 1 half_answer", "7! unreadable"},
        {"preview 1 wrong_body", "7! unreadable"},
        {"preview 1 rate_limit", "7! rate_limit"},
        {"preview 1 unauthorized", "7! unauthorized"},
        {"preview 1 reject", "7: PREVIEW_RISK_PROXY_FAILURE 7."},
        {"preview 1 duplicate", "7: 100.2 7. 7: 100.2 7."},
        {"preview 1 delay 500ms", "7: 100.2 7."},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        begin(rows[i].rule);
        ask(7, "1");
        const char *heard = within(SECONDS(5));
        if (strcmp(heard, rows[i].heard) != 0)
            fail_msg("%s: heard \"%s\", not \"%s\"", rows[i].rule, heard, rows[i].heard);
        assert_int_equal(simulator_order_count(mock_simulator(mock)), 0);
        ask(8, "1");
        assert_string_equal("8: 100.2 8.", within(SECONDS(5)));
        end();
    }
}

TEST(one_that_is_overtaken_keeps_its_number)
{
    begin("preview 1 reorder 1s");
    ask(7, "1");
    ask(8, "2");
    assert_string_equal("8: 200.4 8.", within(MILLISECONDS(900)));
    assert_string_equal("7: 100.2 7.", within(SECONDS(3)));
    end();
}

TEST(nothing_fits_a_preview_that_hides_orders)
{
    assert_false(fault_kind_fits(FAULT_HIDE, FAULT_AT_PREVIEW));
    assert_string_equal(fault_point_name(FAULT_AT_PREVIEW), "preview");
}
