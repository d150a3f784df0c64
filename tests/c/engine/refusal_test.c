#include "engine/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/event.h"

#include "check.h"

TEST(every_code_has_a_stable_name_a_sentence_and_a_remedy)
{
    for (int i = 0; i < REFUSAL_COUNT; i++) {
        enum refusal code = (enum refusal)i, parsed = REFUSAL_COUNT;
        assert_true(refusal_parse(refusal_name(code), &parsed));
        assert_int_equal(parsed, code);
        const char *sentences[] = {refusal_text(code), refusal_remedy(code)};
        for (int s = 0; s < 2; s++) {
            assert_true(strlen(sentences[s]) > 10);
            assert_int_equal(sentences[s][strlen(sentences[s]) - 1], '.');
        }
    }
}

TEST(names_are_those_that_journals_and_metrics_rely_on)
{
    const char *names[] = {
        "none",
        "kill_switch",
        "paused",
        "reduce_only",
        "reduce_only_empty",
        "quantity_zero",
        "hard_limit",
        "order_rate",
        "mark_staleness",
        "exchange_rules",
        "invalid_size",
        "invalid_price",
        "min_notional",
        "market_closed",
        "pre_trade_leverage",
        "pre_trade_exposure",
        "pre_trade_margin",
        "insufficient_funds",
        "slippage_guard",
        "order_preview",
        "guard_veto",
        "guard_error",
        "script_error",
        "duplicate_intent",
        "reconciling",
        "rate_limit",
        "timeout",
        "network",
        "auth",
        "broker_rejected",
        "broker_unavailable",
        "unknown",
    };
    assert_int_equal(sizeof names / sizeof *names, REFUSAL_COUNT);
    for (int i = 0; i < REFUSAL_COUNT; i++)
        assert_string_equal(refusal_name((enum refusal)i), names[i]);
}

TEST(a_name_that_is_not_in_the_table_is_not_parsed)
{
    enum refusal code = REFUSAL_PAUSED;

    assert_false(refusal_parse("", &code));
    assert_false(refusal_parse("PAUSED", &code));
    assert_false(refusal_parse("paused ", &code));
    assert_int_equal(code, REFUSAL_PAUSED);
}

TEST(the_venues_reasons_are_sorted_so_that_halving_finds_them)
{
    int count;
    const struct venue_reason *reasons = refusal_venue_reasons(&count);

    for (int i = 0; i < count; i++) {
        assert_int_equal(refusal_of_venue(reasons[i].name), reasons[i].code);
        if (i > 0)
            assert_true(strcmp(reasons[i - 1].name, reasons[i].name) < 0);
    }
}

static bool is_in_table(const char *name)
{
    int count;
    const struct venue_reason *reasons = refusal_venue_reasons(&count);

    for (int i = 0; i < count; i++)
        if (strcmp(reasons[i].name, name) == 0)
            return true;
    return false;
}

TEST(every_reason_of_the_specification_has_a_code_and_fits_a_report)
{
    char path[512], line[256], name[256];
    int lines = 0, count;

    snprintf(path, sizeof path, "%s/tests/fixtures/coinbase/reasons.tsv", check_root());
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (; fgets(line, sizeof line, file); lines++) {
        assert_int_equal(sscanf(line, "%*s %255s", name), 1);
        if (!is_in_table(name))
            fail_msg("%s has no code", name);
        if (strlen(name) >= VENUE_REASON_MAX)
            fail_msg("%s does not fit VENUE_REASON_MAX", name);
    }
    fclose(file);
    assert_int_equal(lines, 123 + 151 + 64 + 10 + 5);
    refusal_venue_reasons(&count);
    assert_int_equal(count, lines);
}

static const char *code_of(const char *reason)
{
    return refusal_name(refusal_of_venue(reason));
}

TEST(reasons_stand_under_what_the_engine_must_do_about_them)
{
    assert_string_equal(code_of("INSUFFICIENT_FUND"), "insufficient_funds");
    assert_string_equal(code_of("PREVIEW_INSUFFICIENT_FUND"), "insufficient_funds");
    assert_string_equal(code_of("INVALID_LIMIT_PRICE_POST_ONLY"), "invalid_price");
    assert_string_equal(code_of("PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"), "invalid_size");
    assert_string_equal(code_of("PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"), "min_notional");
    assert_string_equal(code_of("PRODUCT_TRADING_HALTED"), "market_closed");
    assert_string_equal(code_of("INVALID_LEVERAGE"), "pre_trade_leverage");
    assert_string_equal(code_of("IN_LIQUIDATION"), "pre_trade_margin");
    assert_string_equal(code_of("BREACHED_RISK_LIMIT"), "pre_trade_exposure");
    assert_string_equal(code_of("REDUCE_ONLY_INCREASED_POSITION_SIZE"), "reduce_only");
    assert_string_equal(code_of("CANNOT_CLOSE_ZERO_POSITION"), "reduce_only_empty");
    assert_string_equal(code_of("DUPLICATE_CLIENT_ORDER_ID"), "duplicate_intent");
    assert_string_equal(code_of("RATE_LIMIT_EXCEEDED"), "rate_limit");
    assert_string_equal(code_of("FOK_DISABLED"), "exchange_rules");
    assert_string_equal(code_of("UNKNOWN_FAILURE_REASON"), "broker_rejected");
}

TEST(a_reason_nobody_has_heard_of_is_a_rejection)
{
    assert_string_equal(code_of("A_REASON_OF_NEXT_YEAR"), "broker_rejected");
    assert_string_equal(code_of(""), "broker_rejected");
    assert_string_equal(code_of("~"), "broker_rejected");
    assert_string_equal(code_of("insufficient_fund"), "broker_rejected");
}
