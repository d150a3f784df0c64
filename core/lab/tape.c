#include "lab/tape.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/snapshot.h"

struct entry {
    enum fact_kind kind;
    nanos time;
    size_t start, len; /* in the text */
};

struct tape {
    const struct product_table *products;
    struct fuse *fuse;
    FILE *trace;
    bool is_lazy, has_one_number;
    struct buf text; /* payloads, one after the other */
    struct entry *entries;
    size_t count, room;
    size_t committed, synced; /* entries */
    size_t *commits;          /* entries at the end of each commit since the last sync */
    size_t commit_count, commit_room;
    struct tape_intent *intents;
    size_t intent_count, intent_room;
    struct tape_amend {
        uint64_t sequence;
        order_number order;
        decimal size, limit_price;
    } * amends;
    size_t amend_count, amend_room;
    struct tape_mark *marks;
    size_t mark_count, mark_room;
    struct tape_snapshot {
        size_t start, end; /* entries */
    } * snapshots;         /* whole ones */
    size_t snapshot_count, snapshot_room;
    size_t snapshot_start; /* of the one under way */
    struct snapshot_bracket bracket;
    uint64_t cuts;
};

bool fuse_burn(struct fuse *fuse)
{
    if (!fuse->is_blown && fuse->left >= 0)
        fuse->is_blown = fuse->left-- == 0;
    return fuse->is_blown;
}

struct tape *tape_new(const struct product_table *products, struct fuse *fuse)
{
    struct tape *tape = mem_new(sizeof *tape);

    tape->products = products;
    tape->fuse = fuse;
    return tape;
}

void tape_free(struct tape *tape)
{
    if (!tape)
        return;
    buf_clear(&tape->text);
    mem_free(tape->entries);
    mem_free(tape->commits);
    mem_free(tape->intents);
    mem_free(tape->amends);
    mem_free(tape->marks);
    mem_free(tape->snapshots);
    mem_free(tape);
}

void tape_set_trace(struct tape *tape, FILE *to)
{
    tape->trace = to;
}

void tape_set_mistakes(struct tape *tape, bool is_lazy, bool has_one_number)
{
    tape->is_lazy = is_lazy;
    tape->has_one_number = has_one_number;
}

static void *grown(void *array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return array;
    *room = *room ? 2 * *room : 64;
    return mem_resize(array, *room, size);
}

static void keep_intent(struct tape *tape, const struct fact *fact, uint64_t sequence)
{
    tape->intents =
        grown(tape->intents, tape->intent_count, &tape->intent_room, sizeof *tape->intents);
    tape->intents[tape->intent_count++] =
        (struct tape_intent){sequence, tape->has_one_number ? 1 : fact->order.number,
                             fact->order.request, fact->order.origin, 0};
}

static void keep_preview(struct tape *tape, const struct fact_preview *said, uint64_t sequence)
{
    size_t i = tape->intent_count;

    while (i > 0 && tape->intents[i - 1].number != said->order)
        i--;
    if (i > 0 && !said->preview.reason[0])
        tape->intents[i - 1].previewed = sequence;
}

static void keep_amend(struct tape *tape, const struct fact_amend_asked *asked,
                       uint64_t sequence)
{
    tape->amends =
        grown(tape->amends, tape->amend_count, &tape->amend_room, sizeof *tape->amends);
    tape->amends[tape->amend_count++] = (struct tape_amend){
        sequence, asked->order, asked->change.size, asked->change.limit_price};
}

/* False when no sum is made of it. */
static bool fill_mark(struct tape_mark *mark, const struct fact *fact)
{
    if (fact->kind == FACT_FILL)
        mark->fill = fact->fill;
    else if (fact->kind == FACT_POSITION)
        mark->fill = (struct fill){.product = fact->position.product,
                                   .size = fact->position.position.size};
    else if (fact->kind == FACT_CYCLE)
        mark->equity = fact->cycle.equity;
    else if (fact->kind == FACT_BASELINE)
        mark->equity = fact->baseline.equity;
    mark->day = fact->kind == FACT_BASELINE ? fact->baseline.day : 0;
    return fact->kind == FACT_FILL || fact->kind == FACT_POSITION || fact->kind == FACT_CYCLE ||
           fact->kind == FACT_BASELINE ||
           (fact->kind == FACT_COMMAND && fact->command.kind == COMMAND_RESUME);
}

static void keep_mark(struct tape *tape, const struct fact *fact, uint64_t sequence)
{
    struct tape_mark mark = {.sequence = sequence, .kind = fact->kind, .time = fact->time};

    if (!fill_mark(&mark, fact))
        return;
    tape->marks = grown(tape->marks, tape->mark_count, &tape->mark_room, sizeof *tape->marks);
    tape->marks[tape->mark_count++] = mark;
}

static void keep_snapshot(struct tape *tape, bool ends)
{
    if (!ends) {
        tape->snapshot_start = tape->count - 1;
        return;
    }
    tape->snapshots = grown(tape->snapshots, tape->snapshot_count, &tape->snapshot_room,
                            sizeof *tape->snapshots);
    tape->snapshots[tape->snapshot_count++] =
        (struct tape_snapshot){tape->snapshot_start, tape->count};
}

/* Where a replay begins. */
static size_t start_of(const struct tape *tape)
{
    for (size_t i = tape->snapshot_count; i-- > 0;)
        if (tape->snapshots[i].end <= tape->committed)
            return tape->snapshots[i].start;
    return 0;
}

