/* The same script and inputs give the same outputs in every process. */
#include "scripts.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"

static const char script[] =
    "local out = {} "
    "local function say(...) for i = 1, select('#', ...) do "
    "out[#out + 1] = tostring((select(i, ...))) end end "
    "local t = {} "
    "for i = 1, 200 do t['key' .. (i * 7919) % 1000] = i end "
    "for i = 1, 50 do t[i * 1.5] = i t[-i] = i end "
    "local names = {} "
    "for i = 1, 60 do local k = {} names[k] = 'table ' .. i t[k] = i end "
    "for i = 1, 20 do local f = function() return i end names[f] = 'function ' .. i t[f] = i "
    "end "
    "for i = 1, 20 do local c = coroutine.create(say) names[c] = 'thread ' .. i t[c] = i end "
    "t[true] = 1 t[false] = 0 "
    "for k, v in pairs(t) do say(names[k] or k, v) end "
    "local k = next(t) for i = 1, 30 do say(names[k] or k) k = next(t, k) end "
    "for i = 1, 20 do say(math.random(), math.random(100), math.random(0)) end "
    "say(json.encode({z = 1, a = {3, 2, 1}, m = {x = 1.5, b = true}})) "
    "local s = {} for i = 1, 300 do s[i] = {i, (i * 31) % 17} end "
    "table.sort(s, function(a, b) return a[2] < b[2] end) "
    "for i = 1, 300, 13 do say(s[i][1]) end "
    "say(collectgarbage('count')) "
    "return table.concat(out, ' ')";

static void keep_answer(lua_State *L, void *context)
{
    struct buf *out = context;
    size_t len;

    sandbox_push_chunk(L, "t.lua", script, sizeof script - 1);
    lua_call(L, 0, 1);
    const char *text = lua_tolstring(L, -1, &len);
    sandbox_host_begin(L);
    buf_add(out, text, len);
    sandbox_host_end(L);
}

static struct buf answer(uint64_t seed)
{
    struct sandbox_options options = {
        .name = "order", .seed = seed, .limits = {.call = SECONDS(9)}};
    struct sandbox *sandbox = new_sandbox(&options);
    struct buf out = BUF_INIT;

    assert_int_equal(sandbox_run(sandbox, keep_answer, &out, 0, NULL), OK);
    sandbox_free(sandbox);
    return out;
}

TEST(another_process_answers_the_same)
{
    const char *path = getenv("ORDER_TEST_OUT");
    char exe[256], file[256], command[1024];

    struct buf here = answer(1);
    if (path) { /* we are that other process */
        FILE *out = fopen(path, "w");
        assert_non_null(out);
        assert_int_equal(fwrite(here.data, 1, here.len, out), here.len);
        fclose(out);
        buf_clear(&here);
        return;
    }
    ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    assert_true(len > 0);
    exe[len] = '\0';
    snprintf(file, sizeof file, "%s/order", check_tmp());
    snprintf(command, sizeof command, "ORDER_TEST_OUT=%s %s %s >/dev/null 2>&1", file, exe,
             __func__);
    for (int i = 0; i < 3; i++) {
        struct buf there = BUF_INIT;
        assert_int_equal(system(command), 0);
        assert_int_equal(buf_read_file(&there, file, 1 << 20, NULL), OK);
        assert_string_equal(buf_text(&there), buf_text(&here));
        buf_clear(&there);
    }
    buf_clear(&here);
}

TEST(another_sandbox_answers_the_same_unless_seeded_otherwise)
{
    struct buf a = answer(1), b = answer(1), c = answer(2);

    assert_string_equal(buf_text(&a), buf_text(&b));
    assert_string_not_equal(buf_text(&a), buf_text(&c));
    buf_clear(&a);
    buf_clear(&b);
    buf_clear(&c);
}

static const char *order_of(const char *table)
{
    static char text[512];

    snprintf(text, sizeof text,
             "local s = '' for k in pairs(%s) do s = s .. tostring(k) .. ' ' end return s",
             table);
    return run(text);
}

