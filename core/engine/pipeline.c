#include "engine/pipeline.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/closing.h"
#include "engine/commands.h"
#include "engine/exits.h"

/* One passage of one order. */
struct passage {
    const struct pipeline *in;
    const struct intent *intent;
    struct order_request *request;
    struct trace *trace;
    decimal price;     /* funds and exposure are reckoned at it */
    decimal reducible; /* how much of this side would only reduce */
    bool changed;      /* by the stage under way */
    bool waits;        /* for the venue's preview */
    bool skips;        /* what the stage under way would have asked */
};

typedef enum refusal (*stage_function)(struct passage *p);

PRINTF_LIKE(2, 3) static void detail(struct passage *p, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(p->trace->detail, sizeof p->trace->detail, format, args);
    va_end(args);
}

static const struct product *product_of(const struct passage *p)
{
    return p->in->view->market->product;
}

/* What is filled of it already; of a change only. */
static decimal filled(const struct passage *p)
{
    return p->in->changed ? p->in->changed->filled : DECIMAL_ZERO;
}

/* A buy at a higher price, or a sell at a lower one, is nearer to trading. */
static bool is_nearer(const struct order_request *request, const struct order_request *before)
{
    int way = decimal_compare(request->limit_price, before->limit_price);
    int stop_way = decimal_compare(request->stop_price, before->stop_price);

    if (request->side == SIDE_BUY)
        return way > 0 || stop_way < 0;
    return way < 0 || stop_way > 0;
}

/* Whether a change leaves the order with no more risk in it than it has. */
static bool shrinks(const struct passage *p)
{
    const struct order *before = p->in->changed;
    decimal now, after;

    if (!before || is_nearer(p->request, &before->request) ||
        decimal_compare(p->request->size, before->request.size) > 0)
        return false;
    decimal rest = decimal_sub(p->request->size, filled(p));
    return product_value(product_of(p), rest, p->price, &after) &&
           product_value(product_of(p), order_remaining(before), before->reserved_price,
                         &now) &&
           decimal_compare(after, now) <= 0;
}

/* Whether the order, at its present size, only makes the position smaller; or the change, the
 * order. */
static bool reduces(const struct passage *p)
{
    decimal rest = decimal_sub(p->request->size, filled(p));

    return decimal_is_positive(p->request->size) &&
           (decimal_compare(rest, p->reducible) <= 0 || shrinks(p));
}

/* An operator's own word: may pass where automation may not. */
static bool is_commanded(const struct passage *p)
{
    return p->intent->origin == ORIGIN_FLATTEN;
}

/* Position against the order's side, less what already works against it. */
static decimal reducible_of(const struct passage *p)
{
    const struct order_request *request = p->request;
    decimal held = position_to_close(
        portfolio_position(p->in->view->portfolio, request->product), product_of(p));

    if (decimal_sign(held) != (request->side == SIDE_SELL ? 1 : -1))
        return DECIMAL_ZERO;
    decimal working = closing_size(p->in->settings, p->in->view->portfolio, p->in->oms,
                                   product_of(p), request->product, request->side);
    if (p->in->changed)
        working = decimal_sub(working, order_exposed_size(p->in->changed));
    if (is_commanded(p) && commands_overlook_others(p->in->settings, product_of(p)))
        working = decimal_sub(working,
                              oms_external_size(p->in->oms, request->product, request->side));
    decimal rest = decimal_sub(decimal_abs(held), working);
    return decimal_is_positive(rest) ? rest : DECIMAL_ZERO;
}

static enum refusal stage_kill_switch(struct passage *p)
{
    if (!p->in->settings->kill_switch || is_commanded(p))
        return REFUSAL_NONE;
    detail(p, "the kill switch is on");
    return REFUSAL_KILL_SWITCH;
}

static void name_cause(struct passage *p)
{
    const struct fact_cause *cause = degrade_worst(p->in->degrade, p->request->product);

    if (cause)
        detail(p, "%s by %s: %s", level_name(cause->level), cause->source, cause->why);
}

/* Before sizing an order without a size counts as reducing if anything could be reduced. */
static bool may_reduce(const struct passage *p)
{
    return decimal_is_zero(p->request->size) ? decimal_is_positive(p->reducible) : reduces(p);
}

