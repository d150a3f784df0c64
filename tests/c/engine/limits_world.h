/* The limits alone: a portfolio, orders that work, markets, and one order to ask about. */
#ifndef TESTS_LIMITS_WORLD_H
#define TESTS_LIMITS_WORLD_H

#include "engine/limits.h"

#include "engine_world.h"

struct rig {
    struct product_table products;
    struct engine_settings settings;
    struct portfolio *portfolio;
    struct oms *oms;
    struct pace *pace;
    struct equity_watch watch;
    struct market markets[PRODUCTS_MAX];
    struct view view;
    struct order_request request;
    struct limit_check check;
    decimal price; /* of the order; zero: the mark */
    const struct order *changed;
    bool asks_all; /* rows that are not set as well */
};

static inline void set_mark(struct rig *rig, product_ref product, const char *price)
{
    rig->markets[product].mark = dec(price);
    portfolio_set_mark(rig->portfolio, product, dec(price), 1);
}

/* Marks: BTC 100, ETH 10, and BIP 100, of which a contract is worth 1. Cash: 10000. */
static inline struct rig *rig_new(void)
{
    struct rig *rig = mem_new(sizeof *rig);
    struct product products[] = {sample_spot("BTC", "USD"), sample_spot("ETH", "USD"),
                                 sample_future()};

    product_table_init(&rig->products);
    for (size_t i = 0; i < ARRAY_LEN(products); i++) {
        product_ref ref;
        assert_int_equal(product_table_add(&rig->products, &products[i], &ref, NULL), OK);
        rig->markets[i] =
            (struct market){.product = &rig->products.items[i], .ref = (product_ref)i};
    }
    engine_settings_init_unlimited(&rig->settings);
    rig->settings.taker_rate = DECIMAL_ZERO;
    rig->portfolio = portfolio_new(&rig->products, "USD");
    portfolio_set_balance(rig->portfolio, "USD", D(10000));
    rig->oms = oms_new(&rig->products, rig->portfolio, DECIMAL_ZERO);
    rig->pace = pace_new();
    set_mark(rig, BTC, "100");
    set_mark(rig, ETH, "10");
    set_mark(rig, BIP, "100");
    return rig;
}

static inline void rig_free(struct rig *rig)
{
    for (size_t i = 0; i < 3; i++)
        order_book_free(rig->markets[i].book);
    pace_free(rig->pace);
    oms_free(rig->oms);
    portfolio_free(rig->portfolio);
    mem_free(rig);
}

static inline void traded(struct rig *rig, product_ref product, enum side side,
                          const char *size, const char *price)
{
    struct fill fill = {
        .id = {"f"}, .product = product, .side = side, .size = dec(size), .price = dec(price)};

    assert_true(
        product_value(&rig->products.items[product], fill.size, fill.price, &fill.value));
    portfolio_apply_fill(rig->portfolio, &fill);
}

static inline void bought(struct rig *rig, product_ref product, const char *size,
                          const char *price)
{
    traded(rig, product, SIDE_BUY, size, price);
}

static inline void works(struct rig *rig, product_ref product, enum side side, const char *size,
                         const char *price)
{
    struct order order = {.number = oms_next_number(rig->oms),
                          .request = sample_limit(side, size, price),
                          .state = ORDER_NEW,
                          .reserved_price = dec(price)};

    order.request.product = product;
    snprintf(order.request.client_id.text, CLIENT_ORDER_ID_MAX, "o-%llu",
             (unsigned long long)order.number);
    oms_add(rig->oms, &order);
}

/* Whether all rows are asked or only those that are not idle. */
static inline void assert_idle_rows_say_nothing(const struct limit_check *check,
                                                enum stage stage, enum refusal code)
{
    struct limit_check all = *check;
    char detail[LIMIT_DETAIL_MAX] = "";
    const char *by, *by_all;

    all.idle = 0;
    assert_int_equal(limits_check(&all, stage, detail), code);
    decimal size = limits_cap(check, check->request->size, &by);
    assert_true(decimal_is_equal(limits_cap(&all, check->request->size, &by_all), size));
    assert_ptr_equal(by, by_all);
}

static inline enum refusal ask(struct rig *rig, enum stage stage, product_ref product,
                               enum side side, const char *size)
{
    char detail[LIMIT_DETAIL_MAX] = "";

    rig->request.product = product;
    rig->request.side = side;
    rig->request.size = dec(size);
    rig->view = (struct view){
        .now = rig->view.now,
        .market = &rig->markets[product],
        .markets = rig->markets,
        .products = &rig->products,
        .portfolio = rig->portfolio,
        .equity = portfolio_equity(rig->portfolio),
    };
    rig->check = (struct limit_check){
        .settings = &rig->settings,
        .view = &rig->view,
        .oms = rig->oms,
        .pace = rig->pace,
        .watch = &rig->watch,
        .request = &rig->request,
        .price = decimal_is_zero(rig->price) ? rig->markets[product].mark : rig->price,
        .reduces = rig->check.reduces,
        .idle = rig->asks_all ? 0 : limits_idle(&rig->settings.limits),
        .changed = rig->changed,
    };
    enum refusal code = limits_check(&rig->check, stage, detail);
    assert_int_equal(code != REFUSAL_NONE, detail[0] != '\0');
    assert_idle_rows_say_nothing(&rig->check, stage, code);
    return code;
}

/* The largest size that passes, and the smallest that does not with its code. */
static inline void edge(struct rig *rig, enum stage stage, product_ref product, enum side side,
                        const char *passes, const char *fails, const char *code)
{
    assert_string_equal(refusal_name(ask(rig, stage, product, side, passes)), "none");
    assert_string_equal(refusal_name(ask(rig, stage, product, side, fails)), code);
}

#define HARD  STAGE_HARD_LIMITS
#define TRADE STAGE_PRE_TRADE

static inline struct symbol_limits *btc_limits(struct rig *rig)
{
    struct symbol_limits *own = &rig->settings.limits.symbols[0];

    rig->settings.limits.symbol_count = 1;
    strcpy(own->symbol, "BTC-USD");
    return own;
}

static inline const char *at_limit(struct rig *rig, const char *price)
{
    rig->request.type = ORDER_LIMIT;
    rig->request.limit_price = dec(price);
    return refusal_name(ask(rig, STAGE_EXCHANGE_RULES, BTC, SIDE_BUY, "1"));
}

static inline void quote(struct rig *rig, const char *bid, const char *ask_price)
{
    rig->markets[BTC].quote.bid = dec(bid);
    rig->markets[BTC].quote.ask = dec(ask_price);
}

static inline void level(struct rig *rig, enum side side, const char *price, const char *size)
{
    if (!rig->markets[BTC].book)
        rig->markets[BTC].book = order_book_new();
    order_book_set_level(rig->markets[BTC].book, side, dec(price), dec(size));
}

static inline const char *slips(struct rig *rig, enum order_type type, const char *size)
{
    rig->request.type = type;
    return refusal_name(ask(rig, STAGE_SLIPPAGE, BTC, SIDE_BUY, size));
}

#endif
