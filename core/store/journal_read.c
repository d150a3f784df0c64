#include "store/journal_read.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/journal_symbols.h"
#include "store/journal_tables.h"

struct journal_reader {
    struct db *db;
    struct journal_symbols *symbols;
};

enum err journal_reader_open(const char *path, struct journal_reader **out, struct fault *why)
{
    struct db_options options = {.path = path, .read_only = true};
    struct db *db;
    enum err err = db_open(&options, &db, why);

    if (err)
        return err;
    err = db_migrate(db, &journal_schema, why);
    if (err) {
        db_close(db);
        return err;
    }
    struct journal_reader *reader = mem_new(sizeof *reader);
    reader->db = db;
    reader->symbols = journal_symbols_new(db);
    *out = reader;
    return OK;
}

void journal_reader_close(struct journal_reader *reader)
{
    if (!reader)
        return;
    journal_symbols_free(reader->symbols);
    db_close(reader->db);
    mem_free(reader);
}

/* A query grows with its conditions, and remembers what is bound to their question marks. */

enum { PARAMETERS_MAX = 12 };

struct query {
    struct buf sql;
    bool has_condition;
    int count;
    struct {
        const char *text; /* NULL: the number */
        int64_t number;
    } parameters[PARAMETERS_MAX];
};

static void bind_number(struct query *query, int64_t number)
{
    assert(query->count < PARAMETERS_MAX);
    query->parameters[query->count++].number = number;
}

static void bind_text(struct query *query, const char *text)
{
    assert(query->count < PARAMETERS_MAX);
    query->parameters[query->count++].text = text;
}

static void add_condition(struct query *query, const char *sql)
{
    buf_add_text(&query->sql, query->has_condition ? " AND " : " WHERE ");
    buf_add_text(&query->sql, sql);
    query->has_condition = true;
}

static void add_number(struct query *query, const char *sql, int64_t number)
{
    add_condition(query, sql);
    bind_number(query, number);
}

static void add_times(struct query *query, const struct journal_filter *filter)
{
    if (filter->since)
        add_number(query, "time_ns >= ?", filter->since);
    if (filter->until)
        add_number(query, "time_ns < ?", filter->until);
    if (filter->after)
        add_number(query, "seq > ?", (int64_t)filter->after);
}

/* The newest so many, turned round again. */
static void add_limit(struct query *query, uint64_t limit, const char *order)
{
    if (limit == 0) {
        buf_add_format(&query->sql, " ORDER BY %s", order);
        return;
    }
    buf_add_format(&query->sql, " ORDER BY %s DESC LIMIT ?)", order);
    buf_add_format(&query->sql, " ORDER BY %s", order);
    bind_number(query, limit < INT64_MAX ? (int64_t)limit : INT64_MAX);
}

static void begin_query(struct query *query, const char *columns, const char *table,
                        uint64_t limit)
{
    buf_add_format(&query->sql,
                   limit ? "SELECT * FROM (SELECT %s FROM %s" : "SELECT %s FROM %s", columns,
                   table);
}

static enum err prepare(struct journal_reader *reader, struct query *query,
                        struct db_statement **out, struct fault *why)
{
    enum err err = db_prepare(reader->db, buf_text(&query->sql), out, why);

    buf_clear(&query->sql);
    for (int i = 0; !err && i < query->count; i++) {
        const char *text = query->parameters[i].text;
        if (text)
            db_bind_text(*out, i, text, strlen(text));
        else
            db_bind_int(*out, i, query->parameters[i].number);
    }
    return err;
}

/* Events */

static void add_kinds(struct query *query, uint64_t kinds)
{
    struct buf list = BUF_INIT;

    for (int i = 0; i < FACT_KIND_COUNT; i++)
        if (kinds & JOURNAL_KIND(i))
            buf_add_format(&list, "%s'%s'", list.len ? ", " : "kind IN (",
                           fact_kind_name((enum fact_kind)i));
    buf_add_text(&list, list.len ? ")" : "0");
    add_condition(query, buf_text(&list));
    buf_clear(&list);
}

/* An order's own event calls its number "number", all others call it "order". */
#define EVENT_ORDER "payload ->> iif(kind = 'order', 'number', 'order')"

/* Inside of a snapshot: the last mark up to here is one that begins. Its end stands for all. */
#define IS_RESTATED                                                                            \
    "coalesce((SELECT NOT mark.payload ->> 'ends' FROM events mark WHERE"                      \
    " mark.kind = 'snapshot' AND mark.seq <= events.seq ORDER BY mark.seq DESC LIMIT 1), 0)"

static struct query events_query(const struct journal_filter *filter)
{
    struct query query = {.sql = BUF_INIT};

    begin_query(&query, "seq, time_ns, payload, kind, hash", "events", filter->limit);
    add_times(&query, filter);
    if (filter->kinds)
        add_kinds(&query, filter->kinds);
    if (!filter->with_restated)
        add_condition(&query, "NOT " IS_RESTATED);
    if (filter->order)
        add_number(&query, EVENT_ORDER " = ?", (int64_t)filter->order);
    if (filter->symbol) {
        add_condition(&query, "(payload ->> 'product' = ? OR " EVENT_ORDER
                              " IN (SELECT key FROM orders WHERE product = ?))");
        bind_text(&query, filter->symbol);
        bind_text(&query, filter->symbol);
    }
    add_limit(&query, filter->limit, "seq");
    return query;
}

static enum err refuse_kind(struct journal_reader *reader, uint64_t sequence, struct fault *why)
{
    return fail(why, ERR_CORRUPT,
                "%s: event %" PRIu64
                " is of a kind that nobody knows: run `perigee verify` on it",
                db_path(reader->db), sequence);
}

