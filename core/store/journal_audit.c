#include "store/journal_audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct order_sum {
    order_number number; /* 0: there is none of this number */
    decimal filled, value, fees;
    struct inferred inferred; /* of them, what totals alone have told */
};

struct position_sum {
    char symbol[SYMBOL_MAX];
    decimal size, earned, fees; /* earned: sells less buys, in quote currency */
    position position;          /* of futures, for what they realise */
};

struct balance_sum {
    char currency[CURRENCY_MAX];
    decimal total;
};

struct journal_audit {
    struct order_sum *orders; /* by number, from 1 */
    size_t order_cap;
    struct position_sum *positions;
    size_t position_count;
    struct balance_sum *balances;
    size_t balance_count;
};

struct journal_audit *journal_audit_new(void)
{
    return mem_new(sizeof(struct journal_audit));
}

void journal_audit_free(struct journal_audit *audit)
{
    if (!audit)
        return;
    mem_free(audit->orders);
    mem_free(audit->positions);
    mem_free(audit->balances);
    mem_free(audit);
}

/* The sums, which begin at zero */

static struct order_sum *find_order(const struct journal_audit *audit, order_number number)
{
    if (number == 0 || number > audit->order_cap)
        return NULL;
    struct order_sum *sum = &audit->orders[number - 1];
    return sum->number ? sum : NULL;
}

static struct order_sum *add_order(struct journal_audit *audit, order_number number)
{
    if (number > audit->order_cap) {
        size_t cap = number > 2 * audit->order_cap ? number + 63 : 2 * audit->order_cap;
        audit->orders = mem_resize(audit->orders, cap, sizeof *audit->orders);
        memset(audit->orders + audit->order_cap, 0,
               (cap - audit->order_cap) * sizeof *audit->orders);
        audit->order_cap = cap;
    }
    audit->orders[number - 1].number = number;
    return &audit->orders[number - 1];
}

static struct position_sum *find_position(const struct journal_audit *audit, const char *symbol)
{
    for (size_t i = 0; i < audit->position_count; i++)
        if (strcmp(audit->positions[i].symbol, symbol) == 0)
            return &audit->positions[i];
    return NULL;
}

static struct position_sum *get_position(struct journal_audit *audit, const char *symbol)
{
    struct position_sum *sum = find_position(audit, symbol);

    if (sum)
        return sum;
    audit->positions =
        mem_resize(audit->positions, audit->position_count + 1, sizeof *audit->positions);
    sum = &audit->positions[audit->position_count++];
    memset(sum, 0, sizeof *sum);
    memcpy(sum->symbol, symbol, strlen(symbol));
    return sum;
}

static struct balance_sum *find_balance(const struct journal_audit *audit, const char *currency)
{
    for (size_t i = 0; i < audit->balance_count; i++)
        if (strcmp(audit->balances[i].currency, currency) == 0)
            return &audit->balances[i];
    return NULL;
}

static struct balance_sum *get_balance(struct journal_audit *audit, const char *currency)
{
    struct balance_sum *sum = find_balance(audit, currency);

    if (sum)
        return sum;
    audit->balances =
        mem_resize(audit->balances, audit->balance_count + 1, sizeof *audit->balances);
    sum = &audit->balances[audit->balance_count++];
    memset(sum, 0, sizeof *sum);
    memcpy(sum->currency, currency, strlen(currency));
    return sum;
}

/* Facts */

static bool add(decimal *sum, decimal more)
{
    return decimal_try_add(*sum, more, sum);
}

static enum err refuse_range(struct fault *why)
{
    return fail(why, ERR_CORRUPT, "a sum is out of all range");
}

static enum err apply_order(struct journal_audit *audit, const struct fact *fact,
                            enum audit_case which, struct fault *why)
{
    const struct order *order = &fact->order;

    if (order->number == 0 || order->number > fact->sequence)
        return fail(why, ERR_CORRUPT,
                    "an order of the number %" PRIu64 ", although numbers count from 1",
                    order->number);
    if (find_order(audit, order->number) && which != AUDIT_RESTATES)
        return fail(why, ERR_CORRUPT, "order %" PRIu64 " comes into being a second time",
                    order->number);
    struct order_sum *sum = add_order(audit, order->number);
    sum->filled = order->filled;
    sum->value = order->filled_value;
    sum->fees = order->fees;
    sum->inferred = order->inferred;
    return OK;
}

