#define _XOPEN_SOURCE 700
#include "check.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TESTS_MAX = 1000 };

static struct CMUnitTest tests[TESTS_MAX];
static size_t count;
static char tmp[64];

void check_add(const char *name, CMUnitTestFunction run)
{
    if (count == TESTS_MAX)
        abort();
    tests[count++] = (struct CMUnitTest){.name = name, .test_func = run};
}

const char *check_root(void)
{
    const char *root = getenv("PERIGEE_ROOT");
    return root ? root : ".";
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static void remove_tmp(void)
{
    nftw(tmp, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *check_tmp(void)
{
    if (!tmp[0]) {
        strcpy(tmp, "/tmp/perigee-test-XXXXXX");
        if (!mkdtemp(tmp))
            abort();
        atexit(remove_tmp);
    }
    return tmp;
}

bool check_dies(void (*run)(void))
{
    int status = 0;
    pid_t child = fork();

    if (child < 0)
        abort();
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        if (!freopen("/dev/null", "w", stderr))
            _exit(0);
        run();
        _exit(0);
    }
    while (waitpid(child, &status, 0) < 0)
        ;
    return status != 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return _cmocka_run_group_tests(argv[0], tests, count, NULL, NULL);
}
