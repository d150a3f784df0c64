/* The file in which a mock venue keeps its truth, so that it is still there when
 * the process was killed: a line about the market, then batches of rows
 * (venue/simulator_keep.h), each closed by the checksum of its bytes.
 *
 * A batch is written by one write before anything that follows from it is told to
 * the engine. One that was cut off by a crash is ignored. Made anew with the
 * present state alone whenever it is opened, so it grows with one run, not with
 * all of them. Who opens it holds the lock of the journal beside it. */
#ifndef VENUE_MOCK_FILE_H
#define VENUE_MOCK_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

struct mock_file;

/* What the rest only makes sense with. */
struct mock_file_head {
    uint64_t seed;
    nanos start, step;
};

/* *found is false when there is none, or none with a whole batch in it. The rows of all batches
 * go to *rows. ERR_CORRUPT, ERR_IO. */
enum err mock_file_read(const char *path, struct mock_file_head *head, struct buf *rows,
                        bool *found, struct fault *why) MUST_CHECK;

/* A new file with one batch takes the place of any old one, in one step. */
enum err mock_file_create(const char *path, const struct mock_file_head *head,
                          const struct buf *rows, struct mock_file **out,
                          struct fault *why) MUST_CHECK;
void mock_file_close(struct mock_file *file); /* NULL is fine */

/* With `sync` it survives a power cut too. */
enum err mock_file_append(struct mock_file *file, const struct buf *rows, bool sync,
                          struct fault *why) MUST_CHECK;

#endif
