/* Any bytes as JSON: accepted exactly when a second reader accepts them, and what is read,
 * written and read again is the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void copy_value(const struct json_doc *doc, int token, const char *name,
                       struct json_writer *w);

static char *read_string(const struct json_doc *doc, int token)
{
    size_t len;
    const char *raw = json_raw(doc, token, &len);
    char *text = malloc(len + 1);

    if (!json_read_text(doc, token, text, len + 1)) {
        assert(len >= 6 && memmem(raw, len, "\\u0000", 6)); /* the only reason there is */
        strcpy(text, "");
    }
    return text;
}

static void copy_members(const struct json_doc *doc, int object, struct json_writer *w)
{
    int index = 0, name;

    for (int t = json_first(doc, object); t != JSON_NONE; t = json_next(doc, object, t)) {
        char *key = read_string(doc, t);
        if (index < 100)
            assert(json_member(doc, object, index, &name) == json_value(doc, t) && name == t);
        assert(!key[0] || json_find(doc, object, key) != JSON_NONE);
        copy_value(doc, json_value(doc, t), key, w);
        free(key);
        index++;
    }
    assert(index == json_count(doc, object));
}

static void copy_elements(const struct json_doc *doc, int array, struct json_writer *w)
{
    int index = 0;

    for (int t = json_first(doc, array); t != JSON_NONE; t = json_next(doc, array, t)) {
        if (index < 100)
            assert(json_at(doc, array, index) == t);
        copy_value(doc, t, NULL, w);
        index++;
    }
    assert(index == json_count(doc, array));
}

static void read_scalar(const struct json_doc *doc, int token)
{
    int64_t number;
    decimal value;
    bool truth;

    bool is_int = json_read_int(doc, token, &number);
    bool is_decimal = json_read_decimal(doc, token, &value);
    bool is_truth = json_read_bool(doc, token, &truth);
    if (is_int)
        assert(is_decimal && decimal_is_equal(value, decimal_from_int(number)));
    assert(!is_truth || !is_decimal);
    assert(!is_decimal || decimal_is_in_range(value));
}

static void copy_value(const struct json_doc *doc, int token, const char *name,
                       struct json_writer *w)
{
    size_t len;
    const char *raw = json_raw(doc, token, &len);
    char *text;

    read_scalar(doc, token);
    switch (json_kind(doc, token)) {
    case JSON_OBJECT:
        json_open_object(w, name);
        copy_members(doc, token, w);
        json_close_object(w);
        break;
    case JSON_ARRAY:
        json_open_array(w, name);
        copy_elements(doc, token, w);
        json_close_array(w);
        break;
    case JSON_STRING:
        text = read_string(doc, token);
        json_add_text(w, name, text);
        free(text);
        break;
    case JSON_NUMBER:
    case JSON_BOOL:
    case JSON_NULL:
        json_add_raw(w, name, raw, len);
        break;
    case JSON_MISSING:
        abort();
    }
}

/* Whether it was JSON; if so, it is written again into out. */
static bool copy_document(const char *text, size_t len, bool pretty, struct buf *out)
{
    struct json_doc *doc;
    struct json_writer w = json_writer_init(out);
    struct fault why = {0};

    w.pretty = pretty;
    if (json_parse(text, len, &doc, &why)) {
        assert(why.code == ERR_PARSE && why.text[0]);
        return false;
    }
    copy_value(doc, json_root(doc), NULL, &w);
    json_free(doc);
    return true;
}

static void check_copies(const struct buf *first)
{
    struct buf pretty = BUF_INIT, second = BUF_INIT;

    assert(oracle_is_json(first->data, first->len));
    bool ok = copy_document(first->data, first->len, true, &pretty) &&
              oracle_is_json(pretty.data, pretty.len) &&
              copy_document(pretty.data, pretty.len, false, &second);
    assert(ok && first->len == second.len && memcmp(first->data, second.data, first->len) == 0);
    buf_clear(&pretty);
    buf_clear(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf copy = BUF_INIT;
    char *text = malloc(size ? size : 1); /* just as long, so that reading beyond is found */

    if (size)
        memcpy(text, data, size);
    bool ok = copy_document(text, size, false, &copy);
    assert(ok == oracle_is_json(text, size));
    if (ok)
        check_copies(&copy);
    buf_clear(&copy);
    free(text);
    return 0;
}
