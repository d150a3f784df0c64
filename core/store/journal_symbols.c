#include "store/journal_symbols.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "store/journal_schema.h"

struct journal_symbols {
    struct db *db;
    struct product_table table; /* the product at hand, and that of an order */
    struct product *known;
    size_t known_count, current; /* of them the one at hand */
    size_t *orders; /* by number from 1: one more than the place in `known`, or 0 */
    size_t order_cap;
};

struct journal_symbols *journal_symbols_new(struct db *db)
{
    struct journal_symbols *symbols = mem_new(sizeof *symbols);

    symbols->db = db;
    return symbols;
}

void journal_symbols_free(struct journal_symbols *symbols)
{
    if (!symbols)
        return;
    mem_free(symbols->known);
    mem_free(symbols->orders);
    mem_free(symbols);
}

static bool read_symbol(const char *payload, size_t len, char out[SYMBOL_MAX])
{
    struct json_doc *doc;

    if (json_parse(payload, len, &doc, NULL))
        return false;
    bool found =
        json_read_text(doc, json_find(doc, json_root(doc), "product"), out, SYMBOL_MAX);
    json_free(doc);
    return found;
}

static enum err learn(struct journal_symbols *symbols, const char *symbol, struct fault *why)
{
    struct product product;
    enum err err = journal_products_find(symbols->db, symbol, &product, why);

    if (err)
        return err;
    symbols->known =
        mem_resize(symbols->known, symbols->known_count + 1, sizeof *symbols->known);
    symbols->known[symbols->known_count++] = product;
    return OK;
}

enum err journal_symbols_find(struct journal_symbols *symbols, const char *payload, size_t len,
                              const struct product_table **out, struct fault *why)
{
    char symbol[SYMBOL_MAX];
    size_t at = 0;

    symbols->table.count = 0;
    *out = &symbols->table;
    if (!read_symbol(payload, len, symbol))
        return OK;
    while (at < symbols->known_count && strcmp(symbols->known[at].symbol, symbol) != 0)
        at++;
    if (at == symbols->known_count) {
        enum err err = learn(symbols, symbol, why);
        if (err)
            return err == ERR_MISSING
                       ? fail(why, ERR_CORRUPT, "the file does not say what %s is", symbol)
                       : err;
    }
    symbols->current = at;
    symbols->table.items[0] = symbols->known[at];
    symbols->table.count = 1;
    return OK;
}

void journal_symbols_add_order(struct journal_symbols *symbols, order_number number)
{
    if (number > symbols->order_cap) {
        size_t cap = number > 2 * symbols->order_cap ? number + 63 : 2 * symbols->order_cap;
        symbols->orders = mem_resize(symbols->orders, cap, sizeof *symbols->orders);
        memset(symbols->orders + symbols->order_cap, 0,
               (cap - symbols->order_cap) * sizeof *symbols->orders);
        symbols->order_cap = cap;
    }
    symbols->orders[number - 1] = symbols->current + 1;
}

bool journal_symbols_join_order(struct journal_symbols *symbols, order_number number)
{
    struct product_table *table = &symbols->table;

    if (number == 0 || number > symbols->order_cap || !symbols->orders[number - 1])
        return false;
    const struct product *product = &symbols->known[symbols->orders[number - 1] - 1];
    if (product_table_find(table, product->symbol) == PRODUCT_NONE)
        table->items[table->count++] = *product;
    return true;
}
