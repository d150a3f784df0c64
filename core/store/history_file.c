/* A columnar file as a source of rows.
 *
 * Blocks are read, not mapped: a mapping of a file that shrinks kills the
 * process, and what was verified could still change. Each block is checked
 * against its digest when it is read, which costs less than reading a CSV's
 * lines by far; the header and the directory are checked on opening. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/history_block.h"
#include "store/history_layout.h"
#include "store/history_source.h"

struct file_source {
    struct history_source base; /* first, so that one is the other */
    char *path;
    int fd;
    struct history_header header;
    struct history_entry *entries;
    struct digest *digest;

    uint32_t next_block;
    uint64_t first_row; /* of the block at hand, counted from 0 */
    int row;            /* within it, to be delivered next */
    struct history_block block;
    unsigned char *bytes;
};

static struct file_source *as_file(struct history_source *source)
{
    return (struct file_source *)source;
}

static enum err damaged(const struct file_source *s, struct fault *why, const char *what)
{
    return fail(why, ERR_CORRUPT, "%s: damaged: %s; import it again from its CSV", s->path,
                what);
}

/* Reads exactly so many bytes. */
static enum err read_at(const struct file_source *s, void *to, size_t len, uint64_t place,
                        struct fault *why)
{
    char *p = to;

    while (len > 0) {
        ssize_t n = pread(s->fd, p, len, (off_t)place);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(why, ERR_IO, "%s: cannot read it: %s", s->path, strerror(errno));
        if (n == 0)
            return damaged(s, why, "it ends too early");
        p += n;
        place += (uint64_t)n;
        len -= (size_t)n;
    }
    return OK;
}

static enum err load_block(struct file_source *s, struct fault *why)
{
    const struct history_entry *entry = &s->entries[s->next_block];
    char digest[DIGEST_TEXT_MAX];
    enum err err = read_at(s, s->bytes, entry->bytes, entry->place, why);

    if (err)
        return err;
    digest_add(s->digest, s->bytes, entry->bytes);
    digest_finish(s->digest, digest);
    if (memcmp(digest, entry->digest, HISTORY_DIGEST_BYTES) != 0)
        return fail(why, ERR_CORRUPT,
                    "%s: damaged: rows %" PRIu64 " to %" PRIu64
                    " do not match their checksum; import it again from its CSV",
                    s->path, s->first_row + (uint64_t)s->block.rows + 1,
                    s->first_row + (uint64_t)s->block.rows + entry->rows);
    s->first_row += (uint64_t)s->block.rows;
    err = history_block_decode(s->bytes, entry->bytes, (int)s->header.columns, (int)entry->rows,
                               &s->block, why);
    s->row = 0;
    s->next_block++;
    return err ? fault_prefix(why, "%s: damaged: ", s->path) : OK;
}

static enum err next(struct history_source *source, struct history_row *row, bool *has,
                     struct fault *why)
{
    struct file_source *s = as_file(source);
    int128 values[HISTORY_COLUMNS_MAX];

    if (s->row == s->block.rows) {
        *has = s->next_block < s->header.blocks;
        if (!*has)
            return OK;
        enum err err = load_block(s, why);
        if (err)
            return err;
    }
    history_block_row(&s->block, s->row++, values);
    row->source = 0;
    *has = history_row_unpack(source->info.kind, source->info.interval, values, row);
    return *has ? OK : damaged(s, why, "a value is out of its range");
}

/* To the first block that may hold the key. */
static void skip_to(struct history_source *source, nanos key)
{
    struct file_source *s = as_file(source);

    assert(s->next_block == 0 && s->block.rows == 0);
    while (s->next_block < s->header.blocks && s->entries[s->next_block].last < key)
        s->first_row += s->entries[s->next_block++].rows;
}

static uint64_t position(const struct history_source *source)
{
    const struct file_source *s = (const struct file_source *)source;

    return s->first_row + (uint64_t)s->row;
}

static uint64_t bytes_read(const struct history_source *source)
{
    const struct file_source *s = (const struct file_source *)source;

    return s->next_block < s->header.blocks ? s->entries[s->next_block].place
                                            : source->info.bytes;
}

static void close_source(struct history_source *source)
{
    struct file_source *s = as_file(source);

    if (s->fd >= 0)
        close(s->fd);
    digest_free(s->digest);
    mem_free(s->bytes);
    mem_free(s->entries);
    mem_free(s->path);
    mem_free(s);
}

static const struct history_source_ops ops = {next, skip_to, position, bytes_read,
                                              close_source};

/* Opening */

static enum err open_file(struct file_source *s, struct fault *why)
{
    struct stat st;

    s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (s->fd < 0)
        return fail(why, errno == ENOENT ? ERR_MISSING : ERR_IO, "%s: cannot open it: %s",
                    s->path, strerror(errno));
    if (fstat(s->fd, &st) < 0)
        return fail(why, ERR_IO, "%s: %s", s->path, strerror(errno));
    s->base.info.bytes = (uint64_t)st.st_size;
    return read_at(s, &s->header, sizeof s->header, 0, why);
}

