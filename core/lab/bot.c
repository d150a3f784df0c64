#include "lab/bot.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/oms.h"
#include "engine/recover.h"
#include "lab/bar_walk.h"

enum { GUARDS_MAX = 8 };

struct bot_order {
    struct order order; /* as it was asked */
    enum refusal code;
    char detail[TRACE_DETAIL_MAX];
};

/* A list that grows; elements keep their order. */
struct list {
    void *items;
    int count, cap;
};

/* A strategy; the engine gets a port that listens in between. */
struct listener {
    struct bot *bot;
    struct strategy_host *host;
    struct strategy_port port; /* the host's */
};

struct bot {
    struct bot_options options;
    struct bar_venue *venue;
    struct engine *engine;
    struct listener listeners[PRODUCTS_MAX];
    int listener_count;
    struct guard_host *guards[GUARDS_MAX];
    struct sizing_host *sizing;
    nanos next_start;
    struct list decisions, fills, orders;
    struct list facts; /* the journal */
    char complaint[FACT_TEXT_MAX + 80];
};

static void *list_add(struct list *list, size_t size)
{
    if (list->count == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 16;
        list->items = mem_resize(list->items, (size_t)list->cap, size);
    }
    return (char *)list->items + (size_t)list->count++ * size;
}

/* ---- listening ---- */

static enum err call_and_listen(void *ctx, const struct strategy_call *call,
                                struct decision_list *out, struct fault *why)
{
    const struct listener *listener = ctx;
    struct list *decisions = &listener->bot->decisions;
    enum err err = listener->port.call(listener->port.ctx, call, out, why);

    for (int i = 0; !err && i < out->count; i++)
        *(struct decision *)list_add(decisions, sizeof(struct decision)) = out->items[i];
    return err;
}

static enum err save(void *ctx, struct buf *out, struct fault *why)
{
    const struct listener *listener = ctx;

    return listener->port.save(listener->port.ctx, out, why);
}

static enum err restore(void *ctx, const char *json, uint64_t version, struct fault *why)
{
    const struct listener *listener = ctx;

    return listener->port.restore(listener->port.ctx, json, version, why);
}

static struct bot_order *last_order(struct bot *bot)
{
    return (struct bot_order *)bot->orders.items + bot->orders.count - 1;
}

static uint64_t append(void *ctx, const struct fact *fact)
{
    struct bot *bot = ctx;
    struct fact *kept = list_add(&bot->facts, sizeof *kept);

    *kept = *fact;
    kept->sequence = (uint64_t)bot->facts.count;
    if (fact->kind == FACT_STATE)
        kept->state.json = mem_copy_text(fact->state.json);
    if (fact->kind == FACT_ORDER) {
        struct bot_order *order = list_add(&bot->orders, sizeof *order);
        *order = (struct bot_order){.order = fact->order};
    } else if (fact->kind == FACT_TRACE) {
        last_order(bot)->code = fact->trace.code;
        memcpy(last_order(bot)->detail, fact->trace.detail, sizeof fact->trace.detail);
    } else if (fact->kind == FACT_FILL) {
        *(struct fill *)list_add(&bot->fills, sizeof(struct fill)) = fact->fill;
    } else if (fact->kind == FACT_SCRIPT && !bot->complaint[0]) {
        snprintf(bot->complaint, sizeof bot->complaint, "%s", fact->note.text);
    }
    return kept->sequence;
}

static enum err commit(void *ctx, bool sync, struct fault *why)
{
    (void)ctx, (void)sync, (void)why;
    return OK;
}

static enum err replay(void *ctx,
                       enum err (*each)(void *to, const struct fact *fact, struct fault *why),
                       void *to, struct fault *why)
{
    struct bot *bot = ctx;
    enum err err = OK;

    for (int i = 0; i < bot->facts.count && !err; i++)
        err = each(to, (const struct fact *)bot->facts.items + i, why);
    return err;
}

/* ---- building ---- */

static enum err add_strategy(struct bot *bot, product_ref product, struct fault *why)
{
    struct listener *listener = &bot->listeners[bot->listener_count];
    enum err err = strategy_host_new(&bot->options.strategy, &bot->options.products, product,
                                     &listener->host, why);

