/* What the sandbox replaced, against the library it replaced. */
#include "scripts.h"

#include <lualib.h>

static lua_State *stock;

static const char *run_in_stock(const char *script)
{
    static char text[ANSWER_MAX];

    if (!stock) {
        stock = luaL_newstate();
        luaL_openlibs(stock);
    }
    int failed = luaL_loadbufferx(stock, script, strlen(script), "@t.lua", "t") ||
                 lua_pcall(stock, 0, 1, 0);
    snprintf(text, sizeof text, "%s%s", failed ? "error: " : "",
             luaL_tolstring(stock, -1, NULL));
    lua_settop(stock, 0);
    return text;
}

/* Each result of the expression as text, joined by "|". */
static void compare(const char *expression)
{
    static struct sandbox *sandbox;
    char script[1024];

    if (!sandbox)
        sandbox = new_sandbox(NULL);
    snprintf(script, sizeof script,
             "local function join(...) local s = '' for i = 1, select('#', ...) do "
             "s = s .. tostring((select(i, ...))) .. '|' end return s end return join(%s)",
             expression);
    char expected[ANSWER_MAX];
    strcpy(expected, run_in_stock(script));
    const char *got = run_in(sandbox, script, strlen(script));
    if (strcmp(got, expected))
        fail_msg("%s\n  gave  %s\n  stock %s", expression, got, expected);
}

static void compare_all(const char *const *expressions)
{
    for (; *expressions; expressions++)
        compare(*expressions);
}

TEST(string_find_match_and_gmatch_agree)
{
    static const char *const expressions[] = {
        "('hello world'):find('wor')",
        "('hello world'):find('o', 6)",
        "('hello world'):find('o', -3)",
        "('hello world'):find('o', -100)",
        "('hello'):find('', 6)",
        "('hello'):find('', 7)",
        "('hello'):find('l+')",
        "('a.b'):find('.', 1, true)",
        "('a.b'):find('%.')",
        "('a+b'):find('+', 1, true)",
        "('a\\0b'):find('\\0')",
        "('a\\0b'):find('%z')",
        "('key = value'):match('^(%w+)%s*=%s*(%w+)$')",
        "('  trim  '):match('^%s*(.-)%s*$')",
        "('x'):match('y')",
        "('abc'):match('()b()')",
        "('abcabc'):match('(a)(b)(c)%1%2%3')",
        "('THE (quick) fox'):find('%((%a+)%)')",
        "('f(a(b)c)d'):match('%b()')",
        "('THE quick'):match('%f[%a]%a+', 4)",
        "('x]y'):match('[]]')",
        "('x^y'):match('[%^]')",
        "('a-z'):match('[a%-z]+')",
        "('b-'):match('[a-]')",
        "('0x1F'):match('^0[xX](%x+)$')",
        "('2024-08-08'):match('(%d+)-(%d+)-(%d+)')",
        "('aaa'):match('a-b')",
        "('aaab'):match('a-b')",
        "('aaa'):match('a?a?a?a')",
        "('$5'):match('%$%d')",
        "('a$'):match('a$')",
        "('a$b'):match('a$b')",
        "('*a'):match('*a')",
        "('é'):match('[\\xC3][\\xA9]')",
        "('x'):rep(3, ', ')",
        "(function() local s = '' for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do "
        "s = s .. k .. v end return s end)()",
        "(function() local n = 0 for _ in ('abc'):gmatch('') do n = n + 1 end return n end)()",
        "(function() local s = '' for w in ('abc abd'):gmatch('^a') do s = s .. w end "
        "return s end)()",
        "(function() local s = '' for w in ('one two'):gmatch('%a+', 4) do s = s .. w end "
        "return s end)()",
        "(function() local s = '' for p in ('abc'):gmatch('()') do s = s .. p end return s "
        "end)()",
        "(function() local s = '' for p in ('aXbXc'):gmatch('%a-X') do s = s .. p .. ';' end "
        "return s end)()",
        "(function() local s = '' for c in ('h€é!'):gmatch(utf8.charpattern) do "
        "s = s .. #c end return s end)()",
        NULL,
    };

    compare_all(expressions);
}

