/* Any bytes as a columnar history file: refused, or read to the end.
 *
 * Checksums would keep a fuzzer out of everything behind them, so the first
 * byte chooses: the bytes as a file; or as one block, decoded directly; or as
 * header, block and directory under checksums that are made right. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/history.h"
#include "store/history_block.h"
#include "store/history_layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void read_all(int fd)
{
    char path[64];
    struct history *history;
    struct history_row row;
    bool has = true;

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (history_open(&(struct history_input){.path = path}, 1, 0, 0, &history, NULL))
        return;
    while (has && history_next(history, &row, &has, NULL) == OK)
        assert(!has || row.kind == history_input_info(history, 0)->kind);
    history_close(history);
}

static void put(int fd, const void *bytes, size_t len)
{
    ssize_t n = write(fd, bytes, len);

    assert(n == (ssize_t)len);
    (void)n;
}

static void try_file(const uint8_t *bytes, size_t len)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    assert(fd >= 0);
    put(fd, bytes, len);
    read_all(fd);
    close(fd);
}

static void try_block(const uint8_t *bytes, size_t len)
{
    struct history_block block;
    struct history_row row;
    int128 values[HISTORY_COLUMNS_MAX];

    if (len < 2)
        return;
    enum history_kind kind = (enum history_kind)(bytes[0] % HISTORY_KIND_COUNT);
    int rows = 1 + bytes[1];
    if (history_block_decode(bytes + 2, len - 2, history_column_count(kind), rows, &block,
                             NULL))
        return;
    for (int i = 0; i < rows; i++) {
        history_block_row(&block, i, values);
        if (history_row_unpack(kind, MINUTES(1), values, &row))
            assert(row.kind == kind);
    }
}

static void make_digest(const void *bytes, size_t len, char *out)
{
    char text[DIGEST_TEXT_MAX];
    struct digest *digest = digest_new();

    digest_add(digest, bytes, len);
    memcpy(out, digest_finish(digest, text), HISTORY_DIGEST_BYTES);
    digest_free(digest);
}

static void try_right_checksums(const uint8_t *bytes, size_t len)
{
    struct history_header header;
    struct history_entry entry;
    char text[DIGEST_TEXT_MAX];

    if (len < sizeof header + sizeof entry)
        return;
    memcpy(&header, bytes, sizeof header);
    memcpy(&entry, bytes + sizeof header, sizeof entry);
    bytes += sizeof header + sizeof entry;
    len -= sizeof header + sizeof entry;
    memcpy(header.magic, HISTORY_MAGIC, sizeof header.magic);
    header.version = HISTORY_VERSION;
    header.blocks = 1;
    header.directory = sizeof header + len;
    entry.place = sizeof header;
    entry.bytes = (uint32_t)len;
    make_digest(bytes, len, entry.digest);
    memcpy(header.digest, history_layout_digest(&header, &entry, text), HISTORY_DIGEST_BYTES);

    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    assert(fd >= 0);
    put(fd, &header, sizeof header);
    put(fd, bytes, len);
    put(fd, &entry, sizeof entry);
    read_all(fd);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return 0;
    if (bytes[0] % 3 == 0)
        try_file(bytes + 1, len - 1);
    else if (bytes[0] % 3 == 1)
        try_block(bytes + 1, len - 1);
    else
        try_right_checksums(bytes + 1, len - 1);
    return 0;
}
