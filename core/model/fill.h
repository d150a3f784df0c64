/* One execution: an exchange of base for quote at a price, and its fee. */
#ifndef MODEL_FILL_H
#define MODEL_FILL_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "model/fees.h"
#include "model/ids.h"
#include "model/side.h"

struct fill {
    fill_id id;
    order_number order; /* 0 on a fill that is no order of ours */
    product_ref product;
    enum side side;
    decimal size;  /* > 0, base units or contracts */
    decimal price; /* > 0 */
    decimal
        value;   /* quote units: what the venue says; price * size * contract size otherwise */
    decimal fee; /* quote units; negative is a rebate */
    enum liquidity liquidity;
    bool is_inferred; /* made here from cumulative totals, not reported as such */
    nanos time;
};

#endif