static enum err check_header(const struct file_source *s, struct fault *why)
{
    const struct history_header *header = &s->header;

    if (memcmp(header->magic, HISTORY_MAGIC, sizeof header->magic) != 0)
        return fail(why, ERR_CORRUPT, "%s: this is no history file of Perigee", s->path);
    if (header->version != HISTORY_VERSION)
        return fail(why, ERR_CORRUPT,
                    "%s: format version %" PRIu32 ", but this program reads version %d; import "
                    "it again from its CSV",
                    s->path, header->version, HISTORY_VERSION);
    if (header->kind >= HISTORY_KIND_COUNT || header->symbol[SYMBOL_MAX - 1] != '\0' ||
        (int)header->columns != history_column_count((enum history_kind)header->kind) ||
        header->interval < 0 || (header->kind == HISTORY_BARS && header->interval == 0))
        return damaged(s, why, "its header makes no sense");
    uint64_t directory = header->blocks * sizeof(struct history_entry);
    if (header->directory > s->base.info.bytes ||
        s->base.info.bytes - header->directory != directory)
        return damaged(s, why, "it is cut short, or something was added to it");
    return OK;
}

/* Blocks follow each other without a gap, in time order, and add up to the counts. */
static bool directory_is_sound(const struct file_source *s)
{
    const struct history_header *header = &s->header;
    uint64_t place = sizeof *header, rows = 0;
    int64_t last = header->first;

    for (uint32_t i = 0; i < header->blocks; i++) {
        const struct history_entry *entry = &s->entries[i];
        if (entry->place != place || entry->bytes > HISTORY_BLOCK_BYTES_MAX ||
            entry->rows == 0 || entry->rows > HISTORY_BLOCK_ROWS || entry->first < last ||
            entry->last < entry->first)
            return false;
        place += entry->bytes;
        rows += entry->rows;
        last = entry->last;
    }
    return place == header->directory && rows == header->rows && last == header->last;
}

static enum err read_directory(struct file_source *s, struct fault *why)
{
    char digest[DIGEST_TEXT_MAX];
    size_t size = s->header.blocks * sizeof *s->entries;

    s->entries = mem_new_array(s->header.blocks, sizeof *s->entries);
    enum err err = read_at(s, s->entries, size, s->header.directory, why);
    if (err)
        return err;
    history_layout_digest(&s->header, s->entries, digest);
    if (memcmp(digest, s->header.digest, HISTORY_DIGEST_BYTES) != 0)
        return damaged(s, why, "its header does not match its checksum");
    if (!directory_is_sound(s))
        return damaged(s, why, "its directory makes no sense");
    return OK;
}

/* A CSV's bars may be said to be of some length; here it is part of the contents. */
static enum err check_interval(const struct file_source *s, nanos wanted, struct fault *why)
{
    char is[NANOS_TEXT_MAX], asked[NANOS_TEXT_MAX];

    if (wanted == 0 || wanted == s->header.interval || s->header.interval == 0)
        return OK;
    return fail(
        why, ERR_USAGE,
        "%s: its bars are %s long, not %s; leave --interval out, or import its CSV again",
        s->path, nanos_format_duration(s->header.interval, is),
        nanos_format_duration(wanted, asked));
}

static void fill_info(struct file_source *s)
{
    struct history_info *info = &s->base.info;

    info->kind = (enum history_kind)s->header.kind;
    info->interval = s->header.interval;
    info->is_columnar = true;
    info->first = s->header.first;
    info->last = s->header.last;
    info->rows = s->header.rows;
    info->rounded = s->header.rounded;
    memcpy(info->symbol, s->header.symbol, SYMBOL_MAX);
    memcpy(info->digest, s->header.digest, HISTORY_DIGEST_BYTES);
}

enum err history_file_open(const struct history_input *input, struct history_source **out,
                           struct fault *why)
{
    struct file_source *s = mem_new(sizeof *s);

    s->path = mem_copy_text(input->path);
    s->base.ops = &ops;
    s->base.path = s->path;
    s->base.position_name = "row";
    s->digest = digest_new();
    s->bytes = mem_resize(NULL, HISTORY_BLOCK_BYTES_MAX, 1);
    enum err err = open_file(s, why);
    if (!err)
        err = check_header(s, why);
    if (!err)
        err = read_directory(s, why);
    if (!err)
        err = check_interval(s, input->interval, why);
    if (err) {
        close_source(&s->base);
        return err;
    }
    fill_info(s);
    *out = &s->base;
    return OK;
}

bool history_file_is_one(const char *path)
{
    char magic[8];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO is waited for else */

    if (fd < 0)
        return false;
    bool is_one = read(fd, magic, sizeof magic) == (ssize_t)sizeof magic &&
                  memcmp(magic, HISTORY_MAGIC, sizeof magic) == 0;
    close(fd);
    return is_one;
}
