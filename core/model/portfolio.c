/* The account.
 *
 * Equity is asked for once per bar and more, and changes only where a mark, a
 * balance or a position does. So it is kept, not computed: as a sum of terms,
 * each rounded once, of which a change replaces its own.
 *
 *   equity = sum of value    round(total * price), per currency
 *          + sum of profit   round(unrealised * price of the quote), per future
 *
 * A currency's price comes along its route: the spot product that trades it
 * against the account's currency, or else against the nearest currency that has
 * a route itself. Routes are a tree with the account's currency as its root; a
 * mark moves the price of one currency and of those that hang on it. Routes, and
 * which currencies a product trades, are settled when the portfolio is made:
 * later nothing compares names but what comes in by name.
 *
 * Two more invariants:
 *   F4  every kept term equals the formula above, and equity their sum
 *   F5  `opening` is a balance without all fills: what is missing to `total` can
 *       be found again from the positions (P3). So F1 is kept twice, and
 *       portfolio_check compares. */
#include "model/portfolio.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

enum { NO_CURRENCY = -1, DISTANCE_NONE = 1 << 20 };

struct currency {
    struct balance balance;
    decimal opening;
    decimal price; /* in the account's currency; zero: none */
    decimal value;
    product_ref route; /* PRODUCT_NONE: needs none, or has none */
    int distance;      /* 0 the account's, 1 its equals, then two more per product on the way */
    bool is_quote;
};

struct asset {
    position position;
    decimal mark; /* zero: none yet */
    nanos mark_time;
    decimal profit; /* futures only */
    int base;       /* NO_CURRENCY for futures */
    int quote;
};

struct portfolio {
    const struct product_table *products;
    int product_count;
    struct asset assets[PRODUCTS_MAX];
    struct currency *currencies; /* the account's first */
    int currency_count, currency_cap;
    int open_positions;
    decimal equity;
};

/* Currencies that the venue treats as one: it changes them for each other free of charge, and
 * the books of BTC-USD and BTC-USDC are one book. Wallets stay apart; only the price is shared.
 */
static const char *const equals[][2] = {
    {"USD", "USDC"},
};

static bool is_equal_currency(const char *a, const char *b)
{
    for (size_t i = 0; i < ARRAY_LEN(equals); i++)
        if ((strcmp(a, equals[i][0]) == 0 && strcmp(b, equals[i][1]) == 0) ||
            (strcmp(a, equals[i][1]) == 0 && strcmp(b, equals[i][0]) == 0))
            return true;
    return false;
}

static const struct asset *asset_of(const struct portfolio *portfolio, product_ref ref)
{
    assert(ref < portfolio->product_count);
    return &portfolio->assets[ref];
}

static bool is_future(const struct asset *asset)
{
    return asset->base == NO_CURRENCY;
}

/* The two short ways are what happens once per bar: cash, and a coin that is not held. */
static decimal convert(decimal amount, decimal price)
{
    if (price.units == DECIMAL_ONE || decimal_is_zero(amount))
        return amount;
    return decimal_mul(amount, price, ROUND_HALF_EVEN);
}

static decimal quote_price(const struct portfolio *portfolio, const struct asset *asset)
{
    return portfolio->currencies[asset->quote].price;
}

/* In the quote currency. Zero while there is no mark: what is not known is no loss. */
static decimal unrealised(const struct portfolio *portfolio, product_ref ref)
{
    const struct asset *asset = asset_of(portfolio, ref);

    if (decimal_is_zero(asset->mark) || position_is_flat(&asset->position))
        return DECIMAL_ZERO;
    return position_unrealised(&asset->position, &portfolio->products->items[ref], asset->mark);
}

/* ---- the terms of equity ---- */

static decimal value_of(const struct currency *currency)
{
    return convert(currency->balance.total, currency->price);
}

static decimal profit_of(const struct portfolio *portfolio, product_ref ref)
{
    const struct asset *asset = asset_of(portfolio, ref);

    if (!is_future(asset))
        return DECIMAL_ZERO;
    return convert(unrealised(portfolio, ref), quote_price(portfolio, asset));
}

static void replace_term(struct portfolio *portfolio, decimal *term, decimal now)
{
    decimal change = {now.units - term->units}; /* of two in range: cannot overflow */

    portfolio->equity = decimal_add(portfolio->equity, change);
    *term = now;
}

