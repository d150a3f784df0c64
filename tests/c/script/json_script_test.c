/* json of scripts: exact, in a defined order, and understood the same by lua-cjson. */
#include "scripts.h"

#include <lua-cjson.h>
#include <lualib.h>

#include "base/rng.h"

static const char *encoded(const char *value)
{
    static char script[1024];

    snprintf(script, sizeof script, "return json.encode(%s)", value);
    return run(script);
}

TEST(values_are_encoded)
{
    assert_string_equal(encoded("nil"), "null");
    assert_string_equal(encoded("json.null"), "null");
    assert_string_equal(encoded("true"), "true");
    assert_string_equal(encoded("{}"), "{}");
    assert_string_equal(encoded("{1, 'two', {3}}"), "[1,\"two\",[3]]");
    assert_string_equal(encoded("{[2] = 'b', [1] = 'a'}"), "[\"a\",\"b\"]");
    assert_string_equal(encoded("{b = 1, a = {x = false}, B = json.null}"),
                        "{\"B\":null,\"a\":{\"x\":false},\"b\":1}");
    assert_string_equal(encoded("'q\"\\\\/\\b\\f\\n\\r\\t\\0\\x1f\\x7f\\u{e9}'"),
                        "\"q\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f\u00e9\"");
}

TEST(numbers_keep_every_digit)
{
    assert_string_equal(encoded("math.maxinteger"), "9223372036854775807");
    assert_string_equal(encoded("math.mininteger"), "-9223372036854775808");
    assert_string_equal(encoded("1723161254087891268"), "1723161254087891268");
    assert_string_equal(encoded("0.1"), "0.1");
    assert_string_equal(encoded("0.1 + 0.2"), "0.30000000000000004");
    assert_string_equal(encoded("12345678.12345678"), "12345678.12345678");
    assert_string_equal(encoded("1.0"), "1.0");
    assert_string_equal(encoded("-0.0"), "-0.0");
    assert_string_equal(encoded("1e100"), "1e+100");
    assert_string_equal(encoded("5e-324"), "4.94065645841247e-324");
    assert_string_equal(encoded("2^53"), "9007199254740992.0");
}

TEST(values_are_decoded)
{
    assert_string_equal(run("return math.type(json.decode('[1]')[1])"), "integer");
    assert_string_equal(run("return math.type(json.decode('1.0'))"), "float");
    assert_string_equal(run("return json.decode(' 9223372036854775807 ')"),
                        "9223372036854775807");
    assert_string_equal(run("return json.decode('{\"a\":[true,null]}').a[2] == json.null"),
                        "true");
    assert_string_equal(run("return json.decode('{\"a\":1,\"a\":2}').a"), "2");
    assert_string_equal(run("return json.decode([[\"\\u00e9\\ud83d\\ude80\\n\\/\"]])"),
                        "\u00e9\U0001F680\n/");
    assert_string_equal(run("return #json.decode('\"\\\\u0000\"')"), "1");
    assert_string_equal(run("local t = json.decode('[[],{}]') return #t .. #t[1]"), "20");
    assert_string_equal(run("local d = ('['):rep(32) .. (']'):rep(32) "
                            "return type(json.decode(d)) .. #json.encode(json.decode(d))"),
                        "table64");
}

/* The oracle. `dump` shows a value with its keys in order; 1 and 1.0 are the same to it,
 * because lua-cjson knows floats alone. */
static const char dump[] =
    "local function dump(v, null) "
    "if v == null then return 'null' end "
    "if type(v) == 'number' then return ('%.17g'):format(v) end "
    "if type(v) ~= 'table' then return type(v) .. ':' .. tostring(v) end "
    "local keys = {} for k in pairs(v) do keys[#keys + 1] = k end "
    "table.sort(keys, function(a, b) return tostring(a) < tostring(b) end) "
    "for i, k in ipairs(keys) do keys[i] = tostring(k) .. '=' .. dump(v[k], null) end "
    "return '{' .. table.concat(keys, ',') .. '}' end ";

static lua_State *new_oracle(void)
{
    lua_State *L = luaL_newstate();

    luaL_openlibs(L);
    luaL_requiref(L, "json", luaopen_cjson, 1);
    lua_settop(L, 0);
    return L;
}

