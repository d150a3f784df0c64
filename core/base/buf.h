/* A growable piece of text. Always NUL-terminated once something was added. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct buf {
    char *data;
    size_t len, cap;
};

#define BUF_INIT                                                                               \
    {                                                                                          \
        NULL, 0, 0                                                                             \
    }

void buf_clear(struct buf *buf); /* frees; usable again */
void buf_reset(struct buf *buf); /* keeps the memory */
void buf_add(struct buf *buf, const char *bytes, size_t len);
void buf_add_text(struct buf *buf, const char *text);
/* Adds len bytes for the caller to fill in at once; borrowed until the next change. */
char *buf_add_space(struct buf *buf, size_t len);
void buf_add_format(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
const char *buf_text(const struct buf *buf); /* "" when empty; borrowed */

/* Appends the whole file; refuses more than max bytes. */
enum err buf_read_file(struct buf *buf, const char *path, size_t max,
                       struct fault *why) MUST_CHECK;

#endif