TEST(string_gsub_agrees)
{
    static const char *const expressions[] = {
        "('hello world'):gsub('o', '0')",
        "('hello world'):gsub('o', '0', 1)",
        "('hello world'):gsub('o', '0', 0)",
        "('hello world'):gsub('o', '0', -1)",
        "('hello'):gsub('', '-')",
        "('hello'):gsub('x*', '-')",
        "('hello world'):gsub('(%w+)', '<%1>')",
        "('hello world'):gsub('%w+', '%0 %0')",
        "('hello world'):gsub('(%w+) (%w+)', '%2 %1')",
        "('abc'):gsub('%w', {a = 'x', b = true and 5, c = false})",
        "('abc'):gsub('%w', function(c) if c == 'b' then return 7.5 end end)",
        "('abc'):gsub('(a)(b)', function(a, b) return b .. a end)",
        "('abc'):gsub('^a', 'x')",
        "('abc'):gsub('^b', 'x')",
        "('abab'):gsub('^(ab)', '%1%1')",
        "('a.b.c'):gsub('%.', '%%')",
        "('abc'):gsub('b', 5)",
        "('abc'):gsub('()', '%1')",
        "('x = y'):gsub('%s*=%s*', '=')",
        "('abc'):gsub('.', {a = 1})",
        "(''):gsub('', 'x')",
        "(''):gsub('^', 'x')",
        "('a\\0b'):gsub('%z', '0')",
        "('hello'):gsub('l', '', 1)",
        "pcall(string.gsub, 'x', 'x', '%')",
        "pcall(string.find, 'x', '(')",
        NULL,
    };

    compare_all(expressions);
}

TEST(string_format_agrees)
{
    static const char *const expressions[] = {
        "('%d %5d %-5d| %05d %+d % d'):format(1, 2, 3, 4, 5, 6)",
        "('%i %u'):format(7, 8)",
        "('%x %X %#x %o %#o'):format(255, 255, 255, 8, 8)",
        "('%x'):format(-1)",
        "('%d'):format(3.0)",
        "('%d'):format('42')",
        "('%.3d'):format(5)",
        "('%f %.2f %10.3f %-10.1f|'):format(1.5, 2.345, 3.14159, 4)",
        "('%e %.3E %g %G'):format(12345.678, 0.00012, 1e20, 1e-10)",
        "('%a'):format(1.0)",
        "('%g %g %g'):format(1/0, -1/0, 0)",
        "('%.14g'):format(0.1)",
        "('%s %s %s %s'):format('a', 1, 1.5, true)",
        "('%10s|%-10s|%.2s'):format('abc', 'abc', 'abc')",
        "('%s'):format(nil)",
        "('%c%c%c'):format(76, 117, 97)",
        "('%5c|'):format(65)",
        "('%%'):format()",
        "('%5.1f%%'):format(99.55)",
        "('%q'):format('a\"b\\\\c\\nd\\0e\\r\\t1')",
        "('%q'):format('\\0001')",
        "('%q %q'):format(1, 0.5)",
        "('%q'):format(math.mininteger)",
        "('%q %q %q'):format(1/0, -1/0, true)",
        "('%s'):format(setmetatable({}, {__tostring = function() return 'me' end}))",
        "pcall(string.format, '%d', 'x')",
        "pcall(string.format, '%d', 1.5)",
        "pcall(string.format, '%d')",
        "('no conversions'):format(1, 2)",
        "(''):format()",
        NULL,
    };

    compare_all(expressions);
}

