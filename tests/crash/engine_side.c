#include "engine_side.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "day.h"
#include "engine/engine.h"
#include "engine/recover.h"
#include "frame.h"
#include "mortal.h"
#include "store/journal.h"

struct desk {
    int fd;
    const char *path;
    struct product_table products;
    struct engine_settings settings;
    struct journal *journal;
    struct engine *engine;
    bool is_trading;
};

/* ---- the venue's port: each call is a frame ---- */

static void pass_on(void *ctx, const struct frame *frame)
{
    const struct desk *desk = ctx;

    mortal_step();
    if (!frame_send(desk->fd, frame))
        _exit(3);
}

static void submit(void *ctx, const struct order_request *request)
{
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
                               .query_account = query_account};
}

/* ---- the engine ---- */

NORETURN static void give_up(const struct fault *why)
{
    fprintf(stderr, "engine: %s\n", why->text);
    _exit(3);
}

static void open_engine(struct desk *desk)
{
    struct journal_options options = {desk->path, &desk->products, "mortal"};
    struct strategy_port trader = day_trader(&desk->is_trading);
    struct fault why;
    char run[16];

    if (journal_open(&options, &desk->journal, &why))
        give_up(&why);
    struct engine_ports ports = {.venue = port_of(desk),
                                 .journal = journal_port(desk->journal)};
    snprintf(run, sizeof run, "%llx", (unsigned long long)journal_sequence(desk->journal));
    desk->engine = engine_new(&desk->settings, &desk->products, &ports, run);
    engine_add_strategy(desk->engine, &trader);
}

static void begin(struct desk *desk, nanos now)
{
    struct fact_run run = {.seed = 7};
    struct fault why;
    enum err err = OK;

    open_engine(desk);
    if (journal_sequence(desk->journal) == 0)
        engine_set_balance(desk->engine, "USD", day_cash(), "opening");
    else
        err = engine_recover(desk->engine, now, &why);
    if (!err)
        err = engine_start(desk->engine, &run, now, &why);
    if (err)
        give_up(&why);
}

static void end(struct desk *desk, nanos now)
{
    struct fault why;

    if (engine_stop(desk->engine, "the day is over", now, &why))
        give_up(&why);
    engine_free(desk->engine);
    journal_close(desk->journal);
}

static void say_done(const struct desk *desk)
{
    struct frame done = {.kind = FRAME_DONE, .query = mortal_steps()};

    done.time = desk->engine ? engine_next_deadline(desk->engine) : INT64_MAX;
    if (!frame_send(desk->fd, &done))
        _exit(3);
}

static void take_turn(struct desk *desk, const struct frame *frame)
{
    struct fault why;

    desk->is_trading = frame->is_trading;
    if (engine_turn(desk->engine, frame->time, &why))
        give_up(&why);
}

static void serve(struct desk *desk, const struct frame *frame)
{
    if (frame->kind == FRAME_EVENT) {
        bus_push(engine_bus(desk->engine), &frame->event);
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

void engine_side_run(int fd, const char *path, uint64_t kill_at)
{
    struct desk desk = {.fd = fd, .path = path};
    struct frame frame = {.kind = FRAME_START};

    day_products(&desk.products);
    day_settings(&desk.settings);
    mortal_register();
    mortal_set(kill_at);
    while (frame.kind != FRAME_STOP) {
        mortal_step();
        if (!frame_receive(fd, &frame))
            _exit(3);
        serve(&desk, &frame);
    }
    _exit(0);
}
