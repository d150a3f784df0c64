/* The courier before the simulated exchange, on a wire on which everything goes wrong: random
 * requests, faults and settings, and an oracle that sees both ends. */
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/rng.h"
#include "venue/catalogue.h"
#include "venue/courier.h"
#include "venue/mock.h"

#include "venue_check.h"

enum { LEFT_MAX = 20000, ORDERS_MAX = 2000 };

static const nanos start = SECONDS(1700006400);

/* An order, as each side saw it. */
struct tale {
    struct order_request request;
    nanos handed;
    int attempts;
    bool is_refused; /* the engine was told that it is not and never will be */
    bool is_told;    /* the engine was told something that ends its waiting */
    char id[24];
};

struct bench {
    uint64_t seed;
    struct rng rng;
    struct engine_settings settings;
    struct product_table products;
    struct mock *mock;
    struct venue_port venue; /* the mock's */
    struct fault_plan *faults;
    struct courier *courier;
    struct venue_port port; /* the courier's */
    struct bus *bus;
    struct clearance clearance;
    struct tale tales[ORDERS_MAX];
    int tale_count;
    struct map *by_id;
    struct left {
        enum errand_class class;
        nanos time;
    } left[LEFT_MAX];
    int left_count;
    nanos cancel_handed; /* the oldest cancel that has not left, 0: none */
    char cancel[24];
    nanos longest_cancel; /* from handing over to leaving */
    bool has_opened;      /* a breaker */
    nanos now;
};

#define COMPLAIN(bench, ...)                                                                   \
    do {                                                                                       \
        print_error("seed %d: ", (int)(bench)->seed);                                          \
        fail_msg(__VA_ARGS__);                                                                 \
    } while (0)

/* ---- the wire, between the courier and the mock ---- */

static void note_left(struct bench *bench, enum errand_class class)
{
    assert_true(bench->left_count < LEFT_MAX);
    bench->left[bench->left_count++] = (struct left){class, bench->now};
}

static bool is_same(const struct order_request *a, const struct order_request *b)
{
    return strcmp(a->client_id.text, b->client_id.text) == 0 && a->product == b->product &&
           a->side == b->side && a->type == b->type && decimal_is_equal(a->size, b->size) &&
           decimal_is_equal(a->limit_price, b->limit_price);
}

static void wire_submit(void *ctx, const struct order_request *request)
{
    struct bench *bench = ctx;
    struct tale *tale = map_find(bench->by_id, request->client_id.text);

    note_left(bench, ERRANDS_ORDERS);
    if (!tale || !is_same(&tale->request, request))
        COMPLAIN(bench, "%s left and was never handed over", request->client_id.text);
    tale->attempts++;
    if (tale->attempts > bench->settings.retry.attempts)
        COMPLAIN(bench, "%s left %d times", tale->id, tale->attempts);
    if (bench->now >= tale->handed + bench->settings.retry.answer_deadline)
        COMPLAIN(bench, "%s left after its deadline", tale->id);
    if (tale->is_refused)
        COMPLAIN(bench, "%s left after it was refused", tale->id);
    if (bench->clearance.code)
        COMPLAIN(bench, "%s left and may not", tale->id);
    bench->venue.submit(bench->venue.ctx, request);
}

static void wire_cancel(void *ctx, const client_order_id *id, const venue_order_id *venue_id)
{
    struct bench *bench = ctx;

    if (strcmp(bench->cancel, id->text) == 0 && bench->cancel_handed) {
        nanos waited = bench->now - bench->cancel_handed;
        bench->longest_cancel = waited > bench->longest_cancel ? waited : bench->longest_cancel;
        bench->cancel_handed = 0;
    }
    note_left(bench, ERRANDS_CANCELS);
    bench->venue.cancel(bench->venue.ctx, id, venue_id);
}

static void wire_amend(void *ctx, const struct venue_amend *amend)
{
    struct bench *bench = ctx;

    note_left(bench, ERRANDS_ORDERS);
    bench->venue.amend(bench->venue.ctx, amend);
}

static void wire_query_order(void *ctx, uint64_t number, const client_order_id *id,
                             const venue_order_id *venue_id)
{
    struct bench *bench = ctx;

    note_left(bench, ERRANDS_QUERIES);
    bench->venue.query_order(bench->venue.ctx, number, id, venue_id);
}

static void wire_query_orders(void *ctx, uint64_t number, nanos since)
{
    struct bench *bench = ctx;

    note_left(bench, ERRANDS_QUERIES);
    bench->venue.query_orders(bench->venue.ctx, number, since);
}

