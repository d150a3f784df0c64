#include "store/journal_snapshots.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/engine.h"
#include "engine/fact_field.h"
#include "engine/oms.h"
#include "engine/recover.h"
#include "store/journal_schema.h"

enum { TIDY_EVERY = 4096 };

/* A line that a snapshot should have. */
struct line {
    enum fact_kind kind;
    char *text;
    bool is_optional, is_said;
};

struct journal_snapshots {
    struct product_table products; /* of the whole file */
    bool is_off;                   /* there are more than an engine can have */
    struct engine *engine;
    struct recovery recovery;
    struct snapshot_bracket bracket;
    uint64_t taken;

    struct line *lines;
    int count, cap;
    int next;            /* where the next one said is looked for first */
    bool is_ended_order; /* the lines being told are of an order that has ended */
    struct buf text;
};

enum err journal_snapshots_new(struct db *db, struct journal_snapshots **out, struct fault *why)
{
    struct journal_snapshots *s = mem_new(sizeof *s);
    struct engine_settings settings;
    enum err err = journal_products_list(db, &s->products, &s->is_off, why);

    if (err) {
        journal_snapshots_free(s);
        return err;
    }
    engine_settings_init_unlimited(&settings);
    s->engine = engine_new(&settings, &s->products, &(struct engine_ports){.venue = {0}}, "v");
    s->recovery.engine = s->engine;
    *out = s;
    return OK;
}

static void forget_lines(struct journal_snapshots *s)
{
    for (int i = 0; i < s->count; i++)
        mem_free(s->lines[i].text);
    s->count = s->next = 0;
}

void journal_snapshots_free(struct journal_snapshots *s)
{
    if (!s)
        return;
    forget_lines(s);
    mem_free(s->lines);
    buf_clear(&s->text);
    engine_free(s->engine);
    mem_free(s);
}

/* ---- what should be said ---- */

static void expect(void *to, struct fact *fact)
{
    struct journal_snapshots *s = to;

    if (s->count == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 64;
        s->lines = mem_resize(s->lines, (size_t)s->cap, sizeof *s->lines);
    }
    bool is_newest = fact->kind == FACT_ORDER &&
                     fact->order.number + 1 == oms_next_number(engine_oms(s->engine));
    if (fact->kind == FACT_ORDER)
        s->is_ended_order = order_state_is_final(fact->order.state) && !is_newest;
    bool is_of_order =
        fact->kind == FACT_ORDER || fact->kind == FACT_SEEN || fact->kind == FACT_WISH;
    buf_reset(&s->text);
    fact_encode(fact, &s->products, &s->text);
    s->lines[s->count++] = (struct line){.kind = fact->kind,
                                         .text = mem_copy_text(buf_text(&s->text)),
                                         .is_optional = is_of_order && s->is_ended_order};
}

/* ---- what is said ---- */

static bool is_line(const struct line *line, enum fact_kind kind, const char *text)
{
    return line->kind == kind && !line->is_said && strcmp(line->text, text) == 0;
}

static enum err check_said(struct journal_snapshots *s, enum fact_kind kind,
                           const char *payload, struct fault *why)
{
    for (int n = 0; n < s->count; n++) {
        int i = (s->next + n) % s->count;
        if (!is_line(&s->lines[i], kind, payload))
            continue;
        s->lines[i].is_said = true;
        s->next = i + 1;
        return OK;
    }
    return fail(why, ERR_CORRUPT, "a snapshot says %.180s, and the events before it do not",
                payload);
}

/* "order 17" of "{"number":17,...". */
static enum err check_all_said(struct journal_snapshots *s, struct fault *why)
{
    enum err err = OK;

    for (int i = 0; i < s->count && !err; i++) {
        const struct line *line = &s->lines[i];
        if (!line->is_said && !line->is_optional)
            err = fail(why, ERR_CORRUPT, "the snapshot that ends here leaves out %s %.180s",
                       fact_kind_name(line->kind), line->text);
    }
    forget_lines(s);
    return err;
}

/* ---- facts ---- */

/* The same fact with the products by their places in the file's table. */
static struct fact translate(const struct journal_snapshots *s, const struct fact *fact,
                             const struct product_table *products)
{
    struct fact out = *fact;
    int count;
    const struct fact_field *fields = fact_fields(fact->kind, &count);

    for (int i = 0; i < count; i++) {
        product_ref *at = (product_ref *)((char *)&out + fields[i].offset);
        if (fields[i].type == FIELD_PRODUCT && *at != PRODUCT_NONE)
            *at = product_table_find(&s->products, product_table_get(products, *at)->symbol);
    }
    return out;
}

static enum err follow(struct journal_snapshots *s, const struct fact *fact, struct fault *why)
{
    struct fault detail = {OK, ""};

    if (recovery_take(&s->recovery, fact, &detail))
        return fail(why, ERR_CORRUPT, "%s", detail.text);
    return OK;
}

enum err journal_snapshots_take(struct journal_snapshots *s, const struct fact *fact,
                                const char *payload, const struct product_table *products,
                                struct fault *why)
{
    enum err err = OK;

    if (s->is_off)
        return OK;
    bool was_open = s->bracket.is_open;
    bool is_restated = snapshot_passes(&s->bracket, fact);
    if (fact->kind == FACT_SNAPSHOT && !fact->snapshot_ends) {
        forget_lines(s);
        snapshot_restate(s->engine, fact->time, expect, s);
    } else if (fact->kind == FACT_SNAPSHOT && was_open) {
        err = check_all_said(s, why);
    } else if (is_restated) {
        err = check_said(s, fact->kind, payload, why);
    }
    struct fact translated = translate(s, fact, products);
    if (!err)
        err = follow(s, &translated, why);
    if (++s->taken % TIDY_EVERY == 0)
        recovery_tidy(&s->recovery);
    return err;
}
