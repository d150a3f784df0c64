/* Names of things, as distinct types, so that one cannot be passed for another. */
#ifndef MODEL_IDS_H
#define MODEL_IDS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A product's place in the run's product table (model/product.h). Never stored:
 * the journal and the wire carry the symbol's text. */
typedef uint16_t product_ref;
#define PRODUCT_NONE ((product_ref)UINT16_MAX)

enum {
    SYMBOL_MAX = 32,          /* "BTC-USD", "BIP-20DEC30-CDE"; with the NUL */
    CURRENCY_MAX = 16,        /* "USD" */
    CLIENT_ORDER_ID_MAX = 37, /* the venue's longest accepted id is 36 characters */
    VENUE_ORDER_ID_MAX = 48,
    FILL_ID_MAX = 64,
    STRATEGY_NAME_MAX = 48,
};

/* Ours: stable over retries and restarts, made once from (bot, run, number). */
typedef struct {
    char text[CLIENT_ORDER_ID_MAX];
} client_order_id;

/* The venue's; empty until it has answered. */
typedef struct {
    char text[VENUE_ORDER_ID_MAX];
} venue_order_id;

/* One per fill at the venue; made from (order, cumulative size) where the venue gives none. */
typedef struct {
    char text[FILL_ID_MAX];
} fill_id;

/* The engine's number of an order, counted over the life of the journal; 0 is none. */
typedef uint64_t order_number;

static inline bool client_order_id_is_equal(const client_order_id *a, const client_order_id *b)
{
    return strcmp(a->text, b->text) == 0;
}

static inline bool venue_order_id_is_equal(const venue_order_id *a, const venue_order_id *b)
{
    return strcmp(a->text, b->text) == 0;
}

#endif
