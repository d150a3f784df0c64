/* Reading JSON: jsmn finds the tokens; a survey of the bytes before it and a
 * check of the tokens after it hold the text to RFC 8259.
 *
 * The survey counts what can come before a token, which is all the memory jsmn
 * may have, and refuses deep nesting, over which jsmn would take quadratic time.
 *
 * jsmn alone lets through what no JSON is ([1 2], {"a"}, 1.2.3, text after a
 * NUL), in its strict mode too, which also refuses a lone number. So the check
 * walks tokens and text side by side and wants exactly the punctuation the
 * grammar has between two tokens, which proves the nesting as well.
 *
 * jsmn's parent links keep its closing of brackets quick. Afterwards nobody
 * needs them, and the check puts a more useful number in their place: the index
 * of the token that follows the whole value. `size` becomes the number of
 * elements or members. */
#include "base/json.h"

#include <assert.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#include "base/mem.h"
#include "base/octets.h"

#define FOLLOWER parent

enum { DEPTH_MAX = 64, TEXT_MAX = 64 << 20 };

struct json_doc {
    const char *text;
    jsmntok_t *tokens;
    int count;
};

/* The survey */

struct survey {
    size_t pos;        /* of the mistake, if there is one */
    unsigned room;     /* tokens there can be */
    const char *wrong; /* the first mistake, or NULL */
};

/* The first byte from `at` on that a string treats specially: a quote, a backslash, a control
 * byte. Nearly all of a string is none, so eight at a time. */
static size_t skip_plain(const char *text, size_t len, size_t at)
{
    for (; at + sizeof(uint64_t) <= len; at += sizeof(uint64_t)) {
        uint64_t word = octets_load(text + at);
        uint64_t found =
            octets_equal(word, '"') | octets_equal(word, '\\') | octets_below(word, ' ');
        if (found)
            return at + octets_first(found);
    }
    while (at < len && text[at] != '"' && text[at] != '\\' && (unsigned char)text[at] >= ' ')
        at++;
    return at;
}

/* From the opening quote to the closing one, or to the end of the text. */
static void survey_string(struct survey *s, const char *text, size_t len)
{
    s->pos = skip_plain(text, len, s->pos + 1);
    while (s->pos < len && text[s->pos] == '\\')
        s->pos = skip_plain(text, len, s->pos + 2);
    if (s->pos < len && text[s->pos] != '"')
        s->wrong = "a control byte in a string";
}

/* A string may start only where a value or a name may: jsmn would otherwise not see it as
 * one but as part of a word, and brackets would count differently for it. */
static bool may_precede_string(char c)
{
    return c == '[' || c == '{' || c == ',' || c == ':';
}

static struct survey survey_text(const char *text, size_t len)
{
    /* One for the whole and one to spare, so that where a single comma is missing the check
     * finds it, which can name it. */
    struct survey s = {.room = 2};
    int depth = 0;
    char before = ','; /* the last byte that is not blank */

    for (; s.pos < len && !s.wrong; s.pos++) {
        switch (text[s.pos]) {
        case ' ':
        case '\t':
        case '\r':
        case '\n':
            continue;
        case '"':
            if (!may_precede_string(before))
                s.wrong = "a quote that cannot be there";
            else
                survey_string(&s, text, len);
            before = '"';
            continue;
        case '[':
        case '{':
            if (++depth > DEPTH_MAX)
                s.wrong = "nesting deeper than 64 levels";
            s.room++;
            break;
        case ']':
        case '}':
            depth--;
            break;
        case ',':
        case ':':
            s.room++;
            break;
        default:
            break;
        }
        before = text[s.pos];
    }
    s.pos -= s.wrong != NULL;
    return s;
}

/* The check */

struct check {
    const char *text;
    int len, pos;
    jsmntok_t *tokens;
    int count;
    const char *wrong; /* the first mistake, at pos */
};

static void skip_blanks(struct check *c)
{
    while (c->pos < c->len && (c->text[c->pos] == ' ' || c->text[c->pos] == '\n' ||
                               c->text[c->pos] == '\t' || c->text[c->pos] == '\r'))
        c->pos++;
}

static bool is_wrong(struct check *c, const char *wrong)
{
    if (!c->wrong)
        c->wrong = wrong;
    return true;
}

