/* What the cells of a market data file mean: numbers, sides, flags and times.
 *
 * Failures are ERR_PARSE or ERR_RANGE with a sentence that quotes the cell and
 * says what was expected; where the cell stands, the caller adds. */
#ifndef STORE_CSV_VALUE_H
#define STORE_CSV_VALUE_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "model/side.h"
#include "store/csv.h"

/* A decimal, also with an exponent as programs write small floats ("6.45e-06"). More than 12
 * fraction digits are rounded half even, which sets *rounded (left alone otherwise). */
enum err csv_read_decimal(struct csv_cell cell, decimal *out, bool *rounded,
                          struct fault *why) MUST_CHECK;

enum err csv_read_count(struct csv_cell cell, uint64_t *out, struct fault *why) MUST_CHECK;

/* "buy", "bid", "b" or "sell", "ask", "s", "a", "offer", in any case. */
enum err csv_read_side(struct csv_cell cell, enum side *out, struct fault *why) MUST_CHECK;

/* "true", "1" or "false", "0", in any case. */
enum err csv_read_bool(struct csv_cell cell, bool *out, struct fault *why) MUST_CHECK;

/* How a column writes time. The unit of numbers comes from the column's name ("ts_ms") or,
 * where that says nothing, from the size of the first: what lies between 1973 and 5138 is told
 * apart. All cells of a column must then agree. Dates are ISO 8601, UTC unless they carry an
 * offset. */
enum time_unit {
    TIME_UNIT_UNKNOWN,
    TIME_UNIT_SECONDS,
    TIME_UNIT_MILLISECONDS,
    TIME_UNIT_MICROSECONDS,
    TIME_UNIT_NANOSECONDS,
    TIME_UNIT_DATE,
    TIME_UNIT_COUNT
};

struct csv_time {
    enum time_unit unit;
    bool is_named; /* by the column; otherwise recognised */
};

const char *time_unit_name(enum time_unit unit); /* "milliseconds" */

/* What the name of a column says about its unit; *base_len is the length of the name without
 * the unit. */
struct csv_time csv_time_of_name(const char *name, size_t *base_len);

/* Times before 1970 and after 2261 are ERR_RANGE. Fractions of a unit count, down to the
 * nanosecond. */
enum err csv_read_time(struct csv_time *time, struct csv_cell cell, nanos *out,
                       struct fault *why) MUST_CHECK;

#endif
