#include "script/lua_lexer.h"

#include <string.h>

#include "base/buf.h"
#include "base/rng.h"
#include "check.h"

/* Kinds, lines and texts of all tokens: "n1:return s1:x o2:{". */
static const char *tokens_of(const char *text)
{
    static struct buf out;
    struct lua_lexer lexer = lua_lexer_init(text, strlen(text));

    buf_reset(&out);
    for (;;) {
        struct lua_token token = lua_lexer_next(&lexer);
        if (token.kind == TOKEN_END)
            return buf_text(&out);
        char symbol[] = {token.symbol, '\0'};
        buf_add_format(&out, "%s%c%d:%s", out.len ? " " : "", "?nso"[token.kind], token.line,
                       token.kind == TOKEN_OTHER ? symbol : token.text);
    }
}

TEST(names_strings_and_the_rest)
{
    assert_string_equal(tokens_of("local a_1 = 'x'"), "n1:local n1:a_1 o1:= s1:x");
    assert_string_equal(tokens_of("a.b:c(...)"), "n1:a o1:. n1:b o1:: n1:c o1:( o1: o1:)");
    assert_string_equal(tokens_of("1e5..0x2 <= ::a::"), "o1: o1: o1: n1:a o1:");
    assert_string_equal(tokens_of(""), "");
}

TEST(strings_end_where_lua_ends_them)
{
    assert_string_equal(tokens_of("'a\\'b' \"c'd\" [[e\nf]] [=[g]]h]=] i"),
                        "s1:a'b s1:c'd s1:e\nf s2:g]]h n2:i");
    assert_string_equal(tokens_of("'open"), "s1:open");
    assert_string_equal(tokens_of("[[open"), "s1:open");
    assert_string_equal(tokens_of("'open\\"), "s1:open\\");
}

TEST(comments_are_not_there)
{
    assert_string_equal(tokens_of("a -- b\nc --[[ d\n]] e --[==[ ]] f ]==] g --[= h\ni"),
                        "n1:a n2:c n3:e n3:g n4:i");
    assert_string_equal(tokens_of("a -- b\rc"), "n1:a n1:c");
    assert_string_equal(tokens_of("-- only"), "");
}

TEST(a_token_knows_where_it_stands)
{
    const char *text = "  ab 'c\\'d' --x\n[==[e]==]";
    struct lua_lexer lexer = lua_lexer_init(text, strlen(text));
    struct lua_token token = lua_lexer_next(&lexer);

    assert_int_equal(token.start - text, 2);
    assert_int_equal(token.len, 2);
    token = lua_lexer_next(&lexer);
    assert_int_equal(token.start - text, 5);
    assert_int_equal(token.len, 6);
    token = lua_lexer_next(&lexer);
    assert_int_equal(token.len, 9);
    assert_int_equal(token.line, 2);
}

TEST(any_bytes_end_and_are_covered_in_order)
{
    static const char letters[] = "ab_1.:[]={}()'\"\\-\n\r \xff";
    struct rng rng = rng_stream(11, "lexer");
    char text[64];

    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)rng_below(&rng, sizeof text);
        for (size_t i = 0; i < len; i++)
            text[i] = letters[rng_below(&rng, sizeof letters)];
        struct lua_lexer lexer = lua_lexer_init(text, len);
        const char *end = text;
        for (struct lua_token token = lua_lexer_next(&lexer); token.kind != TOKEN_END;
             token = lua_lexer_next(&lexer)) {
            assert_true(token.len > 0 && token.start >= end);
            end = token.start + token.len;
            assert_true(end <= text + len);
        }
    }
}
