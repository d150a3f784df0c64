#include "engine/exit_terms.h"

/* Tries grow without end, the price does not. */
enum { STEPS_MAX = 1000 };

static decimal share_after(const struct exit_settings *settings, uint64_t tries)
{
    decimal steps = decimal_from_int(tries < STEPS_MAX ? (int64_t)tries : STEPS_MAX);
    decimal share = decimal_add(settings->limit_share,
                                decimal_mul(settings->limit_step_share, steps, ROUND_DOWN));

    return decimal_min(share, settings->limit_max_share);
}

/* The furthest price that the product's rules allow; zero: any. */
static decimal band_edge(const struct product *product, const struct fact_exit *exit,
                         decimal mark)
{
    decimal width;

    if (decimal_is_zero(product->price_band) || decimal_is_zero(mark) ||
        !decimal_try_mul(mark, product->price_band, ROUND_DOWN, &width))
        return DECIMAL_ZERO;
    return decimal_quantize(exit_worse_by(exit, mark, width), product->price_increment,
                            exit_sells(exit) ? ROUND_CEILING : ROUND_FLOOR);
}

static decimal limit_of(const struct exit_settings *settings, const struct product *product,
                        const struct fact_exit *exit, decimal touch, decimal mark)
{
    decimal share = share_after(settings, exit->tries), edge = band_edge(product, exit, mark);
    decimal limit = decimal_quantize(
        exit_worse_by(exit, touch, decimal_mul(touch, share, ROUND_DOWN)),
        product->price_increment, exit_sells(exit) ? ROUND_FLOOR : ROUND_CEILING);

    if (decimal_is_positive(edge))
        limit = exit_sells(exit) ? decimal_max(limit, edge) : decimal_min(limit, edge);
    return decimal_max(limit, product->price_increment);
}

bool exit_terms_make(const struct exit_settings *settings, const struct product *product,
                     const struct fact_exit *exit, decimal touch, decimal mark,
                     struct order_request *out)
{
    bool is_limit =
        settings->order == EXIT_BY_LIMIT || product->limit_only || product->auction_mode;

    *out = (struct order_request){.product = exit->product,
                                  .side = exit->side,
                                  .type = is_limit ? ORDER_LIMIT : ORDER_MARKET,
                                  .tif = product->auction_mode ? TIF_GTC : TIF_IOC,
                                  .reduce_only = true,
                                  .size = exit->size};
    if (decimal_is_positive(product->base_max_size))
        out->size = decimal_min(out->size, product->base_max_size);
    if (!is_limit)
        return true;
    if (!decimal_is_positive(touch))
        return false;
    out->limit_price = limit_of(settings, product, exit, touch, mark);
    return true;
}

bool exit_terms_trade_again(const struct product *product)
{
    return !product->auction_mode && !product->trading_disabled && !product->cancel_only &&
           !product->view_only && !product->post_only;
}