static enum refusal stage_degradation(struct passage *p)
{
    enum level level = p->in->view->level;

    if (level < LEVEL_PAUSED || is_commanded(p))
        return REFUSAL_NONE;
    if (level == LEVEL_PAUSED && may_reduce(p) &&
        degrade_allows_reducing(p->in->degrade, p->request->product))
        return REFUSAL_NONE;
    name_cause(p);
    return REFUSAL_PAUSED;
}

/* The settings' own sizing: a fixed size of the symbol or of all, or a share of equity. */
static decimal default_size(const struct passage *p)
{
    const struct engine_settings *settings = p->in->settings;
    const struct product *product = product_of(p);
    decimal value, each, size = size_of_symbol(settings, product->symbol);

    if (!decimal_is_zero(size))
        return size;
    if (!decimal_try_mul(decimal_max(p->in->view->equity, DECIMAL_ZERO),
                         settings->size_fraction, ROUND_DOWN, &value) ||
        !decimal_try_mul(p->price, product->contract_size, ROUND_UP, &each) ||
        !decimal_is_positive(each) || !decimal_try_div(value, each, ROUND_DOWN, &size))
        return DECIMAL_ZERO;
    return size;
}

static enum refusal ask_sizing_rule(struct passage *p, decimal *size)
{
    const struct sizing_port *sizing = p->in->sizing;
    struct fault why = {OK, ""};

    if (!sizing->size) {
        *size = default_size(p);
        return REFUSAL_NONE;
    }
    if (sizing->size(sizing->ctx, &p->intent->decision, p->in->view, size, &why) == OK)
        return REFUSAL_NONE;
    detail(p, "sizing rule: %.100s", why.text);
    return REFUSAL_SCRIPT_ERROR;
}

static struct limit_check limit_check_of(const struct passage *p)
{
    return (struct limit_check){
        .settings = p->in->settings,
        .view = p->in->view,
        .oms = p->in->oms,
        .pace = p->in->pace,
        .watch = p->in->watch,
        .request = p->request,
        .price = p->price,
        .reduces = reduces(p),
        .idle = p->in->idle_limits,
        .changed = p->in->changed,
    };
}

/* Before everything else: funds and rooms are reckoned at the prices that leave. */
static void round_prices(struct passage *p)
{
    const struct product *product = product_of(p);
    struct order_request *request = p->request;

    if (decimal_is_positive(request->limit_price))
        request->limit_price =
            product_round_price(product, request->side, request->limit_price);
    if (decimal_is_positive(request->stop_price))
        request->stop_price = product_round_price(product, request->side, request->stop_price);
}

static void cap_to_limits(struct passage *p)
{
    struct limit_check check = limit_check_of(p);
    const char *by;
    decimal wish = p->request->size, size = limits_cap(&check, wish, &by);

    if (!by)
        return;
    char was[DECIMAL_TEXT_MAX], is[DECIMAL_TEXT_MAX];
    detail(p, "%s caps %s to %s", by, decimal_format(wish, was), decimal_format(size, is));
    p->request->size = size;
    p->changed = true;
}

/* Whether the mode lets pass only what reduces. A pause may let reducing orders pass. */
static bool is_reduce_mode(const struct passage *p)
{
    bool is_on = p->in->view->level >= LEVEL_REDUCE_ONLY || p->in->settings->reduce_only;

    return is_on && !is_commanded(p);
}

/* The size of a rule that only closes is the position's before limits are asked: it passes them
 * then, and none can trap it. */
static bool will_be_clamped(const struct passage *p)
{
    return decimal_is_positive(p->reducible) && (p->request->reduce_only || is_reduce_mode(p));
}

static enum refusal stage_sizing(struct passage *p)
{
    decimal wish = p->request->size;

