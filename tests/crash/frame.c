#include "frame.h"

#include <errno.h>
#include <sys/socket.h>

bool frame_send(int fd, const struct frame *frame)
{
    ssize_t sent;

    do
        sent = send(fd, frame, sizeof *frame, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof *frame;
}

bool frame_receive(int fd, struct frame *frame)
{
    ssize_t got;

    do
        got = recv(fd, frame, sizeof *frame, 0);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof *frame;
}
