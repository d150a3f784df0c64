/* Orders. What an order may do next is told by the table in order_state.c; here
 * is what each step does to its figures.
 *
 * A step is computed in full before anything is written, so that an order whose
 * step is refused is byte-identical to what it was. Figures come from the venue:
 * an overfill is recorded, a fill that cannot be this order's is refused, and
 * neither stops the program. */
#include "model/order.h"

#include <assert.h>

#include "base/names.h"

static const char *const type_names[] = {
    [ORDER_MARKET] = "market",
    [ORDER_LIMIT] = "limit",
    [ORDER_STOP] = "stop",
    [ORDER_STOP_LIMIT] = "stop_limit",
};
static_assert(ARRAY_LEN(type_names) == ORDER_TYPE_COUNT, "name every order type");

static const char *const tif_names[] = {
    [TIF_GTC] = "gtc",
    [TIF_GTD] = "gtd",
    [TIF_IOC] = "ioc",
    [TIF_FOK] = "fok",
};
static_assert(ARRAY_LEN(tif_names) == TIF_COUNT, "name every time in force");

static const char *const origin_names[] = {
    [ORIGIN_STRATEGY] = "strategy",   [ORIGIN_OPERATOR] = "operator",
    [ORIGIN_FLATTEN] = "flatten",     [ORIGIN_REPL] = "repl",
    [ORIGIN_EMULATION] = "emulation", [ORIGIN_EXTERNAL] = "external",
};
static_assert(ARRAY_LEN(origin_names) == ORIGIN_COUNT, "name every origin");

const char *order_type_name(enum order_type type)
{
    assert(type < ORDER_TYPE_COUNT);
    return type_names[type];
}

const char *time_in_force_name(enum time_in_force tif)
{
    assert(tif < TIF_COUNT);
    return tif_names[tif];
}

const char *order_origin_name(enum order_origin origin)
{
    assert(origin < ORIGIN_COUNT);
    return origin_names[origin];
}

bool order_type_parse(const char *text, enum order_type *out)
{
    int found = names_find(type_names, ORDER_TYPE_COUNT, text);

    if (found < 0)
        return false;
    *out = (enum order_type)found;
    return true;
}

bool time_in_force_parse(const char *text, enum time_in_force *out)
{
    int found = names_find(tif_names, TIF_COUNT, text);

    if (found < 0)
        return false;
    *out = (enum time_in_force)found;
    return true;
}

bool order_origin_parse(const char *text, enum order_origin *out)
{
    int found = names_find(origin_names, ORIGIN_COUNT, text);

    if (found < 0)
        return false;
    *out = (enum order_origin)found;
    return true;
}

/* Validation */

static enum err validate_price(const char *type, const char *name, bool is_needed,
                               decimal price, struct fault *why)
{
    char text[DECIMAL_TEXT_MAX];

    if (is_needed && !decimal_is_positive(price))
        return fail(why, ERR_REFUSED, "a %s order needs a %s above zero, and has %s", type,
                    name, decimal_format(price, text));
    if (!is_needed && !decimal_is_zero(price))
        return fail(why, ERR_REFUSED, "a %s order has no %s, and got %s", type, name,
                    decimal_format(price, text));
    return OK;
}

static enum err validate_prices(const struct order_request *request, struct fault *why)
{
    bool stop_limit = request->type == ORDER_STOP_LIMIT;
    const char *type = type_names[request->type];
    enum err err =
        validate_price(type, "limit price", stop_limit || request->type == ORDER_LIMIT,
                       request->limit_price, why);

    if (!err)
        err = validate_price(type, "stop price", stop_limit || request->type == ORDER_STOP,
                             request->stop_price, why);
    if (err || !stop_limit)
        return err;
    /* The venue refuses the other way round: PREVIEW_STOP_PRICE_ABOVE_LIMIT_PRICE, _BELOW_. */
    int order = decimal_compare(request->limit_price, request->stop_price);
    if (request->side == SIDE_BUY ? order < 0 : order > 0)
        return fail(why, ERR_REFUSED,
                    "the limit price of a stop_limit %s must not be %s its "
                    "stop price",
                    side_name(request->side), request->side == SIDE_BUY ? "below" : "above");
    return OK;
}

/* Market orders end at once; orders that wait for a stop price cannot. */
static enum err validate_time(const struct order_request *request, struct fault *why)
{
    bool rests = request->tif == TIF_GTC || request->tif == TIF_GTD;
    const char *type = type_names[request->type], *tif = tif_names[request->tif];

    if (request->type == ORDER_MARKET && rests)
        return fail(why, ERR_REFUSED, "a market order cannot rest as %s; use ioc or fok", tif);
    if (request->type != ORDER_MARKET && request->type != ORDER_LIMIT && !rests)
        return fail(why, ERR_REFUSED, "a %s order waits and cannot be %s; use gtc or gtd", type,
                    tif);
    if (request->tif == TIF_GTD && request->expires <= 0)
        return fail(why, ERR_REFUSED, "a gtd order needs the time at which it expires");
    if (request->tif != TIF_GTD && request->expires != 0)
        return fail(why, ERR_REFUSED, "an expiry was given for a %s order; only gtd has one",
                    tif);
    if (request->post_only && (request->type != ORDER_LIMIT || !rests))
        return fail(why, ERR_REFUSED,
                    "post-only is for limit orders that rest (gtc or gtd), "
                    "not for %s %s",
                    type, tif);
    return OK;
}

