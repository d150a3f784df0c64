/* Between the engine's knowledge and the truth lie messages on their way, so a
 * limit is not looked up twice in the same place: sizes are held against the
 * venue's own positions and orders (V6), since fills that the engine has not heard
 * of move between what works and what is held, and the sum stays. Values are
 * reckoned at the time of the send, at the prices the engine then had. */
#include "lab/oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "engine/oms.h"

struct sent {
    client_order_id client_id;
    order_number number;
    product_ref product;
    enum side side;
    decimal size;
    nanos time;
    bool is_at_venue;
};

struct oracle {
    struct oracle_setup setup;
    const struct engine *engine;
    struct map *sent_by_id;
    struct sent **sent; /* distinct client ids, oldest first */
    size_t sent_count, sent_room;
    struct sent **active; /* those of them that work or may still arrive */
    size_t active_count, active_room;
    uint64_t orders_seen, fills_seen;
    decimal positions[PRODUCTS_MAX]; /* by the venue's fills */
    decimal cash;                    /* without funding */
    bool is_halted;                  /* by an operator */
    char violation[FAULT_TEXT_MAX];
};

struct oracle *oracle_new(const struct oracle_setup *setup)
{
    struct oracle *oracle = mem_new(sizeof *oracle);

    oracle->setup = *setup;
    oracle->cash = setup->cash;
    oracle->sent_by_id = map_new();
    return oracle;
}

void oracle_free(struct oracle *oracle)
{
    if (!oracle)
        return;
    for (size_t i = 0; i < oracle->sent_count; i++)
        mem_free(oracle->sent[i]);
    mem_free(oracle->sent);
    mem_free(oracle->active);
    map_free(oracle->sent_by_id);
    mem_free(oracle);
}

void oracle_set_engine(struct oracle *oracle, const struct engine *engine)
{
    oracle->engine = engine;
}

void oracle_set_halted(struct oracle *oracle, bool is_halted)
{
    oracle->is_halted = is_halted;
}

const char *oracle_violation(const struct oracle *oracle)
{
    return oracle->violation[0] ? oracle->violation : NULL;
}

void oracle_complain(struct oracle *oracle, const char *format, ...)
{
    va_list args;

    if (oracle->violation[0])
        return;
    va_start(args, format);
    vsnprintf(oracle->violation, sizeof oracle->violation, format, args);
    va_end(args);
}

static const struct product *product_of(const struct oracle *oracle, product_ref product)
{
    return &oracle->setup.products->items[product];
}

static decimal value_of(const struct oracle *oracle, product_ref product, decimal size,
                        decimal price)
{
    decimal units = decimal_mul(size, product_of(oracle, product)->contract_size, ROUND_DOWN);

    return decimal_mul(units, price, ROUND_DOWN);
}

/* ---- sends ---- */

/* The engine's open orders that were decided on no later than this one. */
struct standing {
    const struct order *order; /* itself */
    decimal buys, sells;       /* of the product, without it */
    int open;                  /* of all products, without it */
    bool is_doubtful;          /* an unknown outcome of its product and side */
};

static void add_standing(struct standing *standing, const struct order *other,
                         const struct order_request *request)
{
    decimal *sum = other->request.side == SIDE_BUY ? &standing->buys : &standing->sells;

    standing->open++;
    if (other->request.product != request->product)
        return;
    *sum = decimal_add(*sum, order_remaining(other));
    if (other->state == ORDER_UNKNOWN && other->request.side == request->side)
        standing->is_doubtful = true;
}

static struct standing stand(const struct oracle *oracle, const struct order_request *request)
{
    const struct oms *oms = engine_oms(oracle->engine);
    struct standing standing = {.order = oms_find_client(oms, &request->client_id)};

    for (int i = 0; standing.order && i < oms_open_count(oms); i++)
        if (oms_open(oms)[i]->number < standing.order->number)
            add_standing(&standing, oms_open(oms)[i], request);
    return standing;
}

