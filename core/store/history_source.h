/* Private to the history files of this folder: one file of market history as
 * a source of rows, whatever its format. `store/history.h` is the public side. */
#ifndef STORE_HISTORY_SOURCE_H
#define STORE_HISTORY_SOURCE_H

#include "store/history.h"
#include "store/history_row.h"

struct history_source;

struct history_source_ops {
    /* The next row, or *has = false after the last. A row that cannot be read is ERR_PARSE or
     * ERR_RANGE, and reading may go on behind it; ERR_IO and ERR_CORRUPT are final. */
    enum err (*next)(struct history_source *source, struct history_row *row, bool *has,
                     struct fault *why);
    /* Leaves out rows before this key as far as that is cheap. */
    void (*skip_to)(struct history_source *source, nanos key);
    /* The line or row that came last, for messages and reports. */
    uint64_t (*position)(const struct history_source *source);
    uint64_t (*bytes_read)(const struct history_source *source);
    void (*close)(struct history_source *source);
};

struct history_source {
    const struct history_source_ops *ops;
    struct history_info info;
    const char *path;
    const char *position_name; /* "line", "row" */
    bool is_snapshots;         /* a book source that holds nothing but snapshots */
};

/* Tells the format by the first bytes. */
enum err history_source_open(const struct history_input *input, struct history_source **out,
                             struct fault *why) MUST_CHECK;
void history_source_close(struct history_source *source); /* NULL is fine */

/* Puts "FILE: line 12: " before the sentence in why. */
enum err history_source_place(const struct history_source *source, enum err err,
                              struct fault *why);

/* The two formats. */
enum err history_csv_open(const struct history_input *input, struct history_source **out,
                          struct fault *why) MUST_CHECK;
enum err history_file_open(const struct history_input *input, struct history_source **out,
                           struct fault *why) MUST_CHECK;
bool history_file_is_one(const char *path);

#endif