    if (decimal_is_zero(wish)) {
        enum refusal code = ask_sizing_rule(p, &p->request->size);
        if (code)
            return code;
        wish = p->request->size;
        if (will_be_clamped(p))
            p->request->size = decimal_min(wish, p->reducible);
        if (decimal_is_positive(p->request->size))
            cap_to_limits(p);
    }
    if (decimal_is_negative(wish)) {
        detail(p, "a size cannot be negative");
        return REFUSAL_INVALID_SIZE;
    }
    p->request->size = product_round_size(product_of(p), p->request->size);
    p->changed = p->changed || !decimal_is_equal(p->request->size, wish);
    if (decimal_is_positive(p->request->size))
        return REFUSAL_NONE;
    if (!p->trace->detail[0]) {
        char text[DECIMAL_TEXT_MAX], step[DECIMAL_TEXT_MAX];
        detail(p, "size %s is nothing in steps of %s", decimal_format(wish, text),
               decimal_format(product_of(p)->base_increment, step));
    }
    return REFUSAL_QUANTITY_ZERO;
}

/* Makes a reduce-only order no larger than what it can reduce. */
static enum refusal clamp_to_reducible(struct passage *p)
{
    if (decimal_is_zero(p->reducible)) {
        detail(p, "there is nothing to reduce");
        return REFUSAL_REDUCE_ONLY_EMPTY;
    }
    decimal most = decimal_add(filled(p), p->reducible);
    if (decimal_compare(p->request->size, most) > 0) {
        p->request->size = product_round_size(product_of(p), most);
        p->changed = true;
    }
    if (decimal_is_positive(p->request->size))
        return REFUSAL_NONE;
    detail(p, "what is left to reduce is less than one step of size");
    return REFUSAL_REDUCE_ONLY_EMPTY;
}

static enum refusal stage_reduce_request(struct passage *p)
{
    bool is_less = shrinks(p); /* than it has already; what others take of it is their affair */

    return p->request->reduce_only && !is_less ? clamp_to_reducible(p) : REFUSAL_NONE;
}

static enum refusal check_limits(struct passage *p, enum stage stage)
{
    struct limit_check check = limit_check_of(p);

    return limits_check(&check, stage, p->trace->detail);
}

static enum refusal stage_hard_limits(struct passage *p)
{
    return check_limits(p, STAGE_HARD_LIMITS);
}

static enum refusal stage_reduce_mode(struct passage *p)
{
    if (!is_reduce_mode(p) || shrinks(p))
        return REFUSAL_NONE;
    if (decimal_is_zero(p->reducible)) {
        if (p->in->settings->reduce_only)
            detail(p, "the profile trades reduce-only");
        else
            name_cause(p);
        return REFUSAL_REDUCE_ONLY;
    }
    enum refusal code = clamp_to_reducible(p);
    p->request->reduce_only = true;
    return code;
}

static enum refusal stage_mark_staleness(struct passage *p)
{
    const struct guard_settings *guards = &p->in->settings->guards;
    const struct market *market = p->in->view->market;
    nanos age = p->in->view->now - market->mark_time;

    if (guards->mark_stale_after == 0 || age <= guards->mark_stale_after || is_commanded(p))
        return REFUSAL_NONE;
    if (reduces(p) && guards->mark_stale_allow_reduce)
        return REFUSAL_NONE;
    char old[NANOS_TEXT_MAX], max[NANOS_TEXT_MAX];
    detail(p, "the mark is %s old, limit is %s", nanos_format_duration(age, old),
           nanos_format_duration(guards->mark_stale_after, max));
    return REFUSAL_MARK_STALENESS;
}

static enum refusal refusal_of_rule(enum product_rule rule)
{
    switch (rule) {
    case PRODUCT_RULE_SIZE_STEP:
    case PRODUCT_RULE_SIZE_MIN:
    case PRODUCT_RULE_SIZE_MAX:
        return REFUSAL_INVALID_SIZE;
    case PRODUCT_RULE_PRICE:
    case PRODUCT_RULE_PRICE_STEP:
    case PRODUCT_RULE_PRICE_BAND:
        return REFUSAL_INVALID_PRICE;
    case PRODUCT_RULE_VALUE_MIN:
        return REFUSAL_MIN_NOTIONAL;
    case PRODUCT_RULE_DISABLED:
        return REFUSAL_MARKET_CLOSED;
    default:
        return REFUSAL_EXCHANGE_RULES;
    }
}