static int load_oracle(lua_State *L, const char *body)
{
    char script[2048];

    snprintf(script, sizeof script, "%s %s", dump, body);
    assert_int_equal(luaL_loadstring(L, script), LUA_OK);
    lua_call(L, 0, 1);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

struct question {
    int function;
    const char *text;
    size_t len;
    char answer[ANSWER_MAX];
};

static void ask(lua_State *L, void *context)
{
    struct question *q = context;

    lua_rawgeti(L, LUA_REGISTRYINDEX, q->function);
    lua_pushlstring(L, q->text, q->len);
    lua_call(L, 1, 1);
    snprintf(q->answer, sizeof q->answer, "%s", lua_tostring(L, -1));
}

/* What dump makes of the decoded text; "refused" if there was an error. */
static const char *ask_oracle(lua_State *L, int function, const char *text, size_t len)
{
    static struct question q;

    q = (struct question){.function = function, .text = text, .len = len};
    lua_settop(L, 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, function);
    lua_pushlstring(L, text, len);
    if (lua_pcall(L, 1, 1, 0))
        return "refused";
    snprintf(q.answer, sizeof q.answer, "%s", lua_tostring(L, -1));
    return q.answer;
}

/* A value of JSON, now and then with something that does not belong there. */
static size_t random_json(struct rng *rng, int depth, char *out)
{
    static const char *const scalars[] = {"1",     "-2",
                                          "0.5",   "1e3",
                                          "null",  "true",
                                          "false", "\"\\n\"",
                                          "\"\"",  "\"\\u00e9\"",

                                          "1E-2",  "9007199254740991",
                                          "[]",    "{}"};
    static const char *const errors[] = {"-", "01",  "\"x\\\"", ",",   "]",
                                         "}", "nul", ".5",      "'a'", "\t"};
    char *at = out;

    if (rng_chance(rng, 0.02))
        at = stpcpy(at, errors[rng_below(rng, ARRAY_LEN(errors))]);
    if (depth == 0 || rng_chance(rng, 0.4))
        return (size_t)(stpcpy(at, scalars[rng_below(rng, ARRAY_LEN(scalars))]) - out);
    bool is_object = rng_chance(rng, 0.5);
    at = stpcpy(at, is_object ? "{ " : "[");
    for (uint64_t n = 0, count = rng_below(rng, 4); n < count; n++) {
        at = stpcpy(at, n > 0 ? " ," : "");
        if (is_object)
            at += sprintf(at, "\"k%d\" : ", (int)rng_below(rng, 5));
        at += random_json(rng, depth - 1, at);
    }
    return (size_t)(stpcpy(at, is_object ? "}" : "\n]") - out);
}

TEST(what_is_decoded_is_what_cjson_decodes)
{
    static const char body[] =
        "return function(text) return dump(json.decode(text), json.null) end";
    struct sandbox *sandbox = new_sandbox(NULL);
    lua_State *oracle = new_oracle();
    struct rng rng = rng_stream(7, "json");
    struct question q;
    char script[2048], text[4096];
    int accepted = 0;

    snprintf(script, sizeof script, "%s %s", dump, body);
    int theirs = load_oracle(oracle, body);
    assert_int_equal(
        sandbox_load(sandbox, "t.lua", script, strlen(script), 0, &q.function, NULL), OK);
    for (int i = 0; i < 10000; i++) {
        q.text = text;
        q.len = random_json(&rng, 3, text);
        if (sandbox_run(sandbox, ask, &q, 0, NULL))
            continue;
        accepted++;
        const char *expected = ask_oracle(oracle, theirs, q.text, q.len);
        if (strcmp(q.answer, expected))
            fail_msg("%.*s\n  gave  %s\n  cjson %s", (int)q.len, text, q.answer, expected);
    }
    assert_true(accepted > 3000);
    lua_close(oracle);
    sandbox_free(sandbox);
}

/* A random value from a seed, its encoding and its dump, as "text\ndump". */
static const char generator[] =
    "local function value(depth) local kind = math.random(depth > 0 and 8 or 6) "
    "if kind == 1 then return math.random(0) >> 11 end "
    "if kind == 2 then return (math.random() - 0.5) * 10.0 ^ math.random(-20, 20) end "
    "if kind == 3 then return math.random() < 0.5 end "
    "if kind == 4 then return json.null end "
    "if kind <= 6 then local s = '' for i = 1, math.random(0, 6) do "
    "s = s .. utf8.char(math.random(1, 0x2fff)) end return s end "
    "local t = {} for i = 1, math.random(0, 5) do "
    "if kind == 7 then t[i] = value(depth - 1) else t['k' .. i * 7] = value(depth - 1) end end "
    "return t end "
    "return function() local v = value(3) return json.encode(v) .. '\\n' .. dump(v, json.null) "
    "end";

TEST(what_is_encoded_is_what_cjson_reads)
{
    static const char body[] =
        "return function(text) return dump(json.decode(text), json.null) end";
    struct sandbox *sandbox = new_sandbox(NULL);
    lua_State *oracle = new_oracle();
    struct question q = {.text = "", .len = 0};
    char script[4096];

    snprintf(script, sizeof script, "%s %s", dump, generator);
    int theirs = load_oracle(oracle, body);
    assert_int_equal(
        sandbox_load(sandbox, "t.lua", script, strlen(script), 0, &q.function, NULL), OK);
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(sandbox_run(sandbox, ask, &q, 0, NULL), OK);
        if (strlen(q.answer) + 1 == sizeof q.answer)
            continue; /* cut */
        char *newline = strchr(q.answer, '\n');
        assert_non_null(newline);
        size_t len = (size_t)(newline - q.answer);
        assert_string_equal(ask_oracle(oracle, theirs, q.answer, len), newline + 1);
    }
    lua_close(oracle);
    sandbox_free(sandbox);
}
