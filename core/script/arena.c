#include "script/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "base/attr.h"

/* The mapping is an array of pages; the first ones hold this book-keeping.
 *
 * Small blocks live in slabs: one or a few pages cut into blocks of one size, as they are
 * asked for; those that come back are linked through their first word. Each size has a bin,
 * the list of its slabs that have room. A slab whose last block comes back returns its
 * pages, so a script that moves from one size to another does not hoard. Large blocks are
 * runs of pages, found first-fit in a bitmap; neighbouring free runs need no merging, being
 * neighbours in the bitmap.
 *
 * 1. A page is free (its bit is 0), or belongs to exactly one slab or run, whose first page
 *    holds the description.
 * 2. A slab is in its bin if and only if it has a free block.
 * 3. `used` is the sum of the sizes, as rounded, of all blocks handed out.
 *
 * Freeing looks the size up by address and never believes the caller, because a shrink that
 * found no room leaves a block larger than Lua thinks. */

enum {
    PAGE_SIZE = 4096,
    SMALL_MAX = 2048,
    BINS = 24,
    LARGE = BINS, /* the bin of a run */
};

static const uint16_t bin_size[BINS] = {
    16,  32,  48,  64,  80,  96,  112, 128,  160,  192,  224,  256,
    320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048,
};

struct slab {
    void *room;          /* blocks that came back, linked */
    uint32_t next, prev; /* in the bin's list, by page; 0 ends it */
    uint32_t pages;
    uint16_t live;  /* blocks handed out */
    uint16_t fresh; /* blocks never handed out, at the end */
    uint8_t bin;
    uint8_t offset; /* of a page inside its slab */
};

struct arena {
    size_t limit, grace, used;
    uint64_t fail_nth, fail_times;
    uint32_t pages;  /* in the mapping */
    uint32_t lowest; /* no free page lies before this word of the bitmap */
    uint32_t with_room[BINS];
    uint64_t *taken;     /* a bit for each page */
    struct slab slabs[]; /* one for each page */
};

static size_t round_up(size_t n, size_t step)
{
    return (n + step - 1) / step * step;
}

static int bin_of(size_t size)
{
    if (size <= 128)
        return (int)((size + 15) / 16) - 1;
    int top = 63 - __builtin_clzl(size - 1); /* four bins to each power of two */
    return 8 + (top - 7) * 4 + (int)((size - 1) >> (top - 2) & 3);
}

static uint32_t slab_pages(int bin)
{
    return bin_size[bin] <= 512 ? 1 : 4;
}

static uint32_t slab_blocks(int bin)
{
    return slab_pages(bin) * PAGE_SIZE / bin_size[bin];
}

static uint32_t page_of(const struct arena *a, const void *block)
{
    return (uint32_t)((size_t)((const char *)block - (const char *)a) / PAGE_SIZE);
}

static void *page_address(struct arena *a, uint32_t page)
{
    return (char *)a + (size_t)page * PAGE_SIZE;
}

/* Runs of pages. */

static bool is_free(const struct arena *a, uint32_t page)
{
    return !(a->taken[page / 64] >> page % 64 & 1);
}

static void take(struct arena *a, uint32_t page, uint32_t count)
{
    for (uint32_t p = page; p < page + count; p++)
        a->taken[p / 64] |= UINT64_C(1) << p % 64;
}

static void give_back(struct arena *a, uint32_t page, uint32_t count)
{
    if (page / 64 < a->lowest)
        a->lowest = page / 64;
    for (uint32_t p = page; p < page + count; p++)
        a->taken[p / 64] &= ~(UINT64_C(1) << p % 64);
}

/* The first free page at or after `page`; a->pages or more when there is none. */
static uint32_t next_free(const struct arena *a, uint32_t page)
{
    while (page < a->pages) {
        uint64_t word = ~a->taken[page / 64] >> page % 64;
        if (word)
            return page + (uint32_t)__builtin_ctzl(word);
        page = (page / 64 + 1) * 64;
    }
    return a->pages;
}