TEST(pairs_goes_by_numbers_then_strings_then_the_rest)
{
    assert_string_equal(order_of("{}"), "");
    assert_string_equal(order_of("{5, 6, 7}"), "1 2 3 ");
    assert_string_equal(order_of("{[3] = 1, [1] = 1, [2] = 1}"), "1 2 3 ");
    assert_string_equal(order_of("{b = 1, a = 1, B = 1, aa = 1, [''] = 1}"), " B a aa b ");
    assert_string_equal(order_of("{10, x = 1, [0.5] = 1, [-1] = 1, [1e300] = 1, [true] = 1, "
                                 "[false] = 1}"),
                        "-1 0.5 1 1e+300 x false true ");
    assert_string_equal(order_of("{[{}] = 1, x = 1, [print] = 1, [2] = 1}"),
                        "2 x table function ");
    assert_string_equal(order_of("{['a\\0b'] = 1, a = 1, ['a\\0a'] = 1}"), "a a\0a a\0b ");
}

TEST(large_integers_and_floats_are_ordered_exactly)
{
    assert_string_equal(order_of("{[math.maxinteger] = 1, [2^63] = 1, [math.mininteger] = 1, "
                                 "[-2^63 * 2] = 1, [-1/0] = 1, [1/0] = 1}"),
                        "-inf -1.844674407371e+19 -9223372036854775808 9223372036854775807 "
                        "9.2233720368548e+18 inf ");
    assert_string_equal(
        order_of("{[-1.5] = 1, [-1] = 1, [-2] = 1, [1.5] = 1, [1] = 1, [2] = 1}"),
        "-2 -1.5 -1 1 1.5 2 ");
}

TEST(fields_may_change_while_pairs_runs)
{
    assert_string_equal(run("local t, s = {a = 1, b = 2, c = 3, d = 4}, '' "
                            "for k, v in pairs(t) do s = s .. k .. v t[k] = nil "
                            "if k == 'a' then t.c = nil t.b = 20 t.e = 5 end end return s"),
                        "a1b20d4");
    assert_string_equal(run("local t, s = {1, 2, 3, 4, 5}, '' "
                            "for k, v in pairs(t) do s = s .. k t[k] = nil t[4] = nil "
                            "t[#t + 1] = 9 t.x = 1 end return s"),
                        run("local t, s = {1, 2, 3, 4, 5}, '' "
                            "for k, v in pairs(t) do s = s .. k t[k] = nil t[4] = nil "
                            "t[#t + 1] = 9 t.x = 1 end return s"));
}

TEST(next_goes_the_way_of_pairs)
{
    assert_string_equal(run("local t = {3, 1, x = 1, [-5] = 2, [2.5] = 1, y = {}, [true] = 0} "
                            "local k, n = nil, 0 for a, b in pairs(t) do n = n + 1 "
                            "local v k, v = next(t, k) "
                            "if k ~= a or v ~= b then return tostring(k) end end "
                            "return tostring(next(t, k)) .. n"),
                        "nil7");
    assert_string_equal(run("local n = 0 for k in next, {1, 2, 3} do n = n + k end return n"),
                        "6");
}

TEST(sort_is_stable)
{
    assert_string_equal(
        run("local t = {} for i = 1, 200 do t[i] = {i % 5, i} end "
            "table.sort(t, function(a, b) return a[1] < b[1] end) "
            "for i = 2, 200 do local a, b = t[i - 1], t[i] "
            "if a[1] > b[1] or (a[1] == b[1] and a[2] > b[2]) then return i end "
            "end return 'stable'"),
        "stable");
}

TEST(a_comparator_that_raises_leaves_the_table_as_it_was)
{
    assert_string_equal(run("local t, n = {}, 0 for i = 1, 50 do t[i] = 50 - i end "
                            "pcall(table.sort, t, function(a, b) n = n + 1 "
                            "if n == 100 then error('x') end return a < b end) "
                            "for i = 1, 50 do if t[i] ~= 50 - i then return i end end "
                            "return 'as it was'"),
                        "as it was");
}