    if (err)
        return err;
    bot->listener_count++;
    listener->bot = bot;
    listener->port = strategy_host_port(listener->host);
    struct strategy_port listening = listener->port;
    listening.ctx = listener;
    listening.call = call_and_listen;
    listening.save = listener->port.save ? save : NULL;
    listening.restore = listener->port.restore ? restore : NULL;
    engine_add_strategy(bot->engine, &listening);
    return OK;
}

static enum err add_strategies(struct bot *bot, struct fault *why)
{
    enum err err = OK;

    for (int i = 0; i < bot->options.products.count && !err; i++) {
        err = add_strategy(bot, (product_ref)i, why);
        if (!err && bot->listeners[i].port.product == PRODUCT_NONE)
            break; /* a portfolio strategy is there once */
    }
    return err;
}

static enum err add_scripts(struct bot *bot, struct fault *why)
{
    const struct bot_options *options = &bot->options;
    enum err err = add_strategies(bot, why);

    for (int i = 0; i < options->guard_count && !err; i++) {
        assert(i < GUARDS_MAX);
        err = guard_host_new(&options->guards[i], &options->products, &bot->guards[i], why);
        if (err)
            break;
        struct guard_port guard = guard_host_port(bot->guards[i]);
        engine_add_guard(bot->engine, &guard);
    }
    return err;
}

/* The engine and its scripts, which borrow the venue. */
static enum err build_engine(struct bot *bot, struct fault *why)
{
    struct engine_ports ports = {.venue = bar_venue_port(bot->venue),
                                 .journal = {bot, append, commit, replay}};
    const struct product_table *products = &bot->options.products;
    enum err err = OK;

    if (bot->options.sizing)
        err = sizing_host_new(bot->options.sizing, products, &bot->sizing, why);
    if (err)
        return err;
    if (bot->sizing)
        ports.sizing = sizing_host_port(bot->sizing);
    bot->engine = engine_new(&bot->options.settings, products, &ports, "spec");
    bar_venue_connect(bot->venue, engine_bus(bot->engine));
    return add_scripts(bot, why);
}

static enum err start_engine(struct bot *bot, nanos now, struct fault *why)
{
    struct fact_run run = {.run = "spec"};
    enum err err = engine_start(bot->engine, &run, now, why);

    if (!err && bot->complaint[0])
        err = fail(why, ERR_SCRIPT, "%s", bot->complaint);
    return err;
}

static enum err build(struct bot *bot, struct fault *why)
{
    bot->venue = bar_venue_new(&bot->options.products, &bot->options.venue);
    enum err err = build_engine(bot, why);
    if (err)
        return err;
    bar_venue_deposit(bot->venue, bot->options.settings.currency, bot->options.cash);
    engine_set_balance(bot->engine, bot->options.settings.currency, bot->options.cash,
                       "opening");
    return start_engine(bot, bot->options.start, why);
}

enum err bot_new(const struct bot_options *options, struct bot **out, struct fault *why)
{
    struct bot *bot = mem_new(sizeof *bot);

    bot->options = *options;
    bot->next_start = options->start;
    enum err err = build(bot, why);
    if (err) {
        bot_free(bot);
        return err;
    }
    *out = bot;
    return OK;
}

static void free_engine(struct bot *bot)
{
    engine_free(bot->engine);
    for (int i = 0; i < bot->listener_count; i++)
        strategy_host_free(bot->listeners[i].host);
    for (int i = 0; i < GUARDS_MAX; i++) {
        guard_host_free(bot->guards[i]);
        bot->guards[i] = NULL;
    }
    sizing_host_free(bot->sizing);
    bot->engine = NULL;
    bot->listener_count = 0;
    bot->sizing = NULL;
}

enum err bot_restart(struct bot *bot, struct fault *why)
{
    engine_save_scripts(bot->engine);
    free_engine(bot);
    enum err err = build_engine(bot, why);
    if (!err)
        err = engine_recover(bot->engine, bot->next_start, why);
    if (!err)
        err = start_engine(bot, bot->next_start, why);
    return err;
}

static void free_facts(struct bot *bot)
{
    struct fact *facts = bot->facts.items;

    for (int i = 0; i < bot->facts.count; i++)
        if (facts[i].kind == FACT_STATE)
            mem_free((char *)facts[i].state.json);
    mem_free(facts);
}

