/* Writes a history file: rows of one kind of one symbol, in order. A path that
 * ends in .csv gets a CSV (store/history_text.h), any other a columnar file.
 * The file appears under its name when it is complete and on disk, or not at all. */
#ifndef STORE_HISTORY_WRITER_H
#define STORE_HISTORY_WRITER_H

#include "store/history_row.h"

struct history_writer;

/* `symbol` may be empty; `interval` is that of bars, and otherwise of the bars that quotes were
 * made from, or 0. ERR_IO when the folder cannot be written to. */
enum err history_writer_open(const char *path, enum history_kind kind, const char *symbol,
                             nanos interval, struct history_writer **out,
                             struct fault *why) MUST_CHECK;
/* Without a commit before, leaves nothing behind. NULL is fine. */
void history_writer_close(struct history_writer *writer);

/* ERR_REFUSED, with the reason, for a row that reading would refuse (disorder, duplicates, bars
 * that make no sense); ERR_IO for a full disk. Nothing but a close makes sense after ERR_IO. */
enum err history_writer_add(struct history_writer *writer, const struct history_row *row,
                            struct fault *why) MUST_CHECK;

/* How many numbers were rounded on the way here, for whoever looks at the file. */
void history_writer_set_rounded(struct history_writer *writer, uint64_t rounded);

uint64_t history_writer_rows(const struct history_writer *writer);

/* Writes the rest, syncs, and gives the file its name, replacing one that is there. A file
 * without rows is ERR_REFUSED. */
enum err history_writer_commit(struct history_writer *writer, struct fault *why) MUST_CHECK;

#endif
