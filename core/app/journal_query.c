#include "app/journal_query.h"

#include <stdio.h>
#include <string.h>

enum err journal_query_open(struct journal_query *query, const struct args *args,
                            struct fault *why)
{
    char path[JOURNAL_PATH_MAX];
    int64_t limit = 0;

    memset(query, 0, sizeof *query);
    query->args = args;
    query->filter.symbol = args_text(args, "symbol", NULL);
    enum err err = args_time(args, "since", &query->filter.since, why);
    if (!err)
        err = args_int(args, "limit", 1, INT64_MAX, &limit, why);
    if (!err)
        err = journal_file_from_args(args, path, why);
    query->filter.limit = (uint64_t)limit;
    return err ? err : journal_reader_open(path, &query->reader, why);
}

void journal_query_close(struct journal_query *query)
{
    journal_reader_close(query->reader);
    buf_clear(&query->text);
}

bool journal_query_fact(struct journal_query *query, const struct journal_row *row,
                        struct fact *out)
{
    query->err = journal_row_decode(query->reader, row, &query->products, &query->text, out,
                                    &query->why);
    return query->err == OK;
}

const char *journal_query_symbol(const struct journal_query *query, product_ref product)
{
    return product == PRODUCT_NONE ? "all"
                                   : product_table_get(&query->products, product)->symbol;
}

void journal_query_print_json(const struct journal_row *row)
{
    char time[NANOS_TEXT_MAX];

    printf("{\"sequence\":%llu,\"time\":\"%s\",\"kind\":\"%s\",\"fact\":%.*s}\n",
           (unsigned long long)row->sequence, nanos_format(row->time, time),
           fact_kind_name(row->kind), (int)row->len, row->json);
}

struct reading {
    struct journal_query *query;
    journal_query_print *print;
};

static bool take(void *to, const struct journal_row *row)
{
    struct reading *reading = to;
    struct fact fact;

    reading->query->rows++;
    if (args_has(reading->query->args, "json")) {
        journal_query_print_json(row);
        return true;
    }
    if (!journal_query_fact(reading->query, row, &fact))
        return false;
    reading->print(reading->query, &fact);
    return true;
}

enum err journal_query_table(struct journal_query *query, const char *table,
                             journal_query_print *print, struct fault *why)
{
    struct reading reading = {query, print};
    enum err err =
        journal_read_table(query->reader, table, &query->filter, take, &reading, why);

    if (!err && query->err) {
        err = query->err;
        *why = query->why;
    }
    return err;
}