static bool is_reducing(const struct oracle *oracle, const struct standing *standing,
                        const struct order_request *request)
{
    decimal held = portfolio_position(engine_portfolio(oracle->engine), request->product)->size;
    bool is_buy = request->side == SIDE_BUY;
    decimal working = is_buy ? standing->buys : standing->sells;
    decimal room = decimal_sub(is_buy ? decimal_negate(held) : held, working);

    return decimal_compare(request->size, room) <= 0;
}

static void check_level(struct oracle *oracle, const struct order_request *request,
                        bool reduces)
{
    enum level level = engine_level(oracle->engine, request->product);
    const char *id = request->client_id.text;

    if (level == LEVEL_HALTED || oracle->is_halted)
        oracle_complain(oracle, "%s was sent while halted", id);
    else if (oracle->setup.settings->kill_switch)
        oracle_complain(oracle, "%s was sent under the kill switch", id);
    else if (level != LEVEL_NORMAL && !reduces)
        oracle_complain(oracle, "%s was sent at level %s and does not reduce", id,
                        level_name(level));
    else if (request->reduce_only && !reduces)
        oracle_complain(oracle, "%s is reduce-only and is larger than what it can reduce", id);
}

static void check_rate(struct oracle *oracle, const char *what, nanos window, int64_t limit,
                       nanos now)
{
    int64_t count = 0;

    for (size_t i = oracle->sent_count; limit && i-- > 0; count++)
        if (oracle->sent[i]->time <= now - window)
            break;
    if (limit && count > limit)
        oracle_complain(oracle, "%lld orders in one %s, the limit is %lld", (long long)count,
                        what, (long long)limit);
}

static void check_rates(struct oracle *oracle, nanos now)
{
    const struct limits *limits = &oracle->setup.settings->limits;

    check_rate(oracle, "second", SECONDS(1), limits->orders_per_second, now);
    check_rate(oracle, "minute", MINUTES(1), limits->orders_per_minute, now);
    check_rate(oracle, "hour", HOURS(1), limits->orders_per_hour, now);
    check_rate(oracle, "day", DAYS(1), limits->orders_per_day, now);
}

static void check_below(struct oracle *oracle, const char *what, decimal value, decimal limit)
{
    char is[DECIMAL_TEXT_MAX], most[DECIMAL_TEXT_MAX];

    if (!decimal_is_zero(limit) && decimal_compare(value, limit) > 0)
        oracle_complain(oracle, "%s is %s, the limit is %s", what, decimal_format(value, is),
                        decimal_format(limit, most));
}

static decimal price_of(const struct oracle *oracle, const struct order_request *request)
{
    if (decimal_is_positive(request->limit_price))
        return request->limit_price;
    return market_touch(engine_market(oracle->engine, request->product), request->side);
}

/* What of it may still fill, before or after the change that is under way. */
static decimal most_of(const struct order *order)
{
    decimal size = decimal_max(order->request.size, order->asked.size);

    return decimal_max(decimal_sub(size, order->filled), DECIMAL_ZERO);
}

/* What the product may come to if all that works in one direction fills. */
static decimal exposure_of(const struct oracle *oracle, product_ref product)
{
    const struct oms *oms = engine_oms(oracle->engine);
    const struct portfolio *portfolio = engine_portfolio(oracle->engine);
    decimal held = portfolio_position(portfolio, product)->size;
    decimal value =
        value_of(oracle, product, decimal_abs(held), portfolio_mark(portfolio, product));
    enum side side = decimal_is_negative(held) ? SIDE_SELL : SIDE_BUY;

    for (int i = 0; i < oms_open_count(oms); i++) {
        const struct order *order = oms_open(oms)[i];
        if (order->request.product == product && order->request.side == side)
            value = decimal_add(value, value_of(oracle, product, most_of(order),
                                                decimal_max(price_of(oracle, &order->request),
                                                            order->asked.limit_price)));
    }
    return value;
}

