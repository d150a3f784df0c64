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
    [FACT_AMEND_ASKED] = "amend_asked",
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
    [FACT_WISH] = "wish",
    [FACT_MEMORY] = "memory",
    [FACT_TRIP] = "trip",
    [FACT_PACE] = "pace",
    [FACT_SEEN] = "seen",
    [FACT_PREVIEW] = "preview",
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
        size_t step = utf8_length(text + from, len - from);
        if (!step)
            break;
        from += step;
    }
    return from;
}

static bool is_ascii(const char *text, size_t len)
{
    unsigned char all = 0;

    for (size_t i = 0; i < len; i++)
        all |= (unsigned char)text[i];
    return all < 0x80;
}

static void encode_text(struct json_writer *w, const char *text, size_t size)
{
    char clean[256];
    size_t len = strnlen(text, size);

    assert(len < size && size <= sizeof clean);
    if (is_ascii(text, len)) {
        json_add_bytes(w, NULL, text, len);
        return;
    }
    memcpy(clean, text, len);
    for (size_t odd = 0; (odd = find_odd_byte(clean, odd, len)) < len;)
        clean[odd] = '?';
    json_add_bytes(w, NULL, clean, len);
}

static void encode_count(struct json_writer *w, uint64_t count)
{
    char text[24];

    if (count <= INT64_MAX) {
        json_add_int(w, NULL, (int64_t)count);
        return;
    }
    snprintf(text, sizeof text, "%" PRIu64, count);
    json_add_text(w, NULL, text);
}

/* {"sizing":["changed","0.5"],"funds":"passed",...}: the size stands where it changed. */
static void encode_stages(struct json_writer *w, const struct trace *trace)
{
    decimal before = DECIMAL_ZERO;

    assert(trace->count >= 0 && trace->count <= STAGE_COUNT);
    json_open_object(w, NULL);
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
static void encode_json(struct json_writer *w, const char *json)
{
    struct json_doc *doc;
    size_t len = strlen(json);

    if (len > FACT_STATE_MAX || json_parse(json, len, &doc, NULL)) {
        json_add_null(w, NULL);
        return;
    }
    json_free(doc);
    json_add_raw(w, NULL, json, len);
}

static void encode_enum(struct json_writer *w, const struct fact_field *field, int value)
{
    assert(value >= field->first && value < field->count);
    json_add_text(w, NULL, field->name_of(value));
}

static void encode_value(struct json_writer *w, const struct fact_field *field, const void *at,
                         const struct product_table *products)
{
    switch (field->type) {
    case FIELD_TEXT:
        encode_text(w, at, field->size);
        break;
    case FIELD_COUNT:
        encode_count(w, *(const uint64_t *)at);
        break;
    case FIELD_NANOS:
        json_add_int(w, NULL, *(const nanos *)at);
        break;
    case FIELD_INT:
        json_add_int(w, NULL, *(const int *)at);
        break;
    case FIELD_BOOL:
        json_add_bool(w, NULL, *(const bool *)at);
        break;
    case FIELD_DECIMAL:
        json_add_decimal(w, NULL, *(const decimal *)at);
        break;
    case FIELD_ENUM:
        encode_enum(w, field, *(const int *)at);
        break;
    case FIELD_PRODUCT:
        json_add_text(w, NULL, product_table_get(products, *(const product_ref *)at)->symbol);
        break;
    case FIELD_STAGES:
        encode_stages(w, at);
        break;
    case FIELD_JSON:
        encode_json(w, *(const char *const *)at);
        break;
    }
}

/* What an optional field does not write. */
static bool is_nothing(const struct fact_field *field, const void *at)
{
    switch (field->type) {
    case FIELD_TEXT:
        return *(const char *)at == '\0';
    case FIELD_COUNT:
        return *(const uint64_t *)at == 0;
    case FIELD_NANOS:
        return *(const nanos *)at == 0;
    case FIELD_INT:
    case FIELD_ENUM:
        return *(const int *)at == 0;
    case FIELD_BOOL:
        return !*(const bool *)at;
    case FIELD_DECIMAL:
        return decimal_is_zero(*(const decimal *)at);
    case FIELD_PRODUCT:
        return *(const product_ref *)at == PRODUCT_NONE;
    case FIELD_STAGES:
    case FIELD_JSON:
        break;
    }
    return false;
}

/* The writer would have to look for bytes to escape in the name; the table's have none. */
static void add_name(struct json_writer *w, const struct fact_field *field)
{
    size_t skip = !w->needs_comma;

    buf_add(w->out, field->prefix + skip, field->prefix_len - skip);
    w->needs_comma = false;
}

static void encode_field(struct json_writer *w, const struct fact_field *field,
                         const struct fact *fact, const struct product_table *products)
{
    const void *at = fact_field_at(field, fact);

    if (field->is_optional && is_nothing(field, at))
        return;
    add_name(w, field);
    encode_value(w, field, at, products);
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
