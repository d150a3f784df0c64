/* A journal leads back to the state that was; and after a crash nothing is assumed. */
#include "engine/recover.h"

#include "base/buf.h"
#include "base/rng.h"

#include "engine/engine_private.h"
#include "engine_world.h"

static struct world *trader(void)
{
    struct world *world = world_new();

    world_open(world, "100000");
    world_price(world, BTC, "100");
    world_price(world, ETH, "10");
    world_price(world, BIP, "100");
    return world;
}

/* The program dies: what was not committed is gone. Another starts on the same journal. */
static void crash(struct world *world)
{
    struct fault why = {OK, ""};

    engine_free(world->engine);
    world->fact_count = world->committed;
    world->sent_count = 0;
    world->wish_count = 0;
    world_make_engine(world, "r2");
    if (engine_recover(world->engine, world->now, &why))
        fail_msg("%s", why.text);
}

static void restart(struct world *world)
{
    crash(world);
    world_start(world);
}

static void answer(struct world *world, uint64_t query, bool is_complete)
{
    struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};

    event.answer = (struct answer){.query = query, .is_complete = is_complete};
    world_push(world, event);
}

static void end_sweep(struct world *world)
{
    answer(world, world_last_sent(world, SENT_QUERY_ORDERS)->query, true);
    answer(world, world_last_sent(world, SENT_QUERY_FILLS)->query, true);
}

TEST(orders_positions_balances_and_causes_are_as_they_were)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    world_limit(world, ACTION_BUY, BTC, "1", "90");
    world_say(world, 2, REPORT_ACCEPTED);
    engine_add_cause(world->engine, LEVEL_PAUSED, ETH, "test", "why not", 0, true);
    world_turn(world);
    restart(world);
    assert_string_equal(world_state(world, 1), "FILLED");
    assert_string_equal(world_state(world, 2), "NEW");
    assert_string_equal(world_order(world, 2)->venue_id.text, "v-2");
    assert_decimal(world_position(world, BTC), "2");
    assert_decimal(world_cash(world), "99800");
    assert_decimal(world_held(world, "USD"), "90");
    assert_string_equal(world_level(world, ETH), "paused");
    world_free(world);
}

TEST(orders_without_an_answer_are_unknown_hold_their_funds_and_are_asked_about)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    restart(world);
    assert_string_equal(world_state(world, 1), "UNKNOWN");
    assert_decimal(world_held(world, "USD"), "90");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDER), 1);
    assert_string_equal(world_last_sent(world, SENT_QUERY_ORDER)->request.client_id.text,
                        "perigee-r1-1");
    world_free(world);
}

TEST(a_cancel_without_an_answer_is_asked_again_once_its_order_works)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    world_say(world, 1, REPORT_ACCEPTED);
    world_decide(world, world_wish(ACTION_CANCEL, BTC, NULL));
    restart(world);
    world_say(world, 1, REPORT_WORKING);
    assert_string_equal(world_state(world, 1), "PENDING_CANCEL");
    assert_int_equal(world_sent(world, SENT_CANCEL), 1);
    world_free(world);
}

TEST(a_fill_that_was_booked_before_the_crash_is_not_booked_again)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "2", "100");
    world_say(world, 1, REPORT_ACCEPTED);
    world_fill(world, 1, "f1", "1", "100", "0");
    restart(world);
    world_fill(world, 1, "f1", "1", "100", "0");
    assert_decimal(world_position(world, BTC), "1");
    world_fill(world, 1, "f2", "1", "100", "0");
    assert_decimal(world_position(world, BTC), "2");
    world_free(world);
}

TEST(numbers_and_client_ids_go_on_and_are_never_used_again)
{
    struct world *world = trader();

    world_buy(world, BTC, "1");
    restart(world);
    assert_int_equal(oms_next_number(engine_oms(world->engine)), 2);
    world_free(world);
}

TEST(new_risk_waits_for_the_first_sweep_and_check_and_exits_do_not)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    restart(world);
    world_price(world, BTC, "100");
    world_price(world, ETH, "10");
    world_buy(world, ETH, "10");
    assert_string_equal(world_code(world), "reconciling");
    world_sell(world, BTC, "1");
    assert_string_equal(world_code(world), "none");
    world_fill(world, world_last_order(world), "s1", "1", "100", "0");
    end_sweep(world);
    world_buy(world, ETH, "10");
    assert_string_equal(world_code(world), "reconciling");
    answer(world, world_last_sent(world, SENT_QUERY_ACCOUNT)->query, true);
    world_buy(world, ETH, "10");
    assert_string_equal(world_code(world), "none");
    world_free(world);
}

