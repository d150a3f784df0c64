#include "app/journal_aside.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static const char *at(const char *rest)
{
    static char paths[4][300];
    static int used;
    char *path = paths[used++ % 4];

    snprintf(path, sizeof paths[0], "%s/j.db%s", check_tmp(), rest);
    return path;
}

static void put(const char *rest, const char *text)
{
    FILE *file = fopen(at(rest), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* What is in the file; "" where there is none. */
static const char *in(const char *rest)
{
    static char text[32];
    FILE *file = fopen(at(rest), "r");

    text[0] = '\0';
    if (file) {
        size_t len = fread(text, 1, sizeof text - 1, file);
        text[len] = '\0';
        fclose(file);
    }
    return text;
}

static void empty(void)
{
    char rest[32];

    for (int i = 0; i <= JOURNALS_KEPT + 1; i++) {
        if (i < 2)
            snprintf(rest, sizeof rest, "%s", i ? ".old" : "");
        else
            snprintf(rest, sizeof rest, ".old.%d", i);
        remove(at(rest));
        strcat(rest, "-wal");
        remove(at(rest));
    }
}

static enum err again(const char *text, bool may_drop)
{
    struct fault why;

    put("", text);
    return journal_aside_move(at(""), may_drop, &why);
}

TEST(the_one_that_was_moved_aside_before_is_kept)
{
    empty();
    put("-wal", "wal of 1");
    assert_int_equal(again("1", false), OK);
    assert_int_equal(again("2", false), OK);
    assert_int_equal(again("3", false), OK);
    assert_string_equal(in(""), "");
    assert_string_equal(in(".old"), "3");
    assert_string_equal(in(".old-wal"), "");
    assert_string_equal(in(".old.2"), "2");
    assert_string_equal(in(".old.3"), "1");
    assert_string_equal(in(".old.3-wal"), "wal of 1");
}

TEST(a_gap_ends_the_moving)
{
    empty();
    put(".old", "b");
    put(".old.3", "d");
    assert_int_equal(again("a", false), OK);
    assert_string_equal(in(".old"), "a");
    assert_string_equal(in(".old.2"), "b");
    assert_string_equal(in(".old.3"), "d");
}

TEST(the_tenth_drops_the_oldest_where_it_may_and_is_refused_where_not)
{
    struct fault why;
    char text[8];

    empty();
    for (int i = 1; i <= JOURNALS_KEPT; i++) {
        snprintf(text, sizeof text, "%d", i);
        assert_int_equal(again(text, false), OK);
    }
    assert_int_equal(again("10", false), ERR_REFUSED);
    assert_string_equal(in(""), "10");
    assert_string_equal(in(".old.9"), "1");
    assert_int_equal(journal_aside_move(at(""), true, &why), OK);
    assert_string_equal(in(".old"), "10");
    assert_string_equal(in(".old.9"), "2");
}

TEST(that_there_is_none_is_fine)
{
    struct fault why;

    empty();
    assert_int_equal(journal_aside_move(at(""), true, &why), OK);
    assert_string_equal(in(".old"), "");
}