/* Blanks, then one byte. */
static bool lacks(struct check *c, char wanted, const char *wrong)
{
    skip_blanks(c);
    if (c->pos >= c->len || c->text[c->pos] != wanted)
        return is_wrong(c, wrong);
    c->pos++;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p))
        p++;
    return p;
}

static bool is_number(const char *p, const char *end)
{
    const char *start;

    p += p < end && *p == '-';
    start = p;
    p = skip_digits(p, end);
    if (p == start || (*start == '0' && p > start + 1))
        return false;
    if (p < end && *p == '.') {
        start = ++p;
        p = skip_digits(p, end);
        if (p == start)
            return false;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        start = p;
        p = skip_digits(p, end);
        if (p == start)
            return false;
    }
    return p == end;
}

static bool is_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(text, word, len) == 0;
}

static bool primitive_is_wrong(struct check *c, const jsmntok_t *t)
{
    const char *text = c->text + t->start;
    size_t len = (size_t)(t->end - t->start);

    skip_blanks(c);
    if (c->pos != t->start)
        return is_wrong(c, "something else than a value");
    if (!is_number(text, text + len) && !is_word(text, len, "true") &&
        !is_word(text, len, "false") && !is_word(text, len, "null"))
        return is_wrong(c, "neither a number nor true, false or null");
    c->pos = t->end;
    return false;
}

static bool string_is_wrong(struct check *c, const jsmntok_t *t)
{
    if (lacks(c, '"', "something else than a value") || c->pos != t->start)
        return is_wrong(c, "something else than a value");
    c->pos = t->end + 1;
    return false;
}

static int check_value(struct check *c, int token);

/* One element, or one member with its name. */
static int check_child(struct check *c, const jsmntok_t *parent, int child)
{
    jsmntok_t *t = &c->tokens[child];

    if (parent->type == JSMN_ARRAY)
        return check_value(c, child);
    if (t->type != JSMN_STRING || string_is_wrong(c, t) || lacks(c, ':', "no colon")) {
        is_wrong(c, "no member name in quotes");
        return child + 1;
    }
    t->FOLLOWER = child + 1;
    if (child + 1 == c->count || c->tokens[child + 1].start >= parent->end) {
        is_wrong(c, "no value");
        return child + 1;
    }
    return check_value(c, child + 1);
}

static int check_children(struct check *c, int token)
{
    jsmntok_t *t = &c->tokens[token];
    bool is_array = t->type == JSMN_ARRAY;
    int child = token + 1, children = 0;

    if (lacks(c, is_array ? '[' : '{', "something else than a value"))
        return child;
    while (!c->wrong && child < c->count && c->tokens[child].start < t->end) {
        if (children++ > 0 && lacks(c, ',', "no comma"))
            break;
        child = check_child(c, t, child);
    }
    if (!c->wrong)
        lacks(c, is_array ? ']' : '}', "something else than a comma or the closing bracket");
    t->size = children;
    return child;
}

/* Returns the index of the token after the value, which is where the next one starts. */
static int check_value(struct check *c, int token)
{
    jsmntok_t *t = &c->tokens[token];
    int follower = token + 1;

    if (t->type == JSMN_STRING)
        string_is_wrong(c, t);
    else if (t->type == JSMN_PRIMITIVE)
        primitive_is_wrong(c, t);
    else
        follower = check_children(c, token);
    t->FOLLOWER = follower;
    return follower;
}

static void check_document(struct check *c)
{
    if (c->count == 0) {
        is_wrong(c, "no value at all");
        return;
    }
    check_value(c, 0);
    if (c->wrong)
        return;
    skip_blanks(c);
    if (c->pos != c->len)
        is_wrong(c, "something after the end");
}

/* Parsing */

/* What is wrong with the text and where; NULL when nothing is. */
static const char *find_mistake(struct json_doc *doc, size_t len, size_t *offset)
{
    struct survey survey = survey_text(doc->text, len);
    jsmn_parser parser;

    *offset = survey.pos;
    if (survey.wrong)
        return survey.wrong;
    doc->tokens = mem_resize(NULL, survey.room, sizeof *doc->tokens);
    jsmn_init(&parser);
    int result = jsmn_parse(&parser, doc->text, len, doc->tokens, survey.room);
    *offset = parser.pos;
    if (result == JSMN_ERROR_PART)
        return "a value that does not end";
    if (result == JSMN_ERROR_NOMEM)
        return "no comma or colon";
    if (result < 0)
        return "a byte that cannot be there";
    doc->count = (int)parser.toknext;
    struct check check = {
        .text = doc->text, .len = (int)len, .tokens = doc->tokens, .count = doc->count};
    check_document(&check);
    *offset = (size_t)check.pos;
    return check.wrong;
}