static uint64_t append(void *ctx, const struct fact *fact)
{
    struct tape *tape = ctx;
    size_t start = tape->text.len;

    fact_encode(fact, tape->products, &tape->text);
    tape->entries = grown(tape->entries, tape->count, &tape->room, sizeof *tape->entries);
    tape->entries[tape->count++] =
        (struct entry){fact->kind, fact->time, start, tape->text.len - start};
    if (tape->trace) {
        char time[NANOS_TEXT_MAX];
        fprintf(tape->trace, "%s %s %.*s\n", nanos_format(fact->time, time),
                fact_kind_name(fact->kind), (int)(tape->text.len - start),
                tape->text.data + start);
    }
    if (fact->kind == FACT_SNAPSHOT)
        keep_snapshot(tape, fact->snapshot_ends);
    if (snapshot_passes(&tape->bracket, fact))
        return tape->count; /* said before */
    if (fact->kind == FACT_ORDER)
        keep_intent(tape, fact, tape->count);
    if (fact->kind == FACT_PREVIEW)
        keep_preview(tape, &fact->preview, tape->count);
    if (fact->kind == FACT_AMEND_ASKED)
        keep_amend(tape, &fact->amend_asked, tape->count);
    keep_mark(tape, fact, tape->count);
    return tape->count;
}

static void keep_turn(struct tape *tape, bool sync)
{
    tape->committed = tape->count;
    if (sync && !tape->is_lazy) {
        tape->synced = tape->count;
        tape->commit_count = 0;
        return;
    }
    tape->commits =
        grown(tape->commits, tape->commit_count, &tape->commit_room, sizeof *tape->commits);
    tape->commits[tape->commit_count++] = tape->count;
}

static enum err commit(void *ctx, bool sync, struct fault *why)
{
    struct tape *tape = ctx;

    if (!fuse_burn(tape->fuse)) {
        keep_turn(tape, sync);
        if (!fuse_burn(tape->fuse))
            return OK;
    }
    return fail(why, ERR_IO, "the simulated disk is gone");
}

static enum err replay(void *ctx,
                       enum err (*each)(void *to, const struct fact *fact, struct fault *why),
                       void *to, struct fault *why)
{
    struct tape *tape = ctx;
    struct buf payload = BUF_INIT;
    struct fact fact;
    enum err err = OK;

    for (size_t i = start_of(tape); !err && i < tape->committed; i++) {
        const struct entry *entry = &tape->entries[i];
        buf_reset(&payload);
        buf_add(&payload, tape->text.data + entry->start, entry->len);
        err = fact_decode(entry->kind, payload.data, payload.len, tape->products, &fact, why);
        fact.sequence = i + 1;
        fact.time = entry->time;
        if (!err)
            err = each(to, &fact, why);
    }
    buf_clear(&payload);
    return err;
}

struct journal_port tape_port(struct tape *tape)
{
    return (struct journal_port){
        .ctx = tape, .append = append, .commit = commit, .replay = replay};
}

uint64_t tape_sequence(const struct tape *tape)
{
    return tape->committed;
}

static void cut(struct tape *tape, size_t count)
{
    if (count < tape->count)
        tape->text.len = tape->entries[count].start;
    tape->count = tape->committed = count;
    while (tape->intent_count && tape->intents[tape->intent_count - 1].sequence > count)
        tape->intent_count--;
    for (size_t i = tape->intent_count; i-- > 0;)
        if (tape->intents[i].previewed > count)
            tape->intents[i].previewed = 0;
    while (tape->amend_count && tape->amends[tape->amend_count - 1].sequence > count)
        tape->amend_count--;
    while (tape->mark_count && tape->marks[tape->mark_count - 1].sequence > count)
        tape->mark_count--;
    while (tape->snapshot_count && tape->snapshots[tape->snapshot_count - 1].end > count)
        tape->snapshot_count--;
    tape->bracket.is_open = false;
    tape->cuts++;
}

void tape_crash(struct tape *tape, struct rng *rng, bool power)
{
    size_t kept = tape->committed;

    if (power) {
        size_t commits = (size_t)rng_below(rng, tape->commit_count + 1);
        kept = commits ? tape->commits[commits - 1] : tape->synced;
    }
    cut(tape, kept);
    tape->synced = kept; /* what was read back stays */
    tape->commit_count = 0;
}

const struct tape_intent *tape_find_durable(const struct tape *tape, const client_order_id *id)
{
    for (size_t i = tape->intent_count; i-- > 0;)
        if (tape->intents[i].sequence <= tape->synced &&
            client_order_id_is_equal(&tape->intents[i].request.client_id, id))
            return &tape->intents[i];
    return NULL;
}

bool tape_has_durable_amend(const struct tape *tape, order_number order, decimal size,
                            decimal limit_price)
{
    for (size_t i = tape->amend_count; i-- > 0;) {
        const struct tape_amend *amend = &tape->amends[i];
        if (amend->order == order)
            return amend->sequence <= tape->synced && decimal_is_equal(amend->size, size) &&
                   decimal_is_equal(amend->limit_price, limit_price);
    }
    return false;
}

size_t tape_mark_count(const struct tape *tape)
{
    return tape->mark_count;
}

const struct tape_mark *tape_mark_at(const struct tape *tape, size_t index)
{
    return &tape->marks[index];
}

uint64_t tape_cuts(const struct tape *tape)
{
    return tape->cuts;
}

const char *tape_hash(const struct tape *tape, char out[DIGEST_TEXT_MAX])
{
    struct digest *digest = digest_new();

    for (size_t i = 0; i < tape->committed; i++) {
        const struct entry *entry = &tape->entries[i];
        char line[64];
        int len =
            snprintf(line, sizeof line, "%d %lld ", (int)entry->kind, (long long)entry->time);
        digest_add(digest, line, (size_t)len);
        digest_add(digest, tape->text.data + entry->start, entry->len);
    }
    digest_finish(digest, out);
    digest_free(digest);
    return out;
}
