#include "base/map.h"

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "check.h"

TEST(what_was_set_is_found_and_what_was_not_is_not)
{
    struct map *map = map_new();
    int one = 1;

    map_set(map, "one", &one);

    assert_ptr_equal(map_find(map, "one"), &one);
    assert_null(map_find(map, "two"));
    assert_int_equal(map_count(map), 1);
    map_free(map);
}

TEST(a_key_set_twice_has_the_later_value)
{
    struct map *map = map_new();
    int a = 1, b = 2;

    map_set(map, "key", &a);
    map_set(map, "key", &b);

    assert_ptr_equal(map_find(map, "key"), &b);
    assert_int_equal(map_count(map), 1);
    map_free(map);
}

/* Against an array of flags, with few keys so that chains collide and close up again. */
TEST(random_additions_and_removals_agree_with_an_array)
{
    enum { KEYS = 400, STEPS = 40000 };
    static char keys[KEYS][16];
    static int present[KEYS];
    struct rng rng = rng_stream(7, "map");
    struct map *map = map_new();
    size_t count = 0;

    memset(present, 0, sizeof present);
    for (int i = 0; i < KEYS; i++)
        snprintf(keys[i], sizeof keys[i], "key-%d", i);
    for (int step = 0; step < STEPS; step++) {
        size_t k = (size_t)rng_below(&rng, KEYS);
        if (rng_chance(&rng, 0.5)) {
            count += !present[k];
            present[k] = 1;
            map_set(map, keys[k], keys[k]);
        } else {
            count -= (size_t)present[k];
            present[k] = 0;
            map_remove(map, keys[k]);
        }
        size_t other = (size_t)rng_below(&rng, KEYS);
        assert_ptr_equal(map_find(map, keys[other]), present[other] ? keys[other] : NULL);
        assert_int_equal(map_count(map), count);
    }
    map_free(map);
}
