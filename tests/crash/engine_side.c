#include "engine_side.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "day.h"
#include "engine/engine.h"
#include "engine/oms.h"
#include "engine/recover.h"
#include "frame.h"
#include "store/journal.h"
#include "venue/courier.h"

struct desk {
    int fd;
    const struct engine_life *life;
    struct product_table products;
    struct engine_settings settings;
    struct journal *journal;
    struct journal_port port; /* the journal's own */
    struct engine *engine;
    struct courier *courier; /* between the engine and the port below */
    struct day_script script;
};

static const char *const mistakes[] = {[MISTAKE_NONE] = "none",
                                       [MISTAKE_SEND_FIRST] = "send-first",
                                       [MISTAKE_NO_SYNC] = "no-sync",
                                       [MISTAKE_REDO] = "redo"};
static_assert(ARRAY_LEN(mistakes) == MISTAKE_COUNT, "name every mistake");

const char *mistake_name(enum mistake mistake)
{
    return mistake < MISTAKE_COUNT ? mistakes[mistake] : NULL;
}

/* ---- the venue's port: each call is a frame ---- */

static void pass_on(void *ctx, const struct frame *frame)
{
    const struct desk *desk = ctx;

    mortal_step();
    if (!frame_send(desk->fd, frame))
        _exit(1);
}

static void submit(void *ctx, const struct order_request *request)
{
    const struct desk *desk = ctx;

    if (desk->life->mistake != MISTAKE_SEND_FIRST) /* else it has left already */
        pass_on(ctx, &(struct frame){.kind = FRAME_SUBMIT, .request = *request});
}

static void cancel(void *ctx, const client_order_id *client_id, const venue_order_id *venue_id)
{
    pass_on(ctx, &(struct frame){
                     .kind = FRAME_CANCEL, .client_id = *client_id, .venue_id = *venue_id});
}

static void amend(void *ctx, const struct venue_amend *amend)
{
    pass_on(ctx, &(struct frame){.kind = FRAME_AMEND, .amend = *amend});
}

static void query_order(void *ctx, uint64_t query, const client_order_id *client_id,
                        const venue_order_id *venue_id)
{
    pass_on(ctx, &(struct frame){.kind = FRAME_QUERY_ORDER,
                                 .query = query,
                                 .client_id = *client_id,
                                 .venue_id = *venue_id});
}

static void query_orders(void *ctx, uint64_t query, nanos since)
{
    pass_on(ctx, &(struct frame){.kind = FRAME_QUERY_ORDERS, .query = query, .time = since});
}

static void query_fills(void *ctx, uint64_t query, nanos since)
{
    pass_on(ctx, &(struct frame){.kind = FRAME_QUERY_FILLS, .query = query, .time = since});
}

static void query_account(void *ctx, uint64_t query)
{
    pass_on(ctx, &(struct frame){.kind = FRAME_QUERY_ACCOUNT, .query = query});
}

static void preview(void *ctx, uint64_t query, const struct order_request *request)
{
    pass_on(ctx, &(struct frame){.kind = FRAME_PREVIEW, .query = query, .request = *request});
}

static struct venue_port port_of(struct desk *desk)
{
    return (struct venue_port){.ctx = desk,
                               .name = "far",
                               .can_amend = true,
                               .submit = submit,
                               .cancel = cancel,
                               .amend = amend,
                               .query_order = query_order,
                               .query_orders = query_orders,
                               .query_fills = query_fills,
                               .query_account = query_account,
                               .preview = preview};
}

/* ---- the journal's port, with the seam of a turn: between commit and send ---- */

static uint64_t append(void *ctx, const struct fact *fact)
{
    const struct desk *desk = ctx;
    bool is_send =
        fact->kind == FACT_ORDER_EVENT && fact->order_event.event == ORDER_EVENT_SEND;

    if (desk->life->mistake == MISTAKE_SEND_FIRST && is_send) {
        const struct order *order = oms_find(engine_oms(desk->engine), fact->order_event.order);
        pass_on(ctx, &(struct frame){.kind = FRAME_SUBMIT, .request = order->request});
    }
    return desk->port.append(desk->port.ctx, fact);
}

static enum err commit(void *ctx, bool sync, struct fault *why)
{
    struct desk *desk = ctx;
    bool waits = sync && desk->life->mistake != MISTAKE_NO_SYNC;

    mortal_step();
    enum err err = desk->port.commit(desk->port.ctx, waits, why);
    mortal_step();
    return err;
}

static enum err replay(void *ctx,
                       enum err (*each)(void *to, const struct fact *fact, struct fault *why),
                       void *to, struct fault *why)
{
    const struct desk *desk = ctx;

    return desk->port.replay(desk->port.ctx, each, to, why);
}

