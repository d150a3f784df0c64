#include "script/lua_lexer.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/attr.h"

struct lua_lexer lua_lexer_init(const char *text, size_t len)
{
    return (struct lua_lexer){text, text + len, 1};
}

static bool starts_with(const struct lua_lexer *l, const char *text)
{
    size_t len = strlen(text);

    return (size_t)(l->end - l->at) >= len && memcmp(l->at, text, len) == 0;
}

static void skip_char(struct lua_lexer *l)
{
    l->line += *l->at == '\n';
    l->at++;
}

/* The number of equals signs of "[==[" at the place, -1 if none stands there. */
static int long_bracket(const struct lua_lexer *l)
{
    const char *p = l->at + 1;

    if (*l->at != '[')
        return -1;
    while (p < l->end && *p == '=')
        p++;
    return p < l->end && *p == '[' ? (int)(p - l->at - 1) : -1;
}

static bool closes_long(const struct lua_lexer *l, int level)
{
    const char *p = l->at + 1;

    if (*l->at != ']' || l->end - l->at < level + 2)
        return false;
    for (int i = 0; i < level; i++)
        if (*p++ != '=')
            return false;
    return *p == ']';
}

static void add_char(struct lua_token *token, size_t *len, char c)
{
    if (*len + 1 < sizeof token->text)
        token->text[(*len)++] = c;
    token->text[*len] = '\0';
}

static void read_long(struct lua_lexer *l, struct lua_token *token, int level)
{
    size_t len = 0;

    l->at += level + 2;
    while (l->at < l->end && !closes_long(l, level)) {
        add_char(token, &len, *l->at);
        skip_char(l);
    }
    l->at = l->end - l->at > level + 2 ? l->at + level + 2 : l->end;
}

static void read_quoted(struct lua_lexer *l, struct lua_token *token)
{
    char quote = *l->at++;
    size_t len = 0;

    while (l->at < l->end && *l->at != quote) {
        if (*l->at == '\\' && l->at + 1 < l->end)
            l->at++;
        add_char(token, &len, *l->at);
        skip_char(l);
    }
    l->at += l->at < l->end;
}

static void skip_comment(struct lua_lexer *l)
{
    struct lua_token unread;

    l->at += 2;
    int level = l->at < l->end ? long_bracket(l) : -1;
    if (level >= 0) {
        read_long(l, &unread, level);
        return;
    }
    while (l->at < l->end && *l->at != '\n' && *l->at != '\r')
        l->at++;
}

static void skip_blanks(struct lua_lexer *l)
{
    while (l->at < l->end) {
        if (isspace((unsigned char)*l->at))
            skip_char(l);
        else if (starts_with(l, "--"))
            skip_comment(l);
        else
            return;
    }
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Names, and numbers, which are swallowed as one token without a symbol. */
static void read_word(struct lua_lexer *l, struct lua_token *token)
{
    bool is_number = isdigit((unsigned char)*l->at);
    size_t len = 0;

    while (l->at < l->end && (is_word(*l->at) || (is_number && *l->at == '.')))
        add_char(token, &len, *l->at++);
    token->kind = is_number ? TOKEN_OTHER : TOKEN_NAME;
}

static void read_operator(struct lua_lexer *l, struct lua_token *token)
{
    static const char *const long_ones[] = {
        "...", "==", "~=", "<=", ">=", "//", "..", "::", "<<", ">>"};

    for (size_t i = 0; i < ARRAY_LEN(long_ones); i++)
        if (starts_with(l, long_ones[i])) {
            l->at += strlen(long_ones[i]);
            return;
        }
    token->symbol = *l->at++;
}

struct lua_token lua_lexer_next(struct lua_lexer *l)
{
    skip_blanks(l);
    struct lua_token token = {.kind = TOKEN_OTHER, .line = l->line, .start = l->at};
    if (l->at >= l->end) {
        token.kind = TOKEN_END;
        return token;
    }
    int level = long_bracket(l);
    if (level >= 0 || *l->at == '"' || *l->at == '\'') {
        token.kind = TOKEN_STRING;
        level >= 0 ? read_long(l, &token, level) : read_quoted(l, &token);
    } else if (is_word(*l->at)) {
        read_word(l, &token);
    } else {
        read_operator(l, &token);
    }
    token.len = (size_t)(l->at - token.start);
    return token;
}