TEST(an_incomplete_first_sweep_keeps_new_risk_waiting)
{
    struct world *world = trader();

    restart(world);
    world_price(world, ETH, "10");
    answer(world, world_last_sent(world, SENT_QUERY_ORDERS)->query, false);
    answer(world, world_last_sent(world, SENT_QUERY_FILLS)->query, true);
    world_buy(world, ETH, "10");
    assert_string_equal(world_code(world), "reconciling");
    world_free(world);
}

TEST(what_changed_while_nobody_looked_is_repaired_without_degrading)
{
    struct world *world = trader();

    restart(world);
    end_sweep(world);
    for (int i = 0; i < 3; i++) {
        struct event event = {.kind = EVENT_BALANCE, .product = PRODUCT_NONE};
        snprintf(event.balance.currency, CURRENCY_MAX, "USD");
        event.balance.total = D(55555);
        event.balance.query = world_last_sent(world, SENT_QUERY_ACCOUNT)->query;
        world_push(world, event);
        answer(world, event.balance.query, true);
        world_wait(world, SECONDS(2));
        end_sweep(world); /* that the difference made due: it explains nothing */
    }
    assert_decimal(world_cash(world), "55555");
    assert_string_equal(world_level(world, PRODUCT_NONE), "normal");
    assert_false(world->engine->reconcile.is_starting);
    world_free(world);
}

/* An account that holds coins from before; the first sweep and check are over. */
static struct world *newcomer(enum held_coins holdings, const char *coins)
{
    struct world *world = world_new();
    struct fault why = {OK, ""};

    world->settings.reconcile.holdings = holdings;
    world_make_engine(world, "r1");
    assert_int_equal(engine_recover(world->engine, world->now, &why), OK);
    engine_set_balance(world->engine, "USD", dec("1000"), "opening");
    engine_set_balance(world->engine, "BTC", dec(coins), "opening");
    world_start(world);
    end_sweep(world);
    answer(world, world_last_sent(world, SENT_QUERY_ACCOUNT)->query, true);
    return world;
}

TEST(coins_from_before_are_a_balance_unless_reconcile_holdings_says_adopt)
{
    struct world *world = newcomer(HELD_COINS_BALANCE, "2");

    assert_false(world->engine->reconcile.is_starting);
    world_price(world, BTC, "100");
    assert_decimal(world_position(world, BTC), "0");
    assert_decimal(portfolio_balance(engine_portfolio(world->engine), "BTC").total, "2");
    world_free(world);
}

TEST(adopted_coins_are_a_position_at_the_price_of_the_start)
{
    struct world *world = newcomer(HELD_COINS_ADOPT, "2");

    assert_true(world->engine->reconcile.is_starting); /* there is no price yet */
    world_price(world, BTC, "100");
    world_wait(world, SECONDS(2));
    answer(world, world_last_sent(world, SENT_QUERY_ACCOUNT)->query, true);
    assert_false(world->engine->reconcile.is_starting);
    const position *held = portfolio_position(engine_portfolio(world->engine), BTC);
    assert_decimal(held->size, "2");
    assert_decimal(held->cost, "200");
    assert_decimal(portfolio_balance(engine_portfolio(world->engine), "BTC").total, "2");
    restart(world);
    world_price(world, BTC, "150");
    end_sweep(world);
    answer(world, world_last_sent(world, SENT_QUERY_ACCOUNT)->query, true);
    assert_decimal(portfolio_position(engine_portfolio(world->engine), BTC)->cost, "200");
    world_free(world);
}

TEST(what_is_too_little_to_sell_is_not_adopted)
{
    struct world *world = newcomer(HELD_COINS_ADOPT, "0.000000000001");

    world_price(world, BTC, "100");
    world_wait(world, SECONDS(2));
    answer(world, world_last_sent(world, SENT_QUERY_ACCOUNT)->query, true);
    assert_false(world->engine->reconcile.is_starting);
    assert_decimal(world_position(world, BTC), "0");
    world_free(world);
}