static void check_exposure(struct oracle *oracle)
{
    const struct limits *limits = &oracle->setup.settings->limits;
    decimal sum = DECIMAL_ZERO, equity = portfolio_equity(engine_portfolio(oracle->engine));

    for (int i = 0; i < oracle->setup.products->count; i++)
        sum = decimal_add(sum, exposure_of(oracle, (product_ref)i));
    check_below(oracle, "exposure", sum, limits->max_exposure_value);
    check_below(oracle, "exposure", sum, decimal_mul(equity, limits->max_leverage, ROUND_UP));
}

/* What does not reduce must leave every limit kept, itself included. */
static void check_limits(struct oracle *oracle, const struct standing *standing,
                         const struct order_request *request)
{
    const struct limits *limits = &oracle->setup.settings->limits;
    const char *symbol = product_of(oracle, request->product)->symbol;
    const struct symbol_limits *own = limits_of_symbol(limits, symbol);

    check_below(oracle, "order value",
                value_of(oracle, request->product, request->size, price_of(oracle, request)),
                limits->max_order_value);
    if (limits->max_open_orders && standing->open >= limits->max_open_orders)
        oracle_complain(oracle, "%d orders are open, the limit is %lld", standing->open + 1,
                        (long long)limits->max_open_orders);
    if (own)
        check_below(oracle, "order size", request->size, own->max_order_size);
    check_exposure(oracle);
}

static void add(struct sent ***list, size_t *count, size_t *room, struct sent *sent)
{
    if (*count == *room) {
        *room = *room ? 2 * *room : 64;
        *list = mem_resize(*list, *room, sizeof **list);
    }
    (*list)[(*count)++] = sent;
}

static void note_sent(struct oracle *oracle, const struct order_request *request,
                      order_number number, nanos now)
{
    struct sent *sent = mem_new(sizeof *sent);

    *sent = (struct sent){
        request->client_id, number, request->product, request->side, request->size, now, false};
    add(&oracle->sent, &oracle->sent_count, &oracle->sent_room, sent);
    add(&oracle->active, &oracle->active_count, &oracle->active_room, sent);
    map_set(oracle->sent_by_id, sent->client_id.text, sent);
}

static bool is_same_request(const struct order_request *a, const struct order_request *b)
{
    return a->product == b->product && a->side == b->side && a->type == b->type &&
           a->tif == b->tif && a->reduce_only == b->reduce_only &&
           a->post_only == b->post_only && decimal_is_equal(a->size, b->size) &&
           decimal_is_equal(a->limit_price, b->limit_price) &&
           decimal_is_equal(a->stop_price, b->stop_price);
}

void oracle_on_submit(struct oracle *oracle, const struct order_request *request, nanos now)
{
    const struct tape_intent *intent =
        tape_find_durable(oracle->setup.tape, &request->client_id);
    const char *id = request->client_id.text;

    if (!intent || !is_same_request(&intent->request, request)) {
        oracle_complain(oracle, "%s was sent %s", id,
                        intent ? "otherwise than its intent says"
                               : "before its intent is safe");
        return;
    }
    if (map_find(oracle->sent_by_id, id))
        return; /* sent again: the venue knows it by its id */
    note_sent(oracle, request, intent->number, now);
    struct standing standing = stand(oracle, request);
    bool reduces = is_reducing(oracle, &standing, request);
    bool closes = intent->origin == ORIGIN_FLATTEN;
    if (!standing.order)
        oracle_complain(oracle, "%s was sent and is not an order of the engine", id);
    else if (standing.is_doubtful && !closes)
        oracle_complain(oracle, "%s was sent while another of its purpose is unknown", id);
    else if (closes && !reduces)
        oracle_complain(oracle, "%s closes more than what no other order may close", id);
    if (!standing.order || closes)
        return;
    check_level(oracle, request, reduces);
    if (reduces)
        return;
    check_rates(oracle, now);
    check_limits(oracle, &standing, request);
}

/* ---- edits ---- */

static bool is_nearer(const struct order_request *request, const struct order_request *before)
{
    int way = decimal_compare(request->limit_price, before->limit_price);

    return request->side == SIDE_BUY ? way > 0 : way < 0;
}

