#include "store/history_interval.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

static int compare(const void *a, const void *b)
{
    nanos x = *(const nanos *)a, y = *(const nanos *)b;

    return (x > y) - (x < y);
}

/* Sorted distances between neighbours; returns their number. */
static int list_distances(const nanos *starts, int count, nanos *distances)
{
    int n = 0;

    for (int i = 1; i < count; i++)
        if (starts[i] != starts[i - 1])
            distances[n++] = starts[i] > starts[i - 1] ? starts[i] - starts[i - 1]
                                                       : starts[i - 1] - starts[i];
    qsort(distances, (size_t)n, sizeof *distances, compare);
    return n;
}

static bool divides_all(nanos divisor, const nanos *distances, int count)
{
    for (int i = 0; i < count; i++)
        if (distances[i] % divisor != 0)
            return false;
    return true;
}

/* The one that more than half of them equal is in the middle. */
static nanos find_majority(const nanos *sorted, int count)
{
    nanos middle = sorted[count / 2];
    int n = 0;

    for (int i = 0; i < count; i++)
        n += sorted[i] == middle;
    return 2 * n > count ? middle : 0;
}

nanos history_interval_find(const nanos *starts, int count)
{
    nanos result = 0;
    nanos *distances = mem_new_array((size_t)count, sizeof *distances);
    int n = list_distances(starts, count, distances);

    if (n > 0)
        result = find_majority(distances, n);
    if (n > 0 && result == 0 && divides_all(distances[0], distances, n))
        result = distances[0];
    mem_free(distances);
    return result;
}
