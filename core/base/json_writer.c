#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/octets.h"
#include "base/utf8.h"

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
    return is_c1_control(p, left) ? 0 : utf8_length((const char *)p, left);
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

static void add_escaped_string(struct buf *out, const char *bytes, size_t len)
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

/* Whether the string is ASCII that needs no escape: eight bytes at a time, because nearly all
 * of them are. */
static bool is_plain(const char *bytes, size_t len)
{
    uint64_t odd = 0;

    for (; len >= sizeof odd; bytes += sizeof odd, len -= sizeof odd) {
        uint64_t word = octets_load(bytes);
        odd |= octets_not_ascii(word) | octets_below(word, ' ') | octets_equal(word, '"') |
               octets_equal(word, '\\') | octets_equal(word, 0x7F);
    }
    for (; len > 0; bytes++, len--)
        odd |= (unsigned char)*bytes < ' ' || *bytes == '"' || *bytes == '\\' ||
               (unsigned char)*bytes >= 0x7F;
    return !odd;
}

/* Between quotes, which it returns the byte behind. */
static char *put_plain_string(char *at, const char *bytes, size_t len)
{
    *at = '"';
    memcpy(at + 1, bytes, len);
    at[len + 1] = '"';
    return at + len + 2;
}

static void add_string(struct buf *out, const char *bytes, size_t len)
{
    if (is_plain(bytes, len))
        put_plain_string(buf_add_space(out, len + 2), bytes, len);
    else
        add_escaped_string(out, bytes, len);
}

/* What goes before a value: the comma, the line and the name. */
static void begin_value(struct json_writer *w, const char *name)
{
    size_t len = name ? strlen(name) : 0;

    if (name && !w->pretty && is_plain(name, len)) { /* all of them at once */
        char *at = buf_add_space(w->out, len + 3 + w->needs_comma);
        if (w->needs_comma)
            *at++ = ',';
        *put_plain_string(at, name, len) = ':';
        w->needs_comma = true;
        return;
    }
    if (w->needs_comma)
        buf_add(w->out, ",", 1);
    if (w->pretty && w->depth > 0)
        break_line(w);
    if (name) {
        add_string(w->out, name, len);
        buf_add(w->out, ": ", w->pretty ? 2 : 1);
    }
    w->needs_comma = true;
}

void json_add_raw(struct json_writer *w, const char *name, const char *json, size_t len)
{
    begin_value(w, name);
    buf_add(w->out, json, len);
}

static void add_raw(struct json_writer *w, const char *name, const char *value)
{
    json_add_raw(w, name, value, strlen(value));
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
    char text[24], *end = text + sizeof text, *p = end;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

    do
        *--p = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        *--p = '-';
    json_add_raw(w, name, p, (size_t)(end - p));
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
    char *comma = strchr(text, ','); /* the point of some locales */
    if (comma)
        *comma = '.';
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

    begin_value(w, name);
    decimal_format(value, text);
    size_t len = strlen(text);
    put_plain_string(buf_add_space(w->out, len + 2), text, len);
}
