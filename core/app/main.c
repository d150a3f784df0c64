#include <fcntl.h>
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

int main(int argc, char **argv)
{
    fill_standard_descriptors();
    return cli_main(argc, argv);
}
