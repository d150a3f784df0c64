#include "script/arena.h"

#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

#include "check.h"

enum { LIMIT = 1 << 20, GRACE = 64 * 1024, BLOCKS = 300 };

struct block {
    unsigned char *bytes;
    size_t size;
};

/* Each block is filled with a byte of its own, so that two that overlap show it. */
static void fill(struct block *block, size_t from, int number)
{
    if (from < block->size)
        memset(block->bytes + from, number, block->size - from);
}

static void check_block(const struct block *block, int number)
{
    for (size_t i = 0; i < block->size; i++)
        if (block->bytes[i] != (unsigned char)number)
            fail_msg("block %d of %zu bytes was overwritten at %zu", number, block->size, i);
}

static void resize(struct arena *arena, struct block *block, size_t size, int number)
{
    unsigned char *bytes = arena_resize(arena, block->bytes, block->size, size);

    if (size > 0 && !bytes) {
        assert_true(size > block->size); /* shrinking never fails */
        return;
    }
    size_t kept = block->size < size ? block->size : size;
    *block = (struct block){bytes, size};
    check_block(&(struct block){bytes, kept}, number);
    fill(block, kept, number);
}

static size_t random_size(struct rng *rng)
{
    return (size_t)rng_below(rng, UINT64_C(1) << rng_between(rng, 1, 17));
}

TEST(blocks_keep_their_bytes_and_never_overlap)
{
    struct arena *arena = arena_new(LIMIT, GRACE);
    struct block blocks[BLOCKS] = {{NULL, 0}};
    struct rng rng = rng_stream(1, "arena");

    for (int i = 0; i < 100000; i++) {
        int number = (int)rng_below(&rng, BLOCKS);
        resize(arena, &blocks[number], rng_chance(&rng, 0.4) ? 0 : random_size(&rng), number);
        assert_true(arena_used(arena) <= LIMIT);
    }
    for (int i = 0; i < BLOCKS; i++)
        resize(arena, &blocks[i], 0, i);
    assert_int_equal(arena_used(arena), 0);
    arena_free(arena);
}

/* A script that builds ever longer strings leaves blocks of every size behind. */
TEST(garbage_of_one_size_makes_room_for_another)
{
    struct arena *arena = arena_new(LIMIT, 0);
    void *blocks[LIMIT / 16 + 1]; /* and the refusal */

    for (size_t size = 16; size <= LIMIT / 4; size += size / 3) {
        size_t count = 0;
        while ((blocks[count] = arena_resize(arena, NULL, 0, size)))
            count++;
        assert_true(count * size >= LIMIT / 2); /* 2049 bytes take a page */
        while (count > 0)
            arena_resize(arena, blocks[--count], size, 0);
        assert_int_equal(arena_used(arena), 0);
    }
    arena_free(arena);
}

TEST(the_limit_is_hard_and_opens_once)
{
    struct arena *arena = arena_new(LIMIT, GRACE);

    void *most = arena_resize(arena, NULL, 0, LIMIT);
    assert_non_null(most);
    assert_null(arena_resize(arena, NULL, 0, 16));
    assert_null(arena_resize(arena, most, LIMIT, LIMIT + 1));
    arena_open_grace(arena);
    assert_non_null(arena_resize(arena, NULL, 0, GRACE));
    assert_null(arena_resize(arena, NULL, 0, 16));
    arena_open_grace(arena);
    assert_null(arena_resize(arena, NULL, 0, 16));
    arena_free(arena);
}

TEST(absurd_sizes_are_refused)
{
    struct arena *arena = arena_new(LIMIT, GRACE);
    void *block = arena_resize(arena, NULL, 0, 100);

    assert_null(arena_resize(arena, NULL, 0, SIZE_MAX));
    assert_null(arena_resize(arena, NULL, 0, SIZE_MAX - 4095));
    assert_null(arena_resize(arena, block, 100, SIZE_MAX / 2));
    assert_int_equal(arena_used(arena), 112);
    arena_free(arena);
}

TEST(a_large_block_grows_where_it_is)
{
    struct arena *arena = arena_new(LIMIT, GRACE);
    char *block = arena_resize(arena, NULL, 0, 100000);

    strcpy(block, "still here");
    assert_ptr_equal(arena_resize(arena, block, 100000, 600000), block);
    assert_string_equal(block, "still here");
    assert_ptr_equal(arena_resize(arena, block, 600000, 5000), block);
    assert_int_equal(arena_used(arena), 8192);
    arena_free(arena);
}

TEST(requests_fail_when_told_to)
{
    struct arena *arena = arena_new(LIMIT, GRACE);

    arena_fail_at(arena, 2, 2);
    assert_non_null(arena_resize(arena, NULL, 0, 16));
    assert_null(arena_resize(arena, NULL, 0, 16));
    assert_null(arena_resize(arena, NULL, 0, 16));
    assert_non_null(arena_resize(arena, NULL, 0, 16));
    arena_free(arena);
}

TEST(two_arenas_place_blocks_alike)
{
    struct arena *arenas[2] = {arena_new(LIMIT, GRACE), arena_new(LIMIT, GRACE)};
    struct rng rng = rng_stream(2, "places");

    for (int i = 0; i < 2000; i++) {
        size_t size = random_size(&rng);
        char *a = arena_resize(arenas[0], NULL, 0, size);
        char *b = arena_resize(arenas[1], NULL, 0, size);
        assert_true((!a && !b) || a - (char *)arenas[0] == b - (char *)arenas[1]);
        if (a && rng_chance(&rng, 0.7)) {
            arena_resize(arenas[0], a, size, 0);
            arena_resize(arenas[1], b, size, 0);
        }
    }
    arena_free(arenas[0]);
    arena_free(arenas[1]);
}
