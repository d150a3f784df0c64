#include "venue/mock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"

enum { VERSION = 1 };

static const char sum_begins[] = "{\"sum\":\"";

struct mock_file {
    int fd;
    char *path;
};

static enum err fail_io(const char *path, const char *doing, struct fault *why)
{
    return fail(why, ERR_IO, "%s: %s failed: %s", path, doing, strerror(errno));
}

/* ---- reading ---- */

static enum err read_all(const char *path, struct buf *out, bool *found, struct fault *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char part[65536];
    ssize_t got;

    *found = fd >= 0;
    if (fd < 0)
        return errno == ENOENT ? OK : fail_io(path, "opening it", why);
    while ((got = read(fd, part, sizeof part)) > 0)
        buf_add(out, part, (size_t)got);
    enum err err = got < 0 ? fail_io(path, "reading it", why) : OK;
    close(fd);
    return err;
}

static enum err read_head(const char *path, const char *text, size_t len,
                          struct mock_file_head *head, struct fault *why)
{
    struct json_doc *doc = NULL;
    int64_t version = 0, seed = 0;
    enum err err = json_parse(text, len, &doc, NULL);
    int at = err ? JSON_NONE : json_find(doc, json_root(doc), "mock");
    bool is_right = !err && json_read_int(doc, json_find(doc, at, "version"), &version) &&
                    json_read_int(doc, json_find(doc, at, "seed"), &seed) &&
                    json_read_int(doc, json_find(doc, at, "start"), &head->start) &&
                    json_read_int(doc, json_find(doc, at, "step"), &head->step);

    head->seed = (uint64_t)seed;
    if (!err)
        json_free(doc);
    if (is_right && version > VERSION)
        return fail(why, ERR_REFUSED, "%s was written by a newer version of Perigee", path);
    return is_right ? OK : fail(why, ERR_CORRUPT, "%s is not the file of a mock venue", path);
}

static void checksum(const char *text, size_t len, char out[DIGEST_TEXT_MAX])
{
    struct digest *digest = digest_new();

    digest_add(digest, text, len);
    digest_finish(digest, out);
    digest_free(digest);
}

/* The line that closes a batch, from `at` on; NULL: no whole one. */
static const char *find_sum(const char *at, const char *end)
{
    const char *line = at;

    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t len = stop ? (size_t)(stop - line) : 0;
        if (len > sizeof sum_begins && memcmp(line, sum_begins, sizeof sum_begins - 1) == 0)
            return line;
        line = stop ? stop + 1 : end;
    }
    return NULL;
}

static bool is_whole(const char *batch, const char *sum)
{
    char expected[DIGEST_TEXT_MAX];

    checksum(batch, (size_t)(sum - batch), expected);
    return memcmp(sum + sizeof sum_begins - 1, expected, 16) == 0;
}

/* A batch that is not whole is the last one, or the file is damaged. */
static enum err read_batches(const char *path, const char *at, const char *end,
                             struct buf *rows, bool *found, struct fault *why)
{
    const char *sum;

    for (; (sum = find_sum(at, end)); at = (const char *)memchr(sum, '\n', 64) + 1) {
        if (is_whole(at, sum)) {
            buf_add(rows, at, (size_t)(sum - at));
            *found = true;
        } else if (find_sum(sum + 1, end)) {
            return fail(why, ERR_CORRUPT,
                        "%s is damaged in the middle: put a backup of it and of the journal in "
                        "their place, or start anew with --fresh",
                        path);
        }
    }
    return OK;
}

enum err mock_file_read(const char *path, struct mock_file_head *head, struct buf *rows,
                        bool *found, struct fault *why)
{
    struct buf text = BUF_INIT;
    enum err err = read_all(path, &text, found, why);
    const char *end = text.len ? text.data + text.len : NULL;
    const char *line = text.len ? memchr(text.data, '\n', text.len) : NULL;

    *found = false;
    if (!err && line)
        err = read_head(path, text.data, (size_t)(line - text.data), head, why);
    if (!err && line)
        err = read_batches(path, line + 1, end, rows, found, why);
    buf_clear(&text);
    return err;
}

/* ---- writing ---- */

static enum err write_all(struct mock_file *file, const char *bytes, size_t len,
                          struct fault *why)
{
    while (len > 0) {
        ssize_t done = write(file->fd, bytes, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fail_io(file->path, "writing it", why);
        bytes += done;
        len -= (size_t)done;
    }
    return OK;
}

static void add_batch(struct buf *out, const struct buf *rows)
{
    char sum[DIGEST_TEXT_MAX];

    checksum(rows->data, rows->len, sum);
    buf_add(out, rows->data, rows->len);
    buf_add_format(out, "%s%.16s\"}\n", sum_begins, sum);
}

enum err mock_file_append(struct mock_file *file, const struct buf *rows, bool sync,
                          struct fault *why)
{
    struct buf batch = BUF_INIT;

    add_batch(&batch, rows);
    enum err err = write_all(file, batch.data, batch.len, why);
    buf_clear(&batch);
    if (!err && sync && fdatasync(file->fd) != 0)
        err = fail_io(file->path, "syncing it", why);
    return err;
}

static void add_head(struct buf *out, const struct mock_file_head *head)
{
    struct json_writer w = json_writer_init(out);

    json_open_object(&w, NULL);
    json_open_object(&w, "mock");
    json_add_int(&w, "version", VERSION);
    json_add_int(&w, "seed", (int64_t)head->seed);
    json_add_int(&w, "start", head->start);
    json_add_int(&w, "step", head->step);
    json_close_object(&w);
    json_close_object(&w);
    buf_add_text(out, "\n");
}

/* A file whose name is not on the platter is none. */
static enum err sync_folder(const char *path, struct fault *why)
{
    char *copy = mem_copy_text(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err err = fd < 0 || fsync(fd) != 0 ? fail_io(path, "syncing its folder", why) : OK;

    if (fd >= 0)
        close(fd);
    mem_free(copy);
    return err;
}

static enum err write_anew(struct mock_file *file, const struct mock_file_head *head,
                           const struct buf *rows, struct fault *why)
{
    struct buf name = BUF_INIT, text = BUF_INIT;
    enum err err = OK;

    buf_add_format(&name, "%s.new", file->path);
    add_head(&text, head);
    add_batch(&text, rows);
    file->fd = open(buf_text(&name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file->fd < 0)
        err = fail_io(buf_text(&name), "opening it", why);
    if (!err)
        err = write_all(file, text.data, text.len, why);
    if (!err && fsync(file->fd) != 0)
        err = fail_io(buf_text(&name), "syncing it", why);
    if (!err && rename(buf_text(&name), file->path) != 0)
        err = fail_io(file->path, "replacing it", why);
    buf_clear(&name);
    buf_clear(&text);
    return err ? err : sync_folder(file->path, why);
}

enum err mock_file_create(const char *path, const struct mock_file_head *head,
                          const struct buf *rows, struct mock_file **out, struct fault *why)
{
    struct mock_file *file = mem_new(sizeof *file);

    file->fd = -1;
    file->path = mem_copy_text(path);
    enum err err = write_anew(file, head, rows, why);
    if (err) {
        mock_file_close(file);
        return err;
    }
    *out = file;
    return OK;
}

void mock_file_close(struct mock_file *file)
{
    if (!file)
        return;
    if (file->fd >= 0)
        close(file->fd);
    mem_free(file->path);
    mem_free(file);
}
