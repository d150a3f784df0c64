/* All rows of some files of one kind, put into order: for files that a venue
 * gives newest first, or in pages that overlap. Everything is held in memory,
 * about 150 bytes a row. Rows that are the same in every field are one row. */
#ifndef STORE_HISTORY_SORT_H
#define STORE_HISTORY_SORT_H

#include "store/history.h"

struct history_sort;

/* Reads and sorts. ERR_REFUSED for books, whose order is their meaning, and for files of
 * different kinds, symbols or intervals; ERR_PARSE for the first row that cannot be read. */
enum err history_sort_open(const struct history_input *inputs, int count,
                           struct history_sort **out, struct fault *why) MUST_CHECK;
void history_sort_close(struct history_sort *sort); /* NULL is fine */

/* The next row, NULL after the last. Nothing is checked but the order. */
const struct history_row *history_sort_next(struct history_sort *sort);

/* Puts the place of that row before the sentence in why: "FILE: line 12: ". */
enum err history_sort_place(const struct history_sort *sort, enum err err, struct fault *why);

const struct history_info *history_sort_info(const struct history_sort *sort);
uint64_t history_sort_dropped(const struct history_sort *sort); /* that were there twice */

#endif
