/* One pass over the events, in which a second set of tables grows in memory by
 * the same code that keeps those in the file, and the sums of the audit by
 * other code. Afterwards everything is compared with the file. */
#include "store/journal_verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/snapshot.h"
#include "store/journal_audit.h"
#include "store/journal_compare.h"
#include "store/journal_cursor.h"
#include "store/journal_schema.h"
#include "store/journal_snapshots.h"
#include "store/journal_symbols.h"
#include "store/journal_tables.h"

enum { PROGRESS_EVERY = 4096 };

struct verify {
    const struct journal_verify_options *options;
    struct journal_report *report;
    struct db *db, *scratch;
    struct journal_tables *tables; /* in scratch */
    struct journal_audit *audit;
    struct journal_symbols *symbols;
    const struct product_table *one; /* the product of the event at hand, if it has one */
    struct buf payload, again;
    struct journal_snapshots *snapshots;
    struct snapshot_bracket bracket;
    bool in_snapshot; /* the event at hand restates */
    int64_t exits;    /* in the snapshot that we are in */
};

/* "FILE: event 17: what is wrong". */
static enum err at_event(const struct verify *v, uint64_t sequence, struct fault *why)
{
    return fault_prefix(why, "%s: event %" PRIu64 ": ", db_path(v->db), sequence);
}

/* The fact, and its text in v->payload. */
static enum err read_fact(struct verify *v, const struct journal_event *event, struct fact *out,
                          struct fault *why)
{
    buf_reset(&v->payload);
    buf_add(&v->payload, event->payload, event->len);
    enum err err = journal_symbols_find(v->symbols, event->payload, event->len, &v->one, why);
    if (!err)
        err = fact_decode(event->kind, event->payload, event->len, v->one, out, why);
    if (err)
        return err;
    out->sequence = event->sequence;
    out->time = event->time;
    buf_reset(&v->again);
    fact_encode(out, v->one, &v->again);
    if (strcmp(buf_text(&v->again), buf_text(&v->payload)) != 0)
        return fail(why, ERR_CORRUPT, "its text is not the one form of this fact");
    return OK;
}

/* Snapshots */

static bool is_nothing(const struct fact *fact)
{
    const position *p = &fact->position.position;

    if (fact->kind == FACT_BALANCE)
        return decimal_is_zero(fact->balance.total);
    return fact->kind == FACT_POSITION && position_is_flat(p) && decimal_is_zero(p->realised) &&
           decimal_is_zero(p->fees);
}

/* Of these the tables keep the present state, in the form of the fact itself. */
static bool is_restated(enum fact_kind kind)
{
    return kind == FACT_ORDER || kind == FACT_POSITION || kind == FACT_BALANCE ||
           kind == FACT_CAUSE || kind == FACT_BASELINE || kind == FACT_EXIT ||
           kind == FACT_STATE;
}

/* It has to be in the tables already, reasons aside. */
static enum err check_restated(struct verify *v, const struct fact *fact, struct fault *why)
{
    struct fact row = *fact;
    bool found;
    enum err err = journal_tables_find(v->tables, &row, v->one, &found, why);

    if (err || (!found && is_nothing(fact)))
        return err;
    if (!found)
        return fail(why, ERR_CORRUPT, "a snapshot restates what no event before it says: %s",
                    buf_text(&v->payload));
    if (fact->kind == FACT_BALANCE)
        memcpy(row.balance.why, fact->balance.why, sizeof row.balance.why);
    if (fact->kind == FACT_POSITION)
        memcpy(row.position.why, fact->position.why, sizeof row.position.why);
    buf_reset(&v->again);
    fact_encode(&row, v->one, &v->again);
    if (strcmp(buf_text(&v->again), buf_text(&v->payload)) != 0)
        return fail(why, ERR_CORRUPT, "a snapshot says %.180s, and the events before it %.180s",
                    buf_text(&v->payload), buf_text(&v->again));
    return OK;
}

/* Exits are counted: each that is restated is a row, so none may be missing. */
static enum err check_exits(struct verify *v, struct fault *why)
{
    struct db_statement *statement;
    bool has_row;
    enum err err = db_prepare(v->scratch, "SELECT count(*) FROM exits", &statement, why);

    if (err)
        return err;
    err = db_step(statement, &has_row, why);
    int64_t held = err ? 0 : db_get_int(statement, 0);
    db_statement_free(statement);
    if (!err && held != v->exits)
        return fail(why, ERR_CORRUPT,
                    "the snapshot that ends here speaks of %lld exits of %lld",
                    (long long)v->exits, (long long)held);
    return err;
}

static enum err mark_snapshot(struct verify *v, const struct fact *fact, bool was_open,
                              struct fault *why)
{
    if (!fact->snapshot_ends) {
        v->exits = 0;
        return OK;
    }
    v->report->snapshots++;
    if (!was_open)
        return fail(why, ERR_CORRUPT, "a snapshot ends that did not begin");
    return check_exits(v, why);
}

static enum err check_snapshot(struct verify *v, const struct fact *fact, bool was_open,
                               struct fault *why)
{
    enum err err = OK;

    if (fact->kind == FACT_SNAPSHOT)
        err = mark_snapshot(v, fact, was_open, why);
    v->exits += v->in_snapshot && fact->kind == FACT_EXIT;
    if (!err && v->in_snapshot && is_restated(fact->kind))
        err = check_restated(v, fact, why);
    return err;
}

/* Events */

static order_number order_moved_by(const struct fact *fact)
{
    switch (fact->kind) {
    case FACT_ORDER_EVENT:
        return fact->order_event.order;
    case FACT_AMEND:
        return fact->amend.order;
    case FACT_AMEND_ASKED:
        return fact->amend_asked.order;
    case FACT_PREVIEW: /* it moves the price that is reserved, or nothing */
        return decimal_is_positive(fact->preview.reserved_price) ? fact->preview.order : 0;
    case FACT_FILL:
    case FACT_FILL_KNOWN:
        return fact->fill.order;
    default:
        return 0;
    }
}