static struct venue_port wire(struct bench *bench)
{
    return (struct venue_port){.ctx = bench,
                               .name = "wire",
                               .can_amend = true,
                               .submit = wire_submit,
                               .cancel = wire_cancel,
                               .amend = wire_amend,
                               .query_order = wire_query_order,
                               .query_orders = wire_query_orders};
}

/* ---- the engine's side ---- */

static struct clearance check(void *ctx, const struct order_request *request)
{
    struct bench *bench = ctx;

    (void)request;
    return bench->clearance;
}

static void hear_report(struct bench *bench, const struct order_report *report)
{
    struct tale *tale = map_find(bench->by_id, report->client_id.text);

    bool is_others = report->errand == ERRAND_CANCEL || report->errand == ERRAND_AMEND;
    if (!tale || is_others || report->kind == REPORT_NOT_FOUND)
        return;
    bool is_withdrawn = report->kind == REPORT_WITHDRAWN;
    if (is_withdrawn && tale->attempts)
        COMPLAIN(bench, "%s was withdrawn and had left", tale->id);
    tale->is_refused = tale->is_refused || is_withdrawn || report->kind == REPORT_REJECTED;
    tale->is_told = tale->is_told || (report->kind != REPORT_CANCEL_REFUSED &&
                                      report->kind != REPORT_REPLACE_REFUSED);
}

static void hear(struct bench *bench)
{
    const struct event *event;

    while ((event = bus_pop(bench->bus)))
        if (event->kind == EVENT_REPORT)
            hear_report(bench, &event->report);
    for (int i = 0; i < ERRAND_CLASS_COUNT; i++)
        if (courier_state(bench->courier).breakers[i] != BREAKER_CLOSED)
            bench->has_opened = true;
}

static void run_until(struct bench *bench, nanos end)
{
    while (bench->now < end) {
        nanos next = mock_next_time(bench->mock), own = courier_next_time(bench->courier);
        next = own < next ? own : next;
        next = next < end ? next : end;
        bench->now = next > bench->now ? next : bench->now;
        mock_advance(bench->mock, bench->now);
        courier_advance(bench->courier, bench->now);
        hear(bench);
    }
}

/* ---- requests ---- */

static client_order_id any_id(struct bench *bench)
{
    client_order_id id = {"nobody"};

    if (bench->tale_count)
        id =
            bench->tales[rng_below(&bench->rng, (uint64_t)bench->tale_count)].request.client_id;
    return id;
}

static void submit(struct bench *bench)
{
    struct tale *tale = &bench->tales[bench->tale_count];
    bool is_buy = rng_chance(&bench->rng, 0.5);

    assert_true(bench->tale_count++ < ORDERS_MAX);
    snprintf(tale->id, sizeof tale->id, "o-%d", bench->tale_count);
    tale->request = (struct order_request){.side = is_buy ? SIDE_BUY : SIDE_SELL,
                                           .type = ORDER_LIMIT,
                                           .tif = TIF_GTC,
                                           .size = dec("0.01"),
                                           .limit_price = is_buy ? D(50000) : D(70000)};
    if (rng_chance(&bench->rng, 0.1)) /* beyond the funds */
        tale->request.size = D(1000);
    strcpy(tale->request.client_id.text, tale->id);
    tale->handed = bench->now;
    map_set(bench->by_id, tale->id, tale);
    bench->port.submit(bench->port.ctx, &tale->request);
}

static void cancel(struct bench *bench)
{
    client_order_id id = any_id(bench);

    if (!bench->cancel_handed) {
        strcpy(bench->cancel, id.text);
        bench->cancel_handed = bench->now;
    }
    bench->port.cancel(bench->port.ctx, &id, &(venue_order_id){""});
    if (courier_state(bench->courier).waiting == 0)
        bench->cancel_handed = 0; /* the same was under way */
}

static void act(struct bench *bench)
{
    client_order_id id = any_id(bench);
    struct venue_amend change = {.client_id = id,
                                 .size = dec("0.02"),
                                 .limit_price = D(rng_between(&bench->rng, 49000, 51000))};

    switch (rng_below(&bench->rng, 8)) {
    case 0:
        cancel(bench);
        break;
    case 1:
        bench->port.amend(bench->port.ctx, &change);
        break;
    case 2:
        bench->port.query_orders(bench->port.ctx, rng_next(&bench->rng) % 1000 + 1, start);
        break;
    case 3:
        bench->port.query_order(bench->port.ctx, rng_next(&bench->rng) % 1000 + 1, &id,
                                &(venue_order_id){""});
        break;
    default:
        submit(bench);
        break;
    }
}

/* ---- the whole ---- */

static decimal per_mille(int64_t n)
{
    return decimal_div(decimal_from_int(n), D(1000), ROUND_DOWN);
}

