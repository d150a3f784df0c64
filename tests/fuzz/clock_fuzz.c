/* Any text as a time and as a duration: what is read is written so that it reads back. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_time(const char *text)
{
    struct fault why = {0};
    char again[NANOS_TEXT_MAX];
    nanos time, back;

    if (nanos_parse(text, &time, &why)) {
        assert(why.text[0]);
        return;
    }
    enum err err = nanos_parse(nanos_format(time, again), &back, NULL);
    assert(!err && back == time);
    assert(nanos_day(time) <= time && time - nanos_day(time) < DAYS(1));
    assert(strncmp(text, again, strlen("2024-08-08")) == 0);
}

static void check_duration(const char *text)
{
    struct fault why = {0};
    char again[NANOS_TEXT_MAX];
    nanos span, back;

    if (nanos_parse_duration(text, &span, &why)) {
        assert(why.text[0]);
        return;
    }
    assert(span > 0);
    enum err err = nanos_parse_duration(nanos_format_duration(span, again), &back, NULL);
    assert(!err && back == span);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    nanos any;

    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    check_time(text);
    check_duration(text);
    if (size >= sizeof any) {
        memcpy(&any, data, sizeof any);
        nanos_format(any, (char[NANOS_TEXT_MAX]){0});
        nanos_format_duration(any, (char[NANOS_TEXT_MAX]){0});
        nanos_weekday(any);
        nanos_minute_of_day(any);
    }
    free(text);
    return 0;
}
