#include "series/archive.h"

#include <math.h>
#include <string.h>

/* No sum gets near; one that is this large cannot be added to for ever. */
#define WIDE_HIGH_MAX ((int128)1 << 112)

struct archive archive_saver(struct buf *out)
{
    return (struct archive){.out = out};
}

struct archive archive_loader(const char *text, size_t len)
{
    return (struct archive){.next = text, .end = text + len};
}

/* The next word of the line; its length, or 0 when there is none. */
static size_t next_word(struct archive *a, const char **word)
{
    while (a->next < a->end && *a->next == ' ')
        a->next++;
    *word = a->next;
    while (a->next < a->end && *a->next != ' ' && *a->next != '\n')
        a->next++;
    return (size_t)(a->next - *word);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_bits(struct archive *a, uint128 *bits)
{
    const char *word;
    size_t len = next_word(a, &word);

    *bits = 0;
    for (size_t i = 0; i < len; i++) {
        int digit = hex_digit(word[i]);
        if (digit < 0)
            return false;
        *bits = *bits << 4 | (unsigned)digit;
    }
    return len >= 1 && len <= 32;
}

static void write_bits(struct archive *a, uint128 bits)
{
    uint64_t high = (uint64_t)(bits >> 64), low = (uint64_t)bits;

    if (high)
        buf_add_format(a->out, " %llx%016llx", (unsigned long long)high,
                       (unsigned long long)low);
    else
        buf_add_format(a->out, " %llx", (unsigned long long)low);
}

/* Passes *bits through: true if they were read and the caller should check and take them. */
static bool visit_bits(struct archive *a, uint128 *bits)
{
    if (!archive_is_loading(a)) {
        write_bits(a, *bits);
        return false;
    }
    if (!a->has_failed && !read_bits(a, bits))
        a->has_failed = true;
    return !a->has_failed;
}

void archive_word(struct archive *a, char *word, size_t cap)
{
    const char *text;

    if (!archive_is_loading(a)) {
        buf_add_text(a->out, " ");
        buf_add_text(a->out, word);
        return;
    }
    size_t len = next_word(a, &text);
    if (a->has_failed || len == 0 || len >= cap) {
        a->has_failed = true;
        return;
    }
    memcpy(word, text, len);
    word[len] = '\0';
}

void archive_units(struct archive *a, int128 *units, int128 limit)
{
    uint128 bits = (uint128)*units;

    if (!visit_bits(a, &bits))
        return;
    if ((int128)bits < -limit || (int128)bits > limit)
        a->has_failed = true;
    else
        *units = (int128)bits;
}

void archive_int64(struct archive *a, int64_t *number, int64_t min, int64_t max)
{
    uint128 bits = (uint128)(int128)*number;

    if (!visit_bits(a, &bits))
        return;
    if ((int128)bits < min || (int128)bits > max)
        a->has_failed = true;
    else
        *number = (int64_t)(int128)bits;
}

void archive_int(struct archive *a, int *number, int min, int max)
{
    int64_t wider = *number;

    archive_int64(a, &wider, min, max);
    *number = (int)wider;
}

void archive_bool(struct archive *a, bool *value)
{
    int number = *value;

    archive_int(a, &number, 0, 1);
    *value = number;
}

void archive_wide(struct archive *a, wide *number)
{
    uint128 high = (uint128)number->high, low = number->low;

    bool has_high = visit_bits(a, &high);
    bool has_low = visit_bits(a, &low);
    if (!has_high || !has_low)
        return;
    if ((int128)high < -WIDE_HIGH_MAX || (int128)high > WIDE_HIGH_MAX)
        a->has_failed = true;
    else
        *number = (wide){low, (int128)high};
}

void archive_double(struct archive *a, double *number)
{
    uint64_t pattern;
    double value;

    memcpy(&pattern, number, sizeof pattern);
    uint128 bits = pattern;
    if (!visit_bits(a, &bits))
        return;
    pattern = (uint64_t)bits;
    memcpy(&value, &pattern, sizeof value);
    if (bits >> 64 || !isfinite(value))
        a->has_failed = true;
    else
        *number = value;
}

enum err archive_end(struct archive *a, struct fault *why)
{
    const char *rest;

    if (!archive_is_loading(a)) {
        buf_add_text(a->out, "\n");
        return OK;
    }
    if (a->has_failed || next_word(a, &rest) > 0 || a->next == a->end)
        return fail(why, ERR_CORRUPT,
                    "saved indicator: damaged, or written by another version; "
                    "feed the bars again instead");
    a->next++;
    return OK;
}
