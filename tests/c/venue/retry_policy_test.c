/* Every outcome of every errand. What is written here is the policy, in words of its own. */
#include "venue/retry_policy.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

static const char *const meanings[] = {[MEANS_ANSWERED] = "answered",
                                       [MEANS_NOT_DONE] = "not done",
                                       [MEANS_DOUBTFUL] = "doubtful"};

static const char *row(enum outcome outcome, char out[200])
{
    const struct outcome_policy *policy = outcome_policy(outcome);

    snprintf(out, 200, "%s: %s%s%s, %s", outcome_name(outcome), meanings[policy->meaning],
             policy->is_venue_failure ? ", opens the breaker" : "",
             policy->closes_everything ? ", holds everything" : "", refusal_name(policy->code));
    return out;
}

TEST(every_outcome_means_something_for_an_order_and_for_the_breaker)
{
    static const char *const rows[] = {
        "none: doubtful, opens the breaker, unknown",
        "answered: answered, broker_rejected",
        "not_sent: not done, broker_unavailable",
        "no_connection: not done, opens the breaker, network",
        "broken: doubtful, opens the breaker, network",
        "timeout: doubtful, opens the breaker, timeout",
        "unreadable: doubtful, opens the breaker, broker_unavailable",
        "bad_request: not done, broker_rejected",
        "unauthorized: not done, auth",
        "forbidden: not done, auth",
        "missing: not done, broker_rejected",
        "rate_limit: not done, holds everything, rate_limit",
        "client_error: not done, broker_rejected",
        "server_error: doubtful, opens the breaker, broker_unavailable",
        "bad_gateway: doubtful, opens the breaker, broker_unavailable",
        "unavailable: doubtful, opens the breaker, broker_unavailable",
        "gateway_timeout: doubtful, opens the breaker, timeout",
    };
    char text[200];

    assert_int_equal(sizeof rows / sizeof rows[0], OUTCOME_COUNT);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        assert_string_equal(row((enum outcome)i, text), rows[i]);
}

/* For a submit, a cancel, an edit and a question: what follows the first, second and third of
 * three attempts; a: again, -: give up. */
static const char *steps(enum outcome outcome, char out[40])
{
    static const enum errand errands[] = {ERRAND_SUBMIT, ERRAND_CANCEL, ERRAND_AMEND,
                                          ERRAND_QUERY_ORDERS};
    char *at = out;

    for (size_t e = 0; e < 4; e++) {
        for (int attempts = 1; attempts <= 3; attempts++)
            *at++ = "-a"[retry_is_due(errands[e], outcome, attempts, 3)];
        *at++ = e < 3 ? ' ' : '\0';
    }
    return out;
}

TEST(every_outcome_of_every_errand_is_asked_again_as_often_as_is_safe)
{
    static const char *const rows[] = {
        [OUTCOME_NONE] = "aa- aa- --- aa-",
        [OUTCOME_ANSWERED] = "--- --- --- ---",
        [OUTCOME_NOT_SENT] = "--- --- --- ---",
        [OUTCOME_NO_CONNECTION] = "aa- aa- aa- aa-",
        [OUTCOME_BROKEN] = "aa- aa- --- aa-",
        [OUTCOME_TIMEOUT] = "aa- aa- --- aa-",
        [OUTCOME_UNREADABLE] = "aa- aa- --- aa-",
        [OUTCOME_BAD_REQUEST] = "--- --- --- ---",
        [OUTCOME_UNAUTHORIZED] = "a-- a-- a-- a--",
        [OUTCOME_FORBIDDEN] = "--- --- --- ---",
        [OUTCOME_MISSING] = "--- --- --- ---",
        [OUTCOME_RATE_LIMIT] = "aa- aa- aa- aa-",
        [OUTCOME_CLIENT_ERROR] = "--- --- --- ---",
        [OUTCOME_SERVER_ERROR] = "aa- aa- --- aa-",
        [OUTCOME_BAD_GATEWAY] = "aa- aa- --- aa-",
        [OUTCOME_UNAVAILABLE] = "aa- aa- --- aa-",
        [OUTCOME_GATEWAY_TIMEOUT] = "aa- aa- --- aa-",
    };
    char text[40];

    assert_int_equal(sizeof rows / sizeof rows[0], OUTCOME_COUNT);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        assert_string_equal(steps((enum outcome)i, text), rows[i]);
}

TEST(all_questions_are_treated_alike)
{
    for (int i = 0; i < OUTCOME_COUNT; i++)
        for (int e = ERRAND_QUERY_ORDER; e < ERRAND_COUNT; e++)
            for (int attempts = 1; attempts < 4; attempts++)
                assert_int_equal(
                    retry_is_due((enum errand)e, (enum outcome)i, attempts, 3),
                    retry_is_due(ERRAND_QUERY_ORDER, (enum outcome)i, attempts, 3));
}

TEST(no_setting_makes_more_attempts_than_it_says_or_a_401_more_than_two)
{
    for (int i = 0; i < OUTCOME_COUNT; i++)
        for (int e = ERRAND_SUBMIT; e < ERRAND_COUNT; e++)
            for (int most = 1; most <= 10; most++) {
                enum outcome outcome = (enum outcome)i;
                assert_false(retry_is_due((enum errand)e, outcome, most, most));
                if (outcome == OUTCOME_UNAUTHORIZED)
                    assert_false(retry_is_due((enum errand)e, outcome, 2, most));
            }
    assert_true(retry_is_due(ERRAND_SUBMIT, OUTCOME_TIMEOUT, 9, 10));
}

/* What the venue itself answered, the client's mistakes among it, never opens a breaker. */
TEST(no_answer_of_the_venue_counts_as_its_failure)
{
    for (int i = 0; i < OUTCOME_COUNT; i++)
        if (outcome_is_answer((enum outcome)i) || i == OUTCOME_RATE_LIMIT)
            assert_false(outcome_policy((enum outcome)i)->is_venue_failure);
}

TEST(cancels_pass_every_breaker_and_nothing_else_does)
{
    for (int e = ERRAND_SUBMIT; e < ERRAND_COUNT; e++)
        assert_int_equal(errand_policy((enum errand)e)->passes_breaker, e == ERRAND_CANCEL);
}

TEST(that_an_id_is_taken_is_no_failure_of_a_repeated_request)
{
    assert_true(retry_reason_is_repeat("DUPLICATE_CLIENT_ORDER_ID"));
    assert_true(retry_reason_is_repeat("DUPLICATE_CANCEL_REQUEST"));
    assert_false(retry_reason_is_repeat("INSUFFICIENT_FUND"));
    assert_false(retry_reason_is_repeat("UNKNOWN_FAILURE_REASON"));
    assert_false(retry_reason_is_repeat(""));
}
