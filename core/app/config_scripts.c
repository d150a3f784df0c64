#include "app/config_scripts.h"

#include <stdio.h>
#include <string.h>

#include "app/profile_scripts.h"
#include "base/text.h"
#include "venue/catalogue.h"

struct check {
    const struct config *config;
    struct product_table products;
    struct buf *problems;
    enum err first;
};

/* A product to load strategies for, with rules that fit anything: no order is ever made. */
static enum err add_product(struct check *check, struct fault *why)
{
    struct product product = {.type = PRODUCT_SPOT};
    const char *symbol = check->config->run.symbols.items[0];
    size_t base = strcspn(symbol, "-");
    product_ref ref;

    snprintf(product.symbol, sizeof product.symbol, "%s", symbol);
    snprintf(product.base, sizeof product.base, "%.*s", (int)(base < 15 ? base : 15), symbol);
    snprintf(product.quote, sizeof product.quote, "%.15s", check->config->engine.currency);
    product.base_increment = product.quote_increment = product.price_increment =
        (decimal){DECIMAL_ONE / 100000000};
    product.base_min_size = product.quote_min_size = product.base_increment;
    product.base_max_size = product.quote_max_size = D(1000000000);
    product.contract_size = product.initial_margin = product.maintenance_margin = D(1);
    product_table_init(&check->products);
    return product_table_add(&check->products, &product, &ref, why);
}

/* Parameters and syntax errors carry their own place; what is missing is told where it was
 * asked for. A parameter that does not fit is a mistake of the profile, not of the usage. */
static void note(struct check *check, enum err err, const char *key, struct fault *why)
{
    struct option_origin origin = options_origin(check->config->options, key);

    if (!err)
        return;
    if (err == ERR_MISSING || err == ERR_RANGE)
        fault_prefix(why, "%s%s%s: ", origin.where, origin.where[0] ? ": " : "", key);
    buf_add_format(check->problems, "%s\n", why->text);
    if (!check->first)
        check->first = err == ERR_USAGE ? ERR_PARSE : err;
}

static enum err refuse_symbol(const char *symbol, struct fault *why)
{
    const char *names[PRODUCTS_MAX];
    struct buf list = BUF_INIT;

    for (int i = 0; i < catalogue_count(); i++) {
        names[i] = catalogue_symbol(i);
        buf_add_format(&list, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = text_nearest(symbol, names, catalogue_count());
    fail(why, ERR_MISSING, "the mock venue has no product %s%s%s%s; it has %s", symbol,
         near ? ", did you mean " : "", near ? near : "", near ? "?" : "", buf_text(&list));
    buf_clear(&list);
    return ERR_MISSING;
}

/* What trades on the mock venue must be something it makes a market of. */
static void check_symbols(struct check *check)
{
    const struct option_symbols *symbols = &check->config->run.symbols;

    for (int i = 0; check->config->run.venue == VENUE_MOCK && i < symbols->count; i++) {
        struct product product;
        struct fault why;
        if (!catalogue_find(symbols->items[i], &product, NULL))
            note(check, refuse_symbol(symbols->items[i], &why), "symbols", &why);
    }
}

/* An entry that no order could have would be refused a thousand times, and never trade. */
static enum err check_size(const struct product *product, decimal size, struct fault *why)
{
    char text[DECIMAL_TEXT_MAX], min[DECIMAL_TEXT_MAX], step[DECIMAL_TEXT_MAX];

    if (decimal_is_zero(size) ||
        !decimal_is_less(product_round_size(product, size), product->base_min_size))
        return OK;
    return fail(
        why, ERR_RANGE,
        "%s is below the smallest order of %s, %s (in steps of %s): no entry could trade",
        decimal_format(size, text), product->symbol,
        decimal_format(product->base_min_size, min),
        decimal_format(product->base_increment, step));
}

static void check_sizes(struct check *check)
{
    const struct option_symbols *symbols = &check->config->run.symbols;
    const struct engine_settings *engine = &check->config->engine;
    char key[OPTION_KEY_MAX];

    for (int i = 0; i < symbols->count; i++) {
        struct product product;
        struct fault why;
        bool is_own = false;
        if (!catalogue_find(symbols->items[i], &product, NULL))
            continue;
        for (int k = 0; k < engine->size_count; k++)
            is_own = is_own || strcmp(engine->sizes[k].symbol, product.symbol) == 0;
        snprintf(key, sizeof key, "sizing.size%s%s", is_own ? "s." : "",
                 is_own ? product.symbol : "");
        note(check, check_size(&product, size_of_symbol(engine, product.symbol), &why), key,
             &why);
    }
}

static void check_strategies(struct check *check, const struct profile_scripts *scripts)
{
    char key[OPTION_KEY_MAX];

    for (int i = 0; i < check->config->run.strategy_count; i++) {
        struct strategy_host *host = NULL;
        struct fault why = {OK, ""};
        snprintf(key, sizeof key, "strategies.%d.script", i + 1);
        note(check,
             strategy_host_new(&profile_scripts_strategies(scripts)[i], &check->products, 0,
                               &host, &why),
             key, &why);
        strategy_host_free(host);
    }
}

/* Rules written as data are not among the scripts, so places in the list are counted along. */
static void check_guards(struct check *check, const struct profile_scripts *scripts)
{
    int count, next = 0;
    const struct script_options *guards = profile_scripts_guards(scripts, &count);
    char key[OPTION_KEY_MAX];

    for (int i = 0; i < check->config->run.guard_count && next < count; i++) {
        struct guard_host *host = NULL;
        struct fault why = {OK, ""};
        if (!check->config->run.guards[i].script[0])
            continue;
        snprintf(key, sizeof key, "guards.%d.script", i + 1);
        note(check, guard_host_new(&guards[next++], &check->products, &host, &why), key, &why);
        guard_host_free(host);
    }
}

static void check_sizing(struct check *check, const struct profile_scripts *scripts)
{
    const struct script_options *sizing = profile_scripts_sizing(scripts);
    struct sizing_host *host = NULL;
    struct fault why = {OK, ""};

    if (!sizing)
        return;
    note(check, sizing_host_new(sizing, &check->products, &host, &why), "sizing.rule", &why);
    sizing_host_free(host);
}

enum err config_check_scripts(const struct config *config, struct buf *problems)
{
    struct check check = {.config = config, .problems = problems};
    struct fault why;
    enum err err = add_product(&check, &why);

    if (err) {
        buf_add_format(problems, "%s\n", why.text);
        return err;
    }
    struct profile_scripts *scripts =
        profile_scripts_new(&config->run, (uint64_t)config->run.mock.seed);
    check_symbols(&check);
    check_sizes(&check);
    check_strategies(&check, scripts);
    check_guards(&check, scripts);
    check_sizing(&check, scripts);
    profile_scripts_free(scripts);
    return check.first;
}
