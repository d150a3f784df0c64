#include "engine/settings.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "engine/limits.h"

static struct engine_settings settings;
static struct fault why;

static struct options *options_of_engine(void)
{
    struct options *options = options_new();

    engine_settings_add(&settings, options);
    return options;
}

static enum err set(struct options *options, const char *key, const char *text)
{
    struct option_origin origin = {OPTION_FROM_PROFILE, "p.lua:1"};

    return options_set(options, key, &(struct option_value){OPTION_AS_TEXT, text, NULL},
                       &origin, &why);
}

static const char *broken(const char *key, const char *text)
{
    struct options *options = options_of_engine();
    const char *named = "";

    if (set(options, key, text) || !engine_settings_check(&settings, &named, &why))
        named = "";
    options_free(options);
    return named;
}

TEST(every_row_has_a_default_in_its_bounds_a_help_and_prints_back_to_itself)
{
    struct options *options = options_of_engine();
    struct options_cursor at = {0};
    struct option_entry entry;
    struct buf text = BUF_INIT;
    int count = 0;

    set(options, "risk.symbols.BTC-USD.max_order_size", "1");
    set(options, "sizing.sizes.BTC-USD", "1");
    while (options_next(options, &at, &entry)) {
        buf_reset(&text);
        option_entry_format(&entry, &text);
        if (set(options, entry.key, buf_text(&text)))
            fail_msg("%s", why.text);
        assert_true(strlen(entry.option->help) > 8);
        assert_int_equal(entry.option->help[strlen(entry.option->help) - 1], '.');
        count++;
    }

    assert_in_range(count, 85, 200);
    buf_clear(&text);
    options_free(options);
}

TEST(the_defaults_are_those_of_the_design)
{
    engine_settings_init(&settings);

    assert_string_equal(settings.bot, "perigee");
    assert_string_equal(settings.currency, "USD");
    assert_true(settings.cycle_every == SECONDS(1));
    assert_true(decimal_is_equal(settings.limits.max_slippage_bps, D(50)));
    assert_int_equal(settings.degrade.broker_failures, 3);
    assert_true(settings.degrade.broker_pause == SECONDS(120));
    assert_int_equal(settings.degrade.slippage_failures, 3);
    assert_true(settings.degrade.slippage_pause == SECONDS(60));
    assert_int_equal(settings.degrade.script_strikes, 3);
    assert_true(settings.guards.mark_stale_after == SECONDS(30));
    assert_int_equal(settings.retry.attempts, 3);
    assert_true(settings.retry.base == MILLISECONDS(500));
    assert_true(settings.retry.cap == SECONDS(30));
    assert_true(decimal_is_equal(settings.retry.factor, D(2)));
    assert_true(settings.reconcile.order_sweep_every == SECONDS(60));
    assert_false(settings.limits.has_window);
    assert_false(settings.limits.allow_shorts);
    assert_false(settings.kill_switch);
}

TEST(the_defaults_do_not_contradict_each_other)
{
    const char *key;

    engine_settings_init(&settings);
    assert_int_equal(engine_settings_check(&settings, &key, &why), OK);
    engine_settings_init_unlimited(&settings);
    assert_int_equal(settings.cycle_every, 0);
}

TEST(unlimited_means_no_limit_and_no_guard)
{
    static const struct guard_settings off;

    engine_settings_init_unlimited(&settings);

    assert_true(decimal_is_zero(settings.limits.max_position_share));
    assert_true(decimal_is_zero(settings.limits.max_exposure_share));
    assert_true(decimal_is_zero(settings.limits.max_leverage));
    assert_true(decimal_is_zero(settings.limits.daily_loss_share));
    assert_int_equal(settings.limits.orders_per_second, 0);
    assert_false(settings.limits.has_window);
    assert_true(settings.limits.allow_shorts);
    assert_memory_equal(&settings.guards, &off, sizeof off);
    assert_int_equal(settings.retry.attempts, 3);
}

TEST(a_window_exists_once_any_of_its_keys_is_set)
{
    struct options *options = options_of_engine();

    assert_int_equal(set(options, "risk.window.days", "mon-fri"), OK);

    assert_true(settings.limits.has_window);
    assert_int_equal(settings.limits.window_days, 0x1f);
    assert_int_equal(settings.limits.window_start_minute, 0);
    assert_int_equal(settings.limits.window_end_minute, 1440);
    options_free(options);
}

