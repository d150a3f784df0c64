/* Products: rounding, the rules of the venue, and the table.
 *
 * What is refused here would be refused by the venue too; saying so at home is
 * faster, free, and comes with the name of the rule. Where the venue's own
 * behaviour is not certain the check is the laxer one: the venue has the last
 * word, and a protective order must not fail at home for a doubtful reason. */
#include "model/product.h"

#include <assert.h>
#include <string.h>

#include "model/order.h"

static const struct {
    const char *name, *text;
} rules[] = {
    [PRODUCT_RULE_NONE] = {"none", "all rules are kept"},
    [PRODUCT_RULE_DISABLED] = {"disabled", "the venue takes no new orders for this product"},
    [PRODUCT_RULE_LIMIT_ONLY] = {"limit_only", "the venue takes no market orders now"},
    [PRODUCT_RULE_POST_ONLY] = {"post_only", "the venue takes only post-only orders now"},
    [PRODUCT_RULE_SIZE_STEP] = {"size_step",
                                "the size is not a multiple of the product's size step"},
    [PRODUCT_RULE_SIZE_MIN] = {"size_min", "the size is below the product's minimum"},
    [PRODUCT_RULE_SIZE_MAX] = {"size_max", "the size is above the product's maximum"},
    [PRODUCT_RULE_PRICE] = {"price", "a price is missing or not positive"},
    [PRODUCT_RULE_PRICE_STEP] = {"price_step",
                                 "a price is not a multiple of the product's price step"},
    [PRODUCT_RULE_PRICE_BAND] = {"price_band", "the limit price is too far from the market"},
    [PRODUCT_RULE_VALUE_MIN] = {"value_min", "the order's value is below the minimum"},
    [PRODUCT_RULE_VALUE_MAX] = {"value_max", "the order's value is above the maximum"},
};
static_assert(ARRAY_LEN(rules) == PRODUCT_RULE_COUNT, "describe every rule");

const char *product_rule_name(enum product_rule rule)
{
    assert(rule < PRODUCT_RULE_COUNT);
    return rules[rule].name;
}

const char *product_rule_text(enum product_rule rule)
{
    assert(rule < PRODUCT_RULE_COUNT);
    return rules[rule].text;
}

decimal product_round_size(const struct product *product, decimal size)
{
    return decimal_quantize(size, product->base_increment, ROUND_DOWN);
}

decimal product_round_price(const struct product *product, enum side side, decimal price)
{
    return decimal_quantize(price, product->price_increment,
                            side == SIDE_BUY ? ROUND_FLOOR : ROUND_CEILING);
}

bool product_value(const struct product *product, decimal size, decimal price, decimal *out)
{
    decimal units = size;

    /* Exact for every contract in use: whole contracts of 0.01, 0.1, 5 or 10 units. */
    if (product->contract_size.units != DECIMAL_ONE &&
        !decimal_try_mul(size, product->contract_size, ROUND_HALF_EVEN, &units))
        return false;
    return decimal_try_mul(units, price, ROUND_HALF_EVEN, out);
}

/* Checks of a request, in the order of enum product_rule */

static bool has_limit(const struct order_request *request)
{
    return request->type == ORDER_LIMIT || request->type == ORDER_STOP_LIMIT;
}

static bool has_stop(const struct order_request *request)
{
    return request->type == ORDER_STOP || request->type == ORDER_STOP_LIMIT;
}

/* A stop becomes a market order only later: market orders being off now does not concern it. */
static enum product_rule check_state(const struct product *product,
                                     const struct order_request *request)
{
    if (product->trading_disabled || product->view_only || product->cancel_only)
        return PRODUCT_RULE_DISABLED;
    if ((product->limit_only || product->auction_mode) && request->type == ORDER_MARKET)
        return PRODUCT_RULE_LIMIT_ONLY;
    if (product->post_only && !request->post_only)
        return PRODUCT_RULE_POST_ONLY;
    return PRODUCT_RULE_NONE;
}

