#include "lab/recorder.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "engine/journal_null.h"
#include "model/position.h"
#include "script/sandbox.h"

/* A position from flat to flat. */
struct trip {
    nanos opened;
    enum side side;
    decimal size, entry_value; /* sums over the entries */
    decimal exit_size, exit_value;
    decimal profit, fees;
};

struct recorder {
    const struct product_table *products;
    struct equity_curve *curve;
    FILE *trades_out;
    struct journal_null *null; /* counts and hashes */
    struct journal_port inner;
    uint64_t refusals[REFUSAL_COUNT];
    char complaint[FACT_TEXT_MAX + 80];
    position positions[PRODUCTS_MAX];
    struct trip trips[PRODUCTS_MAX];
};

struct recorder *recorder_new(const struct product_table *products, struct equity_curve *curve,
                              FILE *trades_out)
{
    struct recorder *recorder = mem_new(sizeof *recorder);

    recorder->products = products;
    recorder->curve = curve;
    recorder->trades_out = trades_out;
    recorder->null = journal_null_new(true);
    recorder->inner = journal_null_port(recorder->null);
    if (trades_out)
        fputs("symbol,side,opened,closed,size,entry_price,exit_price,profit,fees\n",
              trades_out);
    return recorder;
}

void recorder_free(struct recorder *recorder)
{
    if (recorder)
        journal_null_free(recorder->null);
    mem_free(recorder);
}

static void write_trip(const struct recorder *recorder, const struct trip *trip,
                       const struct fill *last)
{
    const struct product *product = product_table_get(recorder->products, last->product);
    char opened[NANOS_TEXT_MAX], closed[NANOS_TEXT_MAX], size[DECIMAL_TEXT_MAX],
        entry[DECIMAL_TEXT_MAX], exit[DECIMAL_TEXT_MAX], profit[DECIMAL_TEXT_MAX],
        fees[DECIMAL_TEXT_MAX];
    decimal units = decimal_mul(trip->size, product->contract_size, ROUND_HALF_EVEN);
    decimal exit_units = decimal_mul(trip->exit_size, product->contract_size, ROUND_HALF_EVEN);

    fprintf(recorder->trades_out, "%s,%s,%s,%s,%s,%s,%s,%s,%s\n", product->symbol,
            trip->side == SIDE_BUY ? "long" : "short", nanos_format(trip->opened, opened),
            nanos_format(last->time, closed), decimal_format(trip->size, size),
            decimal_format(decimal_div(trip->entry_value, units, ROUND_HALF_EVEN), entry),
            decimal_format(decimal_div(trip->exit_value, exit_units, ROUND_HALF_EVEN), exit),
            decimal_format(trip->profit, profit), decimal_format(trip->fees, fees));
}

static void end_trip(struct recorder *recorder, const struct fill *fill)
{
    struct trip *trip = &recorder->trips[fill->product];

    equity_curve_add_trip(recorder->curve, trip->profit);
    if (recorder->trades_out)
        write_trip(recorder, trip, fill);
    *trip = (struct trip){0};
}

/* The part of the fill that goes into the trip under way: size of it opens, or closes. */
static void add_leg(struct trip *trip, const struct fill *fill, decimal size, bool closes)
{
    if (decimal_is_zero(size))
        return;
    decimal value = decimal_mul_div(fill->value, size, fill->size, ROUND_HALF_EVEN);
    decimal fee = decimal_mul_div(fill->fee, size, fill->size, ROUND_HALF_EVEN);
    if (closes) {
        trip->exit_size = decimal_add(trip->exit_size, size);
        trip->exit_value = decimal_add(trip->exit_value, value);
    } else {
        trip->size = decimal_add(trip->size, size);
        trip->entry_value = decimal_add(trip->entry_value, value);
    }
    trip->fees = decimal_add(trip->fees, fee);
    trip->profit = decimal_sub(trip->profit, fee);
}

static void follow_trip(struct recorder *recorder, const struct fill *fill)
{
    position *held = &recorder->positions[fill->product];
    struct trip *trip = &recorder->trips[fill->product];
    struct position_change change = position_apply_fill(held, fill);

    add_leg(trip, fill, change.closed, true);
    trip->profit = decimal_add(trip->profit, change.realised);
    if (decimal_is_positive(change.closed) && (change.flat || change.opened))
        end_trip(recorder, fill);
    if (change.opened) {
        trip->opened = fill->time;
        trip->side = fill->side;
    }
    add_leg(trip, fill, decimal_sub(fill->size, change.closed), false);
}

static void complain(struct recorder *recorder, const struct fact_note *note)
{
    if (!recorder->complaint[0])
        snprintf(recorder->complaint, sizeof recorder->complaint, "%s: %s", note->subject,
                 note->text);
}

/* A guard or sizing rule that fails lets nothing through: a test without entries. */
static void follow_trace(struct recorder *recorder, const struct trace *trace)
{
    bool is_failure = trace->code == REFUSAL_GUARD_ERROR || trace->code == REFUSAL_SCRIPT_ERROR;

    if (is_failure && !recorder->complaint[0])
        snprintf(recorder->complaint, sizeof recorder->complaint, "%s", trace->detail);
}

/* Rules written as data have failures too, such as too few bars at first; no file is to blame
 * for those. */
static bool is_of_script(const struct fact *fact)
{
    return fact->kind == FACT_SCRIPT ||
           (fact->kind == FACT_GUARD && sandbox_names_place(fact->note.text));
}

static uint64_t append(void *ctx, const struct fact *fact)
{
    struct recorder *recorder = ctx;

    if (fact->kind == FACT_FILL)
        follow_trip(recorder, &fact->fill);
    else if (fact->kind == FACT_ORDER_EVENT && fact->order_event.code)
        recorder->refusals[fact->order_event.code]++;
    else if (fact->kind == FACT_TRACE)
        follow_trace(recorder, &fact->trace);
    else if (is_of_script(fact))
        complain(recorder, &fact->note);
    return recorder->inner.append(recorder->inner.ctx, fact);
}

static enum err commit(void *ctx, bool sync, struct fault *why)
{
    (void)ctx, (void)sync, (void)why; /* a backtest that dies is run again */
    return OK;
}

static enum err replay(void *ctx,
                       enum err (*each)(void *to, const struct fact *fact, struct fault *why),
                       void *to, struct fault *why)
{
    (void)ctx, (void)each, (void)to, (void)why; /* there is never anything before the start */
    return OK;
}

struct journal_port recorder_port(struct recorder *recorder)
{
    return (struct journal_port){recorder, append, commit, replay};
}

const char *recorder_complaint(const struct recorder *recorder)
{
    return recorder->complaint[0] ? recorder->complaint : NULL;
}

enum refusal recorder_most_refused(const struct recorder *recorder, uint64_t *count)
{
    enum refusal most = REFUSAL_NONE;

    *count = 0;
    for (int code = 1; code < REFUSAL_COUNT; code++)
        if (recorder->refusals[code] > *count) {
            *count = recorder->refusals[code];
            most = (enum refusal)code;
        }
    return most;
}

const char *recorder_hash(struct recorder *recorder, char out[DIGEST_TEXT_MAX])
{
    return journal_null_hash(recorder->null, out);
}
