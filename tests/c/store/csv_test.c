#include "store/csv.h"

#include <sys/stat.h>

#include "files.h"

/* All cells of a file as "a|b/c|d", or the message of the first failure. */
static const char *cells_of(const char *path)
{
    static char out[4096];
    struct csv *csv;
    const struct csv_cell *cells;
    struct fault why;
    size_t n = 0;

    out[0] = '\0';
    if (csv_open(path, &csv, &why))
        return strcpy(out, why.text);
    for (;;) {
        if (csv_next(csv, &cells, &why)) {
            strcpy(out, why.text);
            break;
        }
        if (!cells)
            break;
        for (int i = 0; i < csv_column_count(csv) && n < sizeof out; i++)
            n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s",
                                  i   ? "|"
                                  : n ? "/"
                                      : "",
                                  (int)cells[i].len, cells[i].text);
    }
    csv_close(csv);
    return out;
}

static void assert_refused(const char *text, const char *reason)
{
    struct csv *csv;
    struct fault why;

    assert_int_not_equal(csv_open(write_text("refused.csv", text), &csv, &why), OK);
    assert_contains(why.text, "refused.csv: ");
    assert_contains(why.text, reason);
}

TEST(cells_come_without_quotes_blanks_and_line_ends)
{
    static const struct {
        const char *text, *cells;
    } rows[] = {
        {"a,b\n1,2\n3,4\n", "1|2/3|4"},
        {"a,b\n1,2\n3,4", "1|2/3|4"},
        {"a,b\r\n1,2\r\n3,4\r\n", "1|2/3|4"},
        {"\xef\xbb\xbf"
         "a,b\n1,2\n",
         "1|2"},
        {"a,b\n\n1,2\n\n\n3,4\n  \n", "1|2/3|4"},
        {"\n\na,b\n1,2\n", "1|2"},
        {"a;b\n1;2,5\n", "1|2,5"},
        {"a\tb\n1\t2\n", "1|2"},
        {"a,b\n \t1 ,  2\t\n", "1|2"},
        {"\"a\",\"b\"\n\"1\",\"2\"\n", "1|2"},
        {"a,b\n\"1,5\",\" 2 \"\n", "1,5|2"},
        {"a,b\n\"say \"\"x\"\"\",2\n", "say \"\"x\"\"|2"},
        {"a,b\n,\n", "|"},
        {"a,b\n\"\",\n", "|"},
        {"a\n1\n2\n", "1/2"},
        {"a,b\n", ""},
        {"a,b", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(cells_of(write_text("cells.csv", rows[i].text)), rows[i].cells);
}

TEST(columns_have_the_names_of_the_header)
{
    struct csv *csv;

    assert_int_equal(
        csv_open(write_text("names.csv", " ts , \"open\",\"\"\r\n1,2,3\r\n"), &csv, NULL), OK);
    assert_int_equal(csv_column_count(csv), 3);
    assert_string_equal(csv_column_name(csv, 0), "ts");
    assert_string_equal(csv_column_name(csv, 1), "open");
    assert_string_equal(csv_column_name(csv, 2), "");
    csv_close(csv);
}

TEST(a_row_that_does_not_fit_the_header_is_named)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"a,b\n1,2\n1,2,3\n", "line 3: more cells than the 2 columns"},
        {"a,b\n1,2\n\n1\n", "line 4: 1 cells where the header names 2 columns"},
        {"a,b\n1,2\n\"1,2\n", "line 3: a quoted cell is not closed"},
        {"a,b\n\"1\"x,2\n", "line 2: a quoted cell is not closed"},
        {"a,b\n1,\"2\n3\"\n", "line 2: a quoted cell is not closed"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *message = cells_of(write_text("rows.csv", rows[i].text));
        assert_contains(message, "rows.csv: ");
        assert_contains(message, rows[i].message);
        assert_contains(message, "orrect or remove this row");
    }
}

TEST(reading_goes_on_behind_a_bad_row)
{
    struct csv *csv;
    const struct csv_cell *cells;

    assert_int_equal(csv_open(write_text("bad.csv", "a,b\n1\n3,4\n"), &csv, NULL), OK);
    assert_int_equal(csv_next(csv, &cells, NULL), ERR_PARSE);
    assert_int_equal(csv_next(csv, &cells, NULL), OK);
    assert_int_equal(csv_line(csv), 3);
    assert_memory_equal(cells[1].text, "4", 1);
    csv_close(csv);
}

TEST(files_of_other_formats_are_told_what_they_are)
{
    struct csv *csv;
    struct fault why;

    assert_refused("\x1f\x8b\x08", "gunzip");
    assert_refused("PK\x03\x04", "zip archive");
    assert_refused("PAR1xxxx", "Parquet");
    assert_refused("SQLite format 3", "SQLite");
    assert_refused("\xff\xfe-", "UTF-16");
    assert_refused("", "the file is empty");
    assert_refused("\n\n  \n", "the file is empty");
    assert_refused("a,b\r1,2\r3,4\r", "carriage return alone");
    assert_refused("\"a,b\n1,2\n", "line 1: a quoted column name is not closed");
    assert_int_equal(csv_open(tmp_path("none.csv"), &csv, &why), ERR_MISSING);
    assert_contains(why.text, "none.csv: cannot open it");
    assert_int_equal(csv_open(check_tmp(), &csv, &why), ERR_IO);
    assert_contains(why.text, "not a regular file");
}