static enum product_rule check_size(const struct product *product, decimal size)
{
    if (!decimal_is_multiple(size, product->base_increment))
        return PRODUCT_RULE_SIZE_STEP;
    if (!decimal_is_positive(size) || decimal_is_less(size, product->base_min_size))
        return PRODUCT_RULE_SIZE_MIN;
    if (decimal_is_less(product->base_max_size, size))
        return PRODUCT_RULE_SIZE_MAX;
    return PRODUCT_RULE_NONE;
}

static bool is_step(const struct product *product, decimal price)
{
    return decimal_is_multiple(price, product->price_increment);
}

static enum product_rule check_prices(const struct product *product,
                                      const struct order_request *request)
{
    bool limit = has_limit(request), stop = has_stop(request);

    if ((limit && !decimal_is_positive(request->limit_price)) ||
        (stop && !decimal_is_positive(request->stop_price)))
        return PRODUCT_RULE_PRICE;
    if ((limit && !is_step(product, request->limit_price)) ||
        (stop && !is_step(product, request->stop_price)))
        return PRODUCT_RULE_PRICE_STEP;
    return PRODUCT_RULE_NONE;
}

/* A stop-limit order meets the market at its stop price, wherever the market is now. */
static enum product_rule check_band(const struct product *product,
                                    const struct order_request *request, decimal mark)
{
    decimal centre = request->type == ORDER_STOP_LIMIT ? request->stop_price : mark;
    decimal width;

    if (!has_limit(request) || decimal_is_zero(product->price_band) || decimal_is_zero(centre))
        return PRODUCT_RULE_NONE;
    if (!decimal_try_mul(centre, product->price_band, ROUND_HALF_EVEN, &width))
        return PRODUCT_RULE_NONE; /* wider than all numbers */
    decimal distance = decimal_abs(decimal_sub(request->limit_price, centre));
    return decimal_is_less(width, distance) ? PRODUCT_RULE_PRICE_BAND : PRODUCT_RULE_NONE;
}

/* At the price the order names itself, else at the mark. */
static enum product_rule check_value(const struct product *product,
                                     const struct order_request *request, decimal mark)
{
    decimal price = has_limit(request)  ? request->limit_price
                    : has_stop(request) ? request->stop_price
                                        : mark;
    decimal value;

    if (decimal_is_zero(price))
        return PRODUCT_RULE_NONE;
    if (!product_value(product, request->size, price, &value))
        return PRODUCT_RULE_VALUE_MAX;
    if (decimal_is_less(value, product->quote_min_size))
        return PRODUCT_RULE_VALUE_MIN;
    if (decimal_is_less(product->quote_max_size, value))
        return PRODUCT_RULE_VALUE_MAX;
    return PRODUCT_RULE_NONE;
}

enum product_rule product_check(const struct product *product,
                                const struct order_request *request, decimal mark)
{
    enum product_rule rule = check_state(product, request);

    if (!rule)
        rule = check_size(product, request->size);
    if (!rule)
        rule = check_prices(product, request);
    if (!rule)
        rule = check_band(product, request, mark);
    return rule ? rule : check_value(product, request, mark);
}

/* Validation of what a venue or a profile says about a product */

static bool is_name_character(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '.';
}

/* Ends within its array and has only letters, digits and "-_.". */
static bool is_name(const char *text, size_t max)
{
    size_t len = strnlen(text, max);

    for (size_t i = 0; i < len; i++)
        if (!is_name_character(text[i]))
            return false;
    return len > 0 && len < max;
}

static enum err validate_names(const struct product *p, struct fault *why)
{
    if (!is_name(p->symbol, sizeof p->symbol))
        return fail(why, ERR_RANGE, "product \"%.*s\": the symbol is not a name",
                    (int)sizeof p->symbol, p->symbol);
    if (!is_name(p->quote, sizeof p->quote))
        return fail(why, ERR_RANGE, "product %s: the quote currency \"%.*s\" is not a name",
                    p->symbol, (int)sizeof p->quote, p->quote);
    /* The venue names no base currency for futures. */
    bool may_miss = p->type == PRODUCT_FUTURE && p->base[0] == '\0';
    if (!may_miss && !is_name(p->base, sizeof p->base))
        return fail(why, ERR_RANGE, "product %s: the base currency \"%.*s\" is not a name",
                    p->symbol, (int)sizeof p->base, p->base);
    if (strcmp(p->base, p->quote) == 0)
        return fail(why, ERR_RANGE, "product %s: base and quote are both %s", p->symbol,
                    p->base);
    return OK;
}

