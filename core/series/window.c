#include "series/window.h"

#include <assert.h>

#include "base/mem.h"

void window_init(struct window *window, int length)
{
    assert(length >= 1 && length <= WINDOW_LENGTH_MAX);
    *window = (struct window){
        .length = length,
        .values = mem_new_array((size_t)length, sizeof *window->values),
        .by_length = divisor_init((uint64_t)length),
    };
}

void window_clear(struct window *window)
{
    mem_free(window->values);
    window->values = NULL;
}

/* Oldest first; the sum is not stored, it follows. */
void window_archive(struct window *window, struct archive *archive)
{
    for (int ago = window->length - 1; ago >= 0; ago--) {
        int128 units = archive_is_loading(archive) ? 0 : window_at(window, ago);
        archive_units(archive, &units, 4 * EXACT_LIMIT);
        if (archive_is_loading(archive))
            window_push(window, units);
    }
}
