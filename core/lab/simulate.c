/* One loop: let the venue's world move to the next thing that happens, let the
 * engine take its turn, let the oracle look.
 *
 * Now and then all goes quiet: no more faults, no new wishes. Then the engine has
 * to find out everything that it does not know within `settle_max`, whatever
 * happened before. That is the difference between an engine that is careful and
 * one that is stuck.
 *
 * The process dies where its fuse says: in a commit, or between two requests of
 * one turn. What then was on its way to the engine may be lost, what was on its
 * way to the venue is not. */
#include "lab/simulate.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/oms.h"
#include "engine/recover.h"
#include "lab/monkey.h"
#include "lab/operator.h"
#include "lab/oracle.h"
#include "lab/stranger.h"
#include "lab/swarm.h"
#include "lab/tape.h"
#include "venue/courier.h"
#include "venue/mock.h"

static const nanos settle_max = MINUTES(30);
static const nanos start_time = INT64_C(1767225600) * 1000000000; /* 2026-01-01 */

struct simulation {
    const struct simulate_options *options;
    struct swarm swarm;
    struct engine_settings believed; /* by the oracle */
    struct product_table believed_products;
    struct saboteur saboteur;
    struct fault_plan *faults;
    struct mock *mock;
    struct venue_port venue; /* the mock's; the courier gets one that passes on to it */
    struct courier *courier; /* lives and dies with the engine */
    struct fuse fuse;
    struct tape *tape;
    struct engine *engine;
    struct bus *nobody; /* takes what arrives while no engine runs */
    struct oracle *oracle;
    struct monkey monkey;
    struct operator operator;
    struct stranger stranger;
    struct rng rng;
    nanos now, end;
    nanos next_quiet, quiet_until; /* quiet_until: 0 while it is not quiet */
    struct engine_counters before; /* of the engines that died */
    struct simulate_result *result;
};

/* ---- the wire: between the courier and the mock ---- */

static void pass_on(struct simulation *sim, struct order_request *request)
{
    oracle_on_submit(sim->oracle, request, sim->now);
    saboteur_on_arrival(&sim->saboteur, &sim->venue, request);
    sim->venue.submit(sim->venue.ctx, request);
}

static void submit(void *ctx, const struct order_request *request)
{
    struct simulation *sim = ctx;
    struct order_request leaving = *request;

    if (sim->fuse.is_blown)
        return;
    if (saboteur_on_send(&sim->saboteur, sim->engine, &leaving))
        pass_on(sim, &leaving);
    fuse_burn(&sim->fuse);
}

static void cancel(void *ctx, const client_order_id *client_id, const venue_order_id *venue_id)
{
    struct simulation *sim = ctx;

    if (sim->fuse.is_blown)
        return;
    sim->venue.cancel(sim->venue.ctx, client_id, venue_id);
    fuse_burn(&sim->fuse);
}

static void amend(void *ctx, const struct venue_amend *amend)
{
    struct simulation *sim = ctx;

    if (sim->fuse.is_blown)
        return;
    oracle_on_amend(sim->oracle, amend, sim->now);
    sim->venue.amend(sim->venue.ctx, amend);
    fuse_burn(&sim->fuse);
}

static void query_order(void *ctx, uint64_t query, const client_order_id *client_id,
                        const venue_order_id *venue_id)
{
    struct simulation *sim = ctx;

    if (!sim->fuse.is_blown)
        sim->venue.query_order(sim->venue.ctx, query, client_id, venue_id);
}

static void query_orders(void *ctx, uint64_t query, nanos since)
{
    struct simulation *sim = ctx;

    if (!sim->fuse.is_blown)
        sim->venue.query_orders(sim->venue.ctx, query, since);
}

static void query_fills(void *ctx, uint64_t query, nanos since)
{
    struct simulation *sim = ctx;

    if (!sim->fuse.is_blown)
        sim->venue.query_fills(sim->venue.ctx, query, since);
}

static void query_account(void *ctx, uint64_t query)
{
    struct simulation *sim = ctx;

    if (!sim->fuse.is_blown)
        sim->venue.query_account(sim->venue.ctx, query);
}

