#include "app/journal_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config_args.h"
#include "base/home.h"

enum err journal_file_of(const struct config *config, char out[JOURNAL_PATH_MAX],
                         struct fault *why)
{
    char rest[HOME_PATH_MAX], path[HOME_PATH_MAX];

    if (config->run.store_file[0]) {
        snprintf(out, JOURNAL_PATH_MAX, "%s", config->run.store_file);
        return journal_file_check(out, why);
    }
    snprintf(rest, sizeof rest, "%s/perigee.db", config->name);
    if (!home_path(rest, path))
        return fail(why, ERR_MISSING, "no folder for the journal: set PERIGEE_HOME");
    snprintf(out, JOURNAL_PATH_MAX, "%s", path);
    return OK;
}

enum err journal_file_from_args(const struct args *args, char out[JOURNAL_PATH_MAX],
                                struct fault *why)
{
    struct config *config = NULL;
    enum err err = OK;

    if (args_has(args, "journal")) {
        err = journal_file_check(args_text(args, "journal", ""), why);
        snprintf(out, JOURNAL_PATH_MAX, "%s", args_text(args, "journal", ""));
    } else {
        err = config_from_args(args, NULL, &config, NULL, why);
        if (!err)
            err = journal_file_of(config, out, why);
        config_free(config);
    }
    if (!err && access(out, F_OK) != 0)
        return fail(why, ERR_MISSING, "%s: there is no journal; `perigee run` writes one", out);
    return err;
}

enum err journal_file_check(const char *path, struct fault *why)
{
    struct stat there;

    if (!path[0])
        return fail(why, ERR_USAGE, "the name of the journal is empty");
    if (strlen(path) >= JOURNAL_PATH_MAX)
        return fail(why, ERR_RANGE, "%.80s...: the path of the journal is too long", path);
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return fail(why, ERR_REFUSED, "%s: the journal must be a regular file", path);
    return OK;
}
