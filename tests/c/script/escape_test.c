/* More scripts that try to hurt: through what is looked up before it is used, coroutines in odd
 * places, loops without a while, the libraries that are taken whole. */
#include "attacks.h"

TEST(shortcuts_open_nothing)
{
    static const struct attack attacks[] = {
        {"math.floor = print return math.floor(1)", "this table is read-only (field 'floor')"},
        {"local f = math.floor math.floor = print return f(1.5)",
         "this table is read-only (field 'floor')"},
        {"pcall(function() string.rep = nil end) return string.rep('x', 2)", "xx"},
        {"pcall(rawset, string, 'rep', print) return string.rep('x', 2)", "xx"},
        {"pcall(setmetatable, string, {__index = {rep = print}}) return string.rep('x', 2)",
         "xx"},
        {"tostring = nil", "globals are read-only: make 'tostring' a local variable"},
        {"local tostring <const> = tostring tostring = 1",
         "attempt to assign to const variable 'tostring'"},
        {"for type in pairs({x = 1}) do return type end", "x"},
        {"local function print() return type(print) end return print()", "function"},
        {"function _G.type() end", "globals are read-only: make 'type' a local variable"},
        {"_ENV.type = print", "globals are read-only"},
        {"local _ENV <const> = {} type = 1", ""},
        {"local _ENV = setmetatable({}, {__index = _ENV}) type = 1 return type", "1"},
        {"return _ENV == _G and type(_ENV)", "table"},
        {"local e = _ENV return e.math == math, math.max(1, 2)", "true"},
        {"return math.max == _G.math.max and _G['math']['max'] == math.max", "true"},
        {"return string.dump, type(string.dump)", "nil"},
        {"return io.open('/etc/passwd')", "undefined variable 'io'"},
        {"return math.max.x", "attempt to index a function value"},
        {"local max = math.max return max(1, 2), math.max(3, 4)", "2"},
        {"return ('%s'):format(math.pi) == tostring(math.pi)", "true"},
        {"return coroutine.wrap(function() return math.max(1, 2) end)()", "2"},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}

TEST(coroutines_in_odd_places_end)
{
    static const struct attack attacks[] = {
        {"return setmetatable({}, {__index = function() return coroutine.yield() end}).x",
         "attempt to yield from outside a coroutine"},
        {"local t = setmetatable({}, {__index = coroutine.wrap(function() "
         "while true do coroutine.yield(1) end end)}) while true do local _ = t.x end",
         ANY},
        {"local t = setmetatable({}, {__index = function() coroutine.yield(1) "
         "while true do end end}) local co = coroutine.wrap(function() return t.x end) "
         "co() return co()",
         TIME},
        {"local t = setmetatable({}, {__eq = function() coroutine.yield() while true do end "
         "end}) local co = coroutine.wrap(function() return t == setmetatable({}, {}) end) "
         "co() co()",
         TIME},
        {"local co = coroutine.wrap(function() for _ in coroutine.wrap(function() "
         "coroutine.yield(1) while true do end end) do end end) co()",
         TIME},
        {"table.sort({3, 2, 1}, function() coroutine.yield() end)",
         "attempt to yield from outside a coroutine"},
        {"return coroutine.wrap(function() table.sort({3, 2, 1}, function(a, b) "
         "coroutine.yield(1) return a < b end) end)()",
         "attempt to yield across a C-call boundary"},
        {"return coroutine.wrap(function() return ('xx'):gsub('x', coroutine.yield) end)()",
         "attempt to yield across a C-call boundary"},
        {"return coroutine.wrap(function() return tostring(setmetatable({}, {__tostring = "
         "coroutine.yield})) end)()",
         "attempt to yield across a C-call boundary"},
        {"local co co = coroutine.create(function() return coroutine.resume(co) end) "
         "return select(3, coroutine.resume(co))",
         "cannot resume non-suspended coroutine"},
        {"return select(2, coroutine.resume((coroutine.running())))",
         "cannot resume non-suspended coroutine"},
        {"local w w = coroutine.wrap(function() w() end) w()",
         "cannot resume non-suspended coroutine"},
        {"local function deep(n) return coroutine.wrap(function() return n > 0 and deep(n - 1) "
         "or n end)() end return deep(1000)",
         "error: t.lua:1: "},
        {"local function deep() return pcall(coroutine.wrap(deep)) end return deep()", "true"},
        {"local co = coroutine.wrap(function() error(setmetatable({}, {__tostring = function() "
         "while true do end end})) end) return tostring(select(2, pcall(co)))",
         TIME},
        {"local co = coroutine.create(function() while true do coroutine.yield() end end) "
         "while coroutine.resume(co) do end",
         WORK},
        {"local t = {} for i = 1, 1e5 do t[i] = coroutine.wrap(function() while true do "
         "coroutine.yield() end end) t[i]() end",
         ANY},
        {"local function f() local co = coroutine.wrap(f) co() end f()", "error: t.lua:1: "},
        {"xpcall(error, coroutine.wrap(function() while true do end end))", TIME},
        {"xpcall(error, function() error(error) end) return 'on'", "on"},
        {"return select('#', xpcall(function() local function f() f() end f() end, "
         "function(m) local function g() g() end g() end))",
         ANY},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}

TEST(loops_without_a_while_end_too)
{
    static const struct attack attacks[] = {
        {"for x = 0, 1, 1e-300 do end", TIME},
        {"for x = 1, 2, 0 do end", "'for' step is zero"},
        {"for x = 2^53, 2^53 + 10, 0.1 do end", TIME},
        {"for i = math.mininteger, math.maxinteger do end", TIME},
        {"for i = math.maxinteger - 1, math.maxinteger do end return 'ended'", "ended"},
        {"for i = 1, 0/0 do end return 'ended'", "ended"},
        {"for i = -math.huge, math.huge do end", TIME},
        {"for i = 1, {} do end", "bad 'for' limit (number expected, got table)"},
        {"do ::top:: local x = {} goto top end", TIME},
        {"do local i = 0 ::a:: i = i + 1 if i % 2 == 0 then goto a end goto a end", TIME},
        {"local t = setmetatable({}, {__index = function(t, k) return k end}) "
         "for i, v in ipairs(t) do end",
         TIME},
        {"local t = setmetatable({}, {__len = function() return math.maxinteger end}) "
         "for i = 1, #t do end",
         TIME},
        {"local t = setmetatable({}, {__call = function(self, ...) return self(...) end}) t()",
         ANY},
        {"local a = setmetatable({}, {__lt = function(a, b) return a < b end}) return a < a",
         "C stack overflow"},
        {"local a = setmetatable({}, {__unm = function(a) return -a end}) return -a",
         "C stack overflow"},
        {"local n = 0 while true do n = n + (n // 1 | 0) end", TIME},
        {"while 1 < 2 do local _ = 2 ^ 0.5 end", TIME},
        {"return select(1e9)", "nil"},
        {"local f = select while true do f('#', 1, 2, 3) end", TIME},
        {"while true do rawequal(1, 2) rawlen({}) rawget({}, 1) next({}) type(1) end", TIME},
        {"while true do tonumber('0x' .. ('f'):rep(1000), 16) end", ANY},
        {"while true do local _ = ('x'):rep(1e5):upper():lower():reverse():byte(-1) end", ANY},
        {"while true do local _ = utf8.len(('x'):rep(1e6)) end", ANY},
        {"while true do string.format('%99.99f', 1e308) end", ANY},
        {"while true do table.concat({1, 2, 3}) end", ANY},
        {"while true do json.encode({1, {2, {3}}}) end", ANY},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}

TEST(text_is_bounded_however_it_is_made)
{
    static const struct attack attacks[] = {
        {"return ('x'):rep(math.maxinteger)", "resulting string too large"},
        {"return ('xx'):rep(math.maxinteger // 2 + 1)", "resulting string too large"},
        {"return #('x'):rep(math.mininteger)", "0"},
        {"return ('x'):rep(2, ('y'):rep(math.maxinteger))", "resulting string too large"},
        {"return string.format('%99999d', 1)", "too long or unfinished modifiers"},
        {"return string.format('%.99999f', 1)", "too long or unfinished modifiers"},
        {"return string.format('%-+ #0100d', 1)", "too long or unfinished modifiers"},
        {"return string.format('%n', 1)", "invalid conversion"},
        {"return string.format('%hhd', 1)", "invalid conversion"},
        {"return string.format('%', 1)", "too long or unfinished modifiers"},
        {"return string.format('%d', 1.5)", "number has no integer representation"},
        {"return string.format('%c%c', 0, 256)", ""},
        {"return #string.format('%99.99f', -1.7976931348623157e308)", "410"},
        {"return table.concat({}, 'x', 1, 1e9)", ""},
        {"local t = {} for i = 1, 1e4 do t[i] = ('x'):rep(1000) end return #table.concat(t)",
         ""},
        {"return table.concat({1, {}, 3})", "element 2 is a table, not text"},
        {"return table.concat(setmetatable({}, {__index = function() return 'x' end, "
         "__len = function() return 1e9 end}))",
         ""},
        {"return #utf8.char(table.unpack({}, 1, 0))", "0"},
        {"return utf8.char(-1)", "value out of range"},
        {"return utf8.char(1 << 40)", "value out of range"},
        {"return utf8.codepoint('x', 1, math.maxinteger)", "out of bounds"},
        {"return utf8.offset('x', math.mininteger)", ""},
        {"return utf8.len('\\xff', math.mininteger)", ""},
        {"for p, c in utf8.codes('\\xff') do end", "invalid UTF-8 code"},
        {"return select('#', utf8.codepoint(('x'):rep(1e6), 1, -1))", ""},
        {"return select('#', ('x'):rep(1e6):byte(1, -1))", ""},
        {"return string.char(table.unpack({}, 1, 1e7))", "too many"},
        {"return ('x'):sub(math.mininteger, math.maxinteger)", "x"},
        {"return '1' + '1' .. 1e308 * 10", "2inf"},
        {"return '0x1p4' + 0", "16.0"},
        {"return '10' // '0'", "attempt to divide by zero"},
        {"return math.tointeger('9223372036854775808')", ""},
        {"return 1 << 64, 1 >> -1, 1 << math.mininteger", "0"},
        {"return math.mininteger // -1, math.mininteger % -1", "-9223372036854775808"},
        {"return '\\u{7FFFFFFF}'", ""},
        {"return 'x' .. {}", "attempt to concatenate a table value"},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}

TEST(patterns_are_bounded)
{
    static const struct attack attacks[] = {
        {"return ('x'):rep(1e5):find(('.-'):rep(20) .. 'b')", WORK},
        {"return ('x'):rep(1e5):match(('(x*)'):rep(10) .. 'y')", WORK},
        {"return (('('):rep(1e5)):find('%b()')", ""},
        {"return ('x'):rep(1e5):gsub('%f[%w]x*%f[%W]', '%0')", ""},
        {"return ('x'):find(('('):rep(40))", ""},
        {"return ('x'):find(('x?'):rep(100) .. ('x'):rep(100))", ""},
        {"return ('x'):find('[' .. ('a-z'):rep(50))", "malformed pattern"},
        {"return ('x'):find('%')", "malformed pattern"},
        {"return ('x'):find('%b')", "malformed pattern"},
        {"return ('x'):find('%f')", "missing '[' after '%f'"},
        {"return ('x'):find('%1')", "invalid"},
        {"return ('x'):find('(()%2)')", "nil"},
        {"return ('x'):find('(%2)()')", "invalid"},
        {"return ('x'):gsub('x', '%2')", "invalid capture index"},
        {"return ('x'):gsub('x', '%')", "invalid use of '%'"},
        {"return ('x'):rep(2e5):find(('x'):rep(255) .. 'y')", ""},
        {"for a in ('x'):rep(1e6):gmatch('') do end", WORK},
        {"for a in ('x'):rep(1e6):gmatch('.-$') do end", WORK},
        {"return ('x'):rep(1e6):gsub('.', {x = setmetatable({}, {})})", "invalid replacement"},
        {"return ('a'):rep(1e4):find(('a*'):rep(30) .. 'b')", WORK},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}

TEST(errors_are_no_way_out)
{
    static const struct attack attacks[] = {
        {"error(nil)", "the error value is a nil"},
        {"error()", "the error value is a nil"},
        {"error(print)", "the error value is a function"},
        {"error(coroutine.create(print))", "the error value is a thread"},
        {"error(json.null)", "the error value is a "},
        {"error(('x'):rep(1e6))", "error: t.lua:1: xxxx"},
        {"error('a\\0b\\27[31m', 0)", "a\\x00b\\x1B[31m"},
        {"error(setmetatable({}, {__index = function() while true do end end}))",
         "the error value is a table"},
        {"error('x', math.maxinteger)", "x"},
        {"error('x', math.mininteger)", "x"},
        {"assert(false, {})", "the error value is a table"},
        {"return pcall(pcall, error, 1)", "true"},
        {"return select('#', pcall(error))", "2"},
        {"local function f() error(f) end return type(select(2, pcall(f)))", "function"},
        {"return xpcall(1, print)", "false"},
        {"return xpcall(print, 1)", "bad argument #2 to 'xpcall'"},
        {"local t = {} t.t = t error(json.encode(t))", "error"},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}
