/* A disk that fails on purpose: SQLite's own file layer, with
 *   - the n-th write, truncation or sync failing, once or from then on;
 *   - power cuts: everything after fails, and of what was written since a file's last sync a
 *     random part is taken back;
 *   - a hook that is asked before everything that touches a file (the crash sweep's). */
#ifndef TESTS_FAULTY_VFS_H
#define TESTS_FAULTY_VFS_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/rng.h"

struct faulty_write {
    char path[256];
    sqlite3_int64 at, size_before; /* of the file */
    size_t len;                    /* of the new bytes; the file is cut to `at` when `cuts` */
    bool cuts;
    char *before, *after;
    size_t before_len;
};

enum faulty_op { FAULTY_READ, FAULTY_WRITE, FAULTY_CUT, FAULTY_SYNC, FAULTY_LOCK };

struct faulty_file;

static struct {
    sqlite3_vfs vfs, *real;
    /* What is about to happen; anything but SQLITE_OK happens instead. NULL: nobody asks. */
    int (*hook)(struct faulty_file *file, enum faulty_op op, const void *bytes, int len,
                sqlite3_int64 at);
    int countdown; /* changes to let through; negative: all */
    int code;      /* of the one that fails then */
    bool fails_on; /* and of all after it */
    bool is_dead;  /* the power is gone */
    bool records;
    int syncs, changes;
    struct faulty_write *writes;
    int write_count, write_cap;
} faulty;

struct faulty_file {
    sqlite3_file base;
    sqlite3_file *real;
    char path[256];
};

static inline sqlite3_file *faulty_real(sqlite3_file *file)
{
    return ((struct faulty_file *)file)->real;
}

static inline int faulty_ask(sqlite3_file *file, enum faulty_op op, const void *bytes, int len,
                             sqlite3_int64 at)
{
    if (!faulty.hook)
        return SQLITE_OK;
    return faulty.hook((struct faulty_file *)file, op, bytes, len, at);
}

/* Whether this change must fail, and how. */
static inline int faulty_next(sqlite3_file *file, enum faulty_op op, const void *bytes, int len,
                              sqlite3_int64 at)
{
    int asked = faulty_ask(file, op, bytes, len, at);

    if (asked)
        return asked;
    if (faulty.is_dead)
        return SQLITE_IOERR;
    faulty.changes++;
    if (faulty.countdown < 0)
        return SQLITE_OK;
    if (faulty.countdown-- > 0)
        return SQLITE_OK;
    if (faulty.fails_on)
        faulty.countdown = 0;
    return faulty.code;
}

static inline void faulty_record(struct faulty_file *file, const void *bytes, int len,
                                 sqlite3_int64 at, bool cuts)
{
    if (!faulty.records)
        return;
    if (faulty.write_count == faulty.write_cap) {
        faulty.write_cap = faulty.write_cap ? faulty.write_cap * 2 : 256;
        faulty.writes =
            realloc(faulty.writes, (size_t)faulty.write_cap * sizeof *faulty.writes);
    }
    struct faulty_write *w = &faulty.writes[faulty.write_count++];
    *w = (struct faulty_write){.at = at, .len = (size_t)len, .cuts = cuts};
    strcpy(w->path, file->path);
    file->real->pMethods->xFileSize(file->real, &w->size_before);
    sqlite3_int64 end = cuts ? w->size_before : at + len;
    if (end > w->size_before)
        end = w->size_before;
    if (end > at) {
        w->before_len = (size_t)(end - at);
        w->before = malloc(w->before_len);
        file->real->pMethods->xRead(file->real, w->before, (int)w->before_len, at);
    }
    if (len > 0) {
        w->after = malloc((size_t)len);
        memcpy(w->after, bytes, (size_t)len);
    }
}

static inline void faulty_forget(const char *path)
{
    int kept = 0;

    for (int i = 0; i < faulty.write_count; i++) {
        struct faulty_write *w = &faulty.writes[i];
        if (path && strcmp(w->path, path) != 0) {
            faulty.writes[kept++] = *w;
            continue;
        }
        free(w->before);
        free(w->after);
    }
    faulty.write_count = kept;
}

static int faulty_close(sqlite3_file *file)
{
    int code = faulty_real(file)->pMethods->xClose(faulty_real(file));

    free(faulty_real(file));
    return code;
}

static int faulty_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
    int code = faulty_ask(file, FAULTY_READ, NULL, len, at);

    return code ? code : faulty_real(file)->pMethods->xRead(faulty_real(file), out, len, at);
}

static int faulty_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    int code = faulty_next(file, FAULTY_WRITE, bytes, len, at);

    if (code)
        return code;
    faulty_record((struct faulty_file *)file, bytes, len, at, false);
    return faulty_real(file)->pMethods->xWrite(faulty_real(file), bytes, len, at);
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int code = faulty_next(file, FAULTY_CUT, NULL, 0, size);

    if (code)
        return code;
    faulty_record((struct faulty_file *)file, NULL, 0, size, true);
    return faulty_real(file)->pMethods->xTruncate(faulty_real(file), size);
}

static int faulty_sync(sqlite3_file *file, int flags)
{
    int code = faulty_next(file, FAULTY_SYNC, NULL, 0, 0);

    (void)flags; /* the test need not wait for the real disk */
    if (code)
        return code == SQLITE_FULL ? SQLITE_IOERR_FSYNC : code;
    faulty.syncs++;
    faulty_forget(((struct faulty_file *)file)->path);
    return SQLITE_OK;
}

#define FAULTY_PASS(name, parameters, arguments)                                               \
    static int faulty_##name parameters                                                        \
    {                                                                                          \
        return faulty_real(file)->pMethods->name arguments;                                    \
    }