void bot_free(struct bot *bot)
{
    if (!bot)
        return;
    free_engine(bot);
    free_facts(bot);
    bar_venue_free(bot->venue);
    mem_free(bot->decisions.items);
    mem_free(bot->fills.items);
    mem_free(bot->orders.items);
    mem_free(bot);
}

static struct bar bar_of(const struct bot *bot, const struct bot_bar *given)
{
    return (struct bar){bot->next_start, bot->options.strategy.timeframe,
                        given->open,     given->high,
                        given->low,      given->close,
                        given->volume};
}

static enum err check_bars(const struct bot *bot, const struct bot_bar *bars, int count,
                           struct fault *why)
{
    for (int i = 0; i < count; i++) {
        struct bar bar = bar_of(bot, &bars[i]);
        if (!bar_is_sane(&bar))
            return fail(why, ERR_RANGE,
                        "no such bar: high and low must enclose open and close, and prices be "
                        "positive");
    }
    return OK;
}

static enum err close_bar(struct bot *bot, const struct bot_bar *one, struct fault *why)
{
    struct bar bar = bar_of(bot, one);
    enum err err =
        bar_walk_inside(bot->engine, bot->venue, one->product, &bar, BAR_WALK_OPEN, why);

    bar_venue_close_bar(bot->venue, one->product, &bar);
    if (!err)
        err =
            bar_walk_inside(bot->engine, bot->venue, one->product, &bar, BAR_WALK_CLOSED, why);
    return err;
}

/* As a backtest does with bars that end at one time. */
static enum err trade_bars(struct bot *bot, const struct bot_bar *bars, int count,
                           struct fault *why)
{
    struct event event = {.kind = EVENT_BAR};
    struct bar bar;

    for (int i = 0; i < count; i++) {
        bar = bar_of(bot, &bars[i]);
        bar_walk_open(bot->engine, bars[i].product);
        bar_venue_open_bar(bot->venue, bars[i].product, &bar);
    }
    enum err err = engine_turn(bot->engine, bot->next_start, why);
    if (err)
        return err;
    for (int i = 0; i < count && !err; i++)
        err = close_bar(bot, &bars[i], why);
    if (err)
        return err;
    event.time = bot->next_start + bot->options.strategy.timeframe;
    for (int i = 0; i < count; i++) {
        event.product = bars[i].product;
        event.bar = bar_of(bot, &bars[i]);
        bus_push(engine_bus(bot->engine), &event);
    }
    bot->next_start = event.time;
    return engine_turn(bot->engine, event.time, why);
}

enum err bot_feed(struct bot *bot, const struct bot_bar *bars, int count, struct fault *why)
{
    enum err err = check_bars(bot, bars, count, why);

    if (!err)
        err = trade_bars(bot, bars, count, why);
    if (!err && bot->complaint[0])
        err = fail(why, ERR_SCRIPT, "%s", bot->complaint);
    return err;
}

const struct product_table *bot_products(const struct bot *bot)
{
    return &bot->options.products;
}

const struct engine *bot_engine(const struct bot *bot)
{
    return bot->engine;
}

int bot_decision_count(const struct bot *bot)
{
    return bot->decisions.count;
}

const struct decision *bot_decision(const struct bot *bot, int index)
{
    assert(index >= 0 && index < bot->decisions.count);
    return (const struct decision *)bot->decisions.items + index;
}

int bot_fill_count(const struct bot *bot)
{
    return bot->fills.count;
}

const struct fill *bot_fill(const struct bot *bot, int index)
{
    assert(index >= 0 && index < bot->fills.count);
    return (const struct fill *)bot->fills.items + index;
}

int bot_order_count(const struct bot *bot)
{
    return bot->orders.count;
}

const struct order *bot_order(const struct bot *bot, int index, enum refusal *code,
                              const char **detail)
{
    assert(index >= 0 && index < bot->orders.count);
    const struct bot_order *order = (const struct bot_order *)bot->orders.items + index;
    *code = order->code;
    *detail = order->detail;
    return &order->order;
}

const char *bot_complaint(const struct bot *bot)
{
    return bot->complaint[0] ? bot->complaint : NULL;
}
