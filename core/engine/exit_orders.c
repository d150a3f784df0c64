#include "engine/exit_orders.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "engine/closing.h"
#include "engine/exit_terms.h"
#include "engine/exits_private.h"
#include "engine/guards_private.h"
#include "engine/pipeline.h"

#define LOUD_AFTER    SECONDS(5)
#define REFUSED_AGAIN HOURS(1)

static const struct product *product_of(const struct engine *engine,
                                        const struct fact_exit *exit)
{
    return &engine->products->items[exit->product];
}

static nanos wait_after(const struct exit_settings *settings, uint64_t tries)
{
    nanos wait = settings->retry_base;

    for (uint64_t i = 1; i < tries && wait < settings->retry_cap; i++)
        wait *= 2;
    return wait < settings->retry_cap ? wait : settings->retry_cap;
}

/* ---- what is said ---- */

/* The sentence for the operator; `detail` may be empty. */
static void describe(const struct fact_exit *exit, const char *detail, char out[FACT_TEXT_MAX])
{
    char size[DECIMAL_TEXT_MAX];
    unsigned long long id = exit->id, tries = exit->tries;
    const char *why = detail[0]    ? detail
                      : exit->code ? refusal_text(exit->code)
                                   : "nobody took the orders";

    decimal_format(exit->size, size);
    if (exit_is_too_small(exit))
        snprintf(out, FACT_TEXT_MAX, "exit %llu waits with %s, too small to leave: %.110s", id,
                 size, why);
    else if (exit->state == EXIT_HELD_BACK)
        snprintf(out, FACT_TEXT_MAX, "exit %llu is held back with %s: %.110s", id, size, why);
    else
        snprintf(out, FACT_TEXT_MAX, "exit %llu could not close %s with %llu orders: %.90s", id,
                 size, tries, why);
}

static void hold_product(struct engine *engine, product_ref product, const char *why)
{
    engine_hold_cause(engine, LEVEL_REDUCE_ONLY, product, "exit_failed", why,
                      guards_while_it_lasts(engine), true);
}

/* Once for each reason. */
static void say(struct engine *engine, struct exit_entry *entry, const char *detail)
{
    const struct fact_exit *exit = &entry->exit;
    uint64_t bit = UINT64_C(1) << exit->code;
    char why[FACT_TEXT_MAX];

    static_assert(REFUSAL_COUNT <= 64, "a bit for each reason");
    if (entry->said & bit)
        return;
    entry->said |= bit;
    describe(exit, detail, why);
    engine_note(engine, FACT_GUARD, "exit", exit_is_too_small(exit) ? "warning" : "critical",
                exit->order, exit->product, "%s", why);
    if (exit_is_failing(exit))
        hold_product(engine, exit->product, why);
}

void exits_hold_products(struct engine *engine)
{
    char why[FACT_TEXT_MAX];

    for (int i = 0; i < engine->exits.count; i++) {
        const struct exit_entry *entry = &engine->exits.items[i];
        if (!entry->said || !exit_is_failing(&entry->exit))
            continue;
        describe(&entry->exit, "", why);
        hold_product(engine, entry->exit.product, why);
    }
}

/* ---- our own orders in the way ---- */

static bool is_blocker(const struct order *order, const struct fact_exit *exit)
{
    bool rests = order->request.tif == TIF_GTC || order->request.tif == TIF_GTD;
    bool is_ours = order->origin != ORIGIN_EXTERNAL && order->origin != ORIGIN_EMULATION;

    return order->request.product == exit->product && order->request.side == exit->side &&
           rests && is_ours;
}

/* Those that rest and hold what the exit has to close. True while there are some. */
static bool cancel_blockers(struct engine *engine, struct exit_entry *entry)
{
    bool is_time = engine->now >= entry->next_cancel, has = false;

    for (int i = oms_open_count(engine->oms); i-- > 0;) {
        const struct order *order = oms_open(engine->oms)[i];
        if (!is_blocker(order, &entry->exit))
            continue;
        has = true;
        if (is_time && order->state != ORDER_PENDING_CANCEL)
            engine_cancel(engine, order);
    }
    if (is_time)
        entry->next_cancel = engine->now + engine->settings.exits.retry_base;
    return has;
}

