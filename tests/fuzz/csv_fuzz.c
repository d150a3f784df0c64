/* Any bytes as a CSV of market history: reading must end, with rows or with a
 * sentence, and every row that comes out must fit the columns of a file. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/data_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A file in memory with these bytes. */
static int make_file(const uint8_t *bytes, size_t len, char path[64])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    assert(fd >= 0);
    ssize_t n = write(fd, bytes, len);
    assert(n == (ssize_t)len);
    (void)n;
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static void check_row(const struct history_row *row)
{
    struct history_row again = {.kind = row->kind};
    int128 values[HISTORY_COLUMNS_MAX];
    nanos interval = row->kind == HISTORY_BARS ? row->bar.interval : 0;

    history_row_pack(row, values);
    bool fits = history_row_unpack(row->kind, interval, values, &again);
    assert(fits && again.time == row->time);
    (void)fits;
}

static void read_all(const struct history_input *input)
{
    struct history *history;
    struct history_row row;
    struct fault why = {OK, ""};
    bool has = true;

    if (history_open(input, 1, 0, 0, &history, &why)) {
        assert(why.text[0]);
        return;
    }
    while (has) {
        if (history_next(history, &row, &has, &why)) {
            assert(why.text[0]);
            break;
        }
        if (has)
            check_row(&row);
    }
    history_close(history);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct data_report report;
    char path[64];
    struct history_input input = {.path = path};

    if (len == 0)
        return 0;
    /* The first byte picks what the caller says about the file. */
    input.format = (enum history_format)(bytes[0] % HISTORY_FORMAT_COUNT);
    input.interval = bytes[0] & 0x80 ? MINUTES(1) : 0;
    int fd = make_file(bytes + 1, len - 1, path);
    read_all(&input);
    if (data_check(&input, &report, NULL) == OK && data_report_is_sound(&report))
        read_all(&input);
    close(fd);
    return 0;
}