/* The touch; for what is held and was never priced since the start, what it cost. */
static decimal best_price(const struct pipeline *in, const struct order_request *request)
{
    const struct market *market = in->view->market;
    decimal touch = market_touch(market, request->side);

    if (decimal_is_positive(touch))
        return touch;
    return position_average_price(portfolio_position(in->view->portfolio, market->ref),
                                  market->product);
}

/* The best that an entry may get: its exits must make sense even there. */
static decimal best_entry(const struct passage *p)
{
    decimal limit = p->request->limit_price, touch = best_price(p->in, p->request);

    if (!decimal_is_positive(limit))
        return decimal_is_positive(p->request->stop_price) ? p->request->stop_price : touch;
    return p->request->side == SIDE_BUY ? decimal_min(limit, touch) : decimal_max(limit, touch);
}

/* Of an entry that would be left the moment it is made. */
static bool holds_plan(struct passage *p)
{
    return p->request->reduce_only || p->intent->decision.action == ACTION_CLOSE ||
           exit_plan_check(&p->intent->decision.plan, p->request->side, best_entry(p),
                           p->trace->detail, sizeof p->trace->detail);
}

static enum refusal stage_exchange_rules(struct passage *p)
{
    struct fault why;
    enum product_rule rule;

    if (order_request_validate(p->request, &why)) {
        detail(p, "%.110s", why.text);
        return REFUSAL_EXCHANGE_RULES;
    }
    if (!holds_plan(p))
        return REFUSAL_INVALID_PRICE;
    rule = product_check(product_of(p), p->request, p->in->view->market->mark);
    if (rule == PRODUCT_RULE_NONE)
        return check_limits(p, STAGE_EXCHANGE_RULES);
    char size[DECIMAL_TEXT_MAX];
    detail(p, "size %s: %.80s", decimal_format(p->request->size, size),
           product_rule_text(rule));
    return refusal_of_rule(rule);
}

/* No new risk while the venue's truth is not known. */
static enum refusal stage_pre_trade(struct passage *p)
{
    if (!reduces(p) && p->in->reconciling) {
        detail(p, "the account is being reconciled with the venue");
        return REFUSAL_RECONCILING;
    }
    if (p->in->has_unresolved && !is_commanded(p) && !shrinks(p)) {
        detail(p, "an order for the same purpose has an unknown outcome");
        return REFUSAL_DUPLICATE_INTENT;
    }
    return check_limits(p, STAGE_PRE_TRADE);
}

static enum refusal stage_funds(struct passage *p)
{
    return check_limits(p, STAGE_FUNDS);
}

static enum refusal stage_slippage(struct passage *p)
{
    return check_limits(p, STAGE_SLIPPAGE);
}

static enum refusal ask_guard(struct passage *p, const struct guard_port *guard)
{
    char reason[GUARD_REASON_MAX] = "";
    struct fault why = {OK, ""};
    bool allow = false;

    if (guard->check(guard->ctx, p->request, p->in->view, &allow, reason, &why)) {
        detail(p, "%s: %.90s", guard->name, why.text);
        if (p->in->tally)
            guard_tally_add(p->in->tally, guard->name, TALLY_RECOVERABLE);
        return REFUSAL_GUARD_ERROR;
    }
    if (allow)
        return REFUSAL_NONE;
    detail(p, "%s: %.90s", guard->name, reason);
    return REFUSAL_GUARD_VETO;
}

static enum refusal stage_guards(struct passage *p)
{
    if (reduces(p))
        return REFUSAL_NONE;
    for (int i = 0; i < p->in->guard_count; i++) {
        enum refusal code =
            p->in->guards[i].has_check ? ask_guard(p, &p->in->guards[i]) : REFUSAL_NONE;
        if (code)
            return code;
    }
    return REFUSAL_NONE;
}

/* Nothing that reduces waits for the venue's word, and a change is checked by the edit itself.
 */
static enum refusal stage_preview(struct passage *p)
{
    p->skips = !p->in->settings->preview || p->in->changed || is_commanded(p) || reduces(p);
    p->waits = !p->skips && !p->in->is_previewed;
    return REFUSAL_NONE;
}

