/* Two lines of fixed width, the holder's process id and the note, so that each
 * is replaced by one write that needs no new space on a full disk. */
#include "store/lock_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"

enum { PID_WIDTH = 16 };

struct lock_file {
    int fd;
    char *path;
    char note[LOCK_NOTE_MAX];
};

static enum err write_line(struct lock_file *lock, off_t at, size_t width, const char *text,
                           struct fault *why)
{
    char line[LOCK_NOTE_MAX + 1];
    size_t len = strlen(text);

    assert(len < width && width < sizeof line);
    memset(line, ' ', width);
    memcpy(line, text, len);
    line[width - 1] = '\n';
    if (pwrite(lock->fd, line, width, at) != (ssize_t)width)
        return fail(why, ERR_IO, "%s: writing it failed: %s", lock->path, strerror(errno));
    return OK;
}

static void read_line(const struct lock_file *lock, off_t at, size_t width, char *out)
{
    ssize_t got = pread(lock->fd, out, width, at);

    out[got > 0 ? got - 1 : 0] = '\0';
    for (size_t len = strlen(out); len > 0 && out[len - 1] == ' '; len--)
        out[len - 1] = '\0';
}

static enum err take(struct lock_file *lock, struct fault *why)
{
    char pid[PID_WIDTH];

    lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock->fd < 0)
        return fail(why, errno == ENOENT ? ERR_MISSING : ERR_IO,
                    "%s: the lock cannot be opened: %s", lock->path, strerror(errno));
    if (flock(lock->fd, LOCK_EX | LOCK_NB) == 0)
        return OK;
    if (errno != EWOULDBLOCK)
        return fail(why, ERR_IO, "%s: taking the lock failed: %s", lock->path, strerror(errno));
    read_line(lock, 0, PID_WIDTH, pid);
    return fail(why, ERR_LOCKED,
                "%s: an engine is running on this already (process %s): stop that one first",
                lock->path, pid[0] ? pid : "unknown");
}

enum err lock_file_open(const char *path, struct lock_file **out, struct fault *why)
{
    struct lock_file *lock = mem_new(sizeof *lock);
    char pid[PID_WIDTH];

    lock->path = mem_copy_text(path);
    enum err err = take(lock, why);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    if (!err)
        err = write_line(lock, 0, PID_WIDTH, pid, why);
    if (err) {
        lock_file_close(lock);
        return err;
    }
    read_line(lock, PID_WIDTH, LOCK_NOTE_MAX, lock->note);
    *out = lock;
    return OK;
}

void lock_file_close(struct lock_file *lock)
{
    if (!lock)
        return;
    if (lock->fd >= 0)
        close(lock->fd);
    mem_free(lock->path);
    mem_free(lock);
}

const char *lock_file_note(const struct lock_file *lock)
{
    return lock->note;
}

enum err lock_file_write_note(struct lock_file *lock, const char *note, struct fault *why)
{
    enum err err = write_line(lock, PID_WIDTH, LOCK_NOTE_MAX, note, why);

    if (!err)
        strcpy(lock->note, note);
    return err;
}
