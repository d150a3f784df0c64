#include "engine/request_watch.h"

#include <string.h>

#include "base/mem.h"

void request_watch_clear(struct request_watch *watch)
{
    mem_free(watch->items);
    memset(watch, 0, sizeof *watch);
}

/* Moves what is left to the front when that frees at least half of the array, else grows. */
static void make_room(struct request_watch *watch)
{
    if (watch->first + watch->count < watch->cap)
        return;
    if (watch->first < watch->cap / 2 || watch->cap == 0) {
        watch->cap = watch->cap ? watch->cap * 2 : 64;
        watch->items = mem_resize(watch->items, (size_t)watch->cap, sizeof *watch->items);
        return;
    }
    memmove(watch->items, watch->items + watch->first,
            (size_t)watch->count * sizeof *watch->items);
    watch->first = 0;
}

void request_watch_add(struct request_watch *watch, nanos time, bool is_answered)
{
    make_room(watch);
    watch->items[watch->first + watch->count++] = (struct request_end){time, is_answered};
    watch->failed += !is_answered;
}

void request_watch_advance(struct request_watch *watch, nanos window, nanos now)
{
    while (watch->count && watch->items[watch->first].time <= now - window) {
        watch->failed -= !watch->items[watch->first].is_answered;
        watch->first++;
        watch->count--;
    }
}