static void refresh_value(struct portfolio *portfolio, struct currency *currency)
{
    replace_term(portfolio, &currency->value, value_of(currency));
}

static void refresh_profit(struct portfolio *portfolio, product_ref ref)
{
    replace_term(portfolio, &portfolio->assets[ref].profit, profit_of(portfolio, ref));
}

/* The mark of this product, or the price of its quote currency, is another one now. */
static void reprice(struct portfolio *portfolio, product_ref ref)
{
    struct asset *asset = &portfolio->assets[ref];

    if (is_future(asset)) {
        refresh_profit(portfolio, ref);
        return;
    }
    struct currency *base = &portfolio->currencies[asset->base];
    if (base->route != ref)
        return;
    base->price = convert(asset->mark, quote_price(portfolio, asset));
    refresh_value(portfolio, base);
    for (int i = 0; base->is_quote && i < portfolio->product_count; i++)
        if (portfolio->assets[i].quote == asset->base)
            reprice(portfolio, (product_ref)i);
}

/* ---- making ---- */

static struct currency *find_currency(const struct portfolio *portfolio, const char *name)
{
    for (int i = 0; i < portfolio->currency_count; i++)
        if (strcmp(portfolio->currencies[i].balance.currency, name) == 0)
            return &portfolio->currencies[i];
    return NULL;
}

static struct currency *add_currency(struct portfolio *portfolio, const char *name)
{
    if (portfolio->currency_count == portfolio->currency_cap) {
        portfolio->currency_cap = portfolio->currency_cap ? portfolio->currency_cap * 2 : 8;
        portfolio->currencies =
            mem_resize(portfolio->currencies, (size_t)portfolio->currency_cap,
                       sizeof *portfolio->currencies);
    }
    int index = portfolio->currency_count++;
    struct currency *currency = &portfolio->currencies[index];
    *currency = (struct currency){.route = PRODUCT_NONE, .distance = DISTANCE_NONE};
    assert(strlen(name) < sizeof currency->balance.currency);
    strcpy(currency->balance.currency, name);
    bool is_account = index == 0;
    if (is_account || is_equal_currency(name, portfolio_currency(portfolio))) {
        currency->price = D(1);
        currency->distance = is_account ? 0 : 1;
    }
    return currency;
}

static struct currency *intern(struct portfolio *portfolio, const char *name)
{
    struct currency *currency = find_currency(portfolio, name);

    return currency ? currency : add_currency(portfolio, name);
}

static int intern_index(struct portfolio *portfolio, const char *name)
{
    return (int)(intern(portfolio, name) - portfolio->currencies);
}

static void add_asset(struct portfolio *portfolio, product_ref ref)
{
    const struct product *product = &portfolio->products->items[ref];
    struct asset *asset = &portfolio->assets[ref];

    asset->base =
        product->type == PRODUCT_SPOT ? intern_index(portfolio, product->base) : NO_CURRENCY;
    asset->quote = intern_index(portfolio, product->quote);
    portfolio->currencies[asset->quote].is_quote = true;
}

/* Shortest ways from the account's currency; of equally short ones the product that comes first
 * in the table. */
static void find_routes(struct portfolio *portfolio)
{
    bool is_changed = true;

    while (is_changed) {
        is_changed = false;
        for (int i = 0; i < portfolio->product_count; i++) {
            const struct asset *asset = &portfolio->assets[i];
            if (is_future(asset))
                continue;
            struct currency *base = &portfolio->currencies[asset->base];
            int distance = portfolio->currencies[asset->quote].distance + 2;
            if (distance >= base->distance)
                continue;
            base->distance = distance;
            base->route = (product_ref)i;
            is_changed = true;
        }
    }
}

struct portfolio *portfolio_new(const struct product_table *products, const char *currency)
{
    struct portfolio *portfolio = mem_new(sizeof *portfolio);

    portfolio->products = products;
    portfolio->product_count = products->count;
    add_currency(portfolio, currency);
    for (int i = 0; i < products->count; i++)
        add_asset(portfolio, (product_ref)i);
    find_routes(portfolio);
    portfolio_check(portfolio);
    return portfolio;
}

void portfolio_free(struct portfolio *portfolio)
{
    if (!portfolio)
        return;
    mem_free(portfolio->currencies);
    mem_free(portfolio);
}

/* ---- changing ---- */

void portfolio_set_balance(struct portfolio *portfolio, const char *currency, decimal total)
{
    struct currency *c = intern(portfolio, currency);

    c->opening = decimal_add(c->opening, decimal_sub(total, c->balance.total));
    c->balance.total = total;
    refresh_value(portfolio, c);
}

