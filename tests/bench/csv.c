/* Speed of reading bars: from a CSV, and from the columnar file made of it.
 *
 *     csv FILE.csv        prints rows per second of both and the peak memory
 *
 * Before anything is timed, both must give the same rows: a checksum over all
 * fields of all rows is compared. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "store/history.h"
#include "store/history_writer.h"

struct passage {
    uint64_t rows, checksum;
    nanos took;
};

static void stop(const struct fault *why)
{
    fprintf(stderr, "bench: %s\n", why->text);
    exit(1);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(1099511628211);
}

static uint64_t add_row(uint64_t hash, const struct history_row *row)
{
    int128 values[HISTORY_COLUMNS_MAX];
    int columns = history_column_count(row->kind);

    history_row_pack(row, values);
    for (int i = 0; i < columns; i++)
        hash = mix(mix(hash, (uint64_t)values[i]), (uint64_t)(values[i] >> 64));
    return hash;
}

static struct history *open_one(const char *path)
{
    struct history *history;
    struct fault why;
    struct history_input input = {.path = path};

    if (history_open(&input, 1, 0, 0, &history, &why))
        stop(&why);
    return history;
}

/* Reads all rows; writes them when there is a writer. */
static struct passage read_all(const char *path, bool checks, struct history_writer *writer)
{
    struct fault why;
    struct passage outcome = {0};
    struct history *history = open_one(path);
    struct history_row row;
    bool has;
    nanos start = clock_monotonic();

    for (;;) {
        if (history_next(history, &row, &has, &why))
            stop(&why);
        if (!has)
            break;
        outcome.rows++;
        outcome.checksum =
            checks ? add_row(outcome.checksum, &row) : outcome.checksum + (uint64_t)row.time;
        if (writer && history_writer_add(writer, &row, &why))
            stop(&why);
    }
    outcome.took = clock_monotonic() - start;
    history_close(history);
    return outcome;
}

static void convert(const char *from, const char *to)
{
    struct fault why;
    struct history_writer *writer;
    struct history *history = open_one(from);
    struct history_info info = *history_input_info(history, 0);

    history_close(history);
    if (history_writer_open(to, info.kind, info.symbol, info.interval, &writer, &why))
        stop(&why);
    read_all(from, false, writer);
    if (history_writer_commit(writer, &why))
        stop(&why);
    history_writer_close(writer);
}

static void time_it(const char *name, const char *path)
{
    struct passage best = {.took = INT64_MAX};

    for (int i = 0; i < 5; i++) {
        struct passage outcome = read_all(path, false, NULL);
        if (outcome.took < best.took)
            best = outcome;
    }
    printf("%-8s %9" PRIu64 " rows  %5.2f million rows/s\n", name, best.rows,
           (double)best.rows * 1000 / (double)best.took);
}

int main(int argc, char **argv)
{
    char path[] = "/tmp/perigee-bench-XXXXXX";
    struct rusage usage;

    if (argc != 2) {
        fprintf(stderr, "usage: csv FILE.csv\n");
        return 2;
    }
    int fd = mkstemp(path);
    if (fd < 0) {
        perror(path);
        return 1;
    }
    close(fd);
    convert(argv[1], path);
    struct passage csv = read_all(argv[1], true, NULL), columnar = read_all(path, true, NULL);
    if (csv.rows != columnar.rows || csv.checksum != columnar.checksum) {
        fprintf(stderr, "bench: the columnar file differs from its CSV\n");
        return 1;
    }
    time_it("csv", argv[1]);
    time_it("columnar", path);
    getrusage(RUSAGE_SELF, &usage);
    printf("peak memory %ld MB\n", usage.ru_maxrss / 1024);
    unlink(path);
    return 0;
}
