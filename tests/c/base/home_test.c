#include "base/home.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static char path[HOME_PATH_MAX];

static void set_all(const char *own, const char *xdg, const char *home)
{
    setenv("PERIGEE_HOME", own, 1);
    setenv("XDG_STATE_HOME", xdg, 1);
    setenv("HOME", home, 1);
}

TEST(the_first_variable_that_says_something_decides)
{
    set_all("/a", "/b", "/c");
    assert_true(home_path("dev/perigee.db", path));
    assert_string_equal(path, "/a/dev/perigee.db");
    set_all("", "/b", "/c");
    assert_true(home_path("", path));
    assert_string_equal(path, "/b/perigee");
    set_all("", "", "/c");
    assert_true(home_path("lua", path));
    assert_string_equal(path, "/c/.local/state/perigee/lua");
}

TEST(without_a_home_there_is_no_path)
{
    set_all("", "", "");
    assert_false(home_path("x", path));
}

TEST(a_path_that_does_not_fit_is_no_path)
{
    char longer[HOME_PATH_MAX];

    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    set_all("/a", "", "");
    assert_false(home_path(longer, path));
}