/* What all fills of a product have added to its quote currency. For spot that is P3. */
static decimal quote_moved(const struct asset *asset)
{
    const position *p = &asset->position;
    decimal moved = decimal_sub(p->realised, p->fees);

    return is_future(asset) ? moved : decimal_sub(moved, p->cost);
}

void portfolio_set_position(struct portfolio *portfolio, product_ref product,
                            const position *now)
{
    assert(product < portfolio->product_count);
    struct asset *asset = &portfolio->assets[product];
    struct currency *quote = &portfolio->currencies[asset->quote];
    decimal moved = quote_moved(asset), size = asset->position.size;

    position_check(now);
    portfolio->open_positions += position_is_flat(&asset->position) - position_is_flat(now);
    asset->position = *now;
    quote->opening = decimal_add(quote->opening, decimal_sub(moved, quote_moved(asset)));
    if (is_future(asset)) {
        refresh_profit(portfolio, product);
        return;
    }
    struct currency *base = &portfolio->currencies[asset->base];
    base->opening = decimal_add(base->opening, decimal_sub(size, now->size));
}

void portfolio_set_mark(struct portfolio *portfolio, product_ref product, decimal mark,
                        nanos time)
{
    assert(product < portfolio->product_count);
    struct asset *asset = &portfolio->assets[product];

    if (!decimal_is_positive(mark))
        return;
    asset->mark_time = time;
    if (decimal_is_equal(asset->mark, mark))
        return;
    asset->mark = mark;
    reprice(portfolio, product);
}

static void change_total(struct portfolio *portfolio, int index, decimal amount)
{
    struct currency *currency = &portfolio->currencies[index];

    currency->balance.total = decimal_add(currency->balance.total, amount);
    refresh_value(portfolio, currency);
}

struct position_change portfolio_apply_fill(struct portfolio *portfolio,
                                            const struct fill *fill)
{
    assert(fill->product < portfolio->product_count);
    struct asset *asset = &portfolio->assets[fill->product];
    bool was_flat = position_is_flat(&asset->position);
    struct position_change change = position_apply_fill(&asset->position, fill);

    portfolio->open_positions += was_flat - change.flat;
    if (is_future(asset)) {
        change_total(portfolio, asset->quote, decimal_sub(change.realised, fill->fee));
        refresh_profit(portfolio, fill->product);
        return change;
    }
    bool buys = fill->side == SIDE_BUY;
    decimal received = buys ? decimal_negate(fill->value) : fill->value;
    change_total(portfolio, asset->base, buys ? fill->size : decimal_negate(fill->size));
    change_total(portfolio, asset->quote, decimal_sub(received, fill->fee));
    return change;
}

void portfolio_add_hold(struct portfolio *portfolio, const char *currency, decimal amount)
{
    struct balance *balance = &intern(portfolio, currency)->balance;

    assert(!decimal_is_negative(amount));
    balance->hold = decimal_add(balance->hold, amount);
}

void portfolio_remove_hold(struct portfolio *portfolio, const char *currency, decimal amount)
{
    struct balance *balance = &intern(portfolio, currency)->balance;

    assert(!decimal_is_negative(amount));
    balance->hold = decimal_sub(balance->hold, amount);
    assert(!decimal_is_negative(balance->hold)); /* F2 */
}

/* ---- asking ---- */

const char *portfolio_currency(const struct portfolio *portfolio)
{
    return portfolio->currencies[0].balance.currency;
}

const position *portfolio_position(const struct portfolio *portfolio, product_ref product)
{
    return &asset_of(portfolio, product)->position;
}

decimal portfolio_mark(const struct portfolio *portfolio, product_ref product)
{
    return asset_of(portfolio, product)->mark;
}

nanos portfolio_mark_time(const struct portfolio *portfolio, product_ref product)
{
    return asset_of(portfolio, product)->mark_time;
}

struct balance portfolio_balance(const struct portfolio *portfolio, const char *currency)
{
    const struct currency *found = find_currency(portfolio, currency);
    struct balance none = {0};

    if (found)
        return found->balance;
    strncpy(none.currency, currency, sizeof none.currency - 1);
    return none;
}

decimal portfolio_available(const struct portfolio *portfolio, const char *currency)
{
    const struct currency *found = find_currency(portfolio, currency);

    return found ? decimal_sub(found->balance.total, found->balance.hold) : DECIMAL_ZERO;
}