/* What they hold is waited for; not for ever, since a cancel may be refused or get lost. */
static bool must_wait(struct engine *engine, struct exit_entry *entry)
{
    const struct fact_exit *exit = &entry->exit;
    decimal held = decimal_abs(portfolio_position(engine->portfolio, exit->product)->size);
    decimal closing =
        closing_size(&engine->settings, engine->portfolio, engine->oms,
                     &engine->products->items[exit->product], exit->product, exit->side);
    decimal free = decimal_sub(held, closing);

    if (!decimal_is_less(free, exit->size) || !cancel_blockers(engine, entry)) {
        entry->blocked_since = 0;
        return false;
    }
    if (entry->blocked_since == 0)
        entry->blocked_since = engine->now;
    return !decimal_is_positive(free) && engine->now < entry->blocked_since + LOUD_AFTER;
}

/* ---- held back ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
}

/* The rules that a size can break, as a number that another set of rules does not share. */
static uint64_t rules_of(const struct product *product)
{
    uint64_t hash = mix(1, (uint64_t)product->base_increment.units);

    hash = mix(hash, (uint64_t)product->base_min_size.units);
    hash = mix(hash, (uint64_t)product->base_max_size.units);
    hash = mix(hash, (uint64_t)product->quote_min_size.units);
    return mix(hash, (uint64_t)product->quote_max_size.units);
}

/* Whether the venue has refused this size under these rules, and not long ago. */
static bool is_refused(const struct engine *engine, const struct exit_entry *entry)
{
    return entry->refused_at && engine->now < entry->refused_at + REFUSED_AGAIN &&
           decimal_is_equal(entry->refused_size, entry->exit.size) &&
           entry->refused_rules == rules_of(product_of(engine, &entry->exit));
}

/* Asks without a trace in the journal. */
static enum refusal ask_pipeline(struct engine *engine, const struct intent *intent,
                                 struct trace *trace)
{
    struct view view = engine_view(engine, intent->request.product);
    struct pipeline pipeline = engine_pipeline(engine, &view, &intent->request);
    struct order_request request;
    decimal price;

    return pipeline_run(&pipeline, intent, &request, &price, trace);
}

/* ---- orders ---- */

static bool closing(const struct engine *engine, const struct fact_exit *exit, decimal touch,
                    struct intent *out)
{
    char level[DECIMAL_TEXT_MAX];
    decimal at = exit->leg == EXIT_TARGET ? exit->plan.target : exit_stop_level(exit);

    *out = (struct intent){.origin = ORIGIN_EMULATION,
                           .decision = {.action = ACTION_CLOSE, .product = exit->product}};
    memcpy(out->strategy, exit->strategy, sizeof out->strategy);
    snprintf(out->decision.reason, sizeof out->decision.reason, "%s at %s",
             exit_leg_name(exit->leg), decimal_format(at, level));
    return exit_terms_make(&engine->settings.exits, product_of(engine, exit), exit, touch,
                           engine->markets[exit->product].mark, &out->request);
}

/* Into the journal, with the pipeline's word on it, and on its way if that lets it. */
static void submit(struct engine *engine, uint64_t id, const struct intent *intent)
{
    struct fact_exit next = exits_find(&engine->exits, id)->exit;
    enum refusal code;

    next.order = engine_submit(engine, intent, &code);
    if (code || next.state == EXIT_HELD_BACK)
        next.code = code;
    next.state = code ? EXIT_HELD_BACK : EXIT_TRIGGERED;
    next.tries = code ? 0 : next.tries + 1;
    exits_emit(engine, &next);
    struct exit_entry *entry = exits_find(&engine->exits, id);
    entry->held_since = engine->now;
    entry->next = engine->now + wait_after(&engine->settings.exits, next.tries);
}

