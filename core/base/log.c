/* How a line is made. The format of the pairs is read here rather than handed
 * to printf as a whole, because only then is it known which bytes the program
 * wrote and which came in from outside: a blank or a quote inside an argument
 * belongs to its value and makes it quoted; it cannot end the value, start
 * another pair or another line.
 *
 * Keys and values are collected one pair at a time and then written in either
 * form, as text or as a member of a JSON object. */
#include "base/log.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

static const struct {
    const char *name, *colour;
} levels[] = {
    [LOG_ERROR] = {"error", "\x1b[31m"},
    [LOG_WARN] = {"warn", "\x1b[33m"},
    [LOG_INFO] = {"info", "\x1b[32m"},
    [LOG_DEBUG] = {"debug", "\x1b[90m"},
};
static_assert(ARRAY_LEN(levels) == LOG_DEBUG + 1, "name every level");

static struct log_options options = {.level = LOG_INFO};
static nanos stamp;

void log_setup(const struct log_options *new_options)
{
    options = *new_options;
}

void log_set_time(nanos now)
{
    stamp = now;
}

bool log_parse_level(const char *text, enum log_level *out)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        if (strcmp(levels[i].name, text) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

/* printf, one conversion at a time */

enum { SPEC_MAX = 64 };

enum length { LENGTH_INT, LENGTH_LONG, LENGTH_LONG_LONG, LENGTH_SIZE, LENGTH_MAX };

/* A conversion such as %-8.3f, with the stars already replaced by their numbers. */
struct conversion {
    char spec[SPEC_MAX];
    enum length length;
    char letter;
};

static void add_to_spec(struct conversion *c, const char *text, size_t len)
{
    size_t used = strlen(c->spec);

    assert(used + len < sizeof c->spec);
    memcpy(c->spec + used, text, len);
    c->spec[used + len] = '\0';
}

/* Flags, width and precision. */
static const char *read_layout(struct conversion *c, const char *p, va_list *args)
{
    char number[16];

    for (; *p && strchr("-+ #0123456789.*", *p); p++) {
        if (*p != '*') {
            add_to_spec(c, p, 1);
            continue;
        }
        int value = va_arg(*args, int);
        bool is_precision = c->spec[strlen(c->spec) - 1] == '.';
        if (value < 0 && is_precision) {
            c->spec[strlen(c->spec) - 1] = '\0'; /* as if there were none */
            continue;
        }
        snprintf(number, sizeof number, "%d", value);
        add_to_spec(c, number, strlen(number));
    }
    return p;
}

static enum length find_length(const char *text, size_t len)
{
    if (len == 0 || text[0] == 'h')
        return LENGTH_INT;
    if (text[0] == 'l')
        return len == 1 ? LENGTH_LONG : LENGTH_LONG_LONG;
    return text[0] == 'j' ? LENGTH_MAX : LENGTH_SIZE;
}

/* p points to the percent sign; returns what follows the conversion. */
static const char *read_conversion(struct conversion *c, const char *p, va_list *args)
{
    *c = (struct conversion){.spec = "%"};
    p = read_layout(c, p + 1, args);
    size_t len = strspn(p, "hlzjt");
    c->length = find_length(p, len);
    add_to_spec(c, p, len);
    p += len;
    c->letter = *p;
    add_to_spec(c, p, 1);
    return p + 1;
}

static void add_integer(struct buf *out, const struct conversion *c, va_list *args)
{
    switch (c->length) {
    case LENGTH_INT:
        buf_add_format(out, c->spec, va_arg(*args, int));
        break;
    case LENGTH_LONG:
        buf_add_format(out, c->spec, va_arg(*args, long));
        break;
    case LENGTH_LONG_LONG:
        buf_add_format(out, c->spec, va_arg(*args, long long));
        break;
    case LENGTH_SIZE:
        buf_add_format(out, c->spec, va_arg(*args, size_t));
        break;
    case LENGTH_MAX:
        buf_add_format(out, c->spec, va_arg(*args, intmax_t));
        break;
    }
}

static void add_argument(struct buf *out, const struct conversion *c, va_list *args)
{
    switch (c->letter) {
    case '%':
        buf_add(out, "%", 1);
        break;
    case 's':
        buf_add_format(out, c->spec, va_arg(*args, const char *));
        break;
    case 'p':
        buf_add_format(out, c->spec, va_arg(*args, void *));
        break;
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        buf_add_format(out, c->spec, va_arg(*args, double));
        break;
    default:
        assert(c->letter && strchr("diouxXc", c->letter));
        add_integer(out, c, args);
        break;
    }
}

/* The line */

struct line {
    struct buf text;
    struct json_writer json;
    struct buf key, value;
};

/* As it is, or as a JSON string if it is empty or holds more than printable ASCII without
 * blanks, quotes and what else `special` lists. */
static void add_word(struct buf *out, const struct buf *word, const char *special)
{
    bool plain = word->len > 0;
    struct json_writer quoted = json_writer_init(out);

    for (size_t i = 0; i < word->len && plain; i++)
        plain = word->data[i] > ' ' && word->data[i] < 0x7F && !strchr(special, word->data[i]);
    if (plain)
        buf_add(out, word->data, word->len);
    else
        json_add_bytes(&quoted, NULL, buf_text(word), word->len);
}

static void add_pair_as_text(struct line *line, bool has_value)
{
    buf_add(&line->text, " ", 1);
    add_word(&line->text, &line->key, "\"=");
    if (!has_value)
        return;
    buf_add(&line->text, "=", 1);
    add_word(&line->text, &line->value, "\"");
}

static void add_pair(struct line *line, bool has_value)
{
    if (options.json)
        json_add_bytes(&line->json, buf_text(&line->key), buf_text(&line->value),
                       line->value.len);
    else
        add_pair_as_text(line, has_value);
    buf_reset(&line->key);
    buf_reset(&line->value);
}

static const char *skip_pair_blanks(const char *format)
{
    return format + strspn(format, " ");
}

/* Reads one pair from the format; returns what follows it. */
static const char *read_pair(struct line *line, const char *p, va_list *args)
{
    struct buf *part = &line->key;
    bool in_quotes = false;
    struct conversion conversion;

    while (*p && (*p != ' ' || in_quotes)) {
        if (*p == '%') {
            p = read_conversion(&conversion, p, args);
            add_argument(part, &conversion, args);
            continue;
        }
        if (*p == '=' && part == &line->key)
            part = &line->value;
        else if (*p == '"')
            in_quotes = !in_quotes;
        else
            buf_add(part, p, 1);
        p++;
    }
    add_pair(line, part == &line->value);
    return p;
}

/* "2024-08-08T23:54:14.087Z": always milliseconds, so that columns line up. */
static const char *format_time(char out[NANOS_TEXT_MAX])
{
    nanos now = stamp ? stamp : clock_wall();
    int millisecond = (int)((now - nanos_day(now)) / MILLISECONDS(1) % 1000);
    enum { TO_SECONDS = 19 };

    nanos_format(now, out);
    snprintf(out + TO_SECONDS, NANOS_TEXT_MAX - TO_SECONDS, ".%03dZ", millisecond);
    return out;
}

static void begin_text(struct line *line, enum log_level level, const char *event)
{
    char time[NANOS_TEXT_MAX];

    buf_add_format(&line->text, "%s %s%-5s%s %s", format_time(time),
                   options.colour ? levels[level].colour : "", levels[level].name,
                   options.colour ? "\x1b[0m" : "", event);
}

static void begin_json(struct line *line, enum log_level level, const char *event)
{
    char time[NANOS_TEXT_MAX];

    line->json = json_writer_init(&line->text);
    json_open_object(&line->json, NULL);
    json_add_text(&line->json, "time", format_time(time));
    json_add_text(&line->json, "level", levels[level].name);
    json_add_text(&line->json, "event", event);
}

static void write_line(struct line *line)
{
    FILE *out = options.out ? options.out : stderr;

    if (options.json)
        json_close_object(&line->json);
    buf_add(&line->text, "\n", 1);
    fwrite(line->text.data, 1, line->text.len, out); /* one write; nobody to tell if it fails */
    fflush(out);
}

void log_line(enum log_level level, const char *event, const char *pairs, ...)
{
    static struct line line; /* its memory is used again for the next */
    va_list args;

    assert((size_t)level < ARRAY_LEN(levels));
    if (level > options.level)
        return;
    buf_reset(&line.text);
    (options.json ? begin_json : begin_text)(&line, level, event);
    va_start(args, pairs);
    for (const char *p = skip_pair_blanks(pairs ? pairs : ""); *p; p = skip_pair_blanks(p))
        p = read_pair(&line, p, &args);
    va_end(args);
    write_line(&line);
}
