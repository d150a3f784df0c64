#include "store/journal_tables.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "engine/fact_field.h"
#include "engine/snapshot.h"

enum table {
    TABLE_RUNS,
    TABLE_ORDERS,
    TABLE_TRACES,
    TABLE_FILLS,
    TABLE_POSITIONS,
    TABLE_BALANCES,
    TABLE_CAUSES,
    TABLE_EXITS,
    TABLE_BASELINES,
    TABLE_STATES,
    TABLE_COUNT
};

static const struct journal_table list[] = {
    [TABLE_RUNS] = {"runs", FACT_RUN, NULL},
    [TABLE_ORDERS] = {"orders", FACT_ORDER, "number"},
    [TABLE_TRACES] = {"traces", FACT_TRACE, "order"},
    [TABLE_FILLS] = {"fills", FACT_FILL, NULL},
    [TABLE_POSITIONS] = {"positions", FACT_POSITION, "product"},
    [TABLE_BALANCES] = {"balances", FACT_BALANCE, "currency"},
    [TABLE_CAUSES] = {"causes", FACT_CAUSE, "id"},
    [TABLE_EXITS] = {"exits", FACT_EXIT, "id"},
    [TABLE_BASELINES] = {"baselines", FACT_BASELINE, "day"},
    [TABLE_STATES] = {"script_state", FACT_STATE, "subject"},
};
static_assert(ARRAY_LEN(list) == TABLE_COUNT, "a row for every table");

struct journal_tables {
    struct db *db;
    struct {
        const struct fact_field *key; /* NULL: the sequence number */
        struct db_statement *put, *get, *remove;
    } tables[TABLE_COUNT];
    struct buf row; /* the one at hand, as text */
    struct snapshot_bracket bracket;
};

const struct journal_table *journal_table_list(int *count)
{
    *count = TABLE_COUNT;
    return list;
}

