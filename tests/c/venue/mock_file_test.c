#include "venue/mock_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static char path[256];
static const struct mock_file_head head = {7, SECONDS(1700000000), SECONDS(1)};

static void begin(void)
{
    static int count;

    snprintf(path, sizeof path, "%s/mock-%d", check_tmp(), ++count);
}

static struct buf text(const char *rows)
{
    struct buf out = BUF_INIT;

    buf_add_text(&out, rows);
    return out;
}

static struct mock_file *create(const char *rows)
{
    struct mock_file *file = NULL;
    struct buf out = text(rows);
    struct fault why;

    if (mock_file_create(path, &head, &out, &file, &why))
        fail_msg("%s", why.text);
    buf_clear(&out);
    return file;
}

static void append(struct mock_file *file, const char *rows)
{
    struct buf out = text(rows);
    struct fault why;

    if (mock_file_append(file, &out, true, &why))
        fail_msg("%s", why.text);
    buf_clear(&out);
}

/* The rows, "none", or what is wrong. */
static const char *read_rows(void)
{
    static char out[4096];
    struct mock_file_head found_head = {0};
    struct buf rows = BUF_INIT;
    struct fault why = {OK, ""};
    bool found;

    if (mock_file_read(path, &found_head, &rows, &found, &why))
        snprintf(out, sizeof out, "%s", why.text);
    else
        snprintf(out, sizeof out, "%s", found ? buf_text(&rows) : "none");
    if (found && !why.code) {
        assert_int_equal(found_head.seed, head.seed);
        assert_int_equal(found_head.start, head.start);
        assert_int_equal(found_head.step, head.step);
    }
    buf_clear(&rows);
    return out;
}

static void spoil(long at, const char *bytes)
{
    FILE *file = fopen(path, "r+");

    assert_non_null(file);
    fseek(file, at, at < 0 ? SEEK_END : SEEK_SET);
    fputs(bytes, file);
    fclose(file);
}

TEST(what_was_written_is_read)
{
    begin();
    assert_string_equal(read_rows(), "none");
    struct mock_file *file = create("{\"a\":1}\n");
    assert_string_equal(read_rows(), "{\"a\":1}\n");
    append(file, "{\"b\":2}\n{\"c\":3}\n");
    append(file, "{\"d\":4}\n");
    assert_string_equal(read_rows(), "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n{\"d\":4}\n");
    mock_file_close(file);
    mock_file_close(create("{\"e\":5}\n"));
    assert_string_equal(read_rows(), "{\"e\":5}\n");
}

TEST(a_batch_that_was_cut_off_anywhere_is_not_there)
{
    begin();
    struct mock_file *file = create("{\"a\":1}\n");
    char first[256], whole[512];
    FILE *in = fopen(path, "r");
    size_t len = fread(first, 1, sizeof first, in);
    fclose(in);
    append(file, "{\"b\":2}\n{\"c\":3}\n");
    mock_file_close(file);
    in = fopen(path, "r");
    size_t all = fread(whole, 1, sizeof whole, in);
    fclose(in);
    for (size_t cut = len; cut < all; cut++) {
        assert_int_equal(truncate(path, (off_t)cut), 0);
        assert_string_equal(read_rows(), "{\"a\":1}\n");
        FILE *out = fopen(path, "w");
        fwrite(whole, 1, all, out);
        fclose(out);
    }
    for (size_t cut = 0; cut < len; cut++) { /* and one whose first batch was */
        assert_int_equal(truncate(path, (off_t)cut), 0);
        assert_string_equal(read_rows(), "none");
        FILE *out = fopen(path, "w");
        fwrite(whole, 1, all, out);
        fclose(out);
    }
}

TEST(a_batch_of_which_a_part_never_reached_the_disk_is_not_there)
{
    begin();
    struct mock_file *file = create("{\"a\":1}\n");
    append(file, "{\"b\":2}\n");
    mock_file_close(file);
    spoil(-33, "{\"b\":9}");
    assert_string_equal(read_rows(), "{\"a\":1}\n");
}

TEST(damage_in_the_middle_is_named)
{
    begin();
    struct mock_file *file = create("{\"a\":1}\n");
    append(file, "{\"b\":2}\n");
    mock_file_close(file);
    FILE *in = fopen(path, "r");
    char line[256];
    assert_non_null(fgets(line, sizeof line, in));
    fclose(in);
    spoil((long)strlen(line), "{\"x\"");
    assert_non_null(strstr(read_rows(), "is damaged in the middle"));
    assert_non_null(strstr(read_rows(), "--fresh"));
}

TEST(a_file_of_something_else_is_refused)
{
    begin();
    FILE *out = fopen(path, "w");
    fputs("hello\nworld\n", out);
    fclose(out);
    assert_non_null(strstr(read_rows(), "is not the file of a mock venue"));
    out = fopen(path, "w");
    fputs("{\"mock\":{\"version\":99,\"seed\":1,\"start\":1,\"step\":1}}\n", out);
    fclose(out);
    assert_non_null(strstr(read_rows(), "newer version"));
}
