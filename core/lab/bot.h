/* A strategy on one product or several, fed bar by bar by hand: what a spec
 * drives. Real sandbox, real engine, real bar venue; only history is made up. */
#ifndef LAB_BOT_H
#define LAB_BOT_H

#include "engine/engine.h"
#include "script/strategy_host.h"
#include "venue/bar_venue.h"

struct bot;

struct bot_options {
    struct product_table products;
    struct script_options strategy; /* timeframe is that of the bars fed */
    const struct script_options *guards;
    int guard_count;
    const struct script_options *sizing; /* NULL: the settings decide */
    struct engine_settings settings;
    struct bar_venue_settings venue;
    decimal cash;
    nanos start; /* of the first bar */
};

enum err bot_new(const struct bot_options *options, struct bot **out,
                 struct fault *why) MUST_CHECK;
void bot_free(struct bot *bot);

/* A bar whose time follows from those fed before. */
struct bot_bar {
    product_ref product;
    decimal open, high, low, close, volume;
};

/* Trades bars of one time, each of another product, then shows them to the strategy.
 * ERR_SCRIPT when the script failed. */
enum err bot_feed(struct bot *bot, const struct bot_bar *bars, int count,
                  struct fault *why) MUST_CHECK;

const struct product_table *bot_products(const struct bot *bot);
/* As if the program had ended and started again: scripts save, everything but the venue is made
 * anew, the engine recovers from what it journaled, scripts start and get back what they saved.
 * Indicators are cold then. After an error nothing but bot_free may follow. */
enum err bot_restart(struct bot *bot, struct fault *why) MUST_CHECK;

const struct engine *bot_engine(const struct bot *bot);

/* What happened so far, in order. Borrowed until the next feed. */
int bot_decision_count(const struct bot *bot); /* hold is one too */
const struct decision *bot_decision(const struct bot *bot, int index);
int bot_fill_count(const struct bot *bot);
const struct fill *bot_fill(const struct bot *bot, int index);
int bot_order_count(const struct bot *bot); /* refused ones included */
const struct order *bot_order(const struct bot *bot, int index, enum refusal *code,
                              const char **detail);
/* The first failure of a script; NULL while there is none. */
const char *bot_complaint(const struct bot *bot);

#endif
