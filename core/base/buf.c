#include "base/buf.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static void reserve(struct buf *buf, size_t more)
{
    size_t need = buf->len + more + 1;

    assert(need > buf->len);
    if (need <= buf->cap)
        return;
    buf->cap = need > 2 * buf->cap ? need : 2 * buf->cap;
    buf->data = mem_resize(buf->data, buf->cap, 1);
}

void buf_clear(struct buf *buf)
{
    mem_free(buf->data);
    *buf = (struct buf)BUF_INIT;
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

char *buf_add_space(struct buf *buf, size_t len)
{
    reserve(buf, len);
    char *space = buf->data + buf->len;
    buf->len += len;
    buf->data[buf->len] = '\0';
    return space;
}

void buf_add(struct buf *buf, const char *bytes, size_t len)
{
    char *space = buf_add_space(buf, len);

    if (len)
        memcpy(space, bytes, len);
}

void buf_add_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_format(struct buf *buf, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(len >= 0);
    reserve(buf, (size_t)len);
    vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
    va_end(again);
    buf->len += (size_t)len;
}

const char *buf_text(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}

enum err buf_read_file(struct buf *buf, const char *path, size_t max, struct fault *why)
{
    enum err err = OK;
    char chunk[8192];
    size_t n, start = buf->len;
    FILE *file = fopen(path, "rb");

    if (!file)
        return fail(why, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: %s", path,
                    strerror(errno));
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        if (buf->len - start + n > max) {
            err = fail(why, ERR_RANGE, "%s: larger than %zu bytes", path, max);
            break;
        }
        buf_add(buf, chunk, n);
    }
    if (!err && ferror(file))
        err = fail(why, ERR_IO, "%s: %s", path, strerror(errno));
    fclose(file);
    return err;
}