/* Nothing is submitted for the same answer again. */
static void ask_and_submit(struct engine *engine, uint64_t id, const struct intent *intent)
{
    struct exit_entry *entry = exits_find(&engine->exits, id);
    struct trace trace;
    enum refusal code = ask_pipeline(engine, intent, &trace);
    bool is_known = entry->exit.state == EXIT_HELD_BACK && entry->exit.code == code;

    if (!code || !is_known) {
        submit(engine, id, intent);
        entry = exits_find(&engine->exits, id);
    }
    if (exit_is_too_small(&entry->exit) ||
        (code && engine->now >= entry->held_since + LOUD_AFTER))
        say(engine, entry, trace.detail);
}

/* What rests for the end of an auction, and was not matched in it, makes room. */
static void call_back(struct engine *engine, struct exit_entry *entry,
                      const struct order *order)
{
    bool stands = order->state == ORDER_NEW || order->state == ORDER_PARTIALLY_FILLED;

    if (!stands || order->request.tif == TIF_IOC || engine->now < entry->next ||
        !exit_terms_trade_again(product_of(engine, &entry->exit)))
        return;
    engine_cancel(engine, order);
    entry->next = engine->now + engine->settings.exits.retry_base;
}

void exits_attempt(struct engine *engine, uint64_t id, decimal touch)
{
    struct exit_entry *entry = exits_find(&engine->exits, id);
    const struct order *order = oms_find(engine->oms, entry->exit.order);
    struct intent intent;

    if (decimal_is_zero(entry->exit.size))
        return;
    if (order && order_state_is_open(order->state)) {
        call_back(engine, entry, order);
        return;
    }
    if (engine->now < entry->next || is_refused(engine, entry))
        return;
    exits_take_leftovers(engine, id);
    entry = exits_find(&engine->exits, id);
    if (entry->exit.state == EXIT_TRIGGERED && entry->exit.tries >= EXIT_TRIES_LOUD)
        say(engine, entry, "");
    if (!must_wait(engine, entry) && closing(engine, &entry->exit, touch, &intent))
        ask_and_submit(engine, id, &intent);
}

/* ---- what became of them ---- */

static bool is_of_size(enum refusal code)
{
    return code == REFUSAL_QUANTITY_ZERO || code == REFUSAL_INVALID_SIZE ||
           code == REFUSAL_MIN_NOTIONAL;
}

static enum refusal code_of(const struct order *order, const struct order_report *report)
{
    enum refusal code;

    if (order->state != ORDER_REJECTED && order->state != ORDER_DENIED)
        return REFUSAL_NONE;
    return refusal_parse(report->reason, &code) ? code : refusal_of_venue(report->reason);
}

static struct exit_entry *entry_of(const struct engine *engine, const struct order *order)
{
    for (int i = 0; i < engine->exits.count; i++)
        if (engine->exits.items[i].exit.order == order->number)
            return &engine->exits.items[i];
    return NULL;
}

static void refuse(struct engine *engine, struct exit_entry *entry)
{
    entry->refused_at = engine->now;
    entry->refused_size = entry->exit.size;
    entry->refused_rules = rules_of(product_of(engine, &entry->exit));
}

void exits_on_order(struct engine *engine, const struct order *order,
                    const struct order_report *report)
{
    struct exit_entry *entry = entry_of(engine, order);

    if (!entry || entry->exit.state != EXIT_TRIGGERED || !order_state_is_final(order->state) ||
        decimal_is_positive(order->filled))
        return;
    struct fact_exit next = entry->exit;
    next.code = code_of(order, report);
    if (is_of_size(next.code)) {
        next.state = EXIT_HELD_BACK;
        refuse(engine, entry);
    }
    if (next.code != entry->exit.code || next.state != entry->exit.state)
        exits_emit(engine, &next);
    if (next.state == EXIT_HELD_BACK)
        say(engine, exits_find(&engine->exits, next.id), "");
}
