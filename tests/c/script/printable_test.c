#include "script/printable.h"

#include <string.h>

#include "check.h"

static const char *printable(const char *text, size_t len, size_t cap)
{
    static char out[64];

    memset(out, '#', sizeof out);
    size_t used = printable_format(text, len, out, cap);
    assert_int_equal(used, strlen(out));
    assert_true(used < cap);
    return out;
}

#define PRINTABLE(literal) printable("" literal "", sizeof(literal) - 1, 64)

TEST(plain_text_and_utf8_stay)
{
    assert_string_equal(PRINTABLE("a price of 10 \\ 20"), "a price of 10 \\ 20");
    assert_string_equal(PRINTABLE("\u00e9\u20ac\U0001F680"), "\u00e9\u20ac\U0001F680");
    assert_string_equal(PRINTABLE(""), "");
}

TEST(control_bytes_are_spelled_out)
{
    assert_string_equal(PRINTABLE("a\nb\tc\rd"), "a\\nb\\tc\\x0Dd");
    assert_string_equal(PRINTABLE("\x1b[31m\0\x7f"), "\\x1B[31m\\x00\\x7F");
}

TEST(malformed_utf8_is_spelled_out)
{
    assert_string_equal(PRINTABLE("\xff\xfe"), "\\xFF\\xFE");
    assert_string_equal(PRINTABLE("\xc3"), "\\xC3");
    assert_string_equal(PRINTABLE("\xc0\xaf"), "\\xC0\\xAF");                   /* overlong */
    assert_string_equal(PRINTABLE("\xe0\x80\xaf"), "\\xE0\\x80\\xAF");          /* overlong */
    assert_string_equal(PRINTABLE("\xed\xa0\x80"), "\\xED\\xA0\\x80");          /* surrogate */
    assert_string_equal(PRINTABLE("\xf4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80"); /* too high */
}

TEST(marks_that_fool_the_eye_are_spelled_out)
{
    assert_string_equal(PRINTABLE("\u202eevil"), "\\xE2\\x80\\xAEevil");
    assert_string_equal(PRINTABLE("\xc2\x85"), "\\xC2\\x85");
    assert_string_equal(PRINTABLE("\u200b"), "\\xE2\\x80\\x8B");
    assert_string_equal(PRINTABLE("\u2066x"), "\\xE2\\x81\\xA6x");
}

TEST(what_is_too_long_is_cut_between_characters)
{
    assert_string_equal(printable("0123456789", 10, 11), "0123456789");
    assert_string_equal(printable("0123456789a", 11, 11), "0123456...");
    assert_string_equal(printable("012345\u20ac\u20ac", 12, 11), "012345...");
    assert_string_equal(printable("01234\n\n\n\n", 9, 11), "01234\\n...");
}