static void preview(void *ctx, uint64_t query, const struct order_request *request)
{
    struct simulation *sim = ctx;

    if (sim->fuse.is_blown)
        return;
    sim->venue.preview(sim->venue.ctx, query, request);
    fuse_burn(&sim->fuse);
}

static struct venue_port wire_port(struct simulation *sim)
{
    return (struct venue_port){
        .ctx = sim,
        .name = sim->venue.name,
        .can_amend = sim->venue.can_amend,
        .submit = submit,
        .cancel = cancel,
        .amend = amend,
        .query_order = query_order,
        .query_orders = query_orders,
        .query_fills = query_fills,
        .query_account = query_account,
        .preview = preview,
    };
}

/* ---- the life of an engine ---- */

static void set_fuse(struct simulation *sim)
{
    int64_t mean = sim->options->without_crashes ? 0 : sim->swarm.steps_to_crash;

    sim->fuse = (struct fuse){.left = mean ? rng_between(&sim->rng, 0, 2 * mean) : -1};
}

static struct engine *make_engine(struct simulation *sim)
{
    struct venue_port wire = wire_port(sim);
    sim->courier = courier_new(&sim->swarm.settings, &wire, sim->options->seed);
    struct engine_ports ports = {.venue = courier_port(sim->courier),
                                 .journal = tape_port(sim->tape)};
    struct guard_port guard = monkey_guard(&sim->monkey);
    char run[16];

    snprintf(run, sizeof run, "%llx", (unsigned long long)tape_sequence(sim->tape));
    struct engine *engine = engine_new(&sim->swarm.settings, &sim->swarm.products, &ports, run);
    for (int i = 0; i < sim->swarm.products.count; i++) {
        struct strategy_port monkey = monkey_strategy(&sim->monkey, (product_ref)i);
        engine_add_strategy(engine, &monkey);
    }
    engine_add_guard(engine, &guard);
    return engine;
}

static enum err start_engine(struct simulation *sim, struct fault *why)
{
    struct fact_run run = {.venue = "mock", .seed = sim->options->seed};
    enum err err = OK;

    sim->engine = make_engine(sim);
    struct courier_gate gate = courier_gate_of(sim->engine);
    courier_connect(sim->courier, engine_bus(sim->engine), &gate);
    mock_connect(sim->mock, courier_inbox(sim->courier));
    courier_advance(sim->courier, sim->now);
    oracle_set_engine(sim->oracle, sim->engine);
    if (tape_sequence(sim->tape))
        err = engine_recover(sim->engine, sim->now, why);
    else
        engine_set_balance(sim->engine, sim->swarm.settings.currency, sim->swarm.cash,
                           "opening");
    return err ? err : engine_start(sim->engine, &run, sim->now, why);
}

static void count_engine(struct simulation *sim)
{
    struct engine_counters now = engine_counters(sim->engine);

    sim->before.orders += now.orders;
    sim->before.refusals += now.refusals;
    sim->before.fills += now.fills;
}

static void bury_engine(struct simulation *sim)
{
    count_engine(sim);
    oracle_set_engine(sim->oracle, NULL);
    mock_connect(sim->mock, sim->nobody);
    engine_free(sim->engine);
    courier_free(sim->courier);
    sim->engine = NULL;
    sim->courier = NULL;
}

/* Half of the time at once, so that what was on its way still arrives; else after a while in
 * which everything passes by. */
static void stay_dead(struct simulation *sim)
{
    if (rng_chance(&sim->rng, 0.5))
        return;
    sim->now += rng_between(&sim->rng, SECONDS(1), MINUTES(20));
    mock_advance(sim->mock, sim->now);
    while (bus_pop(sim->nobody))
        ;
}

/* The process is dead. A new one starts, and may die in the attempt. */
static void live_again(struct simulation *sim)
{
    struct fault why = {OK, ""};
    enum err err;

    do {
        bool is_power_cut =
            rng_below(&sim->rng, 100) < (uint64_t)sim->swarm.power_cuts_per_cent;
        sim->result->crashes++;
        bury_engine(sim);
        tape_crash(sim->tape, &sim->rng, is_power_cut);
        stay_dead(sim);
        set_fuse(sim);
        err = start_engine(sim, &why);
    } while (sim->fuse.is_blown);
    if (err)
        oracle_complain(sim->oracle, "no start after a crash: %.400s", why.text);
}