TEST(a_pipe_is_refused_and_not_waited_for)
{
    const char *path = tmp_path("pipe.csv");
    struct csv *csv;
    struct fault why;

    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(csv_open(path, &csv, &why), ERR_IO);
    assert_contains(why.text, "not a regular file");
}

TEST(more_columns_than_fit_are_refused)
{
    char text[400] = "";

    for (int i = 0; i <= CSV_COLUMNS_MAX; i++)
        strcat(text, i ? ",x" : "x");
    assert_refused(text, "more than 64 columns");
}

TEST(a_file_without_line_ends_is_refused_not_swallowed)
{
    size_t len = 3 * CSV_LINE_MAX;
    char *text = malloc(len);

    memset(text, 'x', len);
    memcpy(text, "a,b\n", 4);
    assert_contains(cells_of(write_bytes("long.csv", text, len)), "line 2: longer than 65536");
    memset(text, 'x', 4);
    assert_contains(cells_of(write_bytes("long.csv", text, len)), "line 1: longer than 65536");
    free(text);
}

/* A file of several buffers, with one row in it that is wrong. */
static const char *write_many(const char *name, int rows, int bad_line, const char *bad)
{
    const char *path = tmp_path(name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs("number,square\n", file);
    for (int line = 2; line <= rows + 1; line++) {
        if (line == bad_line)
            fputs(bad, file);
        else
            fprintf(file, "%d,%lld\n", line, (long long)line * line);
    }
    fclose(file);
    return path;
}

TEST(lines_are_counted_over_all_buffers)
{
    struct csv *csv;
    const struct csv_cell *cells;
    struct fault why;
    enum err err = OK;

    assert_int_equal(csv_open(write_many("many.csv", 100000, 70000, "70000\n"), &csv, NULL),
                     OK);
    do
        err = csv_next(csv, &cells, &why);
    while (!err && cells);
    assert_int_equal(err, ERR_PARSE);
    assert_contains(why.text, "many.csv: line 70000: 1 cells");
    csv_close(csv);
}

TEST(every_cell_is_the_same_wherever_the_buffer_ends)
{
    struct csv *csv;
    const struct csv_cell *cells;
    char text[40];
    int line = 1;

    assert_int_equal(csv_open(write_many("many.csv", 60000, 0, ""), &csv, NULL), OK);
    while (csv_next(csv, &cells, NULL) == OK && cells) {
        line++;
        snprintf(text, sizeof text, "%d,%lld", line, (long long)line * line);
        assert_int_equal(csv_line(csv), line);
        assert_int_equal(cells[0].len + 1 + cells[1].len, strlen(text));
        assert_memory_equal(cells[0].text, text, strlen(text));
    }
    assert_int_equal(line, 60001);
    assert_int_equal(csv_offset(csv), csv_size(csv));
    csv_close(csv);
}

TEST(a_file_can_be_read_again_from_its_first_row)
{
    struct csv *csv;
    const struct csv_cell *cells;

    assert_int_equal(csv_open(write_many("many.csv", 60000, 0, ""), &csv, NULL), OK);
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < 50000; i++)
            assert_int_equal(csv_next(csv, &cells, NULL), OK);
        assert_int_equal(csv_line(csv), 50001);
        assert_int_equal(csv_rewind(csv, NULL), OK);
    }
    assert_int_equal(csv_next(csv, &cells, NULL), OK);
    assert_memory_equal(cells[0].text, "2,4\n", 4);
    csv_close(csv);
}

TEST(the_last_row_can_be_looked_at_in_advance)
{
    static const struct {
        const char *text, *last;
    } rows[] = {
        {"a,b\n1,2\n3,4\n", "3"}, {"a,b\n1,2\n3,4", "3"}, {"a,b\r\n7,2\r\n\r\n", "7"},
        {"a,b\n1,2\n3\n", NULL},  {"a,b\n", NULL},
    };
    struct csv *csv;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(csv_open(write_text("last.csv", rows[i].text), &csv, NULL), OK);
        const struct csv_cell *cells = csv_peek_last(csv);
        assert_int_equal(cells != NULL, rows[i].last != NULL);
        if (cells)
            assert_memory_equal(cells[0].text, rows[i].last, 1);
        csv_close(csv);
    }
    assert_int_equal(csv_open(write_many("many.csv", 60000, 0, ""), &csv, NULL), OK);
    assert_memory_equal(csv_peek_last(csv)[0].text, "60001", 5);
    csv_close(csv);
}