enum err json_parse(const char *text, size_t len, struct json_doc **out, struct fault *why)
{
    size_t offset;

    if (len > TEXT_MAX)
        return fail(why, ERR_RANGE, "JSON of %zu bytes; %d is the most", len, TEXT_MAX);
    struct json_doc *doc = mem_new(sizeof *doc);
    doc->text = text;
    const char *mistake = find_mistake(doc, len, &offset);
    if (mistake) {
        json_free(doc);
        return fail(why, ERR_PARSE, "not JSON: at byte %zu of %zu there is %s", offset, len,
                    mistake);
    }
    *out = doc;
    return OK;
}

void json_free(struct json_doc *doc)
{
    if (doc)
        mem_free(doc->tokens);
    mem_free(doc);
}

/* Moving about */

/* NULL for JSON_NONE. */
static const jsmntok_t *get_token(const struct json_doc *doc, int token)
{
    assert(token >= JSON_NONE && token < doc->count);
    return token == JSON_NONE ? NULL : &doc->tokens[token];
}

static const jsmntok_t *get_container(const struct json_doc *doc, int token, jsmntype_t type)
{
    const jsmntok_t *t = get_token(doc, token);

    return t && t->type == type ? t : NULL;
}

int json_root(const struct json_doc *doc)
{
    (void)doc;
    return 0;
}

enum json_kind json_kind(const struct json_doc *doc, int token)
{
    const jsmntok_t *t = get_token(doc, token);

    if (!t)
        return JSON_MISSING;
    switch (t->type) {
    case JSMN_OBJECT:
        return JSON_OBJECT;
    case JSMN_ARRAY:
        return JSON_ARRAY;
    case JSMN_STRING:
        return JSON_STRING;
    case JSMN_PRIMITIVE:
    case JSMN_UNDEFINED:
        break;
    }
    switch (doc->text[t->start]) {
    case 't':
    case 'f':
        return JSON_BOOL;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

int json_count(const struct json_doc *doc, int token)
{
    const jsmntok_t *t = get_token(doc, token);

    return t && (t->type == JSMN_OBJECT || t->type == JSMN_ARRAY) ? t->size : 0;
}

int json_first(const struct json_doc *doc, int container)
{
    return json_count(doc, container) > 0 ? container + 1 : JSON_NONE;
}

int json_next(const struct json_doc *doc, int container, int token)
{
    const jsmntok_t *parent = get_token(doc, container), *t = get_token(doc, token);

    if (!parent || !t)
        return JSON_NONE;
    if (parent->type == JSMN_OBJECT)
        t++; /* from the name to its value */
    return t->FOLLOWER < parent->FOLLOWER ? t->FOLLOWER : JSON_NONE;
}

int json_value(const struct json_doc *doc, int name)
{
    const jsmntok_t *t = get_token(doc, name);

    return t ? t->FOLLOWER : JSON_NONE;
}

int json_at(const struct json_doc *doc, int array, int index)
{
    if (index < 0 || !get_container(doc, array, JSMN_ARRAY))
        return JSON_NONE;
    for (int token = json_first(doc, array); token != JSON_NONE;
         token = json_next(doc, array, token)) {
        if (index-- == 0)
            return token;
    }
    return JSON_NONE;
}

int json_member(const struct json_doc *doc, int object, int index, int *name)
{
    if (index < 0 || !get_container(doc, object, JSMN_OBJECT))
        return JSON_NONE;
    for (int token = json_first(doc, object); token != JSON_NONE;
         token = json_next(doc, object, token)) {
        if (index-- == 0) {
            *name = token;
            return json_value(doc, token);
        }
    }
    return JSON_NONE;
}

const char *json_raw(const struct json_doc *doc, int token, size_t *len)
{
    const jsmntok_t *t = get_token(doc, token);

    *len = t ? (size_t)(t->end - t->start) : 0;
    return t ? doc->text + t->start : "";
}
