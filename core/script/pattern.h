/* Lua's patterns (reference manual of 5.4, section 6.4.1), compiled and matched with a
 * bound on the work. Same language and results as string.find, but for three things: a
 * malformed pattern is refused even if the subject never gets to the malformed part,
 * classes are ASCII's whatever the locale, and a pattern has at most 256 bytes. No Lua in
 * here. */
#ifndef SCRIPT_PATTERN_H
#define SCRIPT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PATTERN_TEXT_MAX = 256, PATTERN_CAPTURES_MAX = 32 };

struct pattern_item {
    uint8_t kind, repeat;
    uint16_t from, to; /* of the text: what a single item matches; or a capture's number */
};

struct pattern {
    const char *text; /* borrowed */
    bool is_anchored; /* begins with ^ */
    int captures;
    struct pattern_item items[PATTERN_TEXT_MAX + 1];
};

struct pattern_capture {
    size_t start, len;
    bool is_position; /* (): its value is the position */
};

struct pattern_match {
    size_t start, end;
    struct pattern_capture captures[PATTERN_CAPTURES_MAX];
};

/* NULL, or what is wrong with the text. Without may_anchor a leading ^ is a plain
 * character, as gmatch has it. */
const char *pattern_compile(struct pattern *pattern, const char *text, size_t len,
                            bool may_anchor);

enum pattern_result { PATTERN_NONE, PATTERN_FOUND, PATTERN_TIRED };

enum { PATTERN_NO_BAR = -1 };

/* The first match that starts at `from` or later and does not end at `barred` (how gsub and
 * gmatch avoid an empty match right after the last one). Takes from *work, step by step, so
 * that a signal handler may end it; TIRED once that is used up. from <= len. */
enum pattern_result pattern_find(const struct pattern *pattern, const char *subject, size_t len,
                                 size_t from, int64_t barred, volatile int64_t *work,
                                 struct pattern_match *out);

#endif
