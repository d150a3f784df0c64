/* Facts to JSON, by the tables of fact_field.c.
 *
 * What is written reads back as the same fact, with one exception: bytes of a
 * text that are no UTF-8 (a script's, or a character that was cut in half) are
 * written as '?', so that the journal is JSON whatever scripts say. */
#include "engine/fact.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/names.h"
#include "base/utf8.h"
#include "engine/fact_field.h"

static const char *const kind_names[] = {
    [FACT_RUN] = "run",
    [FACT_STOP] = "stop",
    [FACT_ORDER] = "order",
    [FACT_TRACE] = "trace",
    [FACT_ORDER_EVENT] = "order_event",
    [FACT_FILL] = "fill",
    [FACT_FILL_KNOWN] = "fill_known",
    [FACT_AMEND] = "amend",
    [FACT_BALANCE] = "balance",
    [FACT_POSITION] = "position",
    [FACT_CAUSE] = "cause",
    [FACT_CAUSE_END] = "cause_end",
    [FACT_BASELINE] = "baseline",
    [FACT_COMMAND] = "command",
    [FACT_CYCLE] = "cycle",
    [FACT_GUARD] = "guard",
    [FACT_SCRIPT] = "script",
    [FACT_ANOMALY] = "anomaly",
    [FACT_REPAIR] = "repair",
    [FACT_EXIT] = "exit",
    [FACT_STATE] = "state",
    [FACT_SNAPSHOT] = "snapshot",
};
static_assert(ARRAY_LEN(kind_names) == FACT_KIND_COUNT, "name every kind");

const char *fact_kind_name(enum fact_kind kind)
{
    assert(kind < FACT_KIND_COUNT);
    return kind_names[kind];
}

bool fact_kind_parse(const char *text, enum fact_kind *out)
{
    int found = names_find(kind_names, FACT_KIND_COUNT, text);

    if (found < 0)
        return false;
    *out = (enum fact_kind)found;
    return true;
}

/* Where the text stops being UTF-8, or its end. */
static size_t find_odd_byte(const char *text, size_t from, size_t len)
{
    while (from < len) {
        size_t step =
            (unsigned char)text[from] < 0x80 ? 1 : utf8_length(text + from, len - from);
        if (!step)
            break;
        from += step;
    }
    return from;
}

static void encode_text(struct json_writer *w, const struct fact_field *field, const char *text)
{
    char clean[256];
    size_t len = strnlen(text, field->size), odd = find_odd_byte(text, 0, len);

    assert(len < field->size && field->size <= sizeof clean);
    if (len == 0 && field->is_optional)
        return;
    if (odd == len) {
        json_add_bytes(w, field->name, text, len);
        return;
    }
    memcpy(clean, text, len);
    for (; odd < len; odd = find_odd_byte(clean, odd + 1, len))
        clean[odd] = '?';
    json_add_bytes(w, field->name, clean, len);
}

static void encode_count(struct json_writer *w, const struct fact_field *field, uint64_t count)
{
    char text[24];

    if (count == 0 && field->is_optional)
        return;
    if (count <= INT64_MAX) {
        json_add_int(w, field->name, (int64_t)count);
        return;
    }
    snprintf(text, sizeof text, "%" PRIu64, count);
    json_add_text(w, field->name, text);
}

static void encode_int(struct json_writer *w, const struct fact_field *field, int64_t number)
{
    if (number || !field->is_optional)
        json_add_int(w, field->name, number);
}

static void encode_decimal(struct json_writer *w, const struct fact_field *field, decimal value)
{
    if (!decimal_is_zero(value) || !field->is_optional)
        json_add_decimal(w, field->name, value);
}

static void encode_enum(struct json_writer *w, const struct fact_field *field, int value)
{
    assert(value >= field->first && value < field->count);
    if (value || !field->is_optional)
        json_add_text(w, field->name, field->name_of(value));
}

static void encode_product(struct json_writer *w, const struct fact_field *field,
                           product_ref product, const struct product_table *products)
{
    assert(product != PRODUCT_NONE || field->is_optional);
    if (product != PRODUCT_NONE)
        json_add_text(w, field->name, product_table_get(products, product)->symbol);
}

/* {"sizing":["changed","0.5"],"funds":"passed",...}: the size stands where it changed. */
static void encode_stages(struct json_writer *w, const char *name, const struct trace *trace)
{
    decimal before = DECIMAL_ZERO;

    assert(trace->count >= 0 && trace->count <= STAGE_COUNT);
    json_open_object(w, name);
    for (int i = 0; i < trace->count; i++) {
        const char *stage = stage_name((enum stage)i);
        const char *verdict = verdict_name(trace->verdicts[i]);
        if (decimal_is_equal(trace->sizes[i], before)) {
            json_add_text(w, stage, verdict);
            continue;
        }
        json_open_array(w, stage);
        json_add_text(w, NULL, verdict);
        json_add_decimal(w, NULL, trace->sizes[i]);
        json_close_array(w);
        before = trace->sizes[i];
    }
    json_close_object(w);
}

/* A text that is no JSON is stored as null: a script's mistake must not make the journal
 * unreadable. */
static void encode_json(struct json_writer *w, const char *name, const char *json)
{
    struct json_doc *doc;
    size_t len = strlen(json);

    if (len > FACT_STATE_MAX || json_parse(json, len, &doc, NULL)) {
        json_add_null(w, name);
        return;
    }
    json_free(doc);
    json_add_raw(w, name, json, len);
}

static void encode_field(struct json_writer *w, const struct fact_field *field,
                         const struct fact *fact, const struct product_table *products)
{
    const void *at = fact_field_at(field, fact);

    switch (field->type) {
    case FIELD_TEXT:
        encode_text(w, field, at);
        break;
    case FIELD_COUNT:
        encode_count(w, field, *(const uint64_t *)at);
        break;
    case FIELD_NANOS:
        encode_int(w, field, *(const nanos *)at);
        break;
    case FIELD_INT:
        encode_int(w, field, *(const int *)at);
        break;
    case FIELD_BOOL:
        if (*(const bool *)at || !field->is_optional)
            json_add_bool(w, field->name, *(const bool *)at);
        break;
    case FIELD_DECIMAL:
        encode_decimal(w, field, *(const decimal *)at);
        break;
    case FIELD_ENUM:
        encode_enum(w, field, *(const int *)at);
        break;
    case FIELD_PRODUCT:
        encode_product(w, field, *(const product_ref *)at, products);
        break;
    case FIELD_STAGES:
        encode_stages(w, field->name, at);
        break;
    case FIELD_JSON:
        encode_json(w, field->name, *(const char *const *)at);
        break;
    }
}

void fact_encode(const struct fact *fact, const struct product_table *products, struct buf *out)
{
    struct json_writer w = json_writer_init(out);
    int count;
    const struct fact_field *fields = fact_fields(fact->kind, &count);

    json_open_object(&w, NULL);
    for (int i = 0; i < count; i++)
        encode_field(&w, &fields[i], fact, products);
    json_close_object(&w);
}