static enum err add_to_order(struct journal_audit *audit, const struct fill *fill,
                             struct fault *why)
{
    struct order_sum *sum = find_order(audit, fill->order);

    if (!sum)
        return fail(why, ERR_CORRUPT, "a fill of order %" PRIu64 ", which does not exist",
                    fill->order);
    if (!add(&sum->filled, fill->size) || !add(&sum->value, fill->value) ||
        !add(&sum->fees, fill->fee))
        return refuse_range(why);
    if (fill->is_inferred &&
        (!add(&sum->inferred.size, fill->size) || !add(&sum->inferred.value, fill->value) ||
         !add(&sum->inferred.fee, fill->fee)))
        return refuse_range(why);
    return OK;
}

/* The guess is replaced by what the executions say, once they have said all of it. */
static enum err explain_order(struct journal_audit *audit, const struct fill *fill,
                              struct fault *why)
{
    struct order_sum *sum = find_order(audit, fill->order);
    struct inferred *rest = sum ? &sum->inferred : NULL;
    bool fits = true;

    if (!sum)
        return fail(why, ERR_CORRUPT, "an execution of order %" PRIu64 ", which does not exist",
                    fill->order);
    if (fill->is_inferred) {
        fits = add(&sum->value, fill->value) && add(&sum->fees, fill->fee) &&
               add(&rest->value, fill->value) && add(&rest->fee, fill->fee);
        return fits ? OK : refuse_range(why);
    }
    fits = add(&rest->size, decimal_negate(fill->size)) &&
           add(&rest->value, decimal_negate(fill->value)) &&
           add(&rest->fee, decimal_negate(fill->fee));
    if (fits && decimal_is_zero(rest->size)) {
        fits = add(&sum->value, decimal_negate(rest->value)) &&
               add(&sum->fees, decimal_negate(rest->fee));
        rest->value = rest->fee = DECIMAL_ZERO;
    }
    return fits ? OK : refuse_range(why);
}

/* What the fill realised, of futures. */
static enum err add_to_position(struct journal_audit *audit, const struct fill *fill,
                                const struct product *product, decimal *realised,
                                struct fault *why)
{
    struct position_sum *sum = get_position(audit, product->symbol);
    bool buys = fill->side == SIDE_BUY;

    if (!add(&sum->size, buys ? fill->size : decimal_negate(fill->size)) ||
        !add(&sum->earned, buys ? decimal_negate(fill->value) : fill->value) ||
        !add(&sum->fees, fill->fee))
        return refuse_range(why);
    if (product->type == PRODUCT_FUTURE)
        *realised = position_apply_fill(&sum->position, fill).realised;
    return OK;
}

static enum err add_to_balances(struct journal_audit *audit, const struct fill *fill,
                                const struct product *product, decimal realised,
                                struct fault *why)
{
    struct balance_sum *quote = get_balance(audit, product->quote);
    bool buys = fill->side == SIDE_BUY;
    decimal value = buys ? decimal_negate(fill->value) : fill->value;

    if (!add(&quote->total, product->type == PRODUCT_FUTURE ? realised : value) ||
        !add(&quote->total, decimal_negate(fill->fee)))
        return refuse_range(why);
    if (product->type == PRODUCT_FUTURE)
        return OK;
    struct balance_sum *base = get_balance(audit, product->base);
    if (!add(&base->total, buys ? fill->size : decimal_negate(fill->size)))
        return refuse_range(why);
    return OK;
}

static enum err apply_fill(struct journal_audit *audit, const struct fill *fill,
                           const struct product_table *products, enum audit_case which,
                           struct fault *why)
{
    const struct product *product = product_table_get(products, fill->product);
    decimal realised = DECIMAL_ZERO;
    enum err err = OK;

