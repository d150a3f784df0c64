/* perigee run: the engine on the mock venue, against simulated or real time. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/config_args.h"
#include "app/config_scripts.h"
#include "app/control.h"
#include "app/wire.h"
#include "base/json.h"
#include "engine/oms.h"
#include "io/control.h"
#include "io/loop.h"
#include "script/sandbox.h"

static const struct arg_option options[] = {
    CONFIG_ARG_OPTIONS,
    {"cycles", "N", "stop after so many cycles", false, false},
    {"for", "SPAN", "stop after this much of the engine's time, 30s or 2h", false, false},
    {"speed", "N|max", "simulated time against real time (the profile's mock.speed)", false,
     false},
    {"seed", "N", "of the mock market and the scripts' random numbers", false, false},
    {"log", "LEVEL", "error, warn, info or debug (the profile's)", false, false},
    {"log-json", NULL, "log lines as JSON objects", false, false},
    {"journal", "FILE", "journal to write (the profile's folder)", false, false},
    {"fresh", NULL, "begin anew; journal and account of before are moved aside", false, false},
    {NULL, NULL, NULL, false, false},
};

static const struct config_alias aliases[] = {
    {"seed", "mock.seed"},
    {"log", "log.level"},
    {NULL, NULL},
};

struct drive {
    struct wire *wire;
    struct loop *loop;
    struct control_server *control;
    bool is_killed, kill_waits;
    nanos next_look;    /* at the socket, while scripts are called; monotonic */
    nanos next_gauge;   /* of the disk; monotonic */
    int64_t cycles_max; /* 0: no bound */
    uint64_t cycles_before;
    nanos span;       /* 0: no bound */
    int64_t speed;    /* 0: as fast as it goes */
    nanos start;      /* engine's time */
    nanos real_start; /* monotonic */
    nanos now;
    nanos status_every, next_status; /* of the engine's time; 0: never */
    const char *ended_by;
};

/* When the next thing happens: the market moves, the engine wants a turn, or the run is over.
 */
static nanos next_time(const struct drive *drive)
{
    nanos next = wire_next_time(drive->wire);
    nanos wanted = engine_next_deadline(wire_engine(drive->wire));

    if (wanted < next)
        next = wanted;
    if (drive->span && drive->start + drive->span < next)
        next = drive->start + drive->span;
    return next;
}

/* The engine's time that real time stands at. */
static nanos engine_time(const struct drive *drive)
{
    if (drive->speed == 0)
        return drive->now;
    nanos time = drive->start + (clock_monotonic() - drive->real_start) * drive->speed;
    nanos next = next_time(drive);
    if (time > next)
        time = next; /* behind: the market has not been there yet, and prices would look old */
    return time > drive->now ? time : drive->now;
}

static bool is_kill(const char *line)
{
    struct control_request request;

    return control_decode(line, &request, NULL) == OK && !request.is_status &&
           request.command.kind == COMMAND_KILL;
}

/* Between two calls of scripts, and now and then in one; callbacks of the loop only collect. */
static bool is_kill_waiting(void *ctx)
{
    struct drive *drive = ctx;
    nanos now = clock_monotonic();

    if (drive->is_killed || drive->kill_waits || now < drive->next_look)
        return drive->is_killed || drive->kill_waits;
    drive->next_look = now + MILLISECONDS(20);
    loop_wait(drive->loop, 0);
    return drive->kill_waits = control_server_any(drive->control, is_kill);
}

/* Which product the request is about. */
static enum err find_product(const struct drive *drive, const struct control_request *request,
                             product_ref *out, struct fault *why)
{
    const struct product_table *products = wire_products(drive->wire);

    *out = PRODUCT_NONE;
    if (!request->symbol[0])
        return OK;
    for (int i = 0; i < products->count; i++)
        if (strcmp(products->items[i].symbol, request->symbol) == 0) {
            *out = (product_ref)i;
            return OK;
        }
    return fail(why, ERR_MISSING, "%s is not among the symbols of this run", request->symbol);
}

/* A command is an event like any other: the engine journals it and acts, then the operator
 * hears how things stand. When the journal fails the request stays: give_up answers it. */
