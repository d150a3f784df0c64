/* Names of an enum's values: a table by value, searched by text. */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <string.h>

/* The place of `text` in the table, -1 when it is not there. Entries may be NULL. */
static inline int names_find(const char *const names[], int count, const char *text)
{
    for (int i = 0; i < count; i++)
        if (names[i] && strcmp(names[i], text) == 0)
            return i;
    return -1;
}

#endif