enum err order_request_validate(const struct order_request *request, struct fault *why)
{
    char text[DECIMAL_TEXT_MAX];

    assert(request->side < SIDE_COUNT && request->type < ORDER_TYPE_COUNT &&
           request->tif < TIF_COUNT);
    if (request->product == PRODUCT_NONE)
        return fail(why, ERR_REFUSED, "the order names no product");
    if (!decimal_is_positive(request->size))
        return fail(why, ERR_REFUSED, "the size must be above zero, and is %s",
                    decimal_format(request->size, text));
    enum err err = validate_prices(request, why);
    return err ? err : validate_time(request, why);
}

/* Figures */

static decimal excess(decimal filled, decimal size)
{
    return decimal_max(decimal_sub(filled, size), DECIMAL_ZERO);
}

decimal order_remaining(const struct order *order)
{
    return excess(order->request.size, order->filled);
}

bool order_is_edited(const struct order *order)
{
    return decimal_is_positive(order->asked.size) && !order->asked.is_anew;
}

bool order_counts(const struct order *order)
{
    return order_state_is_open(order->state) || order->awaits_preview;
}

decimal order_exposed_size(const struct order *order)
{
    return excess(decimal_max(order->request.size, order->asked.size), order->filled);
}

decimal order_exposed_price(const struct order *order)
{
    return decimal_max(order->reserved_price, order->asked.limit_price);
}

decimal order_average_price(const struct order *order)
{
    decimal price;

    if (!decimal_try_div(order->filled_value, order->filled, ROUND_HALF_EVEN, &price))
        return DECIMAL_ZERO;
    return price;
}

/* Steps */

/* Never left the engine; what was asked need not make sense, down to a size of zero. */
static bool is_wish(const struct order *order)
{
    return order->state == ORDER_INITIALIZED || order->state == ORDER_DENIED;
}

static bool is_untouched(const struct order *order)
{
    return order->venue_id.text[0] == '\0' && decimal_is_zero(order->filled) &&
           decimal_is_zero(order->filled_value) && decimal_is_zero(order->fees) &&
           decimal_is_zero(order->overfill);
}

/* The size at which nothing is left for the venue to fill, whichever terms hold there. */
static decimal full_size(const struct order *order)
{
    return order_is_edited(order) ? decimal_max(order->request.size, order->asked.size)
                                  : order->request.size;
}

/* Fills can outrun the answer to a replace that made the order smaller. */
static void settle_size(struct order *order)
{
    if (!decimal_is_less(order->filled, full_size(order)))
        order->state = ORDER_FILLED;
    order->overfill = excess(order->filled, order->request.size);
}

static void forget_asked(struct order *order)
{
    order->asked = (struct order_change){.size = DECIMAL_ZERO};
}

/* An order that the venue ends although the size we know of is filled had been made larger. */
static void settle_edit(struct order *order)
{
    if (!order_is_edited(order) || !order_state_is_final(order->state))
        return;
    bool was_larger = order->state != ORDER_FILLED && order->state != ORDER_REJECTED &&
                      !decimal_is_less(order->filled, order->request.size);
    if (was_larger) {
        order->request.size = order->asked.size;
        order->request.limit_price = order->asked.limit_price;
    }
    forget_asked(order);
}

static void enter(struct order *order, enum order_state state, nanos time)
{
    bool was_lost = order->state == ORDER_UNKNOWN;

    order->state = state;
    order->awaits_preview = false;
    settle_edit(order);
    if (!is_wish(order))
        settle_size(order);
    settle_edit(order);
    bool is_lost = order->state == ORDER_UNKNOWN;
    order->updated = time;
    if (was_lost != is_lost)
        order->lost_since = is_lost ? time : 0;
    order_check(order);
}

bool order_apply(struct order *order, enum order_event event, nanos time)
{
    assert(event != ORDER_EVENT_PARTIAL_FILL && event != ORDER_EVENT_FULL_FILL);
    enum order_state next =
        order_state_next(order->state, event, decimal_is_positive(order->filled));

    if (!next || (next == ORDER_DENIED && !is_untouched(order)))
        return false;
    /* A search for the order has to begin before it can first have arrived. */
    if (event == ORDER_EVENT_SEND && order->state == ORDER_INITIALIZED)
        order->sent = time;
    /* Whose cancel is lost is not made anew: what would come of both is not known. */
    if (event == ORDER_EVENT_REPLACE_REFUSED ||
        (event == ORDER_EVENT_LOSE && order->asked.is_anew))
        forget_asked(order);
    enter(order, next, time);
    return true;
}

