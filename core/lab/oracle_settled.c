/* What holds once all is quiet. */
#include <stdarg.h>
#include <stdio.h>

#include "lab/oracle_private.h"

PRINTF_LIKE(2, 3) static bool differ(char *difference, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(difference, FAULT_TEXT_MAX, format, args);
    va_end(args);
    return false;
}

static bool differ_in(char *difference, const char *what, const char *of, decimal ours,
                      decimal truth)
{
    char is[DECIMAL_TEXT_MAX], should[DECIMAL_TEXT_MAX];

    if (decimal_is_equal(ours, truth))
        return true;
    return differ(difference, "%s of %s: the engine says %s, the venue %s", what, of,
                  decimal_format(ours, is), decimal_format(truth, should));
}

static const char *const sim_states[] = {[SIM_OPEN] = "open",
                                         [SIM_FILLED] = "filled",
                                         [SIM_CANCELED] = "canceled",
                                         [SIM_EXPIRED] = "expired"};

static bool is_state_of(enum order_state ours, enum sim_state truth)
{
    switch (truth) {
    case SIM_OPEN:
        return ours == ORDER_NEW || ours == ORDER_PARTIALLY_FILLED;
    case SIM_FILLED:
        return ours == ORDER_FILLED;
    default:
        return order_state_is_final(ours) && ours != ORDER_FILLED;
    }
}

/* Orders of others have to be known while they work. */
static bool is_known(const struct oracle *oracle, const struct sim_order *truth,
                     char *difference)
{
    const struct order *ours = oms_find_venue(engine_oms(oracle->engine), &truth->venue_id);

    if (truth->state == SIM_OPEN &&
        oracle->setup.settings->reconcile.external_orders == EXTERNAL_CANCEL)
        return differ(difference,
                      "order %s of somebody else works, and the policy is to cancel",
                      truth->venue_id.text);
    if (truth->state != SIM_OPEN)
        return !ours || !order_state_is_open(ours->state) ||
               differ(difference, "order %s of somebody else is over and %s here",
                      truth->venue_id.text, order_state_name(ours->state));
    if (!ours || !order_state_is_open(ours->state))
        return differ(difference, "order %s of somebody else works and is not counted",
                      truth->venue_id.text);
    return differ_in(difference, "filled", truth->venue_id.text, ours->filled, truth->filled);
}

/* V12 */
static bool are_cancels_settled(const struct oracle *oracle, char *difference)
{
    for (size_t i = 0; i < oracle->canceled_count; i++) {
        const struct sim_order *order = simulator_find(
            oracle->setup.venue, &oracle->sent[i]->client_id, &(venue_order_id){""});
        if (order && order->state == SIM_OPEN)
            return differ(difference, "order %s was to be canceled, and works",
                          oracle->sent[i]->client_id.text);
    }
    return true;
}

static bool is_order_settled(const struct oracle *oracle, const struct sim_order *truth,
                             char *difference)
{
    const struct order *ours =
        oms_find_client(engine_oms(oracle->engine), &truth->request.client_id);
    const char *id = truth->request.client_id.text;

    if (!ours)
        return truth->state != SIM_OPEN ||
               differ(difference, "order %s works at the venue and is unknown here", id);
    if (!is_state_of(ours->state, truth->state))
        return differ(difference, "order %s is %s here and %s at the venue", id,
                      order_state_name(ours->state), sim_states[truth->state]);
    return differ_in(difference, "filled", id, ours->filled, truth->filled) &&
           differ_in(difference, "value", id, ours->filled_value, truth->value) &&
           differ_in(difference, "fees", id, ours->fees, truth->fees);
}

static bool are_orders_settled(const struct oracle *oracle, char *difference)
{
    const struct simulator *venue = oracle->setup.venue;
    const struct oms *oms = engine_oms(oracle->engine);

    for (uint64_t i = 0; i < simulator_order_count(venue); i++) {
        const struct sim_order *order = simulator_order_at(venue, i);
        if (order->is_external ? !is_known(oracle, order, difference)
                               : !is_order_settled(oracle, order, difference))
            return false;
    }
    for (int i = 0; i < oms_open_count(oms); i++) {
        const struct order *order = oms_open(oms)[i];
        if (!simulator_find(venue, &order->request.client_id, &order->venue_id))
            return differ(difference, "order %s is %s here and not at the venue",
                          order->request.client_id.text, order_state_name(order->state));
    }
    return true;
}