static const struct fact_field *find_field(enum fact_kind kind, const char *name)
{
    int count;
    const struct fact_field *fields = fact_fields(kind, &count);

    for (int i = 0; name && i < count; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    assert(!name);
    return NULL;
}

/* Making the tables */

static bool is_number(const struct fact_field *field)
{
    return !field || field->type == FIELD_COUNT || field->type == FIELD_NANOS;
}

/* What a column shows where the payload leaves the member out. */
static const char *absent_value(const struct fact_field *field)
{
    switch (field->type) {
    case FIELD_COUNT:
    case FIELD_NANOS:
    case FIELD_INT:
    case FIELD_BOOL:
        return "0";
    case FIELD_DECIMAL:
        return "'0'";
    default:
        return "''";
    }
}

static void add_columns(struct buf *sql, enum fact_kind kind)
{
    int count;
    const struct fact_field *fields = fact_fields(kind, &count);

    for (int i = 0; i < count; i++)
        buf_add_format(sql, ", coalesce(payload ->> '%s', %s) AS \"%s\"", fields[i].name,
                       absent_value(&fields[i]), fields[i].name);
}

static void add_view(struct buf *sql, const struct journal_table *table)
{
    buf_add_format(sql, "CREATE VIEW %s AS SELECT key, seq, time_ns, payload", table->name);
    add_columns(sql, table->kind);
    buf_add_format(sql, " FROM %s_rows;", table->name);
}

enum err journal_tables_renew_views(struct db *db, struct fault *why)
{
    struct buf sql = BUF_INIT;

    for (int i = 0; i < TABLE_COUNT; i++) {
        buf_add_format(&sql, "DROP VIEW %s;", list[i].name);
        add_view(&sql, &list[i]);
    }
    enum err err = db_run(db, buf_text(&sql), why);
    buf_clear(&sql);
    return err;
}

/* Members become columns in views, not in the tables: columns that are computed there would be
 * computed at every write as well. */
enum err journal_tables_create(struct db *db, struct fault *why)
{
    struct buf sql = BUF_INIT;

    for (int i = 0; i < TABLE_COUNT; i++) {
        const char *name = list[i].name;
        const struct fact_field *key = find_field(list[i].kind, list[i].key);
        buf_add_format(&sql,
                       "CREATE TABLE %s_rows(key %s PRIMARY KEY, seq INTEGER NOT NULL, "
                       "time_ns INTEGER NOT NULL, payload TEXT NOT NULL) STRICT;",
                       name, is_number(key) ? "INTEGER" : "TEXT NOT NULL");
        add_view(&sql, &list[i]);
    }
    buf_add_text(&sql,
                 "CREATE INDEX fills_order ON fills_rows(coalesce(payload ->> 'order', 0))");
    enum err err = db_run(db, buf_text(&sql), why);
    buf_clear(&sql);
    return err;
}

/* Rows */

static enum err prepare(struct db *db, const char *verb, const char *name, const char *rest,
                        struct db_statement **out, struct fault *why)
{
    struct buf sql = BUF_INIT;

    buf_add_format(&sql, "%s %s%s", verb, name, rest);
    enum err err = db_prepare(db, buf_text(&sql), out, why);
    buf_clear(&sql);
    return err;
}

enum err journal_tables_open(struct db *db, struct journal_tables **out, struct fault *why)
{
    struct journal_tables *tables = mem_new(sizeof *tables);
    enum err err = OK;

    tables->db = db;
    for (int i = 0; !err && i < TABLE_COUNT; i++) {
        tables->tables[i].key = find_field(list[i].kind, list[i].key);
        err = prepare(db, "INSERT OR REPLACE INTO", list[i].name,
                      "_rows(key, seq, time_ns, payload) VALUES (?, ?, ?, ?)",
                      &tables->tables[i].put, why);
        if (!err)
            err = prepare(db, "SELECT payload, seq, time_ns FROM", list[i].name,
                          " WHERE key = ?", &tables->tables[i].get, why);
        if (!err)
            err = prepare(db, "DELETE FROM", list[i].name, "_rows WHERE key = ?",
                          &tables->tables[i].remove, why);
    }
    if (err) {
        journal_tables_close(tables);
        return err;
    }
    *out = tables;
    return OK;
}

void journal_tables_close(struct journal_tables *tables)
{
    if (!tables)
        return;
    for (int i = 0; i < TABLE_COUNT; i++) {
        db_statement_free(tables->tables[i].put);
        db_statement_free(tables->tables[i].get);
        db_statement_free(tables->tables[i].remove);
    }
    buf_clear(&tables->row);
    mem_free(tables);
}

/* The fact's member that is the table's key. */
static void bind_key(struct db_statement *statement, const struct fact_field *key,
                     const struct fact *fact, const struct product_table *products)
{
    const void *at = key ? fact_field_at(key, fact) : &fact->sequence;

    if (!key || key->type == FIELD_COUNT || key->type == FIELD_NANOS) {
        db_bind_int(statement, 0, *(const int64_t *)at);
        return;
    }
    const char *text = at;
    if (key->type == FIELD_PRODUCT)
        text = product_table_get(products, *(const product_ref *)at)->symbol;
    db_bind_text(statement, 0, text, strlen(text));
}

static enum err put(struct journal_tables *tables, enum table table, const struct fact *fact,
                    const char *payload, size_t len, const struct product_table *products,
                    struct fault *why)
{
    struct db_statement *statement = tables->tables[table].put;

    bind_key(statement, tables->tables[table].key, fact, products);
    db_bind_int(statement, 1, (int64_t)fact->sequence);
    db_bind_int(statement, 2, fact->time);
    db_bind_text(statement, 3, payload, len);
    return db_execute(statement, why);
}

/* A row that was computed here, not taken over from an event. */
static enum err put_fact(struct journal_tables *tables, enum table table,
                         const struct fact *fact, const struct product_table *products,
                         struct fault *why)
{
    buf_reset(&tables->row);
    fact_encode(fact, products, &tables->row);
    return put(tables, table, fact, tables->row.data, tables->row.len, products, why);
}

/* The row with the key that `fact` holds; *found says whether there is one. */
static enum err get(struct journal_tables *tables, enum table table, struct fact *fact,
                    const struct product_table *products, bool *found, struct fault *why)
{
    struct db_statement *statement = tables->tables[table].get;
    size_t len;

    bind_key(statement, tables->tables[table].key, fact, products);
    enum err err = db_step(statement, found, why);
    if (err || !*found)
        return err;
    const char *payload = db_get_text(statement, 0, &len);
    buf_reset(&tables->row);
    buf_add(&tables->row, payload, len);
    uint64_t sequence = (uint64_t)db_get_int(statement, 1);
    nanos time = db_get_int(statement, 2);
    db_reset(statement);
    err = fact_decode(list[table].kind, tables->row.data, len, products, fact, why);
    fact->sequence = sequence;
    fact->time = time;
    return err;
}

static enum err remove_row(struct journal_tables *tables, enum table table,
                           const struct fact *fact, const struct product_table *products,
                           struct fault *why)
{
    struct db_statement *statement = tables->tables[table].remove;

    bind_key(statement, tables->tables[table].key, fact, products);
    return db_execute(statement, why);
}

/* What events do to rows */

static bool amend_order(struct order *order, const struct fact_amend *amend, nanos time)
{
    if (!decimal_is_positive(amend->size) ||
        !order_apply_replace(order, amend->size, amend->limit_price, time))
        return false;
    if (decimal_is_positive(amend->limit_price))
        order->reserved_price = amend->limit_price;
    return true;
}

static bool ask_amend(struct order *order, const struct fact_amend_asked *asked, nanos time)
{
    struct order_change change = asked->change;

    change.since = time;
    return decimal_is_positive(change.size) && decimal_is_zero(order->asked.size) &&
           order_apply_ask(order, &change, time);
}

static bool explain_order(struct order *order, const struct fill *fill)
{
    if (!fill->is_inferred && decimal_compare(fill->size, order->inferred.size) > 0)
        return false;
    order_explain(order, fill);
    return true;
}

/* Fills come as fills, not as steps. */
static bool move_order(struct order *order, const struct fact_order_event *event, nanos time)
{
    if (event->event == ORDER_EVENT_PARTIAL_FILL || event->event == ORDER_EVENT_FULL_FILL ||
        !order_apply(order, event->event, time))
        return false;
    if (!order->venue_id.text[0])
        order->venue_id = event->venue_id;
    return true;
}

/* As the engine's order management does it; false changes nothing. */
static bool change_order(struct order *order, const struct fact *fact)
{
    switch (fact->kind) {
    case FACT_FILL:
        return order_apply_fill(order, &fact->fill);
    case FACT_FILL_KNOWN:
        return explain_order(order, &fact->fill);
    case FACT_ORDER: /* it has taken this one's place */
        if (decimal_is_zero(order->asked.size))
            return false;
        order->asked = (struct order_change){.size = DECIMAL_ZERO};
        return true;
    case FACT_AMEND:
        return amend_order(order, &fact->amend, fact->time);
    case FACT_AMEND_ASKED:
        return ask_amend(order, &fact->amend_asked, fact->time);
    case FACT_PREVIEW:
        if (!order->awaits_preview)
            return false;
        order->reserved_price = fact->preview.reserved_price;
        return true;
    default:
        return move_order(order, &fact->order_event, fact->time);
    }
}

/* An event of an order that is not there, or that its table of states has no arrow for, changes
 * no row. Of fills that is right: money changed hands, and is booked beside the order. Others
 * `perigee verify` reports. */
static enum err apply_to_order(struct journal_tables *tables, order_number number,
                               const struct fact *fact, const struct product_table *products,
                               struct fault *why)
{
    struct fact row = {.kind = FACT_ORDER, .order = {.number = number}};
    bool found;
    enum err err = get(tables, TABLE_ORDERS, &row, products, &found, why);

    if (err || !found || !change_order(&row.order, fact))
        return err;
    row.sequence = fact->sequence;
    row.time = fact->time;
    return put_fact(tables, TABLE_ORDERS, &row, products, why);
}

static enum err change_balance(struct journal_tables *tables, const char *currency,
                               decimal change, const struct fact *fact,
                               const struct product_table *products, struct fault *why)
{
    struct fact row = {.kind = FACT_BALANCE};
    bool found;

    strcpy(row.balance.currency, currency);
    enum err err = get(tables, TABLE_BALANCES, &row, products, &found, why);
    if (err)
        return err;
    row.balance.total = decimal_add(row.balance.total, change);
    row.balance.why[0] = '\0';
    row.sequence = fact->sequence;
    row.time = fact->time;
    return put_fact(tables, TABLE_BALANCES, &row, products, why);
}

/* Spot exchanges one currency for the other; a future settles what it realised. */
static enum err apply_to_balances(struct journal_tables *tables, const struct fact *fact,
                                  decimal realised, const struct product_table *products,
                                  struct fault *why)
{
    const struct fill *fill = &fact->fill;
    const struct product *product = product_table_get(products, fill->product);
    bool buys = fill->side == SIDE_BUY;
    decimal quote = buys ? decimal_negate(fill->value) : fill->value;

    if (product->type == PRODUCT_FUTURE)
        quote = realised;
    quote = decimal_sub(quote, fill->fee);
    enum err err = change_balance(tables, product->quote, quote, fact, products, why);
    if (err || product->type == PRODUCT_FUTURE)
        return err;
    decimal base = buys ? fill->size : decimal_negate(fill->size);
    return change_balance(tables, product->base, base, fact, products, why);
}

static enum err apply_fill(struct journal_tables *tables, const struct fact *fact,
                           const struct product_table *products, struct fault *why)
{
    struct fact row = {.kind = FACT_POSITION, .position = {.product = fact->fill.product}};
    bool found;
    enum err err = get(tables, TABLE_POSITIONS, &row, products, &found, why);

    if (err)
        return err;
    struct position_change change = position_apply_fill(&row.position.position, &fact->fill);
    row.position.why[0] = '\0';
    row.sequence = fact->sequence;
    row.time = fact->time;
    err = put_fact(tables, TABLE_POSITIONS, &row, products, why);
    if (!err)
        err = apply_to_balances(tables, fact, change.realised, products, why);
    if (!err && fact->fill.order)
        err = apply_to_order(tables, fact->fill.order, fact, products, why);
    return err;
}

static enum err apply_cause_end(struct journal_tables *tables, const struct fact *fact,
                                const struct product_table *products, struct fault *why)
{
    struct fact row = {.kind = FACT_CAUSE, .cause = {.id = fact->cause_end.id}};

    return remove_row(tables, TABLE_CAUSES, &row, products, why);
}

/* The table whose rows are facts of this kind; TABLE_COUNT if none is. */
static enum table table_of(enum fact_kind kind)
{
    int table = 0;

    while (table < TABLE_COUNT && list[table].kind != kind)
        table++;
    return (enum table)table;
}

enum err journal_tables_find(struct journal_tables *tables, struct fact *row,
                             const struct product_table *products, bool *found,
                             struct fault *why)
{
    enum table table = table_of(row->kind);

    *found = false;
    return table < TABLE_COUNT ? get(tables, table, row, products, found, why) : OK;
}

enum err journal_tables_apply(struct journal_tables *tables, const struct fact *fact,
                              const char *payload, size_t len,
                              const struct product_table *products, struct fault *why)
{
    if (snapshot_passes(&tables->bracket, fact))
        return OK; /* the rows say it already, and who touched them last */
    enum table table = table_of(fact->kind);
    bool is_gone = fact->kind == FACT_EXIT && fact->exit.state == EXIT_ENDED;

    if (is_gone)
        return remove_row(tables, table, fact, products, why);
    if (fact->kind == FACT_TRACE && fact->trace.is_amend)
        return OK; /* why the order left stays; its changes are told by the events */
    if (table < TABLE_COUNT) {
        enum err err = put(tables, table, fact, payload, len, products, why);
        if (!err && fact->kind == FACT_FILL)
            err = apply_fill(tables, fact, products, why);
        if (!err && fact->kind == FACT_ORDER && fact->order.replaces)
            err = apply_to_order(tables, fact->order.replaces, fact, products, why);
        return err;
    }
    if (fact->kind == FACT_ORDER_EVENT)
        return apply_to_order(tables, fact->order_event.order, fact, products, why);
    if (fact->kind == FACT_AMEND)
        return apply_to_order(tables, fact->amend.order, fact, products, why);
    if (fact->kind == FACT_AMEND_ASKED)
        return apply_to_order(tables, fact->amend_asked.order, fact, products, why);
    if (fact->kind == FACT_PREVIEW && decimal_is_positive(fact->preview.reserved_price))
        return apply_to_order(tables, fact->preview.order, fact, products, why);
    if (fact->kind == FACT_FILL_KNOWN)
        return apply_to_order(tables, fact->fill.order, fact, products, why);
    if (fact->kind == FACT_CAUSE_END)
        return apply_cause_end(tables, fact, products, why);
    return OK;
}
