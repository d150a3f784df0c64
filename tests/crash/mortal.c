#include "mortal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

enum { TABLES_MAX = 8 };

static struct {
    uint64_t steps, last;
    sqlite3_vfs vfs, *real;
    /* SQLite has several tables of methods, by kind of lock; each gets a copy of its own. */
    struct {
        const sqlite3_io_methods *real;
        sqlite3_io_methods mine;
    } tables[TABLES_MAX];
    int table_count;
} mortal;

void mortal_set(uint64_t steps)
{
    mortal.steps = 0;
    mortal.last = steps;
}

uint64_t mortal_steps(void)
{
    return mortal.steps;
}

static bool is_last(void)
{
    return ++mortal.steps == mortal.last;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

void mortal_step(void)
{
    if (is_last())
        die();
}

static const sqlite3_io_methods *real_of(const sqlite3_file *file)
{
    for (int i = 0; i < mortal.table_count; i++)
        if (file->pMethods == &mortal.tables[i].mine)
            return mortal.tables[i].real;
    abort();
}

static int write_mortally(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    const sqlite3_io_methods *real = real_of(file);

    if (is_last()) {
        real->xWrite(file, bytes, len / 2, at);
        die();
    }
    return real->xWrite(file, bytes, len, at);
}

static int truncate_mortally(sqlite3_file *file, sqlite3_int64 size)
{
    mortal_step();
    return real_of(file)->xTruncate(file, size);
}

static int sync_mortally(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    mortal_step();
    return SQLITE_OK;
}

static const sqlite3_io_methods *methods_for(const sqlite3_io_methods *real)
{
    for (int i = 0; i < mortal.table_count; i++)
        if (mortal.tables[i].real == real)
            return &mortal.tables[i].mine;
    if (mortal.table_count == TABLES_MAX)
        abort();
    sqlite3_io_methods *mine = &mortal.tables[mortal.table_count].mine;
    mortal.tables[mortal.table_count++].real = real;
    *mine = *real;
    mine->xWrite = write_mortally;
    mine->xTruncate = truncate_mortally;
    mine->xSync = sync_mortally;
    return mine;
}

static int open_mortally(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                         int *out)
{
    int code = mortal.real->xOpen(mortal.real, name, file, flags, out);

    (void)vfs;
    if (code == SQLITE_OK && file->pMethods)
        file->pMethods = methods_for(file->pMethods);
    return code;
}

void mortal_register(void)
{
    mortal.real = sqlite3_vfs_find(NULL);
    mortal.vfs = *mortal.real;
    mortal.vfs.pNext = NULL;
    mortal.vfs.zName = "mortal";
    mortal.vfs.xOpen = open_mortally;
    sqlite3_vfs_register(&mortal.vfs, 0);
}
