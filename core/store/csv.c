/* The file is read into one buffer, not mapped: a mapping of a file that
 * another program cuts short kills the process, and memory would grow with the
 * file. A line is searched with memchr, then split in place; what is left of
 * the buffer when no whole line is in it moves to the front. */
#include "store/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/csv_swar.h"

enum {
    BUFFER_SIZE = 4 * CSV_LINE_MAX,
    WINDOW =
        64, /* characters that are searched at once, also beyond the end of the last line */
};

struct csv {
    char *path;
    int fd;
    uint64_t size;
    char separator;
    char *header; /* the names lie in here */
    const char *names[CSV_COLUMNS_MAX];
    int columns;
    struct csv_cell cells[CSV_COLUMNS_MAX + 1]; /* one more, so that a surplus cell shows */

    char *buffer;
    size_t next, end; /* buffer[next..end) is not yet split */
    uint64_t read;    /* file position of buffer[end] */
    bool at_end;      /* of the file */
    uint64_t line;
    uint64_t first_row; /* file position behind the header */
    uint64_t first_line;
};

/* Files that people pass by mistake, by their first bytes. */
static const struct {
    const char *bytes;
    size_t len;
    const char *what;
} not_csv[] = {
    {"\x1f\x8b", 2, "compressed (gzip): unpack it with gunzip first"},
    {"\x28\xb5\x2f\xfd", 4, "compressed (zstd): unpack it with unzstd first"},
    {"PK\x03\x04", 4, "a zip archive or a spreadsheet: unpack it, or save it as CSV, first"},
    {"PAR1", 4, "a Parquet file: convert it to CSV first"},
    {"SQLite format 3", 15, "an SQLite database: export the table as CSV first"},
    {"\xff\xfe", 2, "UTF-16 text: save it as UTF-8 first"},
    {"\xfe\xff", 2, "UTF-16 text: save it as UTF-8 first"},
};

enum err csv_place(const struct csv *csv, int column, enum err err, struct fault *why)
{
    if (!err || !why)
        return err;
    if (column < 0)
        return fault_prefix(why, "%s: line %llu: ", csv->path, (unsigned long long)csv->line);
    return fault_prefix(why, "%s: line %llu, column \"%.40s\": ", csv->path,
                        (unsigned long long)csv->line, csv->names[column]);
}

/* Fills the rest of the buffer. */
static enum err fill(struct csv *csv, struct fault *why)
{
    memmove(csv->buffer, csv->buffer + csv->next, csv->end - csv->next);
    csv->end -= csv->next;
    csv->next = 0;
    while (csv->end < BUFFER_SIZE && !csv->at_end) {
        ssize_t n = read(csv->fd, csv->buffer + csv->end, BUFFER_SIZE - csv->end);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(why, ERR_IO, "%s: cannot read on: %s", csv->path, strerror(errno));
        csv->at_end = n == 0;
        csv->end += (size_t)n;
        csv->read += (uint64_t)n;
    }
    return OK;
}

static enum err refuse_long_line(struct csv *csv, struct fault *why)
{
    csv->next = csv->end;
    csv->at_end = true;
    fail(why, ERR_IO,
         "longer than %d bytes, which no row of market data is; check that the file is a CSV "
         "with one row per line",
         CSV_LINE_MAX);
    return csv_place(csv, -1, ERR_IO, why);
}

/* The next line without its end, NULL after the last. */
static enum err read_line(struct csv *csv, char **line, size_t *len, struct fault *why)
{
    char *start = csv->buffer + csv->next;
    char *stop = memchr(start, '\n', csv->end - csv->next);

    if (!stop && !csv->at_end) {
        enum err err = fill(csv, why);
        if (err)
            return err;
        start = csv->buffer;
        stop = memchr(start, '\n', csv->end);
    }
    *len = stop ? (size_t)(stop - start) : csv->end - csv->next;
    *line = stop || *len > 0 ? start : NULL;
    csv->line += *line != NULL;
    if (*len > CSV_LINE_MAX)
        return refuse_long_line(csv, why);
    csv->next += *len + (stop != NULL);
    if (*len > 0 && start[*len - 1] == '\r')
        --*len;
    return OK;
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct csv_cell trim(const char *start, const char *end)
{
    while (start < end && is_blank(*start))
        start++;
    while (end > start && is_blank(end[-1]))
        end--;
    return (struct csv_cell){start, (size_t)(end - start)};
}

/* The same, quick for the usual cell that has none. */
static inline struct csv_cell make_cell(const char *start, const char *end)
{
    if (UNLIKELY(start == end || *start <= ' ' || end[-1] <= ' '))
        return trim(start, end);
    return (struct csv_cell){start, (size_t)(end - start)};
}

static const char *skip_blanks(const char *p, const char *end, char separator)
{
    while (p < end && is_blank(*p) && *p != separator)
        p++;
    return p;
}

/* A cell whose quote is at p. Returns what follows it and its blanks, NULL if it is not closed.
 */
static const char *split_quoted(struct csv_cell *cell, const char *p, const char *end,
                                char separator)
{
    const char *start = ++p;

    for (; p < end; p++) {
        if (*p != '"')
            continue;
        if (p + 1 == end || p[1] != '"')
            break;
        p++;
    }
    if (p >= end)
        return NULL;
    *cell = trim(start, p);
    p = skip_blanks(p + 1, end, separator);
    return p == end || *p == separator ? p : NULL;
}

static const char *split_unquoted(struct csv_cell *cell, const char *p, const char *end,
                                  char separator)
{
    const char *stop = memchr(p, separator, (size_t)(end - p));

    stop = stop ? stop : end;
    *cell = trim(p, stop);
    return stop;
}

/* Splits a line into cells, at most `max`. Returns their number, -1 for a quote that is not
 * closed. */
static int split(const char *p, const char *end, char separator, struct csv_cell *cells,
                 int max)
{
    int count = 0;

    while (count < max) {
        p = skip_blanks(p, end, separator);
        p = p < end && *p == '"' ? split_quoted(&cells[count++], p, end, separator)
                                 : split_unquoted(&cells[count++], p, end, separator);
        if (!p)
            return -1;
        if (p == end)
            break;
        p++;
    }
    return count;
}

/* The same for a line without quotes. Reads up to WINDOW bytes behind it. */
static int split_plain(const char *line, const char *end, char separator,
                       struct csv_cell *cells, int max)
{
    uint64_t each = SWAR_EACH((unsigned char)separator);
    const char *start = line;
    int count = 0;