TEST(the_sweep_looks_back_to_the_last_thing_that_was_known)
{
    struct world *world = trader();
    nanos last = world->now;

    world->now += DAYS(2);
    restart(world);
    assert_int_equal(world_last_sent(world, SENT_QUERY_FILLS)->since, last - MINUTES(5));
    world_free(world);
}

TEST(a_flatten_goes_on_after_a_restart)
{
    struct world *world = trader();
    struct event event = {.kind = EVENT_COMMAND, .product = PRODUCT_NONE};

    world_hold(world, BTC, "2", "100");
    event.command.kind = COMMAND_FLATTEN;
    strcpy(event.command.who, "anna");
    world_push(world, event);
    world_say(world, 2, REPORT_REJECTED);
    restart(world);
    world_wait(world, SECONDS(1)); /* no price was heard yet: cost is the price */
    assert_int_equal(world_sent(world, SENT_SUBMIT), 1);
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, "2");
    world_free(world);
}

TEST(an_engine_without_a_journal_asks_the_venue_before_it_trades)
{
    struct world *world = world_new();

    restart(world);
    assert_true(world->engine->reconcile.is_starting);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDERS), 1);
    world_free(world);
}

/* ---- contradictions ---- */

static const char *refusal_of(struct fact fact)
{
    static struct fault why;
    struct world *world = world_new();

    world_append(world, &fact);
    world->committed = world->fact_count;
    world_make_engine(world, "r2");
    assert_int_equal(engine_recover(world->engine, world->now, &why), ERR_CORRUPT);
    world_free(world);
    return why.text;
}

TEST(a_journal_that_contradicts_itself_is_refused_and_not_followed)
{
    struct fact fact = {.kind = FACT_ORDER_EVENT};

    fact.order_event.order = 7;
    assert_non_null(strstr(refusal_of(fact), "event 1 of the journal (order_event)"));
    fact = (struct fact){.kind = FACT_FILL, .fill = {.order = 7, .size = D(1)}};
    assert_non_null(strstr(refusal_of(fact), "no such order"));
    fact = (struct fact){.kind = FACT_FILL};
    assert_non_null(strstr(refusal_of(fact), "no size"));
    fact = (struct fact){.kind = FACT_AMEND, .amend = {.order = 7}};
    assert_non_null(strstr(refusal_of(fact), "new size"));
    fact = (struct fact){.kind = FACT_ORDER};
    assert_non_null(strstr(refusal_of(fact), "number is taken"));
    fact = (struct fact){.kind = FACT_CAUSE};
    assert_non_null(strstr(refusal_of(fact), "no level"));
}

/* ---- over random days ---- */

static void describe(const struct world *world, struct buf *out)
{
    const struct engine *engine = world->engine;
    char a[DECIMAL_TEXT_MAX], b[DECIMAL_TEXT_MAX], c[DECIMAL_TEXT_MAX];

    for (order_number n = 1; n < oms_next_number(engine->oms); n++) {
        const struct order *order = world_order(world, n);
        buf_add_format(out, "%llu %s %s %s %s\n", (unsigned long long)n,
                       order_state_name(order->state), decimal_format(order->filled, a),
                       decimal_format(order->filled_value, b), decimal_format(order->fees, c));
    }
    for (int i = 0; i < portfolio_balance_count(engine->portfolio); i++) {
        const struct balance *held = portfolio_balance_at(engine->portfolio, i);
        buf_add_format(out, "%s %s %s\n", held->currency, decimal_format(held->total, a),
                       decimal_format(held->hold, b));
    }
    for (int i = 0; i < engine->products->count; i++) {
        const position *held = portfolio_position(engine->portfolio, (product_ref)i);
        buf_add_format(out, "%s %s %s\n", decimal_format(held->size, a),
                       decimal_format(held->cost, b), decimal_format(held->realised, c));
    }
    buf_add_format(out, "level %s, losses %lld\n",
                   level_name(degrade_level(engine->degrade, PRODUCT_NONE)),
                   (long long)engine->watch.losses_in_row);
}

