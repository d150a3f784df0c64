/* What the commands that read a journal share: opening it, the filter from the
 * command line, rows as JSON. */
#ifndef APP_JOURNAL_QUERY_H
#define APP_JOURNAL_QUERY_H

#include "app/config_args.h"
#include "app/journal_file.h"
#include "store/journal_read.h"

#define JOURNAL_QUERY_OPTIONS                                                                  \
    JOURNAL_FILE_OPTIONS,                                                                      \
        {.name = "symbol", .value = "SYMBOL", .help = "of this product alone"},                \
        {.name = "since", .value = "TIME", .help = "from this time on"},                       \
    {                                                                                          \
        .name = "limit", .value = "N", .help = "the newest so many"                            \
    }

struct journal_query {
    const struct args *args;
    struct journal_reader *reader;
    struct journal_filter filter;
    struct product_table products;
    struct buf text; /* memory of the fact read last */
    uint64_t rows;
    enum err err; /* of a row that could not be read */
    struct fault why;
};

enum err journal_query_open(struct journal_query *query, const struct args *args,
                            struct fault *why) MUST_CHECK;
void journal_query_close(struct journal_query *query);

/* The row as a fact; false ends the reading, and query->err says why. */
bool journal_query_fact(struct journal_query *query, const struct journal_row *row,
                        struct fact *out);
const char *journal_query_symbol(const struct journal_query *query, product_ref product);

/* One row as a line of JSON: {"sequence":..,"time":"..","kind":"..","fact":{...}}. */
void journal_query_print_json(const struct journal_row *row);

/* Reads a table, calling `print` for each row's fact; with --json prints the rows instead. */
typedef void journal_query_print(struct journal_query *query, const struct fact *fact);
enum err journal_query_table(struct journal_query *query, const char *table,
                             journal_query_print *print, struct fault *why) MUST_CHECK;

#endif
