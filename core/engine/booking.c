/* Executions, as the venue tells them, into the books.
 *
 * They come late, twice and out of order, one by one and as cumulative totals.
 * These rules make the ledger the venue's truth in the end, whatever the order:
 *   R1  a single execution is booked once, by its id
 *   R2  totals book only the size they exceed. What is so inferred is remembered,
 *       and single executions that arrive later explain it before they book more
 *   R3  money that was inferred is corrected: by totals of the same size, and by
 *       the single executions once they have explained all of it
 *   R4  money that changed hands is booked whatever the order's state: a fill the
 *       order has no arrow for is booked beside it, and is an anomaly
 *   R5  figures that cannot be (no size, negative value, out of all range, an
 *       unknown product, no id) are an anomaly and are not booked; the sweep that
 *       follows asks the venue again
 *   R6  coins that somebody else trades on the account are his: they move the balance,
 *       and the position only if his orders are adopted (reconcile.external_orders)
 *
 * Corrections of R3 go to the realised profit: cash and equity are then right to
 * the last unit, and only the split between realised and unrealised is off. */
#include <stdio.h>

#include "engine/engine_private.h"

/* Beyond every amount that trades, and so far inside a decimal that sums stay in it. */
#define FIGURE_MAX D(1000000000000000000)

static bool is_figure(decimal a)
{
    return decimal_compare(decimal_abs(a), FIGURE_MAX) <= 0;
}

static bool is_sane_fill(const struct engine *engine, const struct fill *fill)
{
    return fill->id.text[0] && fill->product < engine->products->count &&
           fill->side < SIDE_COUNT && decimal_is_positive(fill->size) &&
           !decimal_is_negative(fill->value) && is_figure(fill->size) &&
           is_figure(fill->value) && is_figure(fill->fee);
}

static bool are_sane_totals(const struct order_report *report)
{
    return !decimal_is_negative(report->total_size) &&
           !decimal_is_negative(report->total_value) && is_figure(report->total_size) &&
           is_figure(report->total_value) && is_figure(report->total_fees);
}

static void emit_fill(struct engine *engine, enum fact_kind kind, const struct order *order,
                      const struct fill *fill)
{
    struct fact fact;

    fact.kind = kind;
    fact.fill = *fill;
    fact.fill.order = order->number;
    engine_emit(engine, &fact);
}

/* R6. A position in coins does not become short when somebody else sells some, nor has it more
 * than there are. */
static void keep_position(struct engine *engine, const struct order *order,
                          const position *before)
{
    product_ref product = order->request.product;
    const struct product *rules = &engine->products->items[product];
    const position *now = portfolio_position(engine->portfolio, product);
    bool is_adopted = engine->settings.reconcile.external_orders == EXTERNAL_ADOPT;
    struct fact fact = {.kind = FACT_POSITION, .position.product = product};

    if (order->origin != ORIGIN_EXTERNAL || rules->type != PRODUCT_SPOT)
        return;
    fact.position.position = is_adopted ? *now : *before;
    if (!decimal_is_negative(before->size))
        position_shrink(&fact.position.position,
                        portfolio_balance(engine->portfolio, rules->base).total);
    if (decimal_is_equal(fact.position.position.size, now->size))
        return;
    snprintf(fact.position.why, sizeof fact.position.why, "the coins of somebody else");
    engine_emit(engine, &fact);
}

static void book(struct engine *engine, const struct order *order, const struct fill *fill)
{
    position before = *portfolio_position(engine->portfolio, order->request.product);

    engine->counters.fills++;
    if (!order_takes_fill(order, fill)) /* R4 */
        engine_suspect(engine, order, "a fill of %s is not expected in %s: booked beside it",
                       fill->id.text, order_state_name(order->state));
    emit_fill(engine, FACT_FILL, order, fill);
    keep_position(engine, order, &before);
    if (UNLIKELY(engine->exits.count))
        exits_on_fill(engine, order, fill);
    reducers_trim(engine, fill->product);
    engine_tell_order(engine, order, fill);
}

/* What the books got wrong, put right beside the fills: value and fee that were missing. */
static void correct_books(struct engine *engine, const struct order *order, decimal value,
                          decimal fee)
{
    product_ref product = order->request.product;
    const char *currency = engine->products->items[product].quote;
    struct fact fact = {.kind = FACT_POSITION, .position = {.product = product}};
    decimal profit = order->request.side == SIDE_BUY ? decimal_negate(value) : value;

    if (decimal_is_zero(value) && decimal_is_zero(fee))
        return;
    position *now = &fact.position.position;
    *now = *portfolio_position(engine->portfolio, product);
    now->realised = decimal_add(now->realised, profit);
    now->fees = decimal_add(now->fees, fee);
    snprintf(fact.position.why, sizeof fact.position.why, "inferred fills of order %llu",
             (unsigned long long)order->number);
    engine_emit(engine, &fact);
    decimal total = portfolio_balance(engine->portfolio, currency).total;
    engine_set_balance(engine, currency, decimal_add(total, decimal_sub(profit, fee)),
                       "inferred fills");
}

