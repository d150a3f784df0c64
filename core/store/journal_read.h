/* Questions to a journal, for `perigee events`, `orders`, `positions` and their
 * like. Works beside the engine that writes it, and cannot write. */
#ifndef STORE_JOURNAL_READ_H
#define STORE_JOURNAL_READ_H

#include "engine/fact.h"
#include "store/journal_schema.h"

struct journal_reader;

/* ERR_MISSING, ERR_CORRUPT (no journal), ERR_REFUSED (of another version). */
enum err journal_reader_open(const char *path, struct journal_reader **out,
                             struct fault *why) MUST_CHECK;
void journal_reader_close(struct journal_reader *reader); /* NULL is fine */

/* Which rows; what is zero or NULL asks for nothing. */
struct journal_filter {
    nanos since, until; /* time >= since, time < until */
    uint64_t after; /* events of a higher sequence number: what is new since the last look */
    uint64_t kinds; /* of events: JOURNAL_KIND of each wanted */
    const char *symbol; /* events and rows of this product, those of its orders included */
    order_number order; /* events and rows of this order */
    bool open_only;     /* of orders */
    bool with_restated; /* of events: what snapshots say again, too */
    uint64_t limit;     /* the newest so many; they come oldest first all the same */
};

#define JOURNAL_KIND(kind) (UINT64_C(1) << (kind))

struct journal_row {
    uint64_t sequence; /* of the event; of a table's row: of the event that touched it last */
    nanos time;        /* of that event */
    enum fact_kind kind;
    const char *json;
    size_t len;
    const char *hash; /* of events; NULL in tables */
};

/* Borrowed for the call; false ends the reading. */
typedef bool journal_row_take(void *to, const struct journal_row *row);

enum err journal_read_events(struct journal_reader *reader, const struct journal_filter *filter,
                             journal_row_take *take, void *to, struct fault *why) MUST_CHECK;

/* The rows of one of the tables that follow from the events, by its name ("orders",
 * "positions", "balances", "fills", "causes", "exits", "runs", "traces", ...), by their keys.
 * ERR_USAGE for another name. */
enum err journal_read_table(struct journal_reader *reader, const char *table,
                            const struct journal_filter *filter, journal_row_take *take,
                            void *to, struct fault *why) MUST_CHECK;

/* The order that a person means: by number, by our id or by the venue's. ERR_MISSING. */
enum err journal_find_order(struct journal_reader *reader, const char *id, order_number *out,
                            struct fault *why) MUST_CHECK;

/* The row as a fact. `products` is filled with the one product it speaks of, if any. *text is
 * used as memory, and fact->state.json points into it. */
enum err journal_row_decode(struct journal_reader *reader, const struct journal_row *row,
                            struct product_table *products, struct buf *text, struct fact *out,
                            struct fault *why) MUST_CHECK;

/* The sequence number and hash of the last event. */
enum err journal_read_head(struct journal_reader *reader, struct journal_head *out,
                           struct fault *why) MUST_CHECK;

#endif
