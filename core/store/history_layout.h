/* Private to history_file.c and history_writer.c: how a columnar history file
 * (`.pgh`) is laid out.
 *
 *     header     kind, symbol, interval, counts, digest
 *     blocks     one after the other (store/history_block.h)
 *     directory  one entry per block: where, how many rows, from when to when, digest
 *
 * The header's digest is the SHA-256 of the header before it and of the
 * directory, whose entries hold the digests of the blocks: it stands for all
 * the contents, two files of the same rows have the same one, and opening
 * verifies it without reading the blocks. All numbers are little-endian. */
#ifndef STORE_HISTORY_LAYOUT_H
#define STORE_HISTORY_LAYOUT_H

#include <stdint.h>

#include "base/digest.h"
#include "model/ids.h"

#define HISTORY_MAGIC "\x89PGH\r\n\x1a\n" /* shows what mangled line ends */
enum { HISTORY_VERSION = 1, HISTORY_DIGEST_BYTES = 2 * DIGEST_BYTES };

struct history_header {
    char magic[8];
    uint32_t version;
    uint32_t kind;
    char symbol[SYMBOL_MAX]; /* filled up with zeros */
    int64_t interval;
    uint64_t rows;
    int64_t first, last; /* keys */
    uint64_t rounded;
    uint64_t directory; /* its place in the file */
    uint32_t blocks;
    uint32_t columns;
    char digest[HISTORY_DIGEST_BYTES]; /* lower-case hexadecimal */
};

struct history_entry {
    uint64_t place;
    uint32_t bytes, rows;
    int64_t first, last; /* keys */
    char digest[HISTORY_DIGEST_BYTES];
};

/* The digest of a header and its directory; returns out. */
const char *history_layout_digest(const struct history_header *header,
                                  const struct history_entry *entries,
                                  char out[DIGEST_TEXT_MAX]);

#endif
