/* Runs a command and says what it used.
 *
 *     memory COMMAND...      its output as usual; on stderr "KB SECONDS SECONDS": the most
 *                            memory it held at once, the time from start to end, and the
 *                            processor time
 *
 * So that a benchmark needs no package for what one system call tells. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

static double seconds(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    nanos start = clock_monotonic();

    if (argc < 2) {
        fprintf(stderr, "usage: memory COMMAND...\n");
        return 2;
    }
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
        perror("memory");
        return 1;
    }
    fprintf(stderr, "%ld %.4f %.4f\n", usage.ru_maxrss,
            (double)(clock_monotonic() - start) / 1e9,
            seconds(&usage.ru_utime) + seconds(&usage.ru_stime));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