static uint32_t run_length(const struct arena *a, uint32_t page, uint32_t enough)
{
    uint32_t n = 0;

    while (n < enough && page + n < a->pages && is_free(a, page + n))
        n++;
    return n;
}

/* 0 when no run is long enough. */
static uint32_t run_take(struct arena *a, uint32_t count)
{
    uint32_t page = next_free(a, a->lowest * 64);

    a->lowest = page / 64;
    while (page + count <= a->pages) {
        uint32_t length = run_length(a, page, count);
        if (length == count) {
            take(a, page, count);
            return page;
        }
        page = next_free(a, page + length);
    }
    return 0;
}

static void *run_new(struct arena *a, uint32_t count)
{
    uint32_t page = run_take(a, count);

    if (!page)
        return NULL;
    a->slabs[page] = (struct slab){.bin = LARGE, .pages = count};
    a->used += (size_t)count * PAGE_SIZE;
    return page_address(a, page);
}

/* Slabs. */

static void list_slab(struct arena *a, uint32_t page)
{
    struct slab *slab = &a->slabs[page];
    uint32_t *head = &a->with_room[slab->bin];

    slab->prev = 0;
    slab->next = *head;
    if (*head)
        a->slabs[*head].prev = page;
    *head = page;
}

static void unlist_slab(struct arena *a, uint32_t page)
{
    struct slab *slab = &a->slabs[page];

    if (slab->prev)
        a->slabs[slab->prev].next = slab->next;
    else
        a->with_room[slab->bin] = slab->next;
    if (slab->next)
        a->slabs[slab->next].prev = slab->prev;
}

static uint32_t slab_new(struct arena *a, int bin)
{
    uint32_t pages = slab_pages(bin), page = run_take(a, pages);

    if (!page)
        return 0;
    for (uint32_t i = 1; i < pages; i++)
        a->slabs[page + i].offset = (uint8_t)i;
    a->slabs[page] =
        (struct slab){.bin = (uint8_t)bin, .pages = pages, .fresh = (uint16_t)slab_blocks(bin)};
    list_slab(a, page);
    return page;
}

static bool has_room(const struct slab *slab)
{
    return slab->room || slab->fresh > 0;
}

static void *carve(struct arena *a, uint32_t page)
{
    struct slab *slab = &a->slabs[page];
    uint32_t at = slab_blocks(slab->bin) - slab->fresh--;

    return (char *)page_address(a, page) + (size_t)at * bin_size[slab->bin];
}

static void *small_new(struct arena *a, int bin)
{
    uint32_t page = a->with_room[bin];

    if (UNLIKELY(!page) && !(page = slab_new(a, bin)))
        return NULL;
    struct slab *slab = &a->slabs[page];
    void **block = slab->room;
    if (block)
        slab->room = *block;
    else
        block = carve(a, page);
    slab->live++;
    if (!has_room(slab))
        unlist_slab(a, page);
    a->used += bin_size[bin];
    return block;
}

static void small_free(struct arena *a, uint32_t page, void **block)
{
    struct slab *slab = &a->slabs[page];
    bool was_full = !has_room(slab);

    a->used -= bin_size[slab->bin];
    *block = slab->room;
    slab->room = block;
    slab->live--;
    if (was_full)
        list_slab(a, page);
    /* The last slab of a bin stays: the next block would only ask for it again. */
    if (slab->live == 0 && (slab->next || slab->prev)) {
        unlist_slab(a, page);
        give_back(a, page, slab->pages);
    }
}

/* Blocks of any size. */

static uint32_t pages_for(size_t size)
{
    return (uint32_t)(round_up(size, PAGE_SIZE) / PAGE_SIZE);
}

static size_t rounded(size_t size)
{
    return size <= SMALL_MAX ? bin_size[bin_of(size)] : round_up(size, PAGE_SIZE);
}

static void *block_new(struct arena *a, size_t size)
{
    return size <= SMALL_MAX ? small_new(a, bin_of(size)) : run_new(a, pages_for(size));
}