static const stage_function stages[STAGE_COUNT] = {
    [STAGE_KILL_SWITCH] = stage_kill_switch,
    [STAGE_DEGRADATION] = stage_degradation,
    [STAGE_SIZING] = stage_sizing,
    [STAGE_REDUCE_REQUEST] = stage_reduce_request,
    [STAGE_HARD_LIMITS] = stage_hard_limits,
    [STAGE_REDUCE_MODE] = stage_reduce_mode,
    [STAGE_MARK_STALENESS] = stage_mark_staleness,
    [STAGE_EXCHANGE_RULES] = stage_exchange_rules,
    [STAGE_PRE_TRADE] = stage_pre_trade,
    [STAGE_FUNDS] = stage_funds,
    [STAGE_SLIPPAGE] = stage_slippage,
    [STAGE_GUARDS] = stage_guards,
    [STAGE_PREVIEW] = stage_preview,
    /* SUBMISSION is the engine's act and not decided here. */
};

/* Price at which funds and exposure are reckoned: what the order can cost at worst, as far as
 * that can be known. A market order's is the touch and the cushion. */
static decimal reckoning_price(const struct pipeline *in, const struct order_request *request)
{
    decimal touch = best_price(in, request), price = touch;

    if (decimal_is_positive(request->limit_price))
        return request->side == SIDE_BUY ? request->limit_price
                                         : decimal_max(request->limit_price, touch);
    if (request->type == ORDER_STOP)
        price = decimal_max(request->stop_price, touch);
    if (request->side == SIDE_SELL || decimal_is_zero(in->settings->market_cushion_share))
        return price;
    decimal cushioned;
    if (!decimal_try_mul(price, decimal_add(D(1), in->settings->market_cushion_share), ROUND_UP,
                         &cushioned))
        return price;
    return cushioned;
}

static enum refusal no_price(struct passage *p)
{
    p->trace->count = 1;
    p->trace->refused_by = STAGE_MARK_STALENESS;
    p->trace->verdicts[0] = VERDICT_REFUSED;
    p->trace->sizes[0] = p->request->size;
    detail(p, "no price of %s is known yet", product_of(p)->symbol);
    return p->trace->code = REFUSAL_MARK_STALENESS;
}

static enum refusal pass(struct passage *p, enum stage stage)
{
    struct trace *trace = p->trace;

    p->changed = false;
    p->skips = !stages[stage];
    enum refusal code = p->skips ? REFUSAL_NONE : stages[stage](p);
    trace->count = (int)stage + 1;
    trace->sizes[stage] = p->request->size;
    trace->verdicts[stage] = code         ? VERDICT_REFUSED
                             : p->skips   ? VERDICT_SKIPPED
                             : p->waits   ? VERDICT_WAITING
                             : p->changed ? VERDICT_CHANGED
                                          : VERDICT_PASSED;
    if (code) {
        trace->code = code;
        trace->refused_by = stage;
    }
    return code;
}

enum refusal pipeline_run(const struct pipeline *pipeline, const struct intent *intent,
                          struct order_request *request, decimal *price, struct trace *trace)
{
    struct passage p = {.in = pipeline, .intent = intent, .request = request, .trace = trace};

    assert(pipeline->view->market && pipeline->view->market->ref == intent->request.product);
    *request = intent->request;
    trace->order = 0;
    trace->is_amend = pipeline->changed != NULL;
    trace->count = 0;
    trace->code = REFUSAL_NONE;
    trace->refused_by = (enum stage)0;
    trace->detail[0] = '\0';
    round_prices(&p);
    p.price = reckoning_price(pipeline, request);
    p.reducible = reducible_of(&p);
    *price = p.price;
    bool is_priced = decimal_is_positive(pipeline->view->market->mark);
    if (!decimal_is_positive(p.price) || !(is_priced || may_reduce(&p)))
        return no_price(&p);
    for (int stage = 0; stage < STAGE_COUNT && !p.waits; stage++) {
        enum refusal code = pass(&p, (enum stage)stage);
        if (code)
            return code;
    }
    return REFUSAL_NONE;
}
