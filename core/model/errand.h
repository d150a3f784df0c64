/* What is asked of a venue, and how the asking ended: the words that the ports,
 * the courier (venue/courier.h) and the guards share. What an ending means for
 * an order stands in venue/retry_policy.c. */
#ifndef MODEL_ERRAND_H
#define MODEL_ERRAND_H

#include <stdbool.h>

enum errand {
    ERRAND_NONE,
    ERRAND_SUBMIT,
    ERRAND_CANCEL,
    ERRAND_AMEND,
    ERRAND_QUERY_ORDER,
    ERRAND_QUERY_ORDERS,
    ERRAND_QUERY_FILLS,
    ERRAND_QUERY_ACCOUNT,
    ERRAND_PREVIEW, /* a question too: it creates nothing */
    ERRAND_COUNT
};

/* Requests that share a budget and a circuit breaker. */
enum errand_class { ERRANDS_ORDERS, ERRANDS_CANCELS, ERRANDS_QUERIES, ERRAND_CLASS_COUNT };

/* How one attempt at a request ended. */
enum outcome {
    OUTCOME_NONE,            /* nothing is known of it */
    OUTCOME_ANSWERED,        /* by the venue itself: 2xx, whatever it says */
    OUTCOME_NOT_SENT,        /* we kept it back */
    OUTCOME_NO_CONNECTION,   /* no name, no route, refused, no TLS: nothing was sent */
    OUTCOME_BROKEN,          /* the connection broke when something may have been sent */
    OUTCOME_TIMEOUT,         /* no answer in time; 408 */
    OUTCOME_UNREADABLE,      /* a body that breaks off or is not the venue's; 1xx, 3xx */
    OUTCOME_BAD_REQUEST,     /* 400 */
    OUTCOME_UNAUTHORIZED,    /* 401 */
    OUTCOME_FORBIDDEN,       /* 403 */
    OUTCOME_MISSING,         /* 404 */
    OUTCOME_RATE_LIMIT,      /* 429 */
    OUTCOME_CLIENT_ERROR,    /* any other 4xx */
    OUTCOME_SERVER_ERROR,    /* 500, and any 5xx that has no row of its own */
    OUTCOME_BAD_GATEWAY,     /* 502 */
    OUTCOME_UNAVAILABLE,     /* 503 */
    OUTCOME_GATEWAY_TIMEOUT, /* 504 */
    OUTCOME_COUNT
};

const char *errand_name(enum errand errand);            /* "query_orders" */
const char *errand_class_name(enum errand_class class); /* "queries" */
enum errand_class errand_class_of(enum errand errand);  /* not of NONE */
bool errand_is_query(enum errand errand);
const char *outcome_name(enum outcome outcome); /* "rate_limit" */
const char *outcome_text(enum outcome outcome); /* "429 Too Many Requests" */
/* Whether the venue itself spoke: it is there and understands. A 429 is its gate, not it. */
bool outcome_is_answer(enum outcome outcome);
enum outcome outcome_of_status(int status); /* of HTTP */

#endif
