/* A journal that contradicts itself is refused with the sentence that says how; the same fact
 * where it fits is taken. */
#include "engine/recover.h"

#include "engine/engine_private.h"
#include "engine_world.h"

/* Order 1 works, of 2, and has filled 0.5; order 2 is filled; order 3 is being changed. */
static struct world *given_day(void)
{
    struct world *world = given_market(world_new(), "10000");

    world_limit(world, ACTION_BUY, BTC, "2", "90");
    when_accepted(world);
    world_fill(world, 1, "f1", "0.5", "90", "0");
    world_hold(world, ETH, "3", "10");
    world_limit(world, ACTION_BUY, BTC, "1", "80");
    when_accepted(world);
    struct decision change = {.action = ACTION_AMEND, .product = BTC, .order = 3};
    change.limit_price = dec("81");
    world_decide(world, change);
    then_state(world, 3, "PENDING_REPLACE");
    return world;
}

/* The day, and this fact at its end: what recovery says of it, "" if it takes it. */
static const char *said_of(struct fact fact)
{
    static struct fault why;
    struct world *world = given_day();

    why = (struct fault){OK, ""};
    engine_free(world->engine);
    world_append(world, &fact);
    world->committed = world->fact_count;
    world_make_engine(world, "r2");
    enum err err = engine_recover(world->engine, world->now, &why);
    assert_int_equal(err, why.text[0] ? ERR_CORRUPT : OK);
    world_free(world);
    return why.text;
}

#define then_refused_as(fact, text)                                                            \
    do {                                                                                       \
        const char *said = said_of(fact);                                                      \
        if (!strstr(said, text))                                                               \
            fail_msg("'%s' is not in: %s", text, said);                                        \
    } while (0)
#define then_taken(fact) assert_string_equal(said_of(fact), "")

static struct fact order_fact(order_number number, const char *client_id)
{
    struct fact fact = {.kind = FACT_ORDER};

    fact.order = (struct order){.number = number,
                                .request = sample_limit(SIDE_BUY, "1", "50"),
                                .state = ORDER_INITIALIZED,
                                .reserved_price = dec("50")};
    snprintf(fact.order.request.client_id.text, CLIENT_ORDER_ID_MAX, "%s", client_id);
    return fact;
}

TEST(an_order_has_a_number_and_a_client_id_of_its_own)
{
    struct world *world = given_day();
    char taken[CLIENT_ORDER_ID_MAX];

    snprintf(taken, sizeof taken, "%s", world_order(world, 1)->request.client_id.text);
    world_free(world);
    then_refused_as(order_fact(3, "new"), "the order's number is taken");
    then_refused_as(order_fact(4, taken), "the order's client id is taken");
    then_refused_as(order_fact(4, ""), "the order has no client id");
    then_taken(order_fact(4, "new"));
}

static struct fact event_fact(order_number number, enum order_event event)
{
    struct fact fact = {.kind = FACT_ORDER_EVENT};

    fact.order_event.order = number;
    fact.order_event.event = event;
    return fact;
}

TEST(an_event_has_an_order_and_an_arrow)
{
    then_refused_as(event_fact(9, ORDER_EVENT_ASK_CANCEL), "there is no such order");
    then_refused_as(event_fact(2, ORDER_EVENT_ASK_CANCEL), "FILLED");
    then_taken(event_fact(1, ORDER_EVENT_ASK_CANCEL));
}

TEST(a_fill_is_never_told_as_an_event)
{
    then_refused_as(event_fact(1, ORDER_EVENT_PARTIAL_FILL), "PARTIALLY_FILLED");
    then_refused_as(event_fact(1, ORDER_EVENT_FULL_FILL), "PARTIALLY_FILLED");
}

static struct fact amend_fact(order_number number, const char *size)
{
    struct fact fact = {.kind = FACT_AMEND};

    fact.amend.order = number;
    fact.amend.size = dec(size);
    fact.amend.limit_price = dec("81");
    return fact;
}

TEST(terms_that_changed_have_a_size_an_order_and_an_arrow)
{
    then_refused_as(amend_fact(3, "0"), "the new size is not above zero");
    then_refused_as(amend_fact(9, "1"), "there is no such order");
    then_taken(amend_fact(3, "1"));
}

static struct fact asked_fact(order_number number, const char *size, bool is_anew)
{
    struct fact fact = {.kind = FACT_AMEND_ASKED};

    fact.amend_asked.order = number;
    fact.amend_asked.change =
        (struct order_change){.size = dec(size), .limit_price = dec("91"), .is_anew = is_anew};
    return fact;
}

TEST(a_change_that_is_asked_for_has_a_size_an_order_and_the_field_for_itself)
{
    then_refused_as(asked_fact(1, "0", false), "the new size is not above zero");
    then_refused_as(asked_fact(9, "1", false), "there is no such order");
    then_refused_as(asked_fact(3, "1", false), "another change is under way");
    then_refused_as(asked_fact(2, "1", false), "FILLED");
    then_taken(asked_fact(1, "1", false));
    then_taken(asked_fact(1, "1", true));
}

static struct fact fill_fact(enum fact_kind kind, order_number number, const char *size,
                             const char *value)
{
    struct fact fact = {.kind = kind};

    fact.fill = (struct fill){.id = {"late"},
                              .order = number,
                              .product = BTC,
                              .side = SIDE_BUY,
                              .size = dec(size),
                              .price = dec("90"),
                              .value = dec(value)};
    return fact;
}

TEST(a_fill_has_a_size_a_value_and_its_order_if_it_names_one)
{
    then_refused_as(fill_fact(FACT_FILL, 9, "0.5", "45"), "there is no such order");
    then_refused_as(fill_fact(FACT_FILL, 1, "0", "45"), "no size, or a negative value");
    then_refused_as(fill_fact(FACT_FILL, 1, "0.5", "-1"), "no size, or a negative value");
    then_taken(fill_fact(FACT_FILL, 1, "0.5", "0"));
    then_taken(fill_fact(FACT_FILL, 0, "0.5", "45"));
}

TEST(a_fill_that_explains_what_was_inferred_explains_no_more)
{
    then_refused_as(fill_fact(FACT_FILL_KNOWN, 9, "0.5", "45"), "there is no such order");
    then_refused_as(fill_fact(FACT_FILL_KNOWN, 1, "0.5", "45"),
                    "it explains more than was inferred");
}

TEST(what_speaks_of_an_order_speaks_of_one_that_is_there)
{
    struct fact fact = {.kind = FACT_WISH};

    fact.wish.order = 9;
    then_refused_as(fact, "there is no such order");
    fact.wish.order = 1;
    then_taken(fact);
    fact = (struct fact){.kind = FACT_SEEN};
    fact.seen.order = 9;
    then_refused_as(fact, "there is no such order");
    fact = (struct fact){.kind = FACT_PREVIEW};
    fact.preview.order = 9;
    then_refused_as(fact, "no order waits for it");
    fact.preview.order = 1;
    then_refused_as(fact, "no order waits for it");
}

TEST(a_cause_holds_a_level)
{
    struct fact fact = {.kind = FACT_CAUSE};

    fact.cause.id = 1;
    fact.cause.product = PRODUCT_NONE;
    then_refused_as(fact, "it holds no level");
    fact.cause.level = LEVEL_REDUCE_ONLY;
    then_taken(fact);
}
