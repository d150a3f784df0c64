/* Rows collect in one array per column, or as text. A full block goes to a
 * temporary file beside the final one; the header of a columnar file is written
 * last, into the room left for it, and the rename is the moment at which the
 * file exists. */
#include "store/history_writer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/history_block.h"
#include "store/history_flaw.h"
#include "store/history_layout.h"
#include "store/history_text.h"

enum { TEXT_BYTES = 256 * 1024 };

struct history_writer {
    char *path, *tmp_path;
    bool is_text;
    int fd;
    struct history_header header;
    uint64_t place; /* of the next block */
    struct history_entry *entries;
    uint32_t entries_cap;
    struct history_track track;
    int128 *values[HISTORY_COLUMNS_MAX];
    int rows; /* in values */
    int64_t block_first;
    struct buf block; /* bytes of the block, or lines not yet written */
    struct digest *digest;
};

static enum err io_failed(const struct history_writer *writer, struct fault *why)
{
    return fail(why, ERR_IO, "%s: cannot write it: %s", writer->path, strerror(errno));
}

static enum err write_at(struct history_writer *writer, const void *bytes, size_t len,
                         uint64_t place, struct fault *why)
{
    const char *p = bytes;

    while (len > 0) {
        ssize_t n = pwrite(writer->fd, p, len, (off_t)place);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return io_failed(writer, why);
        p += n;
        place += (uint64_t)n;
        len -= (size_t)n;
    }
    return OK;
}

static enum err open_tmp(struct history_writer *writer, struct fault *why)
{
    struct buf name = BUF_INIT;
    struct stat there;

    if (stat(writer->path, &there) == 0 && !S_ISREG(there.st_mode))
        return fail(why, ERR_REFUSED,
                    "%s: not a regular file, and would be replaced by one; choose another name",
                    writer->path);
    mode_t mask = umask(0);

    umask(mask);
    buf_add_format(&name, "%s.XXXXXX", writer->path);
    writer->fd = mkostemp(name.data, O_CLOEXEC);
    if (writer->fd < 0) {
        buf_clear(&name);
        return io_failed(writer, why);
    }
    writer->tmp_path = name.data;
    return fchmod(writer->fd, 0666 & ~mask) ? io_failed(writer, why) : OK;
}

static bool is_csv(const char *path)
{
    size_t len = strlen(path);

    return len > 4 && strcmp(path + len - 4, ".csv") == 0;
}

static void start_columns(struct history_writer *writer)
{
    writer->place = sizeof writer->header;
    for (uint32_t i = 0; i < writer->header.columns; i++)
        writer->values[i] = mem_new_array(HISTORY_BLOCK_ROWS, sizeof *writer->values[i]);
}

enum err history_writer_open(const char *path, enum history_kind kind, const char *symbol,
                             nanos interval, struct history_writer **out, struct fault *why)
{
    assert(kind != HISTORY_BARS || interval > 0);
    assert(interval >= 0);
    if (strlen(symbol) >= SYMBOL_MAX)
        return fail(why, ERR_USAGE, "\"%.40s\" is too long for a symbol (%d characters)",
                    symbol, SYMBOL_MAX - 1);
    struct history_writer *writer = mem_new(sizeof *writer);
    writer->path = mem_copy_text(path);
    writer->header = (struct history_header){
        .version = HISTORY_VERSION,
        .kind = kind,
        .interval = interval,
        .columns = (uint32_t)history_column_count(kind),
    };
    memcpy(writer->header.magic, HISTORY_MAGIC, sizeof writer->header.magic);
    memcpy(writer->header.symbol, symbol, strlen(symbol));
    writer->digest = digest_new();
    writer->is_text = is_csv(path);
    if (writer->is_text)
        history_text_header(kind, &writer->block);
    else
        start_columns(writer);
    enum err err = open_tmp(writer, why);
    if (err) {
        history_writer_close(writer);
        return err;
    }
    *out = writer;
    return OK;
}

void history_writer_close(struct history_writer *writer)
{
    if (!writer)
        return;
    if (writer->fd >= 0)
        close(writer->fd);
    if (writer->tmp_path)
        unlink(writer->tmp_path);
    for (int i = 0; i < HISTORY_COLUMNS_MAX; i++)
        mem_free(writer->values[i]);
    buf_clear(&writer->block);
    digest_free(writer->digest);
    mem_free(writer->entries);
    mem_free(writer->tmp_path);
    mem_free(writer->path);
    mem_free(writer);
}