/* A turn that failed although nothing died is a violation. */
static void after_turn(struct simulation *sim, enum err err, const struct fault *why)
{
    if (sim->fuse.is_blown)
        live_again(sim);
    else if (err)
        oracle_complain(sim->oracle, "the engine ended: %.400s", why->text);
}

/* ---- quiet ---- */

static void set_faults(struct simulation *sim, bool is_on)
{
    mock_set_faults(sim->mock, is_on && !sim->options->without_faults ? sim->faults : NULL);
}

static void begin_quiet(struct simulation *sim)
{
    sim->quiet_until = sim->now + settle_max;
    sim->monkey.is_silent = true;
    sim->fuse.left = -1;
    set_faults(sim, false);
    if (sim->saboteur.kind == SABOTAGE_NO_ANSWERS)
        mock_connect(sim->mock, sim->nobody);
}

static void end_quiet(struct simulation *sim)
{
    sim->result->quiets++;
    sim->quiet_until = 0;
    sim->next_quiet = sim->now + sim->swarm.quiet_every;
    sim->monkey.is_silent = false;
    set_fuse(sim);
    set_faults(sim, true);
}

static void look_for_quiet(struct simulation *sim)
{
    char difference[FAULT_TEXT_MAX];

    if (!sim->quiet_until && (sim->now >= sim->next_quiet || sim->now >= sim->end))
        begin_quiet(sim);
    if (!sim->quiet_until)
        return;
    if (oracle_is_settled(sim->oracle, difference))
        end_quiet(sim);
    else if (sim->now >= sim->quiet_until)
        oracle_complain(sim->oracle, "not settled after %d minutes of quiet: %.400s",
                        (int)(settle_max / MINUTES(1)), difference);
}

/* ---- the run ---- */

static bool cancels_all(enum command_kind kind)
{
    return kind == COMMAND_CANCEL_ALL || kind == COMMAND_KILL;
}

/* At once: later most of them would have ended anyway. */
static void look_at_cancels(struct simulation *sim, size_t sent)
{
    oracle_on_cancel_all(sim->oracle, sent);
    sim->next_quiet = sim->now;
}

static enum err turn(struct simulation *sim, struct fault *why)
{
    bool has_orders = oms_open_count(engine_oms(sim->engine)) > 0;
    const struct event *command =
        sim->quiet_until ? NULL : operator_speak(&sim->operator, sim->now, has_orders);
    uint64_t committed = tape_sequence(sim->tape);

    if (command && !saboteur_swallows(&sim->saboteur, command->command.kind))
        bus_push(engine_bus(sim->engine), command);
    if (command && command->command.kind == COMMAND_RESUME)
        oracle_set_halted(sim->oracle, false); /* it may be followed in the same turn */
    if (command && command->command.kind == COMMAND_FLATTEN)
        oracle_set_flattening(sim->oracle, true);
    size_t sent = oracle_sent_count(sim->oracle);
    enum err err = engine_turn(sim->engine, sim->now, why);
    bool is_heard = tape_sequence(sim->tape) > committed;
    if (command && (is_heard || saboteur_swallows(&sim->saboteur, command->command.kind))) {
        if (cancels_all(command->command.kind))
            look_at_cancels(sim, sent);
        operator_hear(&sim->operator);
    }
    oracle_set_halted(sim->oracle, sim->operator.is_halted);
    oracle_set_flattening(sim->oracle, sim->operator.is_flattening);
    return err;
}

static void sabotage(struct simulation *sim)
{
    struct order_request late;

    if (saboteur_on_step(&sim->saboteur, sim->engine, sim->mock, &late))
        pass_on(sim, &late);
}

static nanos next_time(const struct simulation *sim)
{
    nanos next = mock_next_time(sim->mock), courier = courier_next_time(sim->courier);
    nanos engine = engine_next_deadline(sim->engine);

    next = courier < next ? courier : next;
    return next < engine ? next : engine;
}