/* With what worked before the edit was decided on, and no more: lenient within one turn. */
static bool is_reducing_edit(const struct oracle *oracle, const struct order *order,
                             const struct order_request *edited)
{
    const struct oms *oms = engine_oms(oracle->engine);
    struct standing standing = {.order = order};
    struct order_request rest = *edited;

    if (decimal_compare(edited->size, order->request.size) <= 0 &&
        !is_nearer(edited, &order->request))
        return true;
    for (int i = 0; i < oms_open_count(oms); i++)
        if (oms_open(oms)[i] != order && oms_open(oms)[i]->created < order->asked.since)
            add_standing(&standing, oms_open(oms)[i], edited);
    rest.size = decimal_sub(edited->size, order->filled);
    return is_reducing(oracle, &standing, &rest);
}

void oracle_on_amend(struct oracle *oracle, const struct venue_amend *amend)
{
    const struct order *order = oms_find_client(engine_oms(oracle->engine), &amend->client_id);
    const char *id = amend->client_id.text;

    if (!order || !tape_has_durable_amend(oracle->setup.tape, order->number, amend->size,
                                          amend->limit_price)) {
        oracle_complain(oracle, "%s is edited %s", id,
                        order ? "otherwise than its intent says" : "and is unknown here");
        return;
    }
    struct order_request edited = order->request;
    struct standing standing = {.order = order};
    edited.size = amend->size;
    edited.limit_price = amend->limit_price;
    bool reduces = is_reducing_edit(oracle, order, &edited);
    check_level(oracle, &edited, reduces);
    if (!reduces)
        check_limits(oracle, &standing, &edited);
}

/* ---- the venue's truth ---- */

static void see_order(struct oracle *oracle, const struct sim_order *order)
{
    struct sent *sent = map_find(oracle->sent_by_id, order->request.client_id.text);

    if (order->is_external)
        return;
    if (!sent) {
        oracle_complain(oracle, "the venue has an order %s that was never sent",
                        order->request.client_id.text);
        return;
    }
    for (size_t i = 0; i < oracle->sent_count; i++)
        if (oracle->sent[i]->number == sent->number && oracle->sent[i]->is_at_venue)
            oracle_complain(oracle, "intent %llu has two orders at the venue",
                            (unsigned long long)sent->number);
    sent->is_at_venue = true;
}

static void see_fill(struct oracle *oracle, const struct sim_fill *fill)
{
    const struct product *product = product_of(oracle, fill->fill.product);
    decimal *held = &oracle->positions[fill->fill.product];
    bool is_buy = fill->fill.side == SIDE_BUY;
    decimal before = *held;

    *held =
        is_buy ? decimal_add(before, fill->fill.size) : decimal_sub(before, fill->fill.size);
    decimal paid = is_buy ? decimal_negate(fill->fill.value) : fill->fill.value;
    if (strcmp(product->quote, oracle->setup.settings->currency) == 0)
        oracle->cash = decimal_add(oracle->cash, decimal_sub(paid, fill->fill.fee));
    bool shrinks =
        decimal_sign(before) == (is_buy ? -1 : 1) && decimal_sign(*held) != (is_buy ? 1 : -1);
    if (fill->order->request.reduce_only && !fill->order->is_external && !shrinks)
        oracle_complain(oracle, "fill %s of reduce-only order %s does not reduce",
                        fill->fill.id.text, fill->order->request.client_id.text);
}

/* What futures cost is no cash yet: V7. */
static void check_cash(struct oracle *oracle)
{
    const struct simulator *venue = oracle->setup.venue;
    const struct ledger *ledger = simulator_ledger(venue);
    decimal expected = decimal_sub(oracle->cash, simulator_funding_paid(venue));

    for (int i = 0; i < oracle->setup.products->count; i++)
        expected = decimal_add(expected, ledger_position(ledger, (product_ref)i).cost);
    decimal total = ledger_total(ledger, oracle->setup.settings->currency);
    if (decimal_is_equal(total, expected))
        return;
    char is[DECIMAL_TEXT_MAX], should[DECIMAL_TEXT_MAX];
    oracle_complain(oracle, "the venue holds %s in cash, its fills make %s",
                    decimal_format(total, is), decimal_format(expected, should));
}

