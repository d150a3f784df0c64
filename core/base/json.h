/* JSON (RFC 8259), written and read. Numbers stay text on both sides, so that
 * money never passes through a double.
 *
 * Writing: open and close objects and arrays, name members; commas and escapes
 * come by themselves. Text that is not UTF-8 is mended with U+FFFD, and what a
 * terminal might obey is escaped.
 *
 * Reading: a document is a flat array of tokens (found by jsmn, checked strictly)
 * over text that must outlive it; a token is named by its index, and JSON_NONE
 * stands for "not there", which every reader accepts. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/decimal.h"

struct json_writer {
    struct buf *out;
    bool needs_comma;
    bool pretty; /* newlines and two spaces a level */
    int depth;
};

struct json_writer json_writer_init(struct buf *out);
/* `name` is the member's name inside an object, NULL inside an array or at the top. */
void json_open_object(struct json_writer *w, const char *name);
void json_close_object(struct json_writer *w);
void json_open_array(struct json_writer *w, const char *name);
void json_close_array(struct json_writer *w);
void json_add_text(struct json_writer *w, const char *name, const char *text); /* NULL: null */
void json_add_bytes(struct json_writer *w, const char *name, const char *text, size_t len);
void json_add_int(struct json_writer *w, const char *name, int64_t number);
void json_add_double(struct json_writer *w, const char *name,
                     double number); /* NaN, inf: null */
void json_add_bool(struct json_writer *w, const char *name, bool value);
void json_add_null(struct json_writer *w, const char *name);
void json_add_decimal(struct json_writer *w, const char *name, decimal value); /* a string */
/* A value that is JSON already. */
void json_add_raw(struct json_writer *w, const char *name, const char *json, size_t len);

enum { JSON_NONE = -1 };
enum json_kind {
    JSON_MISSING,
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_BOOL,
    JSON_NULL
};

struct json_doc;

/* Parses text[0..len), one value of any kind, which must stay where it is. ERR_PARSE names
 * the offset and what is wrong there; nesting over 64 is wrong too. ERR_RANGE over 64 MiB. */
enum err json_parse(const char *text, size_t len, struct json_doc **out,
                    struct fault *why) MUST_CHECK;
void json_free(struct json_doc *doc);

int json_root(const struct json_doc *doc);
enum json_kind json_kind(const struct json_doc *doc, int token);
int json_count(const struct json_doc *doc, int token); /* members or elements; 0 if neither */

/* The value of a member; the first one if the name is there twice. */
int json_find(const struct json_doc *doc, int object, const char *name);

/* The elements of an array, or the member names of an object, in order and in constant time:
 * for (int t = json_first(doc, list); t != JSON_NONE; t = json_next(doc, list, t)) */
int json_first(const struct json_doc *doc, int container);
int json_next(const struct json_doc *doc, int container, int token);
int json_value(const struct json_doc *doc, int name); /* of a member name */

/* By index, for the odd one: they walk there from the first. */
int json_at(const struct json_doc *doc, int array, int index);
/* The i-th member of an object: its name token in *name, returns its value. */
int json_member(const struct json_doc *doc, int object, int index, int *name);

/* The raw text of a token (a string without quotes, still escaped; "" for JSON_NONE).
 * Borrowed from the document's text, not NUL-terminated. */
const char *json_raw(const struct json_doc *doc, int token, size_t *len);

/* These leave *out alone and return false when the token is not what they read or does not
 * fit. The venue puts many numbers and some truth values in quotes, so those count too. */

/* A string, unescaped and NUL-terminated; one that holds a NUL does not fit. */
bool json_read_text(const struct json_doc *doc, int token, char *out, size_t cap) MUST_CHECK;
/* Digits only: no point, no exponent. */
bool json_read_int(const struct json_doc *doc, int token, int64_t *out) MUST_CHECK;
bool json_read_bool(const struct json_doc *doc, int token, bool *out) MUST_CHECK;
/* Fraction digits beyond the twelfth are rounded half even; an exponent is understood. */
bool json_read_decimal(const struct json_doc *doc, int token, decimal *out) MUST_CHECK;

#endif