int portfolio_balance_count(const struct portfolio *portfolio)
{
    return portfolio->currency_count;
}

const struct balance *portfolio_balance_at(const struct portfolio *portfolio, int index)
{
    assert(index >= 0 && index < portfolio->currency_count);
    return &portfolio->currencies[index].balance;
}

decimal portfolio_equity(const struct portfolio *portfolio)
{
    return portfolio->equity;
}

/* Adds up what `amount` gives for each product, in the account's currency. */
static decimal sum(const struct portfolio *portfolio,
                   decimal (*amount)(const struct portfolio *portfolio, product_ref ref))
{
    decimal total = DECIMAL_ZERO;

    for (int i = 0; i < portfolio->product_count; i++) {
        decimal price = quote_price(portfolio, &portfolio->assets[i]);
        total = decimal_add(total, convert(amount(portfolio, (product_ref)i), price));
    }
    return total;
}

static decimal realised(const struct portfolio *portfolio, product_ref ref)
{
    return portfolio->assets[ref].position.realised;
}

static decimal fees(const struct portfolio *portfolio, product_ref ref)
{
    return portfolio->assets[ref].position.fees;
}

/* Without a mark, what was paid is the best guess; zero would let more risk in. */
static decimal exposure(const struct portfolio *portfolio, product_ref ref)
{
    const struct asset *asset = &portfolio->assets[ref];

    if (decimal_is_zero(asset->mark))
        return decimal_abs(asset->position.cost);
    return decimal_abs(
        position_value(&asset->position, &portfolio->products->items[ref], asset->mark));
}

decimal portfolio_realised(const struct portfolio *portfolio)
{
    return sum(portfolio, realised);
}

decimal portfolio_unrealised(const struct portfolio *portfolio)
{
    return sum(portfolio, unrealised);
}

decimal portfolio_fees(const struct portfolio *portfolio)
{
    return sum(portfolio, fees);
}

decimal portfolio_exposure(const struct portfolio *portfolio)
{
    return sum(portfolio, exposure);
}

int portfolio_open_positions(const struct portfolio *portfolio)
{
    return portfolio->open_positions;
}

int portfolio_unpriced(const struct portfolio *portfolio)
{
    int count = 0;

    for (int i = 0; i < portfolio->currency_count; i++) {
        const struct currency *currency = &portfolio->currencies[i];
        count += decimal_is_zero(currency->price) && !decimal_is_zero(currency->balance.total);
    }
    for (int i = 0; i < portfolio->product_count; i++) {
        const struct asset *asset = &portfolio->assets[i];
        count += is_future(asset) && decimal_is_zero(asset->mark) &&
                 !position_is_flat(&asset->position);
    }
    return count;
}

/* ---- checking ---- */

/* What all fills have added to the currency with this index. */
static decimal moved(const struct portfolio *portfolio, int index)
{
    decimal total = DECIMAL_ZERO;

    for (int i = 0; i < portfolio->product_count; i++) {
        const struct asset *asset = &portfolio->assets[i];
        if (asset->base == index)
            total = decimal_add(total, asset->position.size);
        if (asset->quote == index)
            total = decimal_add(total, quote_moved(asset));
    }
    return total;
}

void portfolio_check(const struct portfolio *portfolio)
{
    decimal equity = DECIMAL_ZERO;
    int open = 0;

    for (int i = 0; i < portfolio->currency_count; i++) {
        const struct currency *currency = &portfolio->currencies[i];
        decimal total = decimal_add(currency->opening, moved(portfolio, i));
        assert(decimal_is_equal(currency->balance.total, total));      /* F1, F5 */
        assert(!decimal_is_negative(currency->balance.hold));          /* F2 */
        assert(decimal_is_equal(currency->value, value_of(currency))); /* F4 */
        equity = decimal_add(equity, currency->value);
    }
    for (int i = 0; i < portfolio->product_count; i++) {
        const struct asset *asset = &portfolio->assets[i];
        position_check(&asset->position);
        open += !position_is_flat(&asset->position);
        assert(decimal_is_equal(asset->profit, profit_of(portfolio, (product_ref)i))); /* F4 */
        equity = decimal_add(equity, asset->profit);
    }
    assert(decimal_is_equal(equity, portfolio->equity)); /* F4 */
    assert(open == portfolio->open_positions);
}