static decimal remaining_at_venue(const struct sim_order *order)
{
    return order->state == SIM_OPEN ? decimal_sub(order->request.size, order->filled)
                                    : DECIMAL_ZERO;
}

/* What an edit that may still arrive would add. */
static decimal edit_on_its_way(const struct sim_order *order, const struct order *ours)
{
    if (order->state != SIM_OPEN || !ours || !order_is_edited(ours))
        return DECIMAL_ZERO;
    return decimal_max(decimal_sub(ours->asked.size, order->request.size), DECIMAL_ZERO);
}

/* Held, working and on its way, in one direction: V6. */
static decimal directed_size(const struct oracle *oracle, product_ref product, enum side side)
{
    decimal sum = oracle->positions[product];

    if (side == SIDE_SELL)
        sum = decimal_negate(sum);
    for (size_t i = 0; i < oracle->active_count; i++) {
        const struct sent *sent = oracle->active[i];
        if (sent->product != product || sent->side != side)
            continue;
        const struct sim_order *order =
            simulator_find(oracle->setup.venue, &sent->client_id, &(venue_order_id){""});
        const struct order *ours =
            oms_find_client(engine_oms(oracle->engine), &sent->client_id);
        if (order)
            sum = decimal_add(
                sum, decimal_add(remaining_at_venue(order), edit_on_its_way(order, ours)));
        else if (ours && order_state_is_open(ours->state))
            sum = decimal_add(sum, sent->size);
    }
    return sum;
}

static void check_position_sizes(struct oracle *oracle)
{
    const struct limits *limits = &oracle->setup.settings->limits;

    for (int i = 0; i < limits->symbol_count; i++) {
        const struct symbol_limits *own = &limits->symbols[i];
        product_ref product = product_table_find(oracle->setup.products, own->symbol);
        if (product == PRODUCT_NONE || decimal_is_zero(own->max_position_size))
            continue;
        check_below(oracle, "position and working buys",
                    directed_size(oracle, product, SIDE_BUY), own->max_position_size);
        check_below(oracle, "position and working sells",
                    directed_size(oracle, product, SIDE_SELL), own->max_position_size);
    }
}

/* A request that has not arrived after so long never will. */
static const nanos arrival_max = MINUTES(10);

static bool is_over(const struct oracle *oracle, const struct sent *sent)
{
    const struct simulator *venue = oracle->setup.venue;
    const struct sim_order *order =
        simulator_find(venue, &sent->client_id, &(venue_order_id){""});

    return order ? order->state != SIM_OPEN : simulator_now(venue) - sent->time > arrival_max;
}

static void drop_inactive(struct oracle *oracle)
{
    size_t kept = 0;

    for (size_t i = 0; i < oracle->active_count; i++)
        if (!is_over(oracle, oracle->active[i]))
            oracle->active[kept++] = oracle->active[i];
    oracle->active_count = kept;
}

/* V3 */
static void check_not_ahead(struct oracle *oracle)
{
    const struct oms *oms = engine_oms(oracle->engine);

    for (int i = 0; i < oms_open_count(oms); i++) {
        const struct order *order = oms_open(oms)[i];
        const struct sim_order *truth =
            simulator_find(oracle->setup.venue, &order->request.client_id, &order->venue_id);
        decimal filled = truth ? truth->filled : DECIMAL_ZERO;
        if (decimal_compare(order->filled, filled) > 0)
            oracle_complain(oracle, "the engine knows of more fills of %s than there were",
                            order->request.client_id.text);
    }
}

void oracle_on_step(struct oracle *oracle)
{
    const struct simulator *venue = oracle->setup.venue;
    bool is_new = oracle->fills_seen < simulator_fill_count(venue);

    while (oracle->orders_seen < simulator_order_count(venue))
        see_order(oracle, simulator_order_at(venue, oracle->orders_seen++));
    while (oracle->fills_seen < simulator_fill_count(venue))
        see_fill(oracle, simulator_fill_at(venue, oracle->fills_seen++));
    drop_inactive(oracle);
    if (is_new)
        check_cash(oracle);
    if (!oracle->engine)
        return;
    check_not_ahead(oracle);
    check_position_sizes(oracle);
    oms_check(engine_oms(oracle->engine));
    portfolio_check(engine_portfolio(oracle->engine));
}

