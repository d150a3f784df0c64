/* Between the engine's knowledge and the truth lie messages on their way, so a
 * limit is not looked up twice in the same place: sizes are held against the
 * venue's own positions and orders (V6), since fills that the engine has not heard
 * of move between what works and what is held, and the sum stays. Values are
 * reckoned at the time of the send, at the prices the engine then had. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "engine/exits.h"
#include "lab/oracle_private.h"

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
    mem_free(oracle->equities);
    map_free(oracle->sent_by_id);
    mem_free(oracle);
}

void oracle_set_engine(struct oracle *oracle, const struct engine *engine)
{
    oracle->engine = engine;
}

void oracle_set_flattening(struct oracle *oracle, bool is_flattening)
{
    oracle->is_flattening = is_flattening;
}

void oracle_on_cancel_all(struct oracle *oracle, size_t sent_count)
{
    oracle->canceled_count = sent_count;
}

size_t oracle_sent_count(const struct oracle *oracle)
{
    return oracle->sent_count;
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

decimal oracle_value_of(const struct oracle *oracle, product_ref product, decimal size,
                        decimal price)
{
    decimal units =
        decimal_mul(size, oracle_product(oracle, product)->contract_size, ROUND_DOWN);

    return decimal_mul(units, price, ROUND_DOWN);
}

/* ---- sends ---- */

