/* Against stock string.find, on patterns and subjects made of few characters that mean much. */
#include <lauxlib.h>
#include <lualib.h>

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "script/pattern.h"

#include "check.h"

enum { WORK = 3000, TEXT_MAX = 1024 };

/* "start end capture capture ...", "nil", "tired" or "error". */
static const char *ours(const char *pattern, size_t pattern_len, const char *subject,
                        size_t len, size_t from)
{
    static char text[TEXT_MAX];
    struct pattern compiled;
    struct pattern_match match;
    int64_t work = WORK;

    if (pattern_compile(&compiled, pattern, pattern_len, true))
        return "error";
    switch (pattern_find(&compiled, subject, len, from, PATTERN_NO_BAR, &work, &match)) {
    case PATTERN_NONE:
        return "nil";
    case PATTERN_TIRED:
        return "tired";
    case PATTERN_FOUND:
        break;
    }
    int at = snprintf(text, sizeof text, "%zu %zu", match.start + 1, match.end);
    for (int i = 0; i < compiled.captures; i++) {
        const struct pattern_capture *c = &match.captures[i];
        at += c->is_position
                  ? snprintf(text + at, sizeof text - (size_t)at, " @%zu", c->start + 1)
                  : snprintf(text + at, sizeof text - (size_t)at, " %.*s", (int)c->len,
                             subject + c->start);
    }
    return text;
}

static const char *stocks(lua_State *L, const char *pattern, size_t pattern_len,
                          const char *subject, size_t len, size_t from)
{
    static char text[TEXT_MAX];

    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    lua_pushlstring(L, subject, len);
    lua_pushlstring(L, pattern, pattern_len);
    lua_pushinteger(L, (lua_Integer)from + 1);
    if (lua_pcall(L, 3, LUA_MULTRET, 0))
        return "error";
    if (lua_isnil(L, 2))
        return "nil";
    int at = snprintf(text, sizeof text, "%d %d", (int)lua_tointeger(L, 2),
                      (int)lua_tointeger(L, 3));
    for (int i = 4; i <= lua_gettop(L); i++) {
        const char *format = lua_isinteger(L, i) ? " @%s" : " %s";
        at += snprintf(text + at, sizeof text - (size_t)at, format, lua_tostring(L, i));
    }
    return text;
}

static size_t random_text(struct rng *rng, const char *alphabet, size_t most, char *out)
{
    size_t len = (size_t)rng_below(rng, most + 1);

    for (size_t i = 0; i < len; i++)
        out[i] = alphabet[rng_below(rng, strlen(alphabet))];
    out[len] = '\0';
    return len;
}

static lua_State *new_stock(void)
{
    lua_State *L = luaL_newstate();

    luaL_openlibs(L);
    lua_getglobal(L, "string");
    lua_getfield(L, -1, "find");
    lua_replace(L, 1);
    return L;
}

TEST(matches_are_those_of_stock_lua)
{
    lua_State *L = new_stock();
    struct rng rng = rng_stream(20240808, "patterns");
    char pattern[32], subject[32];
    int compared = 0, found = 0;

    for (int i = 0; i < 200000; i++) {
        size_t pattern_len = random_text(&rng, "aab1 .%%%*+-?[]^$()()bfdwsAx%]", 12, pattern);
        size_t len = random_text(&rng, "aaab1 (])x", 10, subject);
        size_t from = (size_t)rng_below(&rng, len + 1);
        const char *a = ours(pattern, pattern_len, subject, len, from);
        const char *b = stocks(L, pattern, pattern_len, subject, len, from);
        /* Stock does not notice what is malformed behind a part that does not match. */
        if (!strcmp(a, "tired") || (!strcmp(a, "error") && strcmp(b, "error")))
            continue;
        compared++;
        found += a[0] != 'n' && a[0] != 'e';
        if (strcmp(a, b))
            fail_msg("'%s':find('%s', %zu)\n  gave  %s\n  stock %s", subject, pattern, from + 1,
                     a, b);
    }
    assert_true(compared > 100000);
    assert_true(found > 20000);
    lua_close(L);
}

TEST(a_malformed_pattern_is_refused_if_stock_refuses_it)
{
    lua_State *L = new_stock();
    static const char *const patterns[] = {"(",    "%a)", "%",   "[",    "[a", "[%",  "%b",
                                           "%bx",  "%f",  "%fa", "%1",   "%0", "()(", "(()",
                                           "(a))", "[^",  "[]",  "(%1)", "%9", "()%2"};

    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        size_t len = strlen(patterns[i]);
        assert_string_equal(ours(patterns[i], len, "aaaa", 4, 0), "error");
        assert_string_equal(stocks(L, patterns[i], len, "a", 1, 0), "error");
    }
    lua_close(L);
}

TEST(work_ends_a_match_that_would_take_years)
{
    char subject[4096];

    memset(subject, 'a', sizeof subject);
    const char *pattern = "(a-)(a-)(a-)(a-)(a-)(a-)(a-)(a-)(a-)(a-)(a-)(a-)(a-)ab";
    assert_string_equal(ours(pattern, strlen(pattern), subject, sizeof subject, 0), "tired");
    assert_string_equal(ours("a*a*a*a*a*b", 11, subject, sizeof subject, 0), "tired");
    assert_string_equal(ours("%b()", 4, "((((((", 6, 0), "nil");
    memset(subject, '(', sizeof subject);
    assert_string_equal(ours("%b()", 4, subject, sizeof subject, 0), "tired");
}

TEST(a_barred_end_is_passed_over)
{
    struct pattern pattern;
    struct pattern_match match;
    int64_t work = WORK;

    assert_null(pattern_compile(&pattern, "a*", 2, true));
    assert_int_equal(pattern_find(&pattern, "baa", 3, 0, 0, &work, &match), PATTERN_FOUND);
    assert_int_equal(match.start, 1);
    assert_int_equal(match.end, 3);
}

TEST(the_longest_pattern_has_256_bytes)
{
    struct pattern pattern;
    char text[258];

    memset(text, 'a', sizeof text);
    assert_null(pattern_compile(&pattern, text, 256, true));
    assert_string_equal(pattern_compile(&pattern, text, 257, true), "pattern too long");
}
