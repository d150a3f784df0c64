/* Small things about words. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/* The word most like `word` (at most a third of its letters wrong, ignoring case),
 * for "did you mean"; NULL when none is near. */
const char *text_nearest(const char *word, const char *const words[], int count);

/* Edits (insert, delete, replace, swap of neighbours) between two words, capped at 64. */
int text_distance(const char *a, const char *b);

#endif