/* ---- quiet ---- */

PRINTF_LIKE(2, 3) static bool differ(char *difference, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(difference, FAULT_TEXT_MAX, format, args);
    va_end(args);
    return false;
}

static bool differ_in(char *difference, const char *what, const char *of, decimal ours,
                      decimal truth)
{
    char is[DECIMAL_TEXT_MAX], should[DECIMAL_TEXT_MAX];

    if (decimal_is_equal(ours, truth))
        return true;
    return differ(difference, "%s of %s: the engine says %s, the venue %s", what, of,
                  decimal_format(ours, is), decimal_format(truth, should));
}

static const char *const sim_states[] = {[SIM_OPEN] = "open",
                                         [SIM_FILLED] = "filled",
                                         [SIM_CANCELED] = "canceled",
                                         [SIM_EXPIRED] = "expired"};

static bool is_state_of(enum order_state ours, enum sim_state truth)
{
    switch (truth) {
    case SIM_OPEN:
        return ours == ORDER_NEW || ours == ORDER_PARTIALLY_FILLED;
    case SIM_FILLED:
        return ours == ORDER_FILLED;
    default:
        return order_state_is_final(ours) && ours != ORDER_FILLED;
    }
}

static bool is_order_settled(const struct oracle *oracle, const struct sim_order *truth,
                             char *difference)
{
    const struct order *ours =
        oms_find_client(engine_oms(oracle->engine), &truth->request.client_id);
    const char *id = truth->request.client_id.text;

    if (!ours)
        return truth->state != SIM_OPEN ||
               differ(difference, "order %s works at the venue and is unknown here", id);
    if (!is_state_of(ours->state, truth->state))
        return differ(difference, "order %s is %s here and %s at the venue", id,
                      order_state_name(ours->state), sim_states[truth->state]);
    return differ_in(difference, "filled", id, ours->filled, truth->filled) &&
           differ_in(difference, "value", id, ours->filled_value, truth->value) &&
           differ_in(difference, "fees", id, ours->fees, truth->fees);
}

static bool are_orders_settled(const struct oracle *oracle, char *difference)
{
    const struct simulator *venue = oracle->setup.venue;
    const struct oms *oms = engine_oms(oracle->engine);

    for (uint64_t i = 0; i < simulator_order_count(venue); i++) {
        const struct sim_order *order = simulator_order_at(venue, i);
        if (!order->is_external && !is_order_settled(oracle, order, difference))
            return false;
    }
    for (int i = 0; i < oms_open_count(oms); i++) {
        const struct order *order = oms_open(oms)[i];
        if (!simulator_find(venue, &order->request.client_id, &order->venue_id))
            return differ(difference, "order %s is %s here and not at the venue",
                          order->request.client_id.text, order_state_name(order->state));
    }
    return true;
}

bool oracle_is_settled(struct oracle *oracle, char difference[FAULT_TEXT_MAX])
{
    const struct product_table *products = oracle->setup.products;
    const struct ledger *ledger = simulator_ledger(oracle->setup.venue);
    const struct portfolio *portfolio = engine_portfolio(oracle->engine);

    for (int i = 0; i < products->count; i++)
        if (!differ_in(difference, "position", products->items[i].symbol,
                       portfolio_position(portfolio, (product_ref)i)->size,
                       oracle->positions[i]))
            return false;
    if (!are_orders_settled(oracle, difference))
        return false;
    for (int i = 0; i < ledger_currency_count(ledger); i++) {
        const char *currency = ledger_currency_at(ledger, i);
        if (!differ_in(difference, "balance", currency,
                       portfolio_balance(portfolio, currency).total,
                       ledger_total(ledger, currency)))
            return false;
    }
    return true;
}