bool order_apply_ask(struct order *order, const struct order_change *change, nanos time)
{
    enum order_event event = change->is_anew ? ORDER_EVENT_ASK_CANCEL : ORDER_EVENT_ASK_REPLACE;
    enum order_state next =
        order_state_next(order->state, event, decimal_is_positive(order->filled));

    assert(decimal_is_positive(change->size) && decimal_is_zero(order->asked.size));
    if (!next)
        return false;
    order->asked = *change;
    enter(order, next, time);
    return true;
}

static bool is_of(const struct fill *fill, const struct order *order)
{
    return decimal_is_positive(fill->size) && !decimal_is_negative(fill->value) &&
           fill->side == order->request.side && fill->product == order->request.product;
}

/* What an execution makes of the order's figures. */
struct filled {
    decimal size, value, fees;
    enum order_state state;
};

static bool add_fill(const struct order *order, const struct fill *fill, struct filled *out)
{
    if (!is_of(fill, order) || !decimal_try_add(order->filled, fill->size, &out->size) ||
        !decimal_try_add(order->filled_value, fill->value, &out->value) ||
        !decimal_try_add(order->fees, fill->fee, &out->fees))
        return false;
    bool is_full = !decimal_is_less(out->size, full_size(order));
    enum order_event event = is_full ? ORDER_EVENT_FULL_FILL : ORDER_EVENT_PARTIAL_FILL;
    out->state = order_state_next(order->state, event, true);
    return out->state != ORDER_STATE_NONE;
}

bool order_takes_fill(const struct order *order, const struct fill *fill)
{
    struct filled filled;

    return add_fill(order, fill, &filled);
}

bool order_apply_fill(struct order *order, const struct fill *fill)
{
    struct filled filled;

    if (!add_fill(order, fill, &filled))
        return false;
    order->filled = filled.size;
    order->filled_value = filled.value;
    order->fees = filled.fees;
    if (fill->is_inferred) {
        struct inferred *inferred = &order->inferred;
        inferred->size = decimal_add(inferred->size, fill->size);
        inferred->value = decimal_add(inferred->value, fill->value);
        inferred->fee = decimal_add(inferred->fee, fill->fee);
    }
    enter(order, filled.state, fill->time);
    return true;
}

static void correct_money(struct order *order, decimal value, decimal fee)
{
    struct inferred *inferred = &order->inferred;

    inferred->value = decimal_add(inferred->value, value);
    inferred->fee = decimal_add(inferred->fee, fee);
    order->filled_value = decimal_add(order->filled_value, value);
    order->fees = decimal_add(order->fees, fee);
}

void order_explain(struct order *order, const struct fill *fill)
{
    struct inferred *inferred = &order->inferred;

    if (fill->is_inferred) {
        correct_money(order, fill->value, fill->fee);
        return;
    }
    assert(decimal_compare(fill->size, inferred->size) <= 0);
    inferred->size = decimal_sub(inferred->size, fill->size);
    inferred->value = decimal_sub(inferred->value, fill->value);
    inferred->fee = decimal_sub(inferred->fee, fill->fee);
    if (decimal_is_zero(inferred->size))
        correct_money(order, decimal_negate(inferred->value), decimal_negate(inferred->fee));
}

bool order_apply_replace(struct order *order, decimal size, decimal limit_price, nanos time)
{
    enum order_state next =
        order_state_next(order->state, ORDER_EVENT_REPLACE, decimal_is_positive(order->filled));

    assert(decimal_is_positive(size));
    if (!next)
        return false;
    order->request.size = size;
    order->request.limit_price = limit_price;
    if (order_is_edited(order) && decimal_is_equal(size, order->asked.size) &&
        decimal_is_equal(limit_price, order->asked.limit_price))
        forget_asked(order);
    enter(order, next, time);
    return true;
}

void order_check(const struct order *order)
{
    assert(order->state > ORDER_STATE_NONE && order->state < ORDER_STATE_COUNT);
    /* O5 */
    assert(order->state == ORDER_UNKNOWN || order->lost_since == 0);
    /* O7 */
    assert(order->state == ORDER_INITIALIZED || !order->awaits_preview);
    if (is_wish(order)) {
        assert(is_untouched(order)); /* O3 */
        return;
    }
    bool is_full = !decimal_is_less(order->filled, full_size(order));
    assert(decimal_is_positive(order->request.size));
    /* O6 */
    assert(!order_is_edited(order) || order_state_is_open(order->state));
    /* O1 */
    assert(!decimal_is_negative(order->filled));
    assert(decimal_is_equal(order->overfill, excess(order->filled, order->request.size)));
    /* O2 */
    assert(is_full == (order->state == ORDER_FILLED));
    assert(order->state != ORDER_PARTIALLY_FILLED || decimal_is_positive(order->filled));
    assert(order->state != ORDER_NEW || decimal_is_zero(order->filled));
    assert(order->state != ORDER_REJECTED || decimal_is_zero(order->filled));
}
