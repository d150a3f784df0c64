#include "model/errand.h"

#include <assert.h>

#include "base/attr.h"

static const struct {
    const char *name;
    enum errand_class class;
} errands[] = {
    [ERRAND_NONE] = {"none", ERRANDS_QUERIES},
    [ERRAND_SUBMIT] = {"submit", ERRANDS_ORDERS},
    [ERRAND_CANCEL] = {"cancel", ERRANDS_CANCELS},
    [ERRAND_AMEND] = {"amend", ERRANDS_ORDERS},
    [ERRAND_QUERY_ORDER] = {"query_order", ERRANDS_QUERIES},
    [ERRAND_QUERY_ORDERS] = {"query_orders", ERRANDS_QUERIES},
    [ERRAND_QUERY_FILLS] = {"query_fills", ERRANDS_QUERIES},
    [ERRAND_QUERY_ACCOUNT] = {"query_account", ERRANDS_QUERIES},
    [ERRAND_PREVIEW] = {"preview", ERRANDS_QUERIES},
};
static_assert(ARRAY_LEN(errands) == ERRAND_COUNT, "describe every errand");

static const char *const classes[] = {
    [ERRANDS_ORDERS] = "orders",
    [ERRANDS_CANCELS] = "cancels",
    [ERRANDS_QUERIES] = "queries",
};
static_assert(ARRAY_LEN(classes) == ERRAND_CLASS_COUNT, "name every class");

static const struct {
    const char *name, *text;
} outcomes[] = {
    [OUTCOME_NONE] = {"none", "nothing is known of it"},
    [OUTCOME_ANSWERED] = {"answered", "the venue answered"},
    [OUTCOME_NOT_SENT] = {"not_sent", "it was not sent"},
    [OUTCOME_NO_CONNECTION] = {"no_connection", "no connection to the venue"},
    [OUTCOME_BROKEN] = {"broken", "the connection broke"},
    [OUTCOME_TIMEOUT] = {"timeout", "no answer in time"},
    [OUTCOME_UNREADABLE] = {"unreadable", "the answer cannot be read"},
    [OUTCOME_BAD_REQUEST] = {"bad_request", "400 Bad Request"},
    [OUTCOME_UNAUTHORIZED] = {"unauthorized", "401 Unauthorized"},
    [OUTCOME_FORBIDDEN] = {"forbidden", "403 Forbidden"},
    [OUTCOME_MISSING] = {"missing", "404 Not Found"},
    [OUTCOME_RATE_LIMIT] = {"rate_limit", "429 Too Many Requests"},
    [OUTCOME_CLIENT_ERROR] = {"client_error", "a 4xx of the venue"},
    [OUTCOME_SERVER_ERROR] = {"server_error", "500 Internal Server Error"},
    [OUTCOME_BAD_GATEWAY] = {"bad_gateway", "502 Bad Gateway"},
    [OUTCOME_UNAVAILABLE] = {"unavailable", "503 Service Unavailable"},
    [OUTCOME_GATEWAY_TIMEOUT] = {"gateway_timeout", "504 Gateway Timeout"},
};
static_assert(ARRAY_LEN(outcomes) == OUTCOME_COUNT, "name every outcome");

const char *errand_name(enum errand errand)
{
    assert(errand < ERRAND_COUNT);
    return errands[errand].name;
}

const char *errand_class_name(enum errand_class class)
{
    assert(class < ERRAND_CLASS_COUNT);
    return classes[class];
}

enum errand_class errand_class_of(enum errand errand)
{
    assert(errand > ERRAND_NONE && errand < ERRAND_COUNT);
    return errands[errand].class;
}

bool errand_is_query(enum errand errand)
{
    return errand >= ERRAND_QUERY_ORDER && errand < ERRAND_COUNT;
}

const char *outcome_name(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return outcomes[outcome].name;
}

const char *outcome_text(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return outcomes[outcome].text;
}

bool outcome_is_answer(enum outcome outcome)
{
    return outcome == OUTCOME_ANSWERED || outcome == OUTCOME_BAD_REQUEST ||
           outcome == OUTCOME_UNAUTHORIZED || outcome == OUTCOME_FORBIDDEN ||
           outcome == OUTCOME_MISSING || outcome == OUTCOME_CLIENT_ERROR;
}

static const struct {
    int status;
    enum outcome outcome;
} statuses[] = {
    {400, OUTCOME_BAD_REQUEST}, {401, OUTCOME_UNAUTHORIZED}, {403, OUTCOME_FORBIDDEN},
    {404, OUTCOME_MISSING},     {408, OUTCOME_TIMEOUT},      {429, OUTCOME_RATE_LIMIT},
    {502, OUTCOME_BAD_GATEWAY}, {503, OUTCOME_UNAVAILABLE},  {504, OUTCOME_GATEWAY_TIMEOUT},
};

enum outcome outcome_of_status(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].outcome;
    if (status >= 200 && status < 300)
        return OUTCOME_ANSWERED;
    if (status >= 400 && status < 500)
        return OUTCOME_CLIENT_ERROR;
    return status >= 500 && status < 600 ? OUTCOME_SERVER_ERROR : OUTCOME_UNREADABLE;
}