    if (!decimal_is_positive(fill->size) || decimal_is_negative(fill->value))
        return fail(why, ERR_CORRUPT, "a fill without size, or of negative value");
    if (fill->order && which != AUDIT_BESIDE)
        err = add_to_order(audit, fill, why);
    if (!err)
        err = add_to_position(audit, fill, product, &realised, why);
    if (!err)
        err = add_to_balances(audit, fill, product, realised, why);
    return err;
}

static enum err apply_position(struct journal_audit *audit, const struct fact_position *fact,
                               const struct product_table *products, struct fault *why)
{
    const position *p = &fact->position;
    struct position_sum *sum =
        get_position(audit, product_table_get(products, fact->product)->symbol);
    int size = decimal_sign(p->size), cost = decimal_sign(p->cost);

    if (cost != 0 && cost != size)
        return fail(why, ERR_CORRUPT, "a position whose cost has another sign than its size");
    if (!decimal_try_sub(p->realised, p->cost, &sum->earned))
        return refuse_range(why);
    sum->size = p->size;
    sum->fees = p->fees;
    sum->position = *p;
    return OK;
}

enum err journal_audit_apply(struct journal_audit *audit, const struct fact *fact,
                             const struct product_table *products, enum audit_case which,
                             struct fault *why)
{
    switch (fact->kind) {
    case FACT_ORDER:
        return apply_order(audit, fact, which, why);
    case FACT_FILL:
        return apply_fill(audit, &fact->fill, products, which, why);
    case FACT_FILL_KNOWN:
        return explain_order(audit, &fact->fill, why);
    case FACT_POSITION:
        return apply_position(audit, &fact->position, products, why);
    case FACT_BALANCE:
        get_balance(audit, fact->balance.currency)->total = fact->balance.total;
        return OK;
    default:
        return OK;
    }
}

/* Comparing */

static enum err compare(const char *what, const char *name, decimal sum, decimal row,
                        struct fault *why)
{
    char a[DECIMAL_TEXT_MAX], b[DECIMAL_TEXT_MAX];

    if (decimal_is_equal(sum, row))
        return OK;
    return fail(why, ERR_CORRUPT,
                "the %s of %s is %s by the sum of its fills, and %s in the "
                "books",
                what, name, decimal_format(sum, a), decimal_format(row, b));
}

static enum err compare_order(const struct journal_audit *audit, const struct order *order,
                              struct fault *why)
{
    const struct order_sum *sum = find_order(audit, order->number);
    struct order_sum none = {0};
    char name[40];

    snprintf(name, sizeof name, "order %" PRIu64, order->number);
    sum = sum ? sum : &none;
    enum err err = compare("filled size", name, sum->filled, order->filled, why);
    if (!err)
        err = compare("filled value", name, sum->value, order->filled_value, why);
    return err ? err : compare("fees", name, sum->fees, order->fees, why);
}

static enum err compare_position(const struct journal_audit *audit,
                                 const struct fact_position *row, const char *symbol,
                                 struct fault *why)
{
    const struct position_sum *sum = find_position(audit, symbol);
    struct position_sum none = {.size = DECIMAL_ZERO};
    decimal earned;

    sum = sum ? sum : &none;
    if (!decimal_try_sub(row->position.realised, row->position.cost, &earned))
        return refuse_range(why);
    enum err err = compare("position", symbol, sum->size, row->position.size, why);
    if (!err)
        err = compare("profit less cost", symbol, sum->earned, earned, why);
    return err ? err : compare("fees", symbol, sum->fees, row->position.fees, why);
}

enum err journal_audit_compare(const struct journal_audit *audit, const struct fact *row,
                               const struct product_table *products, struct fault *why)
{
    if (row->kind == FACT_ORDER)
        return compare_order(audit, &row->order, why);
    if (row->kind == FACT_POSITION)
        return compare_position(audit, &row->position,
                                product_table_get(products, row->position.product)->symbol,
                                why);
    if (row->kind != FACT_BALANCE)
        return OK;
    const struct balance_sum *sum = find_balance(audit, row->balance.currency);
    return compare("balance", row->balance.currency, sum ? sum->total : DECIMAL_ZERO,
                   row->balance.total, why);
}
