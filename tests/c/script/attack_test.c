/* Scripts that try to hurt, and how each one ends. */
#include "attacks.h"

#include "base/mem.h"

TEST(nothing_leads_outside)
{
    static const struct attack attacks[] = {
        {"return io", "undefined variable 'io'"},
        {"return os.execute('id')", "undefined variable 'os'"},
        {"return debug", "undefined variable 'debug'"},
        {"return package", "undefined variable 'package'"},
        {"return load('return 1')", "undefined variable 'load'"},
        {"return loadstring", "undefined variable 'loadstring'"},
        {"return loadfile('/etc/passwd')", "undefined variable 'loadfile'"},
        {"return dofile('/etc/passwd')", "undefined variable 'dofile'"},
        {"return warn", "undefined variable 'warn'"},
        {"return setfenv", "undefined variable 'setfenv'"},
        {"return string.dump", "nil"},
        {"return ('').dump", "nil"},
        {"return string.pack", "nil"},
        {"return string.unpack", "nil"},
        {"return string.packsize", "nil"},
        {"return math.randomseed", "nil"},
        {"return coroutine.close", "nil"},
        {"return collectgarbage('collect')", "only 'count' is available"},
        {"return collectgarbage('stop')", "only 'count' is available"},
        {"return collectgarbage()", "only 'count' is available"},
        {"return collectgarbage('count') > 1", "true"},
        {"return _G._G == _G and _G.io", "undefined variable 'io'"},
        {"return getmetatable(_G)", "false"},
        {"return getmetatable('')", "false"},
        {"return getmetatable(string)", "false"},
        {"return getmetatable(print)", "nil"},
        {"return getmetatable(coroutine.create(print))", "nil"},
        {"return rawget(_G, 'print')", "nil"},
        {"return select(-1, 1, {}) == _ENV", "false"},
        {"return select(-5, 1)", "index out of range"},
        {"\x1bLua", "not a text file"},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
    assert_true(attack("return\0001", 8, "not a text file"));
}

TEST(libraries_and_globals_are_read_only)
{
    static const struct attack attacks[] = {
        {"string.rep = nil", "this table is read-only (field 'rep')"},
        {"string.evil = 1", "this table is read-only (field 'evil')"},
        {"rawset(string, 'rep', 1)", "this table is read-only"},
        {"rawset(_G, 'x', 1)", "this table is read-only"},
        {"_G.x = 1", "globals are read-only: make 'x' a local variable"},
        {"_ENV.x = 1", "globals are read-only"},
        {"_G[1] = 1", "globals are read-only"},
        {"print = nil", "globals are read-only"},
        {"string = {}", "globals are read-only"},
        {"function f() end", "globals are read-only: make 'f' a local variable"},
        {"local f = function() y = 1 end f()", "globals are read-only"},
        {"setmetatable(string, {})", "cannot change a protected metatable"},
        {"setmetatable(_G, {__index = {}})", "cannot change a protected metatable"},
        {"setmetatable(_ENV, nil)", "cannot change a protected metatable"},
        {"setmetatable('', {})", "table expected"},
        {"table.insert(string, 1)", "this table is read-only"},
        {"table.remove(math)", "this table is read-only"},
        {"table.sort(table)", "this table is read-only"},
        {"table.move({1}, 1, 1, 1, string)", "this table is read-only"},
        {"table.move(string, 1, 1, 1)", "this table is read-only"},
        {"json.null = 1", "this table is read-only"},
        {"time.now = function() return 0 end", "this table is read-only"},
        {"('').x = 1", "attempt to index a string value"},
        {"local s = getmetatable('').__index", "attempt to index a boolean value"},
        {"_ENV = nil return 1", "1"},
        {"_ENV = nil return print", "attempt to index a nil value (upvalue '_ENV')"},
        {"_ENV = setmetatable({}, {__index = _ENV}) x = 1 return x", "1"},
        {"local _ENV <const> = {} return x", "nil"},
        {"local _ENV = {} function f() return g end return f()", "nil"},
        {"for k in pairs(string) do if string[k] == nil then return 'lost' end end", "nil"},
        {"local n = 0 for k in pairs(string) do n = n + 1 end return n", "13"},
        {"return next(string)", "byte"},
        {"string.format = nil", "t.lua:1: this table is read-only (field 'format')"},
        {"return ('%d'):format(3) .. ('x'):rep(3)", "3xxx"},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}

TEST(metatables_are_sealed)
{
    static const struct attack attacks[] = {
        {"setmetatable({}, {__gc = print})", "metatables of scripts cannot have '__gc'"},
        {"setmetatable({}, {__close = print})", "cannot have '__close'"},
        {"setmetatable({}, {__mode = 'k'})", "cannot have '__mode'"},
        {"setmetatable({}, {__concat = print})", "cannot have '__concat'"},
        {"setmetatable({}, {__metatable = 1})", "cannot have '__metatable'"},
        {"local mt = {} local o = setmetatable({}, mt) mt.__concat = function() return 'evil' "
         "end "
         "return select(2, pcall(function() return o .. 'x' end))",
         "attempt to concatenate a table value"},
        {"local mt = {} local o = setmetatable({}, mt) mt.__close = print "
         "local x <close> = o return 1",
         "got a non-closable value"},
        {"local x <close> = setmetatable({}, {}) return 1", "got a non-closable value"},
        {"local mt = {} return getmetatable(setmetatable({}, mt)) == mt", "true"},
        {"local mt = {} local o = setmetatable({}, mt) mt.__index = {a = 1} "
         "setmetatable(o, mt) return o.a",
         "1"},
        {"local o = setmetatable({}, {}) return getmetatable(setmetatable(o, nil))", "nil"},
        {"local mt = {__index = {a = 1}, __call = print} local o = setmetatable({}, mt) "
         "mt.__index = nil setmetatable({}, mt) return o.a",
         "nil"},
        {"local mt = {__index = {a = 1}} local o = setmetatable({}, mt) "
         "mt.__index = nil mt.__len = function() return 9 end setmetatable({}, mt) "
         "return tostring(o.a) .. #o",
         "nil9"},
        {"return setmetatable({}, {__mystery = 1, [1] = 2, __index = {5}})[1]", "5"},
        {"local mt = {} for i = 1, 1e4 do mt['m' .. i] = i end while true do setmetatable({}, "
         "mt) "
         "end",
         ANY},
        {"return getmetatable(setmetatable({}, string)) == string", "true"},
        {"setmetatable({}, 1)", "nil or table expected"},
        {"setmetatable({})", "nil or table expected"},
        {"return setmetatable({}, {__index = function(t, k) return t[k] end}).x",
         "C stack overflow"},
        {"local a, b = {}, {} setmetatable(a, {__index = b}) setmetatable(b, {__index = a}) "
         "return a.x",
         "'__index' chain too long"},
        {"local t = setmetatable({}, {__newindex = function(t, k, v) t[k] = v end}) t.x = 1",
         "C stack overflow"},
        {"return setmetatable({}, {__call = 1})()",
         "'__call' must be a function, not a number"},
        {"local t = setmetatable({}, {}) getmetatable(t).__call = t setmetatable(t, "
         "getmetatable(t)) return t()",
         "'__call' must be a function, not a table"},
        {"local f = print for i = 1, 1e5 do f = setmetatable({}, {__call = f}) end f()",
         "'__call' must be a function, not a table"},
        {"return setmetatable({}, {__eq = function() error('e') end}) == setmetatable({}, {})",
         "error: t.lua:1: e"},
        {"return setmetatable({}, {__lt = function() error({}) end}) < {}",
         "error: t.lua:1: the error value is a table, not a message"},
        {"return #setmetatable({}, {__len = function() while true do end end})", TIME},
        {"return -setmetatable({}, {__unm = function() while true do end end})", TIME},
        {"return tostring(setmetatable({}, {__tostring = function() while true do end end}))",
         TIME},
        {"return tostring(setmetatable({}, {__tostring = function() return {} end}))",
         "'__tostring' must return a string"},
        {"return tostring(setmetatable({}, {__name = 'thing'}))", "thing"},
        {"for k in pairs(setmetatable({}, {__pairs = function() while true do end end})) do "
         "end",
         TIME},
        {"for k in pairs(setmetatable({}, {__pairs = function() return next, {}, nil end})) do "
         "end",
         "nil"},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}

TEST(no_loop_is_endless)
{
    static const struct attack attacks[] = {
        {"while true do end", TIME},
        {"for i = 1, math.huge do end", TIME},
        {"repeat until false", TIME},
        {"::a:: goto a", TIME},
        {"local function f() return f() end f()", TIME},
        {"while true do pcall(error) end", WORK},
        {"local function f() while true do end end while true do pcall(f) end", TIME},
        {"local function f() pcall(f) while true do end end f()", TIME},
        {"while true do xpcall(error, function() while true do end end) end", TIME},
        {"xpcall(function() while true do end end, function() while true do end end)", TIME},
        {"xpcall(function() xpcall(error, function() while true do end end) end, "
         "function() while true do end end)",
         TIME},
        {"local function loop() while true do end end while true do "
         "coroutine.resume(coroutine.create(loop)) end",
         TIME},
        {"local function loop() while true do end end while true do "
         "pcall(coroutine.wrap(loop)) end",
         TIME},
        {"local function nest(n) if n == 0 then while true do end end "
         "while true do coroutine.resume(coroutine.create(function() nest(n - 1) end)) end end "
         "nest(50)",
         TIME},
        {"local function nest(n) local co = coroutine.wrap(function() "
         "for i = 1, 1000 do if n > 0 then nest(n - 1) end end end) co() end nest(5)",
         ANY},
        {"while true do coroutine.wrap(function() end)() end", WORK},
        {"local co = coroutine.wrap(function() while true do coroutine.yield() end end) "
         "while true do co() end",
         WORK},
        {"table.sort({3, 2, 1}, function() while true do end end)", TIME},
        {"pcall(table.sort, {3, 2, 1}, function() pcall(function() while true do end end) end)",
         TIME},
        {"pcall(table.sort, {3, 2, 1}, coroutine.wrap(function() while true do end end))",
         TIME},
        {"pcall(table.sort, {3, 2, 1}, coroutine.wrap(function() "
         "coroutine.yield(true) pcall(function() while true do end end) end))",
         TIME},
        {"('x'):gsub('x', function() while true do end end)", TIME},
        {"('x'):rep(1000):gsub('x', function() pcall(function() while true do end end) end)",
         TIME},
        {"('x'):gsub('x', setmetatable({}, {__index = function() while true do end end}))",
         TIME},
        {"for w in ('x'):rep(10):gmatch('x') do while true do end end", TIME},
        {"string.format('%s', setmetatable({}, {__tostring = function() while true do end "
         "end}))",
         TIME},
        {"print(setmetatable({}, {__tostring = function() while true do end end}))", TIME},
        {"error(setmetatable({}, {__tostring = function() while true do end end}))",
         "the error value is a table"},
        {"for i, v in ipairs(setmetatable({}, {__index = function() return 1 end})) do end",
         TIME},
        {"for _ in function() return 1 end do end", TIME},
        {"while true do local s = tostring(1) .. 'x' end", TIME},
        {"local t = {} while true do t[1] = {} end", ANY},
        {"while true do setmetatable({}, {}) end", TIME},
        {"while true do math.random() end", TIME},
        {"local p = pcall while true do p(p, p, p, p, p, p) end", WORK},
        {"pcall(pcall, pcall, pcall, function() while true do end end)", TIME},
        {"local ok = pcall(function() while true do end end) return 'swallowed'", TIME},
        {"coroutine.wrap(function() pcall(coroutine.yield) while true do end end)()", "nil"},
        {"local co = coroutine.wrap(function() pcall(coroutine.yield) while true do end end) "
         "co() co()",
         TIME},
        {"local co = coroutine.create(function() pcall(function() coroutine.yield(1) "
         "while true do end end) return 'swallowed' end) "
         "coroutine.resume(co) return select(2, coroutine.resume(co))",
         TIME},
        {"local co = coroutine.wrap(function() return xpcall(function() coroutine.yield(1) "
         "while true do end end, function() return 'swallowed' end) end) co() return co()",
         TIME},
        {"return require('x.y')", "the host has no modules"},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}

TEST(no_memory_is_endless)
{
    static const struct attack attacks[] = {
        {"local t = {} for i = 1, 1e9 do t[i] = i end", MEMORY},
        {"local t = {} for i = 1, 1e9 do t[i] = {} end", MEMORY},
        {"local t = {} for i = 1, 1e9 do t[{}] = 1 end", MEMORY},
        {"local s = 'x' while true do s = s .. s end", MEMORY},
        {"local s = 'x' pcall(function() while true do s = s .. s end end) return #s", MEMORY},
        {"local s = 'x' while true do pcall(function() s = s .. s end) end", MEMORY},
        {"local t = {} while true do t[#t + 1] = ('x'):rep(1e5) .. #t end", MEMORY},
        {"local t = {} for i = 1, 1e6 do t[i] = coroutine.create(print) end", ANY},
        {"local t = {} for i = 1, 1e6 do t[i] = coroutine.wrap(function() coroutine.yield() "
         "end) "
         "t[i]() end",
         ANY},
        {"local t = {} for i = 1, 1e9 do t[i] = function() return i end end", MEMORY},
        {"local function f() return 1 + f() end return f()", MEMORY},
        {"local function f() return 1 + f() end return f()", "calls thousands deep"},
        {"local function f(...) return f(1, ...) end f()", ANY},
        {"local function f() f() end pcall(f) return 'swallowed'", MEMORY},
        {"return #table.pack(table.unpack({}, 1, 1e7))", "too many elements"},
        {"return (' '):rep(1e10)", "resulting string too large"},
        {"return ('x'):rep(1e6, ('y'):rep(1e6))", "resulting string too large"},
        {"return (''):rep(1e15)", ""},
        {"return ('x'):rep(-1)", ""},
        {"return ('ab'):rep(math.maxinteger)", "resulting string too large"},
        {"return ('x'):rep(1e5):gsub('x', ('y'):rep(1e5))", "resulting string too large"},
        {"return ('x'):rep(1e3):gsub('', ('y'):rep(1e4))", "resulting string too large"},
        {"return ('x'):rep(3e5):gsub('.*', '%0%0%0%0')", "resulting string too large"},
        {"return ('x'):rep(1e3):gsub('x', function() return ('y'):rep(1e5) end)", "too large"},
        {"return ('%s%s%s%s'):format(('x'):rep(4e5), ('x'):rep(4e5), ('x'):rep(4e5), 1)",
         "resulting string too large"},
        {"local s = ('x'):rep(1e5) local t = {} for i = 1, 100 do t[i] = s end "
         "return #table.concat(t)",
         "resulting string too large"},
        {"return table.concat({}, ('x'):rep(1e5), 1, 1e5)", "element 1 is a nil"},
        {"return ('x'):rep(1e6) .. ('x'):rep(1e6) .. ('x'):rep(1e6)", MEMORY},
        {"local t = {} for i = 1, 100 do t[i] = ('x'):rep(1e6) end", MEMORY},
        {"return string.char(table.unpack({}, 1, 8192))", "number expected, got nil"},
        {"return ('x'):rep(1e6):byte(1, -1)", "string slice too long"},
        {"return ('x'):rep(9e5):byte(1, -1)", "string slice too long"},
        {"return utf8.codepoint(('x'):rep(1e6), 1, -1)", "string slice too long"},
        {"return select('#', ('x'):rep(1e4):byte(1, -1))", "10000"},
        {"local s = ('x'):rep(1e6) for i = 1, 1e9 do s = s:upper() end", ANY},
        {"error(('x'):rep(1e6))", "xxx..."},
        {"error(('x'):rep(1e6), 0)", "xxx..."},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}

TEST(built_in_functions_are_bounded)
{
    static const struct attack attacks[] = {
        {"return ('a'):rep(40000):find('.-b')", WORK},
        {"return ('a'):rep(1000):find('.-.-.-b')", WORK},
        {"return ('a'):rep(30):find(('(a-)'):rep(14) .. 'ab')", WORK},
        {"return ('a'):rep(30):match(('a*'):rep(14) .. 'b')", WORK},
        {"return ('a'):rep(30):gsub(('a?'):rep(30) .. ('a'):rep(31), '')", ANY},
        {"for x in ('a'):rep(30):gmatch(('a-'):rep(14) .. 'b') do end", WORK},
        {"return ('('):rep(20000):find('%b()')", WORK},
        {"pcall(string.find, ('a'):rep(40000), '.-b') return 'swallowed'", WORK},
        {"return ('x'):find(('x'):rep(257) .. '.')", "pattern too long"},
        {"return ('x'):find('(')", "unfinished capture"},
        {"return ('x'):find('[')", "missing ']'"},
        {"return ('x'):find('%')", "ends with '%'"},
        {"return ('x'):find('%b')", "missing arguments to '%b'"},
        {"return ('x'):find('%f')", "missing '[' after '%f'"},
        {"return ('x'):find('%1')", "invalid capture index"},
        {"return ('x'):find('(%1)')", "invalid capture index"},
        {"return ('x'):find(('()'):rep(33))", "too many captures"},
        {"return ('x'):gsub('x', '%2')", "invalid capture index %2"},
        {"return ('x'):gsub('x', '%')", "invalid use of '%'"},
        {"return ('x'):gsub('x', {x = {}})", "invalid replacement value (a table)"},
        {"return ('x'):gsub('x')", "string/function/table expected"},
        {"while true do ('a'):rep(1e5):find('b', 1, true) end", ANY},
        {"return string.format('%99999d', 1)", "invalid format"},
        {"return string.format('%.100f', 1)", "invalid format"},
        {"return #string.format('%99.99f', -1.7976931348623157e308)", "410"},
        {"return string.format('%p', {})", "invalid conversion '%p'"},
        {"return string.format('%n', 1)", "invalid conversion '%n'"},
        {"return string.format('%ls', 1)", "invalid conversion '%l'"},
        {"return string.format('%*d', 1, 1)", "invalid conversion '%*'"},
        {"return string.format('%1$s', 1)", "invalid conversion '%1$'"},
        {"return string.format('%', 1)", "invalid format"},
        {"return string.format('%d', 1.5)", "number has no integer representation"},
        {"return string.format('%d', '10')", "10"},
        {"return string.format('%s')", "bad argument #2 to 'format' (no value)"},
        {"return string.format(('%d'):rep(65), 1)", "bad argument #3 to 'format' (no value)"},
        {"return string.format(('%s'):rep(65), table.unpack({}, 1, 65))",
         "more than 64 values to format"},
        {"return string.format('%10.3s|', 'a\\0b')", "string contains zeros"},
        {"return string.format('%q', {})", "value has no literal form"},
        {"return table.concat(setmetatable({}, {__len = function() return 1e9 end}))", ""},
        {"return table.concat({}, '', 1, math.maxinteger)", "too many elements"},
        {"return table.concat({}, '', math.mininteger, math.maxinteger)", "too many elements"},
        {"return table.concat({1, {}, 3})", "element 2 is a table"},
        {"return table.unpack({}, math.mininteger, math.maxinteger)", "too many elements"},
        {"return table.unpack({}, 0, math.maxinteger)", "too many elements"},
        {"return table.unpack(setmetatable({}, {__len = function() return 1e9 end}))", "nil"},
        {"table.move({}, 1, math.maxinteger, 2)", "too many elements"},
        {"table.move({}, math.mininteger, math.maxinteger, 2)", "too many elements"},
        {"table.move({1}, 1, 2, math.maxinteger)", "wrap around"},
        {"table.insert(setmetatable({}, {__len = function() return 1e9 end}), 1, 1)", "nil"},
        {"table.insert({}, 5, 1)", "position out of bounds"},
        {"table.insert({}, math.mininteger, 1)", "position out of bounds"},
        {"table.insert({}, 1, 2, 3)", "wrong number of arguments"},
        {"table.remove({}, 7)", "position out of bounds"},
        {"table.insert(nil, 1)", "table expected"},
        {"local t = {} for i = 1, 3e4 do t[i] = i end while true do table.insert(t, 1, 1) end",
         ANY},
        {"local t = {} for i = 1, 3e4 do t[i] = i end while true do table.remove(t, 1) end",
         ANY},
        {"local t = {} for i = 1, 2e4 do t[i] = -i end while true do table.sort(t) end", ANY},
        {"table.sort({1, 'x'})", "attempt to compare"},
        {"table.sort({1, 2, nil, 3, 4})", "attempt to compare"},
        {"table.sort({1, 2}, 5)", "function expected"},
        {"local t = {} for i = 1, 100 do t[i] = i % 7 end "
         "table.sort(t, function() return true end) return #t",
         "100"},
        {"local t = {} for i = 1, 100 do t[i] = i end "
         "table.sort(t, function(a, b) if a then t[a] = nil end return a and b and a < b end) "
         "return type(t)",
         "table"},
        {"return tonumber(('1'):rep(1e6))", "inf"},
        {"return tonumber('0x' .. ('f'):rep(1e6))", "-1"},
        {"return math.type(tonumber(('z'):rep(1e6), 36))", "integer"},
        {"return math.random(0, -1)", "interval is empty"},
        {"return math.random(1, 2, 3)", "wrong number of arguments"},
        {"return math.type(math.random(math.mininteger, math.maxinteger))", "integer"},
        {"local t = {} for i = 1, 1e5 do t[i .. ''] = 1 end while true do next(t) end", ANY},
        {"local t = {} for i = 1, 5e3 do t[i .. ''] = 1 end while true do pairs(t) end", ANY},
        {"while true do require('a') end", "the host has no modules"},
        {"while true do pcall(require, 'a') end", WORK},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}

TEST(errors_end_in_a_report)
{
    static const struct attack attacks[] = {
        {"error()", "error: t.lua:1: the error value is a nil, not a message"},
        {"error(nil)", "the error value is a nil"},
        {"error({})", "the error value is a table"},
        {"error(print)", "the error value is a function"},
        {"error(1)", "1"},
        {"error('x')", "error: t.lua:1: x"},
        {"\n\nerror('x', 0)", "error: t.lua:3: x"},
        {"error('a\\nb\\27[2J\\0c')", "error: t.lua:1: a\\nb\\x1B[2J\\x00c"},
        {"error(setmetatable({}, {__tostring = function() error('deep') end}))",
         "the error value is a table"},
        {"local function f() error(f) end f()", "the error value is a function"},
        {"xpcall(error, error)", "nil"},
        {"return select('#', xpcall(error, function() error() end))", "2"},
        {"return xpcall(error, function(m) return error(m) end, 'x')", "false"},
        {"local function h(m) return xpcall(error, h, m) end return xpcall(error, h)", "false"},
        {"xpcall(error, 1)", "function expected"},
        {"xpcall()", "function expected"},
        {"pcall()", "value expected"},
        {"return pcall(pcall)", "false"},
        {"return select(2, pcall(error, setmetatable({}, {__index = error})))", "table"},
        {"local t = nil return t.x.y", "attempt to index a nil value (local 't')"},
        {"return 1 + {}", "attempt to perform arithmetic on a table value"},
        {"return 1 < 'x'", "attempt to compare number with string"},
        {"return #5", "attempt to get length of a number value"},
        {"return 1 // 0", "attempt to divide by zero"},
        {"local x = 0 return 1 % x", "attempt to perform 'n"},
        {"return 2^53 | 0.5", "number has no integer representation"},
        {"return math.tointeger(2^63)", "nil"},
        {"syntax error here", "error: t.lua:1: syntax error near 'error'"},
        {"return '", "unfinished string"},
        {"--[==[", "unfinished long comment"},
        {"goto nowhere", "no visible label 'nowhere'"},
        {"break", "break outside loop"},
        {"local x <const> = 1 x = 2", "attempt to assign to const variable 'x'"},
        {"coroutine.yield()", "attempt to yield from outside a coroutine"},
        {"coroutine.wrap(function() error('inner') end)()", "inner"},
        {"coroutine.wrap(function() error({}) end)()", "the error value is a table"},
        {"coroutine.wrap(print)(coroutine.yield)", "nil"},
        {"local co co = coroutine.wrap(function() co() end) co()",
         "cannot resume non-suspended coroutine"},
        {"local co = coroutine.wrap(function() end) co() co()", "cannot resume dead coroutine"},
        {"return coroutine.resume(coroutine.running())", "false"},
        {"return coroutine.resume(1)", "coroutine expected"},
        {"local main = coroutine.running() return coroutine.wrap(function() "
         "return select(2, coroutine.resume(main)) end)()",
         "cannot resume non-suspended coroutine"},
        {"local co co = coroutine.create(function() return coroutine.resume(co) end) "
         "return select(3, coroutine.resume(co))",
         "cannot resume non-suspended coroutine"},
        {"table.sort({2, 1}, function() coroutine.yield() end)",
         "attempt to yield from outside a coroutine"},
        {"coroutine.wrap(function() table.sort({2, 1}, coroutine.yield) end)()",
         "attempt to yield across a C-call boundary"},
        {"return coroutine.wrap(function() return pcall(pcall, coroutine.yield, 1) end)()",
         "1"},
        {"local co = coroutine.wrap(function() return pcall(function() coroutine.yield(1) "
         "error('late') end) end) co() return select(2, co())",
         "t.lua:1: late"},
        {"local function deep(n) return pcall(deep, n + 1) end return deep(1)", "true"},
        {"local s = 'x' for i = 1, 300 do s = s:gsub('.', function(c) return c end) end return "
         "s",
         "x"},
        {"local function f(s) return (s:gsub('.', f)) end return f('x')", "C stack overflow"},
        {"local function f() return tostring(setmetatable({}, {__tostring = f})) end return "
         "f()",
         "C stack overflow"},
        {"local function f() coroutine.wrap(f)() end f()", "t.lua:1: t.lua:1: "},
        {"local function f() table.sort({2, 1}, f) end f()", "C stack overflow"},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}

TEST(no_address_is_shown)
{
    static const struct attack attacks[] = {
        {"return tostring({})", "table"},
        {"return tostring(print)", "function"},
        {"return tostring(coroutine.create(print))", "thread"},
        {"return tostring(json.null)", "null"},
        {"return tostring(nil) .. tostring(true) .. tostring(1) .. tostring(1.5) .. "
         "tostring('s')",
         "niltrue11.5s"},
        {"return ('%s %s'):format({}, print)", "table function"},
        {"return select(2, pcall(error, {}))", "table"},
        {"return {} .. 'x'", "attempt to concatenate a table value"},
        {"return tostring(setmetatable({}, {__name = 5}))", "table"},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
    assert_null(strstr(run("return tostring({})"), "0x"));
    assert_null(strstr(run("return tostring(print)"), "0x"));
}

TEST(json_is_bounded)
{
    static const struct attack attacks[] = {
        {"local t = {} for i = 1, 1e6 do t = {t} end", ANY},
        {"local t = {} for i = 1, 100 do t = {t} end return json.encode(t)", "nested over 32"},
        {"local t = {} t.t = t return json.encode(t)", "nested over 32 levels, or a cycle"},
        {"local s, t = ('x'):rep(1e5), {} for i = 1, 2000 do t[i] = s end return "
         "json.encode(t)",
         "json.encode: more than 262144 bytes"},
        {"return json.encode(('\\0'):rep(1e5))", "json.encode: more than 262144 bytes"},
        {"return json.encode(0/0)", "NaN and infinities"},
        {"return json.encode({1/0})", "NaN and infinities"},
        {"return json.encode(print)", "a function has no form in JSON"},
        {"return json.encode({[1] = 1, [3] = 3})",
         "keys of a table must be 1..n or all strings"},
        {"return json.encode({1, a = 2})", "keys of a table must be 1..n or all strings"},
        {"return json.encode({[{}] = 2})", "keys of a table must be 1..n or all strings"},
        {"return json.encode({[1.5] = 2})", "keys of a table must be 1..n or all strings"},
        {"return json.encode(setmetatable({}, {__index = function() while true do end end}))",
         "{}"},
        {"return json.encode(string)", "{}"},
        {"return json.decode(('['):rep(1e5))", "nested too deeply"},
        {"return json.decode(('{\"a\":'):rep(1e4))", "nested too deeply"},
        {"return json.decode(('x'):rep(3e5))", "json.decode: more than 262144 bytes"},
        {"return json.decode('[' .. ('{},'):rep(8e4) .. '{}]')", ANY},
        {"return json.decode('[' .. ('0,'):rep(1.2e5) .. '0]')", ANY},
        {"while true do json.encode({1, 2, {a = 'b'}}) end", ANY},
        {"while true do json.decode('[1,2,3]') end", ANY},
        {"return json.decode('')", "unexpected end at byte 1"},
        {"return json.decode('[1,]')", "expected a value at byte 4"},
        {"return json.decode('[1 2]')", "expected ',' or ']' at byte 4"},
        {"return json.decode('{\"a\" 1}')", "expected ':' at byte 6"},
        {"return json.decode('{a:1}')", "expected a name in quotes at byte 2"},
        {"return json.decode('{\"a\":1,}')", "expected a name in quotes at byte 8"},
        {"return json.decode('01')", "malformed number at byte 1"},
        {"return json.decode('1.')", "malformed number at byte 1"},
        {"return json.decode('-')", "malformed number at byte 1"},
        {"return json.decode('1e')", "malformed number at byte 1"},
        {"return json.decode('1e999')", "number out of range"},
        {"return json.decode('0x10')", "something follows the value at byte 2"},
        {"return json.decode('nan')", "expected a value"},
        {"return json.decode('Infinity')", "expected a value"},
        {"return json.decode(('1'):rep(100))", "number too long"},
        {"return json.decode('1 x')", "something follows the value at byte 3"},
        {"return json.decode('\"\\\\ud800\"')", "half of a surrogate pair"},
        {"return json.decode('\"\\\\udc00\"')", "half of a surrogate pair"},
        {"return json.decode('\"\\\\u12\"')", "unfinished \\u escape"},
        {"return json.decode('\"\\\\x\"')", "unknown escape"},
        {"return json.decode('\"a')", "unfinished string"},
        {"return json.decode('\"a\\n\"')", "control character in a string"},
        {"return json.decode('tru')", "expected a value"},
        {"return json.decode('[1\\0]')", "expected ',' or ']'"},
        {"return json.decode(5)", "5"},
        {"return json.decode({})", "string expected"},
    };

    attack_all(attacks, ARRAY_LEN(attacks));
}

/* Sources too large to write down. */

static char *repeat_text(const char *head, const char *text, size_t times, const char *tail)
{
    size_t unit = strlen(text), at = strlen(head);
    char *out = mem_new(at + unit * times + strlen(tail) + 1);

    strcpy(out, head);
    for (size_t i = 0; i < times; i++, at += unit)
        memcpy(out + at, text, unit);
    strcpy(out + at, tail);
    return out;
}

static void attack_repeated(const char *head, const char *text, size_t times, const char *tail,
                            const char *end)
{
    char *script = repeat_text(head, text, times, tail);

    bool is_as_wanted = attack(script, strlen(script), end);
    mem_free(script);
    assert_true(is_as_wanted);
}

TEST(the_compiler_survives_any_source)
{
    attack_repeated("", "x", 65537, "", "bytes of source; 65536 are allowed");
    attack_repeated("return ", "(", 300, "", "C stack overflow");
    attack_repeated("return ", "(", 60000, "", "C stack overflow");
    attack_repeated("return ", "{", 60000, "", "C stack overflow");
    attack_repeated("return ", "-", 60000, "1", "");
    attack_repeated("return ", "not ", 15000, "1", "C stack overflow");
    attack_repeated("return ", "1^", 30000, "1", "C stack overflow");
    attack_repeated("return ", "'a'..", 12000, "'a'", "");
    attack_repeated("", "do ", 20000, "", "C stack overflow");
    attack_repeated("", "local function f() ", 3000, "", "overflow");
    attack_repeated("", "local a ", 300, "", "too many local variables");
    attack_repeated("local t t", ".x", 32000, " = y + 1", "");
    attack_repeated("local t return t", ".x", 30000, " + 1", "");
    attack_repeated("local f f", "()", 30000, "", "");
    attack_repeated("goto a ", "::a:: ", 2, "", "already defined");
    attack_repeated("", "goto a ", 9000, "::a::", "");
    attack_repeated("return {", "1,", 32000, "}", "table");
    attack_repeated("return {", "{},", 20000, "}", "table");
    attack_repeated("return '", "\\", 65000, "'", "");
    attack_repeated("return 0x", "f", 65000, "", "-1");
    attack_repeated("return 1e", "9", 60000, "", "");
    attack_repeated("return [", "=", 65000, "[", "");
    attack_repeated("--[", "=", 65000, "[", "");
    attack_repeated("", ";", 65536, "", "nil");
    attack_repeated("return \"", "\\z ", 20000, "\"", "");
    attack_repeated("if x then ", "elseif x then ", 4000, "end", "");
}

/* Integer keys i * (2^17 - 1) all land in one chain: a single assignment that rehashes them
 * runs for seconds inside C, with no instruction at which a hook could fire. */
TEST(hash_collisions_are_abandoned)
{
    struct sandbox_options options = {.name = "attack", .limits = tight};
    struct sandbox *sandbox;
    const char *script = "local t, m = {}, (1 << 17) - 1 "
                         "for i = 1, 1 << 17 do t[i * m] = true end "
                         "return 'survived'";

    options.limits.memory = 16 << 20;
    sandbox = new_sandbox(&options);
    const char *answer = run_in(sandbox, script, strlen(script));
    assert_non_null(strstr(answer, "budget: "));
    assert_true(sandbox_is_dead(sandbox));
    sandbox_free(sandbox);
    check_canary();
}

/* What escaped from the sandbox's state once must not come back in another call. */
TEST(a_dead_sandbox_stays_dead)
{
    struct sandbox *sandbox = new_sandbox(NULL);
    struct fault why;
    int value;

    assert_string_equal(run_in(sandbox, "while true do end", 17),
                        "budget: t.lua:1: stopped: more than 20 ms in one call");
    assert_true(sandbox_is_dead(sandbox));
    assert_null(sandbox_enter(sandbox, LUA_REFNIL));
    assert_int_equal(sandbox_load(sandbox, "x", "return 1", 8, 0, &value, &why), ERR_BUDGET);
    assert_string_equal(why.text, "t.lua:1: stopped: more than 20 ms in one call");
    sandbox_collect(sandbox);
    sandbox_unref(sandbox, 5);
    sandbox_free(sandbox);
}

/* Not only the work: with plenty of that left, time ends a match too, at a place. */
TEST(a_match_that_runs_out_of_time_says_where)
{
    struct sandbox_options options = {
        .name = "attack",
        .limits = {.call = MILLISECONDS(10), .extra = SECONDS(20), .work = INT64_MAX},
    };
    static const char script[] = "local s = ('a'):rep(1e5)\nreturn s:find('.-.-.-.-b')";
    struct sandbox *sandbox = new_sandbox(&options);

    assert_string_equal(run_in(sandbox, script, sizeof script - 1),
                        "budget: t.lua:2: stopped: more than 10 ms in one call");
    sandbox_free(sandbox);
}