static enum err obey(struct drive *drive, const struct control_request *request,
                     product_ref product, struct buf *answer, struct fault *why)
{
    struct engine *engine = wire_engine(drive->wire);
    struct event event = {
        .kind = EVENT_COMMAND, .product = product, .command = request->command};
    enum err err = OK;

    if (!request->is_status) {
        event.time = drive->now = engine_time(drive);
        wire_advance(drive->wire, drive->now);
        bus_push(engine_bus(engine), &event);
        err = engine_turn(engine, drive->now, why);
        drive->is_killed = request->command.kind == COMMAND_KILL;
    }
    struct courier_state way = courier_state(wire_courier(drive->wire));
    if (!err)
        control_write_status(engine, wire_products(drive->wire), &way, drive->now, answer);
    return err;
}

static enum err answer_requests(struct drive *drive, struct fault *why)
{
    const char *line;
    enum err err = OK;

    while (!err && (line = control_server_request(drive->control))) {
        struct control_request request;
        struct buf answer = BUF_INIT;
        struct fault wrong;
        product_ref product;
        if (control_decode(line, &request, &wrong) ||
            find_product(drive, &request, &product, &wrong))
            control_write_error(wrong.text, &answer);
        else
            err = obey(drive, &request, product, &answer, why);
        if (!err)
            control_server_answer(drive->control, buf_text(&answer));
        buf_clear(&answer);
    }
    return err;
}

/* Sleeps until real time has caught up with the engine's, answering meanwhile; signals and
 * requests are looked at either way. */
static enum err wait_for(struct drive *drive, nanos time, struct fault *why)
{
    nanos deadline = 0;
    enum err err;

    if (drive->speed > 0)
        deadline = drive->real_start + (time - drive->start) / drive->speed;
    do {
        loop_wait(drive->loop, deadline);
        err = answer_requests(drive, why);
    } while (!err && !drive->is_killed && !loop_signal(drive->loop) && drive->speed > 0 &&
             clock_monotonic() < deadline);
    return err;
}

/* Of this run: those of the runs before on this journal count on. */
static uint64_t cycles_done(const struct drive *drive)
{
    return engine_counters(wire_engine(drive->wire)).cycles - drive->cycles_before;
}

static const char *reason_to_end(const struct drive *drive)
{
    int signal = loop_signal(drive->loop);
    uint64_t cycles = cycles_done(drive);

    if (drive->is_killed)
        return "killed by an operator";
    if (signal)
        return signal == SIGINT ? "interrupted" : "terminated";
    if (drive->cycles_max && cycles >= (uint64_t)drive->cycles_max)
        return "cycles done";
    if (drive->span && drive->now >= drive->start + drive->span)
        return "time is over";
    return NULL;
}

/* What only the machine knows, every ten seconds of real time. */
static void measure(struct drive *drive)
{
    nanos now = clock_monotonic();

    if (now < drive->next_gauge)
        return;
    drive->next_gauge = now + SECONDS(10);
    wire_measure(drive->wire);
}

/* The line an operator looks for: how much there is, how much is at risk, what is allowed. */
static void log_status(struct drive *drive)
{
    const struct engine *engine = wire_engine(drive->wire);
    const struct portfolio *portfolio = engine_portfolio(engine);
    struct engine_counters counters = engine_counters(engine);
    char equity[DECIMAL_TEXT_MAX], exposure[DECIMAL_TEXT_MAX];

    if (drive->status_every == 0 || drive->now < drive->next_status)
        return;
    drive->next_status = drive->now + drive->status_every;
    log_set_time(drive->now);
    log_info(
        "run.status",
        "cycle=%llu equity=%s exposure=%s open_orders=%d level=%s orders=%llu refusals=%llu",
        (unsigned long long)counters.cycles,
        decimal_format(portfolio_equity(portfolio), equity),
        decimal_format(portfolio_exposure(portfolio), exposure),
        oms_open_count(engine_oms(engine)), level_name(engine_level(engine, PRODUCT_NONE)),
        (unsigned long long)counters.orders, (unsigned long long)counters.refusals);
}

static void sleep_until(struct drive *drive, nanos time)
{
    nanos deadline = drive->real_start + (time - drive->start) / (drive->speed + !drive->speed);

    while (drive->speed > 0 && clock_monotonic() < deadline)
        loop_wait(drive->loop, deadline);
}