FAULTY_PASS(xFileSize, (sqlite3_file * file, sqlite3_int64 *out), (faulty_real(file), out))
FAULTY_PASS(xUnlock, (sqlite3_file * file, int level), (faulty_real(file), level))
FAULTY_PASS(xCheckReservedLock, (sqlite3_file * file, int *out), (faulty_real(file), out))
FAULTY_PASS(xFileControl, (sqlite3_file * file, int op, void *arg),
            (faulty_real(file), op, arg))
FAULTY_PASS(xSectorSize, (sqlite3_file * file), (faulty_real(file)))
FAULTY_PASS(xDeviceCharacteristics, (sqlite3_file * file), (faulty_real(file)))
FAULTY_PASS(xShmMap, (sqlite3_file * file, int page, int size, int extend, void volatile **out),
            (faulty_real(file), page, size, extend, out))
FAULTY_PASS(xShmUnmap, (sqlite3_file * file, int remove), (faulty_real(file), remove))

static int faulty_xLock(sqlite3_file *file, int level)
{
    int code = faulty_ask(file, FAULTY_LOCK, NULL, level, 0);

    return code ? code : faulty_real(file)->pMethods->xLock(faulty_real(file), level);
}

static int faulty_xShmLock(sqlite3_file *file, int at, int count, int flags)
{
    bool takes = flags & SQLITE_SHM_LOCK;
    int code = takes ? faulty_ask(file, FAULTY_LOCK, NULL, count, at) : SQLITE_OK;

    return code ? code
                : faulty_real(file)->pMethods->xShmLock(faulty_real(file), at, count, flags);
}

static void faulty_xShmBarrier(sqlite3_file *file)
{
    faulty_real(file)->pMethods->xShmBarrier(faulty_real(file));
}

static const sqlite3_io_methods faulty_methods = {
    .iVersion = 2,
    .xClose = faulty_close,
    .xRead = faulty_read,
    .xWrite = faulty_write,
    .xTruncate = faulty_truncate,
    .xSync = faulty_sync,
    .xFileSize = faulty_xFileSize,
    .xLock = faulty_xLock,
    .xUnlock = faulty_xUnlock,
    .xCheckReservedLock = faulty_xCheckReservedLock,
    .xFileControl = faulty_xFileControl,
    .xSectorSize = faulty_xSectorSize,
    .xDeviceCharacteristics = faulty_xDeviceCharacteristics,
    .xShmMap = faulty_xShmMap,
    .xShmLock = faulty_xShmLock,
    .xShmBarrier = faulty_xShmBarrier,
    .xShmUnmap = faulty_xShmUnmap,
};

static int faulty_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                       int *out)
{
    struct faulty_file *f = (struct faulty_file *)file;

    (void)vfs;
    memset(f, 0, sizeof *f);
    f->real = calloc(1, (size_t)faulty.real->szOsFile);
    snprintf(f->path, sizeof f->path, "%s", name ? name : "");
    int code = faulty.is_dead ? SQLITE_CANTOPEN
                              : faulty.real->xOpen(faulty.real, name, f->real, flags, out);
    if (code) {
        free(f->real);
        return code;
    }
    f->base.pMethods = &faulty_methods;
    return SQLITE_OK;
}

static int faulty_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    if (faulty.is_dead)
        return SQLITE_IOERR;
    faulty_forget(name);
    return faulty.real->xDelete(faulty.real, name, sync);
}

static int faulty_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    return microseconds; /* nobody waits in tests */
}

/* Makes "faulty" a name that db_open knows, and the disk a good one. */
static inline void faulty_reset(void)
{
    if (!faulty.real) {
        faulty.real = sqlite3_vfs_find(NULL);
        faulty.vfs = *faulty.real;
        faulty.vfs.pNext = NULL;
        faulty.vfs.zName = "faulty";
        faulty.vfs.szOsFile = sizeof(struct faulty_file);
        faulty.vfs.xOpen = faulty_open;
        faulty.vfs.xDelete = faulty_delete;
        faulty.vfs.xSleep = faulty_sleep;
        sqlite3_vfs_register(&faulty.vfs, 0);
    }
    faulty_forget(NULL);
    faulty.hook = NULL;
    faulty.countdown = -1;
    faulty.fails_on = faulty.is_dead = faulty.records = false;
    faulty.syncs = faulty.changes = 0;
}

static inline void faulty_undo(int fd, const struct faulty_write *w)
{
    if (w->before_len && pwrite(fd, w->before, w->before_len, w->at) != (ssize_t)w->before_len)
        abort();
    if (!w->cuts && ftruncate(fd, w->size_before) != 0)
        abort();
}

static inline void faulty_redo(int fd, const struct faulty_write *w, size_t len)
{
    if (w->cuts ? ftruncate(fd, w->at) != 0 : pwrite(fd, w->after, len, w->at) != (ssize_t)len)
        abort();
}

static inline int faulty_fd(const struct faulty_write *w)
{
    int fd = open(w->path, O_RDWR | O_CREAT, 0600);

    if (fd < 0)
        abort();
    return fd;
}

/* Call it once the connection is closed, the power having gone before that (is_dead). Each
 * write that no sync covered is there, is not, or is there in part. */
static inline void faulty_take_back(struct rng *rng)
{
    for (int i = faulty.write_count; i-- > 0;) {
        int fd = faulty_fd(&faulty.writes[i]);
        faulty_undo(fd, &faulty.writes[i]);
        close(fd);
    }
    for (int i = 0; i < faulty.write_count; i++) {
        const struct faulty_write *w = &faulty.writes[i];
        int fd = faulty_fd(w);
        if (rng_chance(rng, 0.5))
            faulty_redo(fd, w, rng_chance(rng, 0.8) ? w->len : w->len / 512 / 2 * 512);
        close(fd);
    }
    faulty_reset();
}

#endif
