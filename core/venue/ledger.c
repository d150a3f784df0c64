/* The account at the venue.
 *
 * Currencies are found once, when the ledger is made: each product knows the
 * places of its two, so that booking a fill compares no text. */
#include "venue/ledger.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

enum {
    ACCOUNTS_MAX = 2 * PRODUCTS_MAX,
    NO_ACCOUNT = -1,
    ROUNDING_SLACK = 1000000, /* units: what the fees of very many part fills can add up to */
};

struct account {
    char currency[CURRENCY_MAX];
    decimal total, held;
};

/* What is held and working of one future. */
struct future {
    struct ledger_position position;
    decimal buys, sells; /* sizes of working orders */
    decimal mark;
};

struct ledger {
    const struct product_table *products;
    struct account accounts[ACCOUNTS_MAX];
    int account_count;
    int base[PRODUCTS_MAX], quote[PRODUCTS_MAX]; /* accounts */
    struct future futures[PRODUCTS_MAX];
    bool has_futures;
};

static int account_find(const struct ledger *ledger, const char *currency)
{
    for (int i = 0; i < ledger->account_count; i++)
        if (strcmp(ledger->accounts[i].currency, currency) == 0)
            return i;
    return NO_ACCOUNT;
}

static int account_get(struct ledger *ledger, const char *currency)
{
    int index = account_find(ledger, currency);

    if (index != NO_ACCOUNT)
        return index;
    assert(ledger->account_count < ACCOUNTS_MAX && strlen(currency) < CURRENCY_MAX);
    strcpy(ledger->accounts[ledger->account_count].currency, currency);
    return ledger->account_count++;
}

struct ledger *ledger_new(const struct product_table *products)
{
    struct ledger *ledger = mem_new(sizeof *ledger);

    ledger->products = products;
    for (int i = 0; i < products->count; i++) {
        const struct product *product = &products->items[i];
        bool spot = product->type == PRODUCT_SPOT;
        ledger->quote[i] = account_get(ledger, product->quote);
        ledger->base[i] = spot ? account_get(ledger, product->base) : NO_ACCOUNT;
        ledger->has_futures = ledger->has_futures || !spot;
    }
    return ledger;
}

void ledger_free(struct ledger *ledger)
{
    mem_free(ledger);
}

void ledger_deposit(struct ledger *ledger, const char *currency, decimal amount)
{
    struct account *account = &ledger->accounts[account_get(ledger, currency)];

    account->total = decimal_add(account->total, amount);
}

static const struct product *product_of(const struct ledger *ledger, product_ref ref)
{
    return product_table_get(ledger->products, ref);
}

static bool is_future(const struct ledger *ledger, product_ref ref)
{
    return product_of(ledger, ref)->type == PRODUCT_FUTURE;
}

static struct account *account_base(struct ledger *ledger, product_ref ref)
{
    return &ledger->accounts[ledger->base[ref]];
}

static struct account *account_quote(struct ledger *ledger, product_ref ref)
{
    return &ledger->accounts[ledger->quote[ref]];
}

static decimal value_of(const struct ledger *ledger, product_ref ref, decimal size,
                        decimal price)
{
    decimal value;
    bool in_range = product_value(product_of(ledger, ref), size, price, &value);

    assert(in_range); /* admission has checked the maximum */
    return value;
}

/* Margin */

/* The larger of the positions that the working orders can lead to. */
static decimal size_at_worst(const struct future *future)
{
    decimal size = future->position.size;
    decimal bought = decimal_abs(decimal_add(size, future->buys));
    decimal sold = decimal_abs(decimal_sub(size, future->sells));

    return decimal_max(bought, sold);
}

static decimal margin_of(const struct ledger *ledger, product_ref ref)
{
    const struct future *future = &ledger->futures[ref];
    decimal value = value_of(ledger, ref, size_at_worst(future), future->mark);

    return decimal_mul(value, product_of(ledger, ref)->initial_margin, ROUND_UP);
}

