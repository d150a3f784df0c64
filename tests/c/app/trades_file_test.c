#include "app/trades_file.h"

#include <string.h>
#include <unistd.h>

#include "check.h"

static struct fault why;

static const char *in_folder(const char *name)
{
    static char paths[4][256];
    static int turn;
    char *path = paths[turn++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", check_tmp(), name);
    return path;
}

static const char *make(const char *name, const char *text)
{
    const char *path = in_folder(name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static const char *contents(const char *path)
{
    static char text[100];
    FILE *file = fopen(path, "r");

    if (!file)
        return NULL;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void write_trades(const char *path, bool keep)
{
    struct trades_file *file = NULL;

    if (trades_file_open(path, NULL, 0, &file, &why))
        fail_msg("%s", why.text);
    fputs("new", trades_file_stream(file));
    assert_int_equal(trades_file_close(file, keep, &why), OK);
}

TEST(what_was_there_stays_until_the_new_is_whole)
{
    const char *path = make("trades.csv", "old");

    write_trades(path, false);
    assert_string_equal(contents(path), "old");
    write_trades(path, true);
    assert_string_equal(contents(path), "new");
    assert_null(contents(in_folder("trades.csv.new")));
}

TEST(a_test_that_failed_leaves_nothing)
{
    write_trades(in_folder("never.csv"), false);
    assert_null(contents(in_folder("never.csv")));
    assert_null(contents(in_folder("never.csv.new")));
}

TEST(the_data_is_not_written_over_whatever_its_name)
{
    const char *data = make("data.csv", "precious");
    const char *link = in_folder("link.csv");
    struct history_input inputs[] = {{.path = "elsewhere"}, {.path = data}};
    struct trades_file *file = NULL;

    assert_int_equal(symlink(data, link), 0);
    assert_int_equal(trades_file_open(data, inputs, 2, &file, &why), ERR_USAGE);
    assert_int_equal(trades_file_open(link, inputs, 2, &file, &why), ERR_USAGE);
    assert_non_null(strstr(why.text, "the test reads that file, and would write over it"));
    assert_string_equal(contents(data), "precious");
}

TEST(a_device_is_written_and_never_replaced)
{
    write_trades("/dev/null", true);
    assert_string_equal(contents("/dev/null"), "");
    assert_int_not_equal(access("/dev/null.new", F_OK), 0);
}

TEST(what_cannot_be_written_says_which_file)
{
    struct trades_file *file = NULL;

    assert_int_equal(trades_file_open("/nowhere/x.csv", NULL, 0, &file, &why), ERR_IO);
    assert_string_equal(why.text, "--trades-out /nowhere/x.csv: No such file or directory");
    assert_int_equal(trades_file_open("/dev/full", NULL, 0, &file, &why), OK);
    fputs("lost", trades_file_stream(file));
    assert_int_equal(trades_file_close(file, true, &why), ERR_IO);
    assert_string_equal(why.text, "--trades-out /dev/full: not all could be written");
    assert_int_equal(trades_file_close(NULL, true, &why), OK);
    assert_null(trades_file_stream(NULL));
}
