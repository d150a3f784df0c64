#include "base/err.h"

#include <string.h>

#include "check.h"

TEST(every_code_has_a_name)
{
    static const char *const names[] = {"ok",     "usage",   "parse",  "range",
                                        "exists", "missing", "io",     "corrupt",
                                        "locked", "script",  "budget", "refused"};

    assert_int_equal(ARRAY_LEN(names), ERR_COUNT);
    for (int i = 0; i < ERR_COUNT; i++)
        assert_string_equal(err_name((enum err)i), names[i]);
}

TEST(a_failure_carries_its_code_and_its_sentence)
{
    struct fault why = {0};

    assert_int_equal(fail(&why, ERR_MISSING, "%s: no line %d", "file", 7), ERR_MISSING);
    assert_int_equal(why.code, ERR_MISSING);
    assert_string_equal(why.text, "file: no line 7");
}

TEST(nobody_has_to_ask_why)
{
    assert_int_equal(fail(NULL, ERR_IO, "%d", 1), ERR_IO);
}

TEST(a_prefix_says_where)
{
    struct fault why;

    assert_int_equal(fail(&why, ERR_PARSE, "no number"), ERR_PARSE);
    assert_int_equal(fault_prefix(&why, "%s:%d: ", "profile.lua", 3), ERR_PARSE);
    assert_string_equal(why.text, "profile.lua:3: no number");
}

TEST(a_sentence_that_is_too_long_is_cut)
{
    struct fault why;
    char text[2 * FAULT_TEXT_MAX];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    fail(&why, ERR_IO, "%s", text);
    assert_int_equal(strlen(why.text), FAULT_TEXT_MAX - 1);
    fault_prefix(&why, "where: ");
    assert_int_equal(strlen(why.text), FAULT_TEXT_MAX - 1);
    assert_memory_equal(why.text, "where: xxx", 10);
    fault_prefix(&why, "%s", text);
    assert_int_equal(strlen(why.text), FAULT_TEXT_MAX - 1);
}

static void fail_with_success(void)
{
    fail(NULL, OK, "fine");
}

static void name_no_code(void)
{
    err_name(ERR_COUNT);
}

TEST(misuse_is_a_bug_and_dies)
{
    assert_true(check_dies(fail_with_success));
    assert_true(check_dies(name_no_code));
}
