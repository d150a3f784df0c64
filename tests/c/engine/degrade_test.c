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
