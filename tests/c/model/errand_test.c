#include "model/errand.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

TEST(every_errand_outcome_and_class_has_a_name_of_its_own)
{
    for (int i = 0; i < ERRAND_COUNT; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(errand_name((enum errand)i), errand_name((enum errand)k));
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        assert_true(outcome_text((enum outcome)i)[0]);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(outcome_name((enum outcome)i),
                                    outcome_name((enum outcome)k));
    }
    assert_string_equal(errand_class_name(ERRANDS_ORDERS), "orders");
    assert_string_equal(errand_class_name(ERRANDS_CANCELS), "cancels");
    assert_string_equal(errand_class_name(ERRANDS_QUERIES), "queries");
}

TEST(edits_share_the_budget_of_orders_and_questions_have_one_of_their_own)
{
    char text[220] = "";

    for (int i = ERRAND_SUBMIT; i < ERRAND_COUNT; i++) {
        enum errand errand = (enum errand)i;
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%s %s; ", errand_name(errand),
                 errand_class_name(errand_class_of(errand)));
        assert_int_equal(errand_is_query(errand), errand_class_of(errand) == ERRANDS_QUERIES);
    }
    assert_string_equal(text, "submit orders; cancel cancels; amend orders; query_order "
                              "queries; query_orders queries; query_fills queries; "
                              "query_account queries; preview queries; ");
}

/* Every status there is, as the runs of equal outcomes. */
TEST(every_status_of_http_is_an_outcome)
{
    char text[600] = "";
    enum outcome last = OUTCOME_NONE;

    for (int status = 100; status < 700; status++) {
        enum outcome outcome = outcome_of_status(status);
        size_t len = strlen(text);
        if (outcome != last)
            snprintf(text + len, sizeof text - len, "%d %s; ", status, outcome_name(outcome));
        last = outcome;
    }
    assert_string_equal(
        text,
        "100 unreadable; 200 answered; 300 unreadable; 400 bad_request; 401 unauthorized; "
        "402 client_error; 403 forbidden; 404 missing; 405 client_error; 408 timeout; "
        "409 client_error; 429 rate_limit; 430 client_error; 500 server_error; "
        "502 bad_gateway; 503 unavailable; 504 gateway_timeout; 505 server_error; "
        "600 unreadable; ");
    assert_int_equal(outcome_of_status(0), OUTCOME_UNREADABLE);
    assert_int_equal(outcome_of_status(-1), OUTCOME_UNREADABLE);
}

TEST(the_venue_spoke_when_it_said_yes_or_when_it_said_that_we_are_wrong)
{
    char text[200] = "";

    for (int i = 0; i < OUTCOME_COUNT; i++) {
        size_t len = strlen(text);
        if (outcome_is_answer((enum outcome)i))
            snprintf(text + len, sizeof text - len, "%s ", outcome_name((enum outcome)i));
    }
    assert_string_equal(text, "answered bad_request unauthorized forbidden missing "
                              "client_error ");
}
