/* Time is one type, nanoseconds, everywhere: since 1970 UTC for wall time,
 * since an arbitrary start for the monotonic clock. Milliseconds exist only on
 * the wire.
 *
 * The engine never asks a clock; it is told the time with each event. Only the
 * loop that feeds it holds one of these. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

typedef int64_t nanos;

#define MICROSECONDS(n) ((nanos)(n)*1000)
#define MILLISECONDS(n) ((nanos)(n)*1000000)
#define SECONDS(n)      ((nanos)(n)*1000000000)
#define MINUTES(n)      (SECONDS(60) * (n))
#define HOURS(n)        (MINUTES(60) * (n))
#define DAYS(n)         (HOURS(24) * (n))

nanos clock_wall(void);      /* CLOCK_REALTIME */
nanos clock_monotonic(void); /* CLOCK_MONOTONIC */

/* Start of the UTC day that holds `time`. */
nanos nanos_day(nanos time);
int nanos_minute_of_day(nanos time); /* 0..1439, UTC */
int nanos_weekday(nanos time);       /* 0 Monday .. 6 Sunday, UTC */

enum { NANOS_TEXT_MAX = 40 };

/* "2024-08-08T23:54:14.087891268Z"; trailing zeros of the fraction go in threes. */
const char *nanos_format(nanos time, char out[NANOS_TEXT_MAX]);

/* "2024-08-08", "2024-08-08T23:54", "...:14", "...:14.087", each with an optional Z; a blank
 * may stand for the T. UTC. Fraction digits after the ninth are dropped. ERR_PARSE says which
 * character is wrong; ERR_RANGE is a good date outside 1678 to 2261 (what 64 bits hold),
 * such as the venue's 0001-01-01T00:00:00Z for "never". */
enum err nanos_parse(const char *text, nanos *out, struct fault *why) MUST_CHECK;

/* "500ms", "30s", "15m", "4h", "2d", "1.5h"; also us and ns. Above zero and whole
 * nanoseconds. ERR_PARSE or ERR_RANGE. */
enum err nanos_parse_duration(const char *text, nanos *out, struct fault *why) MUST_CHECK;

/* "15m", "90s", "1d", "2.5s", "1.5ms", "0s", "-30s": exact, so it reads back as the same. */
const char *nanos_format_duration(nanos span, char out[NANOS_TEXT_MAX]);

#endif
