#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

NORETURN static void out_of_memory(size_t count, size_t size)
{
    fprintf(stderr, "perigee: out of memory (%zu x %zu bytes)\n", count, size);
    abort();
}

void *mem_new(size_t size)
{
    return mem_new_array(1, size);
}

void *mem_new_array(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);

    if (!memory)
        out_of_memory(count, size);
    return memory;
}

void *mem_resize(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        out_of_memory(count, size);
    void *memory = realloc(old, count && size ? count * size : 1);
    if (!memory)
        out_of_memory(count, size);
    return memory;
}

char *mem_copy_text(const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(mem_new(size), text, size);
}

void mem_free(void *memory)
{
    free(memory);
}
