/* The rules of one product: steps, minimums, flags; and the table of all
 * products of a run.
 *
 * A product never enlarges a wish. Sizes round down, prices round to the side's
 * passive direction (buy down, sell up), and what is then below a minimum is
 * refused with the rule that it breaks. The rules are the venue's: see
 * GET /products, fields of the same names. */
#ifndef MODEL_PRODUCT_H
#define MODEL_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/decimal.h"
#include "base/err.h"
#include "model/ids.h"
#include "model/side.h"

/* Spot trades exchange one currency for the other. Futures settle profit and
 * loss in the quote currency and may be short. */
enum product_type { PRODUCT_SPOT, PRODUCT_FUTURE };

struct product {
    char symbol[SYMBOL_MAX];
    char base[CURRENCY_MAX];
    char quote[CURRENCY_MAX];
    enum product_type type;

    decimal base_increment;  /* step of sizes */
    decimal quote_increment; /* step of amounts of quote currency */
    decimal price_increment; /* step of prices */
    decimal base_min_size, base_max_size;
    decimal quote_min_size, quote_max_size; /* bounds of an order's value */
    decimal contract_size;                  /* base units a contract stands for; 1 on spot */
    decimal price_band; /* a limit further than this share from the mark is refused; 0: none */

    /* Share of a position's value that must be there to open it and to keep it; 1 on spot. */
    decimal initial_margin, maintenance_margin;

    bool can_short;
    bool trading_disabled, cancel_only, limit_only, post_only, view_only, auction_mode;
};

enum { PRODUCTS_MAX = 64 };

struct product_table {
    struct product items[PRODUCTS_MAX];
    int count;
};

/* Some of a table's products. */
typedef struct {
    uint64_t bits;
} product_set;

static inline bool product_set_has(product_set set, product_ref product)
{
    return product < PRODUCTS_MAX && (set.bits >> product & 1);
}

static inline void product_set_add(product_set *set, product_ref product)
{
    set->bits |= UINT64_C(1) << product;
}

static inline bool product_set_is_empty(product_set set)
{
    return set.bits == 0;
}

/* All of a table. */
product_set product_set_of(const struct product_table *table);

/* Rules an order can break, in the order in which they are checked. */
enum product_rule {
    PRODUCT_RULE_NONE,
    PRODUCT_RULE_DISABLED,   /* trading disabled, view only or cancel only */
    PRODUCT_RULE_LIMIT_ONLY, /* no market orders now */
    PRODUCT_RULE_POST_ONLY,  /* only post-only orders now */
    PRODUCT_RULE_SIZE_STEP,  /* not a multiple of the base increment */
    PRODUCT_RULE_SIZE_MIN,
    PRODUCT_RULE_SIZE_MAX,
    PRODUCT_RULE_PRICE, /* a price is missing or not positive */
    PRODUCT_RULE_PRICE_STEP,
    PRODUCT_RULE_PRICE_BAND, /* too far from the market */
    PRODUCT_RULE_VALUE_MIN,
    PRODUCT_RULE_VALUE_MAX,
    PRODUCT_RULE_COUNT
};

/* "size_min" and the like; and a sentence for the trader. */
const char *product_rule_name(enum product_rule rule);
const char *product_rule_text(enum product_rule rule);

decimal product_round_size(const struct product *product, decimal size);
decimal product_round_price(const struct product *product, enum side side, decimal price);

/* What an order of this size at this price is worth in quote currency, contracts included,
 * rounded half even. False when that leaves the range of a decimal. */
bool product_value(const struct product *product, decimal size, decimal price,
                   decimal *out) MUST_CHECK;

struct order_request; /* model/order.h */

/* The first rule that the request breaks at this mark (zero: no mark, then band and, for orders
 * without a price, value are not checked), or PRODUCT_RULE_NONE. Pure. */
enum product_rule product_check(const struct product *product,
                                const struct order_request *request, decimal mark);

/* Steps positive, minimum <= maximum, names well formed. ERR_RANGE. */
enum err product_validate(const struct product *product, struct fault *why) MUST_CHECK;

void product_table_init(struct product_table *table);
/* ERR_EXISTS, ERR_RANGE (full) or what product_validate says. */
enum err product_table_add(struct product_table *table, const struct product *product,
                           product_ref *out, struct fault *why) MUST_CHECK;
/* PRODUCT_NONE when there is none of this name. */
product_ref product_table_find(const struct product_table *table, const char *symbol);
const struct product *product_table_get(const struct product_table *table, product_ref ref);

#endif
