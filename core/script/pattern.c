#include "script/pattern.h"

#include <assert.h>
#include <string.h>

#include "base/attr.h"

/* A pattern has no alternatives, so it is a straight list of items, and which parenthesis
 * closes which, what a back reference means and whether anything is malformed is known
 * before matching. A path that leads to a match passes every item in order: a capture
 * written on a path that failed is written again by the one that succeeds, and needs no
 * undoing.
 *
 * Only a repeated item has to try several continuations; match_here calls itself for those
 * alone, so it nests as deep as the pattern has repetitions. Every item tried and every
 * byte stepped over takes a unit of work; that bounds the time, which can otherwise grow
 * with a power of the subject as high as there are repetitions. */

enum kind {
    BYTE,     /* text[from] */
    ANY,      /* . */
    CLASS,    /* %a: the letter is text[from] */
    SET,      /* [...]: text[from..to) is what is between the brackets */
    OPEN,     /* ( */
    CLOSE,    /* ) */
    POSITION, /* () */
    BACK,     /* %1 */
    BALANCE,  /* %bxy: text[from], text[from + 1] */
    FRONTIER, /* %f[...] */
    AT_END,   /* $ */
    DONE,
};

enum repeat { ONCE, PERHAPS, MANY, SOME, FEW }; /* nothing ? * + - */

/* Classes, in ASCII. */

static bool is_between(unsigned char c, char low, char high)
{
    return c >= (unsigned char)low && c <= (unsigned char)high;
}

static bool is_letter(unsigned char c)
{
    return is_between(c, 'a', 'z') || is_between(c, 'A', 'Z');
}

static bool is_digit(unsigned char c)
{
    return is_between(c, '0', '9');
}

static bool is_in_class(unsigned char c, char letter)
{
    bool is_upper = is_between((unsigned char)letter, 'A', 'Z'), is_in;

    switch (is_upper ? letter - 'A' + 'a' : letter) {
    case 'a':
        is_in = is_letter(c);
        break;
    case 'c':
        is_in = c < ' ' || c == 0x7F;
        break;
    case 'd':
        is_in = is_digit(c);
        break;
    case 'g':
        is_in = is_between(c, '!', '~');
        break;
    case 'l':
        is_in = is_between(c, 'a', 'z');
        break;
    case 'p':
        is_in = is_between(c, '!', '~') && !is_letter(c) && !is_digit(c);
        break;
    case 's':
        is_in = c == ' ' || is_between(c, '\t', '\r');
        break;
    case 'u':
        is_in = is_between(c, 'A', 'Z');
        break;
    case 'w':
        is_in = is_letter(c) || is_digit(c);
        break;
    case 'x':
        is_in = is_digit(c) || is_between(c, 'a', 'f') || is_between(c, 'A', 'F');
        break;
    case 'z': /* since 5.2 a plain \0 does it too */
        is_in = c == '\0';
        break;
    default:
        return c == (unsigned char)letter; /* %. and the like */
    }
    return is_in != is_upper;
}

/* Whether c is in the set between p and end (without the brackets). */
static bool is_in_set(unsigned char c, const char *p, const char *end)
{
    bool is_negated = p < end && *p == '^';

    for (p += is_negated; p < end; p++) {
        if (*p == '%' && p + 1 < end) {
            if (is_in_class(c, *++p))
                return !is_negated;
        } else if (p + 2 < end && p[1] == '-') {
            if (is_between(c, p[0], p[2]))
                return !is_negated;
            p += 2;
        } else if (c == (unsigned char)*p) {
            return !is_negated;
        }
    }
    return is_negated;
}

/* Compiling. */

struct compiler {
    struct pattern *out;
    const char *text;
    size_t len, at;
    int count;
    int open[PATTERN_CAPTURES_MAX]; /* captures not closed yet */
    int depth;
    const char *error;
};

static void add(struct compiler *c, enum kind kind, enum repeat repeat, size_t from, size_t to)
{
    c->out->items[c->count++] =
        (struct pattern_item){(uint8_t)kind, (uint8_t)repeat, (uint16_t)from, (uint16_t)to};
}

/* Whether the text goes on with c; steps over it. */
static bool accept(struct compiler *c, char wanted)
{
    if (c->at == c->len || c->text[c->at] != wanted)
        return false;
    c->at++;
    return true;
}

static void compile_open(struct compiler *c)
{
    int number = c->out->captures;

    if (number == PATTERN_CAPTURES_MAX) {
        c->error = "too many captures";
        return;
    }
    c->out->captures++;
    if (accept(c, ')')) {
        add(c, POSITION, ONCE, (size_t)number, 0);
        return;
    }
    c->open[c->depth++] = number;
    add(c, OPEN, ONCE, (size_t)number, 0);
}

