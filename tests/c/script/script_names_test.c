#include "script/script_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char cwd[400];
static struct fault why;

/* In a folder with lua/strategies/cross.lua, home/lua/strategies/mine.lua and ./here.lua. */
static void enter_tree(void)
{
    static const char *const folders[] = {"lua", "lua/strategies", "home", "home/lua",
                                          "home/lua/strategies"};
    static const char *const files[] = {"lua/strategies/cross.lua", "here.lua",
                                        "home/lua/strategies/mine.lua"};

    assert_non_null(getcwd(cwd, sizeof cwd));
    assert_int_equal(chdir(check_tmp()), 0);
    setenv("PERIGEE_HOME", "home", 1);
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        mkdir(folders[i], 0700);
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        fclose(fopen(files[i], "w"));
}

static void leave_tree(void)
{
    unsetenv("PERIGEE_HOME");
    assert_int_equal(chdir(cwd), 0);
}

/* Where the tree lies is another place in every run. */
static const char *said(void)
{
    static char text[FAULT_TEXT_MAX];
    char folder[400], *at;

    snprintf(text, sizeof text, "%s", why.text);
    assert_non_null(getcwd(folder, sizeof folder));
    while ((at = strstr(text, folder)))
        memmove(at + 1, at + strlen(folder), strlen(at + strlen(folder)) + 1), *at = '~';
    return text;
}

static const char known[] = "; known by name: baseline, cross, mean_reversion, mine, rotation, "
                            "sma_cross; perigee new strategy NAME writes one to start from";

static void expect_name(const char *name, const char *text)
{
    char whole[FAULT_TEXT_MAX];

    assert_int_equal(script_names_fail_name("strategies", name, &why), ERR_MISSING);
    snprintf(whole, sizeof whole, "%s%s", text, known);
    assert_string_equal(said(), whole);
}

static void expect_path(const char *path, const char *text)
{
    char whole[FAULT_TEXT_MAX];

    assert_int_equal(script_names_fail_path("strategies", path, &why), ERR_MISSING);
    snprintf(whole, sizeof whole, "%s%s", text, known);
    assert_string_equal(said(), whole);
}

TEST(a_name_that_is_not_there_says_where_it_was_looked_for_and_what_there_is)
{
    enter_tree();
    expect_name("nothing_like_it", "no 'nothing_like_it' in lua/strategies/ or "
                                   "home/lua/strategies/, and none built in");
    expect_name("mien", "no 'mien' in lua/strategies/ or home/lua/strategies/, and none built "
                        "in; did you mean 'mine'?");
    expect_name("sma_corss", "no 'sma_corss' in lua/strategies/ or home/lua/strategies/, and "
                             "none built in; did you mean 'sma_cross'?");
    expect_name("here", "no 'here' in lua/strategies/ or home/lua/strategies/, and none built "
                        "in; did you mean the file './here.lua'?");
    leave_tree();
}

TEST(a_file_that_is_not_there_says_from_where_and_what_is_like_it)
{
    enter_tree();
    expect_path("./hree.lua",
                "there is no file ./hree.lua, seen from ~; did you mean './here.lua'?");
    expect_path("other.lua", "there is no file other.lua, seen from ~");
    expect_path("lua/strategies/corss.lua",
                "there is no file lua/strategies/corss.lua, seen from ~; did you mean "
                "'lua/strategies/cross.lua'?");
    expect_path("bots/x.lua", "there is no file bots/x.lua, and no folder bots/, seen from ~");
    expect_path("/nowhere/x.lua", "there is no file /nowhere/x.lua, and no folder /nowhere/");
    leave_tree();
}

TEST(each_role_has_its_advice)
{
    enter_tree();
    assert_int_equal(script_names_fail_name("profiles", "x", &why), ERR_MISSING);
    assert_string_equal(said(),
                        "no 'x' in lua/profiles/ or home/lua/profiles/, and none built "
                        "in; known by name: canary, dev, paper, prod; a profile of your "
                        "own may begin with return { extends = \"dev\" }");
    assert_int_equal(script_names_fail_path("sizing", "x.lua", &why), ERR_MISSING);
    assert_string_equal(said(), "there is no file x.lua, seen from ~; known by name: "
                                "fixed_fraction");
    leave_tree();
}

TEST(words_of_any_length_are_no_trouble)
{
    char path[2000] = "/";

    memset(path + 1, 'x', sizeof path - 2);
    enter_tree();
    assert_int_equal(script_names_fail_path("strategies", path, &why), ERR_MISSING);
    path[70] = '\0';
    assert_int_equal(script_names_fail_name("strategies", path + 1, &why), ERR_MISSING);
    leave_tree();
}
