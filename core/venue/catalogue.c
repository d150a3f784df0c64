#include "venue/catalogue.h"

#include <assert.h>
#include <string.h>

/* Numbers as the venue writes them: text. */
struct row {
    const char *symbol, *base, *quote, *path;
    enum product_type type;
    const char *base_increment, *price_increment, *base_min, *base_max;
    const char *quote_min, *quote_max, *contract_size;
    const char *initial_margin, *maintenance_margin, *price_band;
    const char *price;
    int volatility_bps, spread_centibps, trades_per_minute;
    const char *size;
};

#define SPOT(coin, step, tick, min, max, value_max)                                            \
    .symbol = coin "-USD", .base = coin, .quote = "USD", .path = coin "-USD",                  \
    .type = PRODUCT_SPOT, .base_increment = step, .price_increment = tick, .base_min = min,    \
    .base_max = max, .quote_min = "1", .quote_max = value_max, .contract_size = "1",           \
    .initial_margin = "1", .maintenance_margin = "1", .price_band = "0"

#define MARKET(at, volatility, spread, trades, typical)                                        \
    .price = at, .volatility_bps = volatility, .spread_centibps = spread,                      \
    .trades_per_minute = trades, .size = typical

static const struct row rows[] = {
    {SPOT("BTC", "0.00000001", "0.01", "0.00000001", "3400", "150000000"),
     MARKET("60000", 250, 10, 120, "0.01")},
    {SPOT("ETH", "0.00000001", "0.01", "0.00000001", "42000", "150000000"),
     MARKET("3000", 320, 20, 90, "0.2")},
    {SPOT("SOL", "0.00000001", "0.01", "0.00000001", "600000", "50000000"),
     MARKET("150", 430, 70, 60, "2.5")},
    {SPOT("XRP", "0.000001", "0.0001", "0.000001", "5000000", "20000000"),
     MARKET("0.6", 400, 170, 45, "450")},
    {SPOT("LTC", "0.00000001", "0.01", "0.00000001", "150000", "20000000"),
     MARKET("80", 360, 130, 20, "1")},
    {SPOT("ADA", "0.00000001", "0.0001", "0.00000001", "10000000", "20000000"),
     MARKET("0.45", 420, 220, 20, "300")},
    {SPOT("DOGE", "0.1", "0.00001", "0.1", "80000000", "20000000"),
     MARKET("0.15", 480, 100, 30, "1700")},
    {SPOT("BCH", "0.00000001", "0.01", "0.00000001", "45000", "20000000"),
     MARKET("400", 400, 100, 15, "0.2")},
    {SPOT("AVAX", "0.00000001", "0.01", "0.00000001", "500000", "20000000"),
     MARKET("30", 460, 330, 20, "4")},
    {SPOT("LINK", "0.01", "0.001", "0.01", "1000000", "20000000"),
     MARKET("15", 440, 130, 20, "7")},
    /* A US perpetual-style future: nano bitcoin, a hundredth of a coin. The margins are the
     * overnight ones, which are the larger. */
    {.symbol = "BIP-20DEC30-CDE",
     .base = "",
     .quote = "USD",
     .path = "BTC-USD",
     .type = PRODUCT_FUTURE,
     .base_increment = "1",
     .price_increment = "5",
     .base_min = "1",
     .base_max = "5000",
     .quote_min = "0",
     .quote_max = "100000000",
     .contract_size = "0.01",
     .initial_margin = "0.3063",
     .maintenance_margin = "0.2456",
     .price_band = "0.1",
     MARKET("60130", 250, 80, 40, "4")},
};

int catalogue_count(void)
{
    return (int)ARRAY_LEN(rows);
}

const char *catalogue_symbol(int index)
{
    assert(index >= 0 && index < catalogue_count());
    return rows[index].symbol;
}

static decimal parse(const char *text)
{
    decimal out;
    enum err err = decimal_parse(text, strlen(text), &out, NULL);

    assert(!err);
    return out;
}

static struct product product_of(const struct row *row)
{
    struct product product = {
        .type = row->type,
        .base_increment = parse(row->base_increment),
        .quote_increment = parse("0.01"),
        .price_increment = parse(row->price_increment),
        .base_min_size = parse(row->base_min),
        .base_max_size = parse(row->base_max),
        .quote_min_size = parse(row->quote_min),
        .quote_max_size = parse(row->quote_max),
        .contract_size = parse(row->contract_size),
        .price_band = parse(row->price_band),
        .initial_margin = parse(row->initial_margin),
        .maintenance_margin = parse(row->maintenance_margin),
        .can_short = row->type == PRODUCT_FUTURE,
    };

    strcpy(product.symbol, row->symbol);
    strcpy(product.base, row->base);
    strcpy(product.quote, row->quote);
    return product;
}

static struct market_shape shape_of(const struct row *row)
{
    struct market_shape shape = {
        .price = parse(row->price),
        .volatility_bps = row->volatility_bps,
        .spread_centibps = row->spread_centibps,
        .trades_per_minute = row->trades_per_minute,
        .size = parse(row->size),
    };

    strcpy(shape.path, row->path);
    return shape;
}

bool catalogue_find(const char *symbol, struct product *product, struct market_shape *shape)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].symbol, symbol) != 0)
            continue;
        *product = product_of(&rows[i]);
        if (shape)
            *shape = shape_of(&rows[i]);
        return true;
    }
    return false;
}