static struct journal_port seamed_port(struct desk *desk)
{
    desk->port = journal_port(desk->journal);
    struct journal_port port = desk->port;

    port.ctx = desk;
    port.append = append;
    port.commit = commit;
    port.replay = replay;
    return port;
}

/* ---- the engine ---- */

/* A failing disk is what some days are about: it is not worth a word each time. */
NORETURN static void give_up(const struct desk *desk, const struct fault *why)
{
    if (desk->life->way == MORTAL_KILL || desk->life->way == MORTAL_POWER)
        fprintf(stderr, "engine: %s\n", why->text);
    _exit(ENGINE_GAVE_UP);
}

static void open_engine(struct desk *desk)
{
    struct journal_options options = {desk->life->path, &desk->products, "faulty"};
    struct fault why;
    char run[16];

    if (journal_open(&options, &desk->journal, &why))
        give_up(desk, &why);
    struct venue_port wire = port_of(desk);
    desk->courier = courier_new(&desk->settings, &wire, 7);
    struct engine_ports ports = {.venue = courier_port(desk->courier),
                                 .journal = seamed_port(desk)};
    snprintf(run, sizeof run, "%llx", (unsigned long long)journal_sequence(desk->journal));
    desk->engine = engine_new(&desk->settings, &desk->products, &ports, run);
    struct courier_gate gate = courier_gate_of(desk->engine);
    courier_connect(desk->courier, engine_bus(desk->engine), &gate);
    for (int i = 0; i < desk->products.count; i++) {
        struct strategy_port trader = day_trader(&desk->script, (product_ref)i);
        engine_add_strategy(desk->engine, &trader);
    }
}

static void begin(struct desk *desk, nanos now)
{
    struct fact_run run = {.seed = 7};
    struct fault why;
    enum err err = OK;

    open_engine(desk);
    courier_advance(desk->courier, now);
    bool is_first = journal_sequence(desk->journal) == 0;
    if (!is_first && desk->life->mistake == MISTAKE_REDO)
        desk->script.late = day_cycle;
    if (is_first)
        engine_set_balance(desk->engine, "USD", day_cash(), "opening");
    else
        err = engine_recover(desk->engine, now, &why);
    if (!err)
        err = engine_start(desk->engine, &run, now, &why);
    if (err)
        give_up(desk, &why);
}

static void end(struct desk *desk, nanos now)
{
    struct fault why;

    if (engine_stop(desk->engine, "the day is over", now, &why))
        give_up(desk, &why);
    engine_free(desk->engine);
    courier_free(desk->courier);
    journal_close(desk->journal);
}

static nanos next_time(const struct desk *desk)
{
    nanos engine = engine_next_deadline(desk->engine);
    nanos courier = courier_next_time(desk->courier);

    return engine < courier ? engine : courier;
}

static void say_done(const struct desk *desk)
{
    struct frame done = {.kind = FRAME_DONE, .query = mortal_steps()};

    done.time = desk->engine ? next_time(desk) : INT64_MAX;
    mortal_step();
    if (!frame_send(desk->fd, &done))
        _exit(1);
}

static void take_turn(struct desk *desk, const struct frame *frame)
{
    struct fault why;

    uint64_t cycles = engine_counters(desk->engine).cycles;

    desk->script.is_trading = frame->is_trading;
    courier_advance(desk->courier, frame->time);
    if (engine_turn(desk->engine, frame->time, &why))
        give_up(desk, &why);
    if (engine_counters(desk->engine).cycles > cycles)
        desk->script.late = 0;
}

static void serve(struct desk *desk, const struct frame *frame)
{
    if (frame->kind == FRAME_EVENT) {
        bus_push(courier_inbox(desk->courier), &frame->event);
        return;
    }
    if (frame->kind == FRAME_START)
        begin(desk, frame->time);
    else if (frame->kind == FRAME_TURN)
        take_turn(desk, frame);
    if (frame->kind == FRAME_STOP) {
        end(desk, frame->time);
        desk->engine = NULL;
    }
    say_done(desk);
}

void engine_side_run(int fd, const struct engine_life *life)
{
    struct desk desk = {.fd = fd, .life = life};
    struct frame frame = {.kind = FRAME_START};

    day_products(&desk.products);
    day_settings(&desk.settings);
    mortal_begin(life->way, life->step, life->path);
    while (frame.kind != FRAME_STOP) {
        mortal_step();
        if (!frame_receive(fd, &frame))
            _exit(1);
        serve(&desk, &frame);
    }
    _exit(0);
}
