/* One line per fact, for people and machines: `area.event key=value key=value`.
 *
 * Levels say what the operator must do: error, wake somebody; warn, look
 * today; info, the story of the day; debug, the rest. Only the edges log
 * (io, venue, store, script, app); base, model, series and engine return or
 * emit events instead. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/clock.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log_options {
    FILE *out; /* NULL: stderr */
    enum log_level level;
    bool json;   /* one JSON object a line */
    bool colour; /* levels coloured, for a terminal */
};

void log_setup(const struct log_options *options);
/* The time stamped on the lines that follow; 0 goes back to the wall clock. */
void log_set_time(nanos now);
bool log_parse_level(const char *text, enum log_level *out) MUST_CHECK;

/* `pairs` is a printf format of key=value pairs: "order=%s reason=%s price=%.2f". NULL if there
 * are none. "Quotes" are needed only around blanks of the format itself: an argument with
 * blanks, quotes, control bytes or nothing in it is quoted as in JSON, so that neither a
 * script nor a venue can forge pairs or lines. In JSON lines all values are strings, and the
 * members time, level and event come first. */
void log_line(enum log_level level, const char *event, const char *pairs, ...)
    PRINTF_LIKE(3, 4);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

#endif
