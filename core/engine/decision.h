/* What a strategy wants, as plain data. It is a wish: the engine turns it into
 * an order only through the whole pipeline, and trusts nothing in it.
 *
 * A buy or sell without a size is an entry signal: it is sized by the sizing
 * rule, and does nothing while a position or a working entry of that direction
 * exists, so that a signal that repeats does not pyramid. With a size it is an
 * order, whatever is held. A sell without a size closes a long position; where
 * nothing is held and the product cannot be short it does nothing. `close`
 * reduces the whole position, and does nothing when flat. `amend` changes size or
 * prices of a working order, and does nothing when it works no more. `protect`
 * puts the exits of a plan in the place of those that guard the position now; with
 * an empty plan it takes them away. */
#ifndef ENGINE_DECISION_H
#define ENGINE_DECISION_H

#include <stdbool.h>

#include "base/decimal.h"
#include "model/order.h"

enum action {
    ACTION_HOLD,
    ACTION_BUY,
    ACTION_SELL,
    ACTION_CLOSE,
    ACTION_CANCEL,
    ACTION_AMEND,
    ACTION_PROTECT,
    ACTION_COUNT
};

const char *action_name(enum action action);
bool action_parse(const char *text, enum action *out);

/* How a position is to be left (engine/exits.h): a level as a price, or as a share of the price
 * that was paid; zero: none. The trail is a distance from the best price, or a share of it. */
struct exit_plan {
    decimal stop, target, trail;
    decimal stop_share, target_share, trail_share;
};

struct decision {
    enum action action;
    product_ref product;
    enum order_type type;
    enum time_in_force tif;
    bool post_only, reduce_only;
    bool has_size;       /* else the sizing rule decides */
    decimal size;        /* base units, as the script said: not yet rounded to steps */
    decimal limit_price; /* likewise; zero: none */
    decimal stop_price;
    struct exit_plan plan; /* of what it enters, or of ACTION_PROTECT */
    nanos expires;
    decimal confidence; /* 0..1 */
    order_number
        order; /* of ACTION_AMEND: this one; of _CANCEL likewise, 0: all of the product */
    char reason[ORDER_REASON_MAX];
};

enum { DECISIONS_MAX = 64 };

struct decision_list {
    int count;
    struct decision items[DECISIONS_MAX];
};

#endif
