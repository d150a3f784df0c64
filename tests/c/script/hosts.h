/* Helpers of the tests that call scripts through their hosts: a product, an account and a view
 * to show them. */
#ifndef TESTS_SCRIPT_HOSTS_H
#define TESTS_SCRIPT_HOSTS_H

#include <stdio.h>
#include <string.h>

#include "script/strategy_host.h"
#include "venue/catalogue.h"

#include "check.h"

struct rig {
    struct product_table products;
    struct portfolio *portfolio;
    struct market markets[2];
    struct view view;
    struct strategy_host *host;
    struct strategy_port port;
    struct decision_list decisions; /* of the last call */
    struct fault why;
    nanos next_bar;
};

/* Writes a script into the test's folder; its path, good until the next. */
static inline const char *script_path(const char *text)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/s.lua", check_tmp());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

/* A fault's sentence without the folder of the test's script. */
static inline const char *without_folder(const struct fault *why)
{
    static char text[FAULT_TEXT_MAX];
    char folder[256], *at;

    snprintf(folder, sizeof folder, "%s/", check_tmp());
    snprintf(text, sizeof text, "%s", why->text);
    while ((at = strstr(text, folder)))
        memmove(at, at + strlen(folder), strlen(at + strlen(folder)) + 1);
    return text;
}

static inline void rig_init(struct rig *rig)
{
    static const char *const symbols[] = {"BTC-USD", "BIP-20DEC30-CDE"};
    struct product product;
    product_ref ref;

    memset(rig, 0, sizeof *rig);
    product_table_init(&rig->products);
    for (int i = 0; i < 2; i++) {
        assert_true(catalogue_find(symbols[i], &product, NULL));
        assert_int_equal(product_table_add(&rig->products, &product, &ref, NULL), OK);
    }
    rig->portfolio = portfolio_new(&rig->products, "USD");
    portfolio_set_balance(rig->portfolio, "USD", D(10000));
    for (int i = 0; i < 2; i++)
        rig->markets[i] =
            (struct market){.product = &rig->products.items[i], .ref = (product_ref)i};
    rig->view = (struct view){
        .now = SECONDS(1700000000),
        .market = &rig->markets[0],
        .markets = rig->markets,
        .products = &rig->products,
        .portfolio = rig->portfolio,
        .equity = D(10000),
        .day_start_equity = D(10000),
        .peak_equity = D(10000),
        .level = LEVEL_NORMAL,
    };
    rig->next_bar = SECONDS(1700000040); /* a whole minute */
}

static inline enum err rig_load(struct rig *rig, const char *text,
                                const struct script_options *given)
{
    struct script_options options = {.name = script_path(text), .timeframe = MINUTES(1)};

    if (given) {
        options = *given;
        options.name = script_path(text);
        options.timeframe = options.timeframe ? options.timeframe : MINUTES(1);
    }
    rig_init(rig);
    enum err err = strategy_host_new(&options, &rig->products, 0, &rig->host, &rig->why);
    if (!err)
        rig->port = strategy_host_port(rig->host);
    return err;
}

static inline enum err rig_call(struct rig *rig, const struct strategy_call *call)
{
    rig->decisions.count = 0;
    rig->why = (struct fault){OK, ""};
    return rig->port.call(rig->port.ctx, call, &rig->decisions, &rig->why);
}

static inline enum err rig_hook(struct rig *rig, enum hook hook)
{
    struct strategy_call call = {.hook = hook, .view = &rig->view};

    return rig_call(rig, &call);
}

static inline enum err rig_bar(struct rig *rig, int64_t close)
{
    struct event event = {.kind = EVENT_BAR};

    event.bar = (struct bar){
        rig->next_bar, MINUTES(1), D(close), D(close), D(close), D(close), D(1),
    };
    rig->next_bar += MINUTES(1);
    event.time = rig->next_bar;
    rig->view.now = event.time;
    market_apply(&rig->markets[0], &event);
    struct strategy_call call = {.hook = HOOK_BAR, .event = &event, .view = &rig->view};
    return rig_call(rig, &call);
}

static inline void rig_clear(struct rig *rig)
{
    strategy_host_free(rig->host);
    portfolio_free(rig->portfolio);
}

/* A strategy that starts and handles bars. */
static inline struct rig *rig_start(const char *text)
{
    static struct rig rig;

    if (rig_load(&rig, text, NULL) ||
        (rig.port.wants & HOOK_BIT(HOOK_START) && rig_hook(&rig, HOOK_START)))
        fail_msg("%s", rig.why.text);
    return &rig;
}

#endif
