#include "engine/degrade.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

static struct fact_cause cause(struct degrade *degrade, enum level level, product_ref product,
                               const char *source, nanos until)
{
    struct fact_cause cause = {.id = degrade_id_for(degrade, source, product),
                               .level = level,
                               .product = product,
                               .allow_reduce = true,
                               .sticky = until == 0,
                               .until = until};

    strcpy(cause.source, source);
    degrade_apply_cause(degrade, &cause);
    return cause;
}

static const char *level(const struct degrade *degrade, product_ref product)
{
    return level_name(degrade_level(degrade, product));
}

TEST(the_effective_level_is_the_highest_and_what_others_hold_remains_when_one_ends)
{
    struct degrade *degrade = degrade_new();

    cause(degrade, LEVEL_REDUCE_ONLY, PRODUCT_NONE, "drift", 0);
    struct fact_cause pause = cause(degrade, LEVEL_PAUSED, 1, "stale", 100);
    assert_string_equal(level(degrade, PRODUCT_NONE), "reduce_only");
    assert_string_equal(level(degrade, 1), "paused");
    assert_string_equal(level(degrade, 2), "reduce_only");
    degrade_apply_end(degrade, pause.id);
    assert_string_equal(level(degrade, 1), "reduce_only");
    degrade_free(degrade);
}

TEST(a_trigger_that_fires_again_extends_its_cause_and_adds_none)
{
    struct degrade *degrade = degrade_new();

    cause(degrade, LEVEL_PAUSED, 1, "stale", 100);
    cause(degrade, LEVEL_PAUSED, 1, "stale", 200);
    cause(degrade, LEVEL_PAUSED, 2, "stale", 300);
    assert_int_equal(degrade_count(degrade), 2);
    assert_null(degrade_expired(degrade, 199));
    assert_int_equal(degrade_expired(degrade, 200)->product, 1);
    assert_int_equal(degrade_next_deadline(degrade), 200);
    degrade_free(degrade);
}

TEST(a_sticky_cause_never_expires)
{
    struct degrade *degrade = degrade_new();

    cause(degrade, LEVEL_HALTED, PRODUCT_NONE, "operator", 0);
    assert_null(degrade_expired(degrade, INT64_MAX));
    assert_int_equal(degrade_next_deadline(degrade), INT64_MAX);
    degrade_free(degrade);
}

/* Of product 1, with an end that nobody has told yet. */
static struct fact_cause lasting(struct degrade *degrade, const char *source)
{
    struct fact_cause last = cause(degrade, LEVEL_REDUCE_ONLY, 1, source, 0);

    last.sticky = false;
    last.lingers = 10;
    degrade_apply_cause(degrade, &last);
    return last;
}

TEST(a_cause_that_lasts_ends_when_it_was_last_renewed_to_and_no_sooner)
{
    struct degrade *degrade = degrade_new();
    struct fact_cause last = lasting(degrade, "stale");

    assert_null(degrade_expired(degrade, INT64_MAX));
    assert_int_equal(degrade_end(degrade, &last), INT64_MAX);
    degrade_renew(degrade, last.id, 100);
    degrade_renew(degrade, last.id, 90);
    assert_int_equal(degrade_end(degrade, &last), 100);
    assert_int_equal(degrade_next_deadline(degrade), 100);
    assert_null(degrade_expired(degrade, 99));
    assert_non_null(degrade_expired(degrade, 100));
    degrade_renew(degrade, last.id, 101);
    assert_null(degrade_expired(degrade, 100));
    degrade_free(degrade);
}

TEST(renewing_moves_no_end_that_was_told)
{
    struct degrade *degrade = degrade_new();
    struct fact_cause timed = cause(degrade, LEVEL_PAUSED, 1, "broker", 100);
    struct fact_cause sticky = cause(degrade, LEVEL_PAUSED, 1, "drawdown", 0);

    degrade_renew(degrade, timed.id, 200);
    degrade_renew(degrade, sticky.id, 200);
    degrade_renew(degrade, 77, 200);
    assert_int_equal(degrade_end(degrade, &timed), 100);
    assert_int_equal(degrade_end(degrade, &sticky), INT64_MAX);
    degrade_free(degrade);
}

TEST(each_end_stays_with_its_cause_when_another_one_goes)
{
    struct degrade *degrade = degrade_new();
    struct fact_cause first = cause(degrade, LEVEL_PAUSED, 1, "broker", 100);
    struct fact_cause last = lasting(degrade, "stale");

    degrade_renew(degrade, last.id, 300);
    degrade_apply_end(degrade, first.id);
    assert_int_equal(degrade_end(degrade, degrade_find(degrade, "stale", 1)), 300);
    assert_int_equal(degrade_next_deadline(degrade), 300);
    degrade_free(degrade);
}

TEST(the_ends_of_those_before_and_behind_stay_when_one_in_the_middle_goes)
{
    struct degrade *degrade = degrade_new();

    cause(degrade, LEVEL_PAUSED, 1, "a", 100);
    cause(degrade, LEVEL_PAUSED, 1, "b", 200);
    struct fact_cause gone = cause(degrade, LEVEL_PAUSED, 1, "c", 150);
    cause(degrade, LEVEL_PAUSED, 1, "d", 300);
    cause(degrade, LEVEL_PAUSED, 1, "e", 400);
    degrade_apply_end(degrade, gone.id);
    assert_int_equal(degrade_end(degrade, degrade_find(degrade, "a", 1)), 100);
    assert_int_equal(degrade_end(degrade, degrade_find(degrade, "b", 1)), 200);
    assert_int_equal(degrade_end(degrade, degrade_find(degrade, "d", 1)), 300);
    assert_int_equal(degrade_end(degrade, degrade_find(degrade, "e", 1)), 400);
    degrade_free(degrade);
}