static void choose(struct bench *bench)
{
    struct rng *rng = &bench->rng;
    struct retry_settings *retry = &bench->settings.retry;

    engine_settings_init(&bench->settings);
    retry->attempts = rng_between(rng, 1, 5);
    retry->base = MILLISECONDS(rng_between(rng, 1, 1000));
    retry->jitter_share = per_mille(rng_between(rng, 0, 1000));
    retry->attempt_timeout = MILLISECONDS(rng_between(rng, 50, 4000));
    retry->answer_deadline = MILLISECONDS(rng_between(rng, 1000, 15000));
    for (int i = 0; i < ERRAND_CLASS_COUNT; i++)
        bench->settings.budgets[i] =
            (struct budget){rng_between(rng, 1, 10), rng_between(rng, 1, 10)};
    bench->settings.budgets[ERRANDS_CANCELS].per_second = 10;
    bench->settings.breaker.failures = rng_between(rng, 1, 10);
    bench->settings.breaker.cool_down = MILLISECONDS(rng_between(rng, 100, 5000));
}

static void bench_begin(struct bench *bench, uint64_t seed)
{
    struct product product;
    struct mock_setup setup = {.market = {.seed = seed, .start = start, .step = SECONDS(1)},
                               .latency_min = MILLISECONDS(1)};

    memset(bench, 0, sizeof *bench);
    bench->seed = seed;
    bench->rng = rng_stream(seed, "courier_random");
    choose(bench);
    product_table_init(&bench->products);
    assert_true(catalogue_find("BTC-USD", &product, NULL));
    add_product(&bench->products, product);
    setup.latency_max = MILLISECONDS(rng_between(&bench->rng, 1, 1500));
    setup.market.refuses_duplicates = rng_chance(&bench->rng, 0.5);
    bench->now = start;
    bench->by_id = map_new();
    bench->bus = bus_new(1 << 20);
    bench->mock = mock_new(&bench->products, &setup);
    bench->venue = mock_port(bench->mock);
    mock_deposit(bench->mock, "USD", D(1000000));
    mock_deposit(bench->mock, "BTC", D(100));
    bench->faults = fault_plan_new(seed);
    fault_plan_set_span(bench->faults, MILLISECONDS(10), SECONDS(8));
}

static void bench_open(struct bench *bench)
{
    struct venue_port port = wire(bench);
    struct courier_gate gate = {.ctx = bench, .check = check};

    bench->courier = courier_new(&bench->settings, &port, bench->seed);
    bench->port = courier_port(bench->courier);
    courier_connect(bench->courier, bench->bus, &gate);
    mock_connect(bench->mock, courier_inbox(bench->courier));
    courier_advance(bench->courier, start);
}

static void bench_end(struct bench *bench)
{
    fault_plan_free(bench->faults);
    courier_free(bench->courier);
    mock_free(bench->mock);
    bus_free(bench->bus);
    map_free(bench->by_id);
}

static void everything_goes_wrong(struct bench *bench)
{
    for (int kind = FAULT_NONE + 1; kind < FAULT_KIND_COUNT; kind++)
        if (rng_chance(&bench->rng, 0.6) && kind != FAULT_DISCONNECT)
            fault_plan_set_chance(bench->faults, (enum fault_kind)kind,
                                  per_mille(rng_between(&bench->rng, 0, 120)));
    mock_set_faults(bench->mock, bench->faults);
}

static void trade(struct bench *bench, int seconds)
{
    nanos end = bench->now + SECONDS(seconds);

    while (bench->now < end) {
        if (rng_chance(&bench->rng, 0.01))
            bench->clearance.code = REFUSAL_PAUSED;
        else if (rng_chance(&bench->rng, 0.1))
            bench->clearance.code = REFUSAL_NONE;
        act(bench);
        hear(bench);
        run_until(bench, bench->now + MILLISECONDS(rng_between(&bench->rng, 0, 300)));
    }
    bench->clearance.code = REFUSAL_NONE;
    mock_set_faults(bench->mock, NULL);
    run_until(bench, bench->now + MINUTES(3));
}

/* ---- what must hold ---- */

/* Of any stretch of requests, of one class or of all. */
static void check_budget(struct bench *bench, int64_t rate, int64_t burst, int class)
{
    static nanos times[LEFT_MAX];
    int count = 0;

    for (int i = 0; i < bench->left_count; i++)
        if (class < 0 || (int)bench->left[i].class == class)
            times[count++] = bench->left[i].time;
    for (int i = 0; i < count; i++)
        for (int k = i; k < count && k < i + 60; k++)
            if (k - i + 1 > burst + rate * (times[k] - times[i]) / SECONDS(1))
                COMPLAIN(bench, "%d requests of class %d in %lld ns", k - i + 1, class,
                         (long long)(times[k] - times[i]));
}