static void compile_close(struct compiler *c)
{
    if (c->depth == 0) {
        c->error = "invalid pattern capture";
        return;
    }
    add(c, CLOSE, ONCE, (size_t)c->open[--c->depth], 0);
}

static bool is_open(const struct compiler *c, int number)
{
    for (int i = 0; i < c->depth; i++)
        if (c->open[i] == number)
            return true;
    return false;
}

static void compile_back(struct compiler *c, char digit)
{
    int number = digit - '1';

    if (number < 0 || number >= c->out->captures || is_open(c, number)) {
        c->error = "invalid capture index in pattern";
        return;
    }
    add(c, BACK, ONCE, (size_t)number, 0);
}

static void compile_balance(struct compiler *c)
{
    if (c->len - c->at < 2) {
        c->error = "malformed pattern (missing arguments to '%b')";
        return;
    }
    add(c, BALANCE, ONCE, c->at, c->at + 2);
    c->at += 2;
}

/* After the [. The first character is always one of the set, so []] and [^]] work. */
static bool skip_set(struct compiler *c, size_t *from, size_t *to)
{
    *from = c->at;
    accept(c, '^');
    do {
        if (c->at == c->len) {
            c->error = "malformed pattern (missing ']')";
            return false;
        }
        if (c->text[c->at++] == '%' && c->at < c->len)
            c->at++;
    } while (c->at == c->len || c->text[c->at] != ']');
    *to = c->at++;
    return true;
}

static void compile_frontier(struct compiler *c)
{
    size_t from, to;

    if (!accept(c, '[')) {
        c->error = "missing '[' after '%f' in pattern";
        return;
    }
    if (skip_set(c, &from, &to))
        add(c, FRONTIER, ONCE, from, to);
}

static enum repeat compile_repeat(struct compiler *c)
{
    if (accept(c, '?'))
        return PERHAPS;
    if (accept(c, '*'))
        return MANY;
    if (accept(c, '+'))
        return SOME;
    return accept(c, '-') ? FEW : ONCE;
}

static void compile_single(struct compiler *c)
{
    size_t from = c->at, to = c->at + 1;
    enum kind kind = BYTE;

    switch (c->text[c->at++]) {
    case '.':
        kind = ANY;
        break;
    case '[':
        if (!skip_set(c, &from, &to))
            return;
        kind = SET;
        break;
    case '%':
        if (c->at == c->len) {
            c->error = "malformed pattern (ends with '%')";
            return;
        }
        from = c->at++;
        kind = CLASS;
        break;
    default:
        break;
    }
    add(c, kind, compile_repeat(c), from, to);
}

static void compile_item(struct compiler *c)
{
    char after = c->text[c->at] == '%' && c->at + 1 < c->len ? c->text[c->at + 1] : '\0';

    if (accept(c, '('))
        compile_open(c);
    else if (accept(c, ')'))
        compile_close(c);
    else if (c->at + 1 == c->len && accept(c, '$'))
        add(c, AT_END, ONCE, 0, 0);
    else if (after == 'b' || after == 'f' || is_digit((unsigned char)after)) {
        c->at += 2;
        if (after == 'b')
            compile_balance(c);
        else if (after == 'f')
            compile_frontier(c);
        else
            compile_back(c, after);
    } else
        compile_single(c);
}

const char *pattern_compile(struct pattern *out, const char *text, size_t len, bool may_anchor)
{
    struct compiler c = {.out = out, .text = text, .len = len};

    if (len > PATTERN_TEXT_MAX)
        return "pattern too long";
    out->text = text;
    out->captures = 0;
    out->is_anchored = may_anchor && accept(&c, '^');
    while (c.at < c.len && !c.error)
        compile_item(&c);
    if (!c.error && c.depth > 0)
        c.error = "unfinished capture";
    add(&c, DONE, ONCE, 0, 0);
    return c.error;
}

/* Matching. */

struct matcher {
    const char *text; /* of the pattern */
    const char *start, *end;
    volatile int64_t *work; /* the caller's: may be ended from a signal handler */
    struct pattern_capture *captures;
};

static bool matches_one(const struct matcher *m, const struct pattern_item *item, const char *s)
{
    if (s == m->end)
        return false;
    unsigned char c = (unsigned char)*s;
    switch ((enum kind)item->kind) {
    case BYTE:
        return c == (unsigned char)m->text[item->from];
    case ANY:
        return true;
    case CLASS:
        return is_in_class(c, m->text[item->from]);
    default:
        return is_in_set(c, m->text + item->from, m->text + item->to);
    }
}

static const char *match_here(struct matcher *m, const struct pattern_item *item,
                              const char *s);

/* As many as there are, then fewer, down to `least`. */
static const char *match_greedy(struct matcher *m, const struct pattern_item *item,
                                const char *s, ptrdiff_t least)
{
    ptrdiff_t count = 0;

    while (matches_one(m, item, s + count))
        count++;
    *m->work -= count;
    for (; count >= least && *m->work >= 0; count--) {
        const char *end = match_here(m, item + 1, s + count);
        if (end)
            return end;
    }
    return NULL;
}