/* Whether the event that was just applied has moved the order. Only fills may fail to: money
 * that changed hands is booked whatever the order's state. */
static enum err check_moved(struct verify *v, const struct fact *fact, order_number number,
                            bool *moved, struct fault *why)
{
    struct fact row = {.kind = FACT_ORDER, .order = {.number = number}};
    bool found;
    enum err err = journal_tables_find(v->tables, &row, v->one, &found, why);

    *moved = row.sequence == fact->sequence;
    if (err || *moved || fact->kind == FACT_FILL)
        return err;
    return fail(why, ERR_CORRUPT, "order %" PRIu64 " cannot do this in state %s: %.200s",
                number, order_state_name(row.order.state), buf_text(&v->payload));
}

static void count(struct verify *v, const struct fact *fact)
{
    struct journal_report *report = v->report;

    if (report->events++ == 0)
        report->first = fact->time;
    report->last = fact->time;
    report->runs += fact->kind == FACT_RUN;
    report->orders += fact->kind == FACT_ORDER && !v->in_snapshot;
    report->fills += fact->kind == FACT_FILL;
}

static enum err apply_event(struct verify *v, const struct fact *fact, struct fault *why)
{
    order_number number = order_moved_by(fact);
    bool moved = true;

    if (number && !journal_symbols_join_order(v->symbols, number))
        return fail(why, ERR_CORRUPT, "it moves order %" PRIu64 ", which does not exist",
                    number);
    enum err err =
        journal_tables_apply(v->tables, fact, v->payload.data, v->payload.len, v->one, why);
    if (!err && number)
        err = check_moved(v, fact, number, &moved, why);
    if (err)
        return err;
    err = journal_audit_apply(v->audit, fact, v->one,
                              v->in_snapshot ? AUDIT_RESTATES
                              : moved        ? AUDIT_PLAIN
                                             : AUDIT_BESIDE,
                              why);
    if (!err && fact->kind == FACT_ORDER)
        journal_symbols_add_order(v->symbols, fact->order.number);
    return err;
}

static enum err check_event(struct verify *v, const struct journal_event *event,
                            struct fault *why)
{
    struct fact fact;
    enum err err = read_fact(v, event, &fact, why);

    if (err)
        return err;
    bool was_open = v->bracket.is_open;
    v->in_snapshot = snapshot_passes(&v->bracket, &fact);
    count(v, &fact);
    err = check_snapshot(v, &fact, was_open, why);
    if (!err)
        err = apply_event(v, &fact, why);
    if (err)
        return err;
    return journal_snapshots_take(v->snapshots, &fact, buf_text(&v->payload), v->one, why);
}

static enum err check_events(struct verify *v, struct fault *why)
{
    struct journal_cursor *cursor = NULL;
    struct journal_event event;
    struct journal_head head;
    bool has_event = false;
    enum err err = journal_head_read(v->db, &head, why);

    if (!err)
        err = journal_cursor_open(v->db, 1, &cursor, why);
    while (!err && !(err = journal_cursor_next(cursor, &event, &has_event, why)) && has_event) {
        err = check_event(v, &event, why);
        if (err)
            err = at_event(v, event.sequence, why);
        if (v->options->progress && event.sequence % PROGRESS_EVERY == 0)
            v->options->progress(v->options->to, event.sequence, head.sequence);
    }
    journal_cursor_close(cursor);
    if (!err)
        memcpy(v->report->hash, head.hash, sizeof head.hash);
    return err;
}

/* Everything */

static enum err open_scratch(struct verify *v, struct fault *why)
{
    struct db_options memory = {.path = DB_MEMORY};
    enum err err = db_open(&memory, &v->scratch, why);

    if (!err)
        err = db_begin(v->scratch, why);
    if (!err)
        err = journal_schema_create(v->scratch, why);
    return err ? err : journal_tables_open(v->scratch, &v->tables, why);
}

static enum err verify_all(struct verify *v, struct fault *why)
{
    struct db_options file = {.path = v->options->path, .read_only = true};
    enum err err = db_open(&file, &v->db, why);

    if (!err)
        err = db_migrate(v->db, &journal_schema, why);
    if (!err)
        err = db_begin(v->db, why); /* one state of the file until the end */
    if (!err)
        err = db_check_integrity(v->db, false, why);
    if (!err)
        err = open_scratch(v, why);
    v->symbols = journal_symbols_new(v->db);
    if (!err)
        err = journal_snapshots_new(v->db, &v->snapshots, why);
    if (!err)
        err = check_events(v, why);
    if (!err)
        err = journal_compare_tables(v->db, v->scratch, v->audit, v->symbols, why);
    return err ? err : journal_compare_schema(v->db, v->scratch, why);
}

enum err journal_verify(const struct journal_verify_options *options,
                        struct journal_report *out, struct fault *why)
{
    struct verify *v = mem_new(sizeof *v);
    struct journal_report report = {.events = 0};
    struct fault unused;

    v->options = options;
    v->report = &report;
    v->audit = journal_audit_new();
    enum err err = verify_all(v, why ? why : &unused);
    if (!err)
        *out = report;
    journal_symbols_free(v->symbols);
    journal_snapshots_free(v->snapshots);
    journal_tables_close(v->tables);
    db_close(v->scratch);
    if (v->db)
        db_rollback(v->db);
    db_close(v->db);
    journal_audit_free(v->audit);
    buf_clear(&v->payload);
    buf_clear(&v->again);
    mem_free(v);
    return err;
}
