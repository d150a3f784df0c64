/* The files of a run on the mock broker: the journal, what SQLite and the lock
 * keep beside it, and PATH.mock, which is the broker's own (venue/mock_file.h). */
#ifndef APP_RUN_FILES_H
#define APP_RUN_FILES_H

#include "app/journal_file.h"
#include "base/err.h"

enum { RUN_FILE_MAX = JOURNAL_PATH_MAX + 32 };

void run_files_mock_of(const char *journal, char out[RUN_FILE_MAX]);

/* The folders above it, as far as they are missing. */
enum err run_files_make_folders(const char *journal, struct fault *why) MUST_CHECK;

/* Moves all of them to PATH.1, or the first number that is free: nothing is ever overwritten.
 */
enum err run_files_move_aside(const char *journal, struct fault *why) MUST_CHECK;

/* A name for a start of the engine, part of its client order ids: of the account's beginning,
 * the market, how long the journal is and how many orders the account has had, so that no two
 * starts that may place one share a name, not even after the journal was lost or an older copy
 * of it put back; and the same simulation gives the same. Ten letters and digits. */
enum { RUN_NAME_MAX = 11 };
void run_files_name_run(nanos beginning, uint64_t seed, uint64_t sequence, uint64_t orders,
                        char out[RUN_NAME_MAX]);

#endif