static decimal unrealised_of(const struct ledger *ledger, product_ref ref)
{
    const struct future *future = &ledger->futures[ref];
    decimal value = value_of(ledger, ref, future->position.size, future->mark);

    return decimal_sub(value, future->position.cost);
}

/* Margin and losses of all futures that settle in this account. */
static decimal bound_by_futures(const struct ledger *ledger, int account)
{
    decimal sum = DECIMAL_ZERO;

    if (!ledger->has_futures)
        return sum;
    for (int i = 0; i < ledger->products->count; i++) {
        product_ref ref = (product_ref)i;
        if (!is_future(ledger, ref) || ledger->quote[ref] != account)
            continue;
        decimal loss = decimal_min(unrealised_of(ledger, ref), DECIMAL_ZERO);
        sum = decimal_add(sum, decimal_sub(margin_of(ledger, ref), loss));
    }
    return sum;
}

static decimal available_in(const struct ledger *ledger, int account)
{
    const struct account *a = &ledger->accounts[account];

    return decimal_sub(decimal_sub(a->total, a->held), bound_by_futures(ledger, account));
}

/* Claims */

static decimal with_fee(decimal value, decimal rate)
{
    if (!decimal_is_positive(rate))
        return value;
    return decimal_add(value, decimal_mul(value, rate, ROUND_UP));
}

static decimal amount_of(const struct ledger *ledger, const struct ledger_claim *claim)
{
    if (claim->side == SIDE_SELL)
        return claim->size;
    return with_fee(value_of(ledger, claim->product, claim->size, claim->price), claim->rate);
}

static struct account *account_of_claim(struct ledger *ledger, const struct ledger_claim *claim)
{
    return claim->side == SIDE_SELL ? account_base(ledger, claim->product)
                                    : account_quote(ledger, claim->product);
}

static void hold_instead(struct ledger *ledger, struct ledger_claim *claim, decimal amount)
{
    struct account *account = account_of_claim(ledger, claim);

    account->held = decimal_add(decimal_sub(account->held, claim->amount), amount);
    claim->amount = amount;
    assert(!decimal_is_negative(account->held));
}

static void add_working(struct ledger *ledger, const struct ledger_claim *claim, decimal size)
{
    struct future *future = &ledger->futures[claim->product];
    decimal *working = claim->side == SIDE_BUY ? &future->buys : &future->sells;

    *working = decimal_add(*working, size);
    assert(!decimal_is_negative(*working));
}

/* Whether margin and fee of `size` more working contracts are there; if so they work. */
static bool claim_future(struct ledger *ledger, const struct ledger_claim *claim, decimal size)
{
    struct future *future = &ledger->futures[claim->product];
    decimal before = size_at_worst(future);
    decimal fee = decimal_mul(value_of(ledger, claim->product, size, claim->price), claim->rate,
                              ROUND_UP);

    if (decimal_is_zero(future->mark))
        future->mark = claim->price;
    add_working(ledger, claim, size);
    if (!decimal_is_less(before, size_at_worst(future)) ||
        !decimal_is_less(available_in(ledger, ledger->quote[claim->product]), fee))
        return true;
    add_working(ledger, claim, decimal_negate(size));
    return false;
}

bool ledger_claim(struct ledger *ledger, struct ledger_claim *claim)
{
    claim->amount = DECIMAL_ZERO;
    if (is_future(ledger, claim->product))
        return claim_future(ledger, claim, claim->size);
    decimal amount = amount_of(ledger, claim);
    int account = (int)(account_of_claim(ledger, claim) - ledger->accounts);
    if (decimal_is_less(available_in(ledger, account), amount))
        return false;
    hold_instead(ledger, claim, amount);
    return true;
}

void ledger_release(struct ledger *ledger, struct ledger_claim *claim)
{
    if (is_future(ledger, claim->product))
        add_working(ledger, claim, decimal_negate(claim->size));
    else
        hold_instead(ledger, claim, DECIMAL_ZERO);
    claim->size = DECIMAL_ZERO;
}