enum err journal_read_events(struct journal_reader *reader, const struct journal_filter *filter,
                             journal_row_take *take, void *to, struct fault *why)
{
    struct query query = events_query(filter);
    struct db_statement *statement;
    bool has_row = false;
    enum err err = prepare(reader, &query, &statement, why);

    if (err)
        return err;
    while (!(err = db_step(statement, &has_row, why)) && has_row) {
        struct journal_row row = {.sequence = (uint64_t)db_get_int(statement, 0),
                                  .time = db_get_int(statement, 1),
                                  .hash = db_get_text(statement, 4, NULL)};
        row.json = db_get_text(statement, 2, &row.len);
        if (!fact_kind_parse(db_get_text(statement, 3, NULL), &row.kind))
            err = refuse_kind(reader, row.sequence, why);
        if (err || !take(to, &row))
            break;
    }
    db_statement_free(statement);
    return err;
}

/* Tables */

static const struct journal_table *find_table(const char *name)
{
    int count;
    const struct journal_table *tables = journal_table_list(&count);

    for (int i = 0; i < count; i++)
        if (strcmp(tables[i].name, name) == 0)
            return &tables[i];
    return NULL;
}

/* NULL: its rows are of no order. */
static const char *order_condition(enum fact_kind kind)
{
    if (kind == FACT_ORDER)
        return "\"number\" = ?";
    if (kind == FACT_TRACE || kind == FACT_FILL || kind == FACT_EXIT)
        return "\"order\" = ?";
    return NULL;
}

static bool has_product(enum fact_kind kind)
{
    return kind == FACT_ORDER || kind == FACT_FILL || kind == FACT_POSITION ||
           kind == FACT_CAUSE || kind == FACT_EXIT;
}

static struct query table_query(const struct journal_table *table,
                                const struct journal_filter *filter)
{
    struct query query = {.sql = BUF_INIT};

    begin_query(&query, "seq, time_ns, payload, key", table->name, filter->limit);
    add_times(&query, filter);
    const char *of_order = order_condition(table->kind);
    if (filter->order && of_order)
        add_number(&query, of_order, (int64_t)filter->order);
    else if (filter->order)
        add_condition(&query, "0");
    if (filter->symbol && (has_product(table->kind) || table->kind == FACT_TRACE)) {
        add_condition(&query, table->kind == FACT_TRACE
                                  ? "key IN (SELECT key FROM orders WHERE product = ?)"
                                  : "product = ?");
        bind_text(&query, filter->symbol);
    }
    if (filter->open_only && table->kind == FACT_ORDER)
        add_condition(&query, "state NOT IN ('INITIALIZED', 'DENIED', 'FILLED', 'CANCELED',"
                              " 'REJECTED', 'EXPIRED')");
    add_limit(&query, filter->limit, "key");
    return query;
}

enum err journal_read_table(struct journal_reader *reader, const char *table,
                            const struct journal_filter *filter, journal_row_take *take,
                            void *to, struct fault *why)
{
    const struct journal_table *found = find_table(table);
    struct db_statement *statement;
    bool has_row = false;

    if (!found)
        return fail(why, ERR_USAGE, "%s: there is no table \"%s\" in a journal",
                    db_path(reader->db), table);
    struct query query = table_query(found, filter);
    enum err err = prepare(reader, &query, &statement, why);
    if (err)
        return err;
    while (!(err = db_step(statement, &has_row, why)) && has_row) {
        struct journal_row row = {.sequence = (uint64_t)db_get_int(statement, 0),
                                  .time = db_get_int(statement, 1),
                                  .kind = found->kind};
        row.json = db_get_text(statement, 2, &row.len);
        if (!take(to, &row))
            break;
    }
    db_statement_free(statement);
    return err;
}

enum err journal_find_order(struct journal_reader *reader, const char *id, order_number *out,
                            struct fault *why)
{
    struct query query = {.sql = BUF_INIT};
    struct db_statement *statement;
    bool has_row = false;

    buf_add_text(&query.sql, "SELECT key FROM orders WHERE CAST(key AS TEXT) = ?"
                             " OR client_id = ? OR venue_id = ? ORDER BY key DESC LIMIT 1");
    for (int i = 0; i < 3; i++)
        bind_text(&query, id);
    enum err err = prepare(reader, &query, &statement, why);
    if (err)
        return err;
    err = db_step(statement, &has_row, why);
    if (!err && has_row)
        *out = (order_number)db_get_int(statement, 0);
    else if (!err)
        err =
            fail(why, ERR_MISSING,
                 "%s: there is no order %.60s, neither by number nor by our id or the venue's",
                 db_path(reader->db), id);
    db_statement_free(statement);
    return err;
}

enum err journal_row_decode(struct journal_reader *reader, const struct journal_row *row,
                            struct product_table *products, struct buf *text, struct fact *out,
                            struct fault *why)
{
    const struct product_table *one;
    enum err err = journal_symbols_find(reader->symbols, row->json, row->len, &one, why);

    if (err)
        return err;
    *products = *one;
    buf_reset(text);
    buf_add(text, row->json, row->len);
    err = fact_decode(row->kind, text->data, text->len, products, out, why);
    if (err)
        return err;
    out->sequence = row->sequence;
    out->time = row->time;
    return OK;
}

enum err journal_read_head(struct journal_reader *reader, struct journal_head *out,
                           struct fault *why)
{
    return journal_head_read(reader->db, out, why);
}