static void block_free(struct arena *a, void *block)
{
    uint32_t page = page_of(a, block);

    page -= a->slabs[page].offset;
    struct slab *slab = &a->slabs[page];
    if (slab->bin != LARGE) {
        small_free(a, page, block);
        return;
    }
    a->used -= (size_t)slab->pages * PAGE_SIZE;
    give_back(a, page, slab->pages);
}

static size_t block_size(const struct arena *a, const void *block)
{
    uint32_t page = page_of(a, block);

    page -= a->slabs[page].offset;
    const struct slab *slab = &a->slabs[page];
    return slab->bin == LARGE ? (size_t)slab->pages * PAGE_SIZE : bin_size[slab->bin];
}

/* Resizes a run without moving it; false when what follows is taken. */
static bool run_resize(struct arena *a, void *block, uint32_t pages)
{
    uint32_t page = page_of(a, block);
    struct slab *slab = &a->slabs[page];
    uint32_t had = slab->pages;

    if (pages > had) {
        if (run_length(a, page + had, pages - had) < pages - had)
            return false;
        take(a, page + had, pages - had);
        a->used += (size_t)(pages - had) * PAGE_SIZE;
    } else {
        give_back(a, page + pages, had - pages);
        a->used -= (size_t)(had - pages) * PAGE_SIZE;
    }
    slab->pages = pages;
    return true;
}

static bool must_fail(struct arena *a)
{
    if (LIKELY(!a->fail_nth))
        return false;
    if (a->fail_nth > 1) {
        a->fail_nth--;
        return false;
    }
    if (--a->fail_times == 0)
        a->fail_nth = 0;
    return true;
}

static bool fits(struct arena *a, size_t had, size_t size)
{
    return size <= a->limit && a->used - had + rounded(size) <= a->limit && !must_fail(a);
}

static void *block_resize(struct arena *a, void *old, size_t old_size, size_t size)
{
    size_t had = block_size(a, old);
    bool shrinks = size <= had;

    if (size <= a->limit && rounded(size) == had)
        return old;
    if (!fits(a, had, size))
        return shrinks ? old : NULL;
    if (had > SMALL_MAX && size > SMALL_MAX && run_resize(a, old, pages_for(size)))
        return old;
    void *block = block_new(a, size);
    if (!block)
        return shrinks ? old : NULL;
    memcpy(block, old, old_size < size ? old_size : size);
    block_free(a, old);
    return block;
}

void *arena_resize(struct arena *a, void *old, size_t old_size, size_t size)
{
    if (size == 0) {
        if (old)
            block_free(a, old);
        return NULL;
    }
    if (old)
        return block_resize(a, old, old_size, size);
    return fits(a, 0, size) ? block_new(a, size) : NULL;
}

struct arena *arena_new(size_t limit, size_t grace)
{
    assert(limit > 0 && limit + grace < (size_t)PAGE_SIZE << 30);
    size_t usable = 2 * pages_for(limit + grace);
    size_t pages = usable + usable / 64 + 2; /* the book needs 25 bytes a page */
    size_t taken_at = round_up(sizeof(struct arena) + pages * sizeof(struct slab), 8);
    uint32_t first = pages_for(taken_at + pages / 8 + 8);
    void *map = mmap(NULL, pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (map == MAP_FAILED)
        return NULL;
    assert(first + usable <= pages);
    struct arena *a = map;
    a->limit = limit;
    a->grace = grace;
    a->pages = (uint32_t)pages;
    a->taken = (uint64_t *)(void *)((char *)map + taken_at);
    take(a, 0, first);
    return a;
}

void arena_free(struct arena *a)
{
    if (a)
        munmap(a, arena_mapped(a));
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

size_t arena_mapped(const struct arena *a)
{
    return (size_t)a->pages * PAGE_SIZE;
}

void arena_open_grace(struct arena *a)
{
    a->limit += a->grace;
    a->grace = 0;
}

void arena_fail_at(struct arena *a, uint64_t nth, uint64_t times)
{
    a->fail_nth = times ? nth : 0;
    a->fail_times = times;
}