static const char *match_lazy(struct matcher *m, const struct pattern_item *item, const char *s)
{
    while (*m->work >= 0) {
        const char *end = match_here(m, item + 1, s);
        if (end)
            return end;
        if (!matches_one(m, item, s))
            return NULL;
        s++;
    }
    return NULL;
}

static const char *match_balance(struct matcher *m, const struct pattern_item *item,
                                 const char *s)
{
    char open = m->text[item->from], close = m->text[item->from + 1];
    int depth = 1;

    if (s == m->end || *s != open)
        return NULL;
    for (const char *p = s + 1; p < m->end && *m->work >= 0; p++, --*m->work) {
        if (*p == close) {
            if (--depth == 0)
                return p + 1;
        } else if (*p == open) {
            depth++;
        }
    }
    return NULL;
}

static bool is_frontier(const struct matcher *m, const struct pattern_item *item, const char *s)
{
    const char *from = m->text + item->from, *to = m->text + item->to;
    unsigned char before = s == m->start ? '\0' : (unsigned char)s[-1];
    unsigned char after = s == m->end ? '\0' : (unsigned char)*s;

    return !is_in_set(before, from, to) && is_in_set(after, from, to);
}

static const char *match_back(struct matcher *m, const struct pattern_item *item, const char *s)
{
    const struct pattern_capture *capture = &m->captures[item->from];

    if (capture->is_position || (size_t)(m->end - s) < capture->len)
        return NULL;
    *m->work -= (int64_t)capture->len;
    return memcmp(m->start + capture->start, s, capture->len) ? NULL : s + capture->len;
}

/* Steps over one item that matches in one way only; NULL when it does not. */
static const char *step_over(struct matcher *m, const struct pattern_item *item, const char *s)
{
    size_t at = (size_t)(s - m->start);

    switch ((enum kind)item->kind) {
    case OPEN:
        m->captures[item->from] = (struct pattern_capture){at, 0, false};
        return s;
    case CLOSE:
        m->captures[item->from].len = at - m->captures[item->from].start;
        return s;
    case POSITION:
        m->captures[item->from] = (struct pattern_capture){at, 0, true};
        return s;
    case BACK:
        return match_back(m, item, s);
    case BALANCE:
        return match_balance(m, item, s);
    case FRONTIER:
        return is_frontier(m, item, s) ? s : NULL;
    case AT_END:
        return s == m->end ? s : NULL;
    default:
        return matches_one(m, item, s) ? s + 1 : NULL;
    }
}

/* Where the match ends, NULL if there is none. */
static const char *match_here(struct matcher *m, const struct pattern_item *item, const char *s)
{
    for (; s && item->kind != DONE; item++) {
        if (--*m->work < 0)
            return NULL;
        switch ((enum repeat)item->repeat) {
        case ONCE:
            s = step_over(m, item, s);
            break;
        case PERHAPS:
            if (matches_one(m, item, s)) {
                const char *end = match_here(m, item + 1, s + 1);
                if (end)
                    return end;
            }
            break;
        case MANY:
            return match_greedy(m, item, s, 0);
        case SOME:
            return match_greedy(m, item, s, 1);
        case FEW:
            return match_lazy(m, item, s);
        }
    }
    return *m->work < 0 ? NULL : s;
}

/* Where a match may begin at the earliest: a pattern often begins with a plain byte. */
static const char *skip_ahead(const struct pattern *p, struct matcher *m, const char *s)
{
    const struct pattern_item *first = &p->items[0];

    if (p->is_anchored || first->kind != BYTE ||
        (first->repeat != ONCE && first->repeat != SOME))
        return s;
    const char *found = memchr(s, p->text[first->from], (size_t)(m->end - s));
    *m->work -= ((found ? found : m->end) - s) / 16;
    return found;
}

enum pattern_result pattern_find(const struct pattern *p, const char *subject, size_t len,
                                 size_t from, int64_t barred, volatile int64_t *work,
                                 struct pattern_match *out)
{
    assert(from <= len);
    struct matcher m = {p->text, subject, subject + len, work, out->captures};
    const char *bar = barred == PATTERN_NO_BAR ? NULL : subject + barred, *end = NULL;
    const char *s = skip_ahead(p, &m, subject + from);

    while (s && *work >= 0) {
        end = match_here(&m, p->items, s);
        if (end && end != bar)
            break;
        end = NULL;
        s = p->is_anchored || s == m.end ? NULL : skip_ahead(p, &m, s + 1);
    }
    if (*work < 0)
        return PATTERN_TIRED;
    if (!end)
        return PATTERN_NONE;
    out->start = (size_t)(s - subject);
    out->end = (size_t)(end - subject);
    return PATTERN_FOUND;
}
