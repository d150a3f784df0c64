#include "app/run_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static char journal[JOURNAL_PATH_MAX];

static void begin(void)
{
    static int count;

    snprintf(journal, sizeof journal, "%s/run-%d.db", check_tmp(), ++count);
}

static void make(const char *ending)
{
    char path[RUN_FILE_MAX];

    snprintf(path, sizeof path, "%s%s", journal, ending);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(ending, file);
    fclose(file);
}

static bool is_there(const char *ending)
{
    char path[RUN_FILE_MAX];

    snprintf(path, sizeof path, "%s%s", journal, ending);
    return access(path, F_OK) == 0;
}

static void move_aside(void)
{
    struct fault why;

    if (run_files_move_aside(journal, &why))
        fail_msg("%s", why.text);
}

TEST(everything_is_moved_to_the_first_number_that_is_free)
{
    begin();
    make("");
    make(".mock");
    make(".lock");
    make("-wal");
    move_aside();
    assert_false(is_there("") || is_there(".mock") || is_there(".lock") || is_there("-wal"));
    assert_true(is_there(".1") && is_there(".1.mock") && is_there(".1.lock") &&
                is_there(".1-wal"));
    make("");
    move_aside();
    assert_true(is_there(".1") && is_there(".2") && !is_there(".2.mock"));
}

TEST(a_number_of_which_a_part_is_left_is_not_free)
{
    begin();
    make("");
    make(".mock");
    make(".1.mock");
    move_aside();
    assert_false(is_there(".1"));
    assert_true(is_there(".2") && is_there(".2.mock"));
}

TEST(what_is_not_there_is_not_moved)
{
    begin();
    move_aside();
    assert_false(is_there(".1"));
}

TEST(no_two_starts_have_one_name)
{
    enum { STARTS = 3000 };
    static char names[STARTS][RUN_NAME_MAX];
    char again[RUN_NAME_MAX];

    for (int i = 0; i < STARTS; i++) {
        nanos beginning = SECONDS(1767603600) + i / 100;
        run_files_name_run(beginning, 1 + (uint64_t)(i / 50 % 2), (uint64_t)(i / 5 % 10),
                           (uint64_t)(i % 5), names[i]);
        assert_int_equal(strlen(names[i]), RUN_NAME_MAX - 1);
        assert_int_equal(strspn(names[i], "0123456789abcdefghijklmnopqrstuvwxyz"),
                         RUN_NAME_MAX - 1);
    }
    qsort(names, STARTS, sizeof names[0], (int (*)(const void *, const void *))strcmp);
    for (int i = 1; i < STARTS; i++)
        assert_string_not_equal(names[i], names[i - 1]);
    run_files_name_run(SECONDS(1), 2, 3, 4, names[0]);
    run_files_name_run(SECONDS(1), 2, 3, 4, again);
    assert_string_equal(names[0], again);
}
