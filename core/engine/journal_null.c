#include "engine/journal_null.h"

#include <endian.h>
#include <string.h>

#include "base/mem.h"

enum { ROOM = 4096, FACT_BYTES_MAX = 256 };

struct journal_null {
    uint64_t count;
    bool hashes;
    struct digest *digest;
    size_t len; /* bytes in `bytes` that the digest has not seen */
    unsigned char bytes[ROOM];
};

struct journal_null *journal_null_new(bool hashes)
{
    struct journal_null *journal = mem_new(sizeof *journal);

    journal->hashes = hashes;
    journal->digest = digest_new();
    return journal;
}

void journal_null_free(struct journal_null *journal)
{
    if (journal)
        digest_free(journal->digest);
    mem_free(journal);
}

static void flush(struct journal_null *journal)
{
    digest_add(journal->digest, journal->bytes, journal->len);
    journal->len = 0;
}

/* Values go in as bytes of a fixed order, so that neither padding nor the machine shows.
 * Written out, each is one store where the machine has that order itself. */

static void put_byte(struct journal_null *journal, unsigned value)
{
    journal->bytes[journal->len++] = (unsigned char)value;
}

static void put_pair(struct journal_null *journal, uint16_t value)
{
    value = htole16(value);
    memcpy(journal->bytes + journal->len, &value, sizeof value);
    journal->len += sizeof value;
}

static void put_word(struct journal_null *journal, uint64_t value)
{
    value = htole64(value);
    memcpy(journal->bytes + journal->len, &value, sizeof value);
    journal->len += sizeof value;
}

static void put_decimal(struct journal_null *journal, decimal value)
{
    put_word(journal, (uint64_t)value.units);
    put_word(journal, (uint64_t)(value.units >> 64));
}

static void put_text(struct journal_null *journal, const char *text)
{
    size_t len = strlen(text);

    put_byte(journal, (unsigned)len);
    memcpy(journal->bytes + journal->len, text, len);
    journal->len += len;
}

static void put_order(struct journal_null *journal, const struct order *order)
{
    const struct order_request *request = &order->request;

    put_word(journal, order->number);
    put_pair(journal, request->product);
    put_byte(journal, request->side);
    put_byte(journal, request->type);
    put_byte(journal, request->tif);
    put_byte(journal, request->post_only);
    put_byte(journal, request->reduce_only);
    put_byte(journal, order->origin);
    put_decimal(journal, request->size);
    put_decimal(journal, request->limit_price);
    put_decimal(journal, request->stop_price);
    put_word(journal, (uint64_t)request->expires);
    put_text(journal, order->strategy);
}

static void put_fill(struct journal_null *journal, const struct fill *fill)
{
    put_word(journal, fill->order);
    put_pair(journal, fill->product);
    put_byte(journal, fill->side);
    put_byte(journal, fill->liquidity);
    put_decimal(journal, fill->size);
    put_decimal(journal, fill->price);
    put_decimal(journal, fill->value);
    put_decimal(journal, fill->fee);
    put_word(journal, (uint64_t)fill->time);
}

static bool is_decision(const struct fact *fact)
{
    return fact->kind == FACT_ORDER || fact->kind == FACT_ORDER_EVENT ||
           fact->kind == FACT_FILL || fact->kind == FACT_AMEND ||
           fact->kind == FACT_AMEND_ASKED || (fact->kind == FACT_TRACE && fact->trace.code);
}

static void hash_fact(struct journal_null *journal, const struct fact *fact)
{
    if (journal->len > ROOM - FACT_BYTES_MAX)
        flush(journal);
    put_byte(journal, fact->kind);
    put_word(journal, (uint64_t)fact->time);
    if (fact->kind == FACT_ORDER) {
        put_order(journal, &fact->order);
    } else if (fact->kind == FACT_FILL) {
        put_fill(journal, &fact->fill);
    } else if (fact->kind == FACT_ORDER_EVENT) {
        put_word(journal, fact->order_event.order);
        put_byte(journal, fact->order_event.event);
        put_byte(journal, fact->order_event.code);
    } else if (fact->kind == FACT_AMEND) {
        put_word(journal, fact->amend.order);
        put_decimal(journal, fact->amend.size);
        put_decimal(journal, fact->amend.limit_price);
    } else if (fact->kind == FACT_AMEND_ASKED) {
        const struct order_change *change = &fact->amend_asked.change;
        put_word(journal, fact->amend_asked.order);
        put_byte(journal, change->is_anew);
        put_decimal(journal, change->size);
        put_decimal(journal, change->limit_price);
        put_decimal(journal, change->stop_price);
    } else {
        put_word(journal, fact->trace.order);
        put_byte(journal, fact->trace.code);
        put_byte(journal, fact->trace.refused_by);
    }
}

static uint64_t append(void *ctx, const struct fact *fact)
{
    struct journal_null *journal = ctx;

    if (journal->hashes && is_decision(fact))
        hash_fact(journal, fact);
    return ++journal->count;
}

static enum err commit(void *ctx, bool sync, struct fault *why)
{
    (void)ctx, (void)sync, (void)why;
    return OK;
}

static enum err replay(void *ctx,
                       enum err (*each)(void *to, const struct fact *fact, struct fault *why),
                       void *to, struct fault *why)
{
    (void)ctx, (void)each, (void)to, (void)why;
    return OK;
}

struct journal_port journal_null_port(struct journal_null *journal)
{
    return (struct journal_port){
        .ctx = journal, .append = append, .commit = commit, .replay = replay};
}

uint64_t journal_null_count(const struct journal_null *journal)
{
    return journal->count;
}

const char *journal_null_hash(struct journal_null *journal, char out[DIGEST_TEXT_MAX])
{
    flush(journal);
    return digest_finish(journal->digest, out);
}
