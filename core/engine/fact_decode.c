/* Facts from JSON, by the tables of fact_field.c.
 *
 * Reading is strict: members in the table's order, none unknown, none twice, and
 * none missing but optional ones, which then hold nothing. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "engine/fact_field.h"

struct decoder {
    enum fact_kind kind;
    const struct json_doc *doc;
    char *json; /* the document's text */
    const struct product_table *products;
    struct fact *out;
    struct fault *why;
};

static enum err refuse(const struct decoder *d, const struct fact_field *field,
                       const char *expected)
{
    return fail(d->why, ERR_CORRUPT, "a %s fact: member \"%s\" is not %s",
                fact_kind_name(d->kind), field->name, expected);
}

static enum err decode_count(const struct decoder *d, const struct fact_field *field, int token,
                             uint64_t *out)
{
    char text[24], *end;
    size_t len;
    const char *raw = json_raw(d->doc, token, &len);

    if (len == 0 || len >= sizeof text || raw[0] < '0' || raw[0] > '9')
        return refuse(d, field, "a count");
    memcpy(text, raw, len);
    text[len] = '\0';
    *out = strtoull(text, &end, 10);
    /* What is out of range comes back as another number. */
    char again[24];
    int written = snprintf(again, sizeof again, "%" PRIu64, *out);
    if (*end || (size_t)written != len || memcmp(again, text, len) != 0)
        return refuse(d, field, "a count");
    return OK;
}

static enum err decode_int(const struct decoder *d, const struct fact_field *field, int token,
                           int64_t low, int64_t high, int64_t *out)
{
    if (json_kind(d->doc, token) != JSON_NUMBER || !json_read_int(d->doc, token, out) ||
        *out < low || *out > high)
        return refuse(d, field, "a whole number in range");
    return OK;
}

static bool read_decimal(const struct json_doc *doc, int token, decimal *out)
{
    size_t len;
    const char *raw = json_raw(doc, token, &len);

    return json_kind(doc, token) == JSON_STRING && decimal_parse(raw, len, out, NULL) == OK;
}

static enum err decode_enum(const struct decoder *d, const struct fact_field *field, int token,
                            int *out)
{
    size_t len;
    const char *raw = json_raw(d->doc, token, &len);

    for (int i = field->first; i < field->count; i++) {
        const char *name = field->name_of(i);
        if (strlen(name) == len && memcmp(name, raw, len) == 0) {
            *out = i;
            return OK;
        }
    }
    return refuse(d, field, "one of its names");
}

static enum err decode_product(const struct decoder *d, const struct fact_field *field,
                               int token, product_ref *out)
{
    char symbol[SYMBOL_MAX];

    if (!json_read_text(d->doc, token, symbol, sizeof symbol))
        return refuse(d, field, "a symbol");
    *out = product_table_find(d->products, symbol);
    if (*out == PRODUCT_NONE)
        return fail(d->why, ERR_MISSING,
                    "a %s fact speaks of %s, which is not among the products of this run: add "
                    "it to the profile",
                    fact_kind_name(d->kind), symbol);
    return OK;
}

static bool read_verdict(const struct json_doc *doc, int token, enum verdict *out)
{
    char text[16];

    return json_read_text(doc, token, text, sizeof text) && verdict_parse(text, out);
}

/* One stage's verdict and the size after it. */
static bool read_stage(const struct json_doc *doc, int token, decimal before,
                       enum verdict *verdict, decimal *size)
{
    *size = before;
    if (json_kind(doc, token) == JSON_STRING)
        return read_verdict(doc, token, verdict);
    return json_kind(doc, token) == JSON_ARRAY && json_count(doc, token) == 2 &&
           read_verdict(doc, json_at(doc, token, 0), verdict) &&
           read_decimal(doc, json_at(doc, token, 1), size) && !decimal_is_equal(*size, before);
}

/* Stages that the journal does not name came into being after it was written. */
static enum err decode_stages(const struct decoder *d, const struct fact_field *field,
                              int object, struct trace *out)
{
    decimal size = DECIMAL_ZERO;
    char name[32];
    enum stage stage;

    if (json_kind(d->doc, object) != JSON_OBJECT)
        return refuse(d, field, "an object");
    for (int t = json_first(d->doc, object); t != JSON_NONE; t = json_next(d->doc, object, t)) {
        if (!json_read_text(d->doc, t, name, sizeof name) || !stage_parse(name, &stage) ||
            (int)stage < out->count)
            return refuse(d, field, "made of stages in their order");
        while (out->count < (int)stage) {
            out->verdicts[out->count] = VERDICT_SKIPPED;
            out->sizes[out->count++] = size;
        }
        if (!read_stage(d->doc, json_value(d->doc, t), size, &out->verdicts[stage], &size))
            return refuse(d, field, "made of verdicts and sizes");
        out->sizes[stage] = size;
        out->count = (int)stage + 1;
    }
    return OK;
}

