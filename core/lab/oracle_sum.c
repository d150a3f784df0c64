/* What the journal adds up to, told by its facts alone: positions, round trips,
 * the equity of each cycle. A crash that took facts back begins the sum anew. */
#include "base/mem.h"
#include "lab/oracle_private.h"

/* A round trip's result is the money that went in and out, nothing else. */
static void end_trip(struct journal_sum *sum, product_ref product, decimal result)
{
    bool is_known = !sum->is_told[product];

    if (!is_known || !decimal_is_negative(result))
        sum->losses_in_row = 0;
    else
        sum->lost_at[sum->losses_in_row++ % LOSSES_KEPT] = sum->at;
    sum->is_told[product] = false;
}

static void add_fill(struct journal_sum *sum, const struct fill *fill)
{
    product_ref product = fill->product;
    bool is_buy = fill->side == SIDE_BUY;
    decimal before = sum->size[product];
    decimal after = is_buy ? decimal_add(before, fill->size) : decimal_sub(before, fill->size);
    decimal paid = is_buy ? decimal_negate(fill->value) : fill->value;
    bool flips = decimal_sign(before) * decimal_sign(after) < 0;
    decimal opening = DECIMAL_ZERO; /* the part of it that belongs to the next trip */

    if (flips)
        opening = decimal_mul_div(paid, decimal_abs(after), fill->size, ROUND_HALF_EVEN);
    decimal flow = decimal_sub(decimal_add(sum->flow[product], paid), fill->fee);
    sum->size[product] = after;
    sum->flow[product] = flow;
    if (decimal_is_zero(before) || !(flips || decimal_is_zero(after)))
        return;
    end_trip(sum, product, decimal_sub(flow, opening));
    sum->flow[product] = opening;
}

/* Coins of somebody else come and go without a round trip; what is held with them cost nobody
 * knows what. */
static void add_coins(struct journal_sum *sum, const struct fill *fill)
{
    decimal *size = &sum->size[fill->product];

    *size = fill->side == SIDE_BUY ? decimal_add(*size, fill->size)
                                   : decimal_sub(*size, fill->size);
    sum->is_told[fill->product] = true;
    sum->flow[fill->product] = DECIMAL_ZERO;
}

static bool is_coin_of_others(const struct oracle *oracle, const struct fill *fill)
{
    const struct order *order = oms_find(engine_oms(oracle->engine), fill->order);

    return order && order->origin == ORIGIN_EXTERNAL &&
           oracle_product(oracle, fill->product)->type == PRODUCT_SPOT;
}

static void add_mark(const struct oracle *oracle, struct journal_sum *sum,
                     const struct tape_mark *mark)
{
    if (mark->kind == FACT_FILL && is_coin_of_others(oracle, &mark->fill)) {
        add_coins(sum, &mark->fill);
    } else if (mark->kind == FACT_FILL) {
        add_fill(sum, &mark->fill);
    } else if (mark->kind == FACT_POSITION) {
        sum->size[mark->fill.product] = mark->fill.size;
        sum->is_told[mark->fill.product] = !decimal_is_zero(mark->fill.size);
        sum->flow[mark->fill.product] = DECIMAL_ZERO;
    } else if (mark->kind == FACT_BASELINE) {
        sum->day = mark->day;
        sum->day_start = mark->equity;
    } else if (mark->kind == FACT_COMMAND) {
        sum->resumed = mark->time;
        sum->losses_in_row = 0;
    }
}

static void note_equity(struct oracle *oracle, const struct tape_mark *mark)
{
    if (oracle->equity_count == oracle->equity_room) {
        oracle->equity_room = oracle->equity_room ? 2 * oracle->equity_room : 1024;
        oracle->equities =
            mem_resize(oracle->equities, oracle->equity_room, sizeof *oracle->equities);
    }
    oracle->equities[oracle->equity_count++] =
        (struct equity_mark){mark->sequence, mark->time, mark->equity};
}

/* What a crash took back. */
static void forget(struct oracle *oracle)
{
    uint64_t last = tape_sequence(oracle->setup.tape);

    oracle->sum = (struct journal_sum){.marks = 0};
    oracle->marks_seen = 0;
    while (oracle->equity_count && oracle->equities[oracle->equity_count - 1].sequence > last)
        oracle->equity_count--;
}

void oracle_sum_journal(struct oracle *oracle)
{
    const struct tape *tape = oracle->setup.tape;
    struct journal_sum *sum = &oracle->sum;

    if (oracle->cuts != tape_cuts(tape))
        forget(oracle);
    bool was_cut = oracle->cuts != tape_cuts(tape);
    oracle->cuts = tape_cuts(tape);
    bool is_priced = portfolio_unpriced(engine_portfolio(oracle->engine)) == 0;
    for (; sum->marks < tape_mark_count(tape); sum->marks++) {
        const struct tape_mark *mark = tape_mark_at(tape, sum->marks);
        sum->at = mark->sequence;
        if (mark->kind != FACT_CYCLE)
            add_mark(oracle, sum, mark);
        else if (!was_cut && is_priced)
            note_equity(oracle, mark);
    }
}