    for (const char *window = line; window < end; window += WINDOW) {
        uint64_t found = swar_find_64(window, each);
        for (; found != 0; found &= found - 1) {
            const char *stop = window + __builtin_ctzll(found);
            if (stop >= end)
                break;
            if (count == max)
                return count;
            cells[count++] = make_cell(start, stop);
            start = stop + 1;
        }
    }
    if (count < max)
        cells[count++] = make_cell(start, end);
    return count;
}

static bool line_is_blank(const char *line, size_t len)
{
    return trim(line, line + len).len == 0;
}

static enum err refuse_split(const struct csv *csv, int cells, struct fault *why)
{
    if (cells < 0)
        fail(why, ERR_PARSE,
             "a quoted cell is not closed on its line (cells with line breaks are not "
             "supported); correct or remove this row");
    else if (cells > csv->columns)
        fail(why, ERR_PARSE,
             "more cells than the %d columns that the header names; is there a comma inside a "
             "number? Correct or remove this row",
             csv->columns);
    else
        fail(
            why, ERR_PARSE,
            "%d cells where the header names %d columns; was the file cut off here? Correct or "
            "remove this row",
            cells, csv->columns);
    return csv_place(csv, -1, ERR_PARSE, why);
}

enum err csv_next(struct csv *csv, const struct csv_cell **out, struct fault *why)
{
    char *line;
    size_t len;

    do {
        enum err err = read_line(csv, &line, &len, why);
        if (err)
            return err;
    } while (line && UNLIKELY(line_is_blank(line, len)));
    if (!line) {
        *out = NULL;
        return OK;
    }
    int max = csv->columns + 1;
    int cells = memchr(line, '"', len)
                    ? split(line, line + len, csv->separator, csv->cells, max)
                    : split_plain(line, line + len, csv->separator, csv->cells, max);
    if (UNLIKELY(cells != csv->columns))
        return refuse_split(csv, cells, why);
    *out = csv->cells;
    return OK;
}

const struct csv_cell *csv_peek_last(struct csv *csv)
{
    /* Behind the buffer lies room for it. */
    char *tail = csv->buffer + BUFFER_SIZE;
    uint64_t size = csv->size - csv->first_row;
    size_t want = size < CSV_LINE_MAX ? (size_t)size : CSV_LINE_MAX;
    ssize_t n = pread(csv->fd, tail, want, (off_t)(csv->size - want));

    while (n > 0 && (tail[n - 1] == '\n' || tail[n - 1] == '\r' || is_blank(tail[n - 1])))
        n--;
    if (n <= 0)
        return NULL;
    char *start = memrchr(tail, '\n', (size_t)n);
    if (!start && size > want)
        return NULL;
    start = start ? start + 1 : tail;
    int cells = split(start, tail + n, csv->separator, csv->cells, csv->columns + 1);
    return cells == csv->columns ? csv->cells : NULL;
}

enum err csv_rewind(struct csv *csv, struct fault *why)
{
    if (lseek(csv->fd, (off_t)csv->first_row, SEEK_SET) < 0)
        return fail(why, ERR_IO, "%s: cannot go back to its start: %s", csv->path,
                    strerror(errno));
    csv->next = csv->end = 0;
    csv->read = csv->first_row;
    csv->line = csv->first_line;
    csv->at_end = false;
    return OK;
}

static enum err refuse_foreign(const struct csv *csv, struct fault *why)
{
    for (size_t i = 0; i < ARRAY_LEN(not_csv); i++)
        if (csv->end >= not_csv[i].len &&
            memcmp(csv->buffer, not_csv[i].bytes, not_csv[i].len) == 0)
            return fail(why, ERR_PARSE, "%s: this is not a CSV but %s", csv->path,
                        not_csv[i].what);
    return OK;
}

/* The separator that the header has most of. */
static char find_separator(const char *line, size_t len)
{
    static const char candidates[] = {',', ';', '\t'};
    size_t best = 0, most = 0;

    for (size_t i = 0; i < ARRAY_LEN(candidates); i++) {
        size_t n = 0;
        for (size_t j = 0; j < len; j++)
            n += line[j] == candidates[i];
        if (n > most) {
            most = n;
            best = i;
        }
    }
    return candidates[best];
}

/* Copies the header and terminates its names in the copy. */
static enum err split_header(struct csv *csv, const char *line, size_t len, struct fault *why)
{
    struct csv_cell cells[CSV_COLUMNS_MAX + 1];