/* The value is the object's last member, so the byte behind it is free for a NUL. */
static enum err decode_json(const struct decoder *d, int token, const char **out)
{
    size_t len;
    const char *raw = json_raw(d->doc, token, &len);
    size_t at = (size_t)(raw - d->json), quote = json_kind(d->doc, token) == JSON_STRING;

    d->json[at + len + quote] = '\0';
    *out = d->json + at - quote;
    return OK;
}

static enum err decode_field(const struct decoder *d, const struct fact_field *field, int token)
{
    void *at = (char *)d->out + field->offset;
    int64_t number = 0;
    enum err err = OK;

    switch (field->type) {
    case FIELD_TEXT:
        return json_read_text(d->doc, token, at, field->size)
                   ? OK
                   : refuse(d, field, "a text that fits");
    case FIELD_COUNT:
        return decode_count(d, field, token, at);
    case FIELD_NANOS:
        return decode_int(d, field, token, INT64_MIN, INT64_MAX, at);
    case FIELD_INT:
        err = decode_int(d, field, token, INT32_MIN, INT32_MAX, &number);
        *(int *)at = (int)number;
        return err;
    case FIELD_BOOL:
        return json_kind(d->doc, token) == JSON_BOOL && json_read_bool(d->doc, token, at)
                   ? OK
                   : refuse(d, field, "true or false");
    case FIELD_DECIMAL:
        return read_decimal(d->doc, token, at) ? OK : refuse(d, field, "a decimal");
    case FIELD_ENUM:
        return decode_enum(d, field, token, at);
    case FIELD_PRODUCT:
        return decode_product(d, field, token, at);
    case FIELD_STAGES:
        return decode_stages(d, field, token, at);
    case FIELD_JSON:
        return decode_json(d, token, at);
    }
    return OK;
}

static bool has_name(const struct json_doc *doc, int token, const char *name)
{
    size_t len;
    const char *raw = json_raw(doc, token, &len);

    return strlen(name) == len && memcmp(name, raw, len) == 0;
}

static enum err refuse_name(const struct decoder *d, int token)
{
    size_t len;
    const char *raw = json_raw(d->doc, token, &len);

    return fail(d->why, ERR_CORRUPT,
                "a %s fact: member \"%.*s\" is unknown, repeated or out of place",
                fact_kind_name(d->kind), len > 40 ? 40 : (int)len, raw);
}

/* The fields between two members that are there have to be optional. */
static enum err skip(const struct decoder *d, const struct fact_field *fields, int from, int to)
{
    for (int i = from; i < to; i++)
        if (!fields[i].is_optional)
            return fail(d->why, ERR_CORRUPT, "a %s fact: member \"%s\" is missing",
                        fact_kind_name(d->kind), fields[i].name);
    return OK;
}

static enum err decode_members(const struct decoder *d)
{
    int count, at = 0, root = json_root(d->doc);
    const struct fact_field *fields = fact_fields(d->kind, &count);

    for (int i = 0; i < count; i++)
        if (fields[i].type == FIELD_PRODUCT)
            *(product_ref *)((char *)d->out + fields[i].offset) = PRODUCT_NONE;
    for (int t = json_first(d->doc, root); t != JSON_NONE; t = json_next(d->doc, root, t)) {
        int found = at;
        while (found < count && !has_name(d->doc, t, fields[found].name))
            found++;
        if (found == count)
            return refuse_name(d, t);
        enum err err = skip(d, fields, at, found);
        if (!err)
            err = decode_field(d, &fields[found], json_value(d->doc, t));
        if (err)
            return err;
        at = found + 1;
    }
    return skip(d, fields, at, count);
}

enum err fact_decode(enum fact_kind kind, char *json, size_t len,
                     const struct product_table *products, struct fact *out, struct fault *why)
{
    struct json_doc *doc;
    struct fault detail;

    if (json_parse(json, len, &doc, &detail))
        return fail(why, ERR_CORRUPT, "a %s fact: %s", fact_kind_name(kind), detail.text);
    memset(out, 0, sizeof *out);
    out->kind = kind;
    struct decoder d = {kind, doc, json, products, out, why};
    enum err err = OK;
    if (json_kind(doc, json_root(doc)) == JSON_OBJECT)
        err = decode_members(&d);
    else
        err = fail(why, ERR_CORRUPT, "a %s fact: not an object", fact_kind_name(kind));
    json_free(doc);
    return err;
}
