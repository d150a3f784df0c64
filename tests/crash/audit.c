#include "audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "day.h"
#include "engine/engine.h"
#include "engine/oms.h"
#include "engine/recover.h"
#include "store/journal.h"
#include "store/journal_read.h"

struct intent_row {
    client_order_id id;
    order_number number, logical; /* logical: the first of those that took its place */
    product_ref product;
    char purpose[ORDER_REASON_MAX]; /* the cycle that decided, see day.h; "" of an exit's */
    bool is_at_venue, works;
};

/* The intents of a journal, in order. */
struct intents {
    struct intent_row *items;
    size_t count, room;
};

struct auditor {
    struct product_table products;
    struct engine_settings settings;
    struct journal *journal;
    struct journal_reader *reader;
    struct engine *engine;
    const struct simulator *venue;
    struct intents intents;
    struct audit *out;
};

PRINTF_LIKE(3, 4)
static void count(struct auditor *auditor, int *counter, const char *format, ...)
{
    va_list args;

    ++*counter;
    if (auditor->out->first[0])
        return;
    va_start(args, format);
    vsnprintf(auditor->out->first, sizeof auditor->out->first, format, args);
    va_end(args);
}

/* More than there was is doubled, less is lost. */
static void compare(struct auditor *auditor, const char *what, const char *of, decimal ours,
                    decimal truth)
{
    char is[DECIMAL_TEXT_MAX], should[DECIMAL_TEXT_MAX];
    bool is_more = decimal_compare(decimal_abs(ours), decimal_abs(truth)) > 0;

    if (!decimal_is_equal(ours, truth))
        count(auditor, is_more ? &auditor->out->doubled : &auditor->out->lost,
              "%s of %s is %s in the journal and %s at the venue", what, of,
              decimal_format(ours, is), decimal_format(truth, should));
}

/* ---- intents ---- */

static void add_intent(struct intents *intents, const struct order *order, product_ref product)
{
    for (size_t i = intents->count; i-- > 0;)
        if (intents->items[i].number == order->number)
            return; /* a snapshot said it again */
    if (intents->count == intents->room) {
        intents->room = intents->room ? 2 * intents->room : 256;
        intents->items = mem_resize(intents->items, intents->room, sizeof *intents->items);
    }
    struct intent_row *row = &intents->items[intents->count++];
    *row = (struct intent_row){.id = order->request.client_id,
                               .number = order->number,
                               .logical = order->logical ? order->logical : order->number,
                               .product = product};
    if (strncmp(order->reason, "cycle ", strlen("cycle ")) == 0)
        snprintf(row->purpose, sizeof row->purpose, "%s", order->reason);
}

/* Of all events that ever were, not only those since the last snapshot. */
static bool take_intent(void *to, const struct journal_row *row)
{
    struct auditor *auditor = to;
    struct product_table one;
    struct buf text = BUF_INIT;
    struct fact fact;
    struct fault why;

    product_table_init(&one);
    if (journal_row_decode(auditor->reader, row, &one, &text, &fact, &why))
        count(auditor, &auditor->out->lost, "an event cannot be read: %.200s", why.text);
    else if (fact.kind == FACT_ORDER)
        add_intent(&auditor->intents, &fact.order,
                   product_table_find(&auditor->products, one.items[0].symbol));
    else
        auditor->out->amends++;
    buf_clear(&text);
    return true;
}

static enum err read_intents(struct auditor *auditor, const char *path, struct fault *why)
{
    struct journal_filter filter = {.kinds = JOURNAL_KIND(FACT_ORDER) |
                                             JOURNAL_KIND(FACT_AMEND_ASKED)};
    enum err err = journal_reader_open(path, &auditor->reader, why);

    if (!err)
        err = journal_read_events(auditor->reader, &filter, take_intent, auditor, why);
    journal_reader_close(auditor->reader);
    return err;
}

/* Another order for what this one is for. Of a chain in which each took the place of the one
 * before, one may live. */
static bool is_doubled(const struct intent_row *one, const struct intent_row *other)
{
    if (!other->is_at_venue)
        return false;
    if (one->number != other->number && one->logical == other->logical)
        return one->works && other->works;
    return one->number == other->number || (one->product == other->product && one->purpose[0] &&
                                            strcmp(one->purpose, other->purpose) == 0);
}

static void match_intent(struct auditor *auditor, const struct sim_order *order)
{
    struct intents *intents = &auditor->intents;
    const char *id = order->request.client_id.text;
    struct intent_row *own = NULL;

    for (size_t i = 0; i < intents->count && !own; i++)
        if (client_order_id_is_equal(&intents->items[i].id, &order->request.client_id))
            own = &intents->items[i];
    if (!own) {
        count(auditor, &auditor->out->lost, "order %s has no intent", id);
        return;
    }
    own->works = order->state == SIM_OPEN;
    for (size_t i = 0; i < intents->count; i++)
        if (is_doubled(own, &intents->items[i]))
            count(auditor, &auditor->out->doubled, "what %s is for has another order, %s", id,
                  intents->items[i].id.text);
    own->is_at_venue = true;
}