static struct history_entry *add_entry(struct history_writer *writer)
{
    if (writer->header.blocks == writer->entries_cap) {
        writer->entries_cap = writer->entries_cap ? 2 * writer->entries_cap : 64;
        writer->entries =
            mem_resize(writer->entries, writer->entries_cap, sizeof *writer->entries);
    }
    return &writer->entries[writer->header.blocks++];
}

static enum err write_bytes(struct history_writer *writer, struct fault *why)
{
    enum err err = write_at(writer, writer->block.data, writer->block.len, writer->place, why);

    writer->place += writer->block.len;
    buf_reset(&writer->block);
    return err;
}

static enum err write_block(struct history_writer *writer, struct fault *why)
{
    char digest[DIGEST_TEXT_MAX];
    struct history_header *header = &writer->header;

    if (writer->rows == 0)
        return OK;
    history_block_encode(writer->values, (int)header->columns, writer->rows, &writer->block);
    digest_add(writer->digest, writer->block.data, writer->block.len);
    digest_finish(writer->digest, digest);
    struct history_entry *entry = add_entry(writer);
    *entry = (struct history_entry){
        .place = writer->place,
        .bytes = (uint32_t)writer->block.len,
        .rows = (uint32_t)writer->rows,
        .first = writer->block_first,
        .last = writer->header.last,
    };
    memcpy(entry->digest, digest, sizeof entry->digest);
    writer->rows = 0;
    return write_bytes(writer, why);
}

static void keep_columns(struct history_writer *writer, const struct history_row *row)
{
    int128 values[HISTORY_COLUMNS_MAX];

    history_row_pack(row, values);
    for (uint32_t i = 0; i < writer->header.columns; i++)
        writer->values[i][writer->rows] = values[i];
    if (writer->rows++ == 0)
        writer->block_first = history_row_key(row);
}

static void count_row(struct history_writer *writer, const struct history_row *row)
{
    nanos key = history_row_key(row);

    if (writer->header.rows++ == 0)
        writer->header.first = key;
    writer->header.last = key;
}

enum err history_writer_add(struct history_writer *writer, const struct history_row *row,
                            struct fault *why)
{
    assert(row->kind == writer->header.kind);
    assert(row->kind != HISTORY_BARS || row->bar.interval == writer->header.interval);
    enum err err = history_track_accept(&writer->track, row, why);
    if (UNLIKELY(err))
        return err;
    count_row(writer, row);
    if (writer->is_text) {
        history_text_row(row, &writer->block);
        return writer->block.len >= TEXT_BYTES ? write_bytes(writer, why) : OK;
    }
    keep_columns(writer, row);
    return writer->rows == HISTORY_BLOCK_ROWS ? write_block(writer, why) : OK;
}

void history_writer_set_rounded(struct history_writer *writer, uint64_t rounded)
{
    writer->header.rounded = rounded;
}

uint64_t history_writer_rows(const struct history_writer *writer)
{
    return writer->header.rows;
}

/* So that the name itself survives a power cut. */
static enum err sync_folder(const struct history_writer *writer, struct fault *why)
{
    char *copy = mem_copy_text(writer->path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err err = fd < 0 || fsync(fd) ? io_failed(writer, why) : OK;

    if (fd >= 0)
        close(fd);
    mem_free(copy);
    return err;
}

static enum err write_directory(struct history_writer *writer, struct fault *why)
{
    char digest[DIGEST_TEXT_MAX];
    struct history_header *header = &writer->header;

    header->directory = writer->place;
    history_layout_digest(header, writer->entries, digest);
    memcpy(header->digest, digest, sizeof header->digest);
    enum err err = write_at(writer, writer->entries, header->blocks * sizeof *writer->entries,
                            writer->place, why);
    return err ? err : write_at(writer, header, sizeof *header, 0, why);
}

enum err history_writer_commit(struct history_writer *writer, struct fault *why)
{
    if (writer->header.rows == 0)
        return fail(why, ERR_REFUSED, "%s: there are no rows to write", writer->path);
    enum err err = writer->is_text ? write_bytes(writer, why) : write_block(writer, why);
    if (!err && !writer->is_text)
        err = write_directory(writer, why);
    if (!err && (fsync(writer->fd) || rename(writer->tmp_path, writer->path)))
        err = io_failed(writer, why);
    if (err)
        return err;
    mem_free(writer->tmp_path);
    writer->tmp_path = NULL;
    return sync_folder(writer, why);
}