TEST(tables_agree)
{
    static const char *const expressions[] = {
        "table.concat({1, 2, 3}, ', ')",
        "table.concat({'a', 'b', 'c'}, '-', 2)",
        "table.concat({'a', 'b', 'c'}, '-', 2, 3)",
        "table.concat({'a', 'b', 'c'}, '-', 3, 2)",
        "table.concat({}, 'x')",
        "table.concat({1.5, 2, 'x'})",
        "table.unpack({1, 2, 3})",
        "table.unpack({1, 2, 3}, 2)",
        "table.unpack({1, 2, 3}, 2, 5)",
        "table.unpack({1, 2, 3}, -1, 1)",
        "table.pack(1, nil, 3).n",
        "(function() local t = {1, 2, 3} table.insert(t, 4) table.insert(t, 1, 0) "
        "return table.concat(t, ',') end)()",
        "(function() local t = {1, 2, 3} local a, b = table.remove(t), table.remove(t, 1) "
        "return a, b, #t, t[1] end)()",
        "table.remove({})",
        "table.remove({}, 0)",
        "table.remove({1, 2}, 3)",
        "(function() local t = {} t[0] = 'z' return table.remove(t, 0), t[0] end)()",
        "table.concat(table.move({1, 2, 3}, 2, 3, 1), ',')",
        "table.concat(table.move({1, 2, 3}, 1, 3, 2), ',')",
        "table.concat(table.move({1, 2, 3}, 1, 3, 3, {9, 9}), ',')",
        "#table.move({1, 2, 3}, 1, 0, 5)",
        "(function() local t = {5, 2, 8, 1, 9, 3} table.sort(t) return table.concat(t, ',') "
        "end)()",
        "(function() local t = {5, 2, 8, 1} table.sort(t, function(a, b) return a > b end) "
        "return table.concat(t, ',') end)()",
        "(function() local t = {'b', 'a', 'C', ''} table.sort(t) "
        "return table.concat(t, ',') end)()",
        "(function() local t = {} for i = 1, 500 do t[i] = (i * 7919) % 503 end table.sort(t) "
        "for i = 2, 500 do if t[i - 1] > t[i] then return i end end return 'sorted', t[1] "
        "end)()",
        "pcall(table.insert, {1}, 5, 2)",
        "pcall(table.sort, {1, 'x'})",
        NULL,
    };

    compare_all(expressions);
}

TEST(base_functions_agree)
{
    static const char *const expressions[] = {
        "pcall(error, 'x')",
        "pcall(error)",
        "pcall(function(...) return select('#', ...), ... end, 1, nil, 3)",
        "xpcall(function(a) return a * 2 end, print, 21)",
        "xpcall(error, function(m) return m .. '!' end, 'oh')",
        "xpcall(function() local x = nil + 1 end, function(m) return 'handled: ' .. m end)",
        "select(-1, 1, 2, 3)",
        "tostring(1e15) .. tostring(2^63) .. tostring(-0.0) .. tostring(1e100)",
        "tostring(3) == '3', tostring(3.0), 10 // 3, 10 / 2, 7 % -3, -7 // 2",
        "tonumber('0x10'), tonumber('  12  '), tonumber('1e1'), tonumber('z', 36), "
        "tonumber('')",
        "rawlen({1, 2}), rawequal('a', 'a'), rawget({5}, 1), #rawset({}, 1, 2)",
        "next({}), next({5})",
        "type(next), type(nil), type({}), type('x'), type(2), type(print)",
        "math.type(1), math.type(1.0), math.type('1'), math.tointeger(3.0), math.ult(1, -1)",
        "'10' + 5, '3' * '4', 10 .. 20, '0x10' + 0",
        "coroutine.resume(coroutine.create(function(a) local b = coroutine.yield(a + 1) end), "
        "1)",
        "coroutine.wrap(function(...) return ... end)(1, 2, 3)",
        "(function() local co = coroutine.create(function() error('x') end) "
        "local a, b = coroutine.resume(co) return a, b, coroutine.status(co) end)()",
        "(function() local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) "
        "end "
        "end) return co(), co(), co(), co() end)()",
        "(function() local co = coroutine.create(function() local ok, m = pcall(function() "
        "coroutine.yield(1) error('late') end) coroutine.yield(m) return 'end' end) "
        "return select(2, coroutine.resume(co)), select(2, coroutine.resume(co)), "
        "select(2, coroutine.resume(co)) end)()",
        "getmetatable(setmetatable({}, {__index = {a = 1}})).__index.a",
        "setmetatable({}, {__index = function(t, k) return k .. '!' end}).hey",
        "setmetatable({}, {__call = function(self, a) return a end})(7)",
        "setmetatable({}, {__eq = function() return true end}) == setmetatable({}, {})",
        "setmetatable({}, {__lt = function() return true end}) < {}",
        "setmetatable({}, {__add = function() return 'sum' end}) + 1",
        "#setmetatable({}, {__len = function() return 42 end})",
        "utf8.char(233, 8364), utf8.len('h€'), utf8.codepoint('€')",
        NULL,
    };

    compare_all(expressions);
    lua_close(stock);
    stock = NULL;
}