bool ledger_reclaim(struct ledger *ledger, struct ledger_claim *claim, decimal size,
                    decimal price)
{
    struct ledger_claim old = *claim, new = *claim;

    ledger_release(ledger, claim);
    new.size = size;
    new.price = price;
    if (ledger_claim(ledger, &new)) {
        *claim = new;
        return true;
    }
    /* What it had is free again, and is taken back even if it would not be granted anew. */
    claim->size = old.size;
    if (is_future(ledger, old.product))
        add_working(ledger, claim, old.size);
    else
        hold_instead(ledger, claim, old.amount);
    return false;
}

void ledger_take_claim(struct ledger *ledger, const struct ledger_claim *claim)
{
    if (is_future(ledger, claim->product)) {
        add_working(ledger, claim, claim->size);
        return;
    }
    struct account *account = account_of_claim(ledger, claim);
    account->held = decimal_add(account->held, claim->amount);
}

decimal ledger_affordable(const struct ledger *ledger, const struct ledger_claim *claim,
                          decimal price)
{
    const struct product *product = product_of(ledger, claim->product);
    decimal available = available_in(ledger, ledger->quote[claim->product]);
    decimal funds = decimal_add(claim->amount, decimal_max(available, DECIMAL_ZERO));
    decimal size;

    if (product->type == PRODUCT_FUTURE || claim->side == SIDE_SELL)
        return claim->size;
    if (!decimal_is_less(
            funds, with_fee(value_of(ledger, claim->product, claim->size, price), claim->rate)))
        return claim->size;
    size = decimal_div(funds, with_fee(price, claim->rate), ROUND_DOWN);
    return decimal_quantize(size, product->base_increment, ROUND_DOWN);
}

/* Executions */

static void settle_spot(struct ledger *ledger, struct ledger_claim *claim, decimal size,
                        decimal value, decimal fee)
{
    struct account *base = account_base(ledger, claim->product);
    struct account *quote = account_quote(ledger, claim->product);

    if (claim->side == SIDE_BUY) {
        base->total = decimal_add(base->total, size);
        quote->total = decimal_sub(quote->total, decimal_add(value, fee));
    } else {
        base->total = decimal_sub(base->total, size);
        quote->total = decimal_add(quote->total, decimal_sub(value, fee));
    }
    claim->size = decimal_sub(claim->size, size);
    hold_instead(ledger, claim, amount_of(ledger, claim));
}

/* The cost of the part of the position that an opposite execution of this size closes. */
static decimal take_cost(struct ledger_position *position, decimal size)
{
    decimal held = decimal_abs(position->size);
    decimal part = decimal_is_less(size, held)
                       ? decimal_mul_div(position->cost, size, held, ROUND_HALF_EVEN)
                       : position->cost;

    position->cost = decimal_sub(position->cost, part);
    return part;
}

/* Signed size and value; what it realised. */
static decimal position_add(struct ledger_position *position, decimal size, decimal value)
{
    decimal closed = decimal_min(decimal_abs(size), decimal_abs(position->size));
    decimal realised = DECIMAL_ZERO;

    if (decimal_sign(size) == -decimal_sign(position->size)) {
        decimal out = decimal_mul_div(value, closed, decimal_abs(size), ROUND_HALF_EVEN);
        realised = decimal_sub(decimal_negate(out), take_cost(position, closed));
        value = decimal_sub(value, out);
    }
    position->size = decimal_add(position->size, size);
    position->cost = decimal_add(position->cost, value);
    return realised;
}

static decimal settle_future(struct ledger *ledger, struct ledger_claim *claim, decimal size,
                             decimal value, decimal fee)
{
    struct account *quote = account_quote(ledger, claim->product);
    bool buy = claim->side == SIDE_BUY;
    decimal realised =
        position_add(&ledger->futures[claim->product].position,
                     buy ? size : decimal_negate(size), buy ? value : decimal_negate(value));

    quote->total = decimal_add(quote->total, decimal_sub(realised, fee));
    add_working(ledger, claim, decimal_negate(size));
    claim->size = decimal_sub(claim->size, size);
    return realised;
}

