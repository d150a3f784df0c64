/* Which product an event speaks of, for readers of a journal without a profile.
 *
 * In its life a journal may speak of more products than a run can have, so
 * there is no table of all: facts are read with a table of the product at hand.
 * Events of an order speak of the order's product without naming it. */
#ifndef STORE_JOURNAL_SYMBOLS_H
#define STORE_JOURNAL_SYMBOLS_H

#include "model/ids.h"
#include "model/product.h"
#include "store/db.h"

struct journal_symbols;

/* Borrows the database, whose table of products says what the symbols stand for. */
struct journal_symbols *journal_symbols_new(struct db *db);
void journal_symbols_free(struct journal_symbols *symbols);

/* A table of the payload's product, or an empty one. Borrowed until the next call. ERR_CORRUPT
 * when the file does not say what the symbol stands for. */
enum err journal_symbols_find(struct journal_symbols *symbols, const char *payload, size_t len,
                              const struct product_table **out, struct fault *why) MUST_CHECK;

/* Remembers that an order is of the product that was found last; and adds that product to the
 * table at hand, behind the one that is there: false when there was no such order. */
void journal_symbols_add_order(struct journal_symbols *symbols, order_number number);
bool journal_symbols_join_order(struct journal_symbols *symbols,
                                order_number number) MUST_CHECK;

#endif
