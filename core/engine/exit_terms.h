/* Of what order an exit makes its way out: the kind that its product takes just now, and
 * the price. Pure.
 *
 *   product            order
 *   trades             market, immediate or cancel; or a limit, if the settings say so
 *   limit_only         limit, immediate or cancel
 *   auction_mode       limit that rests: it is matched when the auction ends
 *   anything else      as one that trades; the pipeline refuses it, and the exit waits
 *
 * A limit is beyond the touch by `exits.limit_share`, and by `exits.limit_step_share` more
 * for each order in a row that nobody took, up to `exits.limit_max_share`. It is rounded
 * towards trading, and stays within the product's price band, rounded into it. */
#ifndef ENGINE_EXIT_TERMS_H
#define ENGINE_EXIT_TERMS_H

#include "engine/exit.h"
#include "engine/settings.h"
#include "model/product.h"

/* For all that is left, or the product's largest size. `touch` is what an order would get at
 * best, `mark` the middle of the band; zero: not known. False when a price is needed and none
 * is known. */
bool exit_terms_make(const struct exit_settings *settings, const struct product *product,
                     const struct fact_exit *exit, decimal touch, decimal mark,
                     struct order_request *out);

/* Whether an order that rests for the end of an auction has lost its purpose: the product
 * trades again. */
bool exit_terms_trade_again(const struct product *product);

#endif