decimal ledger_settle(struct ledger *ledger, struct ledger_claim *claim, decimal size,
                      decimal value, decimal fee)
{
    assert(decimal_is_positive(size) && !decimal_is_less(claim->size, size));
    if (is_future(ledger, claim->product))
        return settle_future(ledger, claim, size, value, fee);
    settle_spot(ledger, claim, size, value, fee);
    return DECIMAL_ZERO;
}

/* Reading */

void ledger_set_mark(struct ledger *ledger, product_ref product, decimal mark)
{
    ledger->futures[product].mark = mark;
}

void ledger_set_position(struct ledger *ledger, product_ref product,
                         struct ledger_position position)
{
    ledger->futures[product].position = position;
}

struct ledger_position ledger_position(const struct ledger *ledger, product_ref product)
{
    return ledger->futures[product].position;
}

decimal ledger_position_price(const struct ledger *ledger, product_ref product)
{
    struct ledger_position position = ledger_position(ledger, product);
    decimal units =
        decimal_mul(position.size, product_of(ledger, product)->contract_size, ROUND_HALF_EVEN);

    if (decimal_is_zero(units))
        return DECIMAL_ZERO;
    return decimal_div(position.cost, units, ROUND_HALF_EVEN);
}

int ledger_currency_count(const struct ledger *ledger)
{
    return ledger->account_count;
}

const char *ledger_currency_at(const struct ledger *ledger, int index)
{
    assert(index >= 0 && index < ledger->account_count);
    return ledger->accounts[index].currency;
}

decimal ledger_total(const struct ledger *ledger, const char *currency)
{
    int account = account_find(ledger, currency);

    return account == NO_ACCOUNT ? DECIMAL_ZERO : ledger->accounts[account].total;
}

decimal ledger_held(const struct ledger *ledger, const char *currency)
{
    int account = account_find(ledger, currency);

    return account == NO_ACCOUNT ? DECIMAL_ZERO : ledger->accounts[account].held;
}

decimal ledger_available(const struct ledger *ledger, const char *currency)
{
    int account = account_find(ledger, currency);

    return account == NO_ACCOUNT ? DECIMAL_ZERO : available_in(ledger, account);
}

decimal ledger_maintenance(const struct ledger *ledger, const char *currency)
{
    decimal sum = DECIMAL_ZERO;

    for (int i = 0; i < ledger->products->count; i++) {
        const struct product *product = &ledger->products->items[i];
        const struct future *future = &ledger->futures[i];
        if (product->type != PRODUCT_FUTURE || strcmp(product->quote, currency) != 0)
            continue;
        decimal value =
            value_of(ledger, (product_ref)i, decimal_abs(future->position.size), future->mark);
        sum = decimal_add(sum, decimal_mul(value, product->maintenance_margin, ROUND_UP));
    }
    return sum;
}

decimal ledger_equity(const struct ledger *ledger, const char *currency)
{
    decimal sum = decimal_sub(ledger_total(ledger, currency), ledger_held(ledger, currency));

    for (int i = 0; i < ledger->products->count; i++)
        if (is_future(ledger, (product_ref)i) &&
            strcmp(ledger->products->items[i].quote, currency) == 0)
            sum = decimal_add(sum, unrealised_of(ledger, (product_ref)i));
    return sum;
}

void ledger_check(const struct ledger *ledger)
{
    for (int i = 0; i < ledger->account_count; i++) {
        const struct account *account = &ledger->accounts[i];
        decimal free = decimal_sub(account->total, account->held);
        assert(!decimal_is_negative(account->held));
        assert(ledger->has_futures || free.units >= -ROUNDING_SLACK);
    }
}
