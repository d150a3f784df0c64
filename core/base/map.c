/* Open addressing with linear probing; the table is never more than half full.
 * Removal shifts the entries behind it back, so there are no tombstones and a
 * map that lives for months stays as fast as on its first day. A slot keeps its
 * key's hash: keys lie in objects all over the memory, and only the one looked
 * for is worth the way there. */
#include "base/map.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

struct slot {
    const char *key; /* NULL: free */
    void *value;
    size_t hash;
};

struct map {
    struct slot *slots;
    size_t size, count; /* size is a power of two */
    size_t recent;      /* a slot: what was set last is often asked for next */
};

enum { SIZE_MIN = 16 };

/* A product's low bits know only the low bits of what went in, its high bits know all: those go
 * down between two multiplications. */
static uint64_t mix(uint64_t h, uint64_t word)
{
    const uint64_t factor = 0x9E3779B97F4A7C15u; /* odd, its bits spread: 2^64 / golden ratio */

    h = (h ^ word) * factor;
    return h ^ (h >> 32);
}

/* Eight bytes at a time; the last ones with zeros behind them. */
static size_t hash(const char *key)
{
    size_t len = strlen(key);
    uint64_t h = len, word;

    for (; len >= sizeof word; key += sizeof word, len -= sizeof word) {
        memcpy(&word, key, sizeof word);
        h = mix(h, word);
    }
    word = 0;
    memcpy(&word, key, len);
    return (size_t)mix(mix(h, word), 0);
}

/* Who removes an object asks with the very key that was set. */
static bool holds(const struct slot *slot, const char *key, size_t h)
{
    return slot->hash == h && (slot->key == key || strcmp(slot->key, key) == 0);
}

/* The slot of a key with this hash, or the free one where it belongs. */
static size_t locate(const struct map *map, const char *key, size_t h)
{
    size_t i = h & (map->size - 1);

    while (map->slots[i].key && !holds(&map->slots[i], key, h))
        i = (i + 1) & (map->size - 1);
    return i;
}

static void grow(struct map *map)
{
    struct map bigger = {mem_new_array(map->size * 2, sizeof *map->slots), map->size * 2,
                         map->count, 0};

    for (size_t i = 0; i < map->size; i++)
        if (map->slots[i].key)
            bigger.slots[locate(&bigger, map->slots[i].key, map->slots[i].hash)] =
                map->slots[i];
    mem_free(map->slots);
    *map = bigger;
}

struct map *map_new(void)
{
    struct map *map = mem_new(sizeof *map);

    map->size = SIZE_MIN;
    map->slots = mem_new_array(map->size, sizeof *map->slots);
    return map;
}

void map_free(struct map *map)
{
    if (map)
        mem_free(map->slots);
    mem_free(map);
}

void map_set(struct map *map, const char *key, void *value)
{
    assert(key && value);
    size_t h = hash(key), i = locate(map, key, h);
    if (!map->slots[i].key)
        map->count++;
    map->slots[i] = (struct slot){key, value, h};
    map->recent = i;
    if (map->count * 2 > map->size)
        grow(map);
}

void *map_find(const struct map *map, const char *key)
{
    const struct slot *recent = &map->slots[map->recent];

    if (recent->key && strcmp(recent->key, key) == 0)
        return recent->value;
    return map->slots[locate(map, key, hash(key))].value;
}

void map_remove(struct map *map, const char *key)
{
    size_t mask = map->size - 1, hole = locate(map, key, hash(key));

    if (!map->slots[hole].key)
        return;
    map->count--;
    for (size_t i = (hole + 1) & mask; map->slots[i].key; i = (i + 1) & mask) {
        size_t home = map->slots[i].hash & mask;
        /* An entry may move back only as far as its home. */
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->slots[hole] = map->slots[i];
            hole = i;
        }
    }
    map->slots[hole] = (struct slot){NULL, NULL, 0};
}

size_t map_count(const struct map *map)
{
    return map->count;
}