static void act_at_random(struct world *world, struct rng *rng, int step)
{
    order_number last = world_last_order(world);
    char id[32], size[32];

    snprintf(id, sizeof id, "f%d", (int)rng_below(rng, 30));
    snprintf(size, sizeof size, "0.%d", 1 + (int)rng_below(rng, 9));
    switch (last ? rng_below(rng, 7) : 0) {
    case 0:
        world_limit(world, rng_chance(rng, 0.6) ? ACTION_BUY : ACTION_SELL,
                    rng_chance(rng, 0.5) ? BTC : ETH, "1", "99");
        break;
    case 1:
        world_say(world, last, (enum report_kind)rng_below(rng, REPORT_KIND_COUNT));
        break;
    case 2:
        world_fill(world, 1 + rng_below(rng, last), id, size, "99", "0.1");
        break;
    case 3:
        world_push(world, world_totals_event(world, 1 + rng_below(rng, last), REPORT_FILL, size,
                                             "50", "0.2"));
        break;
    case 4:
        world_decide(world, world_wish(ACTION_CANCEL, BTC, NULL));
        break;
    case 5:
        world_wait(world, SECONDS(rng_between(rng, 1, 20)));
        break;
    default:
        world_price(world, BTC, step % 2 ? "101" : "98");
    }
}

/* A replay into another engine gives the same, but for what was pending and is lost. */
static void check_replay(struct world *world, int seed, int step)
{
    struct buf was = {0}, is = {0};
    struct world other = *world;

    other.facts = mem_new_array((size_t)world->fact_count + 64, sizeof *other.facts);
    memcpy(other.facts, world->facts, (size_t)world->fact_count * sizeof *other.facts);
    other.fact_cap = world->fact_count + 64;
    world_make_engine(&other, "r2");
    for (int i = 0; i < world->fact_count; i++)
        engine_apply(other.engine, &world->facts[i]);
    describe(world, &was);
    describe(&other, &is);
    if (strcmp(buf_text(&was), buf_text(&is)) != 0)
        fail_msg("seed %d, step %d: it was\n%sand is\n%s", seed, step, buf_text(&was),
                 buf_text(&is));
    buf_clear(&was);
    buf_clear(&is);
    engine_free(other.engine);
    mem_free(other.facts);
}

TEST(the_facts_of_any_day_lead_to_the_state_of_that_day)
{
    for (int seed = 0; seed < 60; seed++) {
        struct rng rng = rng_stream((uint64_t)seed, "day");
        struct world *world = trader();
        for (int step = 0; step < 60; step++)
            act_at_random(world, &rng, step);
        check_replay(world, seed, 60);
        world_free(world);
    }
}

/* Whenever it dies, it starts again, and the books of the new one hold. */
TEST(an_engine_that_dies_at_any_turn_starts_again)
{
    for (int seed = 0; seed < 40; seed++) {
        struct rng rng = rng_stream((uint64_t)seed, "deaths");
        struct world *world = trader();
        for (int step = 0; step < 60; step++) {
            act_at_random(world, &rng, step);
            if (rng_chance(&rng, 0.1)) {
                decimal cash = world_cash(world), held = world_position(world, BTC);
                restart(world);
                assert_decimal_equal(world_cash(world), cash);
                assert_decimal_equal(world_position(world, BTC), held);
                world_turn(world);
                world_price(world, BTC, "100");
                world_price(world, ETH, "10");
            }
        }
        world_free(world);
    }
}

TEST(who_was_to_end_still_is_after_a_restart_although_the_venue_refused)
{
    struct world *world = trader();
    struct event event = {.kind = EVENT_COMMAND, .product = PRODUCT_NONE};

    event.command.kind = COMMAND_CANCEL_ALL;
    world_limit(world, ACTION_BUY, BTC, "1", "90");
    order_number number = world_last_order(world);
    world_say(world, number, REPORT_ACCEPTED);
    world_push(world, event);
    world_say(world, number, REPORT_CANCEL_REFUSED);
    assert_int_equal(world_sent(world, SENT_CANCEL), 1);
    restart(world); /* which begins to count anew */
    world_say(world, number, REPORT_WORKING);
    assert_int_equal(world_sent(world, SENT_CANCEL), 1);
    world_say(world, number, REPORT_CANCEL_REFUSED);
    world_say(world, number, REPORT_WORKING);
    assert_int_equal(world_sent(world, SENT_CANCEL), 2);
    world_free(world);
}
