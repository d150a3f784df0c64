#include "engine/intent.h"

#include "model/model_sample.h"

struct row {
    enum action action;
    const char *size;                /* NULL: a signal */
    const char *held, *buys, *sells; /* position and working sizes */
    bool can_short;
    const char *expected; /* "buy 1", "sell 2 reduce", or why there is nothing to do */
};

static const struct row rows[] = {
    {ACTION_HOLD, NULL, "0", "0", "0", true, "hold"},
    {ACTION_CANCEL, NULL, "0", "0", "0", true, "hold"},
    {ACTION_BUY, NULL, "0", "0", "0", false, "buy 0"},
    {ACTION_BUY, NULL, "1", "0", "0", false, "already long"},
    {ACTION_BUY, NULL, "0", "1", "0", false, "already entering"},
    {ACTION_BUY, "3", "1", "1", "0", false, "buy 3"},
    {ACTION_SELL, NULL, "0", "0", "0", false, "cannot be short"},
    {ACTION_SELL, NULL, "0", "0", "0", true, "sell 0"},
    {ACTION_SELL, NULL, "-1", "0", "0", true, "already short"},
    {ACTION_SELL, NULL, "0", "0", "1", true, "already entering"},
    {ACTION_SELL, NULL, "2", "0", "0", false, "sell 2 reduce"},
    {ACTION_SELL, NULL, "2", "0", "0.5", false, "sell 1.5 reduce"},
    {ACTION_SELL, NULL, "2", "0", "2", false, "already closing"},
    {ACTION_BUY, NULL, "-2", "0", "0", true, "buy 2 reduce"},
    {ACTION_SELL, "5", "2", "0", "0", true, "sell 5"},
    {ACTION_CLOSE, NULL, "0", "0", "0", true, "flat"},
    {ACTION_CLOSE, NULL, "2", "0", "0", true, "sell 2 reduce"},
    {ACTION_CLOSE, NULL, "-2", "0", "0", true, "buy 2 reduce"},
    {ACTION_CLOSE, "1", "2", "0", "0", true, "sell 1 reduce"},
    {ACTION_CLOSE, "5", "2", "0", "0", true, "sell 2 reduce"},
    {ACTION_CLOSE, NULL, "2", "0", "3", true, "already closing"},
    {ACTION_CLOSE, NULL, "-2", "2", "0", true, "already closing"},
};

TEST(what_a_decision_means_follows_from_what_is_held_and_working)
{
    struct product product = sample_spot("BTC", "USD");

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        struct decision decision = {.action = row->action, .has_size = row->size != NULL};
        struct holdings held = {&product, dec(row->held), dec(row->buys), dec(row->sells)};
        struct intent intent;
        const char *why = "";
        char is[96], size[DECIMAL_TEXT_MAX];

        product.can_short = row->can_short;
        if (row->size)
            decision.size = dec(row->size);
        if (intent_from_decision(&decision, &held, "mine", &intent, &why))
            snprintf(is, sizeof is, "%s %s%s", side_name(intent.request.side),
                     decimal_format(intent.request.size, size),
                     intent.request.reduce_only ? " reduce" : "");
        else
            snprintf(is, sizeof is, "%s", why);
        assert_string_equal(is, row->expected);
    }
}
