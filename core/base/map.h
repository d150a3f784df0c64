/* A hash map from text to a pointer. Keys are borrowed: they must live as long
 * as their entry, usually inside the object pointed to. No iteration, so the
 * hash can never decide an order of anything. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>

struct map;

struct map *map_new(void);
void map_free(struct map *map);

/* Adds or replaces. */
void map_set(struct map *map, const char *key, void *value);
void *map_find(const struct map *map, const char *key); /* NULL when absent */
void map_remove(struct map *map, const char *key);      /* absent is fine */
size_t map_count(const struct map *map);

#endif
