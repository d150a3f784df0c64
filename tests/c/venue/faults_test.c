#include "venue/faults.h"

#include <string.h>

#include "venue_check.h"

static void parse(struct fault_plan *plan, const char *text)
{
    struct fault why = {0};

    if (fault_plan_parse_rule(plan, text, &why) != OK)
        fail_msg("%s", why.text);
}

static const char *refusal(struct fault_plan *plan, const char *text)
{
    static struct fault why;

    assert_int_equal(fault_plan_parse_rule(plan, text, &why), ERR_PARSE);
    return why.text;
}

TEST(an_empty_plan_lets_all_go_well_and_counts)
{
    struct fault_plan *plan = fault_plan_new(1);

    for (int i = 0; i < 100; i++)
        assert_int_equal(fault_plan_next(plan, FAULT_AT_SUBMIT).kind, FAULT_NONE);
    assert_int_equal(fault_plan_count(plan, FAULT_AT_SUBMIT), 100);
    assert_int_equal(fault_plan_count(plan, FAULT_AT_CANCEL), 0);
    fault_plan_free(plan);
}

TEST(a_rule_strikes_the_nth_message_of_its_point_and_no_other)
{
    struct fault_plan *plan = fault_plan_new(1);
    struct fault_case what;

    parse(plan, "submit 2 lose_answer");
    parse(plan, "tick 1 disconnect 30s");
    parse(plan, "query 1 rate_limit 1500ms");
    assert_int_equal(fault_plan_next(plan, FAULT_AT_SUBMIT).kind, FAULT_NONE);
    what = fault_plan_next(plan, FAULT_AT_TICK);
    assert_int_equal(what.kind, FAULT_DISCONNECT);
    assert_int_equal(what.span, SECONDS(30));
    assert_int_equal(fault_plan_next(plan, FAULT_AT_SUBMIT).kind, FAULT_LOSE_ANSWER);
    assert_int_equal(fault_plan_next(plan, FAULT_AT_SUBMIT).kind, FAULT_NONE);
    assert_int_equal(fault_plan_next(plan, FAULT_AT_QUERY).span, MILLISECONDS(1500));
    fault_plan_free(plan);
}

TEST(a_rule_that_makes_no_sense_is_refused_with_a_sentence)
{
    struct fault_plan *plan = fault_plan_new(1);

    assert_non_null(strstr(refusal(plan, "submit lose_answer"), "POINT N KIND"));
    assert_non_null(strstr(refusal(plan, "submit 0 lose_answer"), "POINT N KIND"));
    assert_non_null(strstr(refusal(plan, "submit 1 delay 1s more"), "POINT N KIND"));
    assert_non_null(strstr(refusal(plan, "sumbit 1 delay"), "no point sumbit"));
    assert_non_null(strstr(refusal(plan, "cancel 1 hide"), "hide cannot happen at a cancel"));
    assert_non_null(strstr(refusal(plan, "submit 1 none"), "none cannot happen"));
    assert_non_null(strstr(refusal(plan, "submit 1 explode"), "explode cannot happen"));
    assert_non_null(strstr(refusal(plan, "submit 1 delay soon"), "submit 1 delay soon"));
    assert_int_equal(fault_plan_next(plan, FAULT_AT_SUBMIT).kind, FAULT_NONE);
    fault_plan_free(plan);
}

TEST(chance_strikes_about_as_often_as_it_says_and_within_its_span)
{
    struct fault_plan *plan = fault_plan_new(7);
    int lost = 0;

    fault_plan_set_chance(plan, FAULT_LOSE_ANSWER, dec("0.1"));
    fault_plan_set_chance(plan, FAULT_DISCONNECT, dec("0.5"));
    fault_plan_set_span(plan, SECONDS(1), SECONDS(2));
    for (int i = 0; i < 10000; i++) {
        struct fault_case what = fault_plan_next(plan, FAULT_AT_SUBMIT);
        assert_true(what.kind == FAULT_NONE || what.kind == FAULT_LOSE_ANSWER);
        lost += what.kind == FAULT_LOSE_ANSWER;
        if (what.kind)
            assert_in_range(what.span, SECONDS(1), SECONDS(2));
    }
    assert_in_range(lost, 900, 1100);
    fault_plan_free(plan);
}

TEST(the_same_seed_is_the_same_misfortune_and_points_do_not_shift_each_other)
{
    struct fault_plan *a = fault_plan_new(7), *b = fault_plan_new(7), *c = fault_plan_new(8);
    int differ = 0;

    fault_plan_set_chance(a, FAULT_TIMEOUT, dec("0.5"));
    fault_plan_set_chance(b, FAULT_TIMEOUT, dec("0.5"));
    fault_plan_set_chance(c, FAULT_TIMEOUT, dec("0.5"));
    for (int i = 0; i < 200; i++) {
        fault_plan_next(b, FAULT_AT_CANCEL);
        enum fault_kind kind = fault_plan_next(a, FAULT_AT_SUBMIT).kind;
        assert_int_equal(kind, fault_plan_next(b, FAULT_AT_SUBMIT).kind);
        differ += kind != fault_plan_next(c, FAULT_AT_SUBMIT).kind;
    }
    assert_true(differ > 50);
    fault_plan_free(a);
    fault_plan_free(b);
    fault_plan_free(c);
}

TEST(certainty_is_certain_and_impossibility_never)
{
    struct fault_plan *plan = fault_plan_new(7);

    fault_plan_set_chance(plan, FAULT_TIMEOUT, D(1));
    fault_plan_set_chance(plan, FAULT_GAP, DECIMAL_ZERO);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(fault_plan_next(plan, FAULT_AT_AMEND).kind, FAULT_TIMEOUT);
        assert_int_equal(fault_plan_next(plan, FAULT_AT_TICK).kind, FAULT_NONE);
    }
    fault_plan_free(plan);
}
