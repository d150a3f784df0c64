#include "engine/trace.h"

#include "engine/decision.h"
#include "engine/strategy.h"

#include "check.h"

TEST(stages_are_named_in_the_order_of_the_pipeline)
{
    const char *names[] = {
        "kill_switch", "degradation",    "sizing",         "reduce_request", "hard_limits",
        "reduce_mode", "mark_staleness", "exchange_rules", "pre_trade",      "funds",
        "slippage",    "guards",         "preview",        "submission",
    };
    assert_int_equal(sizeof names / sizeof *names, STAGE_COUNT);
    for (int i = 0; i < STAGE_COUNT; i++) {
        enum stage stage = STAGE_COUNT;
        assert_string_equal(stage_name((enum stage)i), names[i]);
        assert_true(stage_parse(names[i], &stage));
        assert_int_equal(stage, i);
    }
}

TEST(verdicts_are_read_back_by_name)
{
    for (int i = 0; i < VERDICT_COUNT; i++) {
        enum verdict verdict = VERDICT_COUNT;
        assert_true(verdict_parse(verdict_name((enum verdict)i), &verdict));
        assert_int_equal(verdict, i);
    }
    assert_string_equal(verdict_name(VERDICT_REFUSED), "refused");
}

TEST(actions_are_read_back_by_name)
{
    for (int i = 0; i < ACTION_COUNT; i++) {
        enum action action = ACTION_COUNT;
        assert_true(action_parse(action_name((enum action)i), &action));
        assert_int_equal(action, i);
    }
    assert_string_equal(action_name(ACTION_CLOSE), "close");
}

TEST(hooks_have_the_names_scripts_use)
{
    assert_string_equal(hook_name(HOOK_START), "on_start");
    assert_string_equal(hook_name(HOOK_BAR), "on_bar");
    assert_string_equal(hook_name(HOOK_STOP), "on_stop");
}

TEST(text_that_is_no_name_parses_as_nothing)
{
    enum stage stage = STAGE_FUNDS;
    enum verdict verdict = VERDICT_PASSED;
    enum action action = ACTION_SELL;

    assert_false(stage_parse("fund", &stage));
    assert_false(verdict_parse("PASSED", &verdict));
    assert_false(action_parse("short", &action));
    assert_int_equal(stage, STAGE_FUNDS);
    assert_int_equal(verdict, VERDICT_PASSED);
    assert_int_equal(action, ACTION_SELL);
}