/* What the venue would take; less than that nobody can close. */
static bool can_close(const struct oracle *oracle, product_ref product, decimal size)
{
    const struct product *rules = oracle_product(oracle, product);
    decimal mark = portfolio_mark(engine_portfolio(oracle->engine), product);
    decimal rest = product_round_size(rules, decimal_abs(size));

    return decimal_is_positive(rest) && decimal_compare(rest, rules->base_min_size) >= 0 &&
           decimal_compare(oracle_value_of(oracle, product, rest, mark),
                           rules->quote_min_size) >= 0;
}

/* V10 */
static bool is_flat(const struct oracle *oracle, char *difference)
{
    const struct portfolio *portfolio = engine_portfolio(oracle->engine);
    char left[DECIMAL_TEXT_MAX];

    for (int i = 0; oracle->is_flattening && i < oracle->setup.products->count; i++) {
        const struct product *rules = oracle_product(oracle, (product_ref)i);
        decimal size = portfolio_position(portfolio, (product_ref)i)->size;
        if (rules->type == PRODUCT_SPOT && decimal_is_negative(size))
            continue; /* coins of somebody else that were sold */
        if (can_close(oracle, (product_ref)i, size))
            return differ(difference, "flatten left %s of %s", decimal_format(size, left),
                          rules->symbol);
    }
    return true;
}

/* Coins that somebody else trades are his. Where he is adopted, those of his that the engine
 * has seen traded are its position too, and it need not have seen all. */
static bool are_coins_settled(const struct oracle *oracle, product_ref product,
                              char *difference)
{
    const struct product *rules = oracle_product(oracle, product);
    decimal size = portfolio_position(engine_portfolio(oracle->engine), product)->size;
    decimal ours = oracle->ours[product];

    if (oracle->setup.settings->reconcile.external_orders != EXTERNAL_ADOPT)
        return differ_in(difference, "position", rules->symbol, size, ours);
    return (decimal_compare(size, decimal_sub(ours, oracle->sold[product])) >= 0 &&
            decimal_compare(size, decimal_add(ours, oracle->bought[product])) <= 0) ||
           differ(difference, "the position in %s holds coins of nobody", rules->symbol);
}

static bool are_positions_settled(const struct oracle *oracle, char *difference)
{
    const struct portfolio *portfolio = engine_portfolio(oracle->engine);

    for (int i = 0; i < oracle->setup.products->count; i++) {
        const struct product *product = oracle_product(oracle, (product_ref)i);
        if (product->type == PRODUCT_SPOT &&
            !are_coins_settled(oracle, (product_ref)i, difference))
            return false;
        if (product->type == PRODUCT_FUTURE &&
            !differ_in(difference, "position", product->symbol,
                       portfolio_position(portfolio, (product_ref)i)->size,
                       oracle->positions[i]))
            return false;
    }
    return true;
}

bool oracle_is_settled(struct oracle *oracle, char difference[FAULT_TEXT_MAX])
{
    const struct ledger *ledger = simulator_ledger(oracle->setup.venue);
    const struct portfolio *portfolio = engine_portfolio(oracle->engine);

    if (!are_positions_settled(oracle, difference) || !is_flat(oracle, difference))
        return false;
    if (!are_orders_settled(oracle, difference) || !are_cancels_settled(oracle, difference))
        return false;
    for (int i = 0; i < ledger_currency_count(ledger); i++) {
        const char *currency = ledger_currency_at(ledger, i);
        if (!differ_in(difference, "balance", currency,
                       portfolio_balance(portfolio, currency).total,
                       ledger_total(ledger, currency)))
            return false;
    }
    return true;
}