    if (memchr(line, '\r', len))
        return fail(
            why, ERR_PARSE,
            "%s: its lines end with a carriage return alone, as on old Macs; convert it "
            "with tr '\\r' '\\n'",
            csv->path);
    csv->separator = find_separator(line, len);
    csv->header = mem_new(len + 1);
    memcpy(csv->header, line, len);
    csv->columns =
        split(csv->header, csv->header + len, csv->separator, cells, CSV_COLUMNS_MAX + 1);
    if (csv->columns < 0)
        return fail(why, ERR_PARSE, "%s: line %llu: a quoted column name is not closed",
                    csv->path, (unsigned long long)csv->line);
    if (csv->columns > CSV_COLUMNS_MAX)
        return fail(why, ERR_PARSE, "%s: line %llu: more than %d columns; remove some",
                    csv->path, (unsigned long long)csv->line, CSV_COLUMNS_MAX);
    for (int i = 0; i < csv->columns; i++) {
        csv->header[(size_t)(cells[i].text - csv->header) + cells[i].len] = '\0';
        csv->names[i] = cells[i].text;
    }
    return OK;
}

static enum err read_header(struct csv *csv, struct fault *why)
{
    char *line;
    size_t len;
    enum err err = fill(csv, why);

    if (!err)
        err = refuse_foreign(csv, why);
    if (!err && csv->end >= 3 && memcmp(csv->buffer, "\xef\xbb\xbf", 3) == 0)
        csv->next = 3;
    do {
        if (!err)
            err = read_line(csv, &line, &len, why);
        if (err)
            return err;
    } while (line && line_is_blank(line, len));
    if (!line)
        return fail(why, ERR_PARSE,
                    "%s: the file is empty; it must start with a line of column names, such as "
                    "ts_ms,open,high,low,close,volume",
                    csv->path);
    csv->first_row = csv->read - (csv->end - csv->next);
    csv->first_line = csv->line;
    return split_header(csv, line, len, why);
}

static enum err refuse_missing(const struct csv *csv, struct fault *why)
{
    char folder[200] = "";
    bool is_relative = csv->path[0] != '/' && getcwd(folder, sizeof folder);

    return fail(why, ERR_MISSING,
                "%s: cannot open it: there is no such file%s%s; perigee data synth --out FILE "
                "makes one to try things with",
                csv->path, is_relative ? ", seen from " : "", is_relative ? folder : "");
}

static enum err open_file(struct csv *csv, struct fault *why)
{
    struct stat st;

    csv->fd = open(csv->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO is refused below */
    if (csv->fd < 0 && errno == ENOENT)
        return refuse_missing(csv, why);
    if (csv->fd < 0)
        return fail(why, ERR_IO, "%s: cannot open it: %s", csv->path, strerror(errno));
    if (fstat(csv->fd, &st) < 0)
        return fail(why, ERR_IO, "%s: %s", csv->path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return fail(why, ERR_IO, "%s: not a regular file; a pipe must be saved to a file first",
                    csv->path);
    csv->size = (uint64_t)st.st_size;
    return OK;
}

enum err csv_open(const char *path, struct csv **out, struct fault *why)
{
    struct csv *csv = mem_new(sizeof *csv);

    csv->path = mem_copy_text(path);
    csv->buffer = mem_resize(NULL, BUFFER_SIZE + CSV_LINE_MAX + WINDOW, 1);
    enum err err = open_file(csv, why);
    if (!err)
        err = read_header(csv, why);
    if (err) {
        csv_close(csv);
        return err;
    }
    *out = csv;
    return OK;
}

void csv_close(struct csv *csv)
{
    if (!csv)
        return;
    if (csv->fd >= 0)
        close(csv->fd);
    mem_free(csv->buffer);
    mem_free(csv->header);
    mem_free(csv->path);
    mem_free(csv);
}

int csv_column_count(const struct csv *csv)
{
    return csv->columns;
}

const char *csv_column_name(const struct csv *csv, int column)
{
    return csv->names[column];
}

const char *csv_path(const struct csv *csv)
{
    return csv->path;
}

uint64_t csv_line(const struct csv *csv)
{
    return csv->line;
}

uint64_t csv_offset(const struct csv *csv)
{
    return csv->read - (csv->end - csv->next);
}

uint64_t csv_size(const struct csv *csv)
{
    return csv->size;
}
