#include "app/journal_aside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"

enum { PATH_MAX_HERE = 640 };

static const char *const parts[] = {"", "-wal", "-shm", ".lock"};

/* PATH for 0, PATH.old for 1, PATH.old.2 for 2; then the part. */
static void name_of(const char *path, int place, const char *part, char out[PATH_MAX_HERE])
{
    if (place == 0)
        snprintf(out, PATH_MAX_HERE, "%s%s", path, part);
    else if (place == 1)
        snprintf(out, PATH_MAX_HERE, "%s.old%s", path, part);
    else
        snprintf(out, PATH_MAX_HERE, "%s.old.%d%s", path, place, part);
}

static bool is_there(const char *path, int place)
{
    char name[PATH_MAX_HERE];

    name_of(path, place, "", name);
    return access(name, F_OK) == 0;
}

static void drop(const char *path, int place)
{
    char name[PATH_MAX_HERE];

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        name_of(path, place, parts[i], name);
        remove(name);
    }
}

static enum err move(const char *path, int from, int to, struct fault *why)
{
    char old[PATH_MAX_HERE], new[PATH_MAX_HERE];

    drop(path, to); /* parts of one that is gone must not join one that comes */
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        name_of(path, from, parts[i], old);
        name_of(path, to, parts[i], new);
        if (rename(old, new) != 0 && errno != ENOENT)
            return fail(why, ERR_IO, "%s: %s", old, strerror(errno));
    }
    return OK;
}

enum err journal_aside_move(const char *path, bool may_drop, struct fault *why)
{
    int last = 1;

    while (last <= JOURNALS_KEPT && is_there(path, last))
        last++;
    if (last > JOURNALS_KEPT && !may_drop)
        return fail(why, ERR_REFUSED,
                    "%s.old to %s.old.%d are there already, and none of them is dropped: move "
                    "them away",
                    path, path, JOURNALS_KEPT);
    if (last > JOURNALS_KEPT)
        last = JOURNALS_KEPT;
    for (int to = last; to > 0; to--) {
        enum err err = move(path, to - 1, to, why);
        if (err)
            return err;
    }
    return OK;
}
