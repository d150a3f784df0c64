#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/command.h"

/* A file opened while 0, 1 or 2 is closed would take its number, and what is printed would land
 * in a journal. The wrong way round, so that printing to what is closed fails as it should. */
static void fill_standard_descriptors(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
            _exit(1);
}

/* What Lua's compiler and its error messages may need of it (script/sandbox.h): a source can
 * nest so that 2 MiB do not do. The main thread's stack grows up to the limit of the moment. */
static bool has_stack(void)
{
    enum { WANTED = 8 << 20, NEEDED = 4 << 20 };
    struct rlimit limit;

    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= WANTED)
        return true; /* RLIM_INFINITY is the largest number */
    limit.rlim_cur = limit.rlim_max < WANTED ? limit.rlim_max : WANTED;
    if (limit.rlim_cur >= NEEDED && setrlimit(RLIMIT_STACK, &limit) == 0)
        return true;
    fprintf(stderr,
            "perigee: the stack may only grow to %llu KiB, and scripts need 4096: raise "
            "it with ulimit -s 8192\n",
            (unsigned long long)limit.rlim_cur / 1024);
    return false;
}

int main(int argc, char **argv)
{
    fill_standard_descriptors();
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error to tell, not the end */
    if (!has_stack())
        return 1;
    return cli_main(argc, argv);
}
