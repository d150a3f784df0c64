/* The tokens of a Lua text, one after the other: names, strings, and the rest.
 *
 * For those who look at a source without compiling it. Of a text that Lua would
 * refuse it says something, but never reads beyond its end. Keywords are names. */
#ifndef SCRIPT_LUA_LEXER_H
#define SCRIPT_LUA_LEXER_H

#include <stddef.h>

enum { LUA_TOKEN_TEXT_MAX = 64 };

enum lua_token_kind { TOKEN_END, TOKEN_NAME, TOKEN_STRING, TOKEN_OTHER };

struct lua_token {
    enum lua_token_kind kind;
    int line;
    char symbol; /* of TOKEN_OTHER; '\0' for numbers and operators of several characters */
    const char *start;
    size_t len;                    /* in the source, quotes and brackets included */
    char text[LUA_TOKEN_TEXT_MAX]; /* of names and strings, cut */
};

struct lua_lexer {
    const char *at, *end;
    int line;
};

/* Borrows the text. */
struct lua_lexer lua_lexer_init(const char *text, size_t len);
struct lua_token lua_lexer_next(struct lua_lexer *lexer);

#endif
