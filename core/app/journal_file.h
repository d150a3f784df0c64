/* Where the journal of a profile lies. */
#ifndef APP_JOURNAL_FILE_H
#define APP_JOURNAL_FILE_H

#include "app/args.h"
#include "app/config.h"

enum { JOURNAL_PATH_MAX = 512 };

/* "HOME/PROFILE/perigee.db", or the profile's store.file. */
enum err journal_file_of(const struct config *config, char out[JOURNAL_PATH_MAX],
                         struct fault *why) MUST_CHECK;

/* Options of commands that read a journal: --profile, --set, and --journal FILE, which wins. */
#define JOURNAL_FILE_OPTIONS                                                                   \
    CONFIG_ARG_OPTIONS,                                                                        \
    {                                                                                          \
        .name = "journal", .value = "FILE", .help = "the journal (the profile's)"              \
    }
/* The file meant; ERR_MISSING with a hint when it is not there. */
enum err journal_file_from_args(const struct args *args, char out[JOURNAL_PATH_MAX],
                                struct fault *why) MUST_CHECK;

/* Whether a path that somebody named can be a journal's: ERR_USAGE, ERR_RANGE, ERR_REFUSED for
 * what is there and is no regular file. */
enum err journal_file_check(const char *path, struct fault *why) MUST_CHECK;

#endif