static void add_standing(struct standing *standing, const struct order *other,
                         const struct order_request *request)
{
    decimal *sum = other->request.side == SIDE_BUY ? &standing->buys : &standing->sells;

    standing->open++;
    if (other->request.product != request->product)
        return;
    *sum = decimal_add(*sum, order_remaining(other));
    if (other->origin == ORIGIN_EXTERNAL && other->request.side == SIDE_SELL)
        standing->offered = decimal_add(standing->offered, order_remaining(other));
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

/* The same for a flatten, to which orders of others in a future mean nothing while the policy
 * is to leave them alone. */
static struct standing stand_alone(const struct oracle *oracle,
                                   const struct order_request *request)
{
    const struct oms *oms = engine_oms(oracle->engine);
    struct standing standing = {.order = oms_find_client(oms, &request->client_id)};
    bool is_alone = oracle_product(oracle, request->product)->type == PRODUCT_FUTURE &&
                    oracle->setup.settings->reconcile.external_orders == EXTERNAL_IGNORE;

    for (int i = 0; i < oms_open_count(oms); i++)
        if (oms_open(oms)[i]->number < standing.order->number &&
            !(is_alone && oms_open(oms)[i]->origin == ORIGIN_EXTERNAL))
            add_standing(&standing, oms_open(oms)[i], request);
    return standing;
}

/* Coins beyond the position are the stranger's, unless they are adopted: of what he offers, as
 * much as he has comes out of those. */
static decimal offered_of_his(const struct oracle *oracle, const struct standing *standing,
                              product_ref product, decimal held)
{
    const struct product *it = oracle_product(oracle, product);

    if (it->type != PRODUCT_SPOT ||
        oracle->setup.settings->reconcile.external_orders == EXTERNAL_ADOPT)
        return DECIMAL_ZERO;
    decimal all = portfolio_balance(engine_portfolio(oracle->engine), it->base).total;
    decimal his = decimal_is_positive(held) ? decimal_sub(all, held) : all;
    return decimal_is_positive(his) ? decimal_min(his, standing->offered) : DECIMAL_ZERO;
}

static bool is_reducing(const struct oracle *oracle, const struct standing *standing,
                        const struct order_request *request)
{
    decimal held = portfolio_position(engine_portfolio(oracle->engine), request->product)->size;
    bool is_buy = request->side == SIDE_BUY;
    decimal sells =
        decimal_sub(standing->sells, offered_of_his(oracle, standing, request->product, held));
    decimal working = is_buy ? standing->buys : sells;
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
    const struct order *order =
        oms_find_client(engine_oms(oracle->engine), &request->client_id);
    nanos decided = order ? order->sent : now; /* it may have waited for its turn */
    struct sent *sent = mem_new(sizeof *sent);

    *sent = (struct sent){request->client_id,
                          number,
                          request->product,
                          request->side,
                          request->size,
                          decided,
                          false};
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

static void check_flatten(struct oracle *oracle, const char *id, bool reduces)
{
    if (!oracle->is_flattening)
        oracle_complain(oracle, "%s flattens, and nobody said so", id);
    else if (!reduces)
        oracle_complain(oracle, "%s closes more than what no other order may close", id);
}

static void check_preview(struct oracle *oracle, const struct tape_intent *intent)
{
    if (oracle->setup.settings->preview && !intent->previewed)
        oracle_complain(oracle, "%s was sent without a preview",
                        intent->request.client_id.text);
}

static void check_send(struct oracle *oracle, const struct order_request *request,
                       const struct tape_intent *intent, nanos now)
{
    struct standing standing = stand(oracle, request);
    bool reduces = is_reducing(oracle, &standing, request);
    const char *id = request->client_id.text;

    if (!standing.order) {
        oracle_complain(oracle, "%s was sent and is not an order of the engine", id);
        return;
    }
    if (intent->origin == ORIGIN_FLATTEN) {
        standing = stand_alone(oracle, request);
        reduces = is_reducing(oracle, &standing, request);
        check_flatten(oracle, id, reduces);
        return;
    }
    if (standing.is_doubtful)
        oracle_complain(oracle, "%s was sent while another of its purpose is unknown", id);
    check_level(oracle, request, reduces);
    bool has_waited = standing.order->sent < now; /* the prices of its decision are gone */
    if (reduces || has_waited)
        return;
    check_preview(oracle, intent);
    oracle_check_limits(oracle, &(struct send){.request = request,
                                               .order = standing.order,
                                               .until = standing.order->number,
                                               .open = standing.open,
                                               .previewed = intent->previewed,
                                               .now = now});
}

/* Sent again: the venue knows it by its id, but the level may have risen. */
static void check_again(struct oracle *oracle, const struct order_request *request,
                        enum order_origin origin)
{
    struct standing standing = stand(oracle, request);

    if (standing.order && origin != ORIGIN_FLATTEN)
        check_level(oracle, request, is_reducing(oracle, &standing, request));
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
    if (oracle->is_halted && intent->origin != ORIGIN_FLATTEN)
        oracle_complain(oracle, "%s was sent while halted", id);
    if (map_find(oracle->sent_by_id, id)) {
        check_again(oracle, request, intent->origin);
        return;
    }
    note_sent(oracle, request, intent->number, now);
    oracle_sum_journal(oracle);
    check_send(oracle, request, intent, now);
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

/* The newest order that was there when an edit was decided on. */
static order_number known_to_edit(const struct oracle *oracle, const struct order *order)
{
    const struct oms *oms = engine_oms(oracle->engine);
    order_number last = order->number;

    for (int i = 0; i < oms_open_count(oms); i++)
        if (oms_open(oms)[i]->created < order->asked.since && oms_open(oms)[i]->number > last)
            last = oms_open(oms)[i]->number;
    return last;
}

void oracle_on_amend(struct oracle *oracle, const struct venue_amend *amend, nanos now)
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
    edited.size = amend->size;
    edited.limit_price = amend->limit_price;
    bool reduces = is_reducing_edit(oracle, order, &edited);
    oracle_sum_journal(oracle);
    check_level(oracle, &edited, reduces);
    if (!reduces && order->asked.since == now)
        oracle_check_limits(oracle, &(struct send){.request = &edited,
                                                   .order = order,
                                                   .until = known_to_edit(oracle, order),
                                                   .is_edit = true,
                                                   .now = now});
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

/* V5. Where somebody else trades, he may have been faster. */
static void check_reduction(struct oracle *oracle, const struct sim_fill *fill, decimal before,
                            decimal after)
{
    int way = fill->fill.side == SIDE_BUY ? 1 : -1;
    bool shrinks = decimal_sign(before) == -way && decimal_sign(after) != way;

    if (fill->order->request.reduce_only && !shrinks && !oracle->is_shared[fill->fill.product])
        oracle_complain(oracle, "fill %s of reduce-only order %s does not reduce",
                        fill->fill.id.text, fill->order->request.client_id.text);
}

static void see_fill(struct oracle *oracle, const struct sim_fill *fill)
{
    const struct product *product = oracle_product(oracle, fill->fill.product);
    decimal *held = &oracle->positions[fill->fill.product];
    bool is_buy = fill->fill.side == SIDE_BUY;
    decimal before = *held;

    *held =
        is_buy ? decimal_add(before, fill->fill.size) : decimal_sub(before, fill->fill.size);
    decimal paid = is_buy ? decimal_negate(fill->fill.value) : fill->fill.value;
    if (strcmp(product->quote, oracle->setup.settings->currency) == 0)
        oracle->cash = decimal_add(oracle->cash, decimal_sub(paid, fill->fill.fee));
    if (fill->order->is_external) {
        decimal *his = is_buy ? oracle->bought : oracle->sold;
        his[fill->fill.product] = decimal_add(his[fill->fill.product], fill->fill.size);
        oracle->is_shared[fill->fill.product] = true;
        return;
    }
    oracle->ours[fill->fill.product] =
        decimal_add(oracle->ours[fill->fill.product],
                    is_buy ? fill->fill.size : decimal_negate(fill->fill.size));
    check_reduction(oracle, fill, before, *held);
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

/* V3, of the orders that were filled since it was last asked */
static void check_not_ahead(struct oracle *oracle)
{
    const struct tape *tape = oracle->setup.tape;

    for (; oracle->marks_seen < tape_mark_count(tape); oracle->marks_seen++) {
        const struct tape_mark *mark = tape_mark_at(tape, oracle->marks_seen);
        const struct order *order = mark->kind == FACT_FILL
                                        ? oms_find(engine_oms(oracle->engine), mark->fill.order)
                                        : NULL;
        if (!order)
            continue;
        const struct sim_order *truth =
            simulator_find(oracle->setup.venue, &order->request.client_id, &order->venue_id);
        decimal filled = truth ? truth->filled : DECIMAL_ZERO;
        if (decimal_compare(order->filled, filled) > 0)
            oracle_complain(oracle, "the engine knows of more fills of %s than there were",
                            order->request.client_id.text);
    }
}

/* V8: equity once more, and positions as the sum of what the journal says. */
static void check_books(struct oracle *oracle)
{
    const struct portfolio *portfolio = engine_portfolio(oracle->engine);
    decimal equity;

    oms_check(engine_oms(oracle->engine));
    portfolio_check(portfolio);
    for (int i = 0; i < oracle->setup.products->count; i++)
        if (!decimal_is_equal(portfolio_position(portfolio, (product_ref)i)->size,
                              oracle->sum.size[i]))
            oracle_complain(oracle, "the position in %s is not the sum of its fills",
                            oracle_product(oracle, (product_ref)i)->symbol);
    if (!oracle_equity(oracle, &equity))
        return;
    decimal off = decimal_abs(decimal_sub(equity, portfolio_equity(portfolio)));
    if (decimal_compare(off, (decimal){DECIMAL_ONE / 1000000}) > 0)
        oracle_complain(oracle, "equity is reckoned otherwise than defined");
}

/* V11 */
static void check_exits(struct oracle *oracle)
{
    const struct exits *exits = engine_exits(oracle->engine);
    decimal sums[PRODUCTS_MAX];

    if (exits->count == 0)
        return;
    memset(sums, 0, sizeof sums);
    for (int i = 0; i < exits->count; i++) {
        const struct fact_exit *exit = &exits->items[i].exit;
        decimal size = exit->side == SIDE_SELL ? exit->size : decimal_negate(exit->size);
        sums[exit->product] = decimal_add(sums[exit->product], size);
    }
    for (int i = 0; i < oracle->setup.products->count; i++) {
        decimal held =
            portfolio_position(engine_portfolio(oracle->engine), (product_ref)i)->size;
        bool is_other_way = decimal_sign(sums[i]) * decimal_sign(held) < 0;
        if (is_other_way || decimal_compare(decimal_abs(sums[i]), decimal_abs(held)) > 0)
            oracle_complain(oracle, "exits of %s guard more than is held",
                            oracle->setup.products->items[i].symbol);
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
    oracle_sum_journal(oracle);
    check_not_ahead(oracle);
    oracle_check_sizes(oracle);
    check_exits(oracle);
    check_books(oracle);
}