TEST(values_that_contradict_each_other_name_a_key)
{
    assert_string_equal(broken("bot", ""), "bot");
    assert_string_equal(broken("currency", ""), "currency");
    assert_string_equal(broken("risk.window.to", "00:00"), "risk.window.to");
    assert_string_equal(broken("risk.day.to", "09:00"), "risk.day.to");
    assert_string_equal(broken("risk.day.to", "09:01"), "");
    assert_string_equal(broken("retry.cap", "499ms"), "retry.cap");
    assert_string_equal(broken("retry.cap", "500ms"), "");
    assert_string_equal(broken("exits.retry_cap", "999ms"), "exits.retry_cap");
    assert_string_equal(broken("exits.retry_cap", "1s"), "");
    assert_string_equal(broken("exits.limit_max_share", "0.49%"), "exits.limit_max_share");
    assert_string_equal(broken("exits.limit_max_share", "0.5%"), "");
    assert_string_equal(broken("retry.resolve_cap", "999ms"), "retry.resolve_cap");
    assert_string_equal(broken("retry.answer_deadline", "1333ms"), "retry.answer_deadline");
    assert_string_equal(broken("retry.answer_deadline", "1334ms"), "");
}

TEST(limits_belong_to_their_symbol)
{
    struct options *options = options_of_engine();

    assert_int_equal(set(options, "risk.symbols.BTC-USD.max_order_size", "0.01"), OK);
    assert_int_equal(set(options, "risk.symbols.BTC-USD.max_leverage_day", "2"), OK);
    assert_int_equal(set(options, "risk.symbols.ETH-USD.max_position_share", "5%"), OK);

    const struct symbol_limits *btc = limits_of_symbol(&settings.limits, "BTC-USD");
    const struct symbol_limits *eth = limits_of_symbol(&settings.limits, "ETH-USD");
    assert_non_null(btc);
    assert_non_null(eth);
    assert_true(decimal_is_equal(btc->max_leverage_day, D(2)));
    assert_true(decimal_is_zero(btc->max_position_share));
    assert_true(
        decimal_is_equal(decimal_mul(eth->max_position_share, D(20), ROUND_DOWN), D(1)));
    assert_null(limits_of_symbol(&settings.limits, "SOL-USD"));
    options_free(options);
}

TEST(a_symbols_own_size_comes_before_the_general_one)
{
    struct options *options = options_of_engine();
    char text[DECIMAL_TEXT_MAX];

    assert_true(decimal_is_zero(size_of_symbol(&settings, "BTC-USD")));
    assert_int_equal(set(options, "sizing.sizes.BTC-USD", "0.001"), OK);
    assert_int_equal(set(options, "sizing.sizes.ETH-USD", "none"), OK);
    assert_int_equal(set(options, "sizing.size", "7"), OK);

    assert_string_equal(decimal_format(size_of_symbol(&settings, "BTC-USD"), text), "0.001");
    assert_string_equal(decimal_format(size_of_symbol(&settings, "ETH-USD"), text), "7");
    assert_string_equal(decimal_format(size_of_symbol(&settings, "SOL-USD"), text), "7");
    options_free(options);
}

TEST(both_sides_of_every_bound_are_told_apart)
{
    struct options *options = options_of_engine();
    static const struct {
        const char *key, *good, *bad;
    } cases[] = {
        {"cycle", "10ms", "9ms"},
        {"cycle", "1d", "25h"},
        {"sizing.fraction", "1000%", "1001%"},
        {"sizing.fraction", "0.01%", "0"},
        {"fees.taker_rate", "0%", "-1%"},
        {"fees.taker_rate", "10%", "10.1%"},
        {"risk.max_order_value", "0", "-1"},
        {"risk.max_positions", "64", "65"},
        {"risk.daily_loss_share", "100%", "101%"},
        {"risk.window.to", "24:00", "24:01"},
        {"watch.error_rate_share", "1%", "0.9%"},
        {"degrade.script_strikes", "1", "0"},
        {"retry.factor", "1", "0.99"},
        {"retry.attempts", "10", "11"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (set(options, cases[i].key, cases[i].good))
            fail_msg("%s", why.text);
        if (!set(options, cases[i].key, cases[i].bad))
            fail_msg("%s takes %s", cases[i].key, cases[i].bad);
    }
    options_free(options);
}

TEST(every_limit_of_the_pipeline_names_a_key_that_exists)
{
    struct options *options = options_of_engine();
    struct limit_info info;
    char key[OPTION_KEY_MAX];

    for (int i = 0; limits_describe(i, &info); i++) {
        const char *star = strchr(info.setting, '*');
        if (strncmp(info.setting, "product.", 8) == 0)
            continue;
        snprintf(key, sizeof key, "%.*s%s%s", (int)(star ? star - info.setting : 100),
                 info.setting, star ? "BTC-USD" : "", star ? star + 1 : "");
        if (options_shape(options, key) == OPTION_UNKNOWN)
            fail_msg("%s", key);
    }
    options_free(options);
}
