/* Files that the tests of this folder write and read. */
#ifndef TESTS_STORE_FILES_H
#define TESTS_STORE_FILES_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "check.h"

/* check_tmp()/name; the last few stay valid. */
static inline const char *tmp_path(const char *name)
{
    static char paths[8][160];
    static int next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", check_tmp(), name);
    return path;
}

static inline const char *write_bytes(const char *name, const void *bytes, size_t len)
{
    const char *path = tmp_path(name);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline const char *write_text(const char *name, const char *text)
{
    return write_bytes(name, text, strlen(text));
}

/* The whole file; the caller frees it. */
static inline unsigned char *read_bytes(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *len = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*len + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *len, file), *len);
    fclose(file);
    return bytes;
}

static inline bool file_exists(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (file)
        fclose(file);
    return file != NULL;
}

/* A file of real market data that lies beside the checkout, NULL where it does not. */
static inline const char *real_data(const char *name)
{
    static char path[400];

    snprintf(path, sizeof path, "%s/../shared/data/%s", check_root(), name);
    return file_exists(path) ? path : NULL;
}

static inline decimal dec(const char *text)
{
    decimal out;

    if (decimal_parse(text, strlen(text), &out, NULL))
        fail_msg("\"%s\" is no decimal", text);
    return out;
}

static inline void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("expected \"%s\" in \"%s\"", part, text);
}

#define assert_decimal(value, expected)                                                        \
    assert_string_equal(decimal_format((value), (char[DECIMAL_TEXT_MAX]){0}), expected)
#define assert_time(value, expected)                                                           \
    assert_string_equal(nanos_format((value), (char[NANOS_TEXT_MAX]){0}), expected)

#endif