static void step(struct simulation *sim)
{
    struct fault why = {OK, ""};
    nanos next = next_time(sim);

    sim->now = next > sim->now ? next : sim->now;
    sim->result->steps++;
    mock_advance(sim->mock, sim->now);
    if (!sim->quiet_until)
        stranger_act(&sim->stranger, mock_simulator(sim->mock), &sim->swarm.products, sim->now);
    courier_advance(sim->courier, sim->now);
    enum err err = turn(sim, &why);
    oracle_on_step(sim->oracle);
    after_turn(sim, err, &why);
    look_for_quiet(sim);
    if (sim->saboteur.kind)
        sabotage(sim);
}

static void set_up(struct simulation *sim)
{
    uint64_t seed = sim->options->seed;

    swarm_init(&sim->swarm, seed, start_time);
    sim->believed = sim->swarm.settings;
    sim->believed_products = sim->swarm.products;
    if (sim->options->mislead)
        sim->options->mislead(&sim->believed, &sim->believed_products);
    sim->saboteur.kind = sim->options->sabotage;
    sim->rng = rng_stream(seed, "simulate");
    sim->faults = swarm_faults(&sim->swarm);
    sim->now = start_time;
    sim->end = start_time + sim->options->span;
    sim->next_quiet = start_time + sim->swarm.quiet_every;
    sim->mock = mock_new(&sim->swarm.products, &sim->swarm.venue);
    sim->venue = mock_port(sim->mock);
    mock_deposit(sim->mock, sim->swarm.settings.currency, sim->swarm.cash);
    set_faults(sim, true);
    sim->tape = tape_new(&sim->swarm.products, &sim->fuse);
    tape_set_trace(sim->tape, sim->options->trace);
    tape_set_mistakes(sim->tape, sim->saboteur.kind == SABOTAGE_NO_SYNC,
                      sim->saboteur.kind == SABOTAGE_ONE_NUMBER);
    operator_init(&sim->operator, seed, sim->swarm.commands_every, start_time);
    stranger_init(&sim->stranger, seed, sim->swarm.strangers_every, sim->swarm.order_value_max,
                  start_time);
    sim->nobody = bus_new(1024);
    monkey_init(&sim->monkey, seed, sim->swarm.order_value_max);
    struct oracle_setup oracle = {.products = &sim->believed_products,
                                  .settings = &sim->believed,
                                  .venue = mock_simulator(sim->mock),
                                  .tape = sim->tape,
                                  .cash = sim->swarm.cash};
    sim->oracle = oracle_new(&oracle);
}

static void tear_down(struct simulation *sim)
{
    oracle_free(sim->oracle);
    engine_free(sim->engine);
    courier_free(sim->courier);
    bus_free(sim->nobody);
    tape_free(sim->tape);
    mock_free(sim->mock);
    fault_plan_free(sim->faults);
    mem_free(sim);
}

static void report(struct simulation *sim)
{
    struct simulate_result *result = sim->result;
    const char *violation = oracle_violation(sim->oracle);

    if (sim->engine)
        count_engine(sim);
    result->at = sim->now - start_time;
    result->orders = sim->before.orders;
    result->refusals = sim->before.refusals;
    result->fills = sim->before.fills;
    result->venue_orders = simulator_order_count(mock_simulator(sim->mock));
    tape_hash(sim->tape, result->hash);
    if (!violation)
        return;
    result->has_violation = true;
    snprintf(result->violation, sizeof result->violation, "%s", violation);
}

void simulate_run(const struct simulate_options *options, struct simulate_result *out)
{
    struct simulation *sim = mem_new(sizeof *sim);
    struct fault why = {OK, ""};

    memset(out, 0, sizeof *out);
    sim->options = options;
    sim->result = out;
    set_up(sim);
    set_fuse(sim);
    after_turn(sim, start_engine(sim, &why), &why);
    while (!oracle_violation(sim->oracle) && (sim->now < sim->end || sim->quiet_until))
        step(sim);
    report(sim);
    tear_down(sim);
}