/* Lets requests that wait for their turn leave and be answered: nobody may end an engine before
 * its last cancels are gone. Not for longer than any of them may take. */
static void wait_for_requests(struct drive *drive, bool has_journal)
{
    struct engine *engine = wire_engine(drive->wire);
    nanos end = drive->now + engine_settings(engine)->retry.answer_deadline;
    struct fault ignored;

    while (!courier_is_idle(wire_courier(drive->wire)) && drive->now < end) {
        nanos next = wire_next_time(drive->wire);
        drive->now = next < end ? (next > drive->now ? next : drive->now) : end;
        sleep_until(drive, drive->now);
        wire_advance(drive->wire, drive->now);
        if (has_journal && engine_turn(engine, drive->now, &ignored))
            has_journal = false;
    }
}

static void answer_all(struct drive *drive, const char *text)
{
    while (control_server_request(drive->control)) {
        struct buf answer = BUF_INIT;
        control_write_error(text, &answer);
        control_server_answer(drive->control, buf_text(&answer));
        buf_clear(&answer);
    }
    loop_wait(drive->loop, 0);
}

/* The journal does not take what happens, so the engine ends, and nobody will watch its orders:
 * those that could add risk are canceled, exits stay. A kill that came meanwhile, or comes
 * before the cancels have left, is obeyed, and cancels them all. */
static void give_up(struct drive *drive, struct fault *why)
{
    struct fault reason = *why;
    bool is_killed = drive->is_killed, was_killed;

    do {
        loop_wait(drive->loop, 0);
        is_killed = is_killed || control_server_any(drive->control, is_kill);
        int count = engine_cancel_unjournaled(wire_engine(drive->wire), is_killed);
        snprintf(why->text, sizeof why->text,
                 "%.300s. The engine ends; the venue was asked to cancel %d %s", reason.text,
                 count,
                 is_killed ? "orders, all that were open" : "open orders, all but exits");
        answer_all(drive, why->text);
        wait_for_requests(drive, false);
        loop_wait(drive->loop, 0);
        was_killed = is_killed;
        is_killed = is_killed || control_server_any(drive->control, is_kill);
    } while (is_killed && !was_killed);
    answer_all(drive, why->text);
}

static enum err drive_to_end(struct drive *drive, struct fault *why)
{
    struct engine *engine = wire_engine(drive->wire);

    while (!(drive->ended_by = reason_to_end(drive))) {
        nanos next = next_time(drive);
        enum err err = wait_for(drive, next, why);
        if (err)
            return err;
        if (loop_signal(drive->loop) || drive->is_killed)
            continue;
        if (next < drive->now)
            next = drive->now; /* a command moved the engine's time past it */
        drive->now = next;
        measure(drive);
        wire_advance(drive->wire, next);
        err = wire_check_venue(drive->wire, why);
        if (!err)
            err = engine_turn(engine, next, why);
        if (err)
            return err;
        log_status(drive);
    }
    if (drive->is_killed)
        wait_for_requests(drive, true);
    enum err err = engine_stop(engine, drive->ended_by, drive->now, why);
    return err ? err : wire_hang_up(drive->wire, why);
}

/* ---- the summary ---- */

static void add_positions(struct json_writer *w, const struct wire *wire,
                          const struct portfolio *portfolio)
{
    const struct product_table *products = wire_products(wire);

    json_open_object(w, "positions");
    for (int i = 0; i < products->count; i++) {
        decimal size = portfolio_position(portfolio, (product_ref)i)->size;
        if (!decimal_is_zero(size))
            json_add_decimal(w, products->items[i].symbol, size);
    }
    json_close_object(w);
}

