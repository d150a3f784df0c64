/* Random facts of every kind, made from the table of fields: each field gets a
 * value of its type, often one at an edge. They need make no sense as trading. */
#ifndef TESTS_FACT_RANDOM_H
#define TESTS_FACT_RANDOM_H

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "engine/fact_field.h"

static inline struct product_table fact_random_products(void)
{
    struct product_table table = {.count = 3};
    const char *symbols[] = {"BTC-USD", "ETH-USD", "BIP-20DEC30-CDE"};

    for (int i = 0; i < table.count; i++)
        snprintf(table.items[i].symbol, SYMBOL_MAX, "%s", symbols[i]);
    return table;
}

static inline decimal fact_random_decimal(struct rng *rng)
{
    static const int128 limit = (int128)10000000000000000000u * 1000000000000000000u;
    int128 units = (int128)rng_next(rng) << rng_below(rng, 60);

    switch (rng_below(rng, 6)) {
    case 0:
        return (decimal){0};
    case 1:
        return (decimal){rng_chance(rng, 0.5) ? limit : -limit};
    case 2:
        return (decimal){rng_chance(rng, 0.5) ? 1 : -1};
    case 3:
        return decimal_from_int(rng_between(rng, -100000, 100000));
    case 4:
        return (decimal){rng_between(rng, -1000000000000000, 1000000000000000)};
    default:
        units %= limit + 1;
        return (decimal){rng_chance(rng, 0.5) ? units : -units};
    }
}

/* Text of up to cap - 1 bytes: letters, what JSON escapes, control bytes, characters of two
 * to four bytes, and (if `raw`) bytes that are none. */
static inline void fact_random_text(struct rng *rng, char *out, size_t cap, bool raw)
{
    static const char *const pieces[] = {"a",
                                         "Z",
                                         "0",
                                         " ",
                                         "\"",
                                         "\\",
                                         "/",
                                         "\n",
                                         "\t",
                                         "\x01",
                                         "\x1f",
                                         "\x7f",
                                         "\xC3\xA9",
                                         "\xE2\x82\xAC",
                                         "\xF0\x9F\x98\x80",
                                         "\xC2\x85",
                                         "{",
                                         "}",
                                         "\\u0041",
                                         "'",
                                         "\xEF\xBF\xBD"};
    size_t want = rng_chance(rng, 0.2) ? cap - 1 : rng_below(rng, cap), len = 0;

    memset(out, 0, cap);
    while (len < want) {
        const char *piece = pieces[rng_below(rng, sizeof pieces / sizeof *pieces)];
        if (raw && rng_chance(rng, 0.1))
            piece = rng_chance(rng, 0.5) ? "\xFF" : "\xE2\x82";
        size_t n = strlen(piece);
        if (len + n > want)
            break;
        memcpy(out + len, piece, n);
        len += n;
    }
}

static inline uint64_t fact_random_count(struct rng *rng)
{
    switch (rng_below(rng, 4)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX - rng_below(rng, 3);
    case 2:
        return (uint64_t)INT64_MAX + rng_below(rng, 3) - 1;
    default:
        return rng_next(rng) >> rng_below(rng, 64);
    }
}

static inline int64_t fact_random_int(struct rng *rng, int64_t low, int64_t high)
{
    uint64_t pick = rng_below(rng, 4);

    return pick == 0 ? 0 : pick == 1 ? low : pick == 2 ? high : rng_between(rng, low, high);
}

static inline void fact_random_stages(struct rng *rng, struct trace *trace)
{
    trace->count = (int)rng_below(rng, STAGE_COUNT + 1);
    for (int i = 0; i < trace->count; i++) {
        trace->verdicts[i] = (enum verdict)rng_below(rng, VERDICT_COUNT);
        trace->sizes[i] =
            i > 0 && rng_chance(rng, 0.6) ? trace->sizes[i - 1] : fact_random_decimal(rng);
    }
}

static inline const char *fact_random_json(struct rng *rng)
{
    static const char *const texts[] = {
        "null",
        "true",
        "0",
        "-1.5e3",
        "\"text \\\" \\u00e9\"",
        "[]",
        "{}",
        "{\"a\":[1,2,{\"b\":null}],\"c\":\"}\"}",
        "[[[[]]]]",
        "\"\"",
    };
    return texts[rng_below(rng, sizeof texts / sizeof *texts)];
}

static inline void fact_random_field(struct rng *rng, const struct fact_field *field, bool raw,
                                     struct fact *fact)
{
    void *at = (char *)fact + field->offset;

    switch (field->type) {
    case FIELD_TEXT:
        fact_random_text(rng, at, field->size, raw);
        break;
    case FIELD_COUNT:
        *(uint64_t *)at = fact_random_count(rng);
        break;
    case FIELD_NANOS:
        *(nanos *)at = fact_random_int(rng, INT64_MIN, INT64_MAX);
        break;
    case FIELD_INT:
        *(int *)at = (int)fact_random_int(rng, INT32_MIN, INT32_MAX);
        break;
    case FIELD_BOOL:
        *(bool *)at = rng_chance(rng, 0.5);
        break;
    case FIELD_DECIMAL:
        *(decimal *)at = fact_random_decimal(rng);
        break;
    case FIELD_ENUM:
        *(int *)at = (int)rng_between(rng, field->first, field->count - 1);
        break;
    case FIELD_PRODUCT:
        *(product_ref *)at = field->is_optional && rng_chance(rng, 0.3)
                                 ? PRODUCT_NONE
                                 : (product_ref)rng_below(rng, 3);
        break;
    case FIELD_STAGES:
        fact_random_stages(rng, at);
        break;
    case FIELD_JSON:
        *(const char **)at = fact_random_json(rng);
        break;
    }
}

/* `raw`: texts also hold bytes that are no UTF-8. Bytes that no field covers are zero. */
static inline void fact_random(struct rng *rng, enum fact_kind kind, bool raw, struct fact *out)
{
    int count;
    const struct fact_field *fields = fact_fields(kind, &count);

    memset(out, 0, sizeof *out);
    out->kind = kind;
    for (int i = 0; i < count; i++)
        fact_random_field(rng, &fields[i], raw, out);
}

#endif
