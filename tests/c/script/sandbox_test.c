#include "scripts.h"

TEST(a_chunk_returns_a_value)
{
    assert_string_equal(run("return 1 + 1"), "2");
}

TEST(an_undefined_variable_is_an_error_with_file_and_line)
{
    assert_string_equal(run("\nreturn foo"), "error: t.lua:2: undefined variable 'foo'");
}

TEST(a_global_cannot_be_assigned)
{
    assert_string_equal(run("x = 1"),
                        "error: t.lua:1: globals are read-only: make 'x' a local variable");
    assert_string_equal(run("print = 1"),
                        "error: t.lua:1: globals are read-only: make 'print' a local variable");
}

TEST(an_endless_loop_is_stopped)
{
    assert_string_equal(run("while true do end"),
                        "budget: t.lua:1: stopped: more than 20 ms in one call");
}

TEST(memory_is_limited)
{
    struct sandbox_options options = {.name = "test",
                                      .limits = {.memory = 1 << 20, .call = SECONDS(5)}};
    struct sandbox *sandbox = new_sandbox(&options);
    const char *bomb = "local t = {} for i = 1, 1e9 do t[i] = {} end";

    assert_string_equal(run_in(sandbox, bomb, strlen(bomb)),
                        "budget: t.lua:1: stopped: more than 1 MiB of memory");
    sandbox_free(sandbox);
}
