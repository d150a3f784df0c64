#include "store/history_layout.h"

#include <assert.h>
#include <stddef.h>

static_assert(offsetof(struct history_header, digest) == 104, "no padding");
static_assert(sizeof(struct history_header) == 168, "no padding");
static_assert(sizeof(struct history_entry) == 96, "no padding");

const char *history_layout_digest(const struct history_header *header,
                                  const struct history_entry *entries,
                                  char out[DIGEST_TEXT_MAX])
{
    struct digest *digest = digest_new();

    digest_add(digest, header, offsetof(struct history_header, digest));
    digest_add(digest, entries, header->blocks * sizeof *entries);
    digest_finish(digest, out);
    digest_free(digest);
    return out;
}