/* ---- the ledger ---- */

static void compare_order(struct auditor *auditor, const struct sim_order *truth)
{
    const struct order *ours =
        oms_find_client(engine_oms(auditor->engine), &truth->request.client_id);
    const char *id = truth->request.client_id.text;

    if (!ours) {
        count(auditor, &auditor->out->lost, "order %s is not among the engine's", id);
        return;
    }
    compare(auditor, "filled", id, ours->filled, truth->filled);
    compare(auditor, "value", id, ours->filled_value, truth->value);
    compare(auditor, "fees", id, ours->fees, truth->fees);
    if (order_state_is_open(ours->state) != (truth->state == SIM_OPEN))
        count(auditor, &auditor->out->lost, "order %s is %s in the journal and %s at the venue",
              id, order_state_name(ours->state), truth->state == SIM_OPEN ? "works" : "over");
}

static void compare_open(struct auditor *auditor)
{
    const struct oms *oms = engine_oms(auditor->engine);

    for (int i = 0; i < oms_open_count(oms); i++) {
        const struct order *order = oms_open(oms)[i];
        auditor->out->unresolved += order->state == ORDER_UNKNOWN;
        if (!simulator_find(auditor->venue, &order->request.client_id, &order->venue_id))
            count(auditor, &auditor->out->lost, "order %s is %s and not at the venue",
                  order->request.client_id.text, order_state_name(order->state));
    }
}

static void compare_positions(struct auditor *auditor)
{
    decimal truth[PRODUCTS_MAX] = {{0}};

    for (uint64_t i = 0; i < simulator_fill_count(auditor->venue); i++) {
        const struct fill *fill = &simulator_fill_at(auditor->venue, i)->fill;
        decimal *at = &truth[fill->product];
        *at = fill->side == SIDE_BUY ? decimal_add(*at, fill->size)
                                     : decimal_sub(*at, fill->size);
    }
    for (int i = 0; i < auditor->products.count; i++)
        compare(auditor, "position", auditor->products.items[i].symbol,
                portfolio_position(engine_portfolio(auditor->engine), (product_ref)i)->size,
                truth[i]);
}

static void compare_balances(struct auditor *auditor)
{
    const struct ledger *ledger = simulator_ledger(auditor->venue);

    for (int i = 0; i < ledger_currency_count(ledger); i++) {
        const char *currency = ledger_currency_at(ledger, i);
        compare(auditor, "balance", currency,
                portfolio_balance(engine_portfolio(auditor->engine), currency).total,
                ledger_total(ledger, currency));
    }
}

static void compare_all(struct auditor *auditor)
{
    auditor->out->orders = (int)simulator_order_count(auditor->venue);
    auditor->out->fills = (int)simulator_fill_count(auditor->venue);
    for (int i = 0; i < auditor->out->orders; i++) {
        const struct sim_order *order = simulator_order_at(auditor->venue, (uint64_t)i);
        match_intent(auditor, order);
        compare_order(auditor, order);
    }
    compare_open(auditor);
    compare_positions(auditor);
    compare_balances(auditor);
}

/* The audit only recovers: it takes no turn, and nothing leaves. */
static void send_nothing(void *ctx, const struct order_request *request)
{
    (void)ctx, (void)request;
}

static void cancel_nothing(void *ctx, const client_order_id *client_id,
                           const venue_order_id *venue_id)
{
    (void)ctx, (void)client_id, (void)venue_id;
}

static enum err open_journal(struct auditor *auditor, const char *path, struct fault *why)
{
    struct journal_options options = {path, &auditor->products, NULL};
    enum err err = journal_open(&options, &auditor->journal, why);

    if (!err)
        err = read_intents(auditor, path, why);
    if (err)
        return err;
    struct journal_port port = journal_port(auditor->journal);
    struct engine_ports ports = {.journal = port,
                                 .venue = {.submit = send_nothing, .cancel = cancel_nothing}};
    auditor->engine = engine_new(&auditor->settings, &auditor->products, &ports, "audit");
    return engine_recover(auditor->engine, day_start + DAYS(1), why);
}

void audit_run(const char *path, const struct simulator *venue, struct audit *out)
{
    struct auditor auditor = {.venue = venue, .out = out};
    struct fault why;

    memset(out, 0, sizeof *out);
    day_products(&auditor.products);
    day_settings(&auditor.settings);
    if (open_journal(&auditor, path, &why))
        count(&auditor, &out->lost, "the journal cannot be read: %.200s", why.text);
    else
        compare_all(&auditor);
    engine_free(auditor.engine);
    journal_close(auditor.journal);
    mem_free(auditor.intents.items);
}
