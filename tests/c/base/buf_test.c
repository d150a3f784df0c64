#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

TEST(an_empty_buffer_reads_as_empty_text)
{
    struct buf buf = BUF_INIT;

    assert_string_equal(buf_text(&buf), "");
    buf_reset(&buf);
    buf_clear(&buf);
    assert_string_equal(buf_text(&buf), "");
}

TEST(everything_added_follows_what_was_there)
{
    struct buf buf = BUF_INIT;

    buf_add_text(&buf, "one ");
    buf_add(&buf, "two three", 4);
    buf_add_format(&buf, "%d-%s", 3, "x");
    buf_add(&buf, NULL, 0);
    buf_add_text(&buf, "");
    assert_string_equal(buf_text(&buf), "one two 3-x");
    assert_int_equal(buf.len, strlen("one two 3-x"));
    buf_clear(&buf);
}

TEST(zero_bytes_are_kept)
{
    struct buf buf = BUF_INIT;

    buf_add(&buf, "a\0b", 3);
    assert_int_equal(buf.len, 3);
    assert_memory_equal(buf.data, "a\0b", 4);
    buf_clear(&buf);
}

TEST(a_reset_keeps_the_memory_and_a_clear_does_not)
{
    struct buf buf = BUF_INIT;

    buf_add_text(&buf, "text");
    buf_reset(&buf);
    assert_string_equal(buf_text(&buf), "");
    assert_non_null(buf.data);
    assert_int_equal(buf.len, 0);
    buf_add_text(&buf, "again");
    assert_string_equal(buf_text(&buf), "again");
    buf_clear(&buf);
    assert_null(buf.data);
    buf_add_text(&buf, "usable");
    assert_string_equal(buf_text(&buf), "usable");
    buf_clear(&buf);
}

TEST(a_buffer_grows_as_needed_and_stays_terminated)
{
    struct buf buf = BUF_INIT;

    for (int i = 0; i < 10000; i++) {
        buf_add_format(&buf, "%d,", i % 10);
        assert_int_equal(buf.data[buf.len], '\0');
        assert_true(buf.len < buf.cap);
    }
    assert_int_equal(buf.len, 20000);
    for (size_t i = 0; i < buf.len; i += 2)
        assert_int_equal(buf.data[i], '0' + i / 2 % 10);
    buf_clear(&buf);
}

static const char *write_file(const char *name, const char *bytes, size_t len)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s", check_tmp(), name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    return path;
}

TEST(a_file_is_appended_whole)
{
    static char bytes[20001];
    struct buf buf = BUF_INIT;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    const char *path = write_file("whole", bytes, sizeof bytes);
    buf_add_text(&buf, "x");
    assert_int_equal(buf_read_file(&buf, path, sizeof bytes, NULL), OK);
    assert_int_equal(buf.len, 1 + sizeof bytes);
    assert_memory_equal(buf.data + 1, bytes, sizeof bytes);
    buf_clear(&buf);
}

TEST(an_empty_file_is_empty_text)
{
    struct buf buf = BUF_INIT;

    assert_int_equal(buf_read_file(&buf, write_file("empty", "", 0), 10, NULL), OK);
    assert_string_equal(buf_text(&buf), "");
    buf_clear(&buf);
}

TEST(a_file_that_is_too_large_is_refused)
{
    struct buf buf = BUF_INIT;
    struct fault why;
    char expected[300];
    const char *path = write_file("large", "12345", 5);

    assert_int_equal(buf_read_file(&buf, path, 4, &why), ERR_RANGE);
    snprintf(expected, sizeof expected, "%s: larger than 4 bytes", path);
    assert_string_equal(why.text, expected);
    assert_int_equal(buf_read_file(&buf, path, 5, &why), OK);
    assert_string_equal(buf_text(&buf), "12345");
    buf_clear(&buf);
}

TEST(a_file_that_is_not_there_is_missing_and_a_folder_is_no_file)
{
    struct buf buf = BUF_INIT;
    struct fault why;

    assert_int_equal(buf_read_file(&buf, "/no/such/file", 10, &why), ERR_MISSING);
    assert_string_equal(why.text, "/no/such/file: No such file or directory");
    assert_int_equal(buf_read_file(&buf, check_tmp(), 10, &why), ERR_IO);
    assert_non_null(strstr(why.text, "Is a directory"));
    assert_string_equal(buf_text(&buf), "");
    buf_clear(&buf);
}