static enum err validate_positive(const struct product *p, const char *name, decimal value,
                                  struct fault *why)
{
    char text[DECIMAL_TEXT_MAX];

    if (decimal_is_positive(value))
        return OK;
    return fail(why, ERR_RANGE, "product %s: %s is %s, and must be positive", p->symbol, name,
                decimal_format(value, text));
}

static enum err validate_bounds(const struct product *p, const char *name, decimal min,
                                decimal max, struct fault *why)
{
    char from[DECIMAL_TEXT_MAX], to[DECIMAL_TEXT_MAX];

    if (!decimal_is_negative(min) && decimal_is_positive(max) && !decimal_is_less(max, min))
        return OK;
    return fail(why, ERR_RANGE,
                "product %s: %s from %s to %s; the minimum must not be negative or above the "
                "maximum",
                p->symbol, name, decimal_format(min, from), decimal_format(max, to));
}

static enum err validate_type(const struct product *p, struct fault *why)
{
    bool whole = decimal_is_equal(p->initial_margin, D(1)) &&
                 decimal_is_equal(p->maintenance_margin, D(1));

    if (p->type == PRODUCT_FUTURE) {
        if (decimal_is_less(p->initial_margin, p->maintenance_margin))
            return fail(why, ERR_RANGE,
                        "product %s: the maintenance margin is above the initial margin",
                        p->symbol);
        return OK;
    }
    if (!decimal_is_equal(p->contract_size, D(1)) || !whole || p->can_short)
        return fail(why, ERR_RANGE,
                    "product %s: spot has a contract size and margins of 1 and cannot be short",
                    p->symbol);
    return OK;
}

enum err product_validate(const struct product *p, struct fault *why)
{
    const struct {
        const char *name;
        decimal value;
    } positives[] = {
        {"base_increment", p->base_increment},   {"quote_increment", p->quote_increment},
        {"price_increment", p->price_increment}, {"contract_size", p->contract_size},
        {"initial_margin", p->initial_margin},   {"maintenance_margin", p->maintenance_margin},
    };
    enum err err = validate_names(p, why);

    for (size_t i = 0; !err && i < ARRAY_LEN(positives); i++)
        err = validate_positive(p, positives[i].name, positives[i].value, why);
    if (!err)
        err = validate_bounds(p, "sizes", p->base_min_size, p->base_max_size, why);
    if (!err)
        err = validate_bounds(p, "order values", p->quote_min_size, p->quote_max_size, why);
    if (!err && decimal_is_negative(p->price_band))
        err = fail(why, ERR_RANGE, "product %s: price_band is negative", p->symbol);
    return err ? err : validate_type(p, why);
}

/* The table */

void product_table_init(struct product_table *table)
{
    table->count = 0;
}

enum err product_table_add(struct product_table *table, const struct product *product,
                           product_ref *out, struct fault *why)
{
    enum err err = product_validate(product, why);

    if (err)
        return err;
    if (product_table_find(table, product->symbol) != PRODUCT_NONE)
        return fail(why, ERR_EXISTS, "product %s is in the table already", product->symbol);
    if (table->count == PRODUCTS_MAX)
        return fail(why, ERR_RANGE, "product %s: a run trades at most %d products",
                    product->symbol, PRODUCTS_MAX);
    *out = (product_ref)table->count;
    table->items[table->count++] = *product;
    return OK;
}

static_assert(PRODUCTS_MAX <= 64, "a product_set has a bit for each");

product_set product_set_of(const struct product_table *table)
{
    product_set set = {0};

    for (int i = 0; i < table->count; i++)
        product_set_add(&set, (product_ref)i);
    return set;
}

product_ref product_table_find(const struct product_table *table, const char *symbol)
{
    for (int i = 0; i < table->count; i++)
        if (strcmp(table->items[i].symbol, symbol) == 0)
            return (product_ref)i;
    return PRODUCT_NONE;
}

const struct product *product_table_get(const struct product_table *table, product_ref ref)
{
    assert(ref < table->count);
    return &table->items[ref];
}