static void print_json(const struct drive *drive)
{
    const struct engine *engine = wire_engine(drive->wire);
    const struct portfolio *portfolio = engine_portfolio(engine);
    struct engine_counters counters = engine_counters(engine);
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);

    json_open_object(&w, NULL);
    json_add_text(&w, "ended_by", drive->ended_by);
    json_add_int(&w, "cycles", (int64_t)cycles_done(drive));
    json_add_bool(&w, "resumed", wire_is_resumed(drive->wire));
    json_add_int(&w, "orders", (int64_t)counters.orders);
    json_add_int(&w, "refusals", (int64_t)counters.refusals);
    json_add_int(&w, "fills", (int64_t)counters.fills);
    json_add_int(&w, "anomalies", (int64_t)counters.anomalies);
    json_add_int(&w, "script_errors", (int64_t)counters.script_errors);
    json_add_int(&w, "open_orders", oms_open_count(engine_oms(engine)));
    json_add_decimal(&w, "equity", portfolio_equity(portfolio));
    json_add_decimal(&w, "realised", portfolio_realised(portfolio));
    json_add_decimal(&w, "unrealised", portfolio_unrealised(portfolio));
    json_add_decimal(&w, "fees_paid", portfolio_fees(portfolio));
    add_positions(&w, drive->wire, portfolio);
    json_add_text(&w, "level", level_name(engine_level(engine, PRODUCT_NONE)));
    json_add_text(&w, "journal", wire_journal_path(drive->wire));
    json_add_text(&w, "journal_hash", journal_hash(wire_journal(drive->wire)));
    json_close_object(&w);
    printf("%s\n", buf_text(&out));
    buf_clear(&out);
}

static const char *money(decimal amount, char out[DECIMAL_TEXT_MAX])
{
    decimal cent = {DECIMAL_ONE / 100};

    return decimal_format(decimal_quantize(amount, cent, ROUND_HALF_EVEN), out);
}

static void print_positions(const struct drive *drive, const struct portfolio *portfolio)
{
    const struct product_table *products = wire_products(drive->wire);
    char size[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX], profit[DECIMAL_TEXT_MAX];

    for (int i = 0; i < products->count; i++) {
        const struct product *product = &products->items[i];
        const position *held = portfolio_position(portfolio, (product_ref)i);
        decimal mark = engine_market(wire_engine(drive->wire), (product_ref)i)->mark;
        if (position_is_flat(held))
            continue;
        printf("  %-12s %s at %s, %s unrealised\n", product->symbol,
               decimal_format(held->size, size),
               decimal_format(position_average_price(held, product), price),
               money(position_unrealised(held, product, mark), profit));
    }
}

static void print_text(const struct drive *drive)
{
    const struct engine *engine = wire_engine(drive->wire);
    const struct portfolio *portfolio = engine_portfolio(engine);
    struct engine_counters c = engine_counters(engine);
    char equity[DECIMAL_TEXT_MAX], realised[DECIMAL_TEXT_MAX], unrealised[DECIMAL_TEXT_MAX],
        fees[DECIMAL_TEXT_MAX];

    printf("\n%s after %llu cycles\n", drive->ended_by, (unsigned long long)cycles_done(drive));
    printf("orders      %llu sent, %llu refused, %llu fills, %d still open\n",
           (unsigned long long)c.orders, (unsigned long long)c.refusals,
           (unsigned long long)c.fills, oms_open_count(engine_oms(engine)));
    printf("equity      %s %s: realised %s, unrealised %s, fees %s\n",
           money(portfolio_equity(portfolio), equity), portfolio_currency(portfolio),
           money(portfolio_realised(portfolio), realised),
           money(portfolio_unrealised(portfolio), unrealised),
           money(portfolio_fees(portfolio), fees));
    print_positions(drive, portfolio);
    if (c.anomalies || c.script_errors)
        printf("attention   %llu anomalies, %llu script errors: perigee events\n",
               (unsigned long long)c.anomalies, (unsigned long long)c.script_errors);
    printf("journal     %s\n            %s\n", wire_journal_path(drive->wire),
           journal_hash(wire_journal(drive->wire)));
}

/* ---- the command ---- */

static void set_up_log(const struct args *args, const struct config *config)
{
    struct log_options log = {
        .level = config->run.log.level,
        .json = config->run.log.format == 1 || args_has(args, "log-json"),
        .colour = isatty(STDERR_FILENO),
    };

    log_setup(&log);
}

static void greet(const struct config *config)
{
    const char *description = config->run.description;

    if (description[0])
        log_info("run.profile", "profile=%s description=\"%s\"", config->name, description);
}

static enum err read_bounds(const struct args *args, const struct config *config,
                            struct drive *drive, struct fault *why)
{
    enum err err = args_int(args, "cycles", 1, INT64_MAX, &drive->cycles_max, why);

