#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

struct json_writer json_writer_init(struct buf *out)
{
    return (struct json_writer){.out = out};
}

static void break_line(struct json_writer *w)
{
    if (!w->pretty)
        return;
    buf_add(w->out, "\n", 1);
    for (int i = 0; i < w->depth; i++)
        buf_add(w->out, "  ", 2);
}

/* The length of the well-formed UTF-8 character at p, 0 if there is none (RFC 3629: neither
 * overlong, nor a surrogate, nor beyond U+10FFFF). */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;

    if (p[0] > 0xF4 || len > left)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return len;
}

/* U+0080 to U+009F, which terminals may obey. */
static bool is_c1_control(const unsigned char *p, size_t left)
{
    return left > 1 && p[0] == 0xC2 && p[1] >= 0x80 && p[1] < 0xA0;
}

/* How many bytes at p can be written as they are. */
static size_t plain_length(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return p[0] >= ' ' && p[0] != '"' && p[0] != '\\' && p[0] != 0x7F;
    return is_c1_control(p, left) ? 0 : utf8_length(p, left);
}

/* Writes what cannot go as it is; returns how many bytes that was. */
static size_t add_escaped(struct buf *out, const unsigned char *p, size_t left)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *found = memchr(plain, p[0], sizeof plain - 1);
    char text[8] = "\\";

    if (is_c1_control(p, left)) {
        snprintf(text, sizeof text, "\\u%04x", p[1]);
        buf_add(out, text, 6);
        return 2;
    }
    if (p[0] >= 0x80)
        buf_add_text(out, "\xEF\xBF\xBD"); /* U+FFFD */
    else if (found) {
        text[1] = letters[found - plain];
        buf_add(out, text, 2);
    } else {
        snprintf(text, sizeof text, "\\u%04x", p[0]);
        buf_add(out, text, 6);
    }
    return 1;
}

static void add_string(struct buf *out, const char *bytes, size_t len)
{
    const unsigned char *text = (const unsigned char *)bytes;
    size_t start = 0, i = 0;

    buf_add(out, "\"", 1);
    while (i < len) {
        size_t plain = plain_length(text + i, len - i);
        i += plain;
        if (plain)
            continue;
        buf_add(out, bytes + start, i - start);
        i += add_escaped(out, text + i, len - i);
        start = i;
    }
    buf_add(out, bytes + start, len - start);
    buf_add(out, "\"", 1);
}

/* What goes before a value: the comma, the line and the name. */
static void begin_value(struct json_writer *w, const char *name)
{
    if (w->needs_comma)
        buf_add(w->out, ",", 1);
    if (w->depth > 0)
        break_line(w);
    if (name) {
        add_string(w->out, name, strlen(name));
        buf_add(w->out, ": ", w->pretty ? 2 : 1);
    }
    w->needs_comma = true;
}

static void add_raw(struct json_writer *w, const char *name, const char *value)
{
    begin_value(w, name);
    buf_add_text(w->out, value);
}

static void open_level(struct json_writer *w, const char *name, const char *bracket)
{
    add_raw(w, name, bracket);
    w->depth++;
    w->needs_comma = false;
}

static void close_level(struct json_writer *w, const char *bracket)
{
    assert(w->depth > 0);
    w->depth--;
    if (w->needs_comma)
        break_line(w);
    buf_add_text(w->out, bracket);
    w->needs_comma = true;
}

void json_open_object(struct json_writer *w, const char *name)
{
    open_level(w, name, "{");
}

void json_close_object(struct json_writer *w)
{
    close_level(w, "}");
}

void json_open_array(struct json_writer *w, const char *name)
{
    open_level(w, name, "[");
}

void json_close_array(struct json_writer *w)
{
    close_level(w, "]");
}

void json_add_bytes(struct json_writer *w, const char *name, const char *text, size_t len)
{
    begin_value(w, name);
    add_string(w->out, text, len);
}

void json_add_text(struct json_writer *w, const char *name, const char *text)
{
    if (text)
        json_add_bytes(w, name, text, strlen(text));
    else
        json_add_null(w, name);
}

void json_add_int(struct json_writer *w, const char *name, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, number);
    add_raw(w, name, text);
}

void json_add_double(struct json_writer *w, const char *name, double number)
{
    char text[40];

    if (!isfinite(number)) {
        json_add_null(w, name);
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, sizeof text, "%.*g", precision, number);
        double read = strtod(text, NULL);
        if (read >= number && read <= number)
            break;
    }
    text[strcspn(text, ",")] = text[strcspn(text, ",")] ? '.' : '\0'; /* a locale's point */
    add_raw(w, name, text);
}

void json_add_bool(struct json_writer *w, const char *name, bool value)
{
    add_raw(w, name, value ? "true" : "false");
}

void json_add_null(struct json_writer *w, const char *name)
{
    add_raw(w, name, "null");
}

void json_add_decimal(struct json_writer *w, const char *name, decimal value)
{
    char text[DECIMAL_TEXT_MAX];

    json_add_text(w, name, decimal_format(value, text));
}