TEST(reducing_orders_pass_when_every_cause_that_would_stop_them_allows_it)
{
    struct degrade *degrade = degrade_new();

    cause(degrade, LEVEL_PAUSED, PRODUCT_NONE, "broker", 100);
    assert_true(degrade_allows_reducing(degrade, 1));
    struct fact_cause strict = cause(degrade, LEVEL_PAUSED, 1, "operator", 0);
    strict.allow_reduce = false;
    degrade_apply_cause(degrade, &strict);
    assert_false(degrade_allows_reducing(degrade, 1));
    assert_true(degrade_allows_reducing(degrade, 2));
    degrade_free(degrade);
}

TEST(a_cause_that_only_forbids_entries_stops_no_exit)
{
    struct degrade *degrade = degrade_new();
    struct fact_cause strict = cause(degrade, LEVEL_REDUCE_ONLY, 1, "operator", 0);

    strict.allow_reduce = false;
    degrade_apply_cause(degrade, &strict);
    assert_true(degrade_allows_reducing(degrade, 1));
    strict.level = LEVEL_PAUSED;
    degrade_apply_cause(degrade, &strict);
    assert_false(degrade_allows_reducing(degrade, 1));
    degrade_free(degrade);
}

TEST(a_full_table_loses_no_level)
{
    struct degrade *degrade = degrade_new();
    char source[16];

    for (int i = 0; i < CAUSES_MAX; i++) {
        snprintf(source, sizeof source, "s%d", i);
        cause(degrade, LEVEL_REDUCE_ONLY, PRODUCT_NONE, source, 0);
    }
    cause(degrade, LEVEL_REDUCE_ONLY, PRODUCT_NONE, "more", 0);
    cause(degrade, LEVEL_HALTED, PRODUCT_NONE, "halt", 0);
    assert_int_equal(degrade_count(degrade), CAUSES_MAX);
    assert_string_equal(level(degrade, PRODUCT_NONE), "halted");
    degrade_free(degrade);
}

/* Full of pauses of product 1 that end, and one more of product 2. */
static struct degrade *overflown(void)
{
    struct degrade *degrade = degrade_new();
    char source[16];

    for (int i = 0; i <= CAUSES_MAX; i++) {
        snprintf(source, sizeof source, "s%d", i);
        cause(degrade, LEVEL_PAUSED, i < CAUSES_MAX ? 1 : 2, source, 100);
    }
    return degrade;
}

TEST(what_does_not_fit_is_held_everywhere_until_an_operator_clears_it)
{
    struct degrade *degrade = overflown();
    const struct fact_cause *held = degrade_find(degrade, "overflow", PRODUCT_NONE);

    assert_non_null(held);
    assert_string_equal(held->why, "more causes at one time than can be told apart");
    assert_true(held->sticky);
    assert_int_equal(held->until, 0);
    while ((held = degrade_expired(degrade, DAYS(1))))
        degrade_apply_end(degrade, held->id);
    assert_int_equal(degrade_count(degrade), 1);
    assert_int_equal(degrade_next_deadline(degrade), INT64_MAX);
    assert_string_equal(level(degrade, 5), "paused");
    degrade_apply_end(degrade, degrade_at(degrade, 0)->id);
    assert_string_equal(level(degrade, 5), "normal");
    degrade_free(degrade);
}

TEST(a_table_that_is_full_twice_has_one_cause_for_all_that_did_not_fit)
{
    struct degrade *degrade = overflown();
    const struct fact_cause *held;
    int found = 0;
    char source[16];

    while ((held = degrade_expired(degrade, DAYS(1))))
        degrade_apply_end(degrade, held->id);
    for (int i = 0; i < CAUSES_MAX; i++) {
        snprintf(source, sizeof source, "t%d", i);
        cause(degrade, LEVEL_PAUSED, 1, source, 200);
    }
    for (int i = 0; i < degrade_count(degrade); i++)
        found += strcmp(degrade_at(degrade, i)->source, "overflow") == 0;
    assert_int_equal(found, 1);
    assert_int_equal(degrade_count(degrade), CAUSES_MAX);
    degrade_free(degrade);
}

TEST(a_cause_that_ended_leaves_nothing_behind)
{
    struct degrade *degrade = degrade_new();
    struct fact_cause held = {.id = 7, .level = LEVEL_PAUSED, .until = 100, .source = "drift"};

    for (int i = 0; i < 2; i++) {
        degrade_apply_cause(degrade, &held);
        assert_int_equal(degrade_count(degrade), 1);
        assert_false(degrade_allows_reducing(degrade, 0));
        degrade_apply_end(degrade, held.id);
        assert_true(degrade_allows_reducing(degrade, 0));
        assert_int_equal(degrade_next_deadline(degrade), INT64_MAX);
    }
    degrade_free(degrade);
}

TEST(ids_go_on_after_the_last_that_was_given)
{
    struct degrade *degrade = degrade_new();

    cause(degrade, LEVEL_PAUSED, 1, "stale", 100);
    assert_int_equal(degrade_id_for(degrade, "stale", 1), 1);
    assert_int_equal(degrade_id_for(degrade, "stale", 2), 2);
    degrade_set_last_id(degrade, 41);
    assert_int_equal(degrade_id_for(degrade, "stale", 2), 42);
    degrade_free(degrade);
}