    drive->speed = config->run.mock.speed;
    drive->status_every = config->run.status_every;
    if (!err && strcmp(args_text(args, "speed", ""), "max") == 0)
        drive->speed = 0;
    else if (!err)
        err = args_int(args, "speed", 1, 1000000, &drive->speed, why);
    return err ? err : args_duration(args, "for", &drive->span, why);
}

/* What the last run left behind, before the venue has said what has become of it. */
static void log_resumed(const struct drive *drive)
{
    const struct engine *engine = wire_engine(drive->wire);
    const struct oms *oms = engine_oms(engine);
    int unknown = 0;

    for (int i = 0; i < oms_open_count(oms); i++)
        unknown += oms_open(oms)[i]->state == ORDER_UNKNOWN;
    log_set_time(drive->start);
    log_info("run.resumed",
             "events=%llu open_orders=%d unknown_orders=%d positions=%d level=%s",
             (unsigned long long)journal_sequence(wire_journal(drive->wire)),
             oms_open_count(oms), unknown, portfolio_open_positions(engine_portfolio(engine)),
             level_name(engine_level(engine, PRODUCT_NONE)));
}

static enum err run_wired(const struct args *args, const struct config *config,
                          struct drive *drive, struct fault *why)
{
    char socket[CONTROL_PATH_MAX];
    struct wire_options wiring = {.journal_path = args_text(args, "journal", NULL),
                                  .is_fresh = args_has(args, "fresh")};
    enum err err = wire_new(config, &wiring, &drive->wire, why);

    if (!err)
        err = loop_new(&drive->loop, why);
    if (!err)
        err = loop_catch_signals(drive->loop, why);
    if (!err) {
        control_path_of(wire_journal_path(drive->wire), socket);
        err = control_server_open(drive->loop, socket, &drive->control, why);
    }
    if (err)
        return err;
    drive->now = drive->start = wire_start_time(drive->wire);
    if (wire_is_resumed(drive->wire))
        log_resumed(drive);
    drive->cycles_before = engine_counters(wire_engine(drive->wire)).cycles;
    drive->real_start = clock_monotonic();
    log_set_time(drive->start);
    greet(config);
    engine_set_interrupt(wire_engine(drive->wire), is_kill_waiting, drive);
    sandbox_set_interrupt(is_kill_waiting, drive);
    err = wire_start(drive->wire, drive->start, why);
    if (err)
        return err;
    err = drive_to_end(drive, why);
    if (err)
        give_up(drive, why);
    return err;
}

/* Everything that is wrong with the settings and the scripts, before anything is touched: a run
 * that cannot start leaves the journal of the last one where it is. */
static enum err load(const struct args *args, struct config **out, struct fault *why)
{
    struct buf problems = BUF_INIT;
    enum err err = config_from_args(args, aliases, out, &problems, why);

    if (!err)
        err = config_check_honoured(*out, why);
    if (!err)
        err = config_check_scripts(*out, &problems);
    if (err && problems.len > 0) {
        fprintf(stderr, "perigee run: the settings are not right, nothing was started:\n%s",
                buf_text(&problems));
        why->text[0] = '\0';
    }
    buf_clear(&problems);
    return err;
}

static enum err run(const struct args *args, struct fault *why)
{
    struct drive drive = {0};
    struct config *config = NULL;
    enum err err = load(args, &config, why);

    if (!err)
        err = read_bounds(args, config, &drive, why);
    if (!err) {
        set_up_log(args, config);
        err = run_wired(args, config, &drive, why);
    }
    if (!err && args_has(args, "json"))
        print_json(&drive);
    else if (!err)
        print_text(&drive);
    sandbox_set_interrupt(NULL, NULL);
    wire_free(drive.wire);
    control_server_close(drive.control);
    loop_free(drive.loop);
    config_free(config);
    return err;
}

const struct cli_command command_run = {
    .name = "run",
    .summary = "trade on the embedded venue",
    .words = "",
    .examples = "  perigee run --profile dev\n"
                "  perigee run --profile dev --cycles 500 --speed max --fresh\n"
                "  perigee run --profile dev --for 2h --speed 60 --log warn --json\n",
    .options = options,
    .run = run,
};
