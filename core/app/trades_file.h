/* The CSV of round trips that --trades-out asks for: there as a whole once the test is over,
 * or as it was before. */
#ifndef APP_TRADES_FILE_H
#define APP_TRADES_FILE_H

#include <stdio.h>

#include "store/history.h"

struct trades_file;

/* Refuses a file that the test reads. What is no regular file (/dev/stdout, a pipe) is written
 * as it comes. */
enum err trades_file_open(const char *path, const struct history_input *inputs, int input_count,
                          struct trades_file **out, struct fault *why) MUST_CHECK;
FILE *trades_file_stream(struct trades_file *file); /* NULL of NULL */

/* With `keep` it takes the place of what was there; else it is dropped. NULL is fine. */
enum err trades_file_close(struct trades_file *file, bool keep, struct fault *why) MUST_CHECK;

#endif
