#include "lab/saboteur.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "engine/oms.h"

static const char *const names[] = {[SABOTAGE_NONE] = "none",
#define SABOTAGE_NAME(constant, name, text) [SABOTAGE_##constant] = name,
                                    SABOTAGES(SABOTAGE_NAME)
#undef SABOTAGE_NAME
};
static_assert(ARRAY_LEN(names) == SABOTAGE_COUNT, "name every sabotage");

static const char *const texts[] = {[SABOTAGE_NONE] = "nothing goes wrong on purpose",
#define SABOTAGE_TEXT(constant, name, text) [SABOTAGE_##constant] = text,
                                    SABOTAGES(SABOTAGE_TEXT)
#undef SABOTAGE_TEXT
};

const char *sabotage_name(enum sabotage sabotage)
{
    assert(sabotage < SABOTAGE_COUNT);
    return names[sabotage];
}

const char *sabotage_text(enum sabotage sabotage)
{
    assert(sabotage < SABOTAGE_COUNT);
    return texts[sabotage];
}

bool sabotage_parse(const char *name, enum sabotage *out)
{
    int found = names_find(names, SABOTAGE_COUNT, name);

    if (found < 0)
        return false;
    *out = (enum sabotage)found;
    return true;
}

static decimal twice(decimal size)
{
    return decimal_add(size, size);
}

/* ---- requests ---- */

/* The engine lends its books for reading. A saboteur writes. */
static struct oms *books_of(const struct engine *engine)
{
    return (struct oms *)(uintptr_t)engine_oms(engine);
}

/* Makes doubtful what was sent before for the same purpose. */
static void lose_another(const struct engine *engine, const struct order_request *request)
{
    const struct oms *oms = engine_oms(engine);
    const struct order *own = oms_find_client(oms, &request->client_id);

    for (int i = 0; own && i < oms_open_count(oms); i++) {
        const struct order *other = oms_open(oms)[i];
        bool is_lost = other->number < own->number &&
                       other->request.product == request->product &&
                       other->request.side == request->side &&
                       oms_apply(books_of(engine), other->number, ORDER_EVENT_LOSE,
                                 &(venue_order_id){""}, other->updated);
        if (is_lost)
            return;
    }
}

static void set_position(const struct engine *engine, product_ref product, decimal size)
{
    struct portfolio *books = (struct portfolio *)(uintptr_t)engine_portfolio(engine);
    position wrong = *portfolio_position(books, product);

    wrong.size = size;
    portfolio_set_position(books, product, &wrong);
}

static bool shrinks(const struct saboteur *saboteur, const struct engine *engine,
                    const struct order_request *request)
{
    const struct order *own = oms_find_client(engine_oms(engine), &request->client_id);
    bool flattens = own && own->origin == ORIGIN_FLATTEN;

    return request->reduce_only &&
           saboteur->kind == (flattens ? SABOTAGE_SHRINK_LATE : SABOTAGE_SHRINK);
}

bool saboteur_on_send(struct saboteur *saboteur, const struct engine *engine,
                      struct order_request *request)
{
    if (saboteur->kind == SABOTAGE_RESIZE)
        request->size = twice(request->size);
    if (saboteur->kind == SABOTAGE_FORGET_DOUBT)
        lose_another(engine, request);
    if (shrinks(saboteur, engine, request))
        set_position(engine, request->product, (decimal){1});
    if (saboteur->kind != SABOTAGE_HOLD_BACK || saboteur->is_holding || request->reduce_only)
        return true;
    saboteur->held = *request;
    saboteur->is_holding = true;
    return false;
}

void saboteur_on_arrival(struct saboteur *saboteur, const struct venue_port *venue,
                         struct order_request *request)
{
    struct order_request again = *request;

    if (saboteur->kind == SABOTAGE_FALSE_REDUCE)
        request->reduce_only = true;
    if (saboteur->kind != SABOTAGE_SEND_TWICE)
        return;
    snprintf(again.client_id.text, sizeof again.client_id.text, "again-%llu",
             (unsigned long long)++saboteur->done);
    venue->submit(venue->ctx, &again);
}

bool saboteur_swallows(const struct saboteur *saboteur, enum command_kind kind)
{
    switch (saboteur->kind) {
    case SABOTAGE_IGNORE_HALT:
        return kind == COMMAND_HALT || kind == COMMAND_KILL;
    case SABOTAGE_IGNORE_FLATTEN:
        return kind == COMMAND_FLATTEN;
    case SABOTAGE_IGNORE_CANCEL:
        return kind == COMMAND_CANCEL_ALL;
    default:
        return false;
    }
}

/* ---- between turns ---- */

static void invent_fill(struct saboteur *saboteur, struct engine *engine)
{
    const struct oms *oms = engine_oms(engine);
    struct event event = {.kind = EVENT_REPORT};

    if (oms_open_count(oms) == 0)
        return;
    const struct order *order = oms_open(oms)[0];
    decimal price = order->reserved_price;
    event.product = order->request.product;
    event.report.kind = REPORT_FILL;
    event.report.client_id = order->request.client_id;
    event.report.has_fill = true;
    event.report.fill = (struct fill){.product = order->request.product,
                                      .side = order->request.side,
                                      .size = order_remaining(order),
                                      .price = price,
                                      .value = price};
    snprintf(event.report.fill.id.text, FILL_ID_MAX, "invented-%llu",
             (unsigned long long)++saboteur->done);
    bus_push(engine_bus(engine), &event);
}

static void flatten(struct saboteur *saboteur, struct engine *engine)
{
    struct event event = {.kind = EVENT_COMMAND,
                          .product = PRODUCT_NONE,
                          .command = {.kind = COMMAND_FLATTEN, .who = "saboteur"}};

    if (portfolio_open_positions(engine_portfolio(engine)) == 0 || saboteur->done++)
        return;
    bus_push(engine_bus(engine), &event);
}

static bool let_go(struct saboteur *saboteur, const struct engine *engine,
                   struct order_request *request)
{
    if (!saboteur->is_holding || engine_level(engine, saboteur->held.product) == LEVEL_NORMAL)
        return false;
    *request = saboteur->held;
    saboteur->is_holding = false;
    return true;
}

bool saboteur_on_step(struct saboteur *saboteur, struct engine *engine, struct mock *mock,
                      struct order_request *request)
{
    if (saboteur->kind == SABOTAGE_HOLD_BACK)
        return let_go(saboteur, engine, request);
    if (saboteur->kind == SABOTAGE_INVENT_FILL)
        invent_fill(saboteur, engine);
    else if (saboteur->kind == SABOTAGE_SECRET_FLATTEN)
        flatten(saboteur, engine);
    else if (saboteur->kind == SABOTAGE_MISCOUNT)
        set_position(engine, 0, D(1));
    else if (saboteur->kind == SABOTAGE_FIND_MONEY && !saboteur->done++)
        mock_deposit(mock, "USD", D(1));
    return false;
}