static void check_budgets(struct bench *bench)
{
    int64_t rate = 0, burst = 0;

    for (int i = 0; i < ERRAND_CLASS_COUNT; i++) {
        const struct budget *budget = &bench->settings.budgets[i];
        rate += budget->per_second;
        burst += budget->burst;
        if (i != ERRANDS_CANCELS) /* they use the others' too */
            check_budget(bench, budget->per_second, budget->burst, i);
    }
    check_budget(bench, rate, burst, -1);
}

/* What was refused is not at the venue, and never comes there; everything was answered. */
static void check_tales(struct bench *bench)
{
    const struct simulator *sim = mock_simulator(bench->mock);

    for (int i = 0; i < bench->tale_count; i++) {
        const struct tale *tale = &bench->tales[i];
        bool is_there =
            simulator_find(sim, &tale->request.client_id, &(venue_order_id){""}) != NULL;
        if (tale->is_refused && is_there)
            COMPLAIN(bench, "%s was refused and is at the venue", tale->id);
        if (!tale->is_told)
            COMPLAIN(bench, "nothing was ever said of %s", tale->id);
    }
}

static void check_no_doubles(struct bench *bench)
{
    const struct simulator *sim = mock_simulator(bench->mock);
    struct map *seen = map_new();

    for (uint64_t i = 0; i < simulator_order_count(sim); i++) {
        const char *id = simulator_order_at(sim, i)->request.client_id.text;
        if (map_find(seen, id))
            COMPLAIN(bench, "%s is at the venue twice", id);
        map_set(seen, id, bench);
    }
    map_free(seen);
}

TEST(no_misfortune_doubles_an_order_refuses_one_that_is_there_or_breaks_a_budget)
{
    static struct bench bench;
    int refused = 0, orders = 0, retried = 0;

    for (uint64_t seed = 1; seed <= 60; seed++) {
        bench_begin(&bench, seed);
        bench_open(&bench);
        everything_goes_wrong(&bench);
        trade(&bench, 40);
        if (!courier_is_idle(bench.courier))
            COMPLAIN(&bench, "something waits for ever");
        check_budgets(&bench);
        check_tales(&bench);
        check_no_doubles(&bench);
        for (int i = 0; i < bench.tale_count; i++) {
            refused += bench.tales[i].is_refused;
            retried += bench.tales[i].attempts > 1;
        }
        orders += bench.tale_count;
        bench_end(&bench);
    }
    assert_in_range(refused, orders / 50, orders); /* it was worth looking */
    assert_in_range(retried, orders / 50, orders);
}

/* On a wire without 429 nothing holds cancels up: orders wait by the dozen, they do not. */
TEST(cancels_do_not_wait_behind_a_flood_of_orders)
{
    static struct bench bench;

    for (uint64_t seed = 1; seed <= 20; seed++) {
        bench_begin(&bench, seed);
        bench.settings.budgets[ERRANDS_ORDERS] = (struct budget){1, 1};
        bench_open(&bench);
        for (int second = 0; second < 20; second++) {
            for (int i = 0; i < 20; i++)
                submit(&bench);
            cancel(&bench);
            hear(&bench);
            run_until(&bench, bench.now + SECONDS(1));
        }
        if (bench.longest_cancel > MILLISECONDS(100))
            COMPLAIN(&bench, "a cancel waited for %lld ns", (long long)bench.longest_cancel);
        bench_end(&bench);
    }
}

TEST(what_the_venue_refuses_opens_no_breaker_however_often)
{
    static const enum fault_kind kinds[] = {FAULT_REJECT, FAULT_UNAUTHORIZED, FAULT_RATE_LIMIT};
    static struct bench bench;

    for (uint64_t seed = 1; seed <= 15; seed++) {
        bench_begin(&bench, seed);
        bench.settings.retry.attempt_timeout = SECONDS(10);
        bench.settings.retry.answer_deadline = SECONDS(60);
        bench.settings.breaker.failures = 1;
        bench_open(&bench);
        fault_plan_set_span(bench.faults, MILLISECONDS(10), MILLISECONDS(500));
        fault_plan_set_chance(bench.faults, kinds[seed % 3], dec("0.9"));
        mock_set_faults(bench.mock, bench.faults);
        for (int i = 0; i < 60; i++) {
            submit(&bench);
            bench.port.query_orders(bench.port.ctx, 1, start);
            hear(&bench);
            run_until(&bench, bench.now + SECONDS(1));
        }
        assert_false(bench.has_opened);
        bench_end(&bench);
    }
}