/* The part of a fill that explains what totals had booked. */
static void explain(struct engine *engine, const struct order *order, const struct fill *fill)
{
    struct inferred before = oms_inferred(engine->oms, order->number);

    emit_fill(engine, FACT_FILL_KNOWN, order, fill);
    if (decimal_is_equal(before.size, fill->size))
        correct_books(engine, order, decimal_sub(fill->value, before.value),
                      decimal_sub(fill->fee, before.fee));
}

/* A part of a fill, its money in proportion. */
static struct fill part_of(const struct fill *fill, decimal size)
{
    struct fill part = *fill;

    part.size = size;
    part.value = decimal_mul_div(fill->value, size, fill->size, ROUND_HALF_EVEN);
    part.fee = decimal_mul_div(fill->fee, size, fill->size, ROUND_HALF_EVEN);
    return part;
}

static struct fill rest_of(const struct fill *fill, const struct fill *part)
{
    struct fill rest = *fill;

    rest.size = decimal_sub(fill->size, part->size);
    rest.value = decimal_sub(fill->value, part->value);
    rest.fee = decimal_sub(fill->fee, part->fee);
    return rest;
}

void engine_book_fill(struct engine *engine, const struct order *order, const struct fill *fill)
{
    if (!is_sane_fill(engine, fill)) {
        engine_suspect(engine, order, "a fill makes no sense: id \"%.40s\"", fill->id.text);
        return;
    }
    if (oms_has_fill(engine->oms, order->number, &fill->id)) /* R1 */
        return;
    decimal inferred = oms_inferred(engine->oms, order->number).size;
    bool is_its_own =
        fill->product == order->request.product && fill->side == order->request.side;
    if (!is_its_own || !decimal_is_positive(inferred)) {
        book(engine, order, fill);
        return;
    }
    struct fill known = part_of(fill, decimal_min(inferred, fill->size)); /* R2 */
    struct fill rest = rest_of(fill, &known);
    explain(engine, order, &known);
    if (decimal_is_positive(rest.size))
        book(engine, order, &rest);
}

/* Totals without money are reckoned at the price that was reserved. */
static bool infer(const struct engine *engine, const struct order *order,
                  const struct order_report *report, struct fill *fill)
{
    const struct product *product = &engine->products->items[order->request.product];
    char total[DECIMAL_TEXT_MAX];
    decimal units;

    *fill = (struct fill){
        .product = order->request.product,
        .side = order->request.side,
        .size = decimal_sub(report->total_size, order->filled),
        .value = decimal_sub(report->total_value, order->filled_value),
        .fee = decimal_sub(report->total_fees, order->fees),
        .liquidity = LIQUIDITY_TAKER,
        .is_inferred = true,
        .time = engine->now,
    };
    snprintf(fill->id.text, sizeof fill->id.text, "total:%llu:%s",
             (unsigned long long)order->number, decimal_format(report->total_size, total));
    if (!decimal_is_positive(fill->value) &&
        !product_value(product, fill->size, order->reserved_price, &fill->value))
        return false;
    return decimal_try_mul(fill->size, product->contract_size, ROUND_HALF_EVEN, &units) &&
           decimal_try_div(fill->value, units, ROUND_HALF_EVEN, &fill->price) &&
           is_sane_fill(engine, fill);
}

/* Totals that say the same size but other money know better than a guess. */
static void correct_by_totals(struct engine *engine, const struct order *order,
                              const struct order_report *report)
{
    struct fill fill = {
        .product = order->request.product,
        .side = order->request.side,
        .value = decimal_sub(report->total_value, order->filled_value),
        .fee = decimal_sub(report->total_fees, order->fees),
        .is_inferred = true,
        .time = engine->now,
    };
    bool is_guess = decimal_is_positive(oms_inferred(engine->oms, order->number).size);

    if (!is_guess || !decimal_is_equal(report->total_size, order->filled) ||
        !decimal_is_positive(report->total_value))
        return;
    if (decimal_is_zero(fill.value) && decimal_is_zero(fill.fee))
        return;
    emit_fill(engine, FACT_FILL_KNOWN, order, &fill);
    correct_books(engine, order, fill.value, fill.fee);
}

void engine_book_totals(struct engine *engine, const struct order *order,
                        const struct order_report *report)
{
    struct fill fill;

    if (!are_sane_totals(report)) {
        engine_suspect(engine, order, "cumulative totals make no sense");
        return;
    }
    if (decimal_compare(report->total_size, order->filled) > 0) {
        if (!infer(engine, order, report, &fill)) {
            engine_suspect(engine, order, "cumulative totals make no fill");
            return;
        }
        book(engine, order, &fill);
    }
    correct_by_totals(engine, order, report); /* R3 */
}
