/* A second opinion on what JSON is: RFC 8259 by recursive descent, one function a rule. */
#ifndef TESTS_BASE_JSON_ORACLE_H
#define TESTS_BASE_JSON_ORACLE_H

#include <stdbool.h>
#include <string.h>

struct oracle {
    const char *p, *end;
};

static bool oracle_value(struct oracle *o, int depth);

static bool oracle_take(struct oracle *o, char c)
{
    if (o->p == o->end || *o->p != c)
        return false;
    o->p++;
    return true;
}

static bool oracle_one_of(struct oracle *o, const char *set)
{
    if (o->p == o->end || *o->p == '\0' || !strchr(set, *o->p))
        return false;
    o->p++;
    return true;
}

static void oracle_blanks(struct oracle *o)
{
    while (oracle_one_of(o, " \t\r\n"))
        ;
}

static bool oracle_digits(struct oracle *o)
{
    if (!oracle_one_of(o, "0123456789"))
        return false;
    while (oracle_one_of(o, "0123456789"))
        ;
    return true;
}

static bool oracle_number(struct oracle *o)
{
    oracle_take(o, '-');
    if (!oracle_take(o, '0') && !oracle_digits(o))
        return false;
    if (oracle_take(o, '.') && !oracle_digits(o))
        return false;
    if (!oracle_one_of(o, "eE"))
        return true;
    oracle_one_of(o, "+-");
    return oracle_digits(o);
}

static bool oracle_word(struct oracle *o, const char *word)
{
    for (; *word; word++)
        if (!oracle_take(o, *word))
            return false;
    return true;
}

static bool oracle_string(struct oracle *o)
{
    if (!oracle_take(o, '"'))
        return false;
    while (o->p < o->end && *o->p != '"') {
        if ((unsigned char)*o->p < ' ')
            return false;
        if (*o->p++ != '\\')
            continue;
        if (oracle_take(o, 'u')) {
            for (int i = 0; i < 4; i++)
                if (!oracle_one_of(o, "0123456789abcdefABCDEF"))
                    return false;
        } else if (!oracle_one_of(o, "\"\\/bfnrt"))
            return false;
    }
    return oracle_take(o, '"');
}

static bool oracle_member(struct oracle *o, int depth)
{
    oracle_blanks(o);
    if (!oracle_string(o))
        return false;
    oracle_blanks(o);
    return oracle_take(o, ':') && oracle_value(o, depth);
}

static bool oracle_list(struct oracle *o, int depth, char close,
                        bool (*item)(struct oracle *, int))
{
    if (depth > 64)
        return false;
    oracle_blanks(o);
    if (oracle_take(o, close))
        return true;
    do {
        if (!item(o, depth))
            return false;
    } while (oracle_take(o, ','));
    return oracle_take(o, close);
}

static bool oracle_value(struct oracle *o, int depth)
{
    bool ok;

    oracle_blanks(o);
    if (o->p == o->end)
        return false;
    if (oracle_take(o, '{'))
        ok = oracle_list(o, depth + 1, '}', oracle_member);
    else if (oracle_take(o, '['))
        ok = oracle_list(o, depth + 1, ']', oracle_value);
    else if (*o->p == '"')
        ok = oracle_string(o);
    else if (*o->p == 't')
        ok = oracle_word(o, "true");
    else if (*o->p == 'f')
        ok = oracle_word(o, "false");
    else if (*o->p == 'n')
        ok = oracle_word(o, "null");
    else
        ok = oracle_number(o);
    oracle_blanks(o);
    return ok;
}

static bool oracle_is_json(const char *text, size_t len)
{
    struct oracle o = {text, text + len};

    return oracle_value(&o, 0) && o.p == o.end;
}

#endif
