/* Any bytes as a fact: the first picks the kind, the rest is the payload. What
 * is read must be written and read again without loss, in one form. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/fact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct product_table products = {
    .count = 2, .items = {{.symbol = "BTC-USD"}, {.symbol = "ETH-USD"}}};

static bool read_fact(enum fact_kind kind, const void *bytes, size_t len, struct buf *written)
{
    struct fact fact;
    struct fault why = {0};
    char *json = mem_new(len + 1);

    memcpy(json, bytes, len);
    bool ok = fact_decode(kind, json, len, &products, &fact, &why) == OK;
    if (ok)
        fact_encode(&fact, &products, written);
    else if (!why.text[0])
        abort(); /* a refusal without a sentence */
    mem_free(json);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf once = BUF_INIT, twice = BUF_INIT;

    if (size == 0)
        return 0;
    enum fact_kind kind = (enum fact_kind)(data[0] % FACT_KIND_COUNT);
    if (read_fact(kind, data + 1, size - 1, &once)) {
        if (!read_fact(kind, once.data, once.len, &twice) || strcmp(once.data, twice.data) != 0)
            abort();
    }
    buf_clear(&once);
    buf_clear(&twice);
    return 0;
}
