#include "app/trades_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

struct trades_file {
    char *path;
    char *beside; /* what is written until it is whole; NULL: the file itself */
    FILE *stream;
};

static enum err io_failed(const char *path, struct fault *why)
{
    return fail(why, ERR_IO, "--trades-out %s: %s", path, strerror(errno));
}

static enum err check_inputs(const char *path, const struct stat *there,
                             const struct history_input *inputs, int count, struct fault *why)
{
    struct stat input;

    for (int i = 0; i < count; i++)
        if (stat(inputs[i].path, &input) == 0 && input.st_dev == there->st_dev &&
            input.st_ino == there->st_ino)
            return fail(why, ERR_USAGE,
                        "--trades-out %s: the test reads that file, and would write over it",
                        path);
    return OK;
}

static void drop(struct trades_file *file)
{
    if (file->beside)
        unlink(file->beside);
    mem_free(file->beside);
    mem_free(file->path);
    mem_free(file);
}

enum err trades_file_open(const char *path, const struct history_input *inputs, int input_count,
                          struct trades_file **out, struct fault *why)
{
    struct stat there;
    bool is_there = stat(path, &there) == 0;
    enum err err = is_there ? check_inputs(path, &there, inputs, input_count, why) : OK;

    if (err)
        return err;
    struct trades_file *file = mem_new(sizeof *file);
    file->path = mem_copy_text(path);
    if (!is_there || S_ISREG(there.st_mode)) {
        struct buf beside = BUF_INIT;
        buf_add_format(&beside, "%s.new", path);
        file->beside = mem_copy_text(buf_text(&beside));
        buf_clear(&beside);
    }
    file->stream = fopen(file->beside ? file->beside : path, "w");
    if (!file->stream) {
        err = io_failed(path, why);
        drop(file);
        return err;
    }
    *out = file;
    return OK;
}

FILE *trades_file_stream(struct trades_file *file)
{
    return file ? file->stream : NULL;
}

enum err trades_file_close(struct trades_file *file, bool keep, struct fault *why)
{
    enum err err = OK;

    if (!file)
        return OK;
    bool is_bad = ferror(file->stream) != 0;
    is_bad = fclose(file->stream) != 0 || is_bad;
    if (keep && is_bad)
        err = fail(why, ERR_IO, "--trades-out %s: not all could be written", file->path);
    else if (keep && file->beside && rename(file->beside, file->path) != 0)
        err = io_failed(file->path, why);
    drop(file);
    return err;
}
